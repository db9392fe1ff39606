"""What is in a picture, large and clear, with how sure the model is and whether it knows such pictures at all."""

import streamlit as st

from components import (
    failures,
    feedback,
    images_classifier,
    images_heat,
    images_labels,
    images_shelf,
    results,
)
from components.i18n import _, sentence
from components.images_shelf import Shelf
from components.markup import escape
from core.demos import Demo
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images.results import Classified, Verdict
from core.showcase import showcase
from core.types import Tier


def show(demo: Demo, shelf: Shelf | None) -> None:
    """The picture that is chosen; where there is none yet, what to do."""
    if shelf is None:
        text = _("Bring a picture or take an example; what is in it appears here.")
        st.info(text, icon=":material/image_search:")
        return
    if shelf.is_stopped or not shelf.seen:
        _offer_the_rest(demo, shelf)
    if not shelf.seen:
        return
    number = _chosen(demo, shelf)
    found = shelf.seen[number]
    if isinstance(found, Refused):
        st.error(f"**{escape(found.name)}**: {sentence(found.error)}", icon=":material/broken_image:")
    else:
        _show_found(demo, shelf, number, found)


def _offer_the_rest(demo: Demo, shelf: Shelf) -> None:
    if shelf.seen:
        text = _("Stopped after {count} pictures; these are kept.").format(count=len(shelf.seen))
        st.warning(text, icon=":material/stop_circle:")
    label = _("Look at the rest") if shelf.seen else _("Look again")
    again = {"on_click": images_shelf.look_again, "args": (shelf,), "icon": ":material/refresh:"}
    st.button(label, key=f"{demo.key}_look_again", **again)


def _chosen(demo: Demo, shelf: Shelf) -> int:
    """The number of the picture to show; a choice where there are several."""
    if len(shelf.seen) == 1:
        return 0
    titles = [f"{number} · {_line(each)}" for number, each in enumerate(shelf.seen, start=1)]
    return st.selectbox(
        _("Picture"),
        range(len(titles)),
        format_func=titles.__getitem__,
        key=f"{demo.key}_chosen_{shelf.number}",
    )


def _line(each: Classified | Refused) -> str:
    if isinstance(each, Refused):
        refused = _("refused")
        return f"{each.name} → {refused}"
    unknown = each.verdict is Verdict.UNKNOWN
    answer = images_labels.verdict_title(each.verdict) if unknown else images_labels.scored(each.best)
    return f"{each.name} → {answer}"


def _show_found(demo: Demo, shelf: Shelf, number: int, found: Classified) -> None:
    picture = None
    with failures.shown():
        picture = shelf.picture(number)
    with st.container(border=True, key=f"{demo.key}_result"):
        st.markdown(images_labels.headline(found), anchors=False)
        _show_verdict(found)
        if isinstance(picture, Picture):
            images_heat.show(demo, shelf, number, picture)
        for label in found.labels[: images_classifier.top_k(demo)]:
            st.progress(min(1.0, label.score), text=escape(images_labels.scored(label)))
        images_heat.show_check(demo, shelf, number)
    results.badge(found.model)
    _say_what_it_is(shelf, found)
    size = f"{found.width_px} x {found.height_px} px"
    answer = f"{found.verdict}: {found.best.name} {found.best.score:.3f}"
    turn = 1000 * shelf.number + number
    feedback.ask(demo, turn_id=turn, question=size, answer=answer, model_id=found.model.model_id)


def _show_verdict(found: Classified) -> None:
    name = images_labels.verdict_title(found.verdict)
    if found.verdict is Verdict.UNCHECKED:
        text = _(
            "This model has no measured threshold for unknown pictures: it always chooses one of its labels."
        )
        st.markdown(f":gray-badge[:material/help: {name}] {text}")
        return
    numbers = {"likeness": f"{found.likeness:.3f}", "threshold": f"{found.unknown_below:.3f}"}
    if found.verdict is Verdict.KNOWN:
        text = _("Like the pictures that it learned from ({likeness}, at least {threshold} is asked for).")
        st.markdown(f":green-badge[:material/check_circle: {name}] {text.format(**numbers)}")
    else:
        text = _(
            "Unlike anything that it learned from ({likeness}, at least {threshold} is asked for). "
            "Below is what it would say if it had to."
        )
        st.markdown(f":orange-badge[:material/help: {name}] {text.format(**numbers)}")


def _say_what_it_is(shelf: Shelf, found: Classified) -> None:
    """What to expect of a starter, and of drawings, before anybody relies on it."""
    if shelf.brought.is_drawn:
        text = _(
            "This picture is synthetic: drawn by a program. The model learned from photographs, so a drawing is no "
            "fair test of it, in either direction. Try your own pictures."
        )
        st.caption(f":material/draw: {text}")
    spec = showcase().models.catalog.spec(found.model.model_id)
    if spec.tier is Tier.STARTER:
        text = _("{model} is a starter model of {size} MB: it knows few labels, and makes mistakes.")
        st.caption(text.format(model=escape(spec.title), size=round(spec.size_mb)))
