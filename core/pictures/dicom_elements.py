"""What is read of a DICOM file: a few technical values, picked by an allow-list, and which other tags it holds.

The values of all other attributes are left where they are, as bytes that nobody looks at.
"""

import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset

from core.pictures.containers.container import Damaged
from core.pictures.dicom_layout import not_decoded
from core.pictures.dicom_profile import StrippedTag, stripped

# Each element takes two or three reads; a chest X-ray has some hundred elements.
_MAX_READS = 60_000
# Sequences are unfolded to see which tags are inside: this deep, and this much of them all.
_MAX_DEPTH, _MAX_NESTED_BYTES = 8, 2**18
# A list that is shown; more of them say nothing more.
MAX_STRIPPED = 1000
_TECHNICAL = frozenset(
    tag_for_keyword(keyword)
    for keyword in (
        "Modality",
        "BodyPartExamined",
        "ViewPosition",
        "BurnedInAnnotation",
        "NumberOfFrames",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PlanarConfiguration",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "PixelSpacing",
        "ImagerPixelSpacing",
        "PixelAspectRatio",
        "PixelPaddingValue",
        "RescaleSlope",
        "RescaleIntercept",
        "ModalityLUTSequence",
        "WindowCenter",
        "WindowWidth",
        "VOILUTFunction",
        "VOILUTSequence",
        "RedPaletteColorLookupTableDescriptor",
        "GreenPaletteColorLookupTableDescriptor",
        "BluePaletteColorLookupTableDescriptor",
        "RedPaletteColorLookupTableData",
        "GreenPaletteColorLookupTableData",
        "BluePaletteColorLookupTableData",
        "PixelData",
    )
)


@dataclass(frozen=True, eq=False)
class Elements:
    """The technical attributes of a file and the names of those that may identify the patient."""

    technical: Dataset
    transfer_syntax: str
    """Its UID; "" where the file does not say."""
    is_little_endian: bool
    stripped_tags: tuple[StrippedTag, ...]


class _CountedFile(io.BytesIO):
    """Ends a reader that takes a hostile file apart into millions of elements, or wants to unfold all of it.

    pydicom reads a file to its end for one purpose: to inflate a deflated one, without a bound (PS3.5, A.5).
    """

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise not_decoded()
        self.reads += 1
        if self.reads > _MAX_READS:
            raise Damaged("too many elements")
        return super().read(size)


def quieten() -> None:
    """Keep pydicom's warnings and log records to itself: they quote values, which may be the patient's.

    Adds a filter for good instead of `catch_warnings`, which is not safe between threads; doing so again is harmless.
    """
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


def read_elements(content: bytes) -> Elements:
    """The attributes of a file with preamble. Raises what pydicom raises for what is no DICOM."""
    quieten()
    file = pydicom.dcmread(_CountedFile(content), force=False)
    technical = Dataset()
    for tag in _TECHNICAL:
        if tag in file:
            technical[tag] = file.get_item(tag)
    _, is_little_endian = file.original_encoding
    return Elements(
        technical,
        str(file.file_meta.get("TransferSyntaxUID", "")),
        bool(is_little_endian),
        _stripped_tags(file),
    )


def _stripped_tags(file: Dataset) -> tuple[StrippedTag, ...]:
    tags = {*file.file_meta.keys(), *_tags(file, _MAX_DEPTH, [_MAX_NESTED_BYTES])}
    found = {each for tag in tags if (each := stripped(int(tag)))}
    return tuple(sorted(found)[:MAX_STRIPPED])


def _tags(dataset: Dataset, depth: int, budget: list[int]) -> Iterator[int]:
    """The tags of a data set and of those in its sequences, as far as the budget of bytes goes."""
    for tag in list(dataset.keys()):
        yield tag
        element = dataset.get_item(tag)
        if not depth or not _is_sequence(element):
            continue
        # What has no declared length was unfolded while it was read.
        budget[0] -= len(element.value or b"") if isinstance(element, RawDataElement) else 0
        if budget[0] < 0:
            return
        for item in dataset[tag].value or ():
            yield from _tags(item, depth - 1, budget)


def _is_sequence(element: RawDataElement | DataElement) -> bool:
    """Whether it holds data sets; files with implicit VR leave that to the dictionary."""
    tag = int(element.tag)
    return (element.VR or (dictionary_VR(tag) if dictionary_has_tag(tag) else "UN")) == "SQ"
