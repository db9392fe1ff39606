"""A brief: what is to be written, for whom and within which bounds, and the words a writer model is asked in."""

from dataclasses import dataclass

from core.errors import N_
from core.types import ChatMessage

CHANNELS = {
    "product-description": N_("Product description"),
    "announcement": N_("Announcement"),
    "email": N_("E-mail"),
    "social-post": N_("Social post"),
    "tagline": N_("Tagline"),
}
TONES = {
    "friendly": N_("Friendly"),
    "professional": N_("Professional"),
    "playful": N_("Playful"),
    "plain": N_("Plain"),
}
LANGUAGES = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True)
class Brief:
    """One brief; `facts` are all that the text may claim, a sentence or a feature each."""

    product: str
    channel: str = "product-description"
    facts: tuple[str, ...] = ()
    audience: str = ""
    tone: str = "friendly"
    max_words: int = 60
    """In Chinese: characters."""
    language: str = "en"
    must_say: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()


def messages(brief: Brief) -> tuple[ChatMessage, ...]:
    """The conversation that asks for the text. The starter writer was trained on exactly these words."""
    return (ChatMessage("user", "\n".join(_lines(brief))),)


def _lines(brief: Brief) -> list[str]:
    unit = "characters" if brief.language == "zh" else "words"
    kind = brief.channel.replace("-", " ")
    optional = {
        "Facts": "; ".join(brief.facts),
        "Audience": brief.audience,
        "Tone": brief.tone,
        "Must say": "; ".join(brief.must_say),
        "Must not say": "; ".join(brief.must_not_say),
    }
    return [
        f"Write a {kind} in {LANGUAGES[brief.language]}, at most {brief.max_words} {unit}. Claim only the facts given.",
        f"Product: {brief.product}",
        *(f"{name}: {value}" for name, value in optional.items() if value),
    ]
