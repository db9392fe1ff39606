"""A text with the places that its checks are about, and the checks as sentences."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import streamlit as st

from components.i18n import sentence
from components.markup import highlights
from core.errors import DemoError
from core.scenarios.content.checks import Check, Verdict
from core.scenarios.content.phrases import Span

# The last one wins where several meet.
COLORS = {"must_say": "green", "unsupported": "orange", "language": "red", "must_not_say": "red"}
ICONS = {
    Verdict.PASS: ":green[:material/check_circle:]",
    Verdict.FAIL: ":red[:material/cancel:]",
    Verdict.NOTE: ":gray[:material/info:]",
}
DOUBT = ":orange[:material/warning:]"


def show(text: str, checks: Sequence[Check]) -> None:
    """The text, marked, and below it what was checked."""
    spans = {check.name: check.spans for check in checks}
    marks = [(span, color) for name, color in COLORS.items() for span in spans.get(name, ())]
    st.markdown(marked(text, marks))
    st.markdown("  \n".join(f"{_icon(check)} {_sentence(check)}" for check in checks))


def marked(text: str, marks: Iterable[tuple[Span, str]]) -> str:
    """The text as Markdown that shows it literally, with spans in colour."""
    colors = [""] * len(text)
    for (start, end), color in marks:
        colors[start:end] = [color] * (end - start)
    runs = [(color, list(places)) for color, places in groupby(range(len(text)), key=colors.__getitem__)]
    return highlights(text, [(places[0], places[-1] + 1, color) for color, places in runs if color])


def _icon(check: Check) -> str:
    return DOUBT if check.name == "unsupported" and check.verdict is Verdict.FAIL else ICONS[check.verdict]


def _sentence(check: Check) -> str:
    return sentence(DemoError(check.msgid, **check.params))
