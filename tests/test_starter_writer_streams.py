"""The starter writer itself behind the batcher: real words, whole batches."""

from pathlib import Path

import pytest

from core.catalog import read_catalog
from core.device import Device
from core.engines import load_engine
from core.scenarios.content.brief import Brief, messages
from core.sources import BUNDLED
from core.streaming import StreamBatcher
from core.types import GenerationItem, GenerationOptions
from tests.tiny_writers import writer_spec

FOLDER = BUNDLED / "starter-writer"
CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
WAIT_S = 60

pytestmark = [
    pytest.mark.starters,
    pytest.mark.skipif(
        not FOLDER.is_dir()
        or not any("writer" in spec.roles and spec.folder for spec in read_catalog().specs),
        reason="the starter writer is not in assets/models",
    ),
]


@pytest.fixture
def open_batcher():
    batchers = []

    def open_one(rows: int, folder: Path = FOLDER) -> StreamBatcher:
        batchers.append(StreamBatcher(load_engine(writer_spec(), folder, CPU), max_rows=rows))
        return batchers[-1]

    yield open_one
    for batcher in batchers:
        batcher.close()


def items() -> list[GenerationItem]:
    briefs = [
        Brief("Luna lamp", facts=("comes in three colours", "is dimmable")),
        Brief("Acme CRM", channel="announcement", tone="professional"),
        Brief("tea kettle", channel="tagline", tone="playful"),
        Brief("city bicycle", channel="social-post", facts=("weighs 12 kg",), audience="commuters"),
    ]
    options = [
        GenerationOptions(80, temperature, seed=seed) for seed, temperature in enumerate((0.0, 0.7, 1.0))
    ]
    return [GenerationItem(messages(brief), chosen) for brief in briefs for chosen in options]


def test_its_texts_are_the_same_alone_and_among_others(open_batcher):
    alone, together = open_batcher(1), open_batcher(8)

    one_by_one = [alone.submit(item).result(WAIT_S) for item in items()]
    streams = [together.submit(item) for item in items()]

    assert [stream.result(WAIT_S) for stream in streams] == one_by_one


def test_its_texts_end_by_themselves_and_read_as_words(open_batcher):
    answers = [stream.result(WAIT_S) for stream in map(open_batcher(8).submit, items())]

    assert not any("<|" in answer.text for answer in answers)
    assert sum(len(answer.text.split()) > 2 for answer in answers) > 0.8 * len(answers)
    assert sum(answer.finish_reason == "stop" for answer in answers) > len(answers) / 2
