"""Which thread a network computes on: one that all models share while it is free, so that the cores stay awake."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.device import Device, use_one_core

Compute = Callable[..., Any]
"""`compute(call, *given)` gives or raises what `call(*given)` does."""
# How often GNU OpenMP's idle threads look for work before they sleep: for some 0.2 ms. Its own default, 3 ms, keeps
# the cores from everybody else. It is read when torch is imported.
LOOKS_FOR_WORK = "20000"
# Who hears of an answer may ask the next model before this one's thread is known to be free; that takes some 0.1 ms.
SETTLES_S = 0.0005
# A model has one call at a time; more than are ever in memory together.
MODELS_AT_ONCE = 64


class Computing:
    """Runs what all models of a process compute; may be called from any thread, and answers in it.

    OpenMP keeps a team of threads, one per core, for each thread that ever computed. Once the teams together have
    more members than there are cores, every member sleeps after each layer, and to wake it up takes longer than a
    small layer does. So the thread "compute" has the one team that stays. A call that finds it at work computes beside
    it without a team: models do not wait for each other.
    """

    def __init__(self) -> None:
        os.environ.setdefault("GOMP_SPINCOUNT", LOOKS_FOR_WORK)
        self._is_free = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "compute")
        self._beside = ThreadPoolExecutor(MODELS_AT_ONCE, "compute-beside", use_one_core)

    def on(self, device: Device) -> Compute:
        """How to compute there: other devices have queues of their own."""
        return self.run if device.name == "cpu" else at_once

    def run(self, call: Callable[..., Any], *given: Any) -> Any:
        """What `call(*given)` gives or raises."""
        if not self._is_free.acquire(timeout=SETTLES_S):
            return self._beside.submit(call, *given).result()
        try:
            return self._thread.submit(call, *given).result()
        finally:
            self._is_free.release()

    def close(self) -> None:
        """End the threads, after the calls that run."""
        self._thread.shutdown()
        self._beside.shutdown()


def at_once(call: Callable[..., Any], *given: Any) -> Any:
    """Compute in the caller's thread."""
    return call(*given)
