"""Pictures brought by the visitor: files, a folder, a zip, the camera, the clipboard; or an example."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import page
from components.i18n import _
from core.demos import Demo, Example
from core.limits import MAX_PICTURE_BYTES, MAX_PICTURES
from core.scenarios.images.samples import example_files

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "zip"]
MEGABYTES = MAX_PICTURE_BYTES // 2**20
Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, eq=False)
class Brought:
    """What was brought last; another one takes its place."""

    files: Files
    is_drawn: bool = False
    """Drawn by this program, as the examples are."""


def brought(demo: Demo) -> Brought | None:
    return st.session_state.get(f"{demo.key}_brought")


def take_example(demo: Demo, example: Example) -> None:
    take(demo, example_files(example.example_id), is_drawn=True)


def take(demo: Demo, files: Sequence[tuple[str, bytes]], *, is_drawn: bool = False) -> None:
    st.session_state[f"{demo.key}_brought"] = Brought(tuple(files), is_drawn)


def ask(demo: Demo) -> None:
    """The ways to bring pictures; what comes in is looked at without another click."""
    titles = {"files": _("Files"), "folder": _("Folder"), "camera": _("Camera"), "paste": _("Paste")}
    mode = page.choice(_("How to bring pictures"), titles, key=f"{demo.key}_mode")
    {"files": _files, "folder": _folder, "camera": _camera, "paste": _paste}[mode](demo)
    st.caption(_limits())


def _files(demo: Demo) -> None:
    key = f"{demo.key}_files"
    st.file_uploader(
        _("Pictures, or a zip of pictures"),
        type=TYPES,
        accept_multiple_files=True,
        key=key,
        on_change=_take_uploaded,
        args=(demo, key),
        max_upload_size=MEGABYTES,
    )


def _folder(demo: Demo) -> None:
    key = f"{demo.key}_folder"
    st.file_uploader(
        _("A folder; its subfolders may say what the pictures show"),
        type=TYPES,
        accept_multiple_files="directory",
        key=key,
        on_change=_take_uploaded,
        args=(demo, key),
        max_upload_size=MEGABYTES,
    )


def _camera(demo: Demo) -> None:
    key = f"{demo.key}_camera"
    st.camera_input(_("Take a picture"), key=key, on_change=_take_uploaded, args=(demo, key))


def _paste(demo: Demo) -> None:
    """A box that takes pictures from the clipboard, as only a chat box does."""
    pasted = st.chat_input(
        _("Click here, paste a picture (Ctrl+V), press Enter"),
        accept_file="multiple",
        file_type=TYPES,
        key=f"{demo.key}_paste",
        max_upload_size=MEGABYTES,
    )
    if pasted and pasted.files:
        take(demo, [_named(file) for file in pasted.files])
    elif pasted:
        st.warning(_("That was text. Copy a picture, then paste it here."), icon=":material/image:")


def _take_uploaded(demo: Demo, key: str) -> None:
    uploaded = st.session_state[key]
    files = uploaded if isinstance(uploaded, list) else [uploaded] if uploaded else []
    if files:
        take(demo, [_named(file) for file in files])


def _named(file: UploadedFile) -> tuple[str, bytes]:
    return file.name, file.getvalue()


def _limits() -> str:
    text = _(
        "At most {count} pictures of {megabytes} MB each: JPEG, PNG, WebP, GIF or BMP. "
        "They stay in the memory of this server while the page is open, and are not used for anything else."
    )
    return text.format(count=MAX_PICTURES, megabytes=MEGABYTES)
