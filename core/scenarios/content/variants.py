"""Variants of one text, written side by side, each with what it takes to write it again."""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from core import visits
from core.catalog import ModelSpec
from core.limits import MAX_NEW_TOKENS
from core.pool import ModelPool
from core.scenarios.content.brief import Brief, messages
from core.scenarios.content.merging import End, Piece, merged
from core.scenarios.content.validation import checked, checked_options
from core.scenarios.content.writers import check_language, pick_writer, until_ready
from core.types import ChatMessage, GenerationItem, GenerationOptions, ModelUse, Tier

# A word is some 1.4 tokens, a Chinese character at most 2 in a vocabulary of mostly English.
TOKENS_PER_WORD = 2
SPARE_TOKENS = 32
# How much calmer the starter draws what shall be like a text: it reads no examples.
CALMER = 0.6
_ANOTHER = "Write another one like that, in other words. The same brief holds."


@dataclass(frozen=True)
class Variant:
    """A text with all that made it: the same brief, options, example and model write it again."""

    brief: Brief
    options: GenerationOptions
    text: str
    model: ModelUse
    revision: str | None = None
    finish_reason: str = "cancelled"
    """ "stop" at its own end, "length" when cut off at max_new_tokens, "cancelled" while it is being written."""
    tokens: int = 0
    like: str = ""
    """The example that the model read, where one was given and it reads examples."""


@dataclass(frozen=True)
class VariantPieces:
    """What has just been written, and all that was written so far: who stops here keeps `variants`."""

    pieces: tuple[Piece, ...]
    variants: tuple[Variant, ...]


Writing = Generator[VariantPieces, None, tuple[Variant, ...]]


def tokens_for(brief: Brief) -> int:
    """Room for a text as long as the brief allows, and a little more: an overlong text shall be seen as one."""
    return min(MAX_NEW_TOKENS, SPARE_TOKENS + TOKENS_PER_WORD * brief.max_words)


def write_variants(
    models: ModelPool,
    brief: Brief,
    options: GenerationOptions,
    n: int,
    *,
    model_id: str | None = None,
    like: str = "",
) -> Writing:
    """Write `n` variants at the same time, with the seeds options.seed ... options.seed + n - 1.

    Yields at least ten times a second; closing it stops the model. `like` is a text that they shall resemble:
    a model of the hub or a remote one reads it as an example, the starter draws more calmly instead.
    Raises InvalidInputError at once, what the pool raises while it goes.
    """
    brief, options = checked(brief), checked_options(options, n)
    check_language(pick_writer(models, model_id), brief.language)
    return _write(models, brief, options, n, model_id, like)


def _write(
    models: ModelPool, brief: Brief, options: GenerationOptions, n: int, model_id: str | None, like: str
) -> Writing:
    loading = until_ready(models, model_id)
    spec = yield from _nothing_yet(loading)
    check_language(spec, brief.language)
    drafts = [draft(models, spec, brief, replace(options, seed=options.seed + row), like) for row in range(n)]
    streams = [partial(models.stream, spec, item_of(draft)) for draft in drafts]
    started_s = time.perf_counter()
    with closing(merged(streams, at_once=n)) as arrivals:
        for events in arrivals:
            visits.tell(partial(models.waiting, spec))
            elapsed_ms = 1000 * (time.perf_counter() - started_s)
            for event in events:
                drafts[event.number] = _after(drafts[event.number], event, elapsed_ms)
            pieces = tuple(event for event in events if isinstance(event, Piece))
            yield VariantPieces(pieces, tuple(drafts))
            # Only now: what was written before is not lost.
            for error in (event.error for event in events if isinstance(event, End) and event.error):
                raise error
    return tuple(drafts)


def item_of(variant: Variant) -> GenerationItem:
    """What the model is asked for this variant."""
    asked = messages(variant.brief)
    if variant.like:
        asked += (ChatMessage("assistant", variant.like), ChatMessage("user", _ANOTHER))
    return GenerationItem(asked, variant.options)


def _nothing_yet(loading: Generator[None, None, ModelSpec]) -> Generator[VariantPieces, None, ModelSpec]:
    while True:
        try:
            next(loading)
        except StopIteration as end:
            return end.value
        yield VariantPieces((), ())


def draft(
    models: ModelPool, spec: ModelSpec, brief: Brief, options: GenerationOptions, like: str = ""
) -> Variant:
    """A variant before its first word. Only models that read an example keep it."""
    if like and spec.tier is Tier.STARTER:
        options, like = replace(options, temperature=round(CALMER * options.temperature, 3)), ""
    use = models.use(spec, 0.0)
    revision = next(status.revision for status in models.status() if status.spec.model_id == spec.model_id)
    return Variant(brief, options, "", use, revision, like=like)


def finished(variant: Variant, end: End) -> Variant:
    """The variant as the model finished it."""
    return replace(
        variant,
        text=end.generation.text.strip(),
        model=replace(variant.model, elapsed_ms=end.elapsed_ms),
        finish_reason=end.generation.finish_reason,
        tokens=end.generation.tokens,
    )


def _after(variant: Variant, event: Piece | End, elapsed_ms: float) -> Variant:
    if isinstance(event, End):
        return variant if event.error else finished(variant, event)
    model = replace(variant.model, elapsed_ms=elapsed_ms)
    return replace(variant, text=variant.text + event.text, model=model, tokens=variant.tokens + event.tokens)
