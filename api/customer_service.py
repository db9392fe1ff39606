"""Customer service for programs: bring a knowledge base, ask it questions."""

from dataclasses import replace
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, File, UploadFile

from api.calls import CallDep
from api.customer_service_schemas import AnswerRequest, AnswerResponse, KnowledgeBaseResponse, Passage
from api.documented import errors
from core.belongings import LIFETIME_S
from core.errors import DemoError
from core.scenarios.customer_service import phrasing
from core.scenarios.customer_service.answering import Question, Reply, answer
from core.scenarios.customer_service.documents import read_entries
from core.scenarios.customer_service.index import Match
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.sample import knowledge_base
from core.showcase import Showcase
from core.streaming import outcome_of

# Some thousand questions are indexed in this time; who brings more asks on and is told how far it is.
INDEXING_S = 25.0

router = APIRouter(prefix="/customer-service", tags=["customer service"])
File_ = Annotated[
    UploadFile,
    File(
        description="CSV or TSV (question, answer[, language, topic]), Markdown, text or PDF; 30 MB at most."
    ),
]


@router.post(
    "/knowledge-bases",
    summary="Bring a knowledge base",
    responses=errors(400, 413, 503, 504),
    form_limits={"max_files": 1, "max_fields": 8},
)
async def bring_knowledge_base(file: File_, call: CallDep) -> KnowledgeBaseResponse:
    """Read a file, keep it for 24 hours and begin to index it; a file that cannot be used changes nothing."""
    work = (file, call.visitor.caller, call.calls.reading)
    return await call.run("knowledge-base", _bring, *work)


@router.post("/answer", summary="Ask a question", responses=errors(400, 404, 413, 503, 504))
async def answer_question(asked: AnswerRequest, call: CallDep) -> AnswerResponse:
    """Find the passage that answers the question; answer, ask back, or hand over."""
    return await call.run("answer", _answer, asked, call.visitor.request_id)


def _bring(place: Showcase, file: UploadFile, owner: str, reading: BoundedSemaphore) -> KnowledgeBaseResponse:
    with reading:
        name = file.filename or ""
        brought = KnowledgeBase(name, read_entries(name, file.file.read()))
    knowledge_base_id = place.belongings.keep(brought, owner=owner, rows=brought.rows)
    try:
        building = brought.prepare(place.models)
        building.ended.wait(min(INDEXING_S, place.limits.deadline_s / 2))
        if building.error:
            raise building.error
    except DemoError:
        place.belongings.drop(knowledge_base_id)
        raise
    return KnowledgeBaseResponse(
        id=knowledge_base_id,
        entries=len(brought.entries),
        questions=sum(len(entry.questions) for entry in brought.entries),
        indexed=building.index is not None,
        expires_in_s=LIFETIME_S,
    )


def _answer(place: Showcase, asked: AnswerRequest, request_id: str) -> AnswerResponse:
    question = Question(
        asked.question,
        language=asked.language,
        history=asked.questions_before(),
        threshold=asked.threshold,
    )
    reply = answer(place.models, knowledge_base(place.belongings, asked.knowledge_base), question)
    writer = phrasing.writer_for(place.models, reply) if asked.phrase else None
    if writer:
        reply = replace(reply, phrasing=outcome_of(phrasing.phrase(place.models, writer, reply)))
    return _response(reply, request_id)


def _response(reply: Reply, request_id: str) -> AnswerResponse:
    return AnswerResponse(
        decision=reply.decision,
        answer=reply.answer,
        phrased_by=reply.phrasing.model.model_id if reply.is_phrased else None,
        passages=[_passage(match) for match in reply.matches],
        model=reply.model.model_id,
        tier=reply.model.tier,
        device=reply.model.device,
        elapsed_ms=round(reply.model.elapsed_ms, 3),
        threshold=reply.policy.threshold,
        language=reply.language,
        request_id=request_id,
    )


def _passage(match: Match) -> Passage:
    entry = match.entry
    return Passage(
        entry_id=entry.entry_id,
        question=entry.questions[0] if entry.questions else "",
        answer=entry.answer,
        score=match.score,
        span=match.span,
        language=entry.language,
        topic=entry.topic,
    )
