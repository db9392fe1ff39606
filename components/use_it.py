"""Use it in your product: the call just made, as curl and as Python."""

import json

import streamlit as st

from components.i18n import _
from components.turns import Turn
from core.demos import Demo

# What the API takes.
MAX_HISTORY = 50


def question_body(demo: Demo, said: list[Turn], own_id: str | None, *, threshold: float) -> dict:
    """The body that asks the last question again, of the same knowledge base, after the same questions."""
    asked = [turn.reply.question.text for turn in said] or [_(demo.examples[0].text)]
    body = {"question": asked[-1], "threshold": threshold}
    if own_id:
        body["knowledge_base"] = own_id
    if history := asked[-1 - MAX_HISTORY : -1]:
        body["history"] = history
    return body


def show(path: str, body: dict, *, key: str) -> None:
    """The same call against /api, with the visitor's current input in it."""
    url = f"{origin()}{path}"
    document = json.dumps(body, ensure_ascii=False, indent=2)
    shell = document.replace("'", "'\\''")
    st.caption(_("The same call, with your input, against the API of this server."))
    curl = f"curl -X POST {url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{shell}'"
    st.code(curl, language="bash", wrap_lines=True)
    python = _PYTHON.format(body=repr(body), url=url)
    st.code(python, language="python", wrap_lines=True)
    link = _("Every call, to try out: {link}").format(link=f"[{url.split('/api')[0]}/api/docs](/api/docs)")
    st.markdown(link)


_PYTHON = """\
import json
import urllib.request

body = {body}
request = urllib.request.Request(
    "{url}",
    data=json.dumps(body).encode(),
    headers={{"Content-Type": "application/json"}},
)
with urllib.request.urlopen(request) as response:
    print(json.load(response))
"""


def origin() -> str:
    """The address this visitor sees the showcase under."""
    parts = (st.context.url or "http://127.0.0.1:8501").split("/")
    return "/".join(parts[:3])
