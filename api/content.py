"""Content generation for programs: a brief in, checked variants out, one by one or many at once."""

import time
from contextlib import closing
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile
from fastapi.responses import StreamingResponse

from api import events
from api.calls import CallDep
from api.content_replies import batch_response, generate_response
from api.content_schemas import BatchResponse, GenerateRequest, GenerateResponse
from api.documented import errors
from api.schemas import Text
from core import visits
from core.deadlines import Deadline
from core.errors import DemoError
from core.scenarios.content.batch_jobs import BatchJob, batch_desk
from core.scenarios.content.brief_file import read_briefs
from core.scenarios.content.variants import Writing, tokens_for, write_variants
from core.showcase import Showcase
from core.types import GenerationOptions

# A handful of briefs is done in this time; whoever brings more asks on.
BATCH_S = 15.0

router = APIRouter(prefix="/content", tags=["content generation"])
EVENTS = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
File_ = Annotated[
    UploadFile,
    File(
        description="CSV: product, and if you like facts, audience, channel, tone, max_words, language, must_say, "
        'must_not_say; several in one cell are separated by ";". At most 200 rows and 2 MB.'
    ),
]


@router.post(
    "/generate",
    summary="Write variants of a text",
    responses=errors(400, 404, 413, 503, 504) | EVENTS,
    response_model=GenerateResponse,
)
async def generate(asked: GenerateRequest, call: CallDep) -> GenerateResponse | StreamingResponse:
    """Write 1 to 4 variants at the same time, and check each against the brief.

    With `"stream": true` the answer is a stream of server-sent events: `piece` with `{"variant", "text"}` as the
    text grows, then `done` with all that is said here, or `error`. Closing the connection stops the model.
    """
    about = (asked, call.visitor.request_id, call.language)
    if asked.stream:
        return await events.stream(call, "generate", partial(_streamed, *about))
    return await call.run("generate", _generate, *about)


@router.post(
    "/batches",
    summary="Write a text for each row of a table",
    responses=errors(400, 404, 413, 503, 504)
    | {202: {"model": BatchResponse, "description": "Not done yet."}},
    form_limits={"max_files": 1, "max_fields": 8},
)
async def begin_batch(
    file: File_,
    call: CallDep,
    response: Response,
    seed: Annotated[int, Form(description="Row i is drawn with seed + i.")] = 0,
    temperature: Annotated[float, Form(allow_inf_nan=False)] = GenerationOptions.temperature,
    model: Annotated[
        Text | None, Form(description="An id from GET /api/models with the role writer.")
    ] = None,
) -> BatchResponse:
    """200 with all results where they come soon; else 202 with an id to ask for the rest."""
    options = GenerationOptions(seed=seed, temperature=temperature)
    begin = partial(_begin_batch, file=file, options=options, model_id=model, call=call)
    batch = await call.run("content-batch", begin)
    response.status_code = 202 if batch.state == "running" else 200
    return batch


@router.get("/batches/{batch_id}", summary="How far a batch is", responses=errors(404, 503, 504))
async def look_at_batch(batch_id: str, call: CallDep) -> BatchResponse:
    """The results so far."""
    return await call.run("content-batch-look", _look, batch_id, call.language)


@router.delete("/batches/{batch_id}", summary="Cancel a batch", responses=errors(404, 503, 504))
async def cancel_batch(batch_id: str, call: CallDep) -> BatchResponse:
    """Stop writing, and forget the batch; what was written comes back once more."""
    return await call.run("content-batch-cancel", _cancel, batch_id, call.language)


def _writing(place: Showcase, asked: GenerateRequest) -> Writing:
    brief = asked.brief()
    options = GenerationOptions(
        max_new_tokens=tokens_for(brief) if asked.max_new_tokens is None else asked.max_new_tokens,
        temperature=asked.temperature,
        top_p=asked.top_p,
        seed=asked.seed,
    )
    return write_variants(place.models, brief, options, asked.variants, model_id=asked.model, like=asked.like)


def _generate(place: Showcase, asked: GenerateRequest, request_id: str, language: str) -> GenerateResponse:
    started_s, variants = time.perf_counter(), ()
    for step in Deadline(place.limits.deadline_s).steps(_writing(place, asked)):
        variants = step.variants
    return generate_response(variants, request_id, language, 1000 * (time.perf_counter() - started_s))


def _streamed(asked: GenerateRequest, request_id: str, language: str, place: Showcase) -> events.Steps:
    started_s, variants = time.perf_counter(), ()
    with closing(_writing(place, asked)) as steps:
        for step in steps:
            variants = step.variants
            yield from (("piece", {"variant": piece.number, "text": piece.text}) for piece in step.pieces)
            yield None
    answer = generate_response(variants, request_id, language, 1000 * (time.perf_counter() - started_s))
    yield "done", answer.model_dump(mode="json")


def _begin_batch(
    place: Showcase, *, file: UploadFile, options: GenerationOptions, model_id: str | None, call: CallDep
) -> BatchResponse:
    with call.calls.reading:
        rows = read_briefs(file.file.read())
    job = batch_desk(place.belongings).start(place.models, rows, options, model_id)
    batch_id = _kept(place, job, call.visitor.caller)
    job.wait(min(BATCH_S, place.limits.deadline_s / 2))
    if visits.current().given_up.is_set():
        # Nobody will ever know its id.
        _cancel(place, batch_id, call.language)
    try:
        return batch_response(batch_id, job, call.language)
    except DemoError:
        place.belongings.drop(batch_id)
        raise


def _kept(place: Showcase, job: BatchJob, owner: str) -> str:
    try:
        return place.belongings.keep(job, owner=owner, rows=job.step.progress.total)
    except DemoError:
        job.cancelled.set()
        raise


def _look(place: Showcase, batch_id: str, language: str) -> BatchResponse:
    return batch_response(batch_id, place.belongings.get(batch_id, BatchJob), language)


def _cancel(place: Showcase, batch_id: str, language: str) -> BatchResponse:
    job = place.belongings.get(batch_id, BatchJob)
    job.cancelled.set()
    place.belongings.drop(batch_id)
    return batch_response(batch_id, job, language)
