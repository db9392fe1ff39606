"""What goes in and out of the evaluation of recommenders, as it stands in the OpenAPI document."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.recommendation_schemas import SAMPLE_NOTE, Dataset, RecommenderName, Share, Weights
from api.schemas import Received
from core.limits import MAX_RECOMMENDATIONS
from core.scenarios.recommendation.fits import SAMPLE_ID

SplitName = Literal["user-random-80-20", "leave-last-out"]
# Drawn by the seed where there are more; the margins say how much that blurs.
MAX_EVALUATED_USERS = 5000


class EvaluateRequest(Received):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"dataset": SAMPLE_ID, "recommenders": ["popularity", "ease"], "k": 10, "seed": 42}
        }
    )

    dataset: Dataset = SAMPLE_ID
    recommenders: list[RecommenderName] = Field(min_length=1, max_length=6)
    k: int = Field(10, ge=1, le=MAX_RECOMMENDATIONS)
    split: SplitName = Field(
        "user-random-80-20",
        description="What is held out: a fifth of each user's items, or the newest item of each.",
    )
    seed: int = Field(42, ge=0, le=2**32 - 1, description="The same seed splits the same way.")
    diversity: Share = Field(0.0, description="As in POST /api/recommendation/recommend.")
    novelty: Share = 0.0
    weights: Weights = None
    stream: bool = Field(False, description="Send server-sent events: progress, progress ... done, or error.")


class MeasuredOut(BaseModel):
    mean: float
    margin: float = Field(description="Half the width of the 95 % interval over users.")


class RowOut(BaseModel):
    recommender: RecommenderName
    users: int = Field(
        description=f"With a history and something held out; at most {MAX_EVALUATED_USERS}, drawn by the seed."
    )
    precision: MeasuredOut
    recall: MeasuredOut
    ndcg: MeasuredOut
    map: MeasuredOut
    hit: MeasuredOut
    coverage: float = Field(description="The share of the items that is in somebody's list.")
    diversity: float = Field(description="One minus the mean cosine between the items of a list.")
    novelty: float = Field(description="The mean surprise of the items, in bits.")


MEASURED_EXAMPLE = {"mean": 0.31, "margin": 0.02}
ROW_EXAMPLE = {
    "recommender": "ease",
    "users": 800,
    "precision": MEASURED_EXAMPLE,
    "recall": MEASURED_EXAMPLE,
    "ndcg": MEASURED_EXAMPLE,
    "map": MEASURED_EXAMPLE,
    "hit": MEASURED_EXAMPLE,
    "coverage": 0.82,
    "diversity": 0.71,
    "novelty": 3.4,
}


class EvaluateResponse(BaseModel):
    """All items are ranked, those of the history left out; nothing is sampled but, of large data sets, the users."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rows": [ROW_EXAMPLE],
                "k": 10,
                "split": "user-random-80-20",
                "seed": 42,
                "dataset": SAMPLE_ID,
                "synthetic": True,
                "note": SAMPLE_NOTE,
                "elapsed_ms": 640.0,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    rows: list[RowOut] = Field(description="In the order of the request.")
    k: int
    split: SplitName
    seed: int
    dataset: str
    synthetic: bool
    note: str | None = Field(
        None, description="Of the sample, what it is; in the language of Accept-Language."
    )
    elapsed_ms: float
    request_id: str
