"""The translation page through the shell, in both languages, with a fake translator: everything else is real."""

from dataclasses import replace

import pytest
import streamlit as st

from api.translation_schemas import TranslateRequest
from components import translation_export, translation_jobs
from core import demos
from core.catalog import Catalog
from core.scenarios.translation import growing
from core.scenarios.translation.growing import GrowingTranslation
from core.scenarios.translation.translating import TranslationOptions
from tests import fakes

KEY = demos.TRANSLATION.key


def words(app):
    """Everything that is said in running text on the page, without the escapes of Markdown."""
    elements = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(element.value for element in elements).replace("\\", "").replace("\u2060", "")


def translate(app, text):
    app.text_area(key=f"{KEY}_text").set_value(text)
    return app.button(key=f"{KEY}_submit").click().run()


def choose_section(app, section):
    return app.segmented_control(key=f"{KEY}_section").set_value(section).run()


@pytest.mark.parametrize(("language", "title"), [("en", "Translation"), ("zh", "智能翻译")])
def test_the_page_opens_without_loading_a_model(open_page, place, language, title):
    app = open_page("translation", language=language)

    assert not app.exception
    assert app.title[0].value == title
    assert place.models.device is None


def test_a_text_is_translated_with_its_tokens_kept_and_shown(open_page):
    app = translate(open_page("translation"), "Hi {name}, you have 3 letters.")

    assert not app.exception
    assert not app.error
    assert "译「Hi :blue-background[{name}], you have :blue-background[3] letters.」" in words(app)
    assert "fake-translator" in words(app)
    assert "Detected: English" in words(app)


def test_an_empty_text_is_refused_with_a_sentence(open_page):
    app = translate(open_page("translation"), "  ")

    assert app.error[0].value == "Type a text to translate."
    assert not app.exception


def test_refusals_speak_the_visitors_language(open_page):
    app = translate(open_page("translation", language="zh"), "  ")

    assert app.error
    assert app.error[0].value != "Type a text to translate."


@pytest.mark.parametrize("example", [example.example_id for example in demos.TRANSLATION.examples])
def test_an_example_is_one_click(open_page, example):
    app = open_page("translation")
    app.button(key=f"{KEY}_example_{example}").click().run()

    assert not app.exception
    assert not app.error
    assert "fake-translator" in words(app)


def test_a_deep_link_gives_the_languages_back(open_page):
    app = open_page(
        "translation", translation_source="zh", translation_target="en", translation_alternatives="0"
    )

    assert app.selectbox(key=f"{KEY}_source").value == "zh"
    assert app.selectbox(key=f"{KEY}_target").value == "en"


def test_swapping_turns_the_direction_around_and_is_in_the_link(open_page):
    app = open_page("translation")
    app.button(key=f"{KEY}_swap").click().run()

    assert not app.exception
    assert app.selectbox(key=f"{KEY}_source").value == "zh"
    assert app.selectbox(key=f"{KEY}_target").value == "en"
    assert app.query_params["translation_source"] == "zh"


def test_a_text_in_the_target_language_comes_back_with_a_way_out(open_page):
    app = translate(open_page("translation"), "你好，世界。")
    assert "The text is in this language already" in words(app)
    app.button(key=f"{KEY}_turn_around").click().run()

    assert app.selectbox(key=f"{KEY}_target").value == "en"


def use_glossary(app, content):
    choose_section(app, "glossary")
    app.file_uploader(key=f"{KEY}_glossary_file").set_value(("terms.csv", content.encode(), "text/csv"))
    return app.button(key=f"{KEY}_glossary_use").click().run()


def test_a_glossary_is_respected_and_the_place_is_shown(open_page):
    app = use_glossary(open_page("translation"), "en,zh\nprivacy policy,隐私政策\n")
    assert "Glossary in force: 1 terms." in words(app)
    translate(app, "Read the privacy policy.")

    assert not app.exception
    assert "Read the :green-background[隐私政策]." in words(app)
    assert "Glossary: 1 of 1 terms respected" in [expander.label for expander in app.expander]


