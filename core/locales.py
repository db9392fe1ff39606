"""The translations in assets/locales, for the front doors; core itself speaks English only."""

import gettext
import io
from functools import cache
from pathlib import Path

from core.errors import DemoError

LANGUAGES = {"en": "English", "zh": "中文"}
FOLDER = Path(__file__).parent.parent / "assets" / "locales"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The texts of a language; English, and any language we do not have, are the texts in the code."""
    path = FOLDER / language / "LC_MESSAGES" / "vitrine.po"
    if language not in LANGUAGES or not path.exists():
        return gettext.NullTranslations()
    # The source is compiled in memory (about 50 ms, once): a compiled file beside it could be out of date.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate_error(error: DemoError, language: str) -> str:
    """The error's sentence in the visitor's language."""
    return translations(language).gettext(error.msgid).format(**error.params)


def best_language(wanted: str | None) -> str:
    """The language we have that comes first in an Accept-Language header or a locale such as "zh-CN"."""
    for part in (wanted or "").split(","):
        code = part.split(";")[0].strip().lower().replace("_", "-").split("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
