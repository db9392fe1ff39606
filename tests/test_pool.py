"""The pool with fake engines: threads, queues, budget and eviction are real."""

import threading
import weakref
from dataclasses import replace

import pytest

from core.catalog import Catalog, ModelSpec
from core.device import Device
from core.errors import DemoError, ModelLoadError
from core.loading import State
from core.pool import ModelPool
from core.types import Progress, Tier

CPU = Device("cpu", "CPU", "float32", budget_mb=100)


class Doubler:
    """An engine that answers 2 x, after `gate` opens, if there is one."""

    def __init__(self, device=CPU, gate=None):
        self.device = device
        self.gate = gate
        self.is_closed = False

    def predict(self, items):
        if self.gate:
            self.gate.wait(5)
        return [2 * item for item in items]

    def close(self):
        self.is_closed = True


def spec(model_id, *roles, memory_mb=40.0, tier=Tier.STARTER):
    return ModelSpec(
        model_id=model_id,
        roles=roles,
        task="doubling",
        tier=tier,
        license="Apache-2.0",
        size_mb=1,
        languages=("en",),
        title=model_id,
        folder=model_id,
        memory_mb=memory_mb,
    )


@pytest.fixture
def make_pool(tmp_path):
    pools = []

    def make(*specs, load=None, local=None, download=None, **options):
        def locate(spec):
            return tmp_path if local is None or spec.model_id in local else None

        pool = ModelPool(
            Catalog(specs),
            locate=locate,
            download=download,
            load=load or (lambda spec, folder, device: Doubler()),
            detect_device=lambda: CPU,
            **options,
        )
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()


