"""The sample knowledge base and its calibration questions are complete and fit together."""

import csv
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "assets" / "knowledge_bases"
LANGUAGES = ("en", "zh")
KINDS = {"answerable", "ambiguous", "out_of_scope"}


def read_rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def questions_of(row):
    return row["questions"].split(" | ")


def has_chinese(text):
    return any("\u4e00" <= char <= "\u9fff" for char in text)


@pytest.fixture(scope="module")
def rows():
    return read_rows("sample.csv")


@pytest.fixture(scope="module")
def topics():
    return read_rows("topics.csv")


@pytest.fixture(scope="module")
def calibration():
    return read_rows("calibration.csv")


def test_columns_are_the_documented_ones(rows, topics, calibration):
    assert list(rows[0]) == ["entry_id", "topic", "language", "questions", "answer"]
    assert list(topics[0]) == ["topic", "en", "zh"]
    assert list(calibration[0]) == ["language", "question", "kind", "entry_ids"]


def test_there_are_at_least_80_entries_over_at_least_8_topics_besides_small_talk(rows):
    assert len({row["entry_id"] for row in rows if row["topic"] != "small-talk"}) >= 80
    assert len({row["topic"] for row in rows} - {"small-talk"}) >= 8


def test_every_entry_is_there_once_in_each_language_under_one_topic(rows):
    versions = Counter((row["entry_id"], row["language"]) for row in rows)
    entry_ids = {row["entry_id"] for row in rows}

    assert versions == Counter((entry_id, language) for entry_id in entry_ids for language in LANGUAGES)
    assert len({(row["entry_id"], row["topic"]) for row in rows}) == len(entry_ids)


def test_no_cell_is_empty_or_padded(rows, topics):
    for row in rows + topics:
        assert all(cell and cell == cell.strip() for cell in row.values()), row


def test_every_entry_has_many_ways_to_ask(rows):
    for row in rows:
        assert 15 <= len(questions_of(row)) <= 25, row["entry_id"]
        assert all(question and question == question.strip() for question in questions_of(row)), row[
            "entry_id"
        ]


def test_no_question_or_answer_stands_twice(rows):
    questions = Counter(
        (row["language"], question.casefold()) for row in rows for question in questions_of(row)
    )
    answers = Counter((row["language"], row["answer"]) for row in rows)

    assert [question for question, count in questions.items() if count > 1] == []
    assert [answer for answer, count in answers.items() if count > 1] == []


def test_rows_are_written_in_the_language_they_name(rows):
    for row in rows:
        assert has_chinese(row["answer"]) == (row["language"] == "zh"), row["entry_id"]
        assert all(has_chinese(q) == (row["language"] == "zh") for q in questions_of(row)), row["entry_id"]


def test_the_topics_named_are_the_topics_used(rows, topics):
    assert {row["topic"] for row in rows} == {topic["topic"] for topic in topics}
    assert len(topics) == len({topic["topic"] for topic in topics})


def test_calibration_has_enough_distinct_questions_of_every_kind_in_each_language(calibration):
    for language in LANGUAGES:
        questions = [row["question"] for row in calibration if row["language"] == language]
        kinds = Counter(row["kind"] for row in calibration if row["language"] == language)

        assert len(questions) == len(set(questions)) >= 120
        assert set(kinds) == KINDS
        assert min(kinds.values()) >= 12
    assert {row["language"] for row in calibration} == set(LANGUAGES)


def test_calibration_names_known_entries_as_many_as_its_kind_allows(rows, calibration):
    known = {row["entry_id"] for row in rows}
    allowed = {"answerable": {1}, "ambiguous": {2, 3, 4}, "out_of_scope": {0}}
    for row in calibration:
        entry_ids = [entry_id for entry_id in row["entry_ids"].split("|") if entry_id]

        assert set(entry_ids) <= known, row
        assert len(set(entry_ids)) == len(entry_ids), row
        assert len(entry_ids) in allowed[row["kind"]], row


def test_no_calibration_question_is_taken_from_the_knowledge_base(rows, calibration):
    known = {question.casefold() for row in rows for question in questions_of(row)}

    assert [row["question"] for row in calibration if row["question"].casefold() in known] == []
