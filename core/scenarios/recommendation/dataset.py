"""A shop: who took what, and what the items are."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import N_, InputTooLargeError, NotFoundError
from core.limits import MAX_USER_HISTORY
from core.scenarios.recommendation.interactions import Interactions
from core.scenarios.recommendation.items import Items

# Of an id that nobody knows, in the sentence that says so.
SHOWN_CHARS = 60


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions and items in one order, ascending by id; items that nobody took belong to it too."""

    name: str
    interactions: Interactions
    items: Items
    items_zh: Items | None = None
    is_synthetic: bool = False

    @property
    def user_count(self) -> int:
        return len(self.interactions.users)

    @property
    def item_count(self) -> int:
        return len(self.interactions.items)

    @property
    def interaction_count(self) -> int:
        return self.interactions.count

    @cached_property
    def has_texts(self) -> bool:
        """Whether anything is known of the items but their ids."""
        return self.items.titles != self.items.ids or any(self.items.descriptions)

    def shown(self, language: str) -> Items:
        """The items in this language, where there are texts in it."""
        return self.items_zh if language == "zh" and self.items_zh else self.items

    def number(self, item_id: str) -> int:
        """The number of an item. Raises NotFoundError for an id that this shop doesn't have."""
        number = _place(self.interactions.items, item_id)
        if number is None:
            message = N_('There is no item "{item}" among the {count} items of this data set.')
            raise NotFoundError(message, item=item_id[:SHOWN_CHARS], count=self.item_count)
        return number

    def numbers(self, item_ids: Iterable[str]) -> np.ndarray:
        """The numbers of different items, ascending: a history. Raises NotFoundError."""
        return np.array(sorted({self.number(item_id) for item_id in item_ids}), dtype=np.int64)

    def user(self, user_id: str) -> int:
        """The number of a user. Raises NotFoundError for an id that this shop doesn't have."""
        number = _place(self.interactions.users, user_id)
        if number is None:
            message = N_('There is no user "{user}" among the {count} users of this data set.')
            raise NotFoundError(message, user=user_id[:SHOWN_CHARS], count=self.user_count)
        return number

    def history_of(self, user_id: str) -> tuple[str, ...]:
        """What this user took, by id. Raises NotFoundError, and InputTooLargeError for more than a list is made for."""
        history = self.interactions.history(self.user(user_id)).tolist()
        if len(history) > MAX_USER_HISTORY:
            message = N_(
                "This user has {count} items; {limit} are the most that a list is made for. Choose another user, or "
                "items."
            )
            raise InputTooLargeError(message, count=len(history), limit=MAX_USER_HISTORY)
        return tuple(self.interactions.items[item] for item in history)


def _place(ids: tuple[str, ...], wanted: str) -> int | None:
    place = bisect_left(ids, wanted)
    return place if place < len(ids) and ids[place] == wanted else None
