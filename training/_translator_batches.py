"""Which pairs are learned from together, in which order and how often, and how pieces are broken up at random."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from training._bilingual_batches import Tokens
from training._bilingual_data import Pairs
from training._translator_tokenizer import END, PAD, SPECIAL, START, TAGS, parts_of

MAX_PIECES = 48  # longer sentences are left out: most are documentation, and the app translates by sentence
# How often a pair is seen in each direction in a round, on average: first to learn the languages, then
# everyday sentences above all. Two thirds of the pairs are documentation, which is learned soon.
REPEATS = {
    "tatoeba": (4, 4),
    "3am": (1.5, 1),
    "opensource-guide": (1, 1),
    "phrases": (6, 6),
    "python-docs": (0.15, 0.1),
    "django-docs": (0.2, 0.12),
    "cc-cedict": (0.4, 0.15),
    "masked": (0.5, 0.5),
    "masked-docs": (0.04, 0.03),
}
_TAG_IDS = np.array([SPECIAL.index(TAGS["zh"]), SPECIAL.index(TAGS["en"])])
_PAD, _END, _START = (SPECIAL.index(name) for name in (PAD, END, START))


@dataclass(frozen=True)
class Material:
    """What is learned from: both sides as pieces without special ones, each pair's source, each piece's parts."""

    source: list[str]
    zh: Tokens
    en: Tokens
    parts: Tokens


@dataclass(frozen=True)
class Batch:
    """Padded ids: the source with its tag, what the decoder has seen, and what it shall say (PAD: nothing)."""

    source: torch.Tensor
    seen: torch.Tensor
    wanted: torch.Tensor


def material_of(pairs: Pairs, tokenizer: PreTrainedTokenizerFast) -> Material:
    """The pairs that are short enough, as pieces."""
    zh = tokenizer(pairs.zh, add_special_tokens=False).input_ids
    en = tokenizer(pairs.en, add_special_tokens=False).input_ids
    longest = [max(len(a), len(b)) if a and b else MAX_PIECES + 1 for a, b in zip(zh, en, strict=True)]
    kept = [row for row, length in enumerate(longest) if length <= MAX_PIECES]
    return Material(
        [pairs.source[row] for row in kept],
        Tokens.of([zh[row] for row in kept]),
        Tokens.of([en[row] for row in kept]),
        Tokens.of(parts_of(tokenizer)),
    )


def batches(material: Material, *, tokens: int, seed: int, late: bool, broken: float) -> Iterator[Batch]:
    """Batch after batch, round after round, for ever, in both directions.

    A batch holds about `tokens` pieces of both sides, padding counted, of pairs of about the same length. Each
    piece is replaced by its parts with probability `broken` in what is read, half of that in what is said.
    """
    repeats = np.array([REPEATS.get(name, (1, 1))[late] for name in material.source])
    round_number = 0
    while True:
        rng = np.random.default_rng((seed, late, round_number))
        rows, direction = _sampled(repeats, rng)
        read, said = _texts(material, rows, direction, rng=rng, broken=broken)
        order = np.lexsort((read.lengths + rng.uniform(0, 1.5, len(rows)), said.lengths))
        cuts = _cut(read.lengths[order] + 2, said.lengths[order] + 1, tokens)
        for i in rng.permutation(len(cuts) - 1):
            yield _batch(read, said, direction, order[cuts[i] : cuts[i + 1]])
        round_number += 1


def _sampled(repeats: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pairs, and for each whether into Chinese (0) or English (1)."""
    times = np.floor(repeats + rng.uniform(0, 1, (2, len(repeats)))).astype(int)
    rows = [np.repeat(np.arange(len(repeats)), into) for into in times]
    return np.concatenate(rows), np.repeat([0, 1], times.sum(1))


def _texts(
    material: Material, rows: np.ndarray, direction: np.ndarray, *, rng: np.random.Generator, broken: float
) -> tuple[Tokens, Tokens]:
    both = Tokens(
        np.concatenate([material.zh.ids, material.en.ids]),
        np.concatenate([material.zh.starts, material.zh.starts[-1] + material.en.starts[1:]]),
    )
    count = len(material.source)
    read = _chosen(both, rows + count * (1 - direction))
    said = _chosen(both, rows + count * direction)
    return _broken(read, material.parts, rng, broken), _broken(said, material.parts, rng, broken / 2)


def _chosen(tokens: Tokens, rows: np.ndarray) -> Tokens:
    lengths = tokens.lengths[rows]
    return Tokens(tokens.ids[_spans(tokens.starts[rows], lengths)], np.cumsum([0, *lengths]))


def _broken(tokens: Tokens, parts: Tokens, rng: np.random.Generator, share: float) -> Tokens:
    """The texts with a share of their pieces replaced by these pieces' parts."""
    unbroken = rng.random(len(tokens.ids)) >= share
    pool = np.concatenate([parts.ids, np.arange(len(parts.lengths), dtype=parts.ids.dtype)])
    starts = np.where(unbroken, len(parts.ids) + tokens.ids, parts.starts[tokens.ids])
    lengths = np.where(unbroken, 1, parts.lengths[tokens.ids])
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return Tokens(pool[_spans(starts, lengths)], ends[tokens.starts])


def _spans(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The indices of many stretches, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def _cut(read: np.ndarray, said: np.ndarray, tokens: int) -> list[int]:
    """Where to cut sorted rows so that rows times the longest of both sides stays below `tokens`."""
    cuts, widest, highest = [0], 0, 0
    for i, (a, b) in enumerate(zip(read.tolist(), said.tolist(), strict=True)):
        widest, highest = max(widest, a), max(highest, b)
        if (i + 1 - cuts[-1]) * (widest + highest) > tokens:
            cuts.append(i)
            widest, highest = a, b
    return [*cuts, len(read)]


def _batch(read: Tokens, said: Tokens, direction: np.ndarray, rows: np.ndarray) -> Batch:
    source = _padded(read, rows, first=_TAG_IDS[direction[rows]], last=_END)
    whole = _padded(said, rows, first=np.full(len(rows), _START), last=_END)
    seen, wanted = whole[:, :-1].clone(), whole[:, 1:].clone()
    return Batch(source, seen.masked_fill(wanted == _PAD, _PAD), wanted)


def _padded(tokens: Tokens, rows: np.ndarray, *, first: np.ndarray, last: int) -> torch.Tensor:
    """The texts of `rows` between their first and last piece, filled up with PAD."""
    lengths = tokens.lengths[rows]
    ids = np.full((len(rows), lengths.max() + 2), _PAD, np.int64)
    inside = np.arange(ids.shape[1]) - 1
    ids[(inside >= 0) & (inside < lengths[:, None])] = tokens.ids[_spans(tokens.starts[rows], lengths)]
    ids[:, 0] = first
    ids[np.arange(len(rows)), lengths + 1] = last
    return torch.from_numpy(ids)
