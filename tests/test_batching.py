"""The batcher: real threads, no model."""

import threading
from concurrent.futures import CancelledError

import pytest

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