def test_a_model_is_loaded_once_however_many_ask(make_pool):
    loads = []

    def load(spec, folder, device):
        loads.append(spec.model_id)
        return Doubler()

    pool = make_pool(spec("a", "role"), load=load)
    answers = [None] * 16
    threads = [
        threading.Thread(target=lambda n=n: answers.__setitem__(n, pool.predict("role", n)))
        for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert answers == [2 * n for n in range(16)]
    assert loads == ["a"]


def test_the_first_candidate_that_is_at_hand_serves_the_role(make_pool):
    pool = make_pool(spec("large", "role", tier=Tier.HUB), spec("small", "role"), local={"small"})

    assert pool.pick("role").model_id == "small"


def test_a_model_larger_than_the_budget_is_passed_over(make_pool):
    pool = make_pool(spec("large", "role", memory_mb=10**9), spec("small", "role"))

    assert pool.pick("role").model_id == "small"


def test_the_starter_policy_passes_hub_models_over(make_pool):
    pool = make_pool(spec("large", "role", tier=Tier.HUB), spec("small", "role"), policy="starter")

    assert pool.pick("role").model_id == "small"


def test_the_model_used_longest_ago_is_evicted_when_memory_is_short(make_pool):
    engines = {}

    def load(spec, folder, device):
        engines[spec.model_id] = Doubler()
        return engines[spec.model_id]

    pool = make_pool(spec("a", "role-a"), spec("b", "role-b"), spec("c", "role-c"), load=load)
    for role in ("role-a", "role-b", "role-a", "role-c"):
        pool.predict(role, 1)

    assert engines["b"].is_closed
    assert not engines["a"].is_closed
    assert [status.spec.model_id for status in pool.status() if status.state is State.READY] == ["a", "c"]


class Knotted(Doubler):
    """An engine whose model refers to itself, as layers of a network do; `gone` is set when the model is freed."""

    def __init__(self, gone):
        super().__init__()
        self._model = type("Model", (), {})()
        self._model.layer = self._model
        weakref.finalize(self._model, gone.set)

    def close(self):
        del self._model


@pytest.fixture
def knotted():
    """A way to load such models, and the events that tell when they are freed."""
    gone = {}

    def load(spec, folder, device):
        gone[spec.model_id] = threading.Event()
        return Knotted(gone[spec.model_id])

    return load, gone


def test_a_model_that_was_unloaded_gives_its_memory_back(make_pool, knotted):
    load, gone = knotted
    pool = make_pool(spec("a", "role-a"), spec("b", "role-b"), load=load)
    # The second load sets aside for good what is alive, and the first model with it.
    for role in ("role-a", "role-b"):
        pool.predict(role, 1)

    assert pool.unload("a")

    assert gone["a"].wait(60)
    assert not gone["b"].is_set()
    assert pool.predict("role-b", 1) == 2


def test_a_model_that_was_evicted_gives_its_memory_back_before_the_next_one_answers(make_pool, knotted):
    load, gone = knotted
    pool = make_pool(spec("a", "role-a", memory_mb=80), spec("b", "role-b"), load=load)

    for role in ("role-a", "role-b"):
        pool.predict(role, 1)

    assert gone["a"].is_set()
    assert not gone["b"].is_set()


def test_half_a_model_that_failed_to_load_gives_its_memory_back(make_pool):
    gone = threading.Event()

    def load(spec, folder, device):
        half = Knotted(gone)
        raise ModelLoadError("It does not fit into memory.") from MemoryError(half.device)

    pool = make_pool(spec("a", "role"), load=load)

    with pytest.raises(ModelLoadError, match="does not fit"):
        pool.predict("role", 1)

    assert gone.wait(60)
    assert pool.role_status("role").error.msgid == "It does not fit into memory."


def test_a_model_in_use_is_never_evicted(make_pool):
    gate = threading.Event()
    engines = {"a": Doubler(gate=gate), "b": Doubler()}
    pool = make_pool(
        spec("a", "role-a", memory_mb=80),
        spec("b", "role-b"),
        load=lambda spec, folder, device: engines[spec.model_id],
    )
    pool.load("a").wait(5)
    answer = []
    busy = threading.Thread(target=lambda: answer.append(pool.predict("role-a", 3)))
    busy.start()
    while not pool._residents.get("a").users:
        threading.Event().wait(0.001)

    with pytest.raises(ModelLoadError, match="b needs 40 MB, and 20 MB are free"):
        pool.predict("role-b", 1)
    assert not pool.unload("a")
    gate.set()
    busy.join(5)
    assert answer == [6]
    assert pool.predict("role-b", 1) == 2


def test_a_load_that_fails_is_told_to_everyone_who_waits_and_can_be_tried_again(make_pool):
    attempts = []

    def load(spec, folder, device):
        attempts.append(spec.model_id)
        if len(attempts) == 1:
            raise ModelLoadError("The files are damaged.")
        return Doubler()

    pool = make_pool(spec("a", "role"), load=load)

    with pytest.raises(ModelLoadError, match="damaged"):
        pool.predict("role", 1)
    assert pool.role_status("role").state is State.FAILED
    assert pool.predict("role", 1) == 2


def test_a_bug_while_loading_leaves_nobody_waiting_and_is_reported(make_pool, monkeypatch):
    reported = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda details: reported.set())

    def load(spec, folder, device):
        raise KeyError("bug")

    pool = make_pool(spec("a", "role"), load=load)

    with pytest.raises(DemoError, match="unexpected error"):
        pool.predict("role", 1)
    assert reported.wait(5)


def test_a_download_shows_its_progress_and_can_be_cancelled(make_pool):
    started = threading.Event()

    def download(spec, *, cancel):
        yield Progress(1, 10, "bytes")
        started.set()
        cancel.wait(5)
        raise ModelLoadError("Cancelled.")

    pool = make_pool(spec("a", "role", tier=Tier.HUB), spec("b", "role"), local={"b"}, download=download)
    loading = pool.choose("a")
    started.wait(5)

    assert pool.status()[0].state is State.DOWNLOADING
    assert pool.status()[0].progress == Progress(1, 10, "bytes")
    pool.cancel("a")
    with pytest.raises(ModelLoadError, match="Cancelled"):
        loading.wait(5)
    assert pool.pick("role").model_id == "b"
    assert pool.predict("role", 4) == 8


