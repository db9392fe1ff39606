"""Uploads with the folders they lie in, which say what the pictures show: "cups/1.jpg" is a cup."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from core.errors import N_
from core.limits import MAX_PICTURES
from core.pictures.archives import Refused, entry_name
from core.pictures.decoding import Picture
from core.pictures.formats import is_zip
from core.pictures.names import clean_name
from core.pictures.uploads import read_uploads

Files = Sequence[tuple[str, bytes]]
NO_FOLDER = N_("Some pictures lie in no folder. Put those of each class into a folder.")
# The start of an entry in an archive's directory, and as many as an archive may have with its folders.
_ENTRY, _MAX_ENTRIES = b"PK\x01\x02", 10 * MAX_PICTURES
# What is wrong with an archive is said by those who unpack it.
_BROKEN = (zipfile.BadZipFile, OSError, ValueError, LookupError, NotImplementedError, RuntimeError)


def read_with_folders(files: Files) -> Iterator[Picture | Refused]:
    """Each picture in turn, decoded when it is asked for, named "folder/name" where it lies in a folder."""
    paths = _paths(files)
    for each in read_uploads(files):
        # They come in the order of the files, less what systems leave behind.
        folder = next((folder_of(path) for path in paths if clean_name(path) == each.name), "")
        yield replace(each, name=f"{folder}/{each.name}") if folder else each


def nth(files: Files, number: int) -> Picture | Refused:
    """One of these pictures once more, by its number from 0."""
    if any(is_zip(content) for _name, content in files):
        return next(islice(read_with_folders(files), number, None))
    return next(read_with_folders(files[number : number + 1]))


def folder_of(path: str) -> str:
    """The last folder of a path: "fruit/Banana/1.jpg" lies in "Banana"; "" where there is none."""
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    return clean_name(parts[-2]) if len(parts) > 1 else ""


def count(files: Files) -> int:
    """How many pictures there are, or a few more: archives also hold what is left out."""
    entries = (max(1, content.count(_ENTRY)) if is_zip(content) else 1 for _name, content in files)
    return min(MAX_PICTURES, sum(entries))


def _paths(files: Files) -> Iterator[str]:
    for name, content in files:
        yield name
        if is_zip(content) and content.count(_ENTRY) <= _MAX_ENTRIES:
            yield from _paths_in(content)


def _paths_in(archive: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return [entry_name(entry) for entry in opened.infolist()]
    except _BROKEN:
        return []
