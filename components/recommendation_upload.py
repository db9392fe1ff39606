"""The visitor's own data: two files in, a shop of their own for this session."""

from dataclasses import dataclass

import streamlit as st

from components import failures
from components import recommendation_shop as shops
from components import recommendation_wishes as wishes
from components import recommendation_work as work
from components.i18n import _
from core.demos import Demo
from core.limits import (
    MAX_CATALOGUE_BYTES,
    MAX_CATALOGUE_ITEMS,
    MAX_INTERACTIONS,
    MAX_INTERACTIONS_BYTES,
    MAX_NAME_CHARS,
)
from core.scenarios.recommendation.background import in_turn
from core.scenarios.recommendation.reading import read_dataset
from core.showcase import showcase

WORK = "reading"
MEGABYTE = 2**20


@dataclass(frozen=True, eq=False)
class Brought:
    """The files of one upload."""

    name: str
    interactions: bytes
    items: bytes | None
    min_rating: float | None


def show(demo: Demo) -> None:
    """The form, and the reading of what was sent with it."""
    key, closing = f"{demo.key}_own", f"{demo.key}_own_closing"
    if st.session_state.pop(closing, False):
        st.session_state[key] = False
    # With "rerun" the key holds whether it is open.
    with st.expander(_("Your own data"), icon=":material/upload_file:", key=key, on_change="rerun"):
        _ask(demo)
    if brought := st.session_state.get(_key(demo)):
        _read(demo, brought)


def _ask(demo: Demo) -> None:
    with st.form(f"{demo.key}_upload_form", border=False, clear_on_submit=True):
        interactions = st.file_uploader(
            _("Interactions: a CSV with the columns user and item"),
            type=["csv"],
            key=f"{demo.key}_interactions",
            max_upload_size=MAX_INTERACTIONS_BYTES // MEGABYTE,
            help=_("Also read, where they are there: rating and timestamp."),
        )
        items = st.file_uploader(
            _("Items, if you like: item and title"),
            type=["csv"],
            key=f"{demo.key}_items",
            max_upload_size=MAX_CATALOGUE_BYTES // MEGABYTE,
            help=_("Also read: description and category. Pictures that the file names are never fetched."),
        )
        rating = st.number_input(
            _("Count only ratings from"),
            value=None,
            key=f"{demo.key}_min_rating",
            placeholder=_("all of them"),
        )
        st.caption(_limits())
        label = _("Use my data")
        is_wanted = st.form_submit_button(label, key=f"{demo.key}_upload_use", type="primary")
    if is_wanted and interactions is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif is_wanted:
        name, content = interactions.name[:MAX_NAME_CHARS], items.getvalue() if items else None
        brought = Brought(name, interactions.getvalue(), content, rating)
        st.session_state[_key(demo)] = brought


def _read(demo: Demo, brought: Brought) -> None:
    """Let these files take the place of the current shop, unless they cannot be used."""

    def begin() -> work.Steps:
        reading = read_dataset(
            brought.interactions, brought.items, name=brought.name, min_rating=brought.min_rating
        )
        return in_turn(reading, showcase().limits.reading)

    done = work.finished(demo, WORK, brought, begin, label=_("Reading the file…"))
    if done is None:
        _forget_refused(demo)
        return
    del st.session_state[_key(demo)]
    work.forget(demo, WORK)
    with failures.shown():
        shops.use_own(demo, done.value)
        wishes.forget_collaborative(demo)
        st.session_state[f"{demo.key}_own_closing"] = True
        st.rerun()


def _forget_refused(demo: Demo) -> None:
    """A file that was refused is not read again; one that was stopped can be."""
    if not work.is_there(demo, WORK):
        del st.session_state[_key(demo)]


def _limits() -> str:
    text = _(
        "At most {megabytes} MB and {interactions} interactions of {items} items. Your data stay in the memory of "
        "this server for this session, and are not used for anything else."
    )
    return text.format(
        megabytes=MAX_INTERACTIONS_BYTES // MEGABYTE,
        interactions=f"{MAX_INTERACTIONS:,}",
        items=f"{MAX_CATALOGUE_ITEMS:,}",
    )


def _key(demo: Demo) -> str:
    return f"{demo.key}_brought"
