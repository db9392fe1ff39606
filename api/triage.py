"""Medical-image triage for programs: pictures in, a worklist by urgency out. A research demonstration."""

import time
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from api.calls import Call, CallDep
from api.documented import errors
from api.schemas import Text
from api.triage_replies import response
from api.triage_schemas import TriageResponse
from core.deadlines import Deadline
from core.limits import MAX_STUDIES
from core.scenarios.triage import audit
from core.scenarios.triage.findings import rule
from core.scenarios.triage.receiving import studies_in
from core.scenarios.triage.studies import Study
from core.scenarios.triage.triaging import calibration_of, triage
from core.scenarios.triage.worklist import worklist
from core.showcase import Showcase

router = APIRouter(prefix="/triage", tags=["medical-image triage"])
Files = Annotated[
    list[UploadFile],
    File(description=f"PNG, JPEG, DICOM or zip; at most {MAX_STUDIES} pictures."),
]
Point = Annotated[
    Text | None, Form(description="An operating point of the model: see a reply. None for its default.")
]


@router.post(
    "/studies",
    summary="Order X-rays for a reader",
    responses=errors(400, 413, 503, 504),
    # More of them are refused with a sentence, this many with none.
    form_limits={"max_files": 20 * MAX_STUDIES, "max_fields": 8},
)
async def sort_studies(files: Files, call: CallDep, operating_point: Point = None) -> TriageResponse:
    """Every picture gets a place, the most urgent first; what the model cannot judge needs a person.

    A research demonstration, not a medical device. Pictures and their names are not kept: the audit trail holds
    a random id, the model, the operating point and the verdict.
    """
    return await call.run("triage", _sort, files, operating_point, call)


def _sort(place: Showcase, files: list[UploadFile], point_id: str | None, call: Call) -> TriageResponse:
    started_s, deadline = time.perf_counter(), Deadline(place.limits.deadline_s)
    rule_used = rule(calibration_of(place.models), point_id)
    arriving = studies_in([(file.filename or "", file.file.read()) for file in files])
    received = tuple(deadline.one_by_one(arriving, call.calls.reading))
    entries = worklist(_read(place, received, deadline), rule_used)
    request_id = call.visitor.request_id
    audit.record(place.store, entries, rule_used, front="api", request_id=request_id)
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return response(entries, rule_used, call, elapsed_ms=elapsed_ms)


def _read(place: Showcase, received: tuple[Study, ...], deadline: Deadline) -> list[Study]:
    """What the models say, as long as the deadline allows."""
    done: list[Study] = []
    for _ in deadline.steps(triage(place.models, received, done=done)):
        pass
    return done
