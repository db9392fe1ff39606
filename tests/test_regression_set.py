"""The regression questions are well formed, fit the sample knowledge base and repeat no other file."""

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "assets" / "knowledge_bases"
LANGUAGES = ("en", "zh")
NEAR_COPY = 0.7  # Jaccard index; a copy with one word changed is above it, a paraphrase far below
MIN_ROWS = {"answerable": 90, "ambiguous": 20, "out_of_scope": 40}


def read_rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def normalised(text):
    """The letters and digits only, without case and width: "What's up?" and "whats up" are the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def letter_pairs(text):
    """The set of neighbouring letters, with the ends marked so that one letter has pairs too."""
    marked = f"^{normalised(text)}$"
    return {marked[i : i + 2] for i in range(len(marked) - 1)}


def near_copies(rows, others):
    """The questions of `rows` that share at least NEAR_COPY of their letter pairs with one of `others`."""
    known = [letter_pairs(other) for other in others]
    return [row["question"] for row in rows if closest(letter_pairs(row["question"]), known) >= NEAR_COPY]


def closest(own, known):
    return max(len(own & pairs) / len(own | pairs) for pairs in known)


def ids_of(row):
    return row["entry_ids"].split("|") if row["entry_ids"] else []


def has_chinese(text):
    return any("\u4e00" <= char <= "\u9fff" for char in text)


@pytest.fixture(scope="module")
def entries():
    return read_rows("sample.csv")


@pytest.fixture(scope="module")
def regression():
    return read_rows("regression.csv")


def test_columns_are_the_documented_ones(regression):
    assert {tuple(row) for row in regression} == {("language", "question", "kind", "entry_ids")}


def test_no_cell_is_missing_or_padded(regression):
    for row in regression:
        assert all(cell is not None and cell == cell.strip() for cell in row.values()), row
        assert row["question"], row


def test_questions_are_written_in_the_language_they_name(regression):
    assert {row["language"] for row in regression} == set(LANGUAGES)
    for row in regression:
        assert has_chinese(row["question"]) == (row["language"] == "zh"), row


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_at_least_150_questions_and_enough_of_each_kind(regression, language):
    kinds = Counter(row["kind"] for row in regression if row["language"] == language)

    assert kinds.total() >= 150
    assert set(kinds) == set(MIN_ROWS)
    assert all(kinds[kind] >= least for kind, least in MIN_ROWS.items()), kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_answerable_questions_cover_at_least_75_entries(regression, language):
    answerable = [row for row in regression if (row["language"], row["kind"]) == (language, "answerable")]

    assert len({entry_id for row in answerable for entry_id in ids_of(row)}) >= 75


def test_rows_name_known_entries_as_many_as_their_kind_allows(entries, regression):
    known = {entry["entry_id"] for entry in entries}
    allowed = {"answerable": {1, 2}, "ambiguous": {2, 3, 4}, "out_of_scope": {0}}
    for row in regression:
        assert set(ids_of(row)) <= known, row
        assert len(set(ids_of(row))) == len(ids_of(row)), row
        assert len(ids_of(row)) in allowed[row["kind"]], row


def test_no_question_stands_twice(regression):
    counts = Counter(normalised(row["question"]) for row in regression)

    assert [question for question, count in counts.items() if count > 1] == []


def test_no_question_is_a_near_copy_of_one_in_the_knowledge_base(entries, regression):
    known = [question for entry in entries for question in entry["questions"].split(" | ")]

    assert near_copies(regression, known) == []


def test_no_question_is_a_near_copy_of_one_that_thresholds_are_tuned_on(regression):
    if not (FOLDER / "calibration.csv").exists():
        pytest.skip("there are no calibration questions to compare with")
    tuned_on = [row["question"] for row in read_rows("calibration.csv")]

    assert near_copies(regression, tuned_on) == []
