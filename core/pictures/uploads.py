"""The files of one upload, archives unpacked: each becomes a picture, or is refused without spoiling the others."""

from collections.abc import Iterator, Sequence

from core.errors import N_, DemoError, InputTooLargeError
from core.limits import MAX_PICTURES, MAX_SIDE_PX
from core.pictures.archives import Refused, count_entries, unpack
from core.pictures.decoding import Picture, decode_picture
from core.pictures.formats import is_zip
from core.pictures.names import clean_name


def unpacked(files: Sequence[tuple[str, bytes]], *, max_bytes: int) -> Iterator[tuple[str, bytes] | Refused]:
    """The files with cleaned names, and in an archive's place what is in it: MAX_PICTURES at most.

    One Refused ends what is too many.
    """
    count = 0
    for name, content in files:
        for each in _opened(clean_name(name), content, max_bytes):
            if count == MAX_PICTURES:
                yield Refused(clean_name(name), _too_many())
                return
            count += 1
            yield each


def count(files: Sequence[tuple[str, bytes]]) -> int:
    """How many there are, or a few more: archives also hold what is left out."""
    entries = (max(1, count_entries(content)) if is_zip(content) else 1 for _name, content in files)
    return min(MAX_PICTURES, sum(entries))


def decoded(each: tuple[str, bytes] | Refused, *, needed_px: int = MAX_SIDE_PX) -> Picture | Refused:
    """The picture in a file (name, content), or why there is none; what was refused stays as it is.

    `needed_px` as for `decode_picture`.
    """
    if isinstance(each, Refused):
        return each
    name, content = each
    try:
        return decode_picture(content, name, needed_px=needed_px)
    except DemoError as error:
        return Refused(name, error)


def _opened(name: str, content: bytes, max_bytes: int) -> Iterator[tuple[str, bytes] | Refused]:
    if not is_zip(content):
        yield name, content
        return
    try:
        yield from unpack(content, max_bytes=max_bytes)
    except DemoError as error:
        yield Refused(name, error)


def _too_many() -> InputTooLargeError:
    message = N_("Only the first {limit} pictures were looked at. Upload the others separately.")
    return InputTooLargeError(message, limit=MAX_PICTURES)
