"""The state of the models, live: on the home cards, while a page waits, and on the operations page."""

import streamlit as st

from components.i18n import _, sentence
from core.demos import DEMOS, Demo
from core.errors import DemoError
from core.loading import State
from core.pool import ModelStatus
from core.showcase import showcase

# What loading a starter took on a laptop; measured times of this process take its place once there are any.
TYPICAL_LOAD_S = 6


def demo_status(demo: Demo) -> str:
    """One Markdown badge: ready, loading, loads at first use, failed, or coming."""
    if demo.is_coming:
        return f":gray-badge[:material/schedule: {_('coming')}]"
    try:
        statuses = [showcase().models.role_status(role) for role in demo.roles]
    except DemoError as error:
        return _failed(error)
    return _badge(statuses) + _upgrade_badge(demo, statuses)


def machine_status() -> str:
    """Device and memory in a line."""
    place = showcase()
    device = place.models.device
    title = device.title if device else _("not needed yet")
    memory = f"{place.memory_used_mb():,.0f}"
    return _("Device: {device} · memory used: {memory} MB").format(device=title, memory=memory)


def refresh_while_loading() -> None:
    """Look again every second while a model is on its way; a home page at rest costs nothing."""
    if any(_is_waiting(demo) for demo in DEMOS):
        _watch()


def state_title(state: State) -> str:
    titles = {
        State.UNLOADED: _("not loaded"),
        State.QUEUED: _("waiting"),
        State.DOWNLOADING: _("downloading"),
        State.LOADING: _("loading"),
        State.READY: _("ready"),
        State.FAILED: _("failed"),
    }
    return titles[state]


@st.fragment(run_every=1.0)
def _watch() -> None:
    if not any(_is_waiting(demo) for demo in DEMOS):
        st.rerun()


def _is_waiting(demo: Demo) -> bool:
    """Whether a model of the demo is on its way, or will be as soon as the warm-up reaches it."""
    if demo.is_coming:
        return False
    try:
        states = [showcase().models.role_status(role).state for role in demo.roles]
    except DemoError:
        return False
    is_warming_up = showcase().settings.warm_up and not showcase().ready.is_set()
    return any(state.is_busy for state in states) or (is_warming_up and State.UNLOADED in states)


def _badge(statuses: list[ModelStatus]) -> str:
    states = {status.state for status in statuses}
    if states == {State.READY}:
        return f":green-badge[:material/check_circle: {_('ready')}]"
    if State.FAILED in states:
        return _failed(next(status.error for status in statuses if status.state is State.FAILED))
    if any(state.is_busy for state in states):
        return f":orange-badge[:material/hourglass_top: {_('loading')}]"
    seconds = sum(status.load_s or TYPICAL_LOAD_S / 2 for status in statuses)
    text = _("loads in about {seconds} s").format(seconds=round(seconds))
    return f":blue-badge[:material/bolt: {text}]"


def _failed(error: DemoError) -> str:
    return f":red-badge[:material/error: {_('failed')}] :gray[{sentence(error)}]"


def _upgrade_badge(demo: Demo, statuses: list[ModelStatus]) -> str:
    used = {status.spec.model_id for status in statuses}
    candidates = {spec.model_id for role in demo.roles for spec in showcase().models.catalog.candidates(role)}
    return f" :violet-badge[:material/upgrade: {_('can be upgraded')}]" if candidates - used else ""
