"""What comes out of medical-image triage, as it stands in the OpenAPI document."""

from pydantic import BaseModel, ConfigDict, Field

from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.studies import FINDING, Band, Priority
from core.types import Tier


class PartOut(BaseModel):
    name: str
    score: float


class FindingOut(BaseModel):
    name: str = Field(examples=[FINDING])
    score: float = Field(description="A calibrated probability, 0 to 1: the sum of its parts.")
    band: Band = Field(description="Against the operating point; not sure counts as needing a person.")
    parts: list[PartOut]


class RefusedOut(BaseModel):
    code: str = Field(description="For programs.", examples=["colour"])
    reason: str = Field(description="For people, in the language of Accept-Language.")


class UncertaintyOut(BaseModel):
    """The scores of the same picture slightly moved, turned by at most 5 degrees, and with other contrast."""

    lowest: float
    highest: float
    deviation: float
    copies: int


class StudyOut(BaseModel):
    study_id: str = Field(description="Random; what the audit trail calls the picture.")
    name: str = Field(description="The file's name, as it was sent. It is not kept.")
    priority: Priority
    findings: list[FindingOut] = Field(description="Empty where the model was not asked.")
    refused: RefusedOut | None = Field(description="Why the model was not asked.")
    uncertainty: UncertaintyOut | None
    stripped_tags: list[str] = Field(description="DICOM elements with identity that were taken out.")
    caveat: str


class OperatingPointOut(BaseModel):
    """Null where nobody measured the model."""

    id: str
    threshold: float
    not_sure_from: float
    not_sure_to: float
    sensitivity: float | None
    sensitivity_interval: tuple[float, float] | None
    specificity: float | None
    specificity_interval: tuple[float, float] | None
    measured_on: str | None


STUDY_EXAMPLE = {
    "study_id": "5d0c1b7e9a42",
    "name": "chest-1.png",
    "priority": "urgent",
    "findings": [
        {
            "name": FINDING,
            "score": 0.94,
            "band": "likely",
            "parts": [{"name": "bacterial", "score": 0.81}, {"name": "viral", "score": 0.13}],
        }
    ],
    "refused": None,
    "uncertainty": {"lowest": 0.89, "highest": 0.97, "deviation": 0.02, "copies": 8},
    "stripped_tags": ["PatientName", "PatientID"],
    "caveat": CAVEAT,
}
POINT_EXAMPLE = {
    "id": "balanced",
    "threshold": 0.5,
    "not_sure_from": 0.35,
    "not_sure_to": 0.65,
    "sensitivity": 0.95,
    "sensitivity_interval": [0.92, 0.97],
    "specificity": 0.9,
    "specificity_interval": [0.85, 0.93],
    "measured_on": "a named test set",
}


class TriageResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "studies": [STUDY_EXAMPLE],
                "order": "Urgent first ...",
                "operating_point": POINT_EXAMPLE,
                "model": "starter-chest-xray",
                "revision": "0a1b2c3d4e5f",
                "tier": "starter",
                "device": "CPU",
                "elapsed_ms": 120.5,
                "request_id": "6f3999db0aa44c57",
                "caveat": CAVEAT,
            }
        }
    )

    studies: list[StudyOut] = Field(description="Every picture that was sent, the most urgent first.")
    order: str = Field(description="How they are ordered, in the language of Accept-Language.")
    operating_point: OperatingPointOut
    model: str | None = Field(description="Null where no picture could be read.")
    revision: str | None
    tier: Tier | None
    device: str | None
    elapsed_ms: float
    request_id: str
    caveat: str
