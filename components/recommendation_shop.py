"""The shop of this session: the sample, or the visitor's own data."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from components import recommendation_words as words
from components.i18n import _, language
from components.markup import escape
from components.session import session_id
from core.belongings import LIFETIME_S
from core.demos import Demo
from core.errors import NotFoundError
from core.scenarios.recommendation import fits
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.fits import SAMPLE_ID, Fits
from core.scenarios.recommendation.items import Items
from core.showcase import showcase

# Titles of a larger shop are not compared with each other at every click: each has its id.
COUNTED = 50_000


@dataclass(frozen=True)
class Shop:
    """A data set under its id, and what was learned from it."""

    dataset_id: str
    fits: Fits

    @property
    def dataset(self) -> Dataset:
        return self.fits.dataset

    @cached_property
    def items(self) -> Items:
        """The items in the visitor's language, where there are texts in it."""
        return self.dataset.shown(language())

    def title(self, number: int) -> str:
        """What an item is called; where another is called alike, its id tells them apart."""
        title = words.shortened(self.items.titles[number])
        is_large = self.dataset.item_count > COUNTED
        return f"{title} ({self.items.ids[number]})" if is_large or self._counts[title] > 1 else title

    def title_of(self, item_id: str) -> str:
        return self.title(self.dataset.number(item_id))

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(words.shortened(title) for title in self.items.titles)

    @property
    def is_own(self) -> bool:
        return self.dataset_id != SAMPLE_ID


def current(demo: Demo) -> Shop:
    """The shop in use; when the visitor's own has expired, say so and go on with the sample."""
    dataset_id = st.session_state.get(_key(demo), SAMPLE_ID)
    try:
        return Shop(dataset_id, fits.shop(showcase().belongings, dataset_id))
    except NotFoundError:
        text = _("Your data have expired after {hours} hours; here is the sample again.")
        st.warning(text.format(hours=LIFETIME_S // 3600), icon=":material/schedule:")
        use_sample(demo)
        return Shop(SAMPLE_ID, fits.shop(showcase().belongings, SAMPLE_ID))


def use_sample(demo: Demo) -> None:
    """Go back to the sample shop; the visitor's own data are forgotten."""
    if (dataset_id := st.session_state.pop(_key(demo), None)) is not None:
        showcase().belongings.drop(dataset_id)
        st.session_state.get(visits_key(demo), {}).pop(dataset_id, None)


def use_own(demo: Demo, dataset: Dataset) -> None:
    """Keep the visitor's own data for this session; those it has already make room first. Raises OverloadedError."""
    use_sample(demo)
    st.session_state[_key(demo)] = fits.keep(showcase().belongings, dataset, owner=session_id())


def visits_key(demo: Demo) -> str:
    """Where the session keeps what was said in each shop, by the shop's id."""
    return f"{demo.key}_visits"


def describe(demo: Demo, shop: Shop) -> None:
    """Name and size; synthetic visitors are called so."""
    dataset = shop.dataset
    icon = ":material/science:" if dataset.is_synthetic else ":material/storefront:"
    st.markdown(f"{icon} **{escape(words.dataset_title(dataset))}**")
    text = _("{items} items, {users} visitors, {interactions} interactions.")
    if dataset.is_synthetic:
        text = _(
            "{items} invented products, {users} simulated visitors, {interactions} interactions: nobody real is in "
            "these data, and no figure of them says anything about real shops."
        )
    sizes = {"items": dataset.item_count, "users": dataset.user_count}
    counts = sizes | {"interactions": dataset.interaction_count}
    st.caption(text.format(**{name: f"{count:,}" for name, count in counts.items()}))
    if shop.is_own:
        label = _("Back to the sample")
        st.button(
            label, key=f"{demo.key}_use_sample", on_click=use_sample, args=(demo,), icon=":material/undo:"
        )
        text = _("Your data belong to this session and are forgotten after {hours} hours.")
        st.caption(text.format(hours=LIFETIME_S // 3600))


def _key(demo: Demo) -> str:
    return f"{demo.key}_dataset_id"
