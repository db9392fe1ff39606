"""The nearest of a million vectors, by inner product, without reading all of them: faiss behind two functions.

All vectors are looked at, but in codes of four bits for every few numbers (product quantization, Jegou et al. 2011),
compared in registers (Andre et al. 2015). Lists around centres were tried and rejected: a taste is the mean of
several items, so what is nearest to it lies around many centres, and an eighth of all lists had 0.83 of it.
"""

from collections.abc import Generator

import faiss
import numpy as np

from core.types import Progress

# Up to here, looking at all of them is as quick and always right.
MIN_ITEMS = 100_000
# Enough that nearly all of the best are among the candidates, few enough to compare a million in some milliseconds.
CODES = 96
BITS = 4
TRAINED_ON = 20_000
ROWS_PER_STEP = 20_000
SEED = 42
# Codes bring the order a little out of step: so many more are taken than are wanted, and then scored exactly.
MORE = 800


class Index:
    """Vectors in codes, some 50 bytes each."""

    def __init__(self, codes: faiss.Index) -> None:
        self._codes = codes

    def search(self, query: np.ndarray, count: int) -> np.ndarray:
        """The numbers of items, ascending, that have nearly all of the `count` largest inner products with `query`.

        There are some more of them than that, to be scored exactly.
        """
        wanted = min(count + MORE, self._codes.ntotal)
        _products, found = self._codes.search(query.astype(np.float32)[None], wanted)
        return np.sort(found[0][found[0] >= 0])


def build_index(vectors: np.ndarray) -> Generator[Progress, None, Index]:
    """An index of all rows of `vectors` (items, dimensions); yields Progress in items."""
    items, dimensions = vectors.shape
    yield Progress(0, items, "items")
    # Of this thread alone. Several would wait for each other beside other work, and one takes seconds.
    faiss.omp_set_num_threads(1)
    codes = faiss.IndexPQFastScan(dimensions, _code_count(dimensions), BITS, faiss.METRIC_INNER_PRODUCT)
    rows = np.random.default_rng(SEED).choice(items, min(TRAINED_ON, items), replace=False)
    codes.train(vectors[np.sort(rows)].astype(np.float32))
    for start in range(0, items, ROWS_PER_STEP):
        codes.add(vectors[start : start + ROWS_PER_STEP].astype(np.float32))
        yield Progress(min(start + ROWS_PER_STEP, items), items, "items")
    return Index(codes)


def _code_count(dimensions: int) -> int:
    """The smallest number of codes from CODES on that divides the dimensions; all of these where there are fewer."""
    return next((count for count in range(CODES, dimensions) if not dimensions % count), dimensions)
