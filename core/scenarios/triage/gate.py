"""What the model is not asked about: pictures that are no frontal chest X-ray, or too poor to be read.

The bounds on light and colour were set on 5,216 chest X-rays for training (all pass) and 1,000 photographs of
products (all but none are refused for their colour alone).
"""

import numpy as np

from core.calibration import Calibration
from core.errors import N_, InvalidInputError
from core.limits import MIN_TRIAGE_PX
from core.pictures.colour import colourfulness
from core.scenarios.triage.studies import Refusal
from core.types import ImageScores

CHEST = "frontal chest X-ray"
# Of 255; an X-ray's brightest twentieth is 107 or more, its darkest 178 or less, the range between them 68 or more.
DARK_BELOW, BRIGHT_ABOVE, RANGE_BELOW = 60, 200, 40
# Channels further apart than this are a colour; a few per cent of a picture may be coloured marks.
COLOUR_ABOVE, COLOUR_SHARE = 25, 0.05
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

_KINDS = {
    "abdomen CT": N_("This looks like a CT slice of the abdomen, not like a frontal chest X-ray."),
    "breast MRI": N_("This looks like an MRI slice of a breast, not like a frontal chest X-ray."),
    "chest CT": N_("This looks like a CT slice of the chest, not like a frontal chest X-ray."),
    "hand X-ray": N_("This looks like an X-ray of a hand, not like a frontal chest X-ray."),
    "head CT": N_("This looks like a CT slice of the head, not like a frontal chest X-ray."),
}
_OTHER_KIND = N_("This looks like an everyday picture, not like a frontal chest X-ray.")
_UNKNOWN_KIND = N_(
    "This is unlike the chest X-rays that the model learned from. A person has to say what it is."
)
_PROJECTION_X_RAY = ("CR", "DX", "RG", "RF", "XA", "OT", "")
_FRONTAL_VIEWS = ("", "AP", "PA", "FB")
_CHEST_PARTS = ("CHEST", "THORAX", "LUNG", "HEART", "RIB")


def refuse_size(width_px: int, height_px: int) -> Refusal | None:
    """The size as uploaded: what is smaller shows no lung texture."""
    if min(width_px, height_px) >= MIN_TRIAGE_PX:
        return None
    message = N_("The picture is {width} × {height} pixels; send one with at least {limit} on each side.")
    return _refusal("too small", message, width=width_px, height=height_px, limit=MIN_TRIAGE_PX)


def refuse_light(pixels: np.ndarray) -> Refusal | None:
    """Too dark, too bright, or without contrast: by the darkest and the brightest twentieth of the pixels."""
    darkest, brightest = np.percentile(pixels.astype(np.float32) @ _LUMA, (5, 95))
    if brightest < DARK_BELOW:
        message = N_(
            "The picture is too dark: its brightest parts reach {found} of 255, at least {limit} are needed."
        )
        return _refusal("too dark", message, found=round(brightest), limit=DARK_BELOW)
    if darkest > BRIGHT_ABOVE:
        message = N_(
            "The picture is too bright: its darkest parts have {found} of 255, at most {limit} can be read."
        )
        return _refusal("too bright", message, found=round(darkest), limit=BRIGHT_ABOVE)
    if brightest - darkest < RANGE_BELOW:
        message = N_(
            "The picture has no contrast: dark and bright are {found} steps apart, at least {limit} are needed."
        )
        return _refusal("no contrast", message, found=round(brightest - darkest), limit=RANGE_BELOW)
    return None


def refuse_colour(pixels: np.ndarray) -> Refusal | None:
    """X-rays are grey; a few coloured marks do no harm."""
    share = float((colourfulness(pixels) > COLOUR_ABOVE).mean())
    if share <= COLOUR_SHARE:
        return None
    message = N_(
        "This is a colour picture ({percent} % of it is coloured); X-rays are grey. Send the X-ray itself."
    )
    return _refusal("colour", message, percent=round(100 * share))


def refuse_tags(modality: str, body_part: str, view: str) -> Refusal | None:
    """What a DICOM file says of itself: another part of the body, another machine, a view from the side."""
    modality, body_part, view = (tag.strip().upper() for tag in (modality, body_part, view))
    if modality not in _PROJECTION_X_RAY:
        message = N_("The file's own tags say that it is no X-ray picture (modality). Send a frontal X-ray.")
    elif body_part and not any(part in body_part for part in _CHEST_PARTS):
        message = N_(
            "The file's own tags say that it shows another part of the body. Send an X-ray of the chest."
        )
    elif view not in _FRONTAL_VIEWS:
        message = N_("The file's own tags say that it is no view from the front. Send the frontal view.")
    else:
        return None
    return _refusal("not a frontal chest X-ray", message)


def refuse_kind(scores: ImageScores, calibration: Calibration) -> Refusal | None:
    """What a classifier of kinds of pictures takes it for, and whether it has ever seen anything like it."""
    label = scores.labels[int(np.argmax(scores.scores))]
    if label != CHEST:
        return _refusal("not a frontal chest X-ray", _KINDS.get(label, _OTHER_KIND))
    if calibration.unknown_below is not None and scores.energy < calibration.unknown_below:
        return _refusal("not a frontal chest X-ray", _UNKNOWN_KIND)
    return None


def _refusal(code: str, message: str, **params: object) -> Refusal:
    return Refusal(code, InvalidInputError(message, **params))
