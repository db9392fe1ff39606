"""The pictures that are being looked at, and what was found in them so far."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import images_input, page
from components.i18n import _
from components.images_input import Brought
from core.deadlines import Deadline
from core.demos import Demo
from core.errors import DemoError
from core.limits import MAX_SIDE_PX
from core.pictures import uploads
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images import folders
from core.scenarios.images.classify import Classifier, Seen, classify
from core.scenarios.images.models import needed_px
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
        """One of the pictures, as large as it is kept. Raises DeadlineError while too many others read."""
        if self.opened is None or self.opened[0] != number:
            self.opened = (number, self._read(number, MAX_SIDE_PX))
        return self.opened[1]

    def looked_at(self, number: int) -> Picture | Refused:
        """One of the pictures, as fine as it was shown to the model. Raises DeadlineError as `picture` does."""
        return self._read(number, self.needed_px)

    @property
    def needed_px(self) -> int:
        return needed_px(showcase().models, self.classifier.spec)

    def _read(self, number: int, least_px: int) -> Picture | Refused:
        limits = showcase().limits
        left = folders.read_with_folders(self.brought.files, start=number, needed_px=least_px)
        return next(Deadline(limits.deadline_s).one_by_one(left, limits.reading))

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
    total, controls = uploads.count(shelf.brought.files), st.empty()
    with page.running(_("Looking…"), action="classify"), controls.container():
        if total > 1:
            stop = {"on_click": _stop, "args": (shelf,), "icon": ":material/stop_circle:"}
            st.button(_("Stop and keep what is finished"), key=f"{demo.key}_stop_{shelf.number}", **stop)
        bar = st.empty()
        try:
            with closing(_looking(shelf)) as steps:
                for step in steps:
                    shelf.seen += step
                    # Also of one picture, so that a click is heard.
                    _measure(bar, len(shelf.seen), total)
        except DemoError:
            shelf.is_stopped = True
            raise
    # A click ends this run before this line, and the next run goes on.
    shelf.is_waiting = False
    controls.empty()


def _looking(shelf: Shelf) -> Generator[tuple[Seen, ...], None, None]:
    """What is found in the pictures that are left, while others read too, and not for ever."""
    limits, files = showcase().limits, shelf.brought.files
    deadline = Deadline(limits.page_deadline_s)
    left = folders.read_with_folders(files, start=len(shelf.seen), needed_px=shelf.needed_px)
    arriving = deadline.in_turn(left, limits.reading)
    return deadline.steps(classify(showcase().models, shelf.classifier, arriving, thumbnails=True))


def _measure(bar: DeltaGenerator, done: int, total: int) -> None:
    if total == 1:
        bar.empty()
        return
    text = _("{done} of {total} pictures").format(done=done, total=total)
    bar.progress(min(1.0, done / total), text=text)


def look_again(shelf: Shelf) -> None:
    shelf.is_waiting, shelf.is_stopped = True, False


def _stop(shelf: Shelf) -> None:
    shelf.is_waiting, shelf.is_stopped = False, True
