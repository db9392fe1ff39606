"""What goes in and out of translation, as it stands in the OpenAPI document."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Received, Text
from core.limits import MAX_ALTERNATIVES, MAX_TERMS, MAX_TRANSLATION_CHARS
from core.scenarios.translation.glossary import Term
from core.scenarios.translation.translating import TranslationOptions
from core.types import Tier

Language = Literal["en", "zh"]
MAX_TEXTS = 64


class TermIn(Received):
    source: Text
    target: Text


class TranslateRequest(Received):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "texts": ["Hello {name}, your cloud server is ready at 12:30."],
                "target": "zh",
                "alternatives": 2,
                "glossary": [{"source": "cloud server", "target": "云服务器"}],
            }
        }
    )

    texts: list[Text] = Field(
        min_length=1,
        max_length=MAX_TEXTS,
        description=f"At most {MAX_TEXTS}, with {MAX_TRANSLATION_CHARS:,} characters together.",
        examples=[["Hello {name}, your cloud server is ready at 12:30."]],
    )
    target: Language
    source: Language | None = Field(None, description="Without it, the language of each text is detected.")
    alternatives: int = Field(0, ge=0, le=MAX_ALTERNATIVES, description="Other translations of each text.")
    glossary: list[TermIn] = Field(default_factory=list, max_length=MAX_TERMS)
    model: Text | None = Field(None, description="An id from GET /api/models that translates this way.")

    def options(self) -> TranslationOptions:
        return TranslationOptions(
            target=self.target,
            source=self.source,
            alternatives=self.alternatives,
            glossary=tuple(Term(term.source, term.target) for term in self.glossary),
            model_id=self.model,
        )


class DetectedOut(BaseModel):
    language: str
    confidence: float


class TokenOut(BaseModel):
    token: str = Field(description="A placeholder, tag, URL, e-mail, number, emoji or code of the text.")
    kind: str
    whole: bool = Field(description="Whether it stands in the translation unchanged, and as often.")


class TermOut(BaseModel):
    source: str
    target: str
    respected: bool = Field(description="Whether it was translated so every time.")
    spans: list[tuple[int, int]] = Field(description="Where the target stands in the translation.")


class ChecksOut(BaseModel):
    tokens: list[TokenOut]
    terms: list[TermOut] = Field(description="The terms of the glossary that stand in the text.")


class TranslationOut(BaseModel):
    text: str
    alternatives: list[str] = Field(description="Best first; fewer than asked for where there are no more.")
    checks: ChecksOut
    source: str
    detected: DetectedOut


TRANSLATION_EXAMPLE = {
    "text": "你好{name}，你的云服务器12:30准备好。",
    "alternatives": ["您好{name}，您的云服务器将于12:30就绪。"],
    "checks": {
        "tokens": [
            {"token": "{name}", "kind": "placeholder", "whole": True},
            {"token": "12:30", "kind": "number", "whole": True},
        ],
        "terms": [{"source": "cloud server", "target": "云服务器", "respected": True, "spans": [[11, 15]]}],
    },
    "source": "en",
    "detected": {"language": "en", "confidence": 0.99},
}


class TranslateResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "translations": [TRANSLATION_EXAMPLE],
                "model": "starter-translator",
                "tier": "starter",
                "device": "CPU",
                "elapsed_ms": 310.5,
                "request_id": "6f3999db0aa44c57",
            }
        }
    )

    translations: list[TranslationOut] = Field(description="One per text, in order.")
    model: str | None = Field(description="Null where every text was in the target language already.")
    tier: Tier | None
    device: str | None
    elapsed_ms: float
    request_id: str
