"""A showcase without weights: the pool, its threads, limits and store are the real ones."""

import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core.belongings import Belongings
from core.catalog import Catalog, ModelSpec
from core.device import Device
from core.limits import Limits
from core.metrics import Metrics
from core.pool import ModelPool
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.sample import SAMPLE_ID, sample_knowledge_base
from core.settings import Settings
from core.showcase import Showcase
from core.types import (
    EmbeddingItem,
    Generation,
    GenerationItem,
    Hypothesis,
    Progress,
    Step,
    Tier,
    TranslationItem,
)
from tests.fake_classifier import FakeClassifier, labels_for

# Enough to tell the sample's questions apart, few enough to index it in no time.
DIMENSIONS = 128


class FakeEngine:
    """Embeds a text as the unit vector of its letter trigrams, hashed: the same text, the same vector."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.is_closed = False
        self.was_asked = threading.Event()
        self.may_answer = threading.Event()
        """Clear it to keep callers waiting."""
        self.may_answer.set()

    def predict(self, items: list[EmbeddingItem]) -> list[np.ndarray]:
        self.was_asked.set()
        self.may_answer.wait()
        return [trigram_vector(item.text) for item in items]

    def close(self) -> None:
        self.is_closed = True


class FakeWriter:
    """Writes "Draft <seed>: " and the last message again, a word a step, in as many rows as you like."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.is_closed = False
        self.was_asked = threading.Event()
        self.may_step = threading.Event()
        """Clear it to keep every row where it is."""
        self.may_step.set()
        self.steps = 0
        self.asked: list[GenerationItem] = []
        self.rows: dict[int, Iterator[Step]] = {}

    def join(self, items: dict[int, GenerationItem]) -> dict[int, Step | Exception]:
        self.asked += items.values()
        self.rows |= {row: _words(item) for row, item in items.items()}
        self.was_asked.set()
        return {row: next(self.rows[row]) for row in items}

    def step(self) -> dict[int, Step | Exception]:
        self.may_step.wait()
        self.steps += 1
        return {row: next(words) for row, words in self.rows.items()}

    def leave(self, rows: list[int]) -> None:
        for row in rows:
            self.rows.pop(row, None)

    def close(self) -> None:
        self.is_closed = True


def fake_text(item: GenerationItem) -> str:
    """What a FakeWriter answers, if it may write that many words."""
    return f"Draft {item.options.seed}: {' '.join(item.messages[-1].content.split())}"


def _words(item: GenerationItem) -> Iterator[Step]:
    text = fake_text(item)
    for stop in item.options.stop:
        text = text.split(stop)[0]
    pieces = re.findall(r"\s*\S+", text)
    written = pieces[: item.options.max_new_tokens]
    for piece in written:
        yield Step(piece)
    reason = "stop" if len(written) == len(pieces) else "length"
    yield Step(end=Generation("".join(written), reason, len(written)))


class FakeTranslator(FakeEngine):
    """Wraps a text, "Hi <x0>." as "译「Hi <x0>.」", and takes the wrapping off again on the way back."""

    def predict(self, items: list[TranslationItem]) -> list[tuple[Hypothesis, ...]]:
        self.was_asked.set()
        self.may_answer.wait()
        return [
            tuple(
                Hypothesis(fake_translation(item.text, item.target, n), -0.1 * n) for n in range(item.n_best)
            )
            for item in items
        ]


def fake_translation(text: str, target: str, n: int = 0) -> str:
    """The n-th best translation of a FakeTranslator."""
    if target == "en" and text.startswith("译「") and not n:
        return text.removeprefix("译「").removesuffix("」")
    words = (
        ("译「", "另译「", "又译「", "再译「")[n % 4] if target == "zh" else ("In English: ", "Or: ")[n % 2]
    )
    return f"{words}{text}」" if target == "zh" else f"{words}{text}"


def trigram_vector(text: str) -> np.ndarray:
    """(DIMENSIONS,) float32 of length one."""
    padded = f"  {text.lower()} "
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    for start in range(len(padded) - 2):
        vector[zlib.crc32(padded[start : start + 3].encode("utf-8", "surrogatepass")) % DIMENSIONS] += 1
    return vector / np.linalg.norm(vector)


