"""Home through the shell: what is kept between visitors must look as if it were drawn for each."""

from dataclasses import replace

import pytest

from components import home_cards
from core import demos
from core.locales import translations

OPEN = sum(not demo.is_coming for demo in demos.DEMOS)
READY = ":green-badge["


def said(app):
    return "\n".join(element.value for element in app.markdown)


def drawn(app):
    """Every text and link of the cards, as it is sent."""
    elements = [*app.main.markdown, *app.main.get("page_link")]
    return [element.proto.SerializeToString(deterministic=True) for element in elements]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_cards_that_are_shown_again_are_those_that_were_drawn(open_page, language):
    first, again = open_page("home", language=language), open_page("home", language=language)

    assert drawn(again) == drawn(first)
    assert len(again.get("page_link")) == OPEN
    assert {link.proto.query_string for link in again.get("page_link")} == {f"lang={language}"}


def test_cards_follow_the_state_of_the_models(open_page, place):
    app = open_page("home")
    assert READY not in said(app)

    for role in demos.CUSTOMER_SERVICE.roles:
        place.models.load(place.models.pick(role).model_id).wait(10)

    assert READY in said(app.run())


def test_an_agent_gets_cards_that_are_drawn_for_it(open_page, place, monkeypatch):
    object.__setattr__(place, "settings", replace(place.settings, agent_api=True))
    monkeypatch.setattr(home_cards, "_draw_again", None)

    app = open_page("home")

    assert not app.exception
    assert len(app.get("page_link")) == OPEN


def test_the_language_switch_is_followed_within_the_session(open_page):
    app = open_page("home")
    app.segmented_control(key="shell_language").set_value("zh").run()

    assert not app.exception
    chinese = translations("zh").gettext
    assert all(chinese(demo.title) in said(app) for demo in demos.DEMOS)
    assert {link.proto.query_string for link in app.get("page_link")} == {"lang=zh"}
