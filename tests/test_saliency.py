"""What a heat map shows of a network that knows its label by either of two places."""

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from core.engines import _saliency
from core.engines._saliency import saliency

SIDE = 32
LEFT, RIGHT = (slice(14, 18), slice(6, 10)), (slice(14, 18), slice(22, 26))


def look(pictures: Tensor) -> tuple[SimpleNamespace, Tensor]:
    """Sure as soon as one place is bright, the left one above all; the rest counts a little."""
    left, right = (pictures[:, 0, rows, columns].mean(dim=(1, 2)) for rows, columns in (LEFT, RIGHT))
    sure = torch.stack([50 * left, 30 * right]).logsumexp(dim=0)
    return SimpleNamespace(hidden_states=()), sure + 5 * pictures[:, 1].mean(dim=(1, 2))


def heat_of(pictures: Tensor) -> Tensor:
    pictures = pictures.requires_grad_()
    output, score = look(pictures)
    return saliency(look, pictures, (SIDE, SIDE), output=output, score=score)


@pytest.fixture
def pictures() -> Tensor:
    """Both places bright; the left one only; neither."""
    noise = 0.3 * torch.rand(3, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(7))
    noise[:2, 0, *LEFT] = 1
    noise[0, 0, *RIGHT] = 1
    return noise


def test_what_a_sure_network_would_fall_back_on_is_hot_too(pictures):
    both, left_only, _ = heat_of(pictures)

    assert both[LEFT].mean() > 0.5
    assert both[RIGHT].mean() > 0.1
    assert left_only[RIGHT].max() < 0.05


def test_one_look_would_miss_it(pictures, monkeypatch):
    monkeypatch.setattr(_saliency, "LOOKS", 1)

    assert heat_of(pictures)[0][RIGHT].max() < 0.05


def test_a_picture_is_explained_the_same_alone_as_with_others(pictures):
    together = heat_of(pictures)

    for place in range(len(pictures)):
        torch.testing.assert_close(heat_of(pictures[place : place + 1].detach())[0], together[place])


def test_nothing_is_hot_where_the_score_does_not_depend_on_the_picture(pictures):
    def constant(shown: Tensor) -> tuple[SimpleNamespace, Tensor]:
        return SimpleNamespace(hidden_states=()), (0 * shown).sum(dim=(1, 2, 3))

    shown = pictures.requires_grad_()
    output, score = constant(shown)

    assert not saliency(constant, shown, (SIDE, SIDE), output=output, score=score).any()
