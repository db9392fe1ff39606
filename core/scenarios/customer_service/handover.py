"""What a person who takes over receives: the conversation so far, redacted, and what was tried."""

import json
from dataclasses import asdict, dataclass

from core.redaction import redact
from core.scenarios.customer_service.answering import Reply
from core.scenarios.customer_service.index import Match
from core.scenarios.customer_service.policy import Decision

# A person reads the beginning; more than this is in the transcript.
SUMMARY_CHARS = 280


@dataclass(frozen=True)
class SourceTried:
    entry_id: str
    question: str
    score: float


@dataclass(frozen=True)
class HandoverPacket:
    """The packet that a human agent receives; all texts are free of personal data."""

    summary: str
    intent: str
    language: str
    transcript: tuple[str, ...]
    sources_tried: tuple[SourceTried, ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


def handover_packet(replies: list[Reply]) -> HandoverPacket:
    """The packet for a conversation of at least one reply, the last of which is to be handed over.

    The summary is extracted (the questions that got no answer), not written by a model; the intent is the
    topic of the nearest entry.
    """
    last = replies[-1]
    open_questions = [reply.question.text for reply in replies if reply.decision is not Decision.ANSWER]
    return HandoverPacket(
        summary=redact(" / ".join(open_questions or [last.question.text]))[:SUMMARY_CHARS],
        intent=last.best.entry.topic if last.best else "",
        language=last.language,
        transcript=tuple(line for reply in replies for line in _lines(reply)),
        sources_tried=tuple(_source(match) for reply in replies for match in reply.matches[:3]),
    )


def _lines(reply: Reply) -> list[str]:
    said = reply.answer or f"[{reply.decision.value}]"
    return [f"visitor: {redact(reply.question.text)}", f"assistant: {redact(said)}"]


def _source(match: Match) -> SourceTried:
    return SourceTried(match.entry.entry_id, redact(match.entry.title), round(match.score, 4))
