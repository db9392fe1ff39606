"""From a question to a reply: embed, search, decide."""

import time
from dataclasses import dataclass, replace

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.language import language_of
from core.limits import MAX_QUESTION_CHARS
from core.pool import ModelPool
from core.scenarios.customer_service.index import Match
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.policy import Decision, Policy
from core.scenarios.embedding import embed, role_for
from core.types import ModelUse

# Entries shown: enough to see what else was close.
PASSAGES = 5
# Choices in "did you mean": more than three is a list, not a question.
CHOICES = 3


@dataclass(frozen=True)
class Question:
    """What a visitor asks; `history` are the questions asked before, oldest first."""

    text: str
    language: str | None = None
    history: tuple[str, ...] = ()
    threshold: float | None = None


@dataclass(frozen=True)
class Phrasing:
    """An answer in a writer's words, and which of its sentences no passage says."""

    text: str
    unsupported: tuple[str, ...]
    model: ModelUse

    @property
    def is_faithful(self) -> bool:
        return bool(self.text) and not self.unsupported


@dataclass(frozen=True)
class Reply:
    """The decision, with everything that led to it."""

    question: Question
    language: str
    decision: Decision
    policy: Policy
    matches: tuple[Match, ...]
    model: ModelUse
    phrasing: Phrasing | None = None
    """What a writer made of the passages, where one was asked to."""

    @property
    def best(self) -> Match | None:
        return self.matches[0] if self.matches else None

    @property
    def answer(self) -> str | None:
        """Where the decision is to answer: the writer's words if the passages say them all, else the passage itself."""
        if self.best is None or self.decision is not Decision.ANSWER:
            return None
        return self.phrasing.text if self.is_phrased else self.best.entry.answer

    @property
    def is_phrased(self) -> bool:
        """Whether the answer is in a writer's words."""
        return self.phrasing is not None and self.phrasing.is_faithful

    @property
    def choices(self) -> tuple[Match, ...]:
        """What to offer as "did you mean", where the decision is to ask back: the best, and what else is likely."""
        if self.decision is not Decision.ASK_BACK:
            return ()
        likely = [match for match in self.matches[1:CHOICES] if match.score >= self.policy.floor]
        return (self.matches[0], *likely)

    def at(self, threshold: float) -> "Reply":
        """The same question decided again at another threshold, without asking the model."""
        policy = self.policy.at(threshold)
        return replace(self, policy=policy, decision=_decide(policy, self.matches))


def answer(models: ModelPool, knowledge_base: KnowledgeBase, question: Question) -> Reply:
    """Find the entry that answers the question, and decide whether it is good enough.

    A question that says too little by itself is tried again together with the one before it.
    Raises InvalidInputError, InputTooLargeError, or what the pool raises.
    """
    question = replace(
        question, text=_checked(question.text), threshold=_checked_threshold(question.threshold)
    )
    started_s = time.perf_counter()
    reply = _answer_alone(models, knowledge_base, question, question.text)
    if reply.decision is Decision.HAND_OVER and question.history:
        together = f"{question.history[-1][:MAX_QUESTION_CHARS]} {question.text}"
        in_context = _answer_alone(models, knowledge_base, question, together)
        reply = in_context if in_context.decision is Decision.ANSWER else reply
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return replace(reply, model=replace(reply.model, elapsed_ms=elapsed_ms))


def _answer_alone(models: ModelPool, knowledge_base: KnowledgeBase, question: Question, text: str) -> Reply:
    built = knowledge_base.built(models, timeout_s=models.timeout_s)
    language = question.language or language_of(text)
    vector = embed(models, text, built.embedders)
    matches = tuple(built.index.search(text, vector, language=language, k=PASSAGES))
    policy = knowledge_base.policy.at(question.threshold)
    decision = _decide(policy, matches)
    spec = built.embedders[role_for(text)]
    model = models.use(spec, elapsed_ms=0.0)
    return Reply(question, language, decision, policy, matches, model)


def _decide(policy: Policy, matches: tuple[Match, ...]) -> Decision:
    closest = max((match.closeness for match in matches), default=0.0)
    return policy.decide([match.score for match in matches], closest=closest)


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInputError(N_("Type a question."))
    if len(text) > MAX_QUESTION_CHARS:
        message = N_("Keep the question under {limit} characters (this has {count}).")
        raise InputTooLargeError(message, limit=MAX_QUESTION_CHARS, count=len(text))
    return text


def _checked_threshold(threshold: float | None) -> float | None:
    if threshold is not None and not 0 <= threshold <= 1:
        raise InvalidInputError(N_("The threshold is between 0 and 1 (this is {value})."), value=threshold)
    return threshold
