"""The nearest of a million vectors, by inner product, without looking at all of them: faiss behind two functions."""

from collections.abc import Generator

import faiss
import numpy as np

from core.scenarios.recommendation.blas import THREADS
from core.types import Progress

# Up to here, looking at all of them is as quick and always right.
MIN_ITEMS = 100_000
LISTS = 4096
PROBES = 128
TRAINED_ON = 131_072
ROWS_PER_STEP = 20_000
SEED = 42


class Index:
    """Vectors in lists around centres, in 8 bits a number; a search looks into the lists nearest to the query."""

    def __init__(self, built: faiss.Index) -> None:
        self._built = built

    def search(self, query: np.ndarray, count: int) -> np.ndarray:
        """The numbers of about the `count` largest inner products with `query`, ascending: candidates, no ranking."""
        _products, found = self._built.search(query.astype(np.float32)[None], count)
        return np.sort(found[0][found[0] >= 0])


def build_index(vectors: np.ndarray) -> Generator[Progress, None, Index]:
    """An index of all rows of `vectors` (items, dimensions); yields Progress in items."""
    yield Progress(0, len(vectors), "items")
    rng = np.random.default_rng(SEED)
    sample = rng.choice(len(vectors), min(TRAINED_ON, len(vectors)), replace=False)
    built = faiss.index_factory(vectors.shape[1], f"IVF{LISTS},SQ8", faiss.METRIC_INNER_PRODUCT)
    built.nprobe = PROBES
    faiss.omp_set_num_threads(THREADS)
    built.train(vectors[np.sort(sample)].astype(np.float32))
    for start in range(0, len(vectors), ROWS_PER_STEP):
        built.add(vectors[start : start + ROWS_PER_STEP].astype(np.float32))
        yield Progress(min(start + ROWS_PER_STEP, len(vectors)), len(vectors), "items")
    return Index(built)
