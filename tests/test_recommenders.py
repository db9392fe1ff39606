"""Recommenders and their figures: against slow references, the library, and their own explanations."""

import math

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from core.errors import InputTooLargeError
from core.scenarios.recommendation import ease, metrics
from core.scenarios.recommendation.als import fit_als
from core.scenarios.recommendation.content import Content
from core.scenarios.recommendation.ease import fit_ease
from core.scenarios.recommendation.evaluating import evaluate, evaluated_users
from core.scenarios.recommendation.hybrid import blend
from core.scenarios.recommendation.interactions import interactions_of
from core.scenarios.recommendation.neighbours import fit_item_knn
from core.scenarios.recommendation.picking import Catalogue, Wishes, pick
from core.scenarios.recommendation.recommenders import fit_popularity
from core.scenarios.recommendation.splitting import leave_last_out, random_split
from core.streaming import outcome_of

USERS, ITEMS, DIMENSIONS = 60, 40, 8


@pytest.fixture(scope="module")
def interactions():
    """Two tastes, one per half of the items, and some noise."""
    rng = np.random.default_rng(3)
    pairs = {
        (user, item)
        for user in range(USERS)
        for item in rng.choice(ITEMS, 12, replace=False)
        if rng.random() < (0.9 if (item < ITEMS // 2) == (user % 2 == 0) else 0.2)
    } | {(0, item) for item in range(ITEMS)}
    users, items = zip(*sorted(pairs), strict=True)
    times = rng.permutation(len(users)).astype(float)
    return interactions_of([f"u{user:03}" for user in users], [f"i{item:03}" for item in items], times)


@pytest.fixture(scope="module")
def vectors():
    found = np.random.default_rng(4).normal(size=(ITEMS, DIMENSIONS)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def recommenders(interactions, vectors):
    alone = {
        "popularity": fit_popularity(interactions),
        "item-knn": fit_item_knn(interactions, neighbours=10),
        "ease": fit_ease(interactions, regularization=5.0),
        "als": fit_als(interactions, factors=8, regularization=0.05, alpha=10.0),
        "content": Content(vectors),
    }
    parts = {name: alone[name] for name in ("popularity", "ease", "content")}
    weights = {"popularity": 0.2, "ease": 0.5, "content": 0.3}
    return alone | {"hybrid": outcome_of(blend(parts, weights, interactions))}


@pytest.fixture(scope="module")
def catalogue(interactions, vectors):
    return Catalogue(vectors, fit_popularity(interactions).shares)


NAMES = ["popularity", "item-knn", "ease", "als", "content", "hybrid"]


@pytest.mark.parametrize("name", NAMES)
def test_the_terms_add_up_to_the_score(recommenders, interactions, name):
    for user in range(USERS):
        history = interactions.history(user)
        items = np.arange(0, ITEMS, 7)
        scores = recommenders[name].score(history, items)
        assert np.allclose(scores, recommenders[name].score(history)[items], atol=1e-5, rtol=1e-5)
        for item, score in zip(items.tolist(), scores, strict=True):
            terms = recommenders[name].terms(history, item)
            assert len(terms.from_history) == len(history)
            assert terms.total == pytest.approx(score, abs=1e-9)


def test_factors_of_a_known_user_are_those_of_the_library(interactions):
    model = AlternatingLeastSquares(
        factors=8, regularization=0.05, alpha=10.0, iterations=15, random_state=42
    )
    matrix = sparse.csr_matrix(interactions.matrix)
    model.fit(matrix, show_progress=False)
    ours = fit_als(interactions, factors=8, regularization=0.05, alpha=10.0)

    theirs = model.recalculate_user(3, matrix[3]) @ model.item_factors.T

    # The library scales its regularisation by nothing here, and solves the same equation.
    assert np.allclose(ours.score(interactions.history(3)), theirs, atol=1e-3)


def test_ease_solves_the_regression_it_stands_for(interactions):
    """For each item: ridge regression on all others (Steck 2019, equation 2), solved one by one."""
    matrix = interactions.matrix.toarray().astype(np.float64)
    weights = fit_ease(interactions, regularization=5.0).weights

    for item in range(0, ITEMS, 5):
        others = np.delete(np.arange(ITEMS), item)
        own = matrix[:, others]
        slow = np.linalg.solve(own.T @ own + 5.0 * np.eye(len(others)), own.T @ matrix[:, item])
        assert np.allclose(weights[others, item], slow, atol=1e-5)
        assert weights[item, item] == 0


def test_neighbours_are_shrunk_cosines(interactions):
    matrix = interactions.matrix.toarray().astype(np.float64)
    weights = fit_item_knn(interactions, neighbours=ITEMS, shrinkage=10.0).weights.toarray()

    a, b = matrix[:, 4], matrix[:, 9]
    assert weights[4, 9] == pytest.approx(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 10.0))
    assert np.diag(weights).sum() == 0


def test_only_the_nearest_neighbours_are_kept(interactions):
    weights = fit_item_knn(interactions, neighbours=3).weights

    assert np.bincount(weights.nonzero()[1], minlength=ITEMS).max() == 3


def test_a_catalogue_too_large_for_ease_is_refused_before_it_is_computed(interactions, monkeypatch):
    monkeypatch.setattr(ease, "MAX_MB", 0.01)

    with pytest.raises(InputTooLargeError, match="40 items are too many"):
        fit_ease(interactions)


def slow_scores(listed, held_out, k):
    """The definitions, word for word."""
    hits = [1.0 if item in held_out else 0.0 for item in listed[:k]]
    gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits))
    ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(held_out))))
    precisions = [sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit]
    return (
        sum(hits) / k,
        sum(hits) / len(held_out),
        gain / ideal,
        sum(precisions) / min(k, len(held_out)),
        float(any(hits)),
    )


