"""Image classification for programs: pictures in, labels out; and classes taught by a few pictures each."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from api import images_reading
from api.calls import Call, CallDep
from api.documented import errors
from api.images_replies import classes_response, classify_response, file_out
from api.images_schemas import ClassesResponse, ClassifyResponse
from api.schemas import Text
from core.belongings import rows_of
from core.deadlines import Deadline
from core.errors import N_, InvalidInputError
from core.limits import MAX_EXPLAINED, MAX_OWN_LABELS, MAX_PICTURES, MAX_TOP_K
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images.classify import Classifier, Seen, classify, explain
from core.scenarios.images.models import needed_px, pick_model
from core.scenarios.images.results import Classified
from core.scenarios.images.taught import Taught
from core.scenarios.images.teaching import teach
from core.showcase import Showcase
from core.streaming import outcome_of

router = APIRouter(prefix="/images", tags=["image classification"])
# The file and a label each.
FORM = {"max_files": MAX_PICTURES + 1, "max_fields": MAX_PICTURES + MAX_OWN_LABELS}
Files = Annotated[
    list[UploadFile],
    File(
        description=f"JPEG, PNG, WebP, GIF, BMP, or zips of these; at most {MAX_PICTURES} pictures, 20 MB each."
    ),
]
Model = Annotated[Text | None, Form(description="An id from GET /api/models with a role for images.")]
Labels = Annotated[
    list[Text],
    Form(
        description=f"What to choose from, 2 to {MAX_OWN_LABELS}, repeated or separated by commas: for models that "
        "take labels."
    ),
]


@dataclass(frozen=True)
class _Wish:
    """What is asked about the files."""

    top_k: int
    labels: tuple[str, ...]
    model: str | None
    classes: str | None
    saliency: bool


@router.post(
    "/classify",
    summary="Say what is in pictures",
    responses=errors(400, 404, 413, 503, 504),
    response_model_exclude_none=True,
    form_limits=FORM,
)
async def classify_pictures(
    files: Files,
    call: CallDep,
    top_k: Annotated[int, Form(ge=1, le=MAX_TOP_K)] = 5,
    labels: Labels = [],  # noqa: B006 - FastAPI copies it
    model: Model = None,
    classes: Annotated[Text | None, Form(description="An id from POST /api/images/classes.")] = None,
    saliency: Annotated[
        bool, Form(description=f"Also say where the model looked; for {MAX_EXPLAINED} pictures at most.")
    ] = False,
) -> ClassifyResponse:
    """Labels with their scores, and whether the model knows such pictures at all. A bad file has an `error`."""
    wish = _Wish(top_k, images_reading.split(labels), model, classes, saliency)
    return await call.run("classify", _classify, files, wish, call)


@router.post(
    "/classes",
    summary="Teach classes of your own",
    responses=errors(400, 404, 413, 503, 504),
    form_limits=FORM,
)
async def teach_classes(
    files: Files,
    call: CallDep,
    labels: Annotated[
        list[Text],
        Form(
            description="The class of each file, in order. Without them each file's folder is its class: files named "
            "cup/1.jpg, or a zip with a folder for each class."
        ),
    ] = [],  # noqa: B006 - FastAPI copies it
    model: Model = None,
) -> ClassesResponse:
    """Learn from a few pictures of each class; five are a good beginning. Kept for 24 hours after the last use."""
    return await call.run("teach", _teach, files, labels, model, call)


def _classify(place: Showcase, files: Sequence[UploadFile], wish: _Wish, call: Call) -> ClassifyResponse:
    started_s, deadline = time.perf_counter(), Deadline(place.limits.deadline_s)
    classifier = _classifier(place, wish)
    pictures: Iterable[Picture | Refused] = images_reading.read(
        files,
        reading=call.calls.reading,
        deadline=deadline,
        needed_px=needed_px(place.models, classifier.spec),
    )
    explained: dict[int, Picture] = {}
    if wish.saliency:
        pictures = images_reading.few(pictures)
        explained = {number: each for number, each in enumerate(pictures) if isinstance(each, Picture)}
    seen: list[Seen] = []
    for step in deadline.steps(classify(place.models, classifier, pictures)):
        seen += step
    found = next((each for each in seen if isinstance(each, Classified)), None)
    if found is None:
        raise images_reading.none_usable([each for each in seen if isinstance(each, Refused)])
    out = []
    for number, each in enumerate(seen):
        reason = explain(place.models, classifier, explained[number]) if number in explained else None
        out.append(file_out(each, top_k=wish.top_k, language=call.language, explanation=reason))
        deadline.check()
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return classify_response(out, found, call.visitor.request_id, elapsed_ms)


def _classifier(place: Showcase, wish: _Wish) -> Classifier:
    if wish.classes is None:
        spec = pick_model(place.models, wish.model, own_labels=bool(wish.labels))
        return Classifier(spec, wish.labels)
    if wish.labels or wish.model:
        raise InvalidInputError(N_("Taught classes have their own model and labels. Leave out both fields."))
    taught = place.belongings.get(wish.classes, Taught)
    return Classifier(pick_model(place.models, taught.model_id), taught=taught)


def _teach(
    place: Showcase, files: Sequence[UploadFile], labels: Sequence[str], model: str | None, call: Call
) -> ClassesResponse:
    if labels and len(labels) != len(files):
        message = N_(
            "Send one label for each file ({labels} labels came with {files} files), or none at all."
        )
        raise InvalidInputError(message, labels=len(labels), files=len(files))
    spec, refused = pick_model(place.models, model), list[Refused]()
    deadline, reading = Deadline(place.limits.deadline_s), call.calls.reading
    needed = needed_px(place.models, spec)
    examples = images_reading.named(
        files, labels, refused, reading=reading, deadline=deadline, needed_px=needed
    )
    try:
        taught = outcome_of(deadline.steps(teach(place.models, spec, examples, total=len(files))))
    except InvalidInputError:
        if len(refused) == len(files):
            raise images_reading.none_usable(refused) from None
        raise
    rows = rows_of(taught.size_bytes)
    classes_id = place.belongings.keep(taught, owner=call.visitor.caller, rows=rows)
    return classes_response(classes_id, taught, refused, call.visitor.request_id, call.language)
