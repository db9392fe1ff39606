"""How good it is: a set of labelled questions asked of a knowledge base, counted by language and kind."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import N_, InvalidInputError
from core.pool import ModelPool
from core.scenarios.customer_service.answering import Question, Reply, answer
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.policy import Decision
from core.types import Progress

LANGUAGES = ("en", "zh")
KINDS = ("answerable", "ambiguous", "out_of_scope")
MAX_QUESTIONS = 2000


@dataclass(frozen=True)
class LabelledQuestion:
    """A question and what is right for it: the entries that answer it (none when it is out of scope)."""

    text: str
    language: str
    kind: str
    entry_ids: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """A labelled question with the reply it got."""

    asked: LabelledQuestion
    reply: Reply

    @property
    def is_right_first(self) -> bool:
        return self.reply.best is not None and self.reply.best.entry.entry_id in self.asked.entry_ids

    @property
    def is_answered(self) -> bool:
        return self.reply.decision is Decision.ANSWER


@dataclass(frozen=True)
class Quality:
    """The figures for the questions of one language; a share of nothing is None."""

    language: str
    questions: int
    right_entry_first: float | None
    """Share of answerable questions whose first entry is the right one."""
    deflection: float | None
    """Share of answerable questions answered, with the right entry."""
    wrong_answers: float | None
    """Share of all answers that came from a wrong entry, or to a question out of scope."""
    refusal_recall: float | None
    """Share of out-of-scope questions not answered."""
    handover_precision: float | None
    """Share of handed-over questions that really were out of scope."""


@dataclass(frozen=True)
class CurvePoint:
    """What a threshold makes of a set of questions; a share of nothing is None."""

    threshold: float
    answered_right: float | None
    refused: float | None


def read_questions(content: str) -> tuple[LabelledQuestion, ...]:
    """Questions from CSV text with the columns language, question, kind, entry_ids (separated by "|").

    Raises InvalidInputError with the columns or the line that is wrong.
    """
    # strict: a quote that never ends would otherwise swallow the rest of the file in silence.
    rows = csv.DictReader(io.StringIO(content, newline=""), restval="", strict=True)
    try:
        _check_columns(rows.fieldnames or ())
        questions = tuple(_question(row, rows.line_num) for row in rows)
    except csv.Error as error:
        message = N_(
            "The test questions cannot be read as CSV after line {line}: a quotation mark is never closed, or a "
            "cell is too long. Double the quotation marks inside a cell."
        )
        raise InvalidInputError(message, line=rows.line_num) from error
    if not 0 < len(questions) <= MAX_QUESTIONS:
        message = N_("Give between 1 and {limit} test questions (this file has {count}).")
        raise InvalidInputError(message, limit=MAX_QUESTIONS, count=len(questions))
    return questions


def read_question_file(path: Path) -> tuple[LabelledQuestion, ...]:
    return read_questions(path.read_text(encoding="utf-8"))


def ask_all(
    models: ModelPool, knowledge_base: KnowledgeBase, questions: Iterable[LabelledQuestion]
) -> Iterator[Progress | list[Outcome]]:
    """Ask every question as a visitor would; yield Progress, and at the end the list of outcomes."""
    questions = list(questions)
    outcomes = []
    for asked in questions:
        reply = answer(models, knowledge_base, Question(asked.text))
        outcomes.append(Outcome(asked, reply))
        yield Progress(len(outcomes), len(questions), "questions")
    yield outcomes


def measure(outcomes: list[Outcome], threshold: float | None = None) -> list[Quality]:
    """The figures per language, at the policy's own threshold or at another one (no model is asked again)."""
    if threshold is not None:
        outcomes = [Outcome(outcome.asked, outcome.reply.at(threshold)) for outcome in outcomes]
    languages = sorted({outcome.asked.language for outcome in outcomes})
    return [
        _quality(language, [o for o in outcomes if o.asked.language == language]) for language in languages
    ]


def curve(outcomes: list[Outcome], thresholds: Iterable[float]) -> list[CurvePoint]:
    """The shares that matter most at each threshold, as means over the languages."""
    return [_point(threshold, measure(outcomes, threshold)) for threshold in thresholds]


def _point(threshold: float, qualities: list[Quality]) -> CurvePoint:
    answered = [quality.deflection for quality in qualities]
    refused = [quality.refusal_recall for quality in qualities]
    return CurvePoint(threshold, _mean(answered), _mean(refused))


def _mean(shares: list[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


def _quality(language: str, outcomes: list[Outcome]) -> Quality:
    answerable = [outcome for outcome in outcomes if outcome.asked.kind == "answerable"]
    out_of_scope = [outcome for outcome in outcomes if outcome.asked.kind == "out_of_scope"]
    answered = [outcome for outcome in outcomes if outcome.is_answered]
    handed_over = [outcome for outcome in outcomes if outcome.reply.decision is Decision.HAND_OVER]
    return Quality(
        language=language,
        questions=len(outcomes),
        right_entry_first=_share(outcome.is_right_first for outcome in answerable),
        deflection=_share(outcome.is_right_first and outcome.is_answered for outcome in answerable),
        wrong_answers=_share(not outcome.is_right_first for outcome in answered),
        refusal_recall=_share(not outcome.is_answered for outcome in out_of_scope),
        handover_precision=_share(outcome.asked.kind == "out_of_scope" for outcome in handed_over),
    )


def _share(flags: Iterable[bool]) -> float | None:
    flags = list(flags)
    return sum(flags) / len(flags) if flags else None


def _check_columns(found: Iterable[str]) -> None:
    wanted = {"language", "question", "kind", "entry_ids"}
    if missing := wanted - set(found):
        message = N_("The file of test questions needs the columns {wanted}; {missing} is missing.")
        raise InvalidInputError(message, wanted=", ".join(sorted(wanted)), missing=", ".join(sorted(missing)))


def _question(row: dict[str, str], line: int) -> LabelledQuestion:
    text, kind, language = (row[name].strip() for name in ("question", "kind", "language"))
    if kind not in KINDS or not text:
        message = N_("Line {line} of the test questions needs a question and a kind ({kinds}).")
        raise InvalidInputError(message, line=line, kinds=", ".join(KINDS))
    if language not in LANGUAGES:
        message = N_(
            "Line {line} of the test questions has the language {language}; write one of {languages}."
        )
        raise InvalidInputError(
            message, line=line, language=language[:30] or "–", languages=", ".join(LANGUAGES)
        )
    entry_ids = tuple(entry_id.strip() for entry_id in row["entry_ids"].split("|") if entry_id.strip())
    return LabelledQuestion(text, language, kind, entry_ids)
