"""What goes in and out of content generation, as it stands in the OpenAPI document."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Received, Text
from core.limits import MAX_BATCH_BRIEFS, MAX_NEW_TOKENS, MAX_TEMPERATURE, MAX_VARIANTS
from core.scenarios.content.brief import Brief
from core.scenarios.content.checks import Verdict
from core.types import GenerationOptions, Tier

Channel = Literal["product-description", "announcement", "email", "social-post", "tagline"]
Tone = Literal["friendly", "professional", "playful", "plain"]
# Bounds for the parser; the limits that a person is told of are the scenario's.
_MANY = 1000
GENERATE_EXAMPLE = {
    "product": "Lumora desk lamp",
    "channel": "product-description",
    "facts": ["Dims to 1 %", "Made of recycled aluminium", "Two-year warranty"],
    "audience": "students",
    "tone": "friendly",
    "max_words": 60,
    "must_say": ["recycled aluminium"],
    "variants": 2,
    "seed": 7,
}


class GenerateRequest(Received):
    model_config = ConfigDict(json_schema_extra={"example": GENERATE_EXAMPLE})

    product: Text = Field(description="At most 100 characters.", examples=["Lumora desk lamp"])
    channel: Channel = "product-description"
    facts: list[Text] = Field(
        default_factory=list, max_length=_MANY, description="All that the text may claim; at most 12."
    )
    audience: Text = ""
    tone: Tone = "friendly"
    max_words: int = Field(Brief.max_words, description="3 to 300; in Chinese, characters.")
    language: Literal["en", "zh"] = "en"
    must_say: list[Text] = Field(default_factory=list, max_length=_MANY, description="At most 8.")
    must_not_say: list[Text] = Field(default_factory=list, max_length=_MANY, description="At most 8.")
    variants: int = Field(1, description=f"1 to {MAX_VARIANTS}, written at the same time.")
    seed: int = Field(0, description="Variant i is drawn with seed + i; the same seed gives the same text.")
    temperature: float = Field(
        GenerationOptions.temperature, allow_inf_nan=False, description=f"0 to {MAX_TEMPERATURE}."
    )
    top_p: float = Field(GenerationOptions.top_p, allow_inf_nan=False, description="0.05 to 1.")
    max_new_tokens: int | None = Field(
        None, description=f"At most {MAX_NEW_TOKENS}; without it, enough for max_words."
    )
    like: Text = Field("", max_length=8000, description="A text that the variants shall resemble.")
    model: Text | None = Field(None, description="An id from GET /api/models with the role writer.")
    stream: bool = Field(False, description="Send server-sent events: piece, piece ... done, or error.")

    def brief(self) -> Brief:
        return Brief(
            self.product,
            channel=self.channel,
            facts=tuple(self.facts),
            audience=self.audience,
            tone=self.tone,
            max_words=self.max_words,
            language=self.language,
            must_say=tuple(self.must_say),
            must_not_say=tuple(self.must_not_say),
        )


class CheckResponse(BaseModel):
    name: str = Field(description="length, must_say, language, unsupported ...")
    verdict: Verdict
    sentence: str = Field(description="In the language of Accept-Language.")
    spans: list[tuple[int, int]] = Field(description="What it is about: start and end, in characters.")


class VariantResponse(BaseModel):
    text: str
    seed: int
    temperature: float
    top_p: float
    max_new_tokens: int
    finish_reason: str = Field(description="stop, or length when cut off at max_new_tokens.")
    tokens: int
    elapsed_ms: float
    passes: bool = Field(description="No check failed.")
    checks: list[CheckResponse]
    ai_generated: bool = True
    ai_label: str = Field(description="To show beside the text, in its own language.")


VARIANT_EXAMPLE = {
    "text": "Meet the Lumora desk lamp, made of recycled aluminium.",
    "seed": 7,
    "temperature": 0.7,
    "top_p": 0.95,
    "max_new_tokens": 152,
    "finish_reason": "stop",
    "tokens": 14,
    "elapsed_ms": 180.2,
    "passes": True,
    "checks": [
        {"name": "length", "verdict": "pass", "sentence": "9 words; at most 60 were asked for.", "spans": []}
    ],
    "ai_generated": True,
    "ai_label": "AI-generated",
}


class GenerateResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "variants": [VARIANT_EXAMPLE],
                "model": "starter-writer",
                "revision": None,
                "tier": "starter",
                "device": "CPU",
                "elapsed_ms": 181.0,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    variants: list[VariantResponse]
    model: str
    revision: str | None = Field(None, description="The commit that was loaded, where the model has one.")
    tier: Tier
    device: str
    elapsed_ms: float
    request_id: str


class RowResponse(BaseModel):
    line: int = Field(description="Where the brief stands in the file.")
    product: str
    variant: VariantResponse | None
    error: str | None = Field(description="Why there is no text, in the language of Accept-Language.")


class BatchResponse(BaseModel):
    id: str = Field(description="Unguessable; whoever has it may look and cancel. It expires after 24 hours.")
    state: Literal["running", "done", "cancelled"]
    done: int
    total: int = Field(description=f"At most {MAX_BATCH_BRIEFS}.")
    model: str | None
    results: list[RowResponse] = Field(description="The rows that are done, in the order of the file.")