def test_the_same_glossary_serves_the_other_direction(open_page):
    app = use_glossary(open_page("translation"), "en,zh\nprivacy policy,隐私政策\n")
    app.button(key=f"{KEY}_swap").click().run()
    translate(app, "请阅读隐私政策。")

    assert ":green-background[privacy policy]" in words(app)


def test_a_wrong_glossary_is_one_sentence(open_page):
    app = use_glossary(open_page("translation"), "en,zh\nhome,家\nhome,首页\n")

    assert "in two ways" in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize(
    "section", ["how-it-works", "glossary", "memory", "compare", "how-good", "use-it", "business", "export"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens_before_and_after_a_translation(open_page, section, language):
    app = choose_section(open_page("translation", language=language), section)
    assert not app.exception
    assert not app.error
    translate(app, "Hello there. See you at 5.")

    assert not app.exception
    assert not app.error


def upload(app, name, content):
    app.segmented_control(key=f"{KEY}_mode").set_value("file").run()
    app.file_uploader(key=f"{KEY}_file").set_value((name, content, "text/plain"))
    return app.button(key=f"{KEY}_file_submit").click().run()


def test_a_file_comes_back_translated_with_its_structure(open_page, monkeypatch):
    contents = []
    real = st.download_button
    monkeypatch.setattr(
        st, "download_button", lambda *args, **more: contents.append(args[1:3]) or real(*args, **more)
    )
    app = upload(open_page("translation"), "notes.md", b"# Title\n\n- See `code` for 3 things.\n")

    assert not app.exception
    assert not app.error
    content, name = contents[-1]
    assert content.decode() == "# 译「Title」\n\n- 译「See `code` for 3 things.」\n"
    assert name == "notes.zh.md"


def test_a_wrong_file_is_one_sentence_and_its_name_no_markup(open_page):
    app = upload(open_page("translation"), ":red[x].docx", b"no zip")

    assert "is no Word document or is damaged" in app.error[0].value
    assert not app.exception


def test_a_deep_link_opens_the_mode_and_the_section_in_any_language(open_page):
    app = open_page("translation", language="zh", translation_mode="file", translation_section="business")

    assert app.file_uploader(key=f"{KEY}_file")
    assert app.number_input(key=f"{KEY}_words").value == 100_000


def test_own_sentences_are_measured(open_page):
    app = choose_section(open_page("translation"), "how-good")
    pairs = "source,reference\nHello there.,译「Hello there.」\nGood night.,晚安。\n".encode()
    app.file_uploader(key=f"{KEY}_pairs").set_value(("pairs.csv", pairs, "text/csv"))
    app.button(key=f"{KEY}_measure").click().run()

    assert not app.exception
    assert {metric.label for metric in app.metric} == {"English → Chinese", "BLEU", "chrF"}


def test_a_file_of_sentences_without_its_columns_is_one_sentence(open_page):
    app = choose_section(open_page("translation"), "how-good")
    app.file_uploader(key=f"{KEY}_pairs").set_value(("pairs.csv", b"a,b\n1,2\n", "text/csv"))
    app.button(key=f"{KEY}_measure").click().run()

    assert "needs the columns source and reference" in app.error[0].value


def test_the_call_to_copy_has_the_text_and_the_settings(open_page):
    app = translate(open_page("translation"), "Hi {name}.")
    choose_section(app, "use-it")

    assert '"Hi {name}."' in app.code[0].value
    body = translation_export.body(
        demos.TRANSLATION, app.session_state[f"{KEY}_text_job"], TranslationOptions(target="zh")
    )
    assert TranslateRequest.model_validate(body).target == "zh"


def test_the_call_for_a_file_names_the_file_as_a_shell_needs_it(open_page):
    app = upload(open_page("translation"), "my $(notes).md", b"# Title\n")
    choose_section(app, "use-it")

    assert "-F 'file=@my $(notes).md'" in app.code[0].value
    assert "-F target=zh" in app.code[0].value


@pytest.fixture
def two_translators(monkeypatch):
    catalog = fakes.fake_catalog()
    second = replace(catalog.spec("fake-translator"), model_id="second", title="Second")
    monkeypatch.setattr(fakes, "fake_catalog", lambda: Catalog((*catalog.specs, second)))


def test_another_model_translates_the_same_text_beside_the_first(two_translators, open_page):
    app = translate(open_page("translation"), "Hello there.")
    choose_section(app, "compare")
    app.button(key=f"{KEY}_compare").click().run()

    assert not app.exception
    assert not app.error
    assert "second · starter" in words(app)


def test_with_one_model_only_the_page_says_so(open_page):
    app = translate(open_page("translation"), "Hello there.")
    choose_section(app, "compare")

    assert "fake-translator is the only translation model on this machine." in words(app)


def test_a_thumb_is_stored(open_page, place):
    app = translate(open_page("translation"), "Hello there.")
    app.feedback(key=f"{KEY}_feedback_1_thumb").set_value(1).run()

    assert not app.exception
    assert [(row.demo, row.kind, row.rating) for row in place.store.feedback()] == [
        ("translation", "thumb", 1)
    ]


def test_work_that_another_click_interrupts_goes_on(open_page, place, monkeypatch):
    app = open_page("translation")
    real, interrupted = GrowingTranslation.steps, []

    def steps(self, models, memory=None):
        yield from real(self, models, memory)
        if not interrupted:
            interrupted.append(True)
            st.rerun()  # what a click does to the run that it ends

    monkeypatch.setattr(GrowingTranslation, "steps", steps)
    translate(app, "Hello there.")

    assert not app.exception
    assert "译「Hello there.」" in words(app)
    assert not app.session_state[f"{KEY}_text_job"].is_waiting


def test_what_is_finished_stays_when_the_work_is_stopped(open_page, place, monkeypatch):
    monkeypatch.setattr(growing, "TEXTS_PER_STEP", 1)
    monkeypatch.setattr(growing, "MOST_PER_STEP", 1)
    app = open_page("translation")
    real = GrowingTranslation.steps

    def steps(self, models, memory=None):
        for step in real(self, models, memory):
            yield step
            if len(self.done) == 2:
                translation_jobs._stop(st.session_state[f"{KEY}_text_job"])
                st.rerun()  # what the stop button does

    monkeypatch.setattr(GrowingTranslation, "steps", steps)
    translate(app, "One bird sings. Two birds fly. Three birds sleep. Four birds eat.")

    assert not app.exception
    assert "译「One bird sings.」译「Two birds fly.」" in words(app)
    assert "Three" not in words(app)
    assert "Stopped after 2 of 4 sentences" in words(app)


def test_a_correction_is_shown_remembered_and_used_the_next_time(open_page):
    app = translate(open_page("translation"), "Hello there.")
    app.text_area(key=f"{KEY}_correction_1_text_0").set_value("你好呀。")
    app.button(key=f"{KEY}_correction_1_send_0").click().run()
    assert not app.exception
    assert "### 你好呀。" in words(app)

    translate(app, "Hello there. Good night.")
    assert "你好呀。译「Good night.」" in words(app)
    assert "From your translation memory: 1 of 2 sentences." in words(app)
    choose_section(app, "memory")
    assert len(app.dataframe) > 0
    app.button(key=f"{KEY}_forget").click().run()
    assert "Nothing here yet" in words(app)


def test_the_translation_is_checked_by_translating_back(open_page):
    app = translate(open_page("translation"), "Hello there.")
    app.button(key=f"{KEY}_back").click().run()

    assert not app.exception
    assert "Translated back" in words(app)
    assert "Back-translation" in [expander.label for expander in app.expander]
