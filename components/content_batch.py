"""Many briefs at once: a table in, a text for each row, with progress and a stop that keeps what is done."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import content_export, content_writer, page
from components.i18n import _
from core.demos import Demo
from core.limits import MAX_BATCH_BRIEFS
from core.scenarios.content.batch import BatchResult, write_batch
from core.scenarios.content.brief_file import MAX_BYTES, BriefRow, read_briefs
from core.scenarios.content.checks import Verdict, passes
from core.scenarios.content.exporting import Labelled, row_of
from core.scenarios.content.samples import sample_rows
from core.showcase import showcase
from core.types import GenerationOptions


@dataclass
class _Batch:
    """What is shown of a batch: the results so far, kept when it is stopped."""

    total: int
    when: datetime
    results: tuple[BatchResult, ...] = field(default=())


def show(demo: Demo) -> None:
    file = _ask_for_file(demo)
    with st.container(horizontal=True):
        is_own = st.button(
            _("Write all"),
            key=f"{demo.key}_batch_write",
            type="primary",
            icon=":material/playlist_add_check:",
        )
        is_sample = st.button(
            _("Try the sample table"), key=f"{demo.key}_batch_sample", icon=":material/bolt:"
        )
    if is_own and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif is_own or is_sample:
        stop = st.empty()
        with page.running(_("Writing…"), action="batch"):
            stop.button(_("Stop"), key=f"{demo.key}_batch_stop", icon=":material/stop_circle:")
            _write(demo, read_briefs(file.getvalue()) if is_own else sample_rows())
        stop.empty()
    batch = st.session_state.get(f"{demo.key}_batch")
    if batch:
        _show_results(demo, batch)


def _ask_for_file(demo: Demo) -> UploadedFile | None:
    file = st.file_uploader(
        _("A table of briefs"),
        type="csv",
        key=f"{demo.key}_batch_file",
        max_upload_size=MAX_BYTES // 2**20,
        help=_(
            "CSV with the column product and, if you like, facts, audience, channel, tone, max_words, language, "
            "must_say and must_not_say. Several in one cell are separated by ;"
        ),
    )
    limits = _("At most {megabytes} MB and {rows} rows. It is read, written to, and not kept.")
    st.caption(limits.format(megabytes=MAX_BYTES // 2**20, rows=MAX_BATCH_BRIEFS))
    return file


def _write(demo: Demo, rows: Sequence[BriefRow]) -> None:
    batch = _Batch(len(rows), content_export.now())
    st.session_state[f"{demo.key}_batch"] = batch
    bar, text = st.progress(0.0), _("{done} of {total} briefs")
    writing = write_batch(
        showcase().models, rows, GenerationOptions(), model_id=content_writer.chosen_id(demo)
    )
    with closing(writing) as steps:
        for step in steps:
            batch.results = step.results
            # Drawing is where a click ends this run.
            bar.progress(step.progress.fraction, text=text.format(done=step.progress.done, total=len(rows)))
    bar.empty()


def _show_results(demo: Demo, batch: _Batch) -> None:
    done = [result for result in batch.results if result.variant]
    passed = sum(passes(result.checks) for result in done)
    first, second, third = st.columns(3)
    first.metric(_("Written"), f"{len(done)} / {batch.total}")
    second.metric(_("All checks passed"), f"{passed} / {len(done)}" if done else "–")
    third.metric(_("Refused"), len(batch.results) - len(done))
    _show_shares(demo, done)
    if len(batch.results) < batch.total:
        st.caption(_("Stopped before the end; what was written is kept."))
    st.dataframe(
        [_row(result) for result in batch.results],
        hide_index=True,
        key=f"{demo.key}_batch_results",
        alt=_("The texts of the batch"),
    )
    if done:
        texts = [Labelled(result.variant, result.variant.text, batch.when) for result in done]
        rows = [row_of(text) for text in texts]
        content_export.downloads("texts", rows, key=f"{demo.key}_batch_texts", texts=texts)


def _show_shares(demo: Demo, done: Sequence[BatchResult]) -> None:
    """How often each check passed, where it could fail: the quality of this writer on these briefs."""
    judged: dict[str, list[bool]] = {}
    for check in (check for result in done for check in result.checks if check.verdict is not Verdict.NOTE):
        judged.setdefault(check.name, []).append(check.verdict is Verdict.PASS)
    titles = _check_titles()
    rows = [
        {_("Check"): titles[name], _("Passed"): f"{sum(passed)} / {len(passed)}"}
        for name, passed in judged.items()
    ]
    if rows:
        st.dataframe(
            rows, hide_index=True, key=f"{demo.key}_batch_checks", alt=_("How often each check passed")
        )


def _check_titles() -> dict[str, str]:
    return {
        "length": _("Length"),
        "subject": _("Subject line"),
        "must_say": _("Must say"),
        "must_not_say": _("Must not say"),
        "language": _("Language"),
        "unsupported": _("No number and no name made up"),
        "reading": _("Plain to read"),
        "finished": _("Came to its end"),
    }


def _row(result: BatchResult) -> dict[str, object]:
    failed = [_plain(check.msgid, check.params) for check in result.checks if check.verdict is Verdict.FAIL]
    return {
        _("Line"): result.row.line,
        _("Product or topic"): result.row.product,
        _("Text"): result.variant.text if result.variant else "",
        _("To check"): " ".join(failed)
        if result.variant
        else _plain(result.error.msgid, result.error.params),
    }


def _plain(msgid: str, params: dict[str, object]) -> str:
    """A sentence for a cell, which shows no markup."""
    return _(msgid).format(**params)
