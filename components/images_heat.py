"""Where the model looked: the heat map over the picture, and the check that taking it away matters."""

import numpy as np
import streamlit as st

from components import heat_check, images_classifier, images_labels, page
from components.i18n import _
from components.images_shelf import Shelf
from components.markup import escape
from core.demos import Demo
from core.pictures.decoding import Picture
from core.pictures.overlay import overlay
from core.scenarios.images.classify import explain
from core.scenarios.images.results import Classified, Explanation
from core.showcase import showcase

OPACITY = 80


def show(demo: Demo, shelf: Shelf, number: int, picture: Picture) -> None:
    """The picture, and beside it where the model looked for the label that is chosen."""
    label = _label(demo, shelf, number)
    if _is_wanted(demo, shelf) and (number, label) not in shelf.explanations:
        with page.running(_("Looking at the reasons…"), action="explain"):
            looked_at = shelf.looked_at(number)
            if isinstance(looked_at, Picture):
                made = explain(showcase().models, shelf.classifier, looked_at, label=label)
                shelf.explanations[number, label] = made
    left, right = st.columns(2)
    left.image(picture.pixels, width="stretch", alt=picture.name, caption=escape(picture.name))
    if picture.note:
        left.caption(_(picture.note))
    if explanation := _explanation(demo, shelf, number):
        with right:
            _show_map(demo, shelf, picture, explanation)


def show_check(demo: Demo, shelf: Shelf, number: int) -> None:
    """What can be chosen about the heat map, and whether it is true."""
    if shelf.classifier.taught:
        text = _(
            "There is no heat map for classes that you taught: they are judged by features, not by pixels."
        )
        st.caption(text)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{demo.key}_heat_row"):
        st.toggle(_("Show where it looked"), value=True, key=f"{demo.key}_heat", persist_state="session")
        if _is_wanted(demo, shelf):
            _ask_for_label(demo, shelf, number)
            label = _("Strength of the heat map, %")
            st.slider(label, 0, 100, OPACITY, 5, key=f"{demo.key}_opacity", persist_state="session")
    if explanation := _explanation(demo, shelf, number):
        label = images_labels.title(explanation.label.name)
        heat_check.say(explanation.check, label=label, score=explanation.label.score)
    elif _is_wanted(demo, shelf):
        st.caption(_("This model cannot show where it looked."))


def _is_wanted(demo: Demo, shelf: Shelf) -> bool:
    return not shelf.classifier.taught and st.session_state.get(f"{demo.key}_heat", True)


def _explanation(demo: Demo, shelf: Shelf, number: int) -> Explanation | None:
    label = _label(demo, shelf, number)
    return shelf.explanations.get((number, label)) if _is_wanted(demo, shelf) else None


def _label(demo: Demo, shelf: Shelf, number: int) -> str:
    """The label to explain; the choice stands below the picture, which is drawn first."""
    found: Classified = shelf.seen[number]
    return st.session_state.get(f"{demo.key}_why_{shelf.number}_{number}", found.best.name)


def _ask_for_label(demo: Demo, shelf: Shelf, number: int) -> None:
    found: Classified = shelf.seen[number]
    names = [label.name for label in found.labels[: max(2, images_classifier.top_k(demo))]]
    titles = {name: images_labels.title(name) for name in names}
    key = f"{demo.key}_why_{shelf.number}_{number}"
    st.selectbox(_("Why this label"), names, format_func=titles.__getitem__, key=key)


def _show_map(demo: Demo, shelf: Shelf, picture: Picture, explanation: Explanation) -> None:
    opacity = st.session_state.get(f"{demo.key}_opacity", OPACITY) / 100
    base = _base(shelf, picture, explanation)
    cold, hot = overlay(base, np.zeros_like(explanation.saliency)), overlay(base, explanation.saliency)
    shown = (1 - opacity) * cold + opacity * hot
    alt = _("Heat map of {label}").format(label=images_labels.title(explanation.label.name))
    height, width = explanation.seen.shape[:2]
    caption = _("What the network sees of it: {width} × {height} pixels").format(width=width, height=height)
    st.image(shown.round().astype(np.uint8), width="stretch", alt=alt, caption=caption)


def _base(shelf: Shelf, picture: Picture, explanation: Explanation) -> np.ndarray:
    """What the network saw, in the sharpness of the picture where it is known to be the square in its middle."""
    is_square = showcase().models.calibration(shelf.classifier.spec).resolution_px is not None
    return heat_check.enlarged(_middle(picture.pixels) if is_square else explanation.seen)


def _middle(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]
