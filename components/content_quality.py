"""How good the writers are: what the starter's card measured, and which larger ones there are."""

import streamlit as st

from components import model_cards, navigation
from components.i18n import _, link_params
from core.catalog import ModelSpec
from core.demos import Demo
from core.locales import LANGUAGES
from core.showcase import showcase
from core.types import Tier


def show(demo: Demo, writer: ModelSpec) -> None:
    """The card's figures, every writer of the catalogue, and how to measure on one's own briefs."""
    writers = showcase().models.catalog.candidates(demo.roles[0])
    for spec in (spec for spec in writers if spec.tier is Tier.STARTER and spec.folder):
        _show_card(demo, spec)
    st.markdown(
        _("On your own briefs: “Many at once” writes a table of them and counts the checks that pass.")
    )
    st.dataframe(
        [_row(spec, is_used=spec == writer) for spec in writers],
        hide_index=True,
        key=f"{demo.key}_writers",
        alt=_("The writers that can be loaded"),
    )
    st.page_link(
        navigation.operations_page(),
        label=_("Load a larger writer on the operations page"),
        icon=":material/monitoring:",
        query_params=link_params(),
    )


def _show_card(demo: Demo, spec: ModelSpec) -> None:
    figures = model_cards.figures(spec.folder)
    rows = [
        {_("Measured"): title.format(**figures[part]), _("Figure"): _written(figures[part][name])}
        for (part, name), title in _titles().items()
        if name in figures.get(part, {})
    ]
    if rows:
        st.caption(_("{model}, as measured when it was made:").format(model=spec.title))
        st.dataframe(rows, hide_index=True, key=f"{demo.key}_figures", alt=_("Quality of the starter writer"))


def _titles() -> dict[tuple[str, str], str]:
    """The figures of the card that are shown, by their place in the file."""
    said, kept = "restaurants, temperature 0", "briefs, temperature 0.7"
    return {
        (said, "slots_said"): _("Attributes said, of {lists} restaurants it never saw (E2E test)"),
        (said, "slots_invented"): _("Attributes made up, for each that was asked for (E2E test)"),
        (kept, "product named"): _("Product named, in {briefs} briefs written by hand"),
        (kept, "kept"): _("All constraints kept by a draft, in {briefs} briefs"),
        (kept, "kept by best of 4"): _("All constraints kept by the best of four drafts"),
        (kept, "kept unsupported"): _("No number and no name made up"),
    }


def _written(share: float) -> str:
    return f"{100 * share:.1f} %"


def _row(spec: ModelSpec, *, is_used: bool) -> dict[str, object]:
    choice = showcase().models.choice
    return {
        _("Model"): spec.title,
        _("Size, MB"): spec.size_mb,
        _("Languages"): ", ".join(LANGUAGES.get(code, code) for code in spec.languages),
        _("License"): spec.license,
        _("On this machine"): choice.is_local(spec),
        _("In use"): is_used,
    }
