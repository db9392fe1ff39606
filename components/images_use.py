"""Use it in your product: the call that looks at these pictures, as curl and as Python."""

import shlex

import streamlit as st

from components import images_classifier, use_it
from components.i18n import _
from components.images_shelf import Shelf
from core.demos import Demo
from core.scenarios.images.classify import Classifier

FILE_NAME = "photo.jpg"
SHOWN_FILES = 3


def show(demo: Demo, shelf: Shelf | None, classifier: Classifier | None) -> None:
    names = _file_names(shelf)
    fields = [("top_k", str(images_classifier.top_k(demo))), *_chosen(demo, classifier)]
    url = f"{use_it.origin()}/api/images/classify"
    st.caption(_("The same call, with your input, against the API of this server."))
    form = "".join(f" \\\n  -F {shlex.quote(f'{name}={value}')}" for name, value in fields)
    files = "".join(f" \\\n  -F {shlex.quote(f'files=@{name}')}" for name in names)
    st.code(f"curl -X POST {url}{files}{form}", language="bash", wrap_lines=True)
    python = _PYTHON.format(names=names, url=url, fields=fields)
    st.code(python, language="python", wrap_lines=True)
    if shelf and shelf.brought.is_drawn:
        content = shelf.brought.files[0][1]
        label, base = _("Download the drawn picture"), names[0]
        st.download_button(
            label, content, base, "image/png", key=f"{demo.key}_drawn", icon=":material/download:"
        )
    more = _(
        "A zip may take the place of many files. With the field saliency=true the answer says where the model "
        "looked; POST /api/images/classes teaches classes of your own."
    )
    st.caption(more)
    link = _("Every call, to try out: {link}").format(link=f"[{use_it.origin()}/api/docs](/api/docs)")
    st.markdown(link)


def _file_names(shelf: Shelf | None) -> list[str]:
    names = [name.rsplit("/", 1)[-1] for name, _content in shelf.brought.files] if shelf else [FILE_NAME]
    return names[:SHOWN_FILES]


def _chosen(demo: Demo, classifier: Classifier | None) -> list[tuple[str, str]]:
    """What says which model looks, and for what."""
    if classifier is None:
        return []
    if classifier.taught:
        return [("classes", st.session_state[f"{demo.key}_classes_id"])]
    return [("model", classifier.spec.model_id), *(("labels", label) for label in classifier.labels)]


_PYTHON = """\
import requests

names = {names!r}
files = [("files", (name, open(name, "rb"))) for name in names]
response = requests.post({url!r}, files=files, data={fields!r})
response.raise_for_status()
for file in response.json()["files"]:
    print(file["name"], file.get("error") or (file["verdict"], file["labels"]))
"""