def test_the_figures_of_a_user_are_those_of_the_slow_reference():
    rng = np.random.default_rng(5)
    for _ in range(500):
        k = int(rng.integers(1, 15))
        listed = rng.permutation(30)[: rng.integers(0, 20)]
        held_out = rng.permutation(30)[: rng.integers(1, 20)]

        found = metrics.user_scores(listed, held_out, k)

        wanted = slow_scores(listed.tolist(), set(held_out.tolist()), k)
        values = (found.precision, found.recall, found.ndcg, found.average_precision, found.hit)
        assert values == pytest.approx(wanted, abs=1e-9)


def test_diversity_and_novelty_are_those_of_the_slow_reference(vectors):
    listed = [3, 8, 1, 30]
    pairs = [(a, b) for a in listed for b in listed if a < b]
    shares = np.linspace(0.01, 1.0, ITEMS)

    diversity = 1 - sum(float(vectors[a] @ vectors[b]) for a, b in pairs) / len(pairs)
    novelty = sum(-math.log2(shares[item]) for item in listed) / len(listed)

    assert metrics.intra_list_diversity(listed, vectors) == pytest.approx(diversity, abs=1e-6)
    assert metrics.novelty(listed, shares) == pytest.approx(novelty, abs=1e-9)


def test_the_top_list_is_exact_and_leaves_out_what_was_seen():
    rng = np.random.default_rng(6)
    for _ in range(200):
        scores = rng.integers(0, 6, size=25).astype(float)
        seen = rng.permutation(25)[: rng.integers(0, 24)]
        k = int(rng.integers(1, 12))

        order = sorted(set(range(25)) - set(seen.tolist()), key=lambda item: (-scores[item], item))

        assert metrics.top(scores, k, seen).tolist() == order[:k]


def test_a_pair_that_comes_again_counts_once_with_its_last_time():
    found = interactions_of(["b", "a", "b"], ["x", "x", "x"], [1.0, 5.0, 9.0])

    assert (found.users, found.items, found.count) == (("a", "b"), ("x",), 2)
    assert found.times.tolist() == [5.0, 9.0]


