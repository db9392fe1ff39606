"""The evaluation of recommenders for programs, in one answer or as a stream of progress."""

import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Lock

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api import events
from api.calls import Call, CallDep
from api.documented import errors
from api.recommendation_evaluate_schemas import MAX_EVALUATED_USERS, EvaluateRequest, EvaluateResponse
from api.recommendation_reading import shop_of
from api.recommendation_replies import evaluate_response
from api.recommendation_waiting import outcome_within, told
from core.belongings import Belongings
from core.errors import N_, DeadlineError, OverloadedError
from core.fairness import has_room
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.recommending import Row, Wishes, evaluate_all
from core.showcase import Showcase
from core.types import Progress

# Each keeps a core busy for as long as it runs.
MAX_EVALUATIONS = 4
_KEY = "recommendation-evaluations"

router = APIRouter(prefix="/recommendation", tags=["recommendation"])
EVENTS = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}


@router.post(
    "/evaluate",
    summary="Measure recommenders on what was held out",
    responses=errors(400, 404, 413, 503, 504) | EVENTS,
    response_model=EvaluateResponse,
)
async def evaluate_recommenders(
    asked: EvaluateRequest, call: CallDep
) -> EvaluateResponse | StreamingResponse:
    """Fit on one part of each user's items, and see who finds the other.

    With `"stream": true` the answer is a stream of server-sent events: `progress` with `{"done", "total", "unit"}`,
    then `done` with all that is said here, or `error`. It may take as long as it needs; closing the connection ends it.
    """
    if asked.stream:
        return await events.stream(call, "evaluate", partial(_streamed, asked, call))
    return await call.run("evaluate", _evaluate, asked, call)


def _evaluation(
    place: Showcase, asked: EvaluateRequest, fits: Fits
) -> Generator[Progress, None, tuple[Row, ...]]:
    return evaluate_all(
        place.models,
        fits,
        tuple(dict.fromkeys(asked.recommenders)),
        k=asked.k,
        split=asked.split,
        seed=asked.seed,
        wishes=Wishes(asked.k, asked.diversity, asked.novelty),
        weights=asked.weights,
        max_users=MAX_EVALUATED_USERS,
    )


def _evaluate(place: Showcase, asked: EvaluateRequest, call: Call) -> EvaluateResponse:
    started_s, patience_s = time.perf_counter(), place.limits.deadline_s
    fits = shop_of(place.belongings, asked.dataset)
    with _turn(place.belongings, call):
        rows = outcome_within(
            _evaluation(place, asked, fits), patience_s, lambda: _still_measuring(patience_s)
        )
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return evaluate_response(asked, fits.dataset, rows, call, elapsed_ms=elapsed_ms)


def _streamed(asked: EvaluateRequest, call: Call, place: Showcase) -> events.Steps:
    started_s = time.perf_counter()
    fits = shop_of(place.belongings, asked.dataset)
    with _turn(place.belongings, call):
        rows = yield from told(_evaluation(place, asked, fits))
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    answer = evaluate_response(asked, fits.dataset, rows, call, elapsed_ms=elapsed_ms)
    yield "done", answer.model_dump(mode="json")


class _Running:
    """The evaluations that run now, by who asked for them."""

    def __init__(self) -> None:
        self._callers: list[str] = []
        self._lock = Lock()

    @contextmanager
    def one_more(self, caller: str) -> Iterator[None]:
        """A place for as long as it runs; one caller alone has half of them, since a stream may run for long.

        Raises OverloadedError when there is none.
        """
        with self._lock:
            own, taken = self._callers.count(caller), len(self._callers)
            if not has_room(own=own, taken=taken, limit=MAX_EVALUATIONS, caller=caller):
                message = N_("{count} evaluations are running already. Try again in a minute.")
                raise OverloadedError(message, count=taken, seconds=60)
            self._callers.append(caller)
        try:
            yield
        finally:
            with self._lock:
                self._callers.remove(caller)


def _turn(belongings: Belongings, call: Call) -> AbstractContextManager[None]:
    return belongings.shared(_KEY, _Running).one_more(call.visitor.caller)


def _still_measuring(seconds: float) -> DeadlineError:
    message = N_(
        "Measuring takes longer than {seconds} s. Ask for a stream, which may take its time, or for fewer recommenders."
    )
    return DeadlineError(message, seconds=round(seconds))
