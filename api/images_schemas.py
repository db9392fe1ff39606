"""What goes out of image classification, as it stands in the OpenAPI document; what goes in is a form with files."""

from pydantic import BaseModel, ConfigDict, Field

from core.scenarios.images.results import Verdict
from core.types import Tier


class LabelOut(BaseModel):
    name: str
    score: float = Field(description="How sure the model is, 0 to 1; calibrated where the model was.")


class DeletionOut(BaseModel):
    drop: float = Field(description="By how much the score falls when the hottest part is hidden.")
    random_drops: list[float] = Field(description="The same for random parts of equal size.")
    share_px: float = Field(description="How much of the picture was hidden, 0 to 1.")
    passes: bool = Field(description="Whether the hottest part matters more than the random ones.")


class SaliencyOut(BaseModel):
    label: str = Field(description="The label that is explained: the likeliest.")
    map: list[list[float]] = Field(description="How much each place speaks for it, 0 to 1, row by row.")
    overlay: str = Field(description="The map over what the model saw, a PNG as a data: address.")
    deletion: DeletionOut


class FileOut(BaseModel):
    name: str
    labels: list[LabelOut] = Field(default_factory=list, description="The likeliest, best first.")
    verdict: Verdict | None = Field(
        None,
        description='"unknown" where the picture is unlike those learned from, "unchecked" where the model has no '
        "threshold for that. Missing where the file was refused.",
    )
    likeness: float | None = Field(None, description="What the verdict goes by.")
    unknown_below: float | None = Field(None, description="The likeness under which it is unknown.")
    saliency: SaliencyOut | None = Field(None, description="Where it was asked for and the model can say.")
    error: str | None = Field(
        None, description="Why the file was refused, in the language of Accept-Language."
    )


FILE_EXAMPLE = {
    "name": "photo.jpg",
    "labels": [{"name": "cat", "score": 0.93}, {"name": "dog", "score": 0.05}],
    "verdict": "known",
    "likeness": 9.41,
    "unknown_below": 5.2,
}
REFUSED_EXAMPLE = {
    "name": "notes.pdf",
    "labels": [],
    "error": "This is a PDF. Save the page as PNG or JPEG and upload that.",
}


class ClassifyResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "files": [FILE_EXAMPLE, REFUSED_EXAMPLE],
                "model": "starter-vision",
                "tier": "starter",
                "device": "CPU",
                "elapsed_ms": 12.4,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    files: list[FileOut] = Field(description="One per picture, in order; those of a zip are in its place.")
    model: str
    tier: Tier
    device: str
    elapsed_ms: float
    request_id: str


class ClassOut(BaseModel):
    name: str
    pictures: int


class HeldOutOut(BaseModel):
    right: int
    total: int
    rounds: int = Field(description="As many as pictures: each was left out alone.")


class RefusedOut(BaseModel):
    name: str
    error: str


class ClassesResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "kT0vJ9w2Rr6mXq4cB1s8Zg",
                "classes": [{"name": "cup", "pictures": 5}, {"name": "bottle", "pictures": 5}],
                "held_out": {"right": 10, "total": 10, "rounds": 10},
                "refused": [],
                "model": "starter-vision",
                "expires_in_s": 86400,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    id: str = Field(
        description="For the field classes of POST /api/images/classify; only who has it can use it."
    )
    classes: list[ClassOut]
    held_out: HeldOutOut = Field(description="Pictures told right by what the others taught.")
    refused: list[RefusedOut]
    model: str
    expires_in_s: int = Field(description="Counted anew with each use.")
    request_id: str
