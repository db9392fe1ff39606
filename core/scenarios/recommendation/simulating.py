"""Invented visitors of the sample shop: personas of assets/catalogue/personas.toml, not real people or purchases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

POPULARITY_EXPONENT = (
    0.7  # of Zipf's law; with 1, the first ten products would push aside all personas' tastes
)
OWN_TASTE = 0.7  # standard deviation of what a single visitor likes more or less than the persona does
FIRST_DAYS = 270  # visitors come for the first time in one of so many days
MEAN_GAP_DAYS = 9
FEWEST_ITEMS = 3


@dataclass(frozen=True)
class Product:
    """One invented product, in both languages."""

    item: str
    category: str
    title_en: str
    title_zh: str
    description_en: str
    description_zh: str
    price_eur: float

    def title(self, language: str) -> str:
        return self.title_zh if language == "zh" else self.title_en

    def description(self, language: str) -> str:
        return self.description_zh if language == "zh" else self.description_en


@dataclass(frozen=True)
class Persona:
    """A kind of visitor; what the fields mean is said at the top of personas.toml."""

    persona_id: str
    title_en: str
    title_zh: str
    share: float
    takes: float
    adventurous: float
    categories: dict[str, float]
    words: dict[str, float]

    def title(self, language: str) -> str:
        return self.title_zh if language == "zh" else self.title_en


@dataclass(frozen=True)
class FollowUp:
    """Who took `after` likes `item` more by `strength`: the filters after the coffee maker."""

    after: str
    item: str
    strength: float


@dataclass(frozen=True)
class Personas:
    """Who visits the shop, and what is bought after what."""

    personas: tuple[Persona, ...]
    follow_ups: tuple[FollowUp, ...]


@dataclass(frozen=True)
class Event:
    """An invented visitor took an item; `day` counts from 0 and grows with every item of one visitor."""

    user: str
    item: str
    day: int


def simulate(products: Sequence[Product], personas: Personas, *, users: int, seed: int) -> list[Event]:
    """What invented visitors take, visitor by visitor, in the order of their days; the same seed gives the same.

    Nobody real is behind these visitors. One, u, of the persona p, who took the items H so far, next takes an item i
    that is not in H with the probability

        P(i) = softmax(z)(i),  z(i) = taste(p, i) - 0.7 log rank(i) + sum of follow_up(h, i) over h in H + noise(u, i)

    - taste: the persona's weight of the category plus those of the words in the English texts; left out of a choice
      with the probability `adventurous`;
    - rank: the place of the product in one popularity order of all (Zipf's law), drawn from the seed;
    - noise: normal with standard deviation 0.7, drawn once for each visitor and product;
    - how many: max(3, Poisson(takes)), never more than there are; days between two: 1 + Poisson(8).
    """
    rng = np.random.default_rng(seed)
    popularity = -POPULARITY_EXPONENT * np.log(1.0 + rng.permutation(len(products)))
    follow_ups = _follow_up_matrix(products, personas.follow_ups)
    tastes = [tastes_of(persona, products) for persona in personas.personas]
    shares = np.array([persona.share for persona in personas.personas])
    events = []
    for number, kind in enumerate(rng.choice(len(shares), size=users, p=shares / shares.sum())):
        persona = personas.personas[kind]
        base = popularity + rng.normal(0.0, OWN_TASTE, len(products))
        taken = _choices(persona, tastes[kind], base, follow_ups, rng)
        days = rng.integers(FIRST_DAYS) + np.cumsum(1 + rng.poisson(MEAN_GAP_DAYS - 1, len(taken)))
        user = f"{persona.persona_id}-{number:04d}"
        events += [Event(user, products[i].item, int(day)) for i, day in zip(taken, days, strict=True)]
    return events


def persona_id_of(user: str) -> str:
    """The persona behind a simulated user's id: "home-barista-0012" is a "home-barista"."""
    return user.rpartition("-")[0]


def tastes_of(persona: Persona, products: Sequence[Product]) -> np.ndarray:
    """(products,) float64: what the persona likes about each, by its category and the words of its English texts."""
    return np.array([_taste(persona, product) for product in products])


def _taste(persona: Persona, product: Product) -> float:
    words = set(re.findall(r"\w+", f"{product.title_en} {product.description_en}".casefold()))
    liked = sum(weight for word, weight in persona.words.items() if word in words)
    return persona.categories.get(product.category, 0.0) + liked


def _follow_up_matrix(products: Sequence[Product], follow_ups: Sequence[FollowUp]) -> np.ndarray:
    """(products, products): [h, i] is what having h adds to i; of products that aren't there, nothing."""
    numbers = {product.item: number for number, product in enumerate(products)}
    matrix = np.zeros((len(products), len(products)))
    for each in follow_ups:
        if each.after in numbers and each.item in numbers:
            matrix[numbers[each.after], numbers[each.item]] = each.strength
    return matrix


def _choices(
    persona: Persona, taste: np.ndarray, base: np.ndarray, follow_ups: np.ndarray, rng: np.random.Generator
) -> list[int]:
    """The numbers of the products that one visitor takes, in that order."""
    liking = base.copy()
    taken = []
    for _ in range(min(len(base), max(FEWEST_ITEMS, rng.poisson(persona.takes)))):
        follows_taste = rng.random() >= persona.adventurous
        logits = liking + taste if follows_taste else liking
        weights = np.exp(logits - logits.max())
        chosen = int(rng.choice(len(base), p=weights / weights.sum()))
        taken.append(chosen)
        liking += follow_ups[chosen]
        liking[chosen] = -np.inf
    return taken