def fake_catalog() -> Catalog:
    """An embedder for each language, a writer, a translator and classifiers of pictures, as the starters are."""
    english = ModelSpec(
        model_id="fake-en",
        roles=("embedder-en",),
        task="text-embedding",
        tier=Tier.STARTER,
        license="Apache-2.0",
        size_mb=1,
        languages=("en",),
        title="Fake English embedder",
        folder="fake-en",
        space="fake",
    )
    chinese = replace(
        english, model_id="fake-zh", roles=("embedder-zh",), languages=("zh",), folder="fake-zh"
    )
    writer = replace(
        english,
        model_id="fake-writer",
        roles=("writer",),
        task="text-generation",
        languages=("en", "zh"),
        title="Fake writer",
        folder="fake-writer",
        space=None,
    )
    translator = replace(
        writer,
        model_id="fake-translator",
        roles=("translator-en-zh", "translator-zh-en"),
        task="translation",
        title="Fake translator",
        folder="fake-translator",
        mask="<x{n}>",
    )
    return Catalog((english, chinese, writer, translator, *_classifiers(writer)))


def _classifiers(spec: ModelSpec) -> list[ModelSpec]:
    roles = {
        "fake-vision": ("image-classifier",),
        "fake-grocery": ("product-classifier", "image-classifier"),
        "fake-modality": ("picture-kind",),
        "fake-chest-xray": ("chest-xray",),
    }
    known = replace(spec, task="image-classification")
    starters = [
        replace(known, model_id=name, roles=own, title=name.replace("-", " ").capitalize(), folder=name)
        for name, own in roles.items()
    ]
    zero_shot = replace(
        spec,
        model_id="fake-zero-shot",
        roles=("zero-shot-image",),
        task="zero-shot-image-classification",
        tier=Tier.HUB,
        title="Fake zero-shot",
        folder=None,
        repo_id="org/fake-zero-shot",
        revision="main",
    )
    return [*starters, zero_shot]


def load_fake(spec: ModelSpec, folder: Path, device: Device) -> FakeEngine | FakeWriter | FakeClassifier:
    if "image-classification" in spec.task:
        return FakeClassifier(device, labels_for(spec.roles))
    kinds = {"text-generation": FakeWriter, "translation": FakeTranslator}
    return kinds.get(spec.task, FakeEngine)(device)


def fake_showcase(
    tmp_path: Path,
    *,
    load: Callable[[ModelSpec, Path, Device], FakeEngine | FakeWriter | FakeClassifier] = load_fake,
    clock: Callable[[], float] = time.monotonic,
    **settings: object,
) -> Showcase:
    """A showcase whose weights are in `tmp_path`, as is its database; rates are off unless set.

    Every one has the same sample knowledge base.
    """
    chosen = {"database_url": f"sqlite:///{tmp_path / 'vitrine.db'}", "rate_limit_per_min": None} | settings
    known = Settings(**chosen)
    metrics = Metrics()
    models = ModelPool(
        fake_catalog(),
        locate=lambda spec: _folder(tmp_path, spec),
        download=_never,
        load=load,
        detect_device=lambda: Device("cpu", "CPU", "float32", budget_mb=1000.0),
        timeout_s=known.deadline_s,
        observe=metrics.observe_batch,
    )
    belongings = Belongings(clock)
    belongings.shared(SAMPLE_ID, fake_sample)
    return Showcase(known, models, Limits(known), metrics, belongings)


@cache
def fake_sample() -> KnowledgeBase:
    """The sample knowledge base, indexed once for all tests: the fakes always give the same vectors."""
    # Beside other work, several threads of BLAS wait for each other: 36 s instead of 3 to fit the head.
    threadpool_limits(1, user_api="blas")
    return sample_knowledge_base(Belongings())


def _folder(tmp_path: Path, spec: ModelSpec) -> Path:
    """A model's own folder where a test made one (for its calibration.json, say), else any."""
    own = tmp_path / spec.model_id
    return own if own.exists() else tmp_path


def _never(spec: ModelSpec, *, cancel: threading.Event) -> Iterator[Progress]:
    raise AssertionError(f"{spec.model_id} is on this machine; nothing is to be downloaded")
