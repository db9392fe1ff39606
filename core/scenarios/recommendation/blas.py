"""How many threads linear algebra may use while a recommender is being fitted, beside pages that are shown."""

import os

from threadpoolctl import threadpool_limits

# The others are for the visitors.
THREADS = max(1, (os.cpu_count() or 2) // 2)


def blas_threads(count: int = THREADS) -> threadpool_limits:
    """Within this context BLAS uses at most so many threads."""
    return threadpool_limits(count, user_api="blas")
