"""Python's collector and the models: those that are loaded stay out of its way, those that have left are found."""

import ctypes
import gc
import sys
import threading


class Garbage:
    """When to collect around the models of one pool; every method may be called from any thread.

    With torch imported the collector has half a million objects to walk, and the whole process stops for 0.3 s. So a
    collection sets aside what is alive after it, and the next ones leave that out. A model is full of cycles: once
    it has left, only a collection of everything gives its memory back, and there is one for each time that models
    leave.
    """

    def __init__(self) -> None:
        self._has_left = False
        self._lock = threading.Lock()

    def left(self) -> None:
        """A model has left, and nothing of it is in use any more: the next collection is of everything."""
        self._has_left = True

    def collect(self) -> None:
        """Collect now, and set aside what is alive."""
        with self._lock:
            self._collect()

    def collect_left_soon(self) -> None:
        """Collect on a thread of its own what has left, unless somebody else does it before."""
        threading.Thread(target=self._collect_left, name="collect", daemon=True).start()

    def _collect_left(self) -> None:
        with self._lock:
            if self._has_left:
                self._collect()

    def _collect(self) -> None:
        has_left, self._has_left = self._has_left, False
        if has_left:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        if has_left:
            _give_back()


def _give_back() -> None:
    """Return what is free to the system: glibc would keep the most of a model that has left. Takes some 5 ms."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
