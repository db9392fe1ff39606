"""Pictures in: the visitor's own files, or a synthetic example."""

import streamlit as st

from components.i18n import _
from core.demos import Demo, Example
from core.limits import MAX_STUDIES, MAX_STUDY_BYTES
from core.scenarios.triage import phantoms

Files = list[tuple[str, bytes]]


def ask(demo: Demo, example: Example | None) -> Files | None:
    """The files to sort now: those just sent, or those of the example just picked; None when neither was."""
    with st.form(f"{demo.key}_form", border=False):
        files = st.file_uploader(
            _("Frontal chest X-rays: PNG, JPEG, DICOM, or a zip of them"),
            # DICOM files often have no suffix, so any name is taken and the content decides.
            accept_multiple_files=True,
            key=f"{demo.key}_files",
            max_upload_size=MAX_STUDY_BYTES // 2**20,
        )
        st.caption(_limits())
        is_wanted = st.form_submit_button(
            _("Sort by urgency"), type="primary", key=f"{demo.key}_submit", icon=":material/sort:"
        )
    if example:
        return phantoms.samples(example.text)
    if is_wanted and not files:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    return [(file.name, file.getvalue()) for file in files] if is_wanted and files else None


def _limits() -> str:
    text = _(
        "At most {count} pictures of {megabytes} MB each. They stay in the memory of this server while your session "
        "lasts: neither pictures nor file names are written to a disk, a log or the database."
    )
    return text.format(count=MAX_STUDIES, megabytes=MAX_STUDY_BYTES // 2**20)
