"""What an uploaded file is called when it is shown or written into a table."""

import re
import unicodedata

from core.limits import MAX_NAME_CHARS

_PATH = re.compile(r"[/\\]")


def clean_name(name: str) -> str:
    """The last part of a path, without characters that are invisible or turn the text around.

    Bounded to MAX_NAME_CHARS; the end stays, as it says the format.
    """
    last = _PATH.split(unicodedata.normalize("NFC", name[-1000:]).rstrip("/\\ "))[-1]
    visible = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    plain = " ".join(visible.split()).lstrip(".")
    if len(plain) > MAX_NAME_CHARS:
        end = plain[-10:]
        plain = f"{plain[: MAX_NAME_CHARS - len(end) - 1]}…{end}"
    return plain or "-"
