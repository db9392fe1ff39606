"""The words of the check that a heat map is true, on both picture pages."""

import numpy as np
import pytest

from components import heat_check
from core.scenarios.deletion import DeletionCheck


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(heat_check.st, "markdown", lines.append)
    return lines


def test_a_map_that_holds_says_so_with_the_scores(said):
    heat_check.say(DeletionCheck(0.5, (0.1, 0.3), 0.2, passes=True), label="cat", score=0.9)

    assert "The heat map shows what mattered." in said[0]
    assert "hottest 20 % of the picture blurred" in said[0]
    assert "score of cat goes from 0.90 to 0.40" in said[0]
    assert "at 2 random places, to 0.70 on average" in said[0]


def test_a_map_that_does_not_hold_says_so_and_no_score_is_less_than_nothing(said):
    heat_check.say(DeletionCheck(0.301, (0.302,), 0.2, passes=False), label="[cat]", score=0.3)

    assert "The heat map does not explain this score." in said[0]
    assert "-0.00" not in said[0]
    assert r"\[cat\]" in said[0]


def test_small_pictures_are_enlarged_and_keep_their_shape():
    assert heat_check.enlarged(np.zeros((16, 32, 3), np.uint8)).shape == (240, 480, 3)
    assert heat_check.enlarged(np.zeros((1, 4000, 3), np.uint8)).shape == (1, 480, 3)