@pytest.mark.parametrize("make", [random_split, leave_last_out])
def test_a_split_keeps_every_pair_on_one_side(interactions, make):
    split = make(interactions)

    both = split.train.matrix + split.held_out.matrix
    assert (both != interactions.matrix).nnz == 0
    assert split.train.count + split.held_out.count == interactions.count


def test_the_newest_item_is_the_one_left_out(interactions):
    split = leave_last_out(interactions)
    start, end = interactions.matrix.indptr[5:7]
    newest = interactions.matrix.indices[start:end][np.argmax(interactions.times[start:end])]

    assert split.held_out.history(5).tolist() == [newest]


def test_taste_is_found_again_where_popularity_finds_none(interactions, vectors):
    split = random_split(interactions)

    def row(model, name):
        users = evaluated_users(split)
        return outcome_of(evaluate(model, split, Wishes(5), name=name, vectors=vectors, users=users))

    popular = row(fit_popularity(split.train), "popularity")
    learned = row(fit_ease(split.train, regularization=5.0), "ease")
    assert learned.ndcg.mean > popular.ndcg.mean
    assert learned.users == popular.users > 0
    assert 0 < popular.coverage <= learned.coverage <= 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "wishes", [Wishes(), Wishes(5, diversity=0.6), Wishes(5, diversity=0.3, novelty=0.8)]
)
def test_what_is_shown_of_a_pick_adds_up_to_its_score(recommenders, interactions, catalogue, name, wishes):
    for user in range(1, USERS, 9):
        history = interactions.history(user)
        picks = pick(recommenders[name], history, catalogue, wishes)

        assert len(picks) == wishes.k
        assert not {each.item for each in picks} & set(history.tolist())
        for each in picks:
            assert each.terms.total + each.novelty + each.redundancy == pytest.approx(each.score, abs=1e-9)


def test_without_wishes_the_list_is_the_exact_top(recommenders, interactions, catalogue):
    history = interactions.history(2)
    picks = pick(recommenders["ease"], history, catalogue, Wishes(7))

    wanted = metrics.top(recommenders["ease"].score(history), 7, history)
    assert [each.item for each in picks] == wanted.tolist()


def test_diversity_and_novelty_move_the_list_where_they_say(recommenders, interactions, catalogue, vectors):
    history = interactions.history(2)

    def items(**wishes):
        return [each.item for each in pick(recommenders["ease"], history, catalogue, Wishes(6, **wishes))]

    plain, varied, new = items(), items(diversity=0.8), items(novelty=1.0)
    diversity = metrics.intra_list_diversity
    assert diversity(varied, vectors) > diversity(plain, vectors)
    assert metrics.novelty(new, catalogue.shares) > metrics.novelty(plain, catalogue.shares)


def test_what_nobody_wants_is_left_out(recommenders, interactions, catalogue):
    history = interactions.history(2)
    first = pick(recommenders["ease"], history, catalogue, Wishes(5))[0].item

    again = pick(recommenders["ease"], history, catalogue, Wishes(5), excluded=[first])

    assert first not in {each.item for each in again}
    assert len(again) == 5


def test_who_has_seen_everything_gets_an_empty_list(recommenders, catalogue):
    assert pick(recommenders["ease"], np.arange(ITEMS), catalogue, Wishes()) == []


def test_a_visitor_without_history_gets_what_is_popular(recommenders, catalogue):
    nothing = np.array([], dtype=np.int64)

    picks = pick(recommenders["popularity"], nothing, catalogue, Wishes(3))

    assert [each.item for each in picks] == np.argsort(-catalogue.shares, kind="stable")[:3].tolist()
    assert all(np.isfinite(recommenders[name].score(nothing)).all() for name in NAMES)
