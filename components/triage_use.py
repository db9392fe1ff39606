"""Use it in your product: the call that gives this worklist."""

import streamlit as st

from components import use_it
from components.i18n import _
from core.scenarios.triage.findings import DEFAULT_POINT, Rule

PATH = "/api/triage/studies"


def show(rule: Rule | None) -> None:
    """Pictures are sent as a form; the names stand for the visitor's own files."""
    url = f"{use_it.origin()}{PATH}"
    point = rule.point.point_id if rule else DEFAULT_POINT
    st.caption(_("The same call, with your operating point, against the API of this server."))
    curl = (
        f"curl -X POST {url} \\\n  -F files=@one.png \\\n  -F files=@two.dcm \\\n  -F operating_point={point}"
    )
    st.code(curl, language="bash", wrap_lines=True)
    st.code(_PYTHON.format(url=url, point=point), language="python", wrap_lines=True)
    link = _("Every call, to try out: {link}").format(link=f"[{use_it.origin()}/api/docs](/api/docs)")
    st.markdown(link)


_PYTHON = """\
import requests

names = ["one.png", "two.dcm"]
files = [("files", (name, open(name, "rb"))) for name in names]
response = requests.post({url!r}, files=files, data={{"operating_point": {point!r}}})
response.raise_for_status()
for study in response.json()["studies"]:
    print(study["priority"], study["name"], study["findings"] or study["refused"]["reason"])
"""
