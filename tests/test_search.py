"""Searching a knowledge base's entries: properties, with vectors made by hand."""

import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.index import EntryIndex
from core.scenarios.customer_service.spans import closest_span, sentence_spans

DIM = 64
OPENING_EN = Entry(
    "opening", "We are open from 9 to 5. On Sundays we are closed.", "en", ("When are you open?",)
)
OPENING_ZH = Entry("opening", "我们九点开门。周日不营业。", "zh", ("几点开门？",))
PARCEL_EN = Entry(
    "parcel", "Parcels take three days. Ask the carrier.", "en", ("Where is my parcel?", "parcel late")
)
PASSAGE = Entry("passage", "Lamps are made of glass. They weigh two kilos.", "en")
ENTRIES = (OPENING_EN, OPENING_ZH, PARCEL_EN, PASSAGE)
COLOURS = ("red", "green", "blue", "yellow", "black", "white")


def embed(text):
    """A unit vector that texts share as far as they share words."""
    words = text.lower().strip("?.!").split() or [text]
    vector = sum(np.random.default_rng(zlib.crc32(word.encode())).normal(size=DIM) for word in words)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def index_of(entries):
    return EntryIndex(entries, np.stack([embed(text) for text in EntryIndex.texts(entries)]))


def search(index, question, language="en", k=5):
    return index.search(question, embed(question), language=language, k=k)


def colour_entries(examples):
    """Entries that come with many ways to ask for a paint."""
    ways = [f"please send {{}} paint number {number} today" for number in range(examples)]
    return tuple(
        Entry(colour, f"The {colour} paint.", "en", tuple(way.format(colour) for way in ways))
        for colour in COLOURS
    )


def test_texts_are_asked_for_once_and_in_a_fixed_order():
    twin = Entry("twin", "Other answer.", "en", OPENING_EN.questions)

    texts = EntryIndex.texts((*ENTRIES, twin))

    assert len(texts) == len(set(texts))
    assert texts == EntryIndex.texts((*ENTRIES, twin))
    assert set(OPENING_EN.questions) < set(texts)
    assert "On Sundays we are closed." in texts


def test_the_versions_of_an_entry_are_found_once_and_the_visitors_language_comes_first():
    index = index_of(ENTRIES)

    in_english = search(index, "When are you open?", language="en")
    in_chinese = search(index, "When are you open?", language="zh")

    assert [match.entry.entry_id for match in in_english].count("opening") == 1
    assert in_english[0].entry == OPENING_EN
    assert in_chinese[0].entry == OPENING_ZH
    assert in_chinese[0].score == in_english[0].score


def test_an_entry_without_a_version_in_the_language_is_found_all_the_same():
    assert search(index_of(ENTRIES), "Where is my parcel?", language="zh")[0].entry == PARCEL_EN


def test_versions_may_lie_anywhere_among_the_entries():
    apart = (OPENING_EN, PARCEL_EN, OPENING_ZH, PASSAGE)

    together = [(m.entry, m.score, m.span) for m in search(index_of(ENTRIES), "parcel open")]

    assert {entry.entry_id for entry, _, _ in together} == {"opening", "parcel", "passage"}
    assert [(m.entry, m.score, m.span) for m in search(index_of(apart), "parcel open")] == together


def test_matches_come_best_first_with_scores_between_0_and_1():
    for question in ("When are you open?", "glass lamps", "nothing of the kind", "???", "几点开门？"):
        scores = [match.score for match in search(index_of(ENTRIES), question)]

        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_a_question_of_the_knowledge_base_scores_above_one_that_has_nothing_to_do_with_it():
    index = index_of(ENTRIES)

    assert search(index, "Where is my parcel?")[0].score > 0.9 > search(index, "sing a song")[0].score


def test_no_more_than_k_matches_are_returned():
    index = index_of(ENTRIES)

    assert len(search(index, "parcel", k=2)) == 2
    assert len(search(index, "parcel", k=50)) == 3


def test_the_span_is_a_sentence_of_the_answer():
    for match in search(index_of(ENTRIES), "On Sundays we are closed."):
        start, end = match.span

        assert match.entry.answer[start:end] in {
            match.entry.answer[slice(*span)] for span in sentence_spans(match.entry.answer)
        }
    best = search(index_of(ENTRIES), "On Sundays we are closed.")[0]
    assert best.entry.answer[slice(*best.span)] == "On Sundays we are closed."


def test_running_text_is_found_by_what_it_says():
    best = search(index_of(ENTRIES), "They weigh two kilos")[0]

    assert best.entry == PASSAGE
    assert PASSAGE.answer[slice(*best.span)] == "They weigh two kilos."


