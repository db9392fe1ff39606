"""The knowledge base a visitor talks to: the sample company's, or their own file."""

from functools import partial

import streamlit as st

from components import page
from components.i18n import _
from components.markup import escape
from components.session import hashed, session_id
from core.belongings import LIFETIME_S
from core.demos import Demo
from core.errors import NotFoundError
from core.scenarios.customer_service.documents import MAX_BYTES, MAX_ROWS, SUFFIXES, export_csv, read_entries
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.knowledge_base import KnowledgeBase
from core.scenarios.customer_service.sample import SAMPLE_ID, knowledge_base
from core.showcase import showcase

# Rows shown; the file has them all.
SHOWN_ROWS = 300


def current_id(demo: Demo) -> str:
    return st.session_state.get(f"{demo.key}_base_id", SAMPLE_ID)


def own_id(demo: Demo) -> str | None:
    """The id of the visitor's own knowledge base, if there is one."""
    return st.session_state.get(f"{demo.key}_base_id")


def is_own(demo: Demo) -> bool:
    """Whether it is the visitor's file; the sample with answers added to it is still the sample."""
    return own_id(demo) is not None and not st.session_state.get(f"{demo.key}_base_grew", False)


def current(demo: Demo) -> KnowledgeBase:
    """The session's knowledge base; when the visitor's own has expired, say so and go on with the sample."""
    try:
        return knowledge_base(showcase().belongings, current_id(demo))
    except NotFoundError:
        text = _(
            "Your knowledge base has expired after {hours} hours; here is the sample again. "
            "Upload it again to go on."
        )
        st.warning(text.format(hours=LIFETIME_S // 3600), icon=":material/schedule:")
        use_sample(demo)
        return knowledge_base(showcase().belongings, SAMPLE_ID)


def use_sample(demo: Demo) -> None:
    if current_id(demo) != SAMPLE_ID:
        showcase().belongings.drop(current_id(demo))
    for name in ("base_id", "base_grew", "threshold"):
        st.session_state.pop(f"{demo.key}_{name}", None)


def use_own(demo: Demo, base: KnowledgeBase) -> None:
    """Keep a knowledge base for this session, in the place of an own one it already has."""
    belongings = showcase().belongings
    if current_id(demo) == SAMPLE_ID:
        base_id = belongings.keep(base, owner=session_id(), rows=base.rows)
        st.session_state[f"{demo.key}_base_id"] = base_id
    else:
        belongings.replace(current_id(demo), base, rows=base.rows)


def add_entry(demo: Demo, entry: Entry) -> None:
    """The session's knowledge base with one entry more; the sample itself stays as it is."""
    is_sample = current_id(demo) == SAMPLE_ID
    use_own(demo, current(demo).with_entry(entry))
    if is_sample:
        st.session_state[f"{demo.key}_base_grew"] = True


def stored_id(knowledge_base_id: str) -> str:
    """How a knowledge base is called in the database."""
    return knowledge_base_id if knowledge_base_id == SAMPLE_ID else hashed(knowledge_base_id)


def stored_ids(demo: Demo) -> set[str]:
    """Whose questions the current one answers: its own and, where it grew out of the sample, the sample's."""
    grew = st.session_state.get(f"{demo.key}_base_grew", False)
    return {stored_id(current_id(demo))} | ({SAMPLE_ID} if grew else set())


def show(demo: Demo) -> None:
    """What it holds, and the way to replace it."""
    base = current(demo)
    own = current_id(demo) != SAMPLE_ID
    st.markdown(_("**{name}**: {count} entries.").format(name=escape(base.name), count=len(base.entries)))
    _show_upload(demo)
    if own:
        st.button(_("Back to the sample"), key=f"{demo.key}_use_sample", on_click=use_sample, args=(demo,))
        st.caption(_("Your knowledge base belongs to this session and is forgotten after 24 hours."))
    st.dataframe(
        [_row(entry) for entry in base.entries[:SHOWN_ROWS]],
        key=f"{demo.key}_entries",
        alt=_("Entries of the knowledge base"),
        column_config={
            "question": _("Question"),
            "answer": _("Answer"),
            "language": _("Language"),
            "topic": None,
        },
    )
    name = "knowledge-base.csv"
    # Made when it is clicked, on a thread that knows no session.
    content = partial(export_csv, base.entries)
    st.download_button(_("Download all"), content, name, "text/csv", key=f"{demo.key}_entries_csv")


def _show_upload(demo: Demo) -> None:
    with st.form(f"{demo.key}_upload_form", clear_on_submit=True):
        file = st.file_uploader(
            _("Your own knowledge base"),
            type=[suffix.removeprefix(".") for suffix in SUFFIXES],
            key=f"{demo.key}_upload",
            max_upload_size=MAX_BYTES // 2**20,
            help=_(
                "CSV with the columns question, answer and, if you like, language; Markdown; text; or PDF."
            ),
        )
        limits = _(
            "At most {megabytes} MB and {rows} rows. It stays on this server and is not used for anything else."
        )
        st.caption(limits.format(megabytes=MAX_BYTES // 2**20, rows=f"{MAX_ROWS:,}"))
        submitted = st.form_submit_button(_("Use it"), key=f"{demo.key}_upload_use")
    if submitted and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    if submitted and file is not None:
        _read(demo, file.name, file.getvalue())


def _read(demo: Demo, name: str, content: bytes) -> None:
    """Let this file take the place of the current knowledge base, unless it cannot be used."""
    is_read = False
    with page.running(_("Reading the file…"), action="upload"):
        base = KnowledgeBase(name, read_entries(name, content))
        wait_until_ready(base)
        use_own(demo, base)
        is_read = True
    if is_read:
        for gone in ("base_grew", "threshold"):
            st.session_state.pop(f"{demo.key}_{gone}", None)
        st.rerun()


def wait_until_ready(base: KnowledgeBase) -> None:
    """Show the progress of indexing until it ends. Raises what the indexing raised."""
    bar = st.progress(0.0)
    for progress in base.until_ready(showcase().models):
        text = _("{done} of {total} texts read") if progress.total else _("Loading the language model…")
        bar.progress(progress.fraction, text=text.format(done=progress.done, total=progress.total))
    bar.empty()


def _row(entry: Entry) -> dict[str, str]:
    return {
        "question": " | ".join(entry.questions),
        "answer": entry.answer,
        "language": entry.language,
        "topic": entry.topic,
    }
