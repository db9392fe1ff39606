"""What is known of the items: how they are called, described and sorted."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Items:
    """Texts of the items, all in the order of Interactions.items; "" where nothing is known, titles are never empty."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    categories: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def text(self, item: int) -> str:
        """What an embedder reads of one item: its title and its description."""
        title, description = self.titles[item], self.descriptions[item]
        return f"{title}. {description}" if description else title

    @property
    def texts(self) -> list[str]:
        return [self.text(item) for item in range(len(self))]


def unnamed(ids: tuple[str, ...]) -> Items:
    """Items of which only the ids are known."""
    nothing = ("",) * len(ids)
    return Items(ids, ids, nothing, nothing)
