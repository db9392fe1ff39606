"""Files in, studies out: decoded, stripped of identity, shrunk, and refused where no model is needed for that."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from core.errors import N_, DemoError, InputTooLargeError, InvalidInputError
from core.limits import MAX_STUDIES, MAX_STUDY_BYTES
from core.pictures.archives import Refused
from core.pictures.decoding import Picture, decode_picture
from core.pictures.dicom import StrippedTag, is_dicom, read_dicom
from core.pictures.uploads import unpacked
from core.scenarios.triage import gate
from core.scenarios.triage.studies import Refusal, Study, packed

# The shorter side while we work with it: far more than a network looks at, and little to keep.
WORKING_PX = 512
UNREADABLE = "unreadable"


def receive(files: Sequence[tuple[str, bytes]]) -> tuple[Study, ...]:
    """All that `studies_in` gives. Raises the same."""
    return tuple(studies_in(files))


def studies_in(files: Sequence[tuple[str, bytes]], *, start: int = 0) -> Iterator[Study]:
    """A study per picture, in the order of the files; what cannot be read is one as well, with the reason.

    Each is decoded when it is asked for, those before the number `start` not at all. Raises InvalidInputError without
    a file, InputTooLargeError for more pictures than MAX_STUDIES: at once where the files themselves are more.
    """
    if not files:
        raise InvalidInputError(N_("Choose at least one picture."))
    if len(files) > MAX_STUDIES:
        raise _too_many()
    for number, each in enumerate(unpacked(files, max_bytes=MAX_STUDY_BYTES)):
        if number == MAX_STUDIES:
            raise _too_many()
        if number >= start:
            yield _refused(each.name, each.error) if isinstance(each, Refused) else _study(*each)


def _study(name: str, content: bytes) -> Study:
    try:
        return (
            _from_dicom(name, content) if is_dicom(content) else _from_picture(decode_picture(content, name))
        )
    except DemoError as error:
        return _refused(name, error)


def _from_dicom(name: str, content: bytes) -> Study:
    found = read_dicom(content, name)
    study = _from_picture(found.picture, stripped=found.stripped_tags)
    refusal = study.refusal or gate.refuse_tags(found.modality, found.body_part, found.view)
    return replace(study, refusal=refusal)


def _from_picture(picture: Picture, *, stripped: tuple[StrippedTag, ...] = ()) -> Study:
    pixels = _shrunk(picture.pixels)
    refusal = (
        gate.refuse_size(picture.width_px, picture.height_px)
        or gate.refuse_light(pixels)
        or gate.refuse_colour(pixels)
    )
    return Study(
        picture.name,
        png=packed(pixels),
        width_px=picture.width_px,
        height_px=picture.height_px,
        note=picture.note,
        stripped=stripped,
        refusal=refusal,
    )


def _refused(name: str, error: DemoError) -> Study:
    return Study(name, refusal=Refusal(UNREADABLE, error))


def _too_many() -> InputTooLargeError:
    message = N_("There are more than {limit} pictures. Send at most {limit} at once.")
    return InputTooLargeError(message, limit=MAX_STUDIES)


def _shrunk(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    factor = WORKING_PX / min(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0))
