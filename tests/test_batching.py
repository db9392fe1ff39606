"""The batcher: real threads, no model."""

import threading
from concurrent.futures import CancelledError

import pytest

from core import batching, visits, waiting_line
from core.batching import MicroBatcher
from core.errors import InferenceError, OverloadedError


@pytest.fixture
def gate():
    return threading.Event()


def test_items_that_queue_up_become_one_batch(gate):
    sizes = []
    running = threading.Event()

    def predict(items):
        sizes.append(len(items))
        running.set()
        gate.wait(5)
        return items

    batcher = MicroBatcher(predict, max_batch_size=8)
    first = batcher.submit(0)
    running.wait(5)
    rest = [batcher.submit(number) for number in range(1, 6)]
    gate.set()

    assert [future.result(5) for future in [first, *rest]] == [0, 1, 2, 3, 4, 5]
    assert sizes == [1, 5]
    batcher.close()


def test_a_bad_input_fails_alone(gate):
    def reciprocal(items):
        gate.wait(5)
        return [1 / item for item in items]

    batcher = MicroBatcher(reciprocal)
    futures = [batcher.submit(item) for item in (4, 0, 2)]
    gate.set()

    assert futures[0].result(5) == 0.25
    with pytest.raises(ZeroDivisionError):
        futures[1].result(5)
    assert futures[2].result(5) == 0.5
    batcher.close()


def test_a_failing_batch_does_not_stop_the_next_one():
    batcher = MicroBatcher(lambda items: [1 / item for item in items], max_batch_size=1)

    with pytest.raises(ZeroDivisionError):
        batcher.submit(0).result(5)
    assert batcher.submit(2).result(5) == 0.5
    batcher.close()


def test_a_wrong_number_of_results_is_an_inference_error():
    batcher = MicroBatcher(lambda items: [])

    with pytest.raises(InferenceError, match="0 results for 1"):
        batcher.submit(1).result(5)
    batcher.close()


def test_a_full_queue_refuses_with_position_and_estimate(gate):
    batcher = MicroBatcher(lambda items: (gate.wait(5), items)[1], max_batch_size=1, max_queue_size=2)
    running = batcher.submit(0)
    while not running.running():
        threading.Event().wait(0.001)
    waiting = [batcher.submit(1), batcher.submit(2)]

    with pytest.raises(OverloadedError, match="2 requests are waiting already. Try again in about"):
        batcher.submit(3)
    gate.set()
    assert [future.result(5) for future in waiting] == [1, 2]
    batcher.close()


def test_background_items_let_visitors_go_first(gate):
    order = []

    def predict(items):
        gate.wait(5)
        order.extend(items)
        return items

    batcher = MicroBatcher(predict, max_batch_size=1)
    first = batcher.submit("first")
    while not first.running():
        threading.Event().wait(0.001)
    futures = [batcher.submit("indexing", background=True), batcher.submit("visitor")]
    gate.set()
    for future in futures:
        future.result(5)

    assert order == ["first", "visitor", "indexing"]
    batcher.close()


def test_a_cancelled_request_is_not_computed(gate):
    seen = []

    def predict(items):
        gate.wait(5)
        seen.extend(items)
        return items

    batcher = MicroBatcher(predict, max_batch_size=1)
    first = batcher.submit("first")
    while not first.running():
        threading.Event().wait(0.001)
    assert batcher.submit("gone").cancel()
    last = batcher.submit("last")
    gate.set()
    last.result(5)

    assert seen == ["first", "last"]
    batcher.close()


def test_close_ends_the_running_batch_cancels_the_rest_and_then_refuses(gate):
    batcher = MicroBatcher(lambda items: (gate.wait(5), items)[1], max_batch_size=1)
    running = batcher.submit(1)
    while not running.running():
        threading.Event().wait(0.001)
    waiting = batcher.submit(2)
    closing = threading.Thread(target=batcher.close)
    closing.start()
    while not waiting.cancelled():
        threading.Event().wait(0.001)
    gate.set()
    closing.join(5)

    assert running.result(5) == 1
    with pytest.raises(CancelledError):
        batcher.submit(3)