def test_a_model_that_was_chosen_serves_its_roles_until_it_is_unloaded(make_pool):
    pool = make_pool(spec("a", "role"), spec("b", "role"))

    pool.choose("b").wait(5)
    assert pool.pick("role").model_id == "b"
    assert pool.unload("b")
    assert pool.pick("role").model_id == "a"


def test_a_candidate_that_cannot_be_loaded_is_passed_over_for_the_next(make_pool):
    attempts = []

    def load(spec, folder, device):
        attempts.append(spec.model_id)
        if spec.model_id == "broken":
            raise ModelLoadError("The files are damaged.")
        return Doubler()

    pool = make_pool(spec("broken", "role", tier=Tier.HUB), spec("starter", "role"), load=load)

    assert [pool.predict("role", n) for n in range(3)] == [0, 2, 4]
    assert attempts == ["broken", "starter"]
    assert pool.pick("role").model_id == "starter"


def test_with_the_hub_policy_and_no_network_the_starter_answers(make_pool):
    def download(spec, *, cancel):
        yield Progress(0, 1, "bytes")
        raise ModelLoadError("There is no connection to the model hub.")

    pool = make_pool(
        spec("large", "role", tier=Tier.HUB),
        spec("starter", "role"),
        local={"starter"},
        download=download,
        policy="hub",
    )
    pool.warm_up(["role"])

    assert pool.predict("role", 2) == 4
    assert pool.pick("role").model_id == "starter"


def test_a_choice_for_one_language_brings_a_comparable_model_for_the_other(make_pool):
    both = replace(spec("both", "en", "zh", tier=Tier.HUB), space="large")
    english, chinese = (
        replace(spec("english", "en"), space="small"),
        replace(spec("chinese", "zh"), space="small"),
    )
    pool = make_pool(both, english, chinese)
    assert {pool.pick(role).space for role in ("en", "zh")} == {"large"}

    pool.choose("english").wait(5)
    assert {pool.pick(role).space for role in ("en", "zh")} == {"small"}
    assert pool.unload("english")
    assert {pool.pick(role).space for role in ("en", "zh")} == {"large"}


def test_a_model_that_was_unloaded_stays_away_while_another_can_serve(make_pool):
    pool = make_pool(spec("a", "role"), spec("b", "role"))
    pool.predict("role", 1)
    assert pool.unload("a")

    assert pool.predict("role", 1) == 2
    assert [status.spec.model_id for status in pool.status() if status.state is State.READY] == ["b"]


def test_what_waits_when_the_pool_closes_is_told_so(make_pool):
    gate = threading.Event()
    pool = make_pool(spec("a", "role"), load=lambda spec, folder, device: Doubler(gate=gate))
    pool.load("a").wait(5)
    failures = []

    def ask():
        try:
            pool.predict_many("role", list(range(100)))
        except DemoError as error:
            failures.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    while not pool._residents.get("a").batcher.queue_size:
        threading.Event().wait(0.001)
    closing = threading.Thread(target=pool.close)
    closing.start()
    gate.set()
    asking.join(10)
    closing.join(10)

    assert failures in ([], ["The model was unloaded while you waited. Try again."])
    with pytest.raises(ModelLoadError):
        pool.predict("role", 1)


def test_looking_at_the_status_loads_nothing(make_pool):
    def load(spec, folder, device):
        raise AssertionError("nothing should be loaded")

    pool = make_pool(spec("a", "role"), load=load)

    assert [status.state for status in pool.status()] == [State.UNLOADED]
    assert pool.device is None


def test_closing_ends_every_thread_of_the_pool(make_pool):
    pool = make_pool(spec("a", "role"))
    pool.predict("role", 1)
    pool.close()

    assert [thread.name for thread in threading.enumerate() if thread.name == "model-a"] == []
