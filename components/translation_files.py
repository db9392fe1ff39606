"""Files to translate: chosen, watched, and handed back with their structure kept."""

import streamlit as st

from components import failures, results, translation_glossary, translation_jobs, translation_settings
from components.i18n import _
from components.markup import escape
from components.translation_jobs import Job
from core.demos import Demo
from core.limits import MAX_TRANSLATION_FILE_BYTES, MAX_TRANSLATION_FILE_CHARS, MAX_TRANSLATION_FILE_TEXTS
from core.scenarios.translation import files
from core.scenarios.translation.files.inline import bare
from core.scenarios.translation.files.translating import GrowingDocument
from core.scenarios.translation.translating import TranslationOptions

# The file has them all.
SHOWN = 50


def ask(demo: Demo, options: TranslationOptions) -> None:
    """The form for a file; the one that is sent is taken up, or refused with its sentence."""
    with st.form(f"{demo.key}_file_form", border=False):
        file = st.file_uploader(
            _("Plain text, Markdown, CSV, subtitles (srt) or Word (docx)"),
            type=[suffix.removeprefix(".") for suffix in files.SUFFIXES],
            key=f"{demo.key}_file",
            max_upload_size=MAX_TRANSLATION_FILE_BYTES // 2**20,
        )
        st.caption(_limits())
        is_wanted = st.form_submit_button(
            _("Translate the file"),
            type="primary",
            key=f"{demo.key}_file_submit",
            icon=":material/translate:",
        )
    if is_wanted and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif is_wanted:
        translation_jobs.forget(demo, "file")
        with failures.shown(), st.spinner(_("Reading the file…")):
            work = GrowingDocument.begin(files.read(file.name, file.getvalue()), options)
            work.use(translation_glossary.terms(demo, work.options.source, work.options.target))
            translation_jobs.begin(demo, "file", work)


def show(demo: Demo, job: Job | None) -> None:
    """How far it is, the file to take away, and the first texts of it."""
    if job is None:
        text = _("Choose a file; its translation appears here. Layout, formats, links, code and times stay.")
        st.info(text, icon=":material/description:")
        return
    st.markdown(f"**{escape(job.work.document.name)}**")
    if job.is_waiting:
        translation_jobs.go_on(demo, job)
    if job.is_stopped:
        text = _("Stopped after {done} of {total} texts; the rest of the file is in its own language.")
        st.warning(text.format(done=len(job.work.done), total=len(job.work.document.texts)))
    if job.work.done:
        _hand_over(demo, job)


def _hand_over(demo: Demo, job: Job) -> None:
    work: GrowingDocument = job.work
    st.download_button(
        _("Download {name}").format(name=work.file_name),
        work.written(),
        work.file_name,
        "application/octet-stream",
        type="primary",
        key=f"{demo.key}_file_download",
        icon=":material/download:",
        on_click="ignore",
    )
    if model := work.model:
        results.badge(model)
    language = translation_settings.language_title(work.detected.language)
    percent = round(100 * work.detected.confidence)
    line = _("Detected: {language}, {percent} % sure.").format(language=language, percent=percent)
    st.caption(f"{line} {_counts(work)}")
    rows = [{"source": bare(each.source_text), "target": bare(each.text)} for each in work.done[:SHOWN]]
    columns = {"source": _("Your text"), "target": _("Translated text")}
    alt = _("Texts of the file and their translations")
    st.dataframe(rows, hide_index=True, column_config=columns, key=f"{demo.key}_file_texts", alt=alt)


def _counts(work: GrowingDocument) -> str:
    """Tokens and terms of the whole file, in a line."""
    checks = [check for each in work.done for check in each.checks]
    terms = [check for each in work.done for check in each.terms]
    line = _("{texts} texts; kept whole: {whole} of {tokens} tokens.")
    whole = sum(check.is_whole for check in checks)
    counts = line.format(texts=len(work.done), whole=whole, tokens=len(checks))
    if not terms:
        return counts
    respected = sum(check.is_respected for check in terms)
    line = _("Glossary: {respected} of {total} terms respected")
    return f"{counts} {line.format(respected=respected, total=len(terms))}"


def _limits() -> str:
    text = _(
        "At most {megabytes} MB, {texts} paragraphs or cells and {chars} characters. "
        "It stays on this server and is not used for anything else."
    )
    return text.format(
        megabytes=MAX_TRANSLATION_FILE_BYTES // 2**20,
        texts=f"{MAX_TRANSLATION_FILE_TEXTS:,}",
        chars=f"{MAX_TRANSLATION_FILE_CHARS:,}",
    )
