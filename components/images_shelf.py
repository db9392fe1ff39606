"""The pictures that are being looked at, and what was found in them so far."""

from contextlib import closing
from dataclasses import dataclass, field

import streamlit as st

from components import images_input, page
from components.i18n import _
from components.images_input import Brought
from core.demos import Demo
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images import folders
from core.scenarios.images.classify import Classifier, Seen, classify
from core.scenarios.images.results import Classified, Explanation
from core.showcase import showcase


@dataclass
class Shelf:
    """Pictures and results; another click in between does not end the work, stop does."""

    number: int
    """No other shelf of the session ever gets it."""
    brought: Brought
    classifier: Classifier
    seen: list[Seen] = field(default_factory=list)
    is_waiting: bool = True
    is_stopped: bool = False
    opened: tuple[int, Picture | Refused] | None = None
    """The picture that is shown large, by its number: decoded again when another one is chosen."""
    explanations: dict[tuple[int, str], Explanation | None] = field(default_factory=dict)

    @property
    def classified(self) -> list[Classified]:
        return [each for each in self.seen if isinstance(each, Classified)]

    def picture(self, number: int) -> Picture | Refused:
        """One of the pictures, as large as it is kept."""
        if self.opened is None or self.opened[0] != number:
            self.opened = (number, folders.nth(self.brought.files, number))
        return self.opened[1]

    def is_for(self, brought: Brought, classifier: Classifier) -> bool:
        """Whether these very pictures were looked at in this very way."""
        asked = (self.classifier.spec, self.classifier.labels, self.classifier.taught)
        return self.brought is brought and asked == (classifier.spec, classifier.labels, classifier.taught)


def current(demo: Demo, classifier: Classifier | None) -> Shelf | None:
    """What was found in the pictures brought last, looking at them first if need be."""
    brought = images_input.brought(demo)
    if brought is None or classifier is None:
        return None
    shelf: Shelf | None = st.session_state.get(f"{demo.key}_shelf")
    if shelf is None or not shelf.is_for(brought, classifier):
        number = st.session_state.get(f"{demo.key}_shelves", 0) + 1
        st.session_state[f"{demo.key}_shelves"] = number
        shelf = st.session_state[f"{demo.key}_shelf"] = Shelf(number, brought, classifier)
    if shelf.is_waiting:
        _go_on(demo, shelf)
    return shelf


def _go_on(demo: Demo, shelf: Shelf) -> None:
    """Look until all are seen, with a bar that measures it and a button that ends it."""
    total, controls = folders.count(shelf.brought.files), st.empty()
    with page.running(_("Looking…"), action="classify"), controls.container():
        if total > 1:
            stop = {"on_click": _stop, "args": (shelf,), "icon": ":material/stop_circle:"}
            st.button(_("Stop and keep what is finished"), key=f"{demo.key}_stop_{shelf.number}", **stop)
        bar = st.progress(0.0) if total > 1 else None
        left = folders.read_with_folders(shelf.brought.files, start=len(shelf.seen))
        with closing(classify(showcase().models, shelf.classifier, left)) as steps:
            for step in steps:
                shelf.seen += step
                if bar:
                    text = _("{done} of {total} pictures").format(done=len(shelf.seen), total=total)
                    bar.progress(min(1.0, len(shelf.seen) / total), text=text)
    # A click ends this run before this line, and the next run goes on.
    shelf.is_waiting = False
    controls.empty()


def look_again(shelf: Shelf) -> None:
    shelf.is_waiting, shelf.is_stopped = True, False


def _stop(shelf: Shelf) -> None:
    shelf.is_waiting, shelf.is_stopped = False, True
