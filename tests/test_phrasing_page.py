"""Customer service with a writer: its words are streamed, marked and stoppable; the passage stays at hand."""

from dataclasses import replace

import pytest

from components.phrasing import phrasing
from core.errors import N_, InferenceError
from core.scenarios.customer_service.answering import Phrasing
from core.types import ModelUse, Tier

ASKED = "Where is my parcel?"
KEY = "customer_service"


@pytest.fixture
def with_writer(place, monkeypatch):
    """Lets `script(reply)`, a generator, stand for the writer."""

    def with_writer(script):
        spec = replace(place.models.pick("writer"), tier=Tier.HUB)
        monkeypatch.setattr(phrasing, "writer_for", lambda models, reply: spec if reply.answer else None)
        monkeypatch.setattr(phrasing, "phrase", lambda models, writer, reply: script(reply))

    return with_writer


def use():
    return ModelUse("big-writer", Tier.HUB, "CPU", 12.0)


def ask(app, text=ASKED):
    return app.chat_input(key=f"{KEY}_question").set_value(text).run()


def words(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_the_writers_words_are_the_answer_and_are_marked_as_such(open_page, with_writer):
    def script(reply):
        yield from ("It is ", "on its ", "way.")
        return Phrasing("It is on its way.", (), use())

    with_writer(script)

    app = ask(open_page("customer-service"))

    assert "It is on its way" in words(app)
    assert "Phrased by big" in words(app)
    assert not app.exception


def test_the_passage_is_shown_where_the_writer_invented_something(open_page, with_writer):
    def script(reply):
        yield "A drone brings it."
        return Phrasing("A drone brings it.", ("A drone brings it.",), use())

    with_writer(script)

    app = ask(open_page("customer-service"))

    assert "A drone" not in words(app)
    assert "so the passage itself is shown" in words(app)


def test_a_writer_that_fails_costs_a_sentence_and_not_the_answer(open_page, with_writer):
    def script(reply):
        yield "It"
        raise InferenceError(
            N_("The model gave {results} results for {items} inputs. Report this, please."),
            results=0,
            items=1,
        )

    with_writer(script)

    app = ask(open_page("customer-service"))

    assert app.error
    assert app.session_state[f"{KEY}_turns"][0].reply.answer
    assert not app.exception


def test_after_a_stop_the_passage_itself_answers(open_page, with_writer):
    def script(reply):
        raise AssertionError("stopped, so the writer is not asked again")
        yield

    with_writer(script)
    app = open_page("customer-service")
    app.session_state[f"{KEY}_as_it_stands"] = True

    ask(app)

    assert app.session_state[f"{KEY}_turns"][0].reply.phrasing is None
    assert not app.exception
