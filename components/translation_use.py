"""Use it in your product: the call that gives this translation, of the text or of a file."""

import shlex

import streamlit as st

from components import translation_export, use_it
from components.i18n import _
from components.translation_jobs import Job
from core.demos import Demo
from core.scenarios.translation.translating import TranslationOptions

FILE_NAME = "notes.docx"


def show_text(demo: Demo, job: Job | None, options: TranslationOptions) -> None:
    body = translation_export.body(demo, job, options)
    use_it.show("/api/translation/translate", body, key=demo.key)


def show_file(job: Job | None, options: TranslationOptions) -> None:
    """A file is sent as a form; what comes back is the file."""
    used = job.work.options if job else options
    name = job.work.document.name if job else FILE_NAME
    fields = {"target": used.target} | ({"source": used.source} if used.source else {})
    url = f"{use_it.origin()}/api/translation/files"
    st.caption(_("The same call, with your input, against the API of this server."))
    form = "".join(f" \\\n  -F {shlex.quote(f'{field}={value}')}" for field, value in fields.items())
    file = shlex.quote(f"file=@{name}")
    st.code(f"curl -X POST {url} -OJ \\\n  -F {file}{form}", language="bash", wrap_lines=True)
    python = _PYTHON.format(name=name, url=url, fields=fields)
    st.code(python, language="python", wrap_lines=True)
    link = _("Every call, to try out: {link}").format(link=f"[{use_it.origin()}/api/docs](/api/docs)")
    st.markdown(link)


_PYTHON = """\
import requests

with open({name!r}, "rb") as file:
    response = requests.post({url!r}, files={{"file": file}}, data={fields!r})
response.raise_for_status()
with open("translated", "wb") as translated:
    translated.write(response.content)
"""
