"""Whether what a writer wrote is said by the passages it was given: sentence by sentence, by meaning and by numbers."""

import re
from collections.abc import Sequence

import numpy as np

from core.catalog import ModelSpec
from core.language import language_of
from core.pool import ModelPool
from core.scenarios.customer_service.spans import sentence_spans
from core.scenarios.embedding import embed, role_for
from core.types import Tier

# The least cosine between a sentence and what it rests on, with the starter embedders: the lowest at which no invented
# sentence of every second entry of assets/knowledge_bases/phrasing.csv passes. docs/quality.md has the others' figures.
SUPPORT = {"en": 0.60, "zh": 0.65}
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def unsupported(models: ModelPool, text: str, passages: Sequence[str]) -> tuple[str, ...]:
    """The sentences of `text` that no passage says: too far from all of them in meaning, or with a number of their own.

    A negation is not seen: "cannot" lies close to "can". Raises what the pool raises.
    """
    embedders = _starters(models)
    known = np.stack([embed(models, part, embedders) for part in _parts(passages)])
    numbers = {number for passage in passages for number in _NUMBER.findall(passage)}

    def is_supported(sentence: str) -> bool:
        likeness = float((known @ embed(models, sentence, embedders)).max())
        return likeness >= SUPPORT[language_of(sentence)] and numbers.issuperset(_NUMBER.findall(sentence))

    return tuple(sentence for sentence in _sentences(text) if not is_supported(sentence))


def _parts(passages: Sequence[str]) -> list[str]:
    """Every passage whole, its sentences, and each two that follow one another: a writer joins and splits."""
    parts: list[str] = []
    for passage in passages:
        sentences = _sentences(passage)
        pairs = [" ".join(pair) for pair in zip(sentences, sentences[1:], strict=False)]
        parts += [passage, *sentences, *pairs]
    return list(dict.fromkeys(parts))


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _starters(models: ModelPool) -> dict[str, ModelSpec]:
    """The embedders that SUPPORT was tuned with, whichever serve the search."""
    roles = (role_for("a"), role_for("中"))
    specs = {role: models.catalog.candidates(role) for role in roles}
    return {
        role: next((spec for spec in of_role if spec.tier is Tier.STARTER), of_role[-1])
        for role, of_role in specs.items()
    }
