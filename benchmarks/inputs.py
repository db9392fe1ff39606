"""What visitors ask for in the measurements with several peers: the same of everybody."""

import io
from functools import cache

import numpy as np
from PIL import Image

from benchmarks.questions import questions
from core.scenarios.content.brief import Brief, messages
from core.scenarios.images.drawings import DRAWERS, draw
from core.scenarios.triage.phantoms import samples

PARAGRAPH = (
    "I have never been to that city before. The man in the red shirt is standing near the window. "
    "Could you tell me where the next station is?"
)
FACTS = (
    "battery lasts 12 hours",
    "waterproof",
    "made of recycled aluminium",
    "comes in three colours",
    "is repaired free of charge for two years",
)
BRIEF = Brief("Lumora lamp", facts=FACTS, max_words=120)
NEW_TOKENS = 128
PICTURE_PX = 640


@cache
def _questions() -> list[str]:
    return questions("en")


def question(number: int) -> str:
    asked = _questions()
    return asked[number % len(asked)]


def prompt() -> str:
    """What a writer is asked for BRIEF, word for word as Vitrine asks."""
    return messages(BRIEF)[0].content


@cache
def _pictures() -> list[bytes]:
    return [_jpeg(draw(kind, seed=number)) for number, kind in enumerate(DRAWERS)]


def picture(number: int) -> bytes:
    """A drawn scene as JPEG, of the size of a picture from a web page."""
    pictures = _pictures()
    return pictures[number % len(pictures)]


@cache
def _studies() -> list[bytes]:
    return [content for _, content in samples("opacity") + samples("clear")]


def study(number: int) -> bytes:
    """A drawn chest, as PNG."""
    found = _studies()
    return found[number % len(found)]


def _jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    size = (PICTURE_PX, PICTURE_PX)
    Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()
