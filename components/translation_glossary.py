"""The visitor's glossary: edited as a table or read from a file, kept for the session, used in both directions."""

import streamlit as st
from core.scenarios.translation.glossary_file import read_glossary

from components import failures
from components.i18n import _
from core.demos import Demo
from core.language import language_of
from core.limits import MAX_TERMS
from core.scenarios.translation.glossary import Term, checked_glossary
from core.scenarios.translation.languages import LANGUAGES

MAX_FILE_MB = 1
Row = dict[str, str]


def terms(demo: Demo, source: str, target: str) -> tuple[Term, ...]:
    """The glossary for this direction; rows with an empty side are still being written."""
    rows = _rows(demo) if source != target else []
    return tuple(Term(row[source], row[target]) for row in rows if row[source] and row[target])


def count(demo: Demo) -> None:
    """Say beside the text how many terms are in force."""
    number = len(terms(demo, *LANGUAGES))
    if number:
        st.caption(_("Glossary in force: {count} terms.").format(count=number))


def show(demo: Demo) -> None:
    """The table to edit, and the file to bring."""
    st.markdown(
        _(
            "Terms that must be translated in one way. Each is marked before the model sees the text, put in "
            "afterwards, and reported: respected or not."
        )
    )
    _edit(demo)
    with st.form(f"{demo.key}_glossary_form", clear_on_submit=True, border=False):
        label = _("Or a glossary as CSV: one term per row, English and Chinese")
        file = st.file_uploader(
            label, type=["csv", "tsv"], key=f"{demo.key}_glossary_file", max_upload_size=MAX_FILE_MB
        )
        is_wanted = st.form_submit_button(_("Use it"), key=f"{demo.key}_glossary_use")
    if is_wanted and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif is_wanted:
        with failures.shown():
            _keep(demo, [_row(term) for term in read_glossary(file.name, file.getvalue())])
            st.rerun()


def _edit(demo: Demo) -> None:
    import pandas as pd

    rows = _rows(demo)
    # Another table after a file was read: the edits of the one before belong to that.
    key = f"{demo.key}_glossary_{st.session_state.get(f'{demo.key}_glossary_version', 0)}"
    base_key = f"{demo.key}_glossary_base"
    if key not in st.session_state:
        st.session_state[base_key] = rows
    edited = st.data_editor(
        pd.DataFrame(st.session_state[base_key], columns=list(LANGUAGES), dtype="string"),
        num_rows="dynamic",
        hide_index=True,
        key=key,
        column_config={code: _(title) for code, title in LANGUAGES.items()},
    )
    st.caption(_("At most {limit} terms. They stay in this session.").format(limit=MAX_TERMS))
    table = edited.fillna("").to_dict("records")
    with failures.shown():
        checked_glossary(Term(row["en"], row["zh"]) for row in table if row["en"] and row["zh"])
        st.session_state[f"{demo.key}_glossary"] = table


def _keep(demo: Demo, rows: list[Row]) -> None:
    version_key = f"{demo.key}_glossary_version"
    st.session_state[version_key] = st.session_state.get(version_key, 0) + 1
    st.session_state[f"{demo.key}_glossary"] = rows


def _row(term: Term) -> Row:
    """The term with each side under its language, whichever comes first in the file."""
    source = language_of(term.source)
    return {source: term.source, next(code for code in LANGUAGES if code != source): term.target}


def _rows(demo: Demo) -> list[Row]:
    return st.session_state.get(f"{demo.key}_glossary", [])
