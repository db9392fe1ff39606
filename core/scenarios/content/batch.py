"""Many briefs in one go: a text for each, as many at once as leave room for other visitors."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from core.catalog import ModelSpec
from core.errors import N_, DemoError, InvalidInputError
from core.pool import ModelPool
from core.scenarios.content.brief_file import BriefRow
from core.scenarios.content.checks import Check
from core.scenarios.content.merging import End, merged
from core.scenarios.content.reviewing import review
from core.scenarios.content.validation import checked_options
from core.scenarios.content.variants import Variant, draft, finished, item_of, tokens_for
from core.scenarios.content.writers import check_language, pick_writer, until_ready
from core.types import GenerationOptions, Progress

# A model writes about eight texts at once as fast as one; half of that is for those who wait at the page.
AT_ONCE = 4


@dataclass(frozen=True)
class BatchResult:
    """What became of one row: its text with the checks, or the reason why there is none."""

    row: BriefRow
    variant: Variant | None = None
    checks: tuple[Check, ...] = ()
    error: DemoError | None = None


@dataclass(frozen=True)
class BatchStep:
    """How far it is, and the results so far in the order of the file: who stops here keeps them."""

    progress: Progress
    results: tuple[BatchResult, ...]


Batch = Generator[BatchStep, None, tuple[BatchResult, ...]]


def write_batch(
    models: ModelPool, rows: Sequence[BriefRow], options: GenerationOptions, *, model_id: str | None = None
) -> Batch:
    """Write a text for each row, row i with the seed options.seed + i; closing it stops the model.

    A row without a brief, or one whose text fails, has its error as its result. The length of each text follows
    from its brief, whatever options.max_new_tokens says. Raises InvalidInputError at once when no row can be
    written, what the pool raises while it goes.
    """
    options = checked_options(options, 1)
    spec = pick_writer(models, model_id)
    if not any(row.brief for row in rows):
        raise rows[0].error or InvalidInputError(
            N_("The file has a header but no rows. Add at least one brief.")
        )
    return _write(models, rows, options, model_id, _refused(rows, spec.model_id, models))


def _refused(rows: Sequence[BriefRow], model_id: str, models: ModelPool) -> dict[int, BatchResult]:
    """The results of the rows that cannot be written, by their number."""
    spec = models.catalog.spec(model_id)
    refused = {}
    for number, row in enumerate(rows):
        try:
            if row.brief:
                check_language(spec, row.brief.language)
            elif row.error:
                raise row.error
        except DemoError as error:
            refused[number] = BatchResult(row, error=error)
    return refused


def _write(
    models: ModelPool,
    rows: Sequence[BriefRow],
    options: GenerationOptions,
    model_id: str | None,
    results: dict[int, BatchResult],
) -> Batch:
    yield _step(rows, results)
    loading = until_ready(models, model_id)
    spec = yield from _waiting(loading, _step(rows, results))
    numbers = [number for number in range(len(rows)) if number not in results]
    drafts = [_draft(models, spec, rows[number], options, number) for number in numbers]
    streams = [partial(models.stream, spec, item_of(each)) for each in drafts]
    with closing(merged(streams, at_once=AT_ONCE)) as arrivals:
        for events in arrivals:
            for end in (event for event in events if isinstance(event, End)):
                number = numbers[end.number]
                results[number] = _result(rows[number], drafts[end.number], end)
            yield _step(rows, results)
    return _step(rows, results).results


def _waiting(
    loading: Generator[None, None, ModelSpec], step: BatchStep
) -> Generator[BatchStep, None, ModelSpec]:
    while True:
        try:
            next(loading)
        except StopIteration as end:
            return end.value
        yield step


def _draft(
    models: ModelPool, spec: ModelSpec, row: BriefRow, options: GenerationOptions, number: int
) -> Variant:
    own = replace(options, seed=options.seed + number, max_new_tokens=tokens_for(row.brief))
    return draft(models, spec, row.brief, own)


def _result(row: BriefRow, variant: Variant, end: End) -> BatchResult:
    if end.error:
        return BatchResult(row, error=end.error)
    variant = finished(variant, end)
    return BatchResult(row, variant, review(variant))


def _step(rows: Sequence[BriefRow], results: dict[int, BatchResult]) -> BatchStep:
    in_order = tuple(results[number] for number in sorted(results))
    return BatchStep(Progress(len(in_order), len(rows), "briefs"), in_order)