def test_background_items_wait_for_room_instead_of_being_refused(gate):
    batcher = MicroBatcher(lambda items: (gate.wait(5), items)[1], max_batch_size=1, max_queue_size=2)
    results = []

    def submit_many():
        futures = [batcher.submit(number, background=True) for number in range(20)]
        results.extend(future.result(5) for future in futures)

    indexing = threading.Thread(target=submit_many)
    indexing.start()
    gate.set()
    indexing.join(10)

    assert results == list(range(20))
    batcher.close()


# --- many callers -----------------------------------------------------------------------------------------------


def submit(batcher, caller, items):
    with visits.visiting(caller):
        return [batcher.submit(item) for item in items]


class Held:
    """Notes each batch, and waits for `may_answer` before it answers."""

    def __init__(self):
        self.batches = []
        self.was_asked = threading.Event()
        self.may_answer = threading.Event()

    def __call__(self, items):
        self.batches.append(items)
        self.was_asked.set()
        self.may_answer.wait(10)
        return items


@pytest.fixture
def held():
    engine = Held()
    yield engine
    engine.may_answer.set()


def test_one_question_does_not_wait_behind_five_hundred_of_another_caller(held):
    batcher = MicroBatcher(held, max_batch_size=8, max_queue_size=2000)
    heavy = submit(batcher, "heavy", range(500))
    held.was_asked.wait(5)
    light = submit(batcher, "light", ["one question"])
    held.may_answer.set()

    assert light[0].result(10) == "one question"
    assert ["one question" in batch for batch in held.batches[:2]] == [False, True]
    assert [future.result(10) for future in heavy] == list(range(500))
    batcher.close()


def test_two_documents_share_the_batches_and_keep_their_order(held):
    batcher = MicroBatcher(held, max_batch_size=4, max_queue_size=100)
    first = submit(batcher, "x", ["first"])
    held.was_asked.wait(5)
    futures = submit(batcher, "a", ["a0", "a1", "a2", "a3"]) + submit(batcher, "b", ["b0", "b1", "b2"])
    held.may_answer.set()

    for future in first + futures:
        future.result(10)
    assert held.batches == [["first"], ["a0", "b0", "a1", "a2"], ["b1", "a3", "b2"]]
    batcher.close()


def test_who_asks_for_much_is_refused_before_the_others_are(held):
    batcher = MicroBatcher(held, max_batch_size=1, max_queue_size=8)
    submit(batcher, "x", ["running"])
    held.was_asked.wait(5)
    submit(batcher, "heavy", range(4))

    with pytest.raises(
        OverloadedError, match="4 of your requests are waiting already. Try again in about 1 s."
    ):
        submit(batcher, "heavy", [4])
    submit(batcher, "light", range(2))
    held.may_answer.set()
    batcher.close()


def test_where_the_line_is_full_nobody_is_told_that_it_is_their_fault(held):
    batcher = MicroBatcher(held, max_batch_size=1, max_queue_size=2)
    submit(batcher, "x", ["running"])
    held.was_asked.wait(5)
    submit(batcher, "", range(2))

    with pytest.raises(OverloadedError, match="2 requests are waiting already"):
        submit(batcher, "light", [1])
    held.may_answer.set()
    batcher.close()


def test_what_was_given_up_leaves_its_room_to_others(held):
    batcher = MicroBatcher(held, max_batch_size=1, max_queue_size=4)
    submit(batcher, "x", ["running"])
    held.was_asked.wait(5)
    for future in submit(batcher, "", range(4)):
        future.cancel()
    later = submit(batcher, "", "abcd")
    held.may_answer.set()

    assert [future.result(10) for future in later] == list("abcd")
    assert held.batches == [["running"], ["a"], ["b"], ["c"], ["d"]]
    batcher.close()


