"""Briefs, variants, batches and what is taken away, with a writer that has no weights."""

import csv
import io
import json
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.catalog import Catalog
from core.errors import DemoError, InputTooLargeError, InvalidInputError, ModelLoadError, NotFoundError
from core.limits import MAX_BATCH_BRIEFS, MAX_TEMPERATURE
from core.scenarios.content.batch import write_batch
from core.scenarios.content.brief import Brief
from core.scenarios.content.brief_file import read_briefs
from core.scenarios.content.exporting import Labelled, as_csv, as_json, as_markdown, as_text, row_of
from core.scenarios.content.merging import End, merged
from core.scenarios.content.validation import checked, checked_options
from core.scenarios.content.variants import write_variants
from core.types import Generation, GenerationOptions, Tier
from tests.fakes import FakeWriter, fake_catalog, fake_showcase, fake_text, load_fake

BRIEF = Brief("Lumora lamp", facts=("Dims to 1 %",), must_say=("Porto",))
WHEN = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def writers():
    """The writers that were loaded, in order."""
    return []


@pytest.fixture
def models(tmp_path, writers):
    def load(spec, folder, device):
        engine = load_fake(spec, folder, device)
        writers.append(engine)
        return engine

    place = fake_showcase(tmp_path, load=load)
    yield place.models
    for writer in writers:
        writer.may_step.set()
    place.models.close()


def outcome(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def until(condition):
    """Wait for what other threads are about to do."""
    pause = threading.Event()
    assert any(condition() or pause.wait(0.01) for _ in range(3000))


# --- briefs -----------------------------------------------------------------------------------------------------


def test_a_brief_is_cleaned():
    brief = checked(
        Brief("  Lumora\n lamp ", facts=("Warm", " ", "Warm ", "Bright\tlight"), audience="\u00a0")
    )

    assert brief == Brief("Lumora lamp", facts=("Warm", "Bright light"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"product": "  "}, "Name the product"),
        ({"product": "🎉🎉"}, "Name the product"),
        ({"product": "a\x00b"}, "U+0000"),
        ({"product": "a\u202eb"}, "U+202E"),
        ({"product": "a\ud800b"}, "U+D800"),
        ({"product": "x" * 101}, "under 100 characters (this has 101)"),
        ({"product": "x" * 10**6}, "this has 1000000"),
        ({"facts": ("x" * 201,)}, "facts under 200"),
        ({"facts": tuple(f"fact {number}" for number in range(13))}, "has 13 entries; the limit is 12"),
        ({"must_say": tuple(f"word {number}" for number in range(9))}, "has 9 entries; the limit is 8"),
        ({"language": "fr"}, "one of: en, zh"),
        ({"channel": "billboard"}, "one of: product-description"),
        ({"tone": "rude"}, "one of: friendly"),
        ({"max_words": 2}, "3 to 300 words (this asks for 2)"),
        ({"max_words": 301}, "3 to 300 words (this asks for 301)"),
        ({"must_say": ("cheap lamps",), "must_not_say": ("Cheap",)}, "must not say “Cheap”"),
        ({"must_say": ("one two three four",), "max_words": 3}, "has 4 words already"),
    ],
)
def test_a_brief_that_cannot_be_used_is_refused_with_a_sentence(change, words):
    with pytest.raises(InvalidInputError) as refusal:
        checked(replace(BRIEF, **change))

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "n", "words"),
    [
        ({}, 0, "variants"),
        ({}, 5, "variants"),
        ({"temperature": MAX_TEMPERATURE + 0.1}, 1, "temperature"),
        ({"temperature": float("nan")}, 1, "temperature"),
        ({"top_p": 0}, 1, "top_p"),
        ({"max_new_tokens": 801}, 1, "max_new_tokens"),
        ({"seed": -1}, 1, "seed"),
        ({"temperature": 0}, 2, "all 2 variants would be the same"),
    ],
)
def test_options_that_cannot_be_used_are_refused_with_a_sentence(options, n, words):
    with pytest.raises(InvalidInputError) as refusal:
        checked_options(GenerationOptions(**options), n)

    assert words in str(refusal.value)


# --- merging ----------------------------------------------------------------------------------------------------


def test_a_slow_stream_holds_nobody():
    may_end = threading.Event()

    def slow():
        may_end.wait()
        yield "late"
        return Generation("late", "stop", 1)

    def quick():
        yield "soon"
        return Generation("soon", "stop", 1)

    ended = []
    for events in merged([slow, quick], at_once=2):
        ended += [event.number for event in events if isinstance(event, End)]
        if ended == [1]:
            may_end.set()

    assert ended == [1, 0]


def test_pieces_that_come_fast_are_told_together():
    def quick():
        yield from "x" * 300
        return Generation("x" * 300, "stop", 300)

    events = [event for step in merged([quick], at_once=1) for event in step]
    *pieces, end = events

    assert "".join(piece.text for piece in pieces) == "x" * 300
    assert sum(piece.tokens for piece in pieces) == end.generation.tokens == 300
    assert len(pieces) < 300


