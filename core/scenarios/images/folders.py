"""Uploads with the folders they lie in, which say what the pictures show: "cups/1.jpg" is a cup."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from core.errors import N_
from core.limits import MAX_PICTURE_BYTES, MAX_SIDE_PX
from core.pictures import archives
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.pictures.formats import is_zip
from core.pictures.names import clean_name
from core.pictures.uploads import decoded, unpacked

Files = Sequence[tuple[str, bytes]]
NO_FOLDER = N_("Some pictures lie in no folder. Put those of each class into a folder.")


def read_with_folders(
    files: Files, *, start: int = 0, needed_px: int = MAX_SIDE_PX
) -> Iterator[Picture | Refused]:
    """Each picture in turn, decoded when it is asked for, named "folder/name" where it lies in a folder.

    Those before the number `start` are not decoded: that may take a second each. For models alone they need not be
    finer than `needed_px` (`models.needed_px` says it).
    """
    for folder, file in islice(_files(files), start, None):
        each = decoded(file, needed_px=needed_px)
        yield replace(each, name=f"{folder}/{each.name}") if folder else each


def folder_of(path: str) -> str:
    """The last folder of a path: "fruit/Banana/1.jpg" lies in "Banana"; "" where there is none."""
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    return clean_name(parts[-2]) if len(parts) > 1 else ""


def _files(files: Files) -> Iterator[tuple[str, tuple[str, bytes] | Refused]]:
    """Each file out of the archives too, with its folder."""
    paths = _paths(files)
    for each in unpacked(files, max_bytes=MAX_PICTURE_BYTES):
        name = each.name if isinstance(each, Refused) else each[0]
        # They come in the order of the files, less what systems leave behind.
        yield next((folder_of(path) for path in paths if clean_name(path) == name), ""), each


def _paths(files: Files) -> Iterator[str]:
    for name, content in files:
        yield name
        if is_zip(content):
            # What is wrong with an archive is said by those who unpack it.
            yield from archives.paths(content)
