"""Why to trust this translation: tokens kept whole, terms respected, other ways to put it, sentence by sentence."""

import streamlit as st

from components.i18n import _
from components.markup import escape
from core.demos import Demo
from core.scenarios.translation.glossary import TermCheck
from core.scenarios.translation.results import Translation
from core.scenarios.translation.tokens import TokenCheck

# More of them are in the file under Export.
SHOWN = 100


def show(demo: Demo, translation: Translation) -> None:
    """Each kind of evidence that this translation has."""
    if translation.terms:
        _show_terms(demo, translation.terms)
    if translation.checks:
        _show_tokens(demo, translation.checks)
    if translation.alternatives:
        _show_alternatives(demo, translation.alternatives)
    if len(translation.segments) > 1:
        _show_sentences(demo, translation)


def _show_tokens(demo: Demo, checks: tuple[TokenCheck, ...]) -> None:
    whole = sum(check.is_whole for check in checks)
    title = _("Kept whole: {whole} of {total} numbers, placeholders, addresses …")
    label = title.format(whole=whole, total=len(checks))
    with st.expander(label, icon=":material/shield:", key=f"{demo.key}_tokens", expanded=whole < len(checks)):
        st.markdown("\n".join(f"- {_token_line(check)}" for check in checks[:SHOWN]))


def _token_line(check: TokenCheck) -> str:
    kept, lost = _("kept"), _("changed")
    badge = (
        f":green-badge[:material/check: {kept}]" if check.is_whole else f":red-badge[:material/close: {lost}]"
    )
    return f"{badge} {escape(check.token)} :gray[· {_kind_title(check.kind)}]"


def _kind_title(kind: str) -> str:
    titles = {
        "url": _("web address"),
        "email": _("e-mail address"),
        "tag": _("tag"),
        "placeholder": _("placeholder"),
        "emoji": _("emoji"),
        "code": _("name or code"),
        "number": _("number"),
    }
    return titles[kind]


def _show_terms(demo: Demo, checks: tuple[TermCheck, ...]) -> None:
    respected = sum(check.is_respected for check in checks)
    title = _("Glossary: {respected} of {total} terms respected")
    label = title.format(respected=respected, total=len(checks))
    is_open = respected < len(checks)
    with st.expander(label, icon=":material/book_2:", key=f"{demo.key}_term_checks", expanded=is_open):
        st.markdown("\n".join(f"- {_term_line(check)}" for check in checks[:SHOWN]))


def _term_line(check: TermCheck) -> str:
    yes, no = _("respected"), _("not respected")
    badge = (
        f":green-badge[:material/check: {yes}]"
        if check.is_respected
        else f":red-badge[:material/close: {no}]"
    )
    times = _("{respected} of {wanted}").format(respected=check.respected, wanted=check.wanted)
    return f"{badge} {escape(check.term.source)} → {escape(check.term.target)} :gray[· {times}]"


def _show_alternatives(demo: Demo, alternatives: tuple[str, ...]) -> None:
    with st.expander(_("Other ways to put it"), icon=":material/alt_route:", key=f"{demo.key}_others"):
        for text in alternatives:
            st.markdown(escape(text))


def _show_sentences(demo: Demo, translation: Translation) -> None:
    rows = [
        {"source": segment.source, "target": segment.target, "memory": segment.from_memory}
        for segment in translation.segments[:SHOWN]
    ]
    columns = {"source": _("Your text"), "target": _("Translated text"), "memory": _("From memory")}
    with st.expander(_("Sentence by sentence"), icon=":material/table_rows:", key=f"{demo.key}_by_sentence"):
        alt = _("Sentences and their translations")
        st.dataframe(rows, hide_index=True, column_config=columns, key=f"{demo.key}_sentences", alt=alt)
