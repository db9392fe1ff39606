"""The nearest of a million vectors, by inner product, without looking at all of them: faiss behind two functions."""

from collections.abc import Generator

import faiss
import numpy as np

from core.scenarios.recommendation.blas import THREADS
from core.types import Progress

# Up to here, looking at all of them is as quick and always right.
MIN_ITEMS = 100_000
ROUNDS = 10
# Of all lists, one in so many is looked into.
PROBED = 32
TRAINED_PER_LIST = 32
ROWS_PER_STEP = 20_000
SEED = 42


class Index:
    """Vectors in lists around centres, in 8 bits a number; a search looks into the lists nearest to the query."""

    def __init__(self, built: faiss.Index) -> None:
        self._built = built

    def search(self, query: np.ndarray, count: int) -> np.ndarray:
        """The numbers of about the `count` largest inner products with `query`, ascending: candidates, no ranking.

        Where the nearest lists have fewer items than that, more lists are looked into.
        """
        probes, wanted = self._built.nprobe, min(count, self._built.ntotal)
        while True:
            chosen = faiss.SearchParametersIVF(nprobe=probes)
            _products, found = self._built.search(query.astype(np.float32)[None], wanted, params=chosen)
            found = found[0][found[0] >= 0]
            if len(found) == wanted or probes >= self._built.nlist:
                return np.sort(found)
            probes = min(4 * probes, self._built.nlist)


def build_index(vectors: np.ndarray) -> Generator[Progress, None, Index]:
    """An index of all rows of `vectors` (items, dimensions); yields Progress in items."""
    items, dimensions = vectors.shape
    lists = round(4 * items**0.5)
    faiss.omp_set_num_threads(THREADS)
    centres = yield from _centres(vectors, lists)
    quantizer = faiss.IndexFlatIP(dimensions)
    quantizer.add(centres)
    kind = faiss.ScalarQuantizer.QT_8bit
    built = faiss.IndexIVFScalarQuantizer(quantizer, dimensions, lists, kind, faiss.METRIC_INNER_PRODUCT)
    built.nprobe = -(-lists // PROBED)
    built.train(_sample(vectors, lists * TRAINED_PER_LIST))
    for start in range(0, items, ROWS_PER_STEP):
        built.add(vectors[start : start + ROWS_PER_STEP].astype(np.float32))
        yield Progress(min(start + ROWS_PER_STEP, items), items, "items")
    return Index(built)


def _centres(vectors: np.ndarray, lists: int) -> Generator[Progress, None, np.ndarray]:
    """Spherical k-means on a sample, one round after the other; yields Progress in steps."""
    sample, dimensions = _sample(vectors, lists * TRAINED_PER_LIST), vectors.shape[1]
    rounds = faiss.Clustering(dimensions, lists)
    rounds.niter, rounds.spherical, rounds.seed, rounds.min_points_per_centroid = 1, True, SEED, 1
    for done in range(ROUNDS):
        yield Progress(done, ROUNDS, "steps")
        # Each call goes on from the centres of the last one.
        rounds.train(sample, faiss.IndexFlatIP(dimensions))
    return faiss.vector_to_array(rounds.centroids).reshape(lists, dimensions)


def _sample(vectors: np.ndarray, count: int) -> np.ndarray:
    rows = np.random.default_rng(SEED).choice(len(vectors), min(count, len(vectors)), replace=False)
    return vectors[np.sort(rows)].astype(np.float32)
