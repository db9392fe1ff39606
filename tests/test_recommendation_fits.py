"""Recommenders are fitted once, in the background; whoever waits gets them, or the sentence that says why not."""

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.errors import DemoError, InputTooLargeError, InvalidInputError, ModelLoadError
from core.scenarios.recommendation import ease, index, item_vectors, learning
from core.scenarios.recommendation.als import fit_als
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.fits import SAMPLE_ID, Fits, keep, shop
from core.scenarios.recommendation.interactions import interactions_of
from core.scenarios.recommendation.items import Items, unnamed
from core.scenarios.recommendation.picking import Catalogue, Wishes, pick_items
from core.scenarios.recommendation.requests import RECOMMENDERS
from core.scenarios.recommendation.sample import sample_dataset
from core.scenarios.recommendation.workshop import Job, Workshop
from core.streaming import outcome_of
from core.types import Progress
from tests.fakes import fake_showcase


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    place = fake_showcase(tmp_path_factory.mktemp("weights"))
    yield place.models
    place.close()


@pytest.fixture
def dataset():
    found = interactions_of(list("aabbbcdd"), ["x", "y", "x", "y", "z", "z", "x", "z"], list(range(8)))
    titles = ("Lamp", "Red sofa", "Blue sofa")
    return Dataset("mine", found, Items(found.items, titles, ("",) * 3, ("",) * 3))


def counted(monkeypatch, name, may_go_on=None):
    """Count how often learning.`name` is begun; hold the work until `may_go_on` is set."""
    begun, original = [], getattr(learning, name)

    def steps(*args, **options):
        begun.append(name)
        while may_go_on is not None and not may_go_on.wait(0.01):
            yield Progress(0, 1, "steps")
        return (yield from original(*args, **options))

    monkeypatch.setattr(learning, name, steps)
    return begun


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_every_recommender_is_fitted_and_scores_all_items(models, name):
    fits = Fits(sample_dataset())

    model = outcome_of(fits.fit(models, name))

    assert fits.fitted(name) is model
    assert model.score(np.array([1, 5])).shape == (235,)


def test_sixteen_who_ask_at_once_get_the_same_work(models, dataset, monkeypatch):
    may_go_on = threading.Event()
    begun = counted(monkeypatch, "als_steps", may_go_on)
    fits, ready = Fits(dataset), threading.Barrier(16)

    def ask():
        steps = fits.fit(models, "als")
        next(steps)
        ready.wait()
        may_go_on.set()
        return outcome_of(steps)

    with ThreadPoolExecutor(16) as threads:
        found = [each.result() for each in [threads.submit(ask) for _ in range(16)]]

    assert len(begun) == 1
    assert all(each is found[0] for each in found)
    assert outcome_of(fits.fit(models, "als")) is found[0]


def test_work_goes_on_when_the_one_who_asked_has_left(models, dataset, monkeypatch):
    may_go_on = threading.Event()
    begun = counted(monkeypatch, "als_steps", may_go_on)
    fits = Fits(dataset)
    steps = fits.fit(models, "als")
    assert isinstance(next(steps), Progress)
    assert fits.fitted("als") is None

    steps.close()
    may_go_on.set()

    assert outcome_of(fits.fit(models, "als")) is fits.fitted("als")
    assert len(begun) == 1


def test_work_ends_when_the_shop_is_dropped(models, dataset, monkeypatch):
    began, ended = threading.Event(), threading.Event()

    def endless(interactions):
        try:
            while True:
                began.set()
                yield Progress(0, 1, "steps")
        finally:
            ended.set()

    monkeypatch.setattr(learning, "als_steps", endless)
    fits = Fits(dataset)
    steps = fits.fit(models, "als")
    next(steps)
    assert began.wait(10)
    gone = weakref.ref(fits)

    steps.close()
    del fits, steps

    assert gone() is None
    assert ended.wait(10)


def test_a_fit_that_is_refused_is_refused_for_all_and_tried_again(models, dataset, monkeypatch):
    monkeypatch.setattr(ease, "MAX_MB", 0.0)
    fits = Fits(dataset)

    for _ in range(2):
        with pytest.raises(InputTooLargeError, match="3 items are too many for EASE.*Choose item-kNN or ALS"):
            outcome_of(fits.fit(models, "ease"))
        assert fits.fitted("ease") is None
    monkeypatch.undo()

    assert outcome_of(fits.fit(models, "ease")) is fits.fitted("ease")


