"""How good: the recommenders on held-out items of many users, at the sliders as they are."""

from dataclasses import dataclass, replace

import streamlit as st

from components import page
from components import recommendation_figures as figures
from components import recommendation_public as public
from components import recommendation_scatter as scatter
from components import recommendation_wishes as wishes
from components import recommendation_work as work
from components.i18n import _, sentence
from components.recommendation_shop import Shop
from core.demos import Demo
from core.errors import DemoError
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.picking import Wishes
from core.scenarios.recommendation.recommending import Row, evaluate_all
from core.showcase import showcase

# Of a large data set; more of them hardly narrow the intervals, and take longer.
MAX_USERS = 1000
SEED = 42


@dataclass(frozen=True)
class Asked:
    """What is measured, and how."""

    fits: Fits
    names: tuple[str, ...]
    split: str
    wishes: Wishes
    weights: dict[str, float]


def show(demo: Demo, shop: Shop) -> None:
    """The split, the measuring, the table and the scatter; then what was measured on public data."""
    st.markdown(
        _(
            "Some of each visitor's items are hidden, the lists are made from the rest, and it is counted how many of "
            "the hidden ones they find. All items are ranked; the sliders count here too."
        )
    )
    split = _split(demo)
    if _is_wanted(demo, shop):
        _measure(demo, shop, split)
    public.show(demo)


def _split(demo: Demo) -> str:
    key = f"{demo.key}_split"
    titles = {
        "user-random-80-20": _("A fifth of each visitor's items"),
        "leave-last-out": _("Each visitor's last item"),
    }
    return page.choice(_("What is hidden"), titles, key=key, is_labelled=True)


def _is_wanted(demo: Demo, shop: Shop) -> bool:
    """Whether this shop is measured: asked for once, then at every move of a slider."""
    key = f"{demo.key}_measured"
    if st.session_state.get(key) == shop.dataset_id:
        return True
    label = _("Measure")
    if st.button(label, key=f"{demo.key}_measure", type="primary", icon=":material/speed:"):
        st.session_state[key] = shop.dataset_id
        st.rerun()
    return False


def _measure(demo: Demo, shop: Shop, split: str) -> None:
    asked = Asked(
        shop.fits, wishes.recommenders(demo, shop), split, wishes.wishes(demo), wishes.weights(demo, shop)
    )
    done = work.finished(demo, "evaluate", asked, lambda: _steps(asked), label=_("Measuring…"))
    if done is None:
        return
    rows, refused = done.value
    for text in dict.fromkeys(sentence(error) for error in refused):
        st.error(text, icon=":material/error:")
    if rows:
        k = asked.wishes.k
        figures.say(rows, k=k, is_synthetic=shop.dataset.is_synthetic)
        figures.show_table(demo, rows, k=k)
        scatter.show(demo, rows, _plain(demo, asked, rows), k=k)


def _steps(asked: Asked) -> work.Steps:
    """The rows, and what was refused: that one recommender cannot be had stops none of the others."""
    rows, refused = list[Row](), list[DemoError]()
    for name in asked.names:
        try:
            rows += yield from evaluate_all(
                showcase().models,
                asked.fits,
                (name,),
                k=asked.wishes.k,
                split=asked.split,
                seed=SEED,
                wishes=asked.wishes,
                weights=asked.weights if name == "hybrid" else None,
                max_users=MAX_USERS,
            )
        except DemoError as error:
            refused.append(error)
    return tuple(rows), tuple(refused)


def _plain(demo: Demo, asked: Asked, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The same measured with both sliders at 0, where that was seen before; nothing while they are there."""
    key, plain = f"{demo.key}_plain_rows", replace(asked, wishes=Wishes(asked.wishes.k))
    if asked == plain:
        st.session_state[key] = (plain, rows)
        return ()
    seen, seen_rows = st.session_state.get(key, (None, ()))
    return seen_rows if seen == plain else ()
