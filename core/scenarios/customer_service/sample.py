"""The sample company's knowledge base, and the questions that measure it."""

import csv
from functools import cache
from pathlib import Path

from core.belongings import Belongings
from core.scenarios.customer_service.documents import read_entries
from core.scenarios.customer_service.knowledge_base import KnowledgeBase

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "assets" / "knowledge_bases"
VECTORS_PATH = ROOT / "var" / "cache" / "sample.safetensors"
REGRESSION_PATH = FOLDER / "regression.csv"
SAMPLE_ID = "sample"


def sample_knowledge_base(belongings: Belongings) -> KnowledgeBase:
    """The one sample knowledge base of this process, read at the first call."""
    return belongings.shared(SAMPLE_ID, _read_sample)


def knowledge_base(belongings: Belongings, knowledge_base_id: str | None) -> KnowledgeBase:
    """The knowledge base of this id, the sample one without an id. Raises NotFoundError."""
    if knowledge_base_id in (None, SAMPLE_ID):
        return sample_knowledge_base(belongings)
    return belongings.get(knowledge_base_id, KnowledgeBase)


def topic_title(topic: str, language: str) -> str:
    """The topic's name for people; a topic of a visitor's own keeps its name."""
    titles = _topic_titles()
    return titles[topic][language] if topic in titles else topic


@cache
def _topic_titles() -> dict[str, dict[str, str]]:
    with (FOLDER / "topics.csv").open(encoding="utf-8", newline="") as file:
        return {row["topic"]: row for row in csv.DictReader(file)}


def _read_sample() -> KnowledgeBase:
    entries = read_entries("sample.csv", (FOLDER / "sample.csv").read_bytes())
    return KnowledgeBase("Lumora", entries, vectors_path=VECTORS_PATH)
