"""The audit trail: which verdict was shown of which study, by which model and rule; no name, no pixel."""

from collections.abc import Sequence

from core.scenarios.triage.findings import Rule
from core.scenarios.triage.worklist import Entry
from core.store import Store, TriageVerdict


def record(store: Store, entries: Sequence[Entry], rule: Rule, *, front: str, request_id: str) -> None:
    """Store a verdict per study, most urgent first; `front` is "pages" or "api". Raises StoreError."""
    store.add_triage([_verdict(entry, rule, front=front, request_id=request_id) for entry in entries])


def _verdict(entry: Entry, rule: Rule, *, front: str, request_id: str) -> TriageVerdict:
    study, reading = entry.study, entry.study.reading
    if reading is None:
        asked = {}
    else:
        asked = {
            "model_id": reading.model.model_id,
            "revision": reading.revision,
            "threshold": rule.point.threshold,
            "score": reading.score,
            "band": entry.band.value,
        }
    return TriageVerdict(
        request_id=request_id,
        study_id=study.study_id,
        front=front,
        operating_point=rule.point.point_id,
        priority=entry.priority.value,
        refusal=study.refusal.code if study.refusal else "",
        **asked,
    )
