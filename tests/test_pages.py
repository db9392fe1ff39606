"""The pages through the shell, in both languages, with fake engines: threads, queue, limits and store are real."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components import turns
from core import demos
from core.catalog import Catalog
from core.locales import translations
from core.types import Tier
from tests.conftest import PAGES, ROOT
from tests.fakes import fake_catalog

KEY = demos.CUSTOMER_SERVICE.key


def words(app):
    """Everything that is said in running text on the page."""
    return "\n".join(element.value for element in [*app.title, *app.markdown, *app.caption])


def ask(app, text):
    return app.chat_input(key=f"{KEY}_question").set_value(text).run()


def ask_strictly(app, text):
    """Ask at a threshold that only the knowledge base's own words reach."""
    app.slider(key=f"{KEY}_threshold").set_value(0.95).run()
    return ask(app, text)


def choose_section(app, section):
    return app.segmented_control(key=f"{KEY}_section").set_value(section).run()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_without_loading_a_model(open_page, place, name, language):
    app = open_page(name, language=language)

    assert not app.exception
    assert place.models.device is None
    titles = {"Vitrine", "Operations", *(demo.title for demo in demos.DEMOS)}
    assert app.title[0].value in set(map(translations(language).gettext, titles))


def test_a_question_is_answered_with_the_passage_and_its_score(open_page):
    app = ask(open_page("customer-service"), "How do I return a product?")

    assert not app.exception
    assert not app.error
    assert [message.name for message in app.chat_message] == ["user", "assistant"]
    assert "badge[" in words(app)
    assert any(progress for progress in app.get("progress"))


def test_an_empty_question_is_refused_with_a_sentence(open_page):
    app = ask(open_page("customer-service"), "   ")

    assert app.error[0].value == "Type a question."
    assert not app.exception


def test_refusals_speak_the_visitors_language(open_page):
    app = ask(open_page("customer-service", language="zh"), "   ")

    assert app.error
    assert app.error[0].value != "Type a question."
    assert not app.exception


def test_the_slider_decides_the_same_question_again(open_page):
    app = ask(open_page("customer-service"), "How do I return a product?")
    app.slider(key=f"{KEY}_threshold").set_value(1.0).run()

    assert not app.exception
    assert ":green-badge[answer]" not in words(app)


def test_an_example_is_one_click(open_page):
    app = open_page("customer-service")
    app.button(key=f"{KEY}_example_parcel").click().run()

    assert not app.exception
    assert len(app.chat_message) == 2


def test_a_question_nobody_can_answer_is_collected_and_can_be_taught(open_page, place):
    app = ask_strictly(open_page("customer-service"), "zzzz qqqq xxxx")
    assert [row.status for row in place.store.unanswered()] == ["open"]

    app = choose_section(app, "unanswered")
    row = place.store.unanswered()[0]
    app.text_area(key=f"{KEY}_unanswered_{row.id}_answer").set_value("It is the secret word.")
    app.button(key=f"{KEY}_unanswered_{row.id}_add").click().run()

    assert not app.exception
    assert "It is the secret word" in words(app).replace("\\", "")
    assert [row.status for row in place.store.unanswered()] == ["answered"]


def test_a_thumb_is_stored_at_once(open_page, place):
    app = ask(open_page("customer-service"), "How do I return a product?")
    app.feedback(key=f"{KEY}_feedback_1_thumb").set_value(1).run()

    assert not app.exception
    assert [(row.kind, row.rating) for row in place.store.feedback()] == [("thumb", 1)]


def test_a_hand_over_is_stored_without_personal_data(open_page, place):
    app = ask_strictly(open_page("customer-service"), "zzzz qqqq a@b.com")
    app.button(key=f"{KEY}_hand_over").click().run()

    assert not app.exception
    assert "a@b.com" not in place.store.handovers()[0].packet
    assert "zzzz" in place.store.handovers()[0].packet


