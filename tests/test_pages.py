"""The pages through the shell, in both languages, with fake engines: threads, queue, limits and store are real."""

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import demos
from core import showcase as showcase_module
from tests.fakes import fake_showcase

ROOT = Path(__file__).parent.parent
PAGES = {
    "home": "pages/home.py",
    "customer-service": "pages/customer_service.py",
    "operations": "pages/operations.py",
}
KEY = demos.CUSTOMER_SERVICE.key


@pytest.fixture
def place(tmp_path, monkeypatch):
    fake = fake_showcase(tmp_path, operator_token="open sesame", warm_up=False)
    monkeypatch.setattr(showcase_module, "build", lambda settings: fake)
    showcase_module.showcase.cache_clear()
    yield fake
    showcase_module.showcase.cache_clear()
    fake.models.close()


@pytest.fixture
def open_page(place):
    def open_page(name, *, language="en", **query):
        app = AppTest.from_file(str(ROOT / "components" / "shell.py"), default_timeout=120)
        app.query_params["lang"] = language
        for parameter, value in query.items():
            app.query_params[parameter] = value
        app.run()
        return app if name == "home" else app.switch_page(str(ROOT / PAGES[name])).run()

    return open_page


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
    titles = {"en": {"Vitrine", "Customer service", "Operations"}, "zh": {"Vitrine", "智能客服", "运维"}}
    assert app.title[0].value in titles[language]


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
    app = ask_strictly(open_page("customer-service"), "zzzz call me at someone@example.com")
    app.button(key=f"{KEY}_hand_over").click().run()

    assert not app.exception
    assert "someone@example.com" not in place.store.handovers()[0].packet
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
    assert "The columns found are: a, b." in app.error[0].value
    assert "**Lumora**" in words(app)


def test_an_own_knowledge_base_answers(open_page):
    app = choose_section(open_page("customer-service"), "knowledge-base")
    file = b"question,answer\nWhat is the magic number?,Forty-two.\nWhat is the colour of the sky?,Blue.\n"
    app.file_uploader(key=f"{KEY}_upload").set_value(("own.csv", file, "text/csv"))
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
