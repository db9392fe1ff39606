"""Lists with reasons that add up, what would leave them, and how good they are on what was held out."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.errors import InvalidInputError, NotFoundError
from core.scenarios.recommendation import comparing, learning
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.fits import Fits
from core.scenarios.recommendation.interactions import interactions_of
from core.scenarios.recommendation.items import unnamed
from core.scenarios.recommendation.map import project
from core.scenarios.recommendation.picking import Catalogue, pick_items
from core.scenarios.recommendation.recommending import (
    RECOMMENDERS,
    SPLITS,
    Request,
    Wishes,
    evaluate_all,
    reasons,
    recommend,
    what_if,
)
from core.scenarios.recommendation.sample import sample_dataset
from core.streaming import outcome_of
from core.types import Progress
from tests.fakes import fake_showcase

HISTORY = ("banneton-round", "bag-sleeping-down", "lamp-arc-brass")
WISHES = [
    Wishes(5),
    Wishes(5, diversity=0.4),
    Wishes(5, novelty=0.7),
    Wishes(5, diversity=1, novelty=1),
    Wishes(9, diversity=0.3, novelty=0.2),
]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    place = fake_showcase(tmp_path_factory.mktemp("weights"))
    yield place.models
    place.close()


@pytest.fixture(scope="module")
def fits():
    return Fits(sample_dataset())


def items_of(fits, recommended):
    return [fits.dataset.interactions.items[pick.item] for pick in recommended.picks]


@pytest.mark.parametrize("name", RECOMMENDERS)
@pytest.mark.parametrize("wishes", WISHES, ids=str)
def test_the_reasons_of_every_item_add_up_to_its_score(models, fits, name, wishes):
    for history in (HISTORY, HISTORY[:1], fits.dataset.interactions.items[:60:3]):
        recommended = outcome_of(recommend(models, fits, Request(name, history, wishes)))

        assert len(recommended.picks) == wishes.k
        assert not set(items_of(fits, recommended)) & set(history)
        for pick in recommended.picks:
            why = reasons(fits, recommended, pick)
            assert sum(reason.value for reason in why) == pytest.approx(pick.score, abs=1e-5)
            assert {reason.item for reason in why if reason.kind == "liked"} <= set(
                recommended.history.tolist()
            )
            assert all((reason.item is not None) == (reason.kind == "liked") for reason in why)


def test_the_reasons_of_a_hybrid_say_which_part_they_come_from(models, fits):
    weights = {"popularity": 0.2, "content": 0.5, "ease": 0.3}
    recommended = outcome_of(recommend(models, fits, Request("hybrid", HISTORY, weights=weights)))

    why = [reason for pick in recommended.picks for reason in reasons(fits, recommended, pick)]
    assert {reason.part for reason in why if reason.kind == "liked"} == {"content", "ease"}
    assert {reason.part for reason in why if reason.kind == "popularity"} == {"popularity"}
    for pick in recommended.picks:
        own = reasons(fits, recommended, pick)
        assert sum(reason.value for reason in own) == pytest.approx(pick.score, abs=1e-5)


def test_a_hybrid_of_one_part_lists_what_that_part_lists(models, fits):
    for part in ("content", "ease", "popularity"):
        alone = outcome_of(recommend(models, fits, Request(part, HISTORY)))
        hybrid = outcome_of(recommend(models, fits, Request("hybrid", HISTORY, weights={part: 1.0})))

        assert items_of(fits, alone) == items_of(fits, hybrid)


def test_without_a_history_popularity_answers(models, fits):
    for name in RECOMMENDERS:
        recommended = outcome_of(recommend(models, fits, Request(name)))

        assert recommended.recommender == "popularity"
        best = np.argsort(-fits.dataset.interactions.popularity, kind="stable")[:10]
        assert [pick.item for pick in recommended.picks] == best.tolist()


def test_what_is_not_wanted_is_not_listed(models, fits):
    first = items_of(fits, outcome_of(recommend(models, fits, Request("ease", HISTORY))))

    again = outcome_of(recommend(models, fits, Request("ease", HISTORY, excluded=tuple(first[:3]))))

    assert not set(items_of(fits, again)) & set(first[:3])


@pytest.mark.parametrize("name", RECOMMENDERS)
@pytest.mark.parametrize("wishes", [Wishes(6), Wishes(6, diversity=0.6, novelty=0.3)], ids=str)
@pytest.mark.parametrize("history", [HISTORY, HISTORY[:1]], ids=len)
def test_what_if_is_what_two_separate_lists_say(models, fits, name, wishes, history):
    request = Request(name, history, wishes, excluded=("stone-baking",))

    leaving = outcome_of(what_if(models, fits, request))

    before = items_of(fits, outcome_of(recommend(models, fits, request)))
    assert list(leaving) == list(history)
    for liked, left in leaving.items():
        rest = tuple(item for item in history if item != liked)
        without = replace(request, history=rest, excluded=("stone-baking", liked))
        after = items_of(fits, outcome_of(recommend(models, fits, without)))
        assert list(left) == [item for item in before if item not in after]
    assert name == "popularity" or any(leaving.values())


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (Request("magic"), 'no recommender "magic".*popularity, content, item-knn, ease, als, hybrid'),
        (Request(wishes=Wishes(0)), "1 to 100 recommendations .this asks for 0"),
        (Request(wishes=Wishes(101)), "this asks for 101"),
        (Request(wishes=Wishes(diversity=1.1)), "diversity a value from 0 to 1 .this is 1.1"),
        (Request(wishes=Wishes(novelty=math.nan)), "novelty a value from 0 to 1"),
        (Request(weights={"ease": -1.0}), "weights from 0 to 1, at least one of them above 0"),
        (Request(weights={"ease": 0.0}), "weights from 0 to 1, at least one of them above 0"),
        (Request(weights={"ease": math.nan}), "weights from 0 to 1, at least one of them above 0"),
    ],
)
def test_what_no_list_can_be_made_of_is_refused(models, fits, request_, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        outcome_of(recommend(models, fits, request_))


def test_an_unknown_item_is_refused_by_name(models, fits):
    with pytest.raises(NotFoundError, match='no item "zeppelin"'):
        outcome_of(recommend(models, fits, Request("ease", ("zeppelin",))))


def slow_row(model, split, wishes, vectors, users):
    """All figures of an evaluation, as their definitions say, without anything clever."""
    k, items = wishes.k, range(len(split.train.items))
    shares = split.train.popularity / len(split.train.users)
    sums = {
        name: []
        for name in ("precision", "recall", "ndcg", "average_precision", "hit", "diversity", "novelty")
    }
    listed_ever = set()
    for user in users:
        history, wanted = split.train.history(user), set(split.held_out.history(user).tolist())
        if wishes.diversity or wishes.novelty:
            listed = pick_items(model, history, Catalogue(vectors, shares), wishes).tolist()
        else:
            scores = model.score(history)
            listed = sorted(set(items) - set(history.tolist()), key=lambda item: (-scores[item], item))[:k]
        listed_ever |= set(listed)
        hits = [item in wanted for item in listed]
        sums["precision"].append(sum(hits) / k)
        sums["recall"].append(sum(hits) / len(wanted))
        sums["hit"].append(float(any(hits)))
        ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(wanted))))
        sums["ndcg"].append(sum(1 / math.log2(place + 2) for place, hit in enumerate(hits) if hit) / ideal)
        precisions = [sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit]
        sums["average_precision"].append(sum(precisions) / min(k, len(wanted)))
        pairs = [(a, b) for a in listed for b in listed if a < b]
        cosines = [float(vectors[a].astype(float) @ vectors[b].astype(float)) for a, b in pairs]
        sums["diversity"].append(1 - sum(cosines) / len(cosines))
        sums["novelty"].append(sum(-math.log2(max(shares[item], 1e-9)) for item in listed) / len(listed))
    means = {name: sum(values) / len(values) for name, values in sums.items()}
    return means | {"coverage": len(listed_ever) / len(items)}, sums


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", RECOMMENDERS)
@pytest.mark.parametrize(
    "wishes", [Wishes(7), Wishes(7, diversity=0.5, novelty=0.4)], ids=["plain", "wishes"]
)
def test_an_evaluation_is_what_the_definitions_say(models, fits, split, name, wishes):
    (row,) = outcome_of(evaluate_all(models, fits, [name], k=7, split=split, wishes=wishes, max_users=60))

    parts = fits.parts(split, 42)
    users = comparing.evaluated_users(parts.split, 60, 42).tolist()
    model = outcome_of(parts.fits.fit(models, name))
    wanted, sums = slow_row(model, parts.split, wishes, outcome_of(fits.vectors(models)), users)
    assert row.users == len(users) == 60
    for figure in ("coverage", "diversity", "novelty"):
        assert getattr(row, figure) == pytest.approx(wanted[figure], abs=1e-9)
    for figure in ("precision", "recall", "ndcg", "average_precision", "hit"):
        assert getattr(row, figure).mean == pytest.approx(wanted[figure], abs=1e-9)
        margin = 1.959964 * np.std(sums[figure], ddof=1) / math.sqrt(60)
        assert getattr(row, figure).margin == pytest.approx(margin, abs=1e-9)


def test_the_wishes_move_the_held_out_figures(models, fits):
    def figures(**wishes):
        return outcome_of(evaluate_all(models, fits, ["ease"], wishes=Wishes(**wishes)))[0]

    plain, varied, new = figures(), figures(diversity=0.7), figures(novelty=0.8)
    assert varied.diversity > plain.diversity
    assert new.novelty > plain.novelty
    assert new.coverage > plain.coverage
    assert plain.users == 747


def test_moving_the_sliders_fits_nothing_anew(models, monkeypatch):
    fitted, original = [], learning.ease_steps
    monkeypatch.setattr(learning, "ease_steps", lambda *args: fitted.append(1) or original(*args))
    fits = Fits(sample_dataset())

    for diversity in (0.0, 0.3, 0.6):
        wishes = Wishes(diversity=diversity)
        outcome_of(evaluate_all(models, fits, ["ease", "hybrid"], wishes=wishes, max_users=20))
        outcome_of(
            evaluate_all(
                models, fits, ["hybrid"], wishes=wishes, weights={"ease": diversity + 0.1}, max_users=20
            )
        )
    assert len(fitted) == 1
    outcome_of(evaluate_all(models, fits, ["ease"], seed=7, max_users=20))
    assert len(fitted) == 2


def test_evaluating_tells_how_far_it_is(models, fits):
    steps = list(evaluate_all(models, fits, ["popularity", "ease"]))

    assert all(isinstance(step, Progress) for step in steps)
    assert sum(step.unit == "users" for step in steps) >= 2 * 747 // 50


def test_what_cannot_be_evaluated_is_refused(models, fits):
    found = interactions_of(["a", "b"], ["x", "y"])
    small = Fits(Dataset("small", found, unnamed(found.items)))

    with pytest.raises(InvalidInputError, match="this data set has no times. Choose a random split"):
        outcome_of(evaluate_all(models, small, ["ease"], split=SPLITS[1]))
    with pytest.raises(InvalidInputError, match="Nobody in this data set has enough items"):
        outcome_of(evaluate_all(models, small, ["ease"]))
    with pytest.raises(InvalidInputError, match='no split "by-chance"'):
        outcome_of(evaluate_all(models, fits, ["ease"], split="by-chance"))
    with pytest.raises(InvalidInputError, match='no recommender "magic"'):
        outcome_of(evaluate_all(models, fits, ["magic"]))


def test_a_taste_is_in_the_middle_of_what_is_liked(models, fits):
    vectors = outcome_of(fits.vectors(models))
    projection = project(vectors)

    liked = np.array([3, 50, 120])
    assert projection.points.shape == (235, 2)
    assert np.allclose(projection.place(vectors[liked]), projection.points[liked].mean(axis=0))
    assert np.allclose(projection.points.mean(axis=0), 0, atol=1e-9)
    assert 0 < projection.explained < 1


def test_the_map_keeps_as_much_as_two_straight_directions_can():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(300, 6)) * [5, 0.1, 3, 0.1, 0.1, 0.1]

    projection = project(vectors.astype(np.float16))

    singular = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    assert projection.explained == pytest.approx(singular[:2].sum() / singular.sum(), abs=1e-3)
    assert np.abs(np.corrcoef(projection.points[:, 0], vectors[:, 0])[0, 1]) > 0.999


def test_the_map_does_not_mind_few_or_equal_items():
    assert project(np.ones((3, 4), np.float32)).points.shape == (3, 2)
    assert np.isfinite(project(np.ones((1, 4), np.float32)).points).all()
