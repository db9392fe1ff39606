"""The models: what there is and in which state; loading and unloading for the operator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.security import HTTPBearer

from api.calls import CallDep
from api.documented import errors
from api.failures import Refusal
from api.schemas import Loaded, ModelResponse
from core import locales
from core.errors import N_, NotFoundError
from core.loading import ModelStatus
from core.showcase import Showcase

ModelId = Annotated[str, Path(description="As in GET /api/models.", examples=["minilm"])]
# Only for the document's "Authorize": calls.run_as_operator checks.
operator_only = Depends(HTTPBearer(auto_error=False, description="VITRINE_OPERATOR_TOKEN"))

router = APIRouter(prefix="/models", tags=["models"])


@router.get("", summary="All models with their state", responses=errors())
async def list_models(call: CallDep) -> list[ModelResponse]:
    return await call.run("models", _list, call.language)


@router.get("/{model_id}", summary="One model with its state", responses=errors(404))
async def show_model(model_id: ModelId, call: CallDep) -> ModelResponse:
    return await call.run("models", _show, model_id, call.language)


@router.post(
    "/{model_id}/load",
    summary="Load a model and let it serve its roles",
    status_code=202,
    responses=errors(401, 403, 404),
    dependencies=[operator_only],
)
async def load_model(model_id: ModelId, call: CallDep) -> ModelResponse:
    """Begin loading (and downloading, where the weights are not here); GET the model to see how far it is."""
    return await call.run_as_operator("load", _load, model_id, call.language)


@router.post(
    "/{model_id}/unload",
    summary="Free a model's memory",
    responses=errors(401, 403, 404, 409),
    dependencies=[operator_only],
)
async def unload_model(model_id: ModelId, call: CallDep) -> ModelResponse:
    return await call.run_as_operator("unload", _unload, model_id, call.language)


def _list(place: Showcase, language: str) -> list[ModelResponse]:
    return [_response(status, language) for status in place.models.status()]


def _show(place: Showcase, model_id: str, language: str) -> ModelResponse:
    return _response(_status(place, model_id), language)


def _load(place: Showcase, model_id: str, language: str) -> ModelResponse:
    _status(place, model_id)
    place.store.audit("model_load", model_id)
    place.models.choose(model_id)
    return _show(place, model_id, language)


def _unload(place: Showcase, model_id: str, language: str) -> ModelResponse:
    was_loaded = _status(place, model_id).state == "ready"
    place.store.audit("model_unload", model_id)
    if not place.models.unload(model_id) and was_loaded:
        message = N_("{model} is answering somebody right now. Try again in a moment.")
        raise Refusal(409, "model_in_use", message, model=model_id)
    return _show(place, model_id, language)


def _status(place: Showcase, model_id: str) -> ModelStatus:
    for status in place.models.status():
        if status.spec.model_id == model_id:
            return status
    raise NotFoundError(N_("There is no model {model}. GET /api/models lists them."), model=model_id[:100])


def _response(status: ModelStatus, language: str) -> ModelResponse:
    spec, progress = status.spec, status.progress
    return ModelResponse(
        id=spec.model_id,
        title=spec.title,
        roles=list(spec.roles),
        tier=spec.tier,
        license=spec.license,
        languages=list(spec.languages),
        size_mb=spec.size_mb,
        state=status.state,
        is_local=status.is_local,
        device=status.device,
        memory_mb=status.memory_mb,
        load_s=status.load_s,
        queue_size=status.queue_size,
        progress=Loaded(done=progress.done, total=progress.total, unit=progress.unit) if progress else None,
        error=locales.translate_error(status.error, language) if status.error else None,
    )