def test_a_missing_embedder_is_told_and_asked_for_again(models, dataset, monkeypatch):
    fits, predict = Fits(dataset), models.predict_many

    def missing(role, items, **options):
        raise ModelLoadError("There is no embedder.")

    monkeypatch.setattr(models, "predict_many", missing)
    for name in ("content", "hybrid"):
        with pytest.raises(ModelLoadError, match="no embedder"):
            outcome_of(fits.fit(models, name))
    with pytest.raises(ModelLoadError, match="no embedder"):
        outcome_of(fits.vectors(models))
    monkeypatch.setattr(models, "predict_many", predict)

    assert outcome_of(fits.vectors(models)).shape[0] == 3
    assert outcome_of(fits.fit(models, "hybrid")) is fits.fitted("hybrid")


def test_texts_are_embedded_once_for_all_who_need_them(models, dataset, monkeypatch):
    asked, predict = [], models.predict_many
    monkeypatch.setattr(
        models,
        "predict_many",
        lambda role, items, **options: asked.append(items) or predict(role, items, **options),
    )
    fits = Fits(dataset)

    vectors = outcome_of(fits.vectors(models))
    content = outcome_of(fits.fit(models, "content"))
    outcome_of(fits.parts("user-random-80-20", 1).fits.fit(models, "hybrid"))

    assert sum(map(len, asked)) == 3
    assert content.vectors is vectors
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert all(options for options in asked)


def test_a_bug_in_one_job_ends_it_and_no_other(monkeypatch):
    workshop, may_go_on, was_said = Workshop(), threading.Event(), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda bug: was_said.set())

    def broken():
        yield Progress(0, 1, "steps")
        raise RuntimeError("a bug")

    def patient():
        while not may_go_on.wait(0.01):
            yield Progress(0, 1, "steps")
        return "done"

    jobs = Job(patient(), "steps"), Job(broken(), "steps")
    for job in jobs:
        workshop.start(job)

    with pytest.raises(DemoError, match="failed unexpectedly"):
        outcome_of(jobs[1].wait())
    assert was_said.wait(10)
    may_go_on.set()
    assert outcome_of(jobs[0].wait()) == "done"


def test_jobs_take_turns_so_that_a_long_one_keeps_nobody_waiting():
    workshop, turns, both = Workshop(), [], threading.Event()

    def work(name):
        while not both.is_set():
            yield Progress(0, 1, "steps")
        for _ in range(3):
            turns.append(name)
            yield Progress(0, 1, "steps")

    jobs = [Job(work(name), "steps") for name in "ab"]
    for job in jobs:
        workshop.start(job)
    both.set()
    for job in jobs:
        outcome_of(job.wait())

    assert "".join(turns) in ("ababab", "bababa", "aababb", "bbabaa")


def test_a_workshop_without_work_has_no_thread(models, dataset):
    fits = Fits(dataset, Workshop("quiet"))
    outcome_of(fits.fit(models, "popularity"))

    for thread in threading.enumerate():
        if thread.name == "quiet":
            thread.join(10)
            assert not thread.is_alive()


def test_als_is_the_same_each_time_and_fit_in_steps_or_at_once():
    interactions = sample_dataset().interactions

    first, second = fit_als(interactions, seed=3), fit_als(interactions, seed=3)

    assert np.array_equal(first.items, second.items)
    assert not np.array_equal(first.items, fit_als(interactions, seed=4).items)


def test_without_texts_there_is_no_content_and_likeness_comes_from_who_took_what(models, dataset):
    bare = Dataset("bare", dataset.interactions, unnamed(dataset.interactions.items))
    fits = Fits(bare)

    with pytest.raises(InvalidInputError, match="Nothing is known of the items but their ids"):
        outcome_of(fits.fit(models, "content"))
    vectors = outcome_of(fits.vectors(models))
    assert vectors.shape[0] == 3
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert set(outcome_of(fits.fit(models, "hybrid")).parts) == {"popularity", "ease"}


