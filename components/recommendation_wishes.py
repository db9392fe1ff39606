"""What the lists should be like: how long, how different and how new; which recommenders, with which weights."""

from collections.abc import Sequence

import streamlit as st

from components import page
from components import recommendation_words as words
from components.i18n import _
from components.recommendation_shop import Shop
from core.demos import Demo
from core.scenarios.recommendation.learning import hybrid_weights
from core.scenarios.recommendation.picking import Wishes

LENGTHS = ("5", "10", "20")
DEFAULT_LENGTH = "10"
STEPS = tuple(f"{step / 10:.1f}" for step in range(11))
NONE = "0.0"
COLLABORATIVE = ("ease", "item-knn", "als")


def ask(demo: Demo, shop: Shop) -> None:
    """The sliders, and behind a button what few visitors change."""
    _slider(demo, "diversity", _("Difference between the items"), STEPS, NONE)
    _slider(demo, "novelty", _("Less known items"), STEPS, NONE)
    with st.popover(_("Options"), icon=":material/tune:", key=f"{demo.key}_options"):
        _slider(demo, "k", _("Items in a list"), LENGTHS, DEFAULT_LENGTH)
        _ask_for_collaborative(demo, shop)
        st.caption(_("Weights of the hybrid: how much each score counts in the sum."))
        for name, weight in hybrid_weights(shop.dataset).items():
            _slider(demo, f"weight_{name}", words.recommender_title(name), STEPS, f"{weight:.1f}")


def wishes(demo: Demo) -> Wishes:
    return Wishes(
        k=int(_chosen(demo, "k", LENGTHS, DEFAULT_LENGTH)),
        diversity=float(_chosen(demo, "diversity", STEPS, NONE)),
        novelty=float(_chosen(demo, "novelty", STEPS, NONE)),
    )


def weights(demo: Demo, shop: Shop) -> dict[str, float]:
    """The weights of this shop's hybrid, by part."""
    return {
        name: float(_chosen(demo, f"weight_{name}", STEPS, f"{weight:.1f}"))
        for name, weight in hybrid_weights(shop.dataset).items()
    }


def recommenders(demo: Demo, shop: Shop) -> tuple[str, ...]:
    """Those that stand side by side, the baseline last."""
    return ("hybrid", _collaborative(demo, shop), "content", "popularity")


def forget_collaborative(demo: Demo) -> None:
    """Let the next shop choose, unless the link says which."""
    st.session_state.pop(f"{demo.key}_collaborative", None)


def _collaborative(demo: Demo, shop: Shop) -> str:
    """The one that was chosen, else the one that this shop's hybrid has: EASE takes no large catalogue."""
    own = next((part for part in hybrid_weights(shop.dataset) if part in COLLABORATIVE), COLLABORATIVE[0])
    return _chosen(demo, "collaborative", COLLABORATIVE, own)


def _ask_for_collaborative(demo: Demo, shop: Shop) -> None:
    key = f"{demo.key}_collaborative"
    # At every run, as page.slider does it: the control is drawn in a popover.
    st.session_state[key] = _collaborative(demo, shop)
    st.segmented_control(
        _("Collaborative recommender"),
        COLLABORATIVE,
        format_func=words.recommender_title,
        required=True,
        key=key,
        on_change=page.put_into_link,
        args=(key,),
        help=_("The hybrid keeps its own parts, whichever stands beside it."),
    )


def _slider(demo: Demo, name: str, label: str, choices: Sequence[str], default: str) -> None:
    page.slider(label, choices, key=f"{demo.key}_{name}", default=default)


def _chosen(demo: Demo, name: str, choices: Sequence[str], default: str) -> str:
    """The choice, also before the widget is drawn."""
    key = f"{demo.key}_{name}"
    page.linked(key, choices, default)
    return st.session_state[key]
