"""A batch shared out over the cores: each thread computes its part alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.device import use_one_core


class SideBySide:
    """Answers large batches in parts, one per core, each with one thread.

    Small networks gain little when many threads share a layer, for they wait for each other after each; parts of a
    batch hardly meet. Fewer items than cores are answered in one part, by all threads of torch.
    """

    def __init__(self, predict: Callable[[list], list], *, cores: int) -> None:
        self._predict = predict
        self._cores = cores
        self._threads = ThreadPoolExecutor(cores, "part", use_one_core) if cores > 1 else None

    def answer(self, items: list) -> list:
        """The results for `items`, in order; whatever a part raises is raised."""
        if self._threads is None or len(items) < self._cores:
            return self._predict(items)
        bounds = [len(items) * part // self._cores for part in range(self._cores + 1)]
        parts = [items[start:end] for start, end in zip(bounds, bounds[1:], strict=False)]
        return [result for results in self._threads.map(self._predict, parts) for result in results]

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
