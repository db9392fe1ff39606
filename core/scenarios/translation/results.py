"""What a translation is made of, and how its parts are put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.scenarios.translation.glossary import Term, TermCheck, check_terms
from core.scenarios.translation.languages import Detected
from core.scenarios.translation.segments import Split
from core.scenarios.translation.tokens import TokenCheck, check_tokens
from core.types import ModelUse


@dataclass(frozen=True)
class Segment:
    """A sentence with its translation, and other ways to put it; best first."""

    source: str
    target: str
    alternatives: tuple[str, ...] = ()
    from_memory: bool = False

    @property
    def checks(self) -> tuple[TokenCheck, ...]:
        return check_tokens(self.source, self.target)


@dataclass(frozen=True)
class Translation:
    """A translated text; `model` is None where no model was asked. Spans of `terms` are places in `text`."""

    source_text: str
    text: str
    source: str
    target: str
    detected: Detected
    segments: tuple[Segment, ...]
    alternatives: tuple[str, ...] = ()
    checks: tuple[TokenCheck, ...] = ()
    terms: tuple[TermCheck, ...] = ()
    model: ModelUse | None = None


def compose(
    text: str, split: Split, segments: Sequence[Segment], *, detected: Detected, source: str, target: str
) -> Translation:
    """The translation of a text from those of its sentences, without checks of terms."""
    targets = [segment.target for segment in segments]
    wanted = max((len(segment.alternatives) for segment in segments), default=0)
    others = (
        split.joined([_nth(segment, number) for segment in segments], target) for number in range(wanted)
    )
    return Translation(
        text,
        split.joined(targets, target),
        source,
        target,
        detected,
        tuple(segments),
        alternatives=tuple(dict.fromkeys(others)),
        checks=_together(
            [check for segment in segments for check in segment.checks] + _gap_checks(split, targets, target)
        ),
    )


def _gap_checks(split: Split, targets: Sequence[str], language: str) -> list[TokenCheck]:
    """Of the tokens that stand between the sentences."""
    old = [*(sentence.gap for sentence in split.sentences), split.tail]
    new = split.parts(targets, language)[::2]
    return [check for gap, now in zip(old, new, strict=True) for check in check_tokens(gap, now)]


def with_terms(translation: Translation, split: Split, glossary: Sequence[Term]) -> Translation:
    """The translation with the terms of the glossary checked, sentence by sentence."""
    if not glossary:
        return translation
    checks: dict[Term, TermCheck] = {}
    targets = [segment.target for segment in translation.segments]
    parts = split.parts(targets, translation.target)
    at = 0
    for segment, gap in zip(translation.segments, parts[::2], strict=False):
        at += len(gap)
        for check in check_terms(segment.source, segment.target, glossary):
            checks[check.term] = _added(checks.get(check.term), check, at)
        at += len(segment.target)
    return replace(translation, terms=tuple(checks.values()))


def _nth(segment: Segment, number: int) -> str:
    return segment.alternatives[number] if number < len(segment.alternatives) else segment.target


def _together(checks: Iterable[TokenCheck]) -> tuple[TokenCheck, ...]:
    """One check per token: whole where it is whole in every sentence."""
    found: dict[str, TokenCheck] = {}
    for check in checks:
        known = found.setdefault(check.token, check)
        found[check.token] = replace(known, is_whole=known.is_whole and check.is_whole)
    return tuple(found.values())


def _added(known: TermCheck | None, check: TermCheck, offset: int) -> TermCheck:
    spans = tuple((start + offset, end + offset) for start, end in check.spans)
    if known is None:
        return replace(check, spans=spans)
    wanted, respected = known.wanted + check.wanted, known.respected + check.respected
    return TermCheck(check.term, wanted, respected, known.spans + spans)
