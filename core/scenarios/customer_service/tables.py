"""Knowledge bases as tables: CSV and TSV in, CSV out."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from core.errors import N_, InvalidInputError
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.rows import Row
from core.spreadsheets import neutralised, plain

DELIMITERS = (",", ";", "\t")
COLUMNS = {
    "question": ("question", "questions", "问题", "提问", "问"),
    "answer": ("answer", "answers", "答案", "回答", "答"),
    "language": ("language", "lang", "语言", "语种"),
    "topic": ("topic", "category", "主题", "分类"),
    "entry_id": ("entry_id", "id", "编号"),
}
LANGUAGES = {
    "en": ("en", "english", "英文", "英语"),
    "zh": ("zh", "chinese", "cn", "中文", "汉语"),
}
EXPORT_HEADER = ("entry_id", "topic", "language", "questions", "answer")
QUESTION_SEPARATOR = " | "

_COLUMN_OF = {name: column for column, names in COLUMNS.items() for name in names}
_LANGUAGE_OF = {name: language for language, names in LANGUAGES.items() for name in names}
_SEPARATOR_INSIDE = re.compile(r"\s+\|\s+")


def read_table(text: str) -> Iterator[Row]:
    """The rows of a CSV or TSV with a header line, one at a time, so that a caller may stop at its limit.

    Needs the columns question and answer; knows language, topic and entry_id; ignores others. A column named
    "questions" holds several, separated by " | ". A quote that export_csv put before a formula is taken away.
    Raises InvalidInputError with the line.
    """
    records = _records(text, _sniff_delimiter(text))
    header_line, header = next(records, (1, []))
    columns = _columns(header)
    several = header[columns["question"]].strip().lower() == "questions"
    line = header_line
    for line, cells in records:
        yield _row(line, _padded(line, cells, len(header)), columns, several)
    if line == header_line:
        raise InvalidInputError(
            N_("The file has a header but no rows. Add at least one question with its answer.")
        )


def export_csv(entries: Iterable[Entry]) -> bytes:
    """The entries as CSV for a spreadsheet (UTF-8 with mark, which Excel needs), in the sample's layout.

    A cell that a spreadsheet would run as a formula gets a quote before it, as OWASP advises.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(EXPORT_HEADER)
    for entry in entries:
        questions = QUESTION_SEPARATOR.join(_SEPARATOR_INSIDE.sub("|", each) for each in entry.questions)
        cells = (entry.entry_id, entry.topic, entry.language, questions, entry.answer)
        writer.writerow([neutralised(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _sniff_delimiter(text: str) -> str:
    """The delimiter that makes most known columns of the header line, or else most columns."""
    header = text.lstrip().split("\n", 1)[0].split("\r", 1)[0]
    known = {mark: sum(_name(cell) in _COLUMN_OF for cell in header.split(mark)) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (known[mark], header.count(mark)))


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record that is not blank; empty cells at the end are dropped."""
    # strict: a quote that never ends would otherwise swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidInputError(
                N_(
                    "The row that begins in line {line} cannot be read: a quotation mark is never closed or "
                    "stands inside a quoted cell. Double the quotation marks inside a cell."
                ),
                line=line,
            ) from error
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield line, cells


def _columns(header: list[str]) -> dict[str, int]:
    """Where each known column is."""
    columns: dict[str, int] = {}
    for index, cell in enumerate(header):
        column = _COLUMN_OF.get(_name(cell))
        if column in columns:
            raise InvalidInputError(
                N_("Two columns hold the {column}. Keep one, or rename the other."), column=column
            )
        if column:
            columns[column] = index
    if "question" not in columns or "answer" not in columns:
        found = ", ".join(_name(cell)[:30] or "?" for cell in header[:8])
        raise InvalidInputError(
            N_(
                "The columns found are: {found}. Needed are question and answer; name them in the first line."
            ),
            found=found,
        )
    return columns


def _padded(line: int, cells: list[str], width: int) -> list[str]:
    """As many cells as the header has; a row may leave out empty ones at its end."""
    if len(cells) > width:
        raise InvalidInputError(
            N_(
                "Line {line} has {found} cells but the header has {expected}. "
                "Put quotation marks around a cell that contains the separator."
            ),
            line=line,
            found=len(cells),
            expected=width,
        )
    return cells + [""] * (width - len(cells))


def _row(line: int, cells: list[str], columns: dict[str, int], several: bool) -> Row:
    found = {column: plain(cells[index]) for column, index in columns.items()}
    question = found["question"]
    return Row(
        line,
        found["answer"],
        questions=tuple(question.split(QUESTION_SEPARATOR)) if several else (question,),
        language=_language(line, found.get("language", "")),
        topic=found.get("topic", ""),
        entry_id=found.get("entry_id", ""),
    )


def _language(line: int, cell: str) -> str:
    """ "en", "zh" or, for an empty cell, ""; zh-CN, zh_Hans and the like count as zh."""
    if not cell:
        return ""
    language = _LANGUAGE_OF.get(re.split("[-_]", cell.lower(), maxsplit=1)[0])
    if language is None:
        raise InvalidInputError(
            N_("Line {line} has the language {language}. Write en or zh, or leave the cell empty."),
            line=line,
            language=cell[:30],
        )
    return language