def test_background_items_take_turns_too_behind_all_others(held):
    batcher = MicroBatcher(held, max_batch_size=1, max_queue_size=100)
    futures = submit(batcher, "x", ["running"])
    held.was_asked.wait(5)
    for caller in "ab":
        with visits.visiting(caller):
            futures += [batcher.submit(f"{caller}{number}", background=True) for number in range(2)]
    futures += submit(batcher, "a", ["question"])
    held.may_answer.set()

    for future in futures:
        future.result(10)
    assert [batch[0] for batch in held.batches] == ["running", "question", "a0", "b0", "a1", "b1"]
    batcher.close()


def test_a_caller_can_ask_where_they_stand(held):
    batcher = MicroBatcher(held, max_batch_size=2, max_queue_size=100)
    submit(batcher, "heavy", range(20))
    held.was_asked.wait(5)
    submit(batcher, "light", range(2))

    with visits.visiting("light"):
        light = batcher.waiting()
    with visits.visiting("newcomer"):
        newcomer = batcher.waiting()
    running, waiting = len(held.batches[0]), 20 - len(held.batches[0])
    with visits.visiting("heavy"):
        heavy = batcher.waiting()
    assert (light.queued, light.ahead) == (2, running + 2)
    assert (newcomer.queued, newcomer.ahead) == (0, running + 2)
    assert (heavy.queued, heavy.ahead) == (waiting, 2)
    assert 0 < newcomer.seconds < light.seconds < heavy.seconds
    held.may_answer.set()
    batcher.close()
    assert batcher.waiting().queued == 0


@pytest.fixture
def patient(monkeypatch):
    """A batcher's patience for a crowd that nobody could overlook."""
    monkeypatch.setattr(batching, "BATCH_TIMEOUT_S", 3600)
    monkeypatch.setattr(waiting_line, "QUIET_S", 3600)


@pytest.mark.usefixtures("patient")
def test_after_a_crowd_the_first_of_the_next_one_waits_for_the_others(held):
    batcher = MicroBatcher(held, max_batch_size=2)
    first = submit(batcher, "a", [0])
    held.was_asked.wait(10)
    crowd = submit(batcher, "a", [1]) + submit(batcher, "b", [2])
    held.may_answer.set()
    assert [future.result(10) for future in first + crowd] == [0, 1, 2]

    next_crowd = submit(batcher, "a", [3]) + submit(batcher, "b", [4])

    assert [future.result(10) for future in next_crowd] == [3, 4]
    assert held.batches == [[0], [1, 2], [3, 4]]
    batcher.close()


@pytest.mark.usefixtures("patient")
def test_several_items_of_one_visit_are_no_crowd_to_wait_for(held):
    batcher = MicroBatcher(held, max_batch_size=8)
    first = submit(batcher, "a", [0])
    held.was_asked.wait(10)
    several = submit(batcher, "a", [1, 2])
    held.may_answer.set()
    assert [future.result(10) for future in first + several] == [0, 1, 2]

    assert submit(batcher, "a", [3])[0].result(10) == 3
    batcher.close()


def test_a_batch_and_its_answers_are_one_call_where_models_compute():
    threads, name = [], lambda: threading.current_thread().name

    def compute(call, *given):
        thread = threading.Thread(target=call, args=given, name="compute")
        thread.start()
        thread.join()

    def predict(items):
        threads.append(name())
        return items

    batcher = MicroBatcher(predict, compute=compute, observe=lambda *_: threads.append(name()))
    assert batcher.submit(0).result(10) == 0
    batcher.close()

    assert threads == ["compute", "compute"]


def test_who_waits_is_told_when_nothing_can_be_computed_any_more(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda told: None)

    def compute(call, *given):
        raise RuntimeError("cannot schedule new futures after shutdown")

    batcher = MicroBatcher(lambda items: items, compute=compute)
    visitor = batcher.submit(0)

    with pytest.raises(CancelledError):
        visitor.result(10)
    batcher.close()
    with pytest.raises(CancelledError):
        batcher.submit(1, background=True)
