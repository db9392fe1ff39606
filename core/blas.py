"""How many threads linear algebra may use while something is being fitted, beside pages that are shown."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager

from threadpoolctl import OpenBLASController, get_cached_controller

# The others are for the visitors.
THREADS = max(1, (os.cpu_count() or 2) // 2)

_lock = threading.Lock()
_open: list[int] = []
_before: dict[str, int] = {}
"""What each library had, by its path, when a limit that is open met it first."""


@contextmanager
def blas_threads(count: int = THREADS) -> Generator[None]:
    """Within this context BLAS uses at most so many threads, in the whole process.

    Contexts may overlap in any order: the narrowest that is open holds, and with the last one the limit goes.
    """
    # A BLAS on OpenMP, as faiss brings it, and MKL have a number for each thread: what is limited, saved and put
    # back there is this thread's alone.
    of_this_thread = get_cached_controller().select(threading_layer="openmp", internal_api="mkl")
    with of_this_thread.limit(limits=count, user_api="blas"):
        with _lock:
            _open.append(count)
            _limit()
        try:
            yield
        finally:
            with _lock:
                _open.remove(count)
                _limit()


def _limit() -> None:
    """Bring every BLAS with threads of its own that is loaded by now to the narrowest limit, or back."""
    # These, NumPy's and SciPy's, have one number for the process. threadpoolctl lets only the thread that set it
    # first change it, and passes over the others in silence; here they take turns.
    OpenBLASController.clear_controlling_thread(force=True)
    for library in get_cached_controller().select(threading_layer="pthreads").lib_controllers:
        before = _before.setdefault(library.filepath, library.num_threads)
        library.set_num_threads(min([before, *_open]))
    OpenBLASController.clear_controlling_thread(force=True)
    if not _open:
        _before.clear()
