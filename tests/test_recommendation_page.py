"""The page of recommendation through the shell, with embedders that have no weights."""

from dataclasses import replace
from functools import partial

import pytest

from components import navigation
from core import demos
from tests.conftest import PAGES

DEMO = demos.RECOMMENDATION
KEY = DEMO.key


@pytest.fixture
def open_shop(open_page, monkeypatch):
    """The page, also while it is still said to be coming."""
    opened = replace(DEMO, is_coming=False)
    shown = tuple(opened if demo is DEMO else demo for demo in demos.DEMOS)
    monkeypatch.setattr(navigation, "DEMOS", shown)
    monkeypatch.setitem(PAGES, DEMO.demo_id, DEMO.page)
    return partial(open_page, DEMO.demo_id)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_opens_without_loading_a_model(open_shop, place, language):
    app = open_shop(language=language)

    assert not app.exception
    assert not app.error
    assert place.models.device is None
