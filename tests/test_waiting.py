"""A visitor behind others reads how many are before them, and about how long it takes."""

import threading
import time

import pytest

from components import waiting
from core import demos, visits
from core.types import EmbeddingItem, TranslationItem
from core.visits import Waiting

WAIT_S = 10


@pytest.mark.parametrize(
    "line", [Waiting(), Waiting(0, 9, 30.0), Waiting(3, 0, 30.0), Waiting(1, 9, 0.9)], ids=str
)
def test_nothing_is_said_where_nobody_waits_for_others_for_long(line):
    assert waiting.sentence(line) == ""


def test_the_place_and_the_time_are_said_in_the_visitors_language(monkeypatch):
    monkeypatch.setattr(waiting, "_", lambda text: text)

    said = waiting.sentence(Waiting(queued=1, ahead=12, seconds=4.4))

    assert said == "In line for the model: 12 before you, about 4 s."


@pytest.fixture
def said(monkeypatch, place):
    """What the pages say of lines, however short; the fake models go on as soon as something was said."""
    told = []
    original = waiting.sentence

    def sentence(line):
        told.append(original(line))
        if told[-1]:
            go_on(place.models)
        return told[-1]

    monkeypatch.setattr(waiting, "SHOWN_FROM_S", 0.0)
    monkeypatch.setattr(waiting, "sentence", sentence)
    yield told
    go_on(place.models)


def go_on(models):
    for model_id in ("fake-en", "fake-translator"):
        if resident := models._residents.get(model_id):
            resident.engine.may_answer.set()


def somebody_before(models, model_id, role, item):
    """Keep the model busy with one item of another visitor, and let a second one wait."""
    models.load(model_id).wait(WAIT_S)
    engine = models._residents.get(model_id).engine
    engine.may_answer.clear()
    engine.was_asked.clear()

    def ask():
        with visits.visiting("somebody else"):
            models.predict(role, item)

    threads = []
    for queued in range(2):
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
        assert engine.was_asked.wait(WAIT_S)
        give_up_s = time.monotonic() + WAIT_S
        while models.role_status(role).queue_size < queued:
            assert time.monotonic() < give_up_s
            threading.Event().wait(0.001)
    return threads


def ask(app, question):
    return app.chat_input(key=f"{demos.CUSTOMER_SERVICE.key}_question").set_value(question).run()


def test_a_question_that_waits_for_others_says_so_and_is_answered(open_page, place, said):
    app = ask(open_page("customer-service"), "Where is my order?")
    threads = somebody_before(place.models, "fake-en", "embedder-en", EmbeddingItem("before"))

    ask(app, "How do I return it?")
    for thread in threads:
        thread.join(WAIT_S)

    assert not app.exception
    assert next(filter(None, said)).startswith("In line for the model: 2 before you")
    assert said[-1] == ""
    assert not any("In line" in caption.value for caption in app.caption)


def test_a_translation_that_waits_for_others_says_so_and_is_finished(open_page, place, said):
    app = open_page("translation")
    item = TranslationItem("before", "en", "zh")
    threads = somebody_before(place.models, "fake-translator", "translator-en-zh", item)

    app.text_area(key=f"{demos.TRANSLATION.key}_text").set_value("Hi there.")
    app.button(key=f"{demos.TRANSLATION.key}_submit").click().run()
    for thread in threads:
        thread.join(WAIT_S)

    assert not app.exception
    assert next(filter(None, said)).startswith("In line for the model: 2 before you")
    assert "译「Hi there" in "\n".join(element.value for element in app.markdown)
