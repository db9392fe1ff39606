"""What callers think of an answer: anyone gives it, the operator reads all of it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response

from api.calls import CallDep
from api.customer_service_schemas import FeedbackRequest, FeedbackResponse
from api.documented import errors
from api.models import operator_only
from core.demos import DEMOS
from core.errors import N_, InvalidInputError
from core.showcase import Showcase
from core.spreadsheets import neutralised
from core.store import Feedback

MAX_ROWS = 10_000
RATINGS = {"thumb": (0, 1), "csat": (1, 2, 3, 4, 5), "correction": (None, 0, 1)}

router = APIRouter(prefix="/feedback", tags=["feedback"])


@router.post("", summary="Say what you think of an answer", responses=errors(400, 413, 503))
async def give_feedback(given: FeedbackRequest, call: CallDep) -> FeedbackResponse:
    """Stored once this returns; e-mail addresses, phone, card and identity numbers are taken out first."""
    return await call.run("feedback", _store, given, call.language)


@router.get(
    "",
    summary="Everyone's feedback",
    responses=errors(401, 403) | {200: {"content": {"text/csv": {}}}},
    dependencies=[operator_only],
)
async def read_feedback(
    call: CallDep,
    kind: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = 1000,
) -> Response:
    """The newest first, as JSON or as CSV for a spreadsheet."""
    rows = await call.run_as_operator("feedback-export", _rows, limit)
    if kind == "json":
        return JSONResponse(rows)
    disposition = {"Content-Disposition": 'attachment; filename="feedback.csv"'}
    return Response(_csv(rows), media_type="text/csv; charset=utf-8", headers=disposition)


def _store(place: Showcase, given: FeedbackRequest, language: str) -> FeedbackResponse:
    _check(given)
    feedback = Feedback(
        demo=given.demo,
        kind=given.kind,
        rating=given.rating,
        question=given.question,
        answer=given.answer,
        model_id=given.model,
        reason=given.reason,
        correction=given.correction,
        language=language,
        session_hash="api",
    )
    return FeedbackResponse(id=place.store.add_feedback(feedback))


def _check(given: FeedbackRequest) -> None:
    demo_ids = [demo.demo_id for demo in DEMOS]
    if given.demo not in demo_ids:
        message = N_("There is no demo {demo}. It has to be one of: {demos}.")
        raise InvalidInputError(message, demo=given.demo, demos=", ".join(demo_ids))
    if given.rating not in RATINGS[given.kind]:
        message = N_("A thumb is 0 (down) or 1 (up), a satisfaction (csat) is 1 to 5.")
        raise InvalidInputError(message)


def _rows(place: Showcase, limit: int) -> list[dict[str, Any]]:
    place.store.audit("feedback_read", f"{limit} rows at most")
    return [jsonable_encoder(asdict(row)) for row in place.store.feedback(limit=limit)]


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """With the mark that Excel needs to see UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows[0] if rows else ["id"])
    writer.writerows(
        [[neutralised(cell) if isinstance(cell, str) else cell for cell in row.values()] for row in rows]
    )
    return out.getvalue().encode("utf-8-sig")
