"""Variants and batches as the API says them, in the caller's language."""

from collections.abc import Sequence

from api.content_schemas import (
    BatchResponse,
    CheckResponse,
    GenerateResponse,
    RowResponse,
    VariantResponse,
)
from core import locales
from core.scenarios.content.batch import BatchResult
from core.scenarios.content.batch_jobs import BatchJob
from core.scenarios.content.checks import Check, passes
from core.scenarios.content.exporting import LABELS
from core.scenarios.content.reviewing import review
from core.scenarios.content.variants import Variant


def generate_response(
    variants: Sequence[Variant], request_id: str, language: str, elapsed_ms: float
) -> GenerateResponse:
    """All variants of a request; each was written by the same model."""
    model = variants[0].model
    return GenerateResponse(
        variants=[_variant(each, review(each), language) for each in variants],
        model=model.model_id,
        revision=variants[0].revision,
        tier=model.tier,
        device=model.device,
        elapsed_ms=round(elapsed_ms, 3),
        request_id=request_id,
    )


def batch_response(batch_id: str, job: BatchJob, language: str) -> BatchResponse:
    """How far the batch is. Raises what ended it, where something did."""
    state, step = job.state, job.step
    models = [result.variant.model.model_id for result in step.results if result.variant]
    return BatchResponse(
        id=batch_id,
        state=state,
        done=step.progress.done,
        total=step.progress.total,
        model=models[0] if models else None,
        results=[_row(result, language) for result in step.results],
    )


def _row(result: BatchResult, language: str) -> RowResponse:
    variant = _variant(result.variant, result.checks, language) if result.variant else None
    error = locales.translate_error(result.error, language) if result.error else None
    return RowResponse(line=result.row.line, product=result.row.product, variant=variant, error=error)


def _variant(variant: Variant, checks: tuple[Check, ...], language: str) -> VariantResponse:
    options = variant.options
    return VariantResponse(
        text=variant.text,
        seed=options.seed,
        temperature=options.temperature,
        top_p=options.top_p,
        max_new_tokens=options.max_new_tokens,
        finish_reason=variant.finish_reason,
        tokens=variant.tokens,
        elapsed_ms=round(variant.model.elapsed_ms, 3),
        passes=passes(checks),
        checks=[_check(check, language) for check in checks],
        ai_label=LABELS[variant.brief.language],
    )


def _check(check: Check, language: str) -> CheckResponse:
    sentence = locales.translations(language).gettext(check.msgid).format(**check.params)
    return CheckResponse(name=check.name, verdict=check.verdict, sentence=sentence, spans=list(check.spans))