def test_als_stands_for_ease_in_the_hybrid_of_a_large_catalogue(models, dataset, monkeypatch):
    monkeypatch.setattr(ease, "MAX_MB", 0.0)

    hybrid = outcome_of(Fits(dataset).fit(models, "hybrid"))

    assert set(hybrid.parts) == {"popularity", "content", "als"}
    assert learning.reweighted(hybrid, {"ease": 0.5}).weights == {"popularity": 0, "content": 0, "als": 0.5}
    with pytest.raises(InvalidInputError, match="Give at least one of them a weight above 0"):
        learning.reweighted(hybrid, {"content": 0.0})


def test_the_sample_is_shared_and_a_visitors_own_shop_is_theirs(tmp_path, dataset):
    place = fake_showcase(tmp_path)

    own = keep(place.belongings, dataset, owner="ann")

    assert shop(place.belongings, SAMPLE_ID) is shop(place.belongings, SAMPLE_ID)
    assert shop(place.belongings, own).dataset is dataset
    place.close()


def test_the_memory_of_a_shop_is_counted_from_above():
    small, sample = Fits(sample_dataset()), sample_dataset()
    factors = {"vectors": 235 * 384 * 4, "ease": 235 * 235 * 4 * 3}

    assert small.rows * 2048 > sum(factors.values()) + 16 * sample.interaction_count


@pytest.mark.parametrize("dimensions", [48, 128])
def test_an_index_finds_nearly_all_of_the_nearest(dimensions, monkeypatch):
    monkeypatch.setattr(index, "MORE", 200)
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(200, dimensions))
    vectors = centres[rng.integers(200, size=20_000)] + 0.7 * rng.normal(size=(20_000, dimensions))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    found = 0

    built = outcome_of(index.build_index(vectors))

    for _ in range(40):
        query = vectors[rng.integers(len(vectors), size=4)].mean(axis=0, dtype=np.float32)
        best = np.argsort(-(vectors.astype(np.float32) @ query))[:10]
        candidates = built.search(query, 100)
        assert len(candidates) == 300
        found += len(np.intersect1d(best, candidates))
    assert found / 400 >= 0.95


def test_an_index_gives_all_items_to_those_who_want_more_than_there_are():
    vectors = np.random.default_rng(1).normal(size=(500, 16)).astype(np.float32)

    built = outcome_of(index.build_index(vectors))

    assert built.search(vectors[0], 400).tolist() == list(range(500))


@pytest.mark.parametrize("name", [name for name in RECOMMENDERS if name != "ease"])
def test_the_lists_of_a_large_catalogue_come_from_an_index(models, monkeypatch, name):
    monkeypatch.setattr(learning, "MIN_ITEMS", 100)
    monkeypatch.setattr(item_vectors, "MIN_ITEMS", 100)
    monkeypatch.setattr(index, "MORE", 10)
    monkeypatch.setattr(ease, "MAX_MB", 0.1)
    sample = sample_dataset()
    fits, history = Fits(sample), sample.numbers(["lamp-arc-brass", "stone-baking"])
    catalogue = Catalogue(None, sample.interactions.shares)

    model = outcome_of(fits.fit(models, name))

    candidates = model.candidates(history, 100)
    assert 100 <= len(candidates) < 235
    best = np.argsort(-model.score(history), kind="stable")
    best = best[~np.isin(best, history)][:10]
    listed = pick_items(model, history, catalogue, Wishes(10))
    assert len(np.intersect1d(best, listed)) >= 7
    assert len(listed) == 10


def test_what_is_held_out_is_not_seen_by_the_likeness_of_items_without_texts(models):
    bare = Fits(replace(sample_dataset(), items=unnamed(sample_dataset().interactions.items)))
    named = Fits(sample_dataset())

    of_train = outcome_of(bare.parts("leave-last-out", 1).fits.vectors(models))

    assert not np.array_equal(of_train, outcome_of(bare.vectors(models)))
    assert outcome_of(named.parts("leave-last-out", 1).fits.vectors(models)) is outcome_of(
        named.vectors(models)
    )
