"""A worklist as the reply of the API."""

import math
from collections.abc import Sequence

from api.calls import Call
from api.triage_schemas import (
    FindingOut,
    OperatingPointOut,
    PartOut,
    RefusedOut,
    StudyOut,
    TriageResponse,
    UncertaintyOut,
)
from core import locales
from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import FINDING, Reading
from core.scenarios.triage.worklist import ORDER, Entry


def response(entries: Sequence[Entry], rule: Rule, call: Call, *, elapsed_ms: float) -> TriageResponse:
    """The entries in their order, with the caveat on each of them, in the caller's language."""
    said = locales.translations(call.language).gettext
    reading = next((entry.study.reading for entry in entries if entry.study.reading), None)
    return TriageResponse(
        studies=[_study(entry, call.language) for entry in entries],
        order=said(ORDER),
        operating_point=_point(rule),
        model=reading and reading.model.model_id,
        revision=reading and reading.revision,
        tier=reading and reading.model.tier,
        device=reading and reading.model.device,
        elapsed_ms=round(elapsed_ms, 3),
        request_id=call.visitor.request_id,
        caveat=said(CAVEAT),
    )


def _study(entry: Entry, language: str) -> StudyOut:
    study, refusal = entry.study, entry.study.refusal
    reason = locales.translate_error(refusal.error, language) if refusal else ""
    return StudyOut(
        study_id=study.study_id,
        name=study.name,
        priority=entry.priority,
        findings=[_finding(entry, study.reading)] if study.reading else [],
        refused=RefusedOut(code=refusal.code, reason=reason) if refusal else None,
        uncertainty=_uncertainty(study.reading) if study.reading else None,
        stripped_tags=list(study.stripped_names),
        caveat=locales.translations(language).gettext(CAVEAT),
    )


def _finding(entry: Entry, reading: Reading) -> FindingOut:
    parts = [PartOut(name=part.name, score=round(part.score, 4)) for part in reading.parts]
    return FindingOut(name=FINDING, score=round(reading.score, 4), band=entry.band, parts=parts)


def _uncertainty(reading: Reading) -> UncertaintyOut:
    spread = reading.spread
    return UncertaintyOut(
        lowest=round(spread.lowest, 4),
        highest=round(spread.highest, 4),
        deviation=round(spread.deviation, 4),
        copies=len(spread.scores),
    )


def _point(rule: Rule) -> OperatingPointOut:
    point, is_measured = rule.point, not math.isnan(rule.point.sensitivity)
    return OperatingPointOut(
        id=point.point_id,
        threshold=point.threshold,
        not_sure_from=rule.low,
        not_sure_to=rule.high,
        sensitivity=point.sensitivity if is_measured else None,
        sensitivity_interval=point.sensitivity_interval if is_measured else None,
        specificity=point.specificity if is_measured else None,
        specificity_interval=point.specificity_interval if is_measured else None,
        measured_on=point.measured_on if is_measured else None,
    )
