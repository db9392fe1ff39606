"""Sentences sent to a translator in batches of similar length, polled so that whoever waits can leave."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.catalog import ModelSpec
from core.pool import ModelPool
from core.scenarios.translation.drafts import Draft, Way
from core.scenarios.translation.masking import Masks
from core.types import Progress, TranslationItem

# How long a page waits before it looks whether its visitor is still there.
POLL_S = 0.2
# Beside the wanted alternatives: where marks or terms are to be kept, the second best may keep them.
SPARE = 4
UNIT = "sentences"


@dataclass
class Worker:
    """The one thread that waits for the model on behalf of a translation."""

    models: ModelPool
    total: int = 0
    done: int = 0
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "translate"))

    def wait_for(
        self, role: str | ModelSpec, items: list[TranslationItem]
    ) -> Generator[Progress, None, list]:
        """The results for these items; yields at least every POLL_S."""
        future: Future = self.threads.submit(self.models.predict_many, role, items)
        while not wait([future], timeout=POLL_S).done:
            yield self.progress
        return future.result()

    @property
    def progress(self) -> Progress:
        return Progress(self.done, self.total, UNIT)


@contextmanager
def working(models: ModelPool) -> Iterator[Worker]:
    """A worker that takes up nothing more once its caller has gone; the batch under way comes to its end."""
    worker = Worker(models)
    try:
        yield worker
    finally:
        worker.threads.shutdown(wait=False, cancel_futures=True)


def translate_drafts(
    worker: Worker, spec: ModelSpec, drafts: Sequence[Draft], *, alternatives: int
) -> Generator[Progress, None, dict[Draft, list[str]]]:
    """The acceptable translations of each draft, best first; none where the translator gave nothing usable.

    Every draft goes its first way, those that this did not serve their second one, and so on.
    """
    masks = Masks(spec.mask, spec.masks) if spec.mask else None
    found: dict[Draft, list[str]] = {draft: [] for draft in drafts}
    ways = {draft: draft.ways(masks) for draft in drafts}
    while left := [ways[draft].pop(0) for draft in drafts if ways[draft] and not found[draft]]:
        yield from _go(worker, spec, left, found, alternatives=alternatives)
    worker.done += sum(not candidates for candidates in found.values())
    return found


def _go(
    worker: Worker, spec: ModelSpec, ways: list[Way], found: dict[Draft, list[str]], *, alternatives: int
) -> Generator[Progress, None, None]:
    # A batch is as slow as its longest row.
    ways.sort(key=lambda way: max(map(len, way.texts), default=0))
    size = spec.max_batch_size
    for start in range(0, len(ways), size):
        chunk = ways[start : start + size]
        items = {item: () for way in chunk for item in _items(way, alternatives)}
        answers: dict[TranslationItem, tuple[str, ...]] = {}
        for first in range(0, len(items), size):
            asked = list(items)[first : first + size]
            results = yield from worker.wait_for(spec, asked)
            answers |= {
                item: tuple(hypothesis.text for hypothesis in result)
                for item, result in zip(asked, results, strict=True)
            }
        for way in chunk:
            candidates = way.candidates([answers[item] for item in _items(way, alternatives)])
            found[way.draft] = way.draft.ranked(candidates)
        worker.done += sum(bool(found[way.draft]) for way in chunk)
        yield worker.progress


def _items(way: Way, alternatives: int) -> list[TranslationItem]:
    draft = way.draft
    is_plain = way.texts == [draft.text] and not draft.glossary
    n_best = 1 + alternatives if is_plain else max(SPARE, 1 + alternatives)
    return [TranslationItem(text, draft.source, draft.target, n_best) for text in way.texts]
