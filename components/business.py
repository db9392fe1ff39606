"""What it would save: editable assumptions, the formula, and the result."""

from dataclasses import dataclass

import streamlit as st

from components.i18n import _
from core.demos import Demo


@dataclass(frozen=True)
class Assumption:
    """A number that the visitor may change; `title` is in their language already."""

    name: str
    title: str
    value: float
    most: float
    step: float

    @property
    def text(self) -> str:
        return f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:.2f}"


def show_saving(demo: Demo, *, answered_share: float) -> None:
    """Monthly saving of answering a share of the contacts without a person."""
    contacts = Assumption("contacts", _("Contacts a month"), 5000, 10_000_000, 500)
    cost = Assumption("cost", _("Cost of a contact"), 4.0, 1000.0, 0.5)
    share = Assumption("share", _("Share answered without a person"), answered_share, 1.0, 0.05)
    show_product(demo, contacts, share, cost)


def show_words_saving(demo: Demo, *, usable_share: float) -> None:
    """Monthly saving where a share of the translated words needs no person."""
    words = Assumption("words", _("Words a month"), 100_000, 1_000_000_000, 10_000)
    price = Assumption("price", _("Price of a word translated by a person"), 0.1, 10.0, 0.01)
    share = Assumption("share", _("Share that can be used as it is"), usable_share, 1.0, 0.05)
    show_product(demo, words, price, share)


def show_product(demo: Demo, *assumptions: Assumption) -> None:
    """The assumptions side by side, and what is saved a month: all of them multiplied."""
    st.caption(_("Assumptions, not measurements: change them to yours."))
    columns = st.columns(len(assumptions))
    used = [_asked(demo, each, column) for each, column in zip(assumptions, columns, strict=True)]
    saved = 1.0
    for each in used:
        saved *= each.value
    st.metric(_("Saved a month"), f"{saved:,.0f}")
    formula = _("saved = {formula} = {numbers}")
    numbers = " × ".join(each.text for each in used)
    st.markdown(formula.format(formula=" × ".join(each.title for each in used), numbers=numbers))


def _asked(demo: Demo, assumption: Assumption, column: st.delta_generator.DeltaGenerator) -> Assumption:
    """The assumption with the visitor's number."""
    least = type(assumption.value)(0)
    number = column.number_input(
        assumption.title,
        least,
        assumption.most,
        assumption.value,
        assumption.step,
        key=f"{demo.key}_{assumption.name}",
        persist_state="session",
    )
    return Assumption(assumption.name, assumption.title, number, assumption.most, assumption.step)
