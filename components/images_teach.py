"""Teach your own classes: a few pictures of each, and from then on the page knows them."""

from collections.abc import Iterator
from contextlib import closing

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import images_classifier, images_taught, page
from components.i18n import _, sentence
from components.markup import escape
from core.catalog import ModelSpec
from core.deadlines import Deadline
from core.demos import Demo
from core.errors import N_, InvalidInputError
from core.limits import MAX_CLASSES, MAX_EXAMPLES, MAX_PICTURE_BYTES, MAX_PICTURE_LABEL_CHARS
from core.pictures import uploads
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images import folders, samples
from core.scenarios.images.classify import Classifier
from core.scenarios.images.models import needed_px
from core.scenarios.images.taught import Taught
from core.scenarios.images.teaching import MIN_CLASSES, teach
from core.showcase import showcase
from core.types import Progress

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp"]
# What fits on a form; more come as a zip.
MAX_SHOWN_CLASSES = 8
Files = list[tuple[str, bytes]]
Brought = list[tuple[str | None, Files]]
"""Names of classes with their pictures; None where the folders in a zip say them."""


def show(demo: Demo, classifier: Classifier | None) -> None:
    """What was taught and how well it is told apart; the form; and classes that are drawn, for one click."""
    if taught := images_classifier.own_classes(demo):
        images_taught.show(demo, taught)
    intro = _(
        "Five pictures of each class are enough to begin with. The model turns them into features, and logistic "
        "regression learns to tell those apart; the model itself stays as it is."
    )
    st.markdown(intro)
    if st.session_state.pop(f"{demo.key}_teach_stopped", False):
        st.warning(_("Stopped; nothing was learned."), icon=":material/stop_circle:")
    _ask_for_many(demo, classifier)
    _ask_for_zip(demo, classifier)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Try it with drawn oranges, lemons and cartons")
        if st.button(label, key=f"{demo.key}_teach_sample", icon=":material/bolt:"):
            _teach(demo, classifier, list(samples.taught_files().items()))


def _ask_for_many(demo: Demo, classifier: Classifier | None) -> None:
    """A name and pictures for each class."""
    label, least = _("How many classes"), MIN_CLASSES
    shown = st.number_input(label, least, MAX_SHOWN_CLASSES, least, 1, key=f"{demo.key}_teach_count")
    with st.form(f"{demo.key}_teach_form"):
        columns = st.columns(2)
        forms = [_ask_for_one(demo, number, columns[number % 2]) for number in range(int(shown))]
        st.caption(_limits())
        is_wanted = st.form_submit_button(
            _("Teach"), type="primary", key=f"{demo.key}_teach_submit", icon=":material/school:"
        )
    if is_wanted:
        filled = [(name, files) for name, files in forms if name or files]
        _teach(demo, classifier, filled)


def _ask_for_one(demo: Demo, number: int, column: DeltaGenerator) -> tuple[str, Files]:
    key, label = f"{demo.key}_teach", _("Name of class {number}").format(number=number + 1)
    name = column.text_input(label, key=f"{key}_name_{number}", max_chars=MAX_PICTURE_LABEL_CHARS)
    uploaded = column.file_uploader(
        _("Its pictures"),
        type=TYPES,
        accept_multiple_files=True,
        key=f"{key}_files_{number}",
        max_upload_size=MAX_PICTURE_BYTES // 2**20,
    )
    return name.strip(), [(file.name, file.getvalue()) for file in uploaded]


def _ask_for_zip(demo: Demo, classifier: Classifier | None) -> None:
    with st.expander(_("Or bring a zip with a folder for each class"), icon=":material/folder_zip:"):
        file = st.file_uploader(
            _("Zip of folders; each folder's name is the class"),
            type="zip",
            key=f"{demo.key}_teach_zip",
            max_upload_size=MAX_PICTURE_BYTES // 2**20,
        )
        wanted = st.button(
            _("Teach from the zip"), key=f"{demo.key}_teach_from_zip", icon=":material/school:"
        )
    if wanted and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif wanted:
        _teach(demo, classifier, [(None, [(file.name, file.getvalue())])])


def _teach(demo: Demo, classifier: Classifier | None, brought: Brought) -> None:
    """Learn the classes, keep them for this session, and look with them from the next run on."""
    taught, controls = None, st.empty()
    with page.running(_("Learning…"), action="teach"), controls.container():
        stop = {"on_click": _say_stopped_next, "args": (demo,), "icon": ":material/stop_circle:"}
        st.button(_("Stop"), key=f"{demo.key}_teach_stop", **stop)
        taught = _learnt(_spec(classifier), brought, st.progress(0.0))
        images_taught.keep(demo, taught)
    # Any click ends this run before this line, and the next run does not go on.
    controls.empty()
    if taught:
        images_classifier.choose_next(demo, images_classifier.TAUGHT)
        st.rerun()


def _learnt(spec: ModelSpec, brought: Brought, bar: DeltaGenerator) -> Taught:
    deadline = Deadline(showcase().limits.page_deadline_s)
    total = sum(uploads.count(files) for _name, files in brought)
    learning = teach(showcase().models, spec, _named(spec, brought, deadline), total=total)
    with closing(deadline.steps(learning)) as steps:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value
            bar.progress(step.fraction, text=_said(step))


def _said(step: Progress) -> str:
    texts = {
        "pictures": _("{done} of {total} pictures"),
        "rounds": _("Learning and checking: {done} of {total} rounds"),
    }
    return texts[step.unit].format(done=step.done, total=step.total)


def _say_stopped_next(demo: Demo) -> None:
    st.session_state[f"{demo.key}_teach_stopped"] = True


def _spec(classifier: Classifier | None) -> ModelSpec:
    return classifier.spec if classifier else showcase().models.pick("image-classifier")


def _named(spec: ModelSpec, brought: Brought, deadline: Deadline) -> Iterator[tuple[str, Picture] | None]:
    """The pictures with their classes, None while others read; of those that cannot be used it is said why not."""
    names = [name for name, _files in brought]
    if len(set(names)) < len(names):
        raise InvalidInputError(N_("Give every class a name of its own."))
    needed = needed_px(showcase().models, spec)
    for name, files in brought:
        left = folders.read_with_folders(files, needed_px=needed)
        for each in deadline.in_turn(left, showcase().limits.reading):
            if each is None:
                yield None
                continue
            if isinstance(each, Refused):
                st.warning(f"**{escape(each.name)}**: {sentence(each.error)}", icon=":material/broken_image:")
                continue
            own_name = folders.folder_of(each.name) if name is None else name
            if name is None and not own_name:
                raise InvalidInputError(folders.NO_FOLDER)
            yield own_name, each


def _limits() -> str:
    text = _(
        "At most {classes} classes, {pictures} pictures of each; JPEG, PNG, WebP, GIF or BMP, {megabytes} MB each."
    )
    return text.format(classes=MAX_CLASSES, pictures=MAX_EXAMPLES, megabytes=MAX_PICTURE_BYTES // 2**20)
