"""The state of the models, live: on the home cards, while a page waits, and on the operations page."""

import time
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from components.i18n import _, sentence
from core.catalog import ModelSpec
from core.demos import DEMOS, Demo
from core.errors import N_, DemoError
from core.loading import ModelStatus, State
from core.showcase import showcase

STATE_TITLES = {
    State.UNLOADED: N_("not loaded"),
    State.QUEUED: N_("waiting"),
    State.DOWNLOADING: N_("downloading"),
    State.LOADING: N_("loading"),
    State.READY: N_("ready"),
    State.FAILED: N_("failed"),
}
# What loading a starter took on a laptop; measured times of this process take its place once there are any.
TYPICAL_LOAD_S = 6


@dataclass(frozen=True)
class DemoStatus:
    """How a demo stands: the state of the model of each role, or why there is none."""

    demo: Demo
    models: tuple[ModelStatus, ...] = ()
    error: DemoError | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a model is on its way, or will be as soon as the warm-up reaches it."""
        states = {status.state for status in self.models}
        is_warming_up = showcase().settings.warm_up and not showcase().ready.is_set()
        return any(state.is_busy for state in states) or (is_warming_up and State.UNLOADED in states)

    @property
    def states(self) -> tuple[State, ...]:
        return tuple(status.state for status in self.models)

    @property
    def badge(self) -> str:
        """One line of Markdown: ready, loading, loads at first use, failed, or coming."""
        if self.demo.is_coming:
            coming = _("coming")
            return f":gray-badge[:material/schedule: {coming}]"
        return (
            _failed(self.error)
            if self.error
            else _badge(self.models) + _upgrade_badge(self.demo, self.models)
        )


def demo_statuses() -> list[DemoStatus]:
    """The status of every demo, in the order of the menu."""
    return [_demo_status(demo) for demo in DEMOS]


def _demo_status(demo: Demo) -> DemoStatus:
    if demo.is_coming:
        return DemoStatus(demo)
    try:
        return DemoStatus(demo, tuple(showcase().models.role_status(role) for role in demo.roles))
    except DemoError as error:
        return DemoStatus(demo, error=error)


def machine_status() -> str:
    """Device and memory in a line."""
    place = showcase()
    device = place.models.device
    title = device.title if device else _("not needed yet")
    memory = f"{_memory_used_mb(int(time.monotonic())):,.0f}"
    return _("Device: {device} · memory used: {memory} MB").format(device=title, memory=memory)


@lru_cache(maxsize=1)
def _memory_used_mb(second: int) -> float:
    """Measured once a second for all visitors: asking the system takes a fifth of a millisecond."""
    return showcase().memory_used_mb()


def refresh_while_loading(statuses: list[DemoStatus]) -> None:
    """Look again every second while a model is on its way; a home page at rest costs nothing."""
    if any(status.is_waiting for status in statuses):
        _watch([status.states for status in statuses])


def state_title(state: State) -> str:
    return _(STATE_TITLES[state])


@st.fragment(run_every=1.0)
def _watch(shown: list[tuple[State, ...]]) -> None:
    """Draw the page anew as soon as any state is not what it shows."""
    statuses = demo_statuses()
    if [status.states for status in statuses] != shown or not any(status.is_waiting for status in statuses):
        st.rerun()


def _badge(statuses: tuple[ModelStatus, ...]) -> str:
    states = {status.state for status in statuses}
    if states == {State.READY}:
        return f":green-badge[:material/check_circle: {state_title(State.READY)}]"
    if State.FAILED in states:
        return _failed(next(status.error for status in statuses if status.state is State.FAILED))
    if any(state.is_busy for state in states):
        return f":orange-badge[:material/hourglass_top: {state_title(State.LOADING)}]"
    seconds = sum(status.load_s or TYPICAL_LOAD_S / 2 for status in statuses)
    text = _("loads in about {seconds} s").format(seconds=round(seconds))
    return f":blue-badge[:material/bolt: {text}]"


def _failed(error: DemoError) -> str:
    return f":red-badge[:material/error: {state_title(State.FAILED)}] :gray[{sentence(error)}]"


def _upgrade_badge(demo: Demo, statuses: tuple[ModelStatus, ...]) -> str:
    choice, roles = showcase().models.choice, zip(demo.roles, statuses, strict=True)
    is_upgradable = any(choice.fits(spec) for role, used in roles for spec in _before(role, used.spec))
    upgradable = _("can be upgraded")
    return f" :violet-badge[:material/upgrade: {upgradable}]" if is_upgradable else ""


def _before(role: str, used: ModelSpec) -> tuple[ModelSpec, ...]:
    """The candidates of the role that the catalog prefers to the one in use."""
    candidates = showcase().models.catalog.candidates(role)
    return candidates[: candidates.index(used)]
