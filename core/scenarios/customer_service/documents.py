"""A visitor's own knowledge base: a file in, entries out, or one sentence that says what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from core.encodings import decode
from core.errors import N_, InputTooLargeError, InvalidInputError
from core.language import language_of
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.markdown import read_markdown
from core.scenarios.customer_service.rows import Row
from core.scenarios.customer_service.tables import export_csv, read_table
from core.scenarios.customer_service.texts import read_plain

__all__ = [
    "MAX_ANSWER_CHARS",
    "MAX_BYTES",
    "MAX_LINES",
    "MAX_PDF_PAGES",
    "MAX_QUESTION_CHARS",
    "MAX_ROWS",
    "SUFFIXES",
    "export_csv",
    "read_entries",
]

# 100,000 rows of 150 Chinese characters in UTF-8, and below the 40 MB that one request may have.
MAX_BYTES = 30 * 1024 * 1024
# 200,000 vectors of 384 floats take 300 MB and minutes of embedding on a laptop: the end of "try it live".
MAX_ROWS = 200_000
# Cells and paragraphs may have several lines each; a file of tens of millions is made to keep us busy.
MAX_LINES = 1_000_000
# A question of more is a letter; embedders read about its first 1,000 characters anyway.
MAX_QUESTION_CHARS = 1_000
# Four printed pages: more is not an answer to a customer.
MAX_ANSWER_CHARS = 8_000
# A handbook; a page takes some 50 ms, so this is as long as a visitor waits.
MAX_PDF_PAGES = 300

_READERS: dict[str, Callable[[str], Iterator[Row]]] = {
    ".csv": read_table,
    ".tsv": read_table,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_plain,
}
SUFFIXES = (*_READERS, ".pdf")


def read_entries(name: str, content: bytes) -> tuple[Entry, ...]:
    """The entries of an uploaded file; `name` says by its ending what kind of file it is.

    Rows with the same answer and language become one entry with several questions. Markup stays plain text.
    Raises InvalidInputError or InputTooLargeError, and nothing else, with a sentence for the visitor.
    """
    if len(content) > MAX_BYTES:
        raise InputTooLargeError(
            N_("The file has {size} MB; the limit is {limit} MB. Split it into several files."),
            size=-(-len(content) // 2**20),
            limit=MAX_BYTES // 2**20,
        )
    if not content.strip(b"\x00\t\n\r "):
        raise InvalidInputError(N_("The file is empty. Choose one with questions and answers, or with text."))
    entries = tuple(draft.finished() for draft in _drafts(_rows(name, content)))
    if not entries:
        raise InvalidInputError(
            N_(
                "No answers were found in the file. "
                "Write each question as a heading with its answer below it."
            )
        )
    return entries


def _rows(name: str, content: bytes) -> Iterator[Row]:
    suffix = PurePath(name).suffix.lower()
    if suffix == ".pdf":
        return _read_pdf(content)
    if suffix not in _READERS:
        raise InvalidInputError(
            N_(
                "The file {name} is of a kind that cannot be read. "
                "Use CSV, TSV, Markdown, plain text or PDF; a spreadsheet can be saved as CSV."
            ),
            name=name[:80],
        )
    text = decode(content)
    if max(text.count("\n"), text.count("\r")) > MAX_LINES:
        raise InputTooLargeError(
            N_("The file has more than {limit} lines. Split it into several files."), limit=MAX_LINES
        )
    return _READERS[suffix](text)


def _read_pdf(content: bytes) -> Iterator[Row]:
    # Here and not above: pypdf takes some 70 ms to import, which every start of the application would pay.
    from core.scenarios.customer_service.pdfs import read_pdf

    return read_pdf(content, max_pages=MAX_PDF_PAGES)


@dataclass
class _Draft:
    """An entry that may still get questions; a dict keeps them in order, without repeats."""

    entry_id: str
    answer: str
    language: str
    topic: str
    questions: dict[str, None] = field(default_factory=dict)

    def finished(self) -> Entry:
        return Entry(self.entry_id, self.answer, self.language, tuple(self.questions), self.topic)


def _drafts(rows: Iterator[Row]) -> Iterator[_Draft]:
    """One draft per answer, language and (where the file gives one) entry id, in the order of the file."""
    drafts: dict[tuple[str, str, str], _Draft] = {}
    taken: set[tuple[str, str]] = set()
    for count, row in enumerate(rows, start=1):
        questions = [text for question in row.questions if (text := question.strip())]
        _check(count, row, questions)
        language = row.language or language_of("\n".join((*questions[:1], row.answer)))
        key = (row.answer, language, row.entry_id)
        if key not in drafts:
            draft = _Draft(row.entry_id or f"e{len(drafts) + 1}", row.answer, language, row.topic)
            _claim(taken, draft, row.line)
            drafts[key] = draft
        drafts[key].questions.update(dict.fromkeys(questions))
    yield from drafts.values()


def _claim(taken: set[tuple[str, str]], draft: _Draft, line: int) -> None:
    """An entry id stands for one answer per language."""
    if (draft.entry_id, draft.language) in taken:
        raise InvalidInputError(
            N_("Line {line} gives the entry {entry_id} a second answer in one language. Use another id."),
            line=line,
            entry_id=draft.entry_id[:40],
        )
    taken.add((draft.entry_id, draft.language))


def _check(count: int, row: Row, questions: list[str]) -> None:
    if count > MAX_ROWS:
        raise InputTooLargeError(
            N_("The file has more than {limit} rows. Split it into several files."), limit=MAX_ROWS
        )
    if not row.answer:
        raise InvalidInputError(
            N_("Line {line} has no answer. Write one, or delete the question."), line=row.line
        )
    longest = max(map(len, questions), default=0)
    if longest > MAX_QUESTION_CHARS:
        raise InputTooLargeError(
            N_("Line {line} has a question of {count} characters; the limit is {limit}."),
            line=row.line,
            count=longest,
            limit=MAX_QUESTION_CHARS,
        )
    if len(row.answer) > MAX_ANSWER_CHARS:
        raise InputTooLargeError(
            N_("Line {line} has an answer of {count} characters; the limit is {limit}. Split it."),
            line=row.line,
            count=len(row.answer),
            limit=MAX_ANSWER_CHARS,
        )
