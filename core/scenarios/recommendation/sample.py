"""The sample shop: invented products of assets/catalogue, and what simulated visitors took."""

import csv
import tomllib
from functools import lru_cache
from pathlib import Path

from core.errors import N_
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.interactions import Interactions, interactions_of
from core.scenarios.recommendation.items import Items
from core.scenarios.recommendation.simulating import FollowUp, Persona, Personas, Product, simulate

FOLDER = Path(__file__).parents[3] / "assets" / "catalogue"
USERS = 800
SEED = 42


@lru_cache(maxsize=1)
def sample_products() -> tuple[Product, ...]:
    """All products, ascending by item: the order of the items in sample_interactions()."""
    with (FOLDER / "products.csv").open(encoding="utf-8", newline="") as file:
        products = [_product(row) for row in csv.DictReader(file, strict=True)]
    return tuple(sorted(products, key=lambda product: product.item))


@lru_cache(maxsize=1)
def sample_personas() -> Personas:
    tables = tomllib.loads((FOLDER / "personas.toml").read_text(encoding="utf-8"))
    personas = [
        Persona(persona_id=table["id"], **{key: value for key, value in table.items() if key != "id"})
        for table in tables["persona"]
    ]
    return Personas(tuple(personas), tuple(FollowUp(**table) for table in tables["follow_up"]))


@lru_cache(maxsize=1)
def sample_interactions() -> Interactions:
    """What the simulated visitors took; `times` are days. Synthetic: say so wherever it is shown."""
    events = simulate(sample_products(), sample_personas(), users=USERS, seed=SEED)
    return interactions_of(
        [event.user for event in events],
        [event.item for event in events],
        [event.day for event in events],
        catalogue=[product.item for product in sample_products()],
    )


@lru_cache(maxsize=1)
def sample_dataset() -> Dataset:
    """The sample shop with its invented visitors; its name is marked for translation."""
    return Dataset(
        N_("Sample shop (synthetic)"),
        sample_interactions(),
        _items("en"),
        items_zh=_items("zh"),
        is_synthetic=True,
    )


def category_title(category: str, language: str) -> str:
    """The category's name for people; one that the sample doesn't have keeps its name."""
    titles = _category_titles()
    return titles[category][f"title_{language}"] if category in titles else category


@lru_cache(maxsize=1)
def _category_titles() -> dict[str, dict[str, str]]:
    with (FOLDER / "categories.csv").open(encoding="utf-8", newline="") as file:
        return {row["category"]: row for row in csv.DictReader(file, strict=True)}


def _items(language: str) -> Items:
    products = sample_products()
    return Items(
        tuple(product.item for product in products),
        tuple(product.title(language) for product in products),
        tuple(product.description(language) for product in products),
        tuple(category_title(product.category, language) for product in products),
    )


def _product(row: dict[str, str]) -> Product:
    return Product(**{**row, "price_eur": float(row["price_eur"])})
