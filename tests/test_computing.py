"""Where calls compute: all on one thread, beside it while that one is at work."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.computing import Computing, at_once
from core.device import Device


@pytest.fixture
def computing():
    computing = Computing()
    yield computing
    computing.close()


def name_of_thread() -> str:
    return threading.current_thread().name


def test_calls_after_each_other_compute_on_the_same_thread(computing):
    threads = {computing.run(threading.get_ident) for _ in range(20)}

    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_call_that_finds_the_thread_at_work_computes_beside_it_on_one_core(computing):
    begun, may_end = threading.Event(), threading.Event()

    def long() -> str:
        begun.set()
        assert may_end.wait(10)
        return name_of_thread()

    found = []
    first = threading.Thread(target=lambda: found.append(computing.run(long)))
    first.start()
    assert begun.wait(10)
    beside = computing.run(lambda: (name_of_thread(), torch.get_num_threads()))
    may_end.set()
    first.join(10)

    assert beside == ("compute-beside_0", 1)
    assert found == ["compute_0"]
    assert computing.run(name_of_thread) == "compute_0"


def test_who_was_just_told_of_an_answer_computes_on_the_same_thread(computing, monkeypatch):
    monkeypatch.setattr("core.computing.SETTLES_S", 10)
    was_told = threading.Event()

    def tell():
        was_told.set()
        return name_of_thread()

    with ThreadPoolExecutor(1) as other:
        first = other.submit(computing.run, tell)
        assert was_told.wait(10)
        assert computing.run(name_of_thread) == first.result(10) == "compute_0"


@pytest.mark.parametrize("busy", [False, True])
def test_an_error_reaches_the_caller_and_the_next_call_computes(computing, busy):
    def fail() -> None:
        raise ValueError("this one")

    def ask() -> None:
        with pytest.raises(ValueError, match="this one"):
            computing.run(fail)

    if busy:
        computing.run(ask)  # from within: the thread is at work
    else:
        ask()

    assert computing.run(name_of_thread) == "compute_0"


def test_only_the_processor_is_shared(computing):
    devices = [Device(name, name, "float32", 1.0) for name in ("cpu", "cuda", "mps", "remote")]

    assert [computing.on(device) == computing.run for device in devices] == [True, False, False, False]
    assert computing.on(devices[1])(name_of_thread) == name_of_thread()
    assert at_once(divmod, 7, 3) == (2, 1)