@pytest.mark.parametrize(
    "section", ["how-it-works", "how-good", "knowledge-base", "unanswered", "use-it", "business", "export"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens(open_page, section, language):
    app = choose_section(open_page("customer-service", language=language), section)

    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_deep_link_opens_its_section_in_any_language(open_page, language):
    app = open_page("customer-service", language=language, customer_service_section="business")

    assert not app.exception
    assert app.number_input(key=f"{KEY}_contacts").value == 5000


def test_a_wrong_file_is_one_sentence_and_leaves_the_knowledge_base_in_place(open_page):
    app = choose_section(open_page("customer-service"), "knowledge-base")
    app.file_uploader(key=f"{KEY}_upload").set_value(("broken.csv", b"a,b\n1,2\n", "text/csv"))
    app.button(key=f"{KEY}_upload_use").click().run()

    assert not app.exception
    assert "The columns found are: a\\, b." in app.error[0].value
    assert "**Lumora**" in words(app)


def test_an_own_knowledge_base_answers(open_page):
    app = choose_section(open_page("customer-service"), "knowledge-base")
    app.file_uploader(key=f"{KEY}_upload").set_value(("own.csv", OWN, "text/csv"))
    app.button(key=f"{KEY}_upload_use").click().run()
    app = ask(app, "What is the magic number?")

    assert not app.exception
    assert "Forty\\-two" in words(app)


def test_operations_ask_for_the_token_and_open_with_it(open_page):
    app = open_page("operations")
    assert not app.metric

    app.text_input(key="operations_token").set_value("wrong")
    app.button(key="operations_sign_in_submit").click().run()
    assert app.error[0].value == "This is not the operator's token."

    app.text_input(key="operations_token").set_value("open sesame")
    app.button(key="operations_sign_in_submit").click().run()
    assert not app.exception
    assert len(app.metric) == 4


def test_home_shows_every_demo_and_marks_those_that_are_coming(open_page):
    app = open_page("home")

    assert words(app).count("coming") == sum(demo.is_coming for demo in demos.DEMOS)
    assert all(demo.title in words(app) for demo in demos.DEMOS)


def test_the_first_run_of_every_page_leaves_torch_alone():
    code = (
        "import sys; from pathlib import Path; from streamlit.testing.v1 import AppTest\n"
        f"root = Path({str(ROOT)!r})\n"
        "app = AppTest.from_file(str(root / 'components' / 'shell.py'), default_timeout=120).run()\n"
        f"for page in {list(PAGES.values())}: app.switch_page(str(root / page)).run(); assert not app.exception\n"
        "print('torch' in sys.modules)"
    )
    environment = {"VITRINE_WARM_UP": "0", "VITRINE_DATABASE_URL": "sqlite://", "PATH": "/usr/bin:/bin"}

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip().endswith("False")


def test_a_hand_over_belongs_to_its_conversation(open_page, place):
    app = ask_strictly(open_page("customer-service"), "zzzz qqqq xxxx")
    app.button(key=f"{KEY}_hand_over").click().run()
    assert len(app.success) == 1

    app.button(key=f"{KEY}_clear").click().run()
    ask(app, "vvvv jjjj wwww")

    assert not app.exception
    assert not app.success
    assert app.button(key=f"{KEY}_hand_over")
    assert len(place.store.handovers()) == 1


def test_every_conversation_can_be_rated_once(open_page, place):
    app = ask(open_page("customer-service"), "How do I return a product?")
    app.feedback(key=f"{KEY}_feedback_csat_0").set_value(3).run()
    assert app.feedback(key=f"{KEY}_feedback_csat_0_given").disabled
    app.button(key=f"{KEY}_clear").click().run()
    ask(app, "How do I return a product?")
    app.feedback(key=f"{KEY}_feedback_csat_1").set_value(3).run()

    assert [row.rating for row in place.store.feedback()] == [4, 4]


def test_a_thumb_counts_once(open_page, place):
    app = ask(open_page("customer-service"), "How do I return a product?")
    app.feedback(key=f"{KEY}_feedback_1_thumb").set_value(1).run()
    app.run()

    assert app.feedback(key=f"{KEY}_feedback_1_thumb_given").disabled
    assert app.feedback(key=f"{KEY}_feedback_1_thumb_given").value == 1
    assert len(place.store.feedback()) == 1
    assert place.store.feedback()[0].session_hash not in app.session_state["shell_session_id"]


def test_the_turn_after_the_oldest_was_dropped_has_no_thumb_yet(open_page, monkeypatch):
    monkeypatch.setattr(turns, "MAX_TURNS", 2)
    app = open_page("customer-service")
    for text in ("How do I return a product?", "Where is my parcel?"):
        ask(app, text)
    app.feedback(key=f"{KEY}_feedback_2_thumb").set_value(1).run()
    ask(app, "Do you ship abroad?")

    assert len(app.chat_message) == 4
    assert app.feedback(key=f"{KEY}_feedback_3_thumb").value is None


def test_choices_that_do_not_help_lead_to_a_person(open_page, place):
    app = open_page("customer-service")
    app.slider(key=f"{KEY}_threshold").set_value(1.0).run()
    ask(app, "How do I return a product?")
    assert not place.store.unanswered()
    app.button(key=f"{KEY}_none_of_these").click().run()
    assert [row.question for row in place.store.unanswered()] == ["How do I return a product?"]
    app.button(key=f"{KEY}_hand_over").click().run()

    assert not app.exception
    assert len(place.store.handovers()) == 1


def test_a_question_that_another_click_interrupts_is_asked_again(open_page, place, monkeypatch):
    app = open_page("customer-service")
    real, interrupted = turns.add, []

    def add(demo, reply):
        if not interrupted:
            interrupted.append(reply)
            st.rerun()  # what a click does to the run that it ends
        real(demo, reply)

    monkeypatch.setattr(turns, "add", add)
    ask(app, "How do I return a product?")

    assert not app.exception
    assert len(app.chat_message) == 2
    assert not app.session_state[f"{KEY}_waiting"]
    assert place.metrics.actions()[0].errors == 0


def test_a_refused_question_does_not_wait(open_page):
    app = ask(open_page("customer-service"), "   ")
    app.run()

    assert not app.error


def upload(app, name, content):
    app = choose_section(app, "knowledge-base")
    app.file_uploader(key=f"{KEY}_upload").set_value((name, content, "text/csv"))
    return app.button(key=f"{KEY}_upload_use").click().run()


OWN = b"question,answer\nWhat is the magic number?,Forty-two.\nWhat is the colour of the sky?,Blue.\n"


def test_an_upload_is_no_error_and_its_name_no_markup(open_page, place):
    app = upload(open_page("customer-service"), ":red[own] ![x](http://e.vil).csv", OWN)

    assert not app.exception
    assert [action.errors for action in place.metrics.actions()] == [0]
    assert "\\[own\\]" in words(app)


def test_the_own_file_is_downloaded_without_the_session(open_page, monkeypatch):
    contents = []
    real = st.download_button
    monkeypatch.setattr(
        st, "download_button", lambda *args, **more: contents.append(args[1]) or real(*args, **more)
    )
    upload(open_page("customer-service"), "own.csv", OWN)
    with ThreadPoolExecutor(1) as thread:
        content = thread.submit(contents[-1]).result()

    assert b"Forty-two" in content


def test_the_call_to_copy_names_the_own_knowledge_base_and_the_questions_before(open_page):
    app = upload(open_page("customer-service"), "own.csv", OWN)
    for text in ("What is the magic number?", "And the colour of the sky?"):
        ask(app, text)
    choose_section(app, "use-it")

    call = app.code[0].value
    assert app.session_state[f"{KEY}_base_id"] in call
    assert '"history": [\n    "What is the magic number?"\n  ]' in call


def test_the_board_shows_the_questions_of_the_knowledge_base_in_use(open_page):
    app = ask_strictly(open_page("customer-service"), "zzzz qqqq xxxx")
    upload(app, "own.csv", OWN)
    choose_section(app, "unanswered")
    assert "**zzzz qqqq xxxx**" not in words(app)

    choose_section(app, "knowledge-base")
    app.button(key=f"{KEY}_use_sample").click().run()
    choose_section(app, "unanswered")
    assert "**zzzz qqqq xxxx**" in words(app)


def test_teaching_the_sample_one_answer_keeps_the_other_questions_on_the_board(open_page, place):
    app = ask_strictly(open_page("customer-service"), "zzzz qqqq xxxx")
    ask(app, "vvvv jjjj wwww")
    choose_section(app, "unanswered")
    row = place.store.unanswered()[0]
    app.text_area(key=f"{KEY}_unanswered_{row.id}_answer").set_value("It is the secret word.")
    app.button(key=f"{KEY}_unanswered_{row.id}_add").click().run()

    assert not app.exception
    assert "**zzzz qqqq xxxx**" in words(app)
    assert "**vvvv jjjj wwww**" not in words(app)


def test_what_a_visitor_typed_survives_a_look_at_another_section(open_page):
    app = choose_section(open_page("customer-service"), "business")
    app.number_input(key=f"{KEY}_contacts").set_value(77).run()
    choose_section(app, "export")
    choose_section(app, "business")

    assert app.number_input(key=f"{KEY}_contacts").value == 77


def test_the_capability_ids_of_a_visitor_are_not_stored(open_page, place):
    app = upload(open_page("customer-service"), "own.csv", OWN)
    ask_strictly(app, "zzzz qqqq xxxx")

    (row,) = place.store.unanswered()
    assert row.owner not in app.session_state["shell_session_id"]
    assert row.knowledge_base != app.session_state[f"{KEY}_base_id"]


GB18030 = "question,kind,entry_ids,language\n魔法数字是多少？,answerable,own-1,zh\n今天天气如何？,out_of_scope,,zh\n"


def measure_with(app, content):
    choose_section(app, "how-good")
    app.file_uploader(key=f"{KEY}_own_questions").set_value(("q.csv", content, "text/csv"))
    return app.button(key=f"{KEY}_measure").click().run()


def test_own_questions_measure_the_own_knowledge_base_and_no_other(open_page):
    app = upload(open_page("customer-service"), "own.csv", OWN)
    choose_section(app, "how-good")
    assert "says nothing about your knowledge base" in words(app)
    app.button(key=f"{KEY}_measure").click().run()
    assert app.warning[0].value == "Choose a file first."

    measure_with(app, GB18030.encode("gb18030"))
    assert not app.exception
    assert not app.error
    assert "Measured with" in words(app)

    choose_section(app, "knowledge-base")
    app.button(key=f"{KEY}_use_sample").click().run()
    choose_section(app, "how-good")
    assert "Measured with" not in words(app)
    assert "says nothing about your knowledge base" not in words(app)


def test_a_wrong_file_of_test_questions_is_a_sentence(open_page):
    app = measure_with(open_page("customer-service"), b"question,kind,entry_ids,language\nhi,answerable,a\n")

    assert not app.exception
    assert "has the language" in app.error[0].value


def sign_in(app, token="open sesame"):
    app.text_input(key="operations_token").set_value(token)
    return app.button(key="operations_sign_in_submit").click().run()


def test_what_an_operator_does_to_a_model_is_noted(open_page, place):
    app = sign_in(open_page("operations"))
    app.button(key="operations_button_fake-en").click().run()
    place.models.load("fake-en").wait(10)
    app.run()
    app.button(key="operations_button_fake-en").click().run()
    app.segmented_control(key="operations_table").set_value("audit").run()

    assert not app.exception
    assert [(row.event, row.detail) for row in place.store.audit_rows()] == [
        ("model_unload", "fake-en"),
        ("model_load", "fake-en"),
    ]


def test_a_model_in_use_is_not_unloaded_and_the_page_says_so(open_page, place):
    app = sign_in(open_page("operations"))
    place.models.load("fake-en").wait(10)
    app.run()
    assert place.models._residents.hold("fake-en")
    app.button(key="operations_button_fake-en").click().run()

    assert "answering somebody" in app.warning[0].value


@pytest.mark.parametrize("rate_limit_per_min", [3])
def test_tokens_cannot_be_tried_without_end(open_page, place):
    app = open_page("operations")
    for _attempt in range(4):
        sign_in(app, "wrong")

    assert "3 times a minute" in app.error[0].value


@pytest.mark.parametrize("rate_limit_per_min", [2])
def test_what_a_visitor_leaves_counts_against_the_rate(open_page, place):
    app = ask_strictly(open_page("customer-service"), "zzzz qqqq xxxx")
    app.feedback(key=f"{KEY}_feedback_1_thumb").set_value(1).run()
    app.button(key=f"{KEY}_hand_over").click().run()

    assert not place.store.handovers()
    assert "2 times a minute" in app.error[0].value


def test_home_offers_an_upgrade_only_to_a_model_that_is_preferred_and_fits(open_page, place):
    assert "can be upgraded" not in words(open_page("home"))

    used = place.models.catalog.specs[0]
    larger = replace(used, model_id="larger", tier=Tier.HUB, title="Larger", folder="larger", memory_mb=900)
    unfit = replace(larger, memory_mb=1e9)
    for better, is_upgrade in ((larger, True), (unfit, False)):
        place.models.catalog = Catalog((better, *fake_catalog().specs))
        place.models.choose("fake-en").wait(10)
        assert ("can be upgraded" in words(open_page("home"))) is is_upgrade


def test_an_expired_knowledge_base_says_so_and_the_sample_takes_over(open_page, place):
    app = upload(open_page("customer-service"), "own.csv", OWN)
    place.belongings.drop(app.session_state[f"{KEY}_base_id"])
    app.run()

    assert not app.exception
    assert app.warning[0].value.startswith(
        "Your knowledge base has expired after 24 hours; here is the sample"
    )
    assert "**Lumora**" in words(app)


@pytest.mark.parametrize(
    ("threshold", "sentence"),
    [
        (0.99, "is below the threshold 0.99, but a passage is close"),
        (0.05, "reach the threshold 0.05 and fit almost equally"),
    ],
)
def test_asking_back_says_which_of_two_reasons_it_has(open_page, monkeypatch, threshold, sentence):
    monkeypatch.setattr(turns, "add", add_with_scores(0.9, 0.88))
    app = open_page("customer-service")
    app.slider(key=f"{KEY}_threshold").set_value(threshold).run()
    ask(app, "How do I return a product?")

    assert sentence in words(app)


def add_with_scores(*scores):
    """Keep replies with these scores in the place of the found ones."""
    real = turns.add

    def add(demo, reply):
        matches = [replace(match, score=score) for match, score in zip(reply.matches, scores, strict=False)]
        real(demo, replace(reply, matches=tuple(matches)))

    return add


def test_a_choice_is_taken_from_the_link_put_there_and_forgotten_when_it_is_none():
    def script():
        import streamlit as st

        from components import page

        st.write(page.choice("Which", {"a": "Ada", "b": "Bea"}, key="x_which", default="b"))

    app = AppTest.from_function(script)
    app.query_params["x_which"] = "nonsense"
    app.run()
    assert app.markdown[0].value == "b"
    app.segmented_control(key="x_which").set_value("a").run()
    assert (app.markdown[0].value, app.query_params["x_which"]) == ("a", "a")

    linked = AppTest.from_function(script)
    linked.query_params["x_which"] = "a"
    assert linked.run().markdown[0].value == "a"


class TestWithALimit:
    @pytest.fixture
    def rate_limit_per_min(self):
        return 1

    def test_who_asks_too_often_reads_so_and_keeps_the_page(self, open_page):
        app = open_page("translation")
        for _ in range(2):
            app.text_area(key="translation_text").set_value("Hello there.")
            app.button(key="translation_submit").click().run()

        assert not app.exception
        assert [error.value[:35] for error in app.error] == ["You may ask 1 times a minute. Try a"]
        assert app.text_area(key="translation_text").value == "Hello there."
