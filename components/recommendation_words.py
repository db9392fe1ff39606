"""How the page calls recommenders, items and parts of a score, in the visitor's language."""

from components.i18n import _, language
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.sample import sample_personas
from core.scenarios.recommendation.simulating import Persona, persona_id_of

# Longer titles are cut where they stand in a list.
SHOWN_CHARS = 70
SHOWN_CATEGORY_CHARS = 20
# The same for a recommender in every chart; those that learn who took what never stand together.
COLOURS = {
    "hybrid": "#e11d48",
    "ease": "#0d9488",
    "item-knn": "#0d9488",
    "als": "#0d9488",
    "content": "#f59e0b",
    "popularity": "#6366f1",
}


def recommender_title(name: str) -> str:
    titles = {
        "popularity": _("Popularity"),
        "content": _("Content"),
        "item-knn": "Item-kNN",
        "ease": "EASE",
        "als": "ALS",
        "hybrid": _("Hybrid"),
    }
    return titles.get(name, name)


def recommender_idea(name: str) -> str:
    """What it looks at, in a few words."""
    ideas = {
        "popularity": _("What most people take; the same for everybody."),
        "content": _("Items whose texts are close to those you like."),
        "item-knn": _("Items that the same people took, pair by pair."),
        "ease": _("Items that the same people took, all weighed together."),
        "als": _("Hidden tastes that explain who took what."),
        "hybrid": _("The scores of the others, added up with weights."),
    }
    return ideas[name]


def user_title(dataset: Dataset, user_id: str) -> str:
    """A simulated visitor by the persona behind it; others by their id."""
    persona = _personas().get(persona_id_of(user_id)) if dataset.is_synthetic else None
    return f"{persona.title(language())} · {user_id.rpartition('-')[2]}" if persona else user_id


def dataset_title(dataset: Dataset) -> str:
    """The sample's name is translated; an own one is called as its file is."""
    return _(dataset.name) if dataset.is_synthetic else dataset.name


def shortened(text: str, limit: int = SHOWN_CHARS) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _personas() -> dict[str, Persona]:
    return {persona.persona_id: persona for persona in sample_personas().personas}
