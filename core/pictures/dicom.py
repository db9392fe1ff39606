"""DICOM files: the picture and a few technical words; who the patient is stays behind, and is never looked at."""

import binascii
import decimal
import struct
import zlib
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError

from core.errors import N_, InvalidInputError
from core.limits import MAX_STUDY_BYTES
from core.pictures.bounds import picture_too_large
from core.pictures.containers.container import Damaged
from core.pictures.decoding import Picture
from core.pictures.dicom_display import displayed
from core.pictures.dicom_elements import Elements, read_elements
from core.pictures.dicom_frames import stored_values
from core.pictures.dicom_layout import contradicting, missing, read_layout, text
from core.pictures.dicom_profile import StrippedTag
from core.pictures.dicom_words import known
from core.pictures.formats import is_dicom
from core.pictures.names import clean_name

__all__ = ["DicomPicture", "StrippedTag", "is_dicom", "read_dicom"]

# All that pydicom, numpy and Pillow let escape for bytes that they did not expect.
_BROKEN = (
    Damaged,
    InvalidDicomError,
    BytesLengthException,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    binascii.Error,
    decimal.DecimalException,
)
_TABLES = ("ModalityLUTSequence", "VOILUTSequence", "RedPaletteColorLookupTableData")


@dataclass(frozen=True, eq=False)
class DicomPicture:
    """The picture of a DICOM file, ready to look at, and what was left behind."""

    picture: Picture
    stripped_tags: tuple[StrippedTag, ...]
    """Attributes that may identify the patient, by number and name only."""
    modality: str
    """"CR", "DX", "CT" ...; "" where the file has none that the standard knows."""
    body_part: str
    view: str
    photometric: str
    window: str
    """Centre and width, "" where the file brings none."""


def read_dicom(content: bytes, name: str) -> DicomPicture:
    """The picture of a DICOM file, which has one frame in a transfer syntax that is read here.

    Raises InvalidInputError, whatever the bytes are; the error holds no value of the file but numbers.
    """
    _check(content)
    try:
        return _read(content, name)
    except _BROKEN:
        pass
    # Outside of the handler: a library's error quotes values, and would stay in `__context__`.
    raise InvalidInputError(N_("The DICOM file is damaged or cut off. Export it again and upload that."))


def _read(content: bytes, name: str) -> DicomPicture:
    elements = read_elements(content)
    technical = elements.technical
    _check_annotations(technical)
    layout = read_layout(technical)
    _check_syntax(elements)
    pixels, window = displayed(stored_values(elements, layout), technical, layout)
    return DicomPicture(
        Picture(clean_name(name), pixels, layout.columns, layout.rows),
        elements.stripped_tags,
        modality=known("modalities", text(technical, "Modality")),
        body_part=known("body_parts", text(technical, "BodyPartExamined")),
        view=known("views", text(technical, "ViewPosition")),
        photometric=layout.photometric,
        window=window,
    )


def _check(content: bytes) -> None:
    if not is_dicom(content):
        message = N_("The file does not begin as a DICOM file does. Export it again, with its preamble.")
        raise InvalidInputError(message)
    if len(content) > MAX_STUDY_BYTES:
        raise picture_too_large(len(content), MAX_STUDY_BYTES)


def _check_annotations(technical: Dataset) -> None:
    """Words drawn into the pixels cannot be stripped."""
    if text(technical, "BurnedInAnnotation") == "YES":
        message = N_(
            "The DICOM file says that words are drawn into its picture, which may name the patient. "
            "Export it without them."
        )
        raise InvalidInputError(message)


def _check_syntax(elements: Elements) -> None:
    if not elements.transfer_syntax:
        raise missing("TransferSyntaxUID")
    # pydicom leaves the bytes of tables as they are; the retired big-endian syntax never met one.
    if not elements.is_little_endian and any(keyword in elements.technical for keyword in _TABLES):
        raise contradicting("TransferSyntaxUID")
