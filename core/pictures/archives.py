"""Zip archives of pictures, unpacked in memory one file at a time, within bounds that their names cannot change."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import N_, DemoError, InputTooLargeError, InvalidInputError
from core.limits import MAX_ARCHIVE_BYTES, MAX_PICTURES
from core.pictures.bounds import picture_too_large
from core.pictures.names import clean_name

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)
# Anything else could take far more memory than it says: LZMA's dictionary has up to 4 GB.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_LOCKED, _UTF_8 = 0x1, 0x800
_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")
# Folders and what systems leave behind count here, pictures have a limit of their own.
_MAX_ENTRIES = 10 * MAX_PICTURES


@dataclass(frozen=True)
class Refused:
    """A file that is not used, and the sentence that says why."""

    name: str
    error: DemoError


def unpack(content: bytes, *, max_bytes: int) -> Iterator[tuple[str, bytes] | Refused]:
    """The files of an archive with their cleaned names, none of them more than `max_bytes`.

    Raises InvalidInputError for an archive that cannot be opened or would unpack to too much.
    """
    # Each entry of the directory is a slow object of some 500 bytes, so they are counted before it is read.
    if count_entries(content) > _MAX_ENTRIES:
        raise _too_many(_MAX_ENTRIES)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN as error:
        raise _damaged() from error
    with archive:
        entries = [entry for entry in archive.infolist() if _is_file(entry)]
        _check(entries)
        for entry in entries:
            yield _read(archive, entry, max_bytes)


def paths(content: bytes) -> list[str]:
    """Of all entries, folders too; none where the archive cannot be opened, or holds too many."""
    if count_entries(content) > _MAX_ENTRIES:
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [entry_name(entry) for entry in archive.infolist()]
    except _BROKEN:
        return []


def count_entries(content: bytes) -> int:
    """How many the directory seems to list; it is not read."""
    return content.count(_ENTRY)


def entry_name(entry: zipfile.ZipInfo) -> str:
    """The path of an entry; some systems write UTF-8 or Chinese without saying so, and it is read as code page 437."""
    if entry.flag_bits & _UTF_8:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return entry.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return entry.filename


def _is_file(entry: zipfile.ZipInfo) -> bool:
    last = entry.filename.rsplit("/", 1)[-1]
    is_left_behind = "__MACOSX/" in entry.filename or last.lower() in _LEFT_BY_SYSTEMS or last.startswith(".")
    return bool(last) and not is_left_behind


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise InvalidInputError(N_("The archive holds no files. Put pictures into it."))
    if len(entries) > MAX_PICTURES:
        raise _too_many(MAX_PICTURES)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_ARCHIVE_BYTES:
        raise InputTooLargeError(
            N_("The archive unpacks to {size} MB; the limit is {limit} MB. Split it into several archives."),
            size=-(-unpacked // 2**20),
            limit=MAX_ARCHIVE_BYTES // 2**20,
        )


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> tuple[str, bytes] | Refused:
    name = clean_name(entry_name(entry))
    if entry.flag_bits & _LOCKED:
        return Refused(
            name, InvalidInputError(N_("The archive has a password. Pack the pictures without one."))
        )
    if entry.file_size > max_bytes:
        return Refused(name, picture_too_large(entry.file_size, max_bytes))
    if entry.compress_type not in _METHODS:
        return Refused(name, _damaged())
    try:
        with archive.open(entry) as file:
            # By the declared size: without one, a lying entry would unfold in a single step.
            return name, file.read(entry.file_size + 1)
    except _BROKEN:
        return Refused(name, _damaged())


def _too_many(limit: int) -> InputTooLargeError:
    message = N_("The archive holds more than {limit} files. Split it into several archives.")
    return InputTooLargeError(message, limit=limit)


def _damaged() -> InvalidInputError:
    return InvalidInputError(
        N_("The archive is damaged or packed in a rare way. Pack the pictures again as .zip.")
    )
