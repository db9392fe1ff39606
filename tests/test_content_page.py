"""The content-generation page through the shell, with a writer that has no weights."""

import json
from dataclasses import replace

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx

from components import content_batch, content_writing, model_cards
from core import demos
from core.catalog import Catalog
from core.scenarios.content.samples import BRIEFS
from core.types import Tier
from tests.fakes import fake_catalog
from tests.test_content import until
from tests.test_pages import words

KEY = demos.CONTENT_GENERATION.key
PAGE = demos.CONTENT_GENERATION.demo_id
SECTIONS = ("how-it-works", "how-good", "compare", "batch", "use-it", "business", "export")


def write(app, product="Lumora lamp", **fields):
    app.text_input(key=f"{KEY}_product").set_value(product)
    for name, value in fields.items():
        app.text_input(key=f"{KEY}_{name}").set_value(value)
    return app.button(key=f"{KEY}_submit").click().run()


def cards(app):
    return app.session_state[f"{KEY}_cards"]


def choose_section(app, section):
    return app.segmented_control(key=f"{KEY}_section").set_value(section).run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_three_drafts_are_written_checked_and_shown(open_page, language):
    app = write(open_page(PAGE, language=language), must_say="Porto")

    assert not app.exception
    assert not app.error
    assert len(cards(app)) == 3
    assert words(app).count("Lumora lamp") == 3
    assert words(app).count(":green-background[Porto]") == 3
    assert ":material/check_circle:" in words(app)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_example_is_one_click(open_page, language):
    app = open_page(PAGE, language=language)
    for example in demos.CONTENT_GENERATION.examples:
        app.button(key=f"{KEY}_example_{example.example_id}").click().run()

        assert not app.exception
        assert not app.error
        assert {card.variant.brief for card in cards(app)} == {BRIEFS[example.example_id][language]}


@pytest.mark.parametrize(("language", "sentence"), [("en", "Name the product"), ("zh", "请填写产品名称")])
def test_an_empty_brief_is_refused_with_a_sentence(open_page, language, sentence):
    app = write(open_page(PAGE, language=language), product="  ")

    assert sentence in app.error[0].value
    assert not any(button.key == f"{KEY}_stop" for button in app.button)
    assert not app.exception


def test_an_edited_text_is_checked_again(open_page):
    app = write(open_page(PAGE), must_say="Porto")
    card = cards(app)[0]
    app.text_area(key=f"{KEY}_text_{card.card_id}").set_value("Made by <b>Acme</b> of Berlin in 1999.").run()

    said = words(app).replace("\\", "")
    assert "Does not say “Porto”." in said
    assert ":orange-background[Berlin]" in said
    assert "<b>" in said
    assert not app.exception


def test_regenerate_puts_another_seed_in_the_same_place(open_page):
    app = write(open_page(PAGE))
    before = cards(app)[:]
    app.button(key=f"{KEY}_again_{before[1].card_id}").click().run()
    after = cards(app)

    assert [card.card_id for card in (after[0], after[2])] == [before[0].card_id, before[2].card_id]
    assert after[1].variant.options.seed == before[2].variant.options.seed + 1
    assert after[1].variant.text != before[1].variant.text


def test_the_same_seed_writes_the_same_text_again(open_page):
    app = write(open_page(PAGE))
    app.button(key=f"{KEY}_repeat_{cards(app)[1].card_id}").click().run()

    assert len(cards(app)) == 4
    assert cards(app)[2].variant.text == cards(app)[1].variant.text
    assert "word for word draft 2" in words(app)
    assert not app.exception


def test_more_like_this_keeps_the_draft_and_writes_others(open_page):
    app = write(open_page(PAGE))
    chosen = cards(app)[1]
    app.button(key=f"{KEY}_like_{chosen.card_id}").click().run()

    assert cards(app)[0] == chosen
    assert len(cards(app)) == 3
    assert {card.variant.options.temperature for card in cards(app)[1:]} == {0.42}
    assert not app.exception


def test_a_click_in_mid_stream_stops_the_model_and_keeps_the_text(open_page, place, monkeypatch):
    """What Streamlit does to a run when somebody clicks: it raises in the middle of it."""
    place.models.load("fake-writer").wait(30)
    may_step = place.models._residents.get("fake-writer").engine.may_step
    may_step.clear()
    monkeypatch.setattr(content_writing, "DRAW_S", 0)

    def draw(slots, variants):
        if any(variant.text for variant in variants):
            raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(content_writing, "_draw", draw)
    app = write(open_page(PAGE))
    may_step.set()

    assert not app.exception
    assert {card.variant.finish_reason for card in cards(app)} == {"cancelled"}
    assert any(card.variant.text for card in cards(app))
    assert "Stopped before its end" in words(app)
    until(lambda: place.models._residents.get("fake-writer").users == 0)


def test_two_drafts_are_compared(open_page):
    app = choose_section(write(open_page(PAGE)), "compare")

    assert words(app).count(":violet-background[") == 2
    assert "% of the words are the same" in words(app)


