"""Which attributes of a DICOM file may say who the patient is.

Source: DICOM PS3.15, table E.1-1, Basic Application Level Confidentiality Profile (2026c), in assets/dicom.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydicom.datadict import dictionary_has_tag

_TABLE = Path(__file__).parent.parent.parent / "assets" / "dicom" / "basic_profile.csv"
# (50xx,eeee) and (60xx,eeee) are repeated for up to 128 curves and overlays.
_CURVES, _OVERLAYS = range(0x5000, 0x5100), range(0x6000, 0x6100)
_OVERLAY_KEYWORDS = {0x3000: "OverlayData", 0x4000: "OverlayComments"}


@dataclass(frozen=True, order=True)
class StrippedTag:
    """An attribute that the file held and no output has: its number and name, never its value."""

    tag: str
    """"(0010,0010)"."""
    keyword: str
    """"PatientName"; "" for private and unknown attributes."""


def stripped(tag: int) -> StrippedTag | None:
    """The attribute if it may identify the patient: in the profile, private, or unknown to the standard."""
    group, element = tag >> 16, tag & 0xFFFF
    keyword = basic_profile().get(tag)
    if keyword is None and group in _CURVES:
        keyword = "CurveData"
    if keyword is None and group in _OVERLAYS:
        keyword = _OVERLAY_KEYWORDS.get(element)
    if keyword is None and (group % 2 or not dictionary_has_tag(tag)):
        keyword = ""
    return None if keyword is None else StrippedTag(f"({group:04X},{element:04X})", keyword)


@cache
def basic_profile() -> dict[int, str]:
    """The keywords of the table's attributes by tag, without curves and overlays."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {int(row["tag"], 16): row["keyword"] for row in csv.DictReader(file)}
