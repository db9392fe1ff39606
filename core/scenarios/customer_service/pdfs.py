"""Knowledge bases as PDF: the text of each page, cut into passages; scans have none."""

import io
import logging
import struct
import time
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import replace

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from core.encodings import clean
from core.errors import N_, InputTooLargeError, InvalidInputError
from core.scenarios.customer_service.rows import Row
from core.scenarios.customer_service.texts import passages, unified

# pypdf warns of every oddity with a piece of the file: a visitor's document does not belong into our log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# Hostile pages cost up to a second each within the limits below; between pages this one ends it.
MAX_PDF_S = 30.0
# A dense page has 6,000 characters; thirty times as many is no page that a person wrote.
MAX_PDF_PAGE_CHARS = 200_000
# Parts of a page's drawing program, bytes that one stream may unpack to, forms drawn on a page: a fraction of
# pypdf's own limits, which allow about ten seconds a page.
PYPDF_LIMITS = {
    "stream_parsing_work_maximum_count": 300_000,
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "xform_maximum_invocations_per_extraction": 200,
}
# What pypdf lets through on damaged files besides its own family, seen when single bytes were changed, and
# what its decoders can raise.
DAMAGE = (
    *(PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError),
    *(TypeError, ValueError, struct.error, zlib.error),
)
# Browsers write some Chinese characters as radicals that look the same, and "fi" as one letter; no search
# would find them. The supplement of radicals has no compatibility forms in Unicode: usual ones are listed.
PLAIN_FORMS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
PLAIN_FORMS |= {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
PLAIN_FORMS |= str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车长门青页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)


def read_pdf(content: bytes, *, max_pages: int) -> Iterator[Row]:
    """A row per passage; its line is the page, its topic "p. 3".

    Raises InvalidInputError for a file that is broken, encrypted or without text, InputTooLargeError for one
    that is too long or too complex.
    """
    texts = _page_texts(content, max_pages)
    if not any(text.strip() for text in texts):
        raise InvalidInputError(
            N_("The PDF has no text on its {pages} pages: probably a scan. Use one with selectable text."),
            pages=len(texts),
        )
    for page, text in enumerate(texts, start=1):
        for row in passages(_with_paragraphs(unified(text).split("\n"))):
            yield replace(row, line=page, topic=f"p. {page}")


def _page_texts(content: bytes, max_pages: int) -> list[str]:
    try:
        with apply_configuration(**PYPDF_LIMITS):
            return _extract(PdfReader(io.BytesIO(content)), max_pages)
    except DependencyError as error:  # an encryption that needs a library we don't carry
        raise _encrypted() from error
    except DAMAGE as error:
        raise InvalidInputError(
            N_("The PDF is damaged and cannot be read. Export it again, or save its text as a text file.")
        ) from error


def _extract(reader: PdfReader, max_pages: int) -> list[str]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise _encrypted()
    pages = len(reader.pages)
    if pages > max_pages:
        raise InputTooLargeError(
            N_("The PDF has {pages} pages; the limit is {limit}. Split it into several files."),
            pages=pages,
            limit=max_pages,
        )
    deadline = time.monotonic() + MAX_PDF_S
    return [_text_of(page, number, deadline) for number, page in enumerate(reader.pages, start=1)]


def _text_of(page: PageObject, number: int, deadline: float) -> str:
    try:
        text = page.extract_text()
    except LimitReachedError as error:
        raise _too_complex(number) from error
    if len(text) > MAX_PDF_PAGE_CHARS or time.monotonic() > deadline:
        raise _too_complex(number)
    return clean(text.translate(PLAIN_FORMS))


def _with_paragraphs(lines: list[str]) -> list[str]:
    """The lines of a page, a blank one after each that ends well before the margin: a title or a last line.

    PDF knows no paragraphs, only where glyphs stand.
    """
    margin = max(map(_width, lines))
    return [part for line in lines for part in ((line, "") if _width(line) < 0.75 * margin else (line,))]


def _width(line: str) -> int:
    return len(line) + sum(char >= "\u2e80" for char in line)


def _too_complex(page: int) -> InputTooLargeError:
    return InputTooLargeError(
        N_("Page {page} of the PDF is too complex to read. Remove it, or save the text as a text file."),
        page=page,
    )


def _encrypted() -> InvalidInputError:
    return InvalidInputError(
        N_("The PDF is protected by a password. Save a copy without one and upload that.")
    )
