"""What goes in and out of customer service and feedback, as it stands in the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Received, Text
from core.scenarios.customer_service.policy import Decision
from core.types import Tier

# The last question before this one is what counts; a longer history is the caller's own record.
MAX_HISTORY = 50
# As long as the longest answer of a knowledge base.
MAX_FEEDBACK_CHARS = 8000


class Turn(Received):
    role: Literal["user", "assistant", "system"]
    content: Text


class AnswerRequest(Received):
    model_config = ConfigDict(
        json_schema_extra={"example": {"question": "My parcel still has not turned up, what now?"}}
    )

    question: Text = Field(
        description="At most 1,000 characters.", examples=["My parcel still has not turned up, what now?"]
    )
    knowledge_base: Text | None = Field(
        None, description="An id from POST /api/customer-service/knowledge-bases; without it, the sample one."
    )
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = Field(
        None, description="Answer from this score on; without it, the calibrated threshold.", examples=[0.5]
    )
    language: Literal["en", "zh"] | None = Field(
        None, description="Passages in this language come first; without it, the language of the question."
    )
    history: list[Text | Turn] = Field(
        default_factory=list,
        max_length=MAX_HISTORY,
        description="What was said before, oldest first: questions, or turns with role and content.",
        examples=[["Hello, I ordered a lamp last week"]],
    )
    phrase: bool = Field(
        False,
        description="Let the writer model phrase the answer from the cited passages, where it is no starter.",
    )

    def questions_before(self) -> tuple[str, ...]:
        """The visitor's side of the history."""
        turns = [Turn(role="user", content=turn) if isinstance(turn, str) else turn for turn in self.history]
        return tuple(turn.content for turn in turns if turn.role == "user")


class Passage(BaseModel):
    entry_id: str
    question: str = Field(description="The entry's first question; empty for running text.")
    answer: str
    score: float = Field(description="0 to 1; comparable with the threshold.")
    span: tuple[int, int] | None = Field(
        description="Start and end of the sentence of `answer` that fits best, in characters."
    )
    language: str
    topic: str


PASSAGE_EXAMPLE = {
    "entry_id": "shipping-track",
    "question": "Where is my parcel right now?",
    "answer": "The dispatch email contains a tracking link; the same link is under Orders in your account.",
    "score": 0.83,
    "span": [0, 93],
    "language": "en",
    "topic": "shipping",
}
ANSWER_EXAMPLE = {
    "decision": "answer",
    "answer": PASSAGE_EXAMPLE["answer"],
    "passages": [PASSAGE_EXAMPLE],
    "model": "minilm",
    "tier": "starter",
    "device": "CPU",
    "elapsed_ms": 9.4,
    "threshold": 0.5,
    "language": "en",
    "request_id": "6f3999db0aa44c57",
}


class AnswerResponse(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": ANSWER_EXAMPLE})

    decision: Decision
    answer: str | None = Field(
        description="Word for word from the first passage unless `phrased_by` is set; null unless answered."
    )
    phrased_by: str | None = Field(
        None, description="The writer whose words they are, each sentence of them compared with the passages."
    )
    passages: list[Passage] = Field(description="The best entries, best first.")
    model: str
    tier: Tier
    device: str
    elapsed_ms: float
    threshold: float
    language: str = Field(description="en or zh: as asked for, or as recognised.")
    request_id: str


class FeedbackRequest(Received):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "demo": "customer-service",
                "kind": "thumb",
                "rating": 1,
                "question": "Where is my parcel?",
                "answer": "The dispatch email contains a tracking link.",
                "reason": "Exactly what I needed",
            }
        }
    )

    demo: Text = Field(max_length=64, examples=["customer-service"])
    kind: Literal["thumb", "csat", "correction"] = "thumb"
    rating: int | None = Field(
        None, ge=0, le=5, description="A thumb is 0 or 1, satisfaction (csat) 1 to 5.", examples=[1]
    )
    question: Text = Field("", max_length=MAX_FEEDBACK_CHARS)
    answer: Text = Field("", max_length=MAX_FEEDBACK_CHARS)
    model: Text = Field("", max_length=100)
    reason: Text = Field("", max_length=MAX_FEEDBACK_CHARS, examples=["Exactly what I needed"])
    correction: Text = Field("", max_length=MAX_FEEDBACK_CHARS, description="A better answer.")


class FeedbackResponse(BaseModel):
    id: int


class KnowledgeBaseResponse(BaseModel):
    id: str = Field(
        description="Unguessable; whoever has it may use it. It expires 24 hours after its last use."
    )
    entries: int = Field(description="Rows with the same answer and language are one entry.")
    questions: int
    indexed: bool = Field(description="False: it is being read; an answer waits, or gives 503 with progress.")
    expires_in_s: int