def test_the_settings_of_a_link_are_taken_and_nonsense_is_not(open_page):
    query = {
        "seed": "77",
        "variants": "1",
        "tone": "plain",
        "language": "xx",
        "temperature": "nan",
        "max_words": "1e9",
    }
    app = write(open_page(PAGE, **{f"{KEY}_{name}": value for name, value in query.items()}))

    (card,) = cards(app)
    assert (card.variant.options.seed, card.variant.options.temperature) == (77, 0.7)
    assert (card.variant.brief.tone, card.variant.brief.language, card.variant.brief.max_words) == (
        "plain",
        "en",
        60,
    )
    asked, link = app.code[0].value, app.code[1].value
    assert "Product: Lumora lamp" in asked
    assert f"{KEY}_seed=77" in link
    assert "Lumora" not in link
    assert app.query_params[f"{KEY}_tone"] == "plain"


def test_a_language_that_the_writer_does_not_write_is_said_before_and_refused_after(open_page, place):
    english = tuple(replace(spec, languages=("en",)) for spec in fake_catalog().specs)
    place.models.choice._catalog = place.models.catalog = Catalog(english)
    app = open_page(PAGE, language="zh")

    assert app.segmented_control(key=f"{KEY}_language").value == "en"
    assert "中文" in words(app)
    app.segmented_control(key=f"{KEY}_language").set_value("zh")
    assert "Fake writer" in write(app).error[0].value


def test_several_writers_can_be_chosen_from(open_page, place):
    starter = fake_catalog().spec("fake-writer")
    larger = replace(starter, model_id="larger", title="Larger writer", tier=Tier.HUB)
    place.models.choice._catalog = place.models.catalog = Catalog((larger, starter))
    app = open_page(PAGE)

    assert app.selectbox(key=f"{KEY}_model").value == "larger"
    app.selectbox(key=f"{KEY}_model").set_value("fake-writer").run()
    assert {card.variant.model.model_id for card in cards(write(app))} == {"fake-writer"}


def test_without_a_writer_the_page_says_what_to_do(open_page, place):
    place.models.choice._is_there = lambda spec: False
    app = open_page(PAGE)

    assert "operations page" in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens_before_and_after_writing(open_page, language):
    app = open_page(PAGE, language=language)
    for section in SECTIONS:
        assert not choose_section(app, section).exception

    app = write(app)
    for section in SECTIONS:
        app = choose_section(app, section)
        assert not app.exception
        assert not app.error


def test_a_table_of_briefs_is_written_and_counted(open_page):
    app = choose_section(open_page(PAGE), "batch")
    table = b"product,max_words\nlamp,200\nchair,9\n?,20\n"
    app.file_uploader(key=f"{KEY}_batch_file").set_value(("briefs.csv", table, "text/csv"))
    app.button(key=f"{KEY}_batch_write").click().run()

    assert not app.exception
    assert [metric.value for metric in app.metric] == ["2 / 3", "0 / 2", "1"]
    assert [button.label for button in app.get("download_button")] == [
        "CSV",
        "JSON",
        "Markdown",
        "Plain text",
    ]


def test_the_sample_table_is_one_click_and_a_wrong_file_is_one_sentence(open_page):
    app = choose_section(open_page(PAGE), "batch")
    app.button(key=f"{KEY}_batch_sample").click().run()
    assert app.metric[0].value == "12 / 12"

    app.file_uploader(key=f"{KEY}_batch_file").set_value(("briefs.csv", b"a,b\n1,2\n", "text/csv"))
    app.button(key=f"{KEY}_batch_write").click().run()
    assert "Needed is product" in app.error[0].value
    assert app.metric[0].value == "12 / 12"


def test_the_figures_of_the_starters_card_are_shown(open_page, place, tmp_path, monkeypatch):
    measured = {"slots_said": 0.912, "lists": 60}
    (tmp_path / "fake-writer").mkdir()
    card = json.dumps({"test": {"restaurants, temperature 0": measured}})
    (tmp_path / "fake-writer" / "quality.json").write_text(card)
    monkeypatch.setattr(model_cards, "MODELS", tmp_path)
    app = choose_section(open_page(PAGE), "how-good")

    (row,) = app.dataframe[0].value.to_dict("records")
    assert row == {
        "Measured": "Attributes said, of 60 restaurants it never saw (E2E test)",
        "Figure": "91.2 %",
    }


def test_a_click_in_a_batch_stops_it_and_keeps_what_is_done(open_page, place, monkeypatch):
    real = content_batch.write_batch

    def clicked(*args, **kwargs):
        for step in real(*args, **kwargs):
            yield step
            if step.results:
                raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(content_batch, "write_batch", clicked)
    app = choose_section(open_page(PAGE), "batch")
    app.button(key=f"{KEY}_batch_sample").click().run()

    assert not app.exception
    assert app.metric[0].value != "0 / 12"
    assert "Stopped before the end" in words(app)
    until(lambda: place.models._residents.get("fake-writer").users == 0)


def test_a_thumb_is_stored_with_the_text(open_page, place):
    app = write(open_page(PAGE))
    app.feedback(key=f"{KEY}_feedback_{cards(app)[0].card_id}_thumb").set_value(1).run()

    (row,) = place.store.feedback()
    assert (row.demo, row.rating, row.answer) == (PAGE, 1, cards(app)[0].variant.text)


def test_the_call_to_copy_is_the_form(open_page):
    app = choose_section(write(open_page(PAGE), must_say="Porto; sea"), "use-it")
    curl = next(code.value for code in app.code if code.value.startswith("curl"))

    assert "/api/content/generate" in curl
    assert '"product": "Lumora lamp"' in curl
    assert '"Porto"' in curl
