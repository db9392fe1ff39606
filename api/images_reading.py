"""Uploaded pictures on their way from a request to the scenario: read one by one, named by class, or all refused."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from threading import BoundedSemaphore

from fastapi import UploadFile

from core.deadlines import Deadline
from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_EXPLAINED
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images.folders import NO_FOLDER, folder_of, read_with_folders


def named(
    files: Sequence[UploadFile],
    labels: Sequence[str],
    refused: list[Refused],
    *,
    reading: BoundedSemaphore,
    deadline: Deadline,
    needed_px: int,
) -> Iterator[tuple[str, Picture]]:
    """The pictures with their classes; what cannot be used goes to `refused`."""
    for number, file in enumerate(files):
        for each in read([file], reading=reading, deadline=deadline, needed_px=needed_px):
            name = labels[number].strip() if labels else folder_of(each.name)
            if isinstance(each, Refused):
                refused.append(each)
            elif name:
                yield name, each
            else:
                raise InvalidInputError(NO_FOLDER)


def read(
    files: Sequence[UploadFile], *, reading: BoundedSemaphore, deadline: Deadline, needed_px: int
) -> Iterator[Picture | Refused]:
    """The pictures one by one, as fine as the model needs them, as long as the deadline allows."""
    named = [(file.filename or "", file.file.read()) for file in files]
    return deadline.one_by_one(read_with_folders(named, needed_px=needed_px), reading)


def few(pictures: Iterable[Picture | Refused]) -> list[Picture | Refused]:
    """All of them, if they are few enough to explain each."""
    read = list(islice(pictures, MAX_EXPLAINED + 1))
    if len(read) > MAX_EXPLAINED:
        message = N_("Ask where the model looked for at most {limit} pictures at once.")
        raise InputTooLargeError(message, limit=MAX_EXPLAINED)
    return read


def split(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels that came one by one, or several in a field."""
    parts = (part.strip() for label in labels for part in label.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def none_usable(refused: Sequence[Refused]) -> InvalidInputError:
    """What to say when no file can be used: of one, why."""
    if len(refused) == 1:
        return InvalidInputError(refused[0].error.msgid, **refused[0].error.params)
    message = N_("None of the {count} files can be used. Send JPEG, PNG, WebP, GIF or BMP pictures.")
    return InvalidInputError(message, count=len(refused))