def test_a_closed_reader_closes_every_stream():
    closed = [threading.Event(), threading.Event()]

    def endless(number):
        try:
            while True:
                yield "more "
        finally:
            closed[number].set()

    with closing(merged([lambda: endless(0), lambda: endless(1)], at_once=2)) as events:
        next(events)

    assert all(event.wait(10) for event in closed)


def test_a_bug_in_a_stream_reaches_the_reader_and_ends_the_others():
    closed = threading.Event()

    def broken():
        yield "x"
        raise ZeroDivisionError

    def endless():
        try:
            while True:
                yield "more "
        finally:
            closed.set()

    with pytest.raises(ZeroDivisionError):
        list(merged([endless, broken], at_once=2))
    assert closed.wait(10)


# --- variants ---------------------------------------------------------------------------------------------------


def test_variants_are_written_with_seeds_in_a_row_and_know_what_made_them(models):
    variants = outcome(write_variants(models, BRIEF, GenerationOptions(seed=7, temperature=0.9), 3))

    assert [variant.options.seed for variant in variants] == [7, 8, 9]
    assert [variant.text.split(":")[0] for variant in variants] == ["Draft 7", "Draft 8", "Draft 9"]
    assert {variant.model.model_id for variant in variants} == {"fake-writer"}
    assert {variant.finish_reason for variant in variants} == {"stop"}
    assert all(variant.model.elapsed_ms > 0 and variant.tokens > 0 for variant in variants)


def test_the_pieces_are_the_text(models):
    said, variants = ["", ""], ()
    for step in write_variants(models, BRIEF, GenerationOptions(), 2):
        variants = step.variants
        for piece in step.pieces:
            said[piece.number] += piece.text

    assert said == [variant.text for variant in variants]
    assert {variant.finish_reason for variant in variants} == {"stop"}


def test_a_variant_can_be_written_again(models):
    first = outcome(write_variants(models, BRIEF, GenerationOptions(seed=3), 4))[2]
    again = outcome(write_variants(models, first.brief, first.options, 1, model_id=first.model.model_id))[0]

    assert again.text == first.text
    assert again.options == first.options


def test_stopping_leaves_the_model_and_keeps_what_was_written(models, writers):
    models.load("fake-writer").wait(30)
    writer = writers[0]
    writer.may_step.clear()
    with closing(write_variants(models, BRIEF, GenerationOptions(), 3)) as steps:
        seen = next(step.variants for step in steps if any(variant.text for variant in step.variants))
    until(lambda: models._residents.get("fake-writer").users == 0)
    writer.may_step.set()
    until(lambda: not writer.rows)

    assert {variant.text for variant in seen} <= {"Draft", ""}
    assert {variant.finish_reason for variant in seen} == {"cancelled"}
    assert writer.steps == 1


def test_more_like_this_is_an_example_for_models_that_read_one_and_calm_for_the_starter(
    tmp_path, models, writers
):
    options = GenerationOptions(temperature=1.0)
    calm = outcome(write_variants(models, BRIEF, options, 1, like="Shine on."))[0]
    starter = writers[-1].asked[-1]

    hub = [replace(spec, tier=Tier.HUB) for spec in fake_catalog().specs]
    models.catalog = Catalog(tuple(hub))
    models.choice._catalog = models.catalog
    alike = outcome(write_variants(models, BRIEF, options, 1, like="Shine on."))[0]

    assert (calm.options.temperature, calm.like, len(starter.messages)) == (0.6, "", 1)
    assert (alike.options.temperature, alike.like) == (1.0, "Shine on.")
    assert [message.role for message in writers[-1].asked[-1].messages] == ["user", "assistant", "user"]


def test_a_language_that_the_writer_does_not_write_is_refused_before_it_is_loaded(models, writers):
    english = tuple(replace(spec, languages=("en",)) for spec in fake_catalog().specs)
    models.choice._catalog = models.catalog = Catalog(english)

    with pytest.raises(InvalidInputError, match="Fake writer does not write 中文; it writes English"):
        write_variants(models, replace(BRIEF, language="zh"), GenerationOptions(), 1)
    assert writers == []


def test_an_unknown_or_absent_writer_is_refused(models):
    with pytest.raises(NotFoundError, match="fake-writer"):
        write_variants(models, BRIEF, GenerationOptions(), 1, model_id="gpt-17")

    models.choice._is_there = lambda spec: False
    models.choice.look_again("fake-writer")
    with pytest.raises(ModelLoadError, match="not on this machine"):
        write_variants(models, BRIEF, GenerationOptions(), 1, model_id="fake-writer")


# --- batches ----------------------------------------------------------------------------------------------------

CSV = """product,facts,channel,max_words,language,must_say,must_not_say
Lumora lamp,Dims to 1 %;Warm light,Tagline,12,English,Lumora,cheap
,,,,,,
'=SUM(A1),,,ten,,,
智能台灯,续航 10 小时；护眼,announcement,50,中文,,
"""


