"""How many threads BLAS may use: the narrowest limit that is open, and in the end what it was."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy  # noqa: F401  brings a BLAS
import pytest
from threadpoolctl import OpenBLASController, ThreadpoolController, threadpool_limits

from core.blas import blas_threads

WAIT_S = 30
LATER = """
from threadpoolctl import threadpool_info
from core.blas import blas_threads
import numpy
with blas_threads(1):
    import scipy.linalg
    with blas_threads(1):
        print([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"])
print([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"])
"""


@pytest.fixture
def threads():
    """The numbers of threads that the process has; three, whatever the machine has and other tests left."""
    OpenBLASController.clear_controlling_thread(force=True)
    with threadpool_limits(3, user_api="blas"):
        yield lambda: numbers("pthreads")


def numbers(threading_layer):
    """What every BLAS of this kind has, asked in this thread."""
    libraries = ThreadpoolController().select(threading_layer=threading_layer).lib_controllers
    return {library.num_threads for library in libraries}


def test_limits_that_overlap_in_two_threads_leave_nothing_behind(threads):
    second_is_in, first_is_out = threading.Event(), threading.Event()
    seen = {}

    def second():
        with blas_threads(2):
            seen["both"] = threads()
            second_is_in.set()
            assert first_is_out.wait(WAIT_S)
            seen["second"] = threads()

    with ThreadPoolExecutor() as pool:
        with blas_threads(1):
            running = pool.submit(second)
            assert second_is_in.wait(WAIT_S)
        first_is_out.set()
        running.result(WAIT_S)

    assert seen == {"both": {1}, "second": {2}}
    assert threads() == {3}


def test_a_narrower_limit_of_another_thread_holds_at_once(threads):
    def narrower():
        with blas_threads(1):
            return threads()

    with ThreadPoolExecutor() as pool, blas_threads(2):
        assert pool.submit(narrower).result(WAIT_S) == {1}
        assert threads() == {2}
    assert threads() == {3}


def test_a_wider_limit_within_a_narrow_one_changes_nothing(threads):
    with blas_threads(1):
        with blas_threads(2):
            assert threads() == {1}
        assert threads() == {1}
    assert threads() == {3}


def test_a_limit_never_gives_more_threads_than_there_were(threads):
    with blas_threads(64):
        assert threads() == {3}


def test_a_limit_goes_with_the_error_that_leaves_it(threads):
    with pytest.raises(ZeroDivisionError), blas_threads(1):
        _ = 1 / 0

    assert threads() == {3}


def test_a_library_with_a_number_for_each_thread_is_limited_in_this_one_alone():
    pytest.importorskip("faiss")
    other = ThreadPoolExecutor(1, initializer=threadpool_limits, initargs=(2, "openmp"))

    with other, threadpool_limits(3, user_api="openmp"):
        with blas_threads(1):
            assert numbers("openmp") == {1}
            assert other.submit(numbers, "openmp").result(WAIT_S) == {2}
        assert numbers("openmp") == {3}


def test_a_library_that_is_loaded_within_a_limit_gets_its_own_number_back():
    known = os.environ | {"OPENBLAS_NUM_THREADS": "2"}

    ran = subprocess.run([sys.executable, "-c", LATER], env=known, capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines() == ["[1, 1]", "[2, 2]"]
