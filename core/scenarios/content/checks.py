"""Whether a text keeps to its brief: what a machine can check, with the places in the text that decide it."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import N_
from core.language import HAN, language_of
from core.scenarios.content.brief import Brief
from core.scenarios.content.facts_said import facts_said
from core.scenarios.content.lengths import length_of
from core.scenarios.content.phrases import Span, occurrences
from core.scenarios.content.readability import characters_per_sentence, readability
from core.scenarios.content.unsupported import unsupported

# Flesch's own border of plain English, which a plain tone is held to.
PLAIN_EASE = 60
# Of fewer, one long word decides; Flesch took a hundred.
FLESCH_WORDS = 20
_SUBJECT = re.compile(r"\W{0,4}(?:subject|主题|标题)\W{0,4}[:：].*\S", re.IGNORECASE)


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOTE = "note"
    """A figure without a limit in the brief."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked; `msgid` with `params` is its sentence, `spans` are the characters it is about."""

    name: str
    verdict: Verdict
    msgid: str
    params: dict[str, object] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()

    @property
    def sentence(self) -> str:
        """In English."""
        return self.msgid.format(**self.params)


def check_text(text: str, brief: Brief) -> tuple[Check, ...]:
    """All checks that this brief asks for, of any text: a model's, or one that was edited."""
    if not text.strip():
        return (Check("length", Verdict.FAIL, N_("The text is empty.")),)
    checks = (
        _length(text, brief),
        _subject(text, brief),
        _must_say(text, brief),
        _must_not_say(text, brief),
        _language(text, brief),
        _facts(text, brief),
        _supported(text, brief),
        _reading(text, brief),
    )
    return tuple(check for check in checks if check)


def passes(checks: tuple[Check, ...]) -> bool:
    return all(check.verdict is not Verdict.FAIL for check in checks)


def _length(text: str, brief: Brief) -> Check:
    count = length_of(text, brief.language)
    is_short_enough = count <= brief.max_words
    if brief.language == "zh":
        message = N_("{count} characters; at most {limit} were asked for.")
    else:
        message = N_("{count} words; at most {limit} were asked for.")
    return _verdict("length", is_short_enough, message, count=count, limit=brief.max_words)


def _subject(text: str, brief: Brief) -> Check | None:
    if brief.channel != "email":
        return None
    has_subject = bool(_SUBJECT.match(text.strip()))
    message = (
        N_("Begins with a subject line.") if has_subject else N_("Has no subject line; an e-mail needs one.")
    )
    return _verdict("subject", has_subject, message)


def _must_say(text: str, brief: Brief) -> Check | None:
    if not brief.must_say:
        return None
    found = {term: occurrences(term, text) for term in brief.must_say}
    missing = [term for term, spans in found.items() if not spans]
    spans = tuple(sorted(span for spans in found.values() for span in spans))
    if missing:
        terms = _quoted(missing)
        return Check("must_say", Verdict.FAIL, N_("Does not say {terms}."), {"terms": terms}, spans)
    return Check("must_say", Verdict.PASS, N_("Says {terms}."), {"terms": _quoted(brief.must_say)}, spans)


def _must_not_say(text: str, brief: Brief) -> Check | None:
    if not brief.must_not_say:
        return None
    found = {term: spans for term in brief.must_not_say if (spans := occurrences(term, text))}
    if not found:
        terms = _quoted(brief.must_not_say)
        return Check("must_not_say", Verdict.PASS, N_("Does not say {terms}, as asked."), {"terms": terms})
    spans = tuple(sorted(span for spans in found.values() for span in spans))
    message = N_("Says {terms}, which it must not.")
    return Check("must_not_say", Verdict.FAIL, message, {"terms": _quoted(found)}, spans)


def _language(text: str, brief: Brief) -> Check:
    has_letters = any(map(str.isalpha, text))
    is_right = has_letters and language_of(text) == brief.language
    if brief.language == "zh":
        message = N_("Written in Chinese.") if is_right else N_("Not written in Chinese, as was asked for.")
        return _verdict("language", is_right, message)
    message = N_("Written in English.") if is_right else N_("Not written in English, as was asked for.")
    spans = () if is_right else tuple(found.span() for found in HAN.finditer(text))
    return _verdict("language", is_right, message, spans=spans)


def _facts(text: str, brief: Brief) -> Check | None:
    """A text need not say all; so this is a note."""
    if not brief.facts:
        return None
    said = facts_said(text, brief)
    missing = [fact for fact in brief.facts if fact not in said]
    figures = {"count": len(said), "total": len(brief.facts), "facts": _quoted(missing)}
    if not missing:
        return Check("facts", Verdict.NOTE, N_("Mentions all {total} facts."), figures)
    return Check("facts", Verdict.NOTE, N_("Mentions {count} of {total} facts; not {facts}."), figures)


def _supported(text: str, brief: Brief) -> Check:
    spans = tuple(unsupported(text, brief))
    if not spans:
        return Check("unsupported", Verdict.PASS, N_("No number and no name that the brief does not give."))
    terms = _quoted(dict.fromkeys(text[start:end] for start, end in spans))
    message = N_("Not in the brief: {terms}. Check before you publish.")
    return Check("unsupported", Verdict.FAIL, message, {"terms": terms}, spans)


def _reading(text: str, brief: Brief) -> Check | None:
    if brief.language == "zh":
        message = N_("{count} characters in a sentence, on average.")
        return Check("reading", Verdict.NOTE, message, {"count": round(characters_per_sentence(text))})
    found = readability(text) if length_of(text, "en") >= FLESCH_WORDS else None
    if found is None:
        return None
    figures = {"ease": round(found.ease), "grade": max(0, round(found.grade))}
    if brief.tone != "plain":
        message = N_("Reading ease {ease} (Flesch: 60 and more is plain English), school grade {grade}.")
        return Check("reading", Verdict.NOTE, message, figures)
    message = N_("Reading ease {ease}, school grade {grade}; a plain tone needs {limit} or more (Flesch).")
    return _verdict("reading", found.ease >= PLAIN_EASE, message, **figures, limit=PLAIN_EASE)


def _verdict(
    name: str, is_right: bool, msgid: str, *, spans: tuple[Span, ...] = (), **params: object
) -> Check:
    return Check(name, Verdict.PASS if is_right else Verdict.FAIL, msgid, params, spans)


def _quoted(terms: object) -> str:
    return ", ".join(f"“{term}”" for term in terms)
