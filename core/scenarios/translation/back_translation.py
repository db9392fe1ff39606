"""A translation put back into its own language: which words differ, and whether it still means the same."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from core.errors import ModelLoadError
from core.pool import ModelPool
from core.scenarios.translation.results import Translation
from core.scenarios.translation.segments import split
from core.scenarios.translation.translating import TranslationOptions, translate_texts
from core.scenarios.translation.work import Work
from core.types import EmbeddingItem, ModelUse, Progress

# Sentences embedded at once.
CHUNK = 64
_WORD = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+(?:['\u2019-][A-Za-z]+)*|[\u3400-\u9fff]")
Span = tuple[int, int]


@dataclass(frozen=True)
class BackTranslation:
    """The text on its way back; the spans are what differs in the source text and in `text`.

    `similarity` of meaning is 0 to 1, the mean over the sentences; None where no embedder is at hand.
    """

    text: str
    similarity: float | None
    source_spans: tuple[Span, ...]
    back_spans: tuple[Span, ...]
    model: ModelUse | None


def check_back(models: ModelPool, translation: Translation) -> Generator[Progress, None, BackTranslation]:
    """Translate back sentence by sentence, with the same model if it can, and compare.

    Yields Progress at least every 0.2 s; raises what `translate_texts` raises.
    """
    whole = split(translation.source_text, translation.source)
    if not translation.segments or len(whole.sentences) != len(translation.segments):
        return BackTranslation(translation.text, None, (), (), None)
    options = TranslationOptions(
        source=translation.target, target=translation.source, model_id=_model_id(models, translation)
    )
    there = [segment.target for segment in translation.segments]
    back = yield from translate_texts(models, there, options)
    texts = [each.text for each in back]
    sources = [segment.source for segment in translation.segments]
    similarity = yield from _similarity(Work(models), sources, texts, translation.source)
    parts = whole.parts(texts, translation.source)
    spans = _spans(sources, texts, [sentence.gap for sentence in whole.sentences], parts[::2])
    model = next((each.model for each in back if each.model), None)
    return BackTranslation("".join(parts), similarity, *spans, model)


def differing_words(source: str, other: str) -> tuple[list[Span], list[Span]]:
    """Where the words differ, in each of the two texts; case and punctuation do not count."""
    left, right = list(_WORD.finditer(source)), list(_WORD.finditer(other))
    words = [[match.group().casefold() for match in matches] for matches in (left, right)]
    spans: tuple[list[Span], list[Span]] = ([], [])
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for found, matches, start, end in ((spans[0], left, i1, i2), (spans[1], right, j1, j2)):
            if start < end:
                found.append((matches[start].start(), matches[end - 1].end()))
    return spans


def _model_id(models: ModelPool, translation: Translation) -> str | None:
    """The model of the translation, if it knows the way back."""
    role = f"translator-{translation.target}-{translation.source}"
    able = {spec.model_id for spec in models.catalog.candidates(role)}
    used = translation.model.model_id if translation.model else None
    return used if used in able else None


def _similarity(
    work: Work, sources: Sequence[str], back: Sequence[str], language: str
) -> Generator[Progress, None, float | None]:
    """The mean cosine of the sentences' vectors; longer sentences weigh more."""
    try:
        spec = work.models.pick(f"embedder-{language}")
    except ModelLoadError:
        return None
    texts = list(dict.fromkeys((*sources, *back)))
    work.total = len(texts)
    vectors: dict[str, np.ndarray] = {}
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        found = yield from work.wait_for(spec, [EmbeddingItem(text) for text in chunk])
        vectors |= zip(chunk, found, strict=True)
        work.done = len(vectors)
    cosines = [float(vectors[one] @ vectors[two]) for one, two in zip(sources, back, strict=True)]
    mean = np.average(cosines, weights=[len(source) for source in sources])
    return float(np.clip(mean, 0.0, 1.0))


def _spans(
    sources: Sequence[str], back: Sequence[str], source_gaps: Sequence[str], back_gaps: Sequence[str]
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The differences of all sentences, as places in the two whole texts."""
    found: tuple[list[Span], list[Span]] = ([], [])
    at = [0, 0]
    for texts in zip(sources, back, source_gaps, back_gaps, strict=False):
        at = [at[0] + len(texts[2]), at[1] + len(texts[3])]
        for side, spans in enumerate(differing_words(texts[0], texts[1])):
            found[side].extend((start + at[side], end + at[side]) for start, end in spans)
            at[side] += len(texts[side])
    return tuple(found[0]), tuple(found[1])