def test_a_table_of_briefs_is_read_row_by_row():
    rows = read_briefs(CSV.encode())

    assert rows[0].brief == Brief(
        "Lumora lamp",
        channel="tagline",
        facts=("Dims to 1 %", "Warm light"),
        max_words=12,
        must_say=("Lumora",),
        must_not_say=("cheap",),
    )
    assert (rows[1].line, rows[1].brief, str(rows[1].error)) == (
        4,
        None,
        "The field max_words has to be a number.",
    )
    assert rows[2].brief == Brief(
        "智能台灯", "announcement", ("续航 10 小时", "护眼"), max_words=50, language="zh"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "The columns found are: a, b. Needed is product"),
        (b"product\n", "no rows"),
        (b'product\n"lamp\n', "begins in line 2"),
        (b"\x89PNG\x00\x00\x01\x02" * 50, "binary"),
        (b"product\n" + b"lamp\n" * (MAX_BATCH_BRIEFS + 1), f"more than {MAX_BATCH_BRIEFS} briefs"),
        (b"x" * (2**21 + 1), "under 2 MB"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(content, words):
    with pytest.raises((InvalidInputError, InputTooLargeError)) as refusal:
        read_briefs(content)

    assert words in str(refusal.value)


def test_a_batch_writes_every_brief_and_says_why_one_has_no_text(models):
    rows = read_briefs(CSV.encode())
    steps = list(write_batch(models, rows, GenerationOptions(seed=5)))
    results = outcome(write_batch(models, rows, GenerationOptions(seed=5)))

    assert [step.progress.done for step in steps] == sorted(step.progress.done for step in steps)
    assert steps[-1].progress.fraction == 1
    assert [result.row.line for result in results] == [2, 4, 5]
    assert [result.variant.options.seed if result.variant else None for result in results] == [5, None, 7]
    assert isinstance(results[1].error, DemoError)
    assert results[0].checks


def test_a_closed_batch_keeps_what_is_done_and_leaves_the_model(models, writers):
    rows = read_briefs(b"product\n" + b"lamp\n" * 50)
    with closing(write_batch(models, rows, GenerationOptions())) as steps:
        done = next(step.results for step in steps if step.results)
    until(lambda: not writers[0].rows)

    assert all(result.variant.text.startswith("Draft") for result in done)
    assert len(writers[0].asked) < 50


def test_a_text_that_fails_is_the_result_of_its_row_alone(models, monkeypatch):
    class Fussy(FakeWriter):
        def join(self, items):
            steps = super().join(items)
            bad = {row for row, item in items.items() if "soap" in item.messages[0].content}
            return steps | dict.fromkeys(bad, DemoError("No soap, please."))

    monkeypatch.setattr(models, "_load_engine", lambda spec, folder, device: Fussy(device))
    rows = read_briefs(b"product\nlamp\nsoap\nchair\n")
    results = outcome(write_batch(models, rows, GenerationOptions()))

    assert [bool(result.variant) for result in results] == [True, False, True]
    assert str(results[1].error) == "No soap, please."


# --- taking away ------------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(models):
    variant = outcome(write_variants(models, BRIEF, GenerationOptions(seed=4), 1))[0]
    return Labelled(variant, variant.text, WHEN)


def test_every_file_says_that_a_machine_wrote_it_which_one_and_when(labelled):
    row = row_of(labelled)
    files = [as_csv([row]), as_json([row]), as_text([labelled]), as_markdown([labelled])]

    for content in (file.decode("utf-8-sig") for file in files):
        assert "AI-generated" in content
        assert "fake-writer" in content
        assert "2026-11-22" in content
        assert labelled.text in content
    assert json.loads(files[1])["ai_generated"] is True
    assert json.loads(files[1])["texts"][0]["seed"] == 4
    assert files[3].decode().startswith("---\nai_generated: true\n")


def test_an_edited_text_is_labelled_as_edited(labelled):
    edited = replace(labelled, text="Better.")

    assert edited.line.startswith("AI-generated, edited by a person")
    assert row_of(edited)["digital_source_type"] != row_of(labelled)["digital_source_type"]
    assert "Does not say “Porto”." in row_of(edited)["failed_checks"]


def test_a_chinese_text_is_labelled_in_chinese(labelled):
    chinese = replace(labelled, variant=replace(labelled.variant, brief=replace(BRIEF, language="zh")))

    assert chinese.line.startswith("AI 生成 · fake-writer · 2026-11-22")


def test_no_cell_of_the_table_is_a_formula(labelled):
    row = row_of(replace(labelled, text="=HYPERLINK(1)"))

    assert next(csv.DictReader(io.StringIO(as_csv([row]).decode("utf-8-sig"))))["text"] == "'=HYPERLINK(1)"


def test_the_fake_is_asked_for_the_brief_in_the_words_that_models_learn(models, writers):
    variant = outcome(write_variants(models, BRIEF, GenerationOptions(), 1))[0]

    assert variant.text == fake_text(writers[0].asked[0])
    assert "Must say: Porto" in writers[0].asked[0].messages[0].content
