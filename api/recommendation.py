"""Recommendation for programs: bring a data set, ask for lists with reasons."""

import time
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from api import recommendation_reading as reading
from api.calls import Call, CallDep
from api.documented import errors
from api.recommendation_reading import NotReadyError
from api.recommendation_replies import being_read, dataset_response, recommend_response
from api.recommendation_schemas import DatasetResponse, RecommendRequest, RecommendResponse
from api.recommendation_waiting import outcome_within
from core.errors import N_, InvalidInputError
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.reading import read_dataset
from core.scenarios.recommendation.recommending import Request, Wishes, recommend
from core.showcase import Showcase

# A million interactions are read in this time; who brings more asks on and is told how far it is.
READING_S = 15.0
# The same for fitting: a few thousand items.
FITTING_S = 20.0

router = APIRouter(prefix="/recommendation", tags=["recommendation"])
Interactions = Annotated[
    UploadFile,
    File(
        description="CSV with a header line: user, item, and if you like rating, timestamp. A row per event."
    ),
]
Items = Annotated[
    UploadFile | None,
    File(description="CSV with a header line: item, title, and if you like description, category, image."),
]
MinRating = Annotated[
    float | None, Form(allow_inf_nan=False, description="Rows with a lower rating don't count.")
]


@router.post(
    "/datasets",
    summary="Bring a data set",
    responses=errors(400, 413, 503, 504)
    | {202: {"model": DatasetResponse, "description": "Still being read; ask on under the id."}},
    form_limits={"max_files": 2, "max_fields": 8},
)
async def bring_dataset(
    interactions: Interactions,
    call: CallDep,
    response: Response,
    items: Items = None,
    min_rating: MinRating = None,
) -> DatasetResponse:
    """Read the files and keep them for 24 hours after the last use; a file that cannot be used changes nothing.

    200 with the counts where that is soon done; else 202 with an id that is good for everything once it is.
    """
    files = {"interactions": interactions, "items": items}
    brought = await call.run("dataset", _bring, files, min_rating, call)
    response.status_code = 202 if brought.state == "reading" else 200
    return brought


@router.get("/datasets/{dataset_id}", summary="How far a data set is", responses=errors(404, 503, 504))
async def look_at_dataset(dataset_id: str, call: CallDep) -> DatasetResponse:
    """Its counts, and which recommenders are fitted. `sample` is the synthetic sample.

    Where the files turned out not to be usable, the error that says why.
    """
    return await call.run("dataset-look", _look, dataset_id, call)


@router.delete(
    "/datasets/{dataset_id}",
    summary="Forget a data set",
    status_code=204,
    responses=errors(404, 503, 504),
)
async def drop_dataset(dataset_id: str, call: CallDep) -> None:
    """At once, with all that was learned from it."""
    await call.run("dataset-drop", _drop, dataset_id)


@router.post(
    "/recommend", summary="Recommend for a user or a history", responses=errors(400, 404, 413, 503, 504)
)
async def recommend_items(asked: RecommendRequest, call: CallDep) -> RecommendResponse:
    """A list with the reasons: the terms of each item add up to its score.

    503 with Retry-After while the recommender is being fitted, which goes on in the background.
    """
    return await call.run("recommend", _recommend, asked, call)


def _bring(
    place: Showcase, files: dict[str, UploadFile | None], min_rating: float | None, call: Call
) -> DatasetResponse:
    owner = call.visitor.caller
    content = {name: file.file.read() if file else None for name, file in files.items()}
    name = files["interactions"].filename or ""
    begun = reading.readings(place.belongings).begin(
        read_dataset(content["interactions"], content["items"], name=name, min_rating=min_rating),
        owner=owner,
        turns=place.limits.reading,
    )
    begun.wait(min(READING_S, place.limits.deadline_s / 2))
    dataset_id = begun.dataset_id(place.belongings)
    if dataset_id is not None:
        return dataset_response(dataset_id, reading.shop_of(place.belongings, dataset_id), call)
    size_bytes = sum(len(each) for each in content.values() if each)
    reading_id = reading.keep_reading(place.belongings, begun, owner=owner, size_bytes=size_bytes)
    return being_read(reading_id, begun.progress, call)


def _look(place: Showcase, dataset_id: str, call: Call) -> DatasetResponse:
    begun = reading.reading_of(place.belongings, dataset_id)
    if begun and begun.dataset_id(place.belongings) is None:
        return being_read(dataset_id, begun.progress, call)
    return dataset_response(dataset_id, reading.shop_of(place.belongings, dataset_id), call)


def _drop(place: Showcase, dataset_id: str) -> None:
    reading.drop(place.belongings, dataset_id)


def _recommend(place: Showcase, asked: RecommendRequest, call: Call) -> RecommendResponse:
    started_s = time.perf_counter()
    fits = reading.shop_of(place.belongings, asked.dataset)
    request = Request(
        asked.recommender,
        _history(fits.dataset, asked),
        Wishes(asked.k, asked.diversity, asked.novelty),
        tuple(asked.exclude),
        asked.weights,
    )
    patience_s = min(FITTING_S, place.limits.deadline_s / 2)
    recommended = outcome_within(
        recommend(place.models, fits, request), patience_s, lambda: _still_fitting(asked.recommender)
    )
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return recommend_response(place.models, asked, fits, recommended, call, elapsed_ms=elapsed_ms)


def _history(dataset: Dataset, asked: RecommendRequest) -> tuple[str, ...]:
    if asked.user is None:
        return tuple(asked.history)
    if asked.history:
        raise InvalidInputError(N_("Send a user or a history, not both: a user has a history already."))
    return dataset.history_of(asked.user)


def _still_fitting(name: str) -> NotReadyError:
    message = N_(
        "The recommender {name} is still learning from the data set. Ask again in a moment; nothing is lost."
    )
    return NotReadyError(message, name=name)