def test_a_question_of_blanks_or_signs_is_only_a_poor_match():
    index = index_of(ENTRIES)

    for question in ("", " ", "?!", "🙂", "\u0000"):
        assert len(search(index, question)) == 3


def test_an_answer_without_text_has_no_span():
    entries = (Entry("blank", "  ", "en", ("Blank?",)),)

    assert search(index_of(entries), "Blank?")[0].span is None


def test_nothing_is_found_where_there_are_no_entries():
    assert (
        EntryIndex((), np.zeros((0, DIM), dtype=np.float32)).search("Open?", embed("open"), language="en")
        == []
    )


def test_the_same_question_may_lead_to_two_entries():
    twin = Entry("twin", "Ask at the door.", "en", OPENING_EN.questions)

    first, second = search(index_of((OPENING_EN, twin)), "When are you open?")

    assert {first.entry, second.entry} == {OPENING_EN, twin}


def test_vectors_that_do_not_fit_the_texts_are_refused():
    with pytest.raises(ValueError, match="texts need as many vectors"):
        EntryIndex(ENTRIES, np.zeros((2, DIM), dtype=np.float32))


def test_many_examples_bring_a_head_and_few_do_not():
    many, few = (
        search(index_of(colour_entries(20)), "red paint please"),
        search(index_of(colour_entries(3)), "red paint"),
    )

    assert many[0].entry.entry_id == "red"
    assert "head" in many[0].terms
    assert "head" not in few[0].terms


def test_the_head_does_without_some_examples_where_there_are_very_many(monkeypatch):
    monkeypatch.setattr("core.scenarios.customer_service.head.MAX_CELLS", 10 * len(COLOURS) ** 2)

    match = search(index_of(colour_entries(40)), "yellow paint please")[0]

    assert match.entry.entry_id == "yellow"
    assert "head" in match.terms


def test_the_head_learns_from_what_answers_say():
    plain, told = colour_entries(20)[:-1], colour_entries(20)[-1]
    told = Entry(told.entry_id, "Its pigment is titanium dioxide.", "en", told.questions)

    match = search(index_of((*plain, told)), "paint of titanium pigment")[0]

    assert match.entry == told
    assert match.terms["head"] > 0


def test_an_entry_with_one_example_is_found_beside_entries_with_many():
    added = Entry("gift", "Choose gift wrap at the checkout.", "en", ("Can you wrap it as a gift?",))
    index = index_of((*colour_entries(20), added))

    assert search(index, "Can you wrap it as a gift?")[0].entry == added
    assert search(index, "green paint please today")[0].entry.entry_id == "green"


def test_a_head_is_fitted_the_same_every_time():
    first, second = (search(index_of(colour_entries(12)), "some blue paint") for _ in range(2))

    assert [match.score for match in first] == pytest.approx([match.score for match in second], abs=1e-6)


def test_large_knowledge_bases_give_what_small_ones_give(monkeypatch):
    index, question = index_of((*ENTRIES, *colour_entries(8))), "red paint, please"
    small = search(index, question)

    monkeypatch.setattr("core.scenarios.customer_service.search.ALONE_ROWS", 0)
    large = search(index, question)

    assert [match.entry for match in large] == [match.entry for match in small]
    assert [match.score for match in large] == pytest.approx([match.score for match in small], abs=1e-5)


def test_many_threads_get_what_one_gets():
    index = index_of((*colour_entries(20), *ENTRIES))
    questions = ["red paint", "When are you open?", "几点开门？", "late parcel", "lamps of glass"] * 20

    alone = [search(index, question) for question in questions]
    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(lambda question: search(index, question), questions))

    assert [[m.entry for m in matches] for matches in together] == [
        [m.entry for m in matches] for matches in alone
    ]
    assert [m.score for matches in together for m in matches] == pytest.approx(
        [m.score for matches in alone for m in matches], abs=1e-6
    )


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("See e.g. the manual. It costs 3.50 euros.", ["See e.g. the manual.", "It costs 3.50 euros."]),
        ("第一句。第二句！第三句", ["第一句。", "第二句！", "第三句"]),
        ("A line\n\n  another line ", ["A line", "another line"]),
        (" ", []),
    ],
)
def test_sentences_are_cut_where_they_end(text, sentences):
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


def test_the_closest_sentence_is_told_by_its_letters():
    answer = "Parcels take three days. Refunds are paid within a week."

    assert answer[slice(*closest_span(answer, "when is my refund paid"))] == "Refunds are paid within a week."
    assert closest_span("", "refund") is None
