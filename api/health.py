"""Whether the process lives, is ready, and can really answer; and its metrics. Not limited, not logged."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.calls import Calls
from api.documented import errors
from api.failures import Refusal
from api.schemas import CanaryCheck, CanaryResponse, Liveness, Readiness, RoleHealth
from core import demos
from core.errors import N_, DemoError
from core.scenarios.customer_service.answering import Question, answer
from core.scenarios.customer_service.sample import sample_knowledge_base
from core.showcase import Showcase

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="Is the process there?")
async def live() -> Liveness:
    return Liveness()


@router.get(
    "/health/ready",
    summary="Are the models loaded?",
    responses={503: {"model": Readiness, "description": "Not yet."}},
    response_model=Readiness,
)
async def ready(request: Request) -> JSONResponse:
    """200 once the warm-up is over and every model that a demo needs is loaded, or had to make room and comes back."""
    calls: Calls = request.app.state.calls
    readiness = await calls.look(_readiness)
    return JSONResponse(readiness.model_dump(), 200 if readiness.ready else 503)


@router.get("/health/canary", summary="Does a question get its answer?", responses=errors(503, 504))
async def canary(request: Request) -> CanaryResponse:
    """Ask the sample knowledge base one question per language; callers at the same time share one answer."""
    state = request.app.state
    running: asyncio.Future | None = getattr(state, "canary", None)
    if running is None or running.done():
        running = state.canary = asyncio.ensure_future(state.calls.look(_ask_sample))
    return await asyncio.shield(running)


@router.get("/metrics", summary="Counts and times for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    calls: Calls = request.app.state.calls
    return Response(await calls.look(lambda place: place.metrics.exposition()), media_type=METRICS_TYPE)


def _readiness(place: Showcase) -> Readiness:
    roles = [_role_health(place, role) for role in demos.roles()]
    is_off = not place.settings.warm_up
    is_over = is_off or place.ready.is_set()
    warm_up = "off" if is_off else "over" if is_over else "running"
    # One that is not loaded once all is done will be at the first question: it is at hand, or made room for others.
    is_ready = is_over and all(role.state in ("ready", "unloaded") for role in roles)
    return Readiness(ready=is_ready, warm_up=warm_up, roles=roles)


def _role_health(place: Showcase, role: str) -> RoleHealth:
    try:
        status = place.models.role_status(role)
    except DemoError as error:
        return RoleHealth(role=role, model=None, state="unavailable", error=str(error))
    error = str(status.error) if status.error else None
    return RoleHealth(role=role, model=status.spec.model_id, state=status.state, error=error)


def _ask_sample(place: Showcase) -> CanaryResponse:
    """Each language's first example question must find its own entry. Raises Refusal (503) otherwise."""
    knowledge_base = sample_knowledge_base(place.belongings)
    first = {entry.language: entry for entry in reversed(knowledge_base.entries) if entry.questions}
    checks = []
    for language, entry in sorted(first.items()):
        reply = answer(place.models, knowledge_base, Question(entry.questions[0]))
        if reply.best is None or reply.best.entry.entry_id != entry.entry_id:
            message = N_("The question {question} did not find its own entry. Reload the models.")
            raise Refusal(503, "canary_failed", message, question=entry.questions[0])
        checks.append(
            CanaryCheck(
                language=language,
                question=entry.questions[0],
                model=reply.model.model_id,
                score=reply.best.score,
                elapsed_ms=reply.model.elapsed_ms,
            )
        )
    return CanaryResponse(checks=checks)
