"""What goes in and out of recommendation, as it stands in the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Loaded, Received, Text
from core.limits import MAX_RECOMMENDATIONS
from core.scenarios.recommendation.fits import SAMPLE_ID
from core.types import Tier

RecommenderName = Literal["popularity", "content", "item-knn", "ease", "als", "hybrid"]
Part = Literal["popularity", "content", "ease", "als"]
# As many as anybody picks by hand, and a regular customer buys in a year.
MAX_HISTORY = 500
SAMPLE_NOTE = "Invented products and simulated visitors ..."

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Dataset = Annotated[
    Text, Field(description="An id from POST /api/recommendation/datasets, or the synthetic sample.")
]
Weights = Annotated[
    dict[Part, Share] | None,
    Field(
        description="Of the hybrid's parts, 0 to 1 each; a part that is left out counts nothing. Large catalogues have "
        "als in the place of ease."
    ),
]


class RecommenderState(BaseModel):
    state: Literal["not fitted", "fitting", "ready", "failed"] = Field(
        description="A recommender is fitted when it is first asked for, in the background."
    )
    progress: Loaded | None = Field(None, description="While it is being fitted.")
    error: str | None = Field(None, description="Why it failed, in the language of Accept-Language.")


class DatasetResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "3vGd0Pzq8cX1b0aW2hYkTg",
                "state": "ready",
                "users": 610,
                "items": 9724,
                "interactions": 100836,
                "has_times": True,
                "synthetic": False,
                "note": None,
                "progress": None,
                "recommenders": {
                    "popularity": {"state": "ready"},
                    "ease": {"state": "fitting", "progress": {"done": 0, "total": 1, "unit": "items"}},
                    "als": {"state": "not fitted"},
                },
                "expires_in_s": 86400,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    id: str = Field(description="Unguessable; whoever has it may use it.")
    state: Literal["reading", "ready"]
    users: int | None = Field(None, description="Null while the files are read, like the two below.")
    items: int | None = None
    interactions: int | None = Field(None, description="Different pairs of a user and an item.")
    has_times: bool | None = Field(None, description="Whether leave-last-out is possible.")
    synthetic: bool = Field(description="True for the sample: nobody real is in it.")
    note: str | None = Field(
        None, description="Of the sample, what it is; in the language of Accept-Language."
    )
    progress: Loaded | None = Field(None, description="While the files are read.")
    recommenders: dict[RecommenderName, RecommenderState]
    expires_in_s: int | None = Field(
        None, description="After the last use; null for the sample, which stays."
    )
    request_id: str


class RecommendRequest(Received):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"history": ["grinder-hand", "moka-pot-six"], "k": 3, "recommender": "hybrid"}
        }
    )

    dataset: Dataset = SAMPLE_ID
    user: Text | None = Field(
        None, description="A user of the data set, whose items are the history. Not together with history."
    )
    history: list[Text] = Field(
        default_factory=list,
        max_length=MAX_HISTORY,
        description=f"Ids of liked items, at most {MAX_HISTORY}; without any, the list is by popularity.",
    )
    k: int = Field(10, ge=1, le=MAX_RECOMMENDATIONS)
    recommender: RecommenderName = "hybrid"
    diversity: Share = Field(0.0, description="How much being unlike the items above counts.")
    novelty: Share = Field(0.0, description="How much being little known counts.")
    exclude: list[Text] = Field(
        default_factory=list, max_length=MAX_HISTORY, description="Ids of items that nobody wants to see."
    )
    weights: Weights = None
    max_terms: int = Field(
        50,
        ge=1,
        le=MAX_HISTORY,
        description="Of liked items, the largest; what is left is one term, the rest.",
    )


class TermOut(BaseModel):
    kind: Literal["liked", "rest", "popularity", "scale", "novelty", "diversity"] = Field(
        description='"liked": what a liked item adds; "rest": what all further liked items add; "popularity": what '
        'the item has anyway; "scale": what brings the scores to 0..1; "diversity" (0 or less): too like the items '
        "above."
    )
    item: str | None = Field(None, description="The liked item.")
    part: str | None = Field(None, description="Which recommender of the hybrid the term comes from.")
    value: float


class ItemOut(BaseModel):
    id: str
    title: str = Field(description="Of the sample, in the language of Accept-Language.")
    score: float = Field(description="The sum of its terms. Comparable within one list only.")
    terms: list[TermOut]


class EmbedderOut(BaseModel):
    id: str
    tier: Tier


class RecommendResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": "frother-milk",
                        "title": "Battery milk frother",
                        "score": 1.0,
                        "terms": [
                            {"kind": "liked", "item": "moka-pot-six", "part": "ease", "value": 0.62},
                            {"kind": "popularity", "item": None, "part": "popularity", "value": 0.41},
                            {"kind": "scale", "item": None, "part": None, "value": -0.03},
                        ],
                    }
                ],
                "recommender": "hybrid",
                "weights": {"popularity": 0.1, "content": 0.3, "ease": 0.6},
                "history": ["grinder-hand", "moka-pot-six"],
                "embedders": [{"id": "starter-embedder-en", "tier": "starter"}],
                "dataset": SAMPLE_ID,
                "synthetic": True,
                "note": SAMPLE_NOTE,
                "elapsed_ms": 3.2,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    items: list[ItemOut] = Field(
        description="Best first; what is in the history or excluded is never among them."
    )
    recommender: RecommenderName = Field(
        description="Who answered: popularity where there is no history, whatever was asked for."
    )
    weights: dict[str, float] | None = Field(None, description="Of the hybrid's parts, as they were used.")
    history: list[str] = Field(description="What the list was made for: different items, ascending.")
    embedders: list[EmbedderOut] = Field(
        description="The models that read the items' texts, where any was needed."
    )
    dataset: str
    synthetic: bool
    note: str | None = Field(
        None, description="Of the sample, what it is; in the language of Accept-Language."
    )
    elapsed_ms: float
    request_id: str
