"""One suite for both backends: what a pool promises holds for models in this process and for those on a Ray Serve."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from core import showcase
from core.errors import (
    DeadlineError,
    DemoError,
    InferenceError,
    InvalidInputError,
    ModelLoadError,
    OverloadedError,
)
from core.settings import Settings
from core.types import (
    ChatMessage,
    EmbeddingItem,
    GenerationItem,
    GenerationOptions,
    ImageItem,
    Tier,
    TranslationItem,
)
from core.visits import visiting
from tests.conformance_backends import Local, running_cluster
from tests.fake_classifier import painted
from tests.fakes import fake_text, fake_translation, trigram_vector

PICTURE = painted("dog", ("cat", "dog"))
# More than a copy of the tests' cluster keeps in memory.
PICTURE_ROLES = ("image-classifier", "picture-kind", "chest-xray")


@pytest.fixture(scope="module")
def cluster():
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["local", "ray"])
def backend(request, tmp_path):
    backend = Local(tmp_path) if request.param == "local" else request.getfixturevalue("cluster")
    yield backend
    backend.gates.settle()


@pytest.fixture
def pool(backend):
    with backend.pool(timeout_s=120.0) as pool:
        yield pool


@pytest.fixture
def in_background():
    with ThreadPoolExecutor() as threads:
        yield threads.submit


def question(text, seed=0, **options):
    return GenerationItem((ChatMessage("user", text),), GenerationOptions(seed=seed, **options))


def read(stream):
    """The pieces of a stream without the empty ones, and its end."""
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return [piece for piece in pieces if piece], end.value


def first_piece(stream):
    while not (piece := next(stream)):
        pass
    return piece


def kill_holder(gates, mark="holding", *, other_than=None):
    """End the process that holds an item, once there is one, as a machine that fails would; returns its id."""
    gates.wait_until(lambda: gates.read(mark) not in (None, other_than))
    pid = gates.read(mark)
    os.kill(int(pid), signal.SIGKILL)
    return pid


# --- both backends -----------------------------------------------------------------------------------------------


def test_every_item_gets_its_own_vector_in_order(pool):
    texts = [f"text number {number}" for number in range(200)]

    vectors = pool.predict_many("embedder-en", [EmbeddingItem(text) for text in texts])

    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(vector, trigram_vector(text))
        assert vector.dtype == np.float32
        assert vector.flags.writeable


def test_translations_come_with_all_their_alternatives(pool):
    hypotheses = pool.predict("translator-en-zh", TranslationItem("Hi <x0>, 你好 🎈", "en", "zh", n_best=3))

    assert [each.text for each in hypotheses] == [
        fake_translation("Hi <x0>, 你好 🎈", "zh", n) for n in range(3)
    ]
    assert [each.score for each in hypotheses] == [-0.0, -0.1, -0.2]


def test_pictures_come_back_with_scores_and_heat(pool, tmp_path):
    item = ImageItem(PICTURE, wants_saliency=True)
    with Local(tmp_path).pool() as here:
        expected = here.predict("image-classifier", item)

    scores = pool.predict("image-classifier", item)

    assert scores.labels == expected.labels
    assert scores.energy == expected.energy
    for name in ("scores", "features", "saliency", "seen"):
        found, wanted = getattr(scores, name), getattr(expected, name)
        assert (found is None and wanted is None) or (
            found.dtype == wanted.dtype and np.array_equal(found, wanted)
        )


def test_a_refused_item_fails_alone_and_with_its_own_sentence(pool, in_background):
    good = [in_background(pool.predict, "embedder-en", EmbeddingItem(f"good {n}")) for n in range(8)]
    bad = in_background(pool.predict, "embedder-en", EmbeddingItem("bad"))

    for n, answer in enumerate(good):
        assert np.array_equal(answer.result(), trigram_vector(f"good {n}"))
    with pytest.raises(InvalidInputError, match=r"^Write less than 3 words\.$") as refusal:
        bad.result()
    assert refusal.value.msgid == "Write less than {limit} words."


def test_a_bug_in_a_model_ends_only_the_request_that_met_it(pool):
    with pytest.raises((ZeroDivisionError, InferenceError)):
        pool.predict("embedder-en", EmbeddingItem("bug"))

    assert np.array_equal(pool.predict("embedder-en", EmbeddingItem("x")), trigram_vector("x"))


def test_a_text_comes_in_pieces_that_make_the_whole(pool):
    item = question("a red kite over the sea", seed=3)

    pieces, whole = read(pool.stream("writer", item))

    assert len(pieces) > 3
    assert "".join(pieces) == whole.text == fake_text(item)
    assert whole.finish_reason == "stop"
    assert whole.tokens == len(pieces)


def test_a_stopped_text_frees_its_row_at_once(pool, backend):
    # A row has its first word when it comes in; here it gets no second one.
    backend.gates.shut("hold")
    stream = pool.stream("writer", question("one two three"))
    assert first_piece(stream) == "Draft"
    assert backend.gates.read("rows") == "1"

    stream.close()

    backend.gates.wait_until(lambda: backend.gates.read("rows") == "0")


def test_many_texts_grow_side_by_side(pool, in_background):
    items = [question(f"text {number}", seed=number) for number in range(6)]

    answers = [in_background(lambda item=item: read(pool.stream("writer", item))[1].text) for item in items]

    assert [answer.result() for answer in answers] == [fake_text(item) for item in items]


def test_a_deadline_ends_the_wait_with_a_sentence(backend):
    with backend.pool(timeout_s=30.0) as pool:
        pool.predict("embedder-en", EmbeddingItem("x"))
        pool.timeout_s = 0.5
        backend.gates.shut("hold")
        with pytest.raises(DeadlineError, match="did not come within"):
            pool.predict("embedder-en", EmbeddingItem("hold"))
        backend.gates.open("hold")


def test_who_leaves_does_not_spoil_the_answers_of_others(backend, pool, in_background):
    backend.gates.shut("hold")
    held = in_background(pool.predict, "embedder-en", EmbeddingItem("hold"))
    backend.gates.wait_until(lambda: backend.gates.read("holding"))
    with visiting("someone", deadline_s=0.3), pytest.raises(DeadlineError):
        pool.predict("embedder-en", EmbeddingItem("x"))

    backend.gates.open("hold")

    assert np.array_equal(held.result(), trigram_vector("hold"))


def test_more_models_than_fit_take_turns(pool):
    for _round in range(2):
        for role in PICTURE_ROLES:
            scores = pool.predict(role, ImageItem(PICTURE))
            assert scores.scores.sum() == pytest.approx(1)


def test_the_badge_says_where_the_model_ran(pool, backend):
    pool.predict("embedder-en", EmbeddingItem("x"))

    use = pool.use(pool.pick("embedder-en"), 5.0)

    assert use.tier is (Tier.STARTER if backend.name == "local" else Tier.REMOTE)
    assert use.device.startswith("CPU")
    assert (use.device == "CPU") == (backend.name == "local")


def test_models_that_push_each_other_out_answer_everyone(pool, in_background):
    answers = [in_background(pool.predict, role, ImageItem(PICTURE)) for role in PICTURE_ROLES * 6]

    assert all(answer.result().scores.sum() == pytest.approx(1) for answer in answers)


def test_a_text_is_written_to_its_end_before_its_model_leaves(backend, pool, in_background):
    item = question("one two three")
    backend.gates.shut("hold")
    stream = pool.stream("writer", item)
    assert first_piece(stream) == "Draft"

    others = [
        in_background(pool.predict, role, ImageItem(PICTURE))
        for role in ("image-classifier", "picture-kind", "chest-xray")
    ]
    backend.gates.open("hold")

    assert read(stream)[1].text == fake_text(item)
    assert all(answer.result().scores.sum() == pytest.approx(1) for answer in others)


# --- what only copies of a model elsewhere can meet ------------------------------------------------------------------


@pytest.fixture
def remote(cluster):
    yield cluster
    cluster.gates.settle()


@pytest.fixture
def remote_pool(remote):
    with remote.pool(timeout_s=120.0) as pool:
        yield pool


def test_a_copy_that_dies_in_mid_request_is_replaced_and_the_request_asked_once_more(
    remote, remote_pool, in_background
):
    remote.gates.shut("hold")
    answer = in_background(remote_pool.predict, "embedder-en", EmbeddingItem("hold"))
    first = kill_holder(remote.gates)
    remote.gates.wait_until(lambda: remote.gates.read("holding") != first)

    remote.gates.open("hold")

    assert np.array_equal(answer.result(), trigram_vector("hold"))


def test_when_the_second_copy_dies_too_the_visitor_is_told_so(remote, remote_pool, in_background):
    remote.gates.shut("hold")
    answer = in_background(remote_pool.predict, "embedder-en", EmbeddingItem("hold"))
    first = kill_holder(remote.gates)
    kill_holder(remote.gates, other_than=first)

    with pytest.raises(InferenceError, match="has died, and so has the one asked instead"):
        answer.result()
    remote.gates.open("hold")
    assert np.array_equal(remote_pool.predict("embedder-en", EmbeddingItem("x")), trigram_vector("x"))


def test_a_copy_that_dies_while_a_text_grows_ends_it_with_a_sentence(remote, remote_pool):
    remote.gates.shut("hold")
    stream = remote_pool.stream("writer", question("one two three four"))
    assert first_piece(stream) == "Draft"
    kill_holder(remote.gates, "writing")

    with pytest.raises(InferenceError, match="Keep what came"):
        read(stream)
    remote.gates.open("hold")
    item = question("again")
    assert read(remote_pool.stream("writer", item))[1].text == fake_text(item)


def test_without_any_copy_the_visitor_is_told_so_at_once_and_no_restart_is_needed(
    remote, remote_pool, in_background
):
    remote_pool.predict("embedder-en", EmbeddingItem("x"))
    remote.gates.shut("start")
    remote.gates.shut("hold")
    remote_pool.timeout_s = 1.0
    asked = in_background(remote_pool.predict, "embedder-en", EmbeddingItem("hold"))
    kill_holder(remote.gates)
    assert isinstance(asked.exception(), DemoError)
    told = []

    def tell():
        try:
            remote_pool.predict("embedder-en", EmbeddingItem("x"))
        except DemoError as error:
            told.append(error)
        return isinstance(told[-1], ModelLoadError)

    remote.gates.wait_until(tell)
    assert str(told[-1]).startswith("No copy of Fake English embedder is running on the cluster now.")

    remote.gates.open("start")
    remote.gates.open("hold")
    remote.gates.wait_until(lambda: answers(remote_pool))


def answers(pool):
    try:
        return np.array_equal(pool.predict("embedder-en", EmbeddingItem("x")), trigram_vector("x"))
    except DemoError:
        return False


def test_requests_of_several_web_processes_share_a_batch(remote, remote_pool, in_background):
    items = [EmbeddingItem(f"text {n}") for n in range(5)]
    with ExitStack() as stack:
        pools = [stack.enter_context(remote.pool(timeout_s=120.0)) for _process in range(3)]

        def share():
            remote.gates.shut("hold")
            held = in_background(remote_pool.predict, "embedder-en", EmbeddingItem("hold"))
            remote.gates.wait_until(lambda: remote.gates.read("holding"))
            others = [in_background(pool.predict_many, "embedder-en", items) for pool in pools]
            # Nothing tells when they have come to the model's door: so once more, if it was too early.
            threading.Event().wait(0.2)
            remote.gates.settle()
            held.result()
            for other in others:
                assert all(map(np.array_equal, other.result(), (trigram_vector(item.text) for item in items)))
            return int(remote.gates.read("batch")) > len(items)

        remote.gates.wait_until(share)


def test_a_full_cluster_refuses_with_a_sentence(remote, in_background):
    item = ImageItem(PICTURE, labels=("hold", "dog"))
    with ExitStack() as stack:
        # One web process would send what waits at the same time in one request, which the cluster has room for.
        pools = [stack.enter_context(remote.pool(timeout_s=120.0)) for _process in range(4)]
        spec = pools[0].catalog.spec("fake-zero-shot")
        for pool in pools:
            pool.predict(spec, ImageItem(PICTURE, labels=("cat", "dog")))
        remote.gates.shut("hold")
        busy = in_background(pools[0].predict, spec, item)
        remote.gates.wait_until(lambda: remote.gates.read("holding"))
        refused = threading.Event()
        others = [in_background(_refusal, pool, spec, item, refused) for pool in pools[1:]]
        remote.gates.wait_until(refused.is_set)
        remote.gates.open("hold")

        assert busy.result().scores.sum() == pytest.approx(1)
        refusals = [refusal for other in others if (refusal := other.result())]
    assert refusals
    for refusal in refusals:
        assert str(refusal) == "The cluster has too much to do for Fake zero-shot. Try again in about 5 s."


def _refusal(pool, spec, item, refused):
    try:
        pool.predict(spec, item)
    except OverloadedError as error:
        refused.set()
        return error


# --- the starters themselves -----------------------------------------------------------------------------------------


SENTENCES = ["Where is my parcel?", "包裹在哪里？", "The hotel was clean, but the breakfast came late."]


@pytest.fixture(scope="module")
def here():
    place = showcase.build(Settings(device="cpu", models="starter", warm_up=False, deadline_s=300.0))
    yield place.models
    place.close()


@pytest.fixture
def there(remote):
    with remote.pool(timeout_s=300.0) as pool:
        yield pool


@pytest.mark.starters
@pytest.mark.parametrize("model_id", ["minilm", "starter-bilingual"])
def test_the_embedders_give_the_vectors_there_that_they_give_here(here, there, model_id):
    items = [EmbeddingItem(text) for text in SENTENCES]

    found = there.predict_many(there.catalog.spec(model_id), items)

    for vector, expected in zip(found, here.predict_many(here.catalog.spec(model_id), items), strict=True):
        assert np.allclose(vector, expected, atol=1e-5)


@pytest.mark.starters
def test_the_translator_says_there_what_it_says_here(here, there):
    items = [TranslationItem(text, "en", "zh", n_best=2) for text in (SENTENCES[0], SENTENCES[2])]
    items.append(TranslationItem(SENTENCES[1], "zh", "en"))

    found = there.predict_many(there.catalog.spec("starter-translator"), items)

    expected = here.predict_many(here.catalog.spec("starter-translator"), items)
    assert [[each.text for each in row] for row in found] == [[each.text for each in row] for row in expected]
    assert [row[0].score for row in found] == pytest.approx([row[0].score for row in expected], abs=1e-4)


@pytest.mark.starters
def test_the_writer_writes_there_what_it_writes_here(here, there):
    item = question("name: The Rice Boat; food: Indian; area: riverside", seed=5, max_new_tokens=40)

    pieces, found = read(there.stream(there.catalog.spec("starter-writer"), item))

    assert "".join(pieces) == found.text
    assert found == read(here.stream(here.catalog.spec("starter-writer"), item))[1]


@pytest.mark.starters
def test_the_classifier_of_x_rays_scores_there_as_here_and_has_its_calibration(here, there):
    item = ImageItem(np.random.default_rng(7).integers(0, 256, (200, 220, 3), np.uint8), wants_saliency=True)
    spec = there.catalog.spec("starter-chest-xray")

    found = there.predict(spec, item)

    expected = here.predict(here.catalog.spec("starter-chest-xray"), item)
    assert found.labels == expected.labels
    assert np.allclose(found.scores, expected.scores, atol=1e-4)
    assert np.allclose(found.saliency, expected.saliency, atol=0.02)
    assert there.calibration(spec) == here.calibration(spec)
    assert there.calibration(spec).operating_points
