"""Sentences sent to a translator in batches of similar length, step by step so that whoever waits can leave."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from core.catalog import ModelSpec
from core.pool import ModelPool
from core.scenarios.translation.drafts import Draft, Way
from core.scenarios.translation.masking import Masks
from core.scenarios.translation.prompting import is_prompted, prompts_of, translation_of
from core.types import Progress, TranslationItem

# Beside the wanted alternatives: where marks or terms are to be kept, the second best may keep them.
SPARE = 4
UNIT = "sentences"
# How long one batch may keep other visitors waiting.
CHUNK_S = 3.0


@dataclass
class Work:
    """What a translation asks of the models, and how far it is. Closing what it yields from gives up the rest."""

    models: ModelPool
    total: int = 0
    done: int = 0

    def wait_for(self, role: str | ModelSpec, items: list) -> Generator[Progress, None, list]:
        """The results for these items; yields at least every 0.2 s. Without items it waits for the model alone."""
        with closing(self.models.predicting(role, items)) as steps:
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    return end.value
                yield self.progress

    @property
    def progress(self) -> Progress:
        return Progress(self.done, self.total, UNIT)


def translate_drafts(
    work: Work, spec: ModelSpec, drafts: Sequence[Draft], *, alternatives: int
) -> Generator[Progress, None, dict[Draft, list[str]]]:
    """The acceptable translations of each draft, best first; none where the translator gave nothing usable.

    Every draft goes its first way, those that this did not serve their second one, and so on.
    """
    masks = Masks(spec.mask, spec.masks) if spec.mask else None
    found: dict[Draft, list[str]] = {draft: [] for draft in drafts}
    ways = {draft: draft.ways(masks) for draft in drafts}
    while left := [ways[draft].pop(0) for draft in drafts if ways[draft] and not found[draft]]:
        yield from _go(work, spec, left, found, alternatives=alternatives)
    work.done += sum(not candidates for candidates in found.values())
    return found


def _go(
    work: Work, spec: ModelSpec, ways: list[Way], found: dict[Draft, list[str]], *, alternatives: int
) -> Generator[Progress, None, None]:
    # A batch is as slow as its longest row.
    ways.sort(key=lambda way: max(map(len, way.texts), default=0))
    start, size = 0, max(1, spec.max_batch_size // 2)
    while start < len(ways):
        chunk = ways[start : start + size]
        started_s = time.monotonic()
        answers = yield from _answers(work, spec, chunk, alternatives)
        for way in chunk:
            candidates = way.candidates([answers[item] for item in _items(way, spec, alternatives)])
            found[way.draft] = way.draft.ranked(candidates)
        work.done += sum(bool(found[way.draft]) for way in chunk)
        yield work.progress
        start += size
        size = _next_size(size, time.monotonic() - started_s, spec.max_batch_size)


def _answers(
    work: Work, spec: ModelSpec, ways: list[Way], alternatives: int
) -> Generator[Progress, None, dict[TranslationItem, tuple[str, ...]]]:
    """The hypotheses for every text of these ways; equal ones are asked for once."""
    items = list(dict.fromkeys(item for way in ways for item in _items(way, spec, alternatives)))
    answers: dict[TranslationItem, tuple[str, ...]] = {}
    for first in range(0, len(items), spec.max_batch_size):
        asked = items[first : first + spec.max_batch_size]
        texts = yield from (_written if is_prompted(spec) else _translated)(work, spec, asked)
        answers |= zip(asked, texts, strict=True)
    return answers


def _translated(
    work: Work, spec: ModelSpec, items: list[TranslationItem]
) -> Generator[Progress, None, list[tuple[str, ...]]]:
    results = yield from work.wait_for(spec, items)
    return [tuple(each.text for each in result) for result in results]


def _written(
    work: Work, spec: ModelSpec, items: list[TranslationItem]
) -> Generator[Progress, None, list[tuple[str, ...]]]:
    """The answers of a model that is asked in words, each without repetitions."""
    prompts = [prompts_of(item) for item in items]
    results = yield from work.wait_for(spec, [prompt for own in prompts for prompt in own])
    generations = iter(results)
    texts = [
        [translation_of(item, next(generations)) for _ in own]
        for item, own in zip(items, prompts, strict=True)
    ]
    return [tuple(dict.fromkeys(each)) for each in texts]


def _next_size(size: int, took_s: float, largest: int) -> int:
    """How many sentences to send next: many at once are cheaper, but nobody should wait long behind them."""
    if took_s > CHUNK_S:
        return max(1, size // 2)
    return min(largest, 2 * size) if took_s < CHUNK_S / 2 else size


def _items(way: Way, spec: ModelSpec, alternatives: int) -> list[TranslationItem]:
    draft = way.draft
    is_plain = way.texts == [draft.text] and not draft.glossary
    # Of a beam search the second best costs next to nothing; a model that writes writes it all anew.
    spare = 1 if is_plain or is_prompted(spec) else SPARE
    n_best = max(spare, 1 + alternatives)
    return [TranslationItem(text, draft.source, draft.target, n_best) for text in way.texts]
