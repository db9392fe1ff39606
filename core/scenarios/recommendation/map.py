"""A map of the catalogue: item vectors in two dimensions, and a visitor's taste among them.

The map is linear (principal components), so that a taste has one honest place in it: the taste is the mean of the liked
items' vectors, and its place is the mean of their places. Maps that look tidier (t-SNE, UMAP) have no such place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class Projection:
    """`points` (items, 2); `explained` is the share (0 to 1) of what sets the items apart that two dimensions keep."""

    points: np.ndarray
    centre: np.ndarray
    axes: np.ndarray
    explained: float

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """The place (2,) of a taste, given the vectors (liked, dimensions) of what was liked; at least one."""
        return (vectors.mean(axis=0, dtype=np.float64) - self.centre) @ self.axes


def project(vectors: np.ndarray) -> Projection:
    """The two directions in which the vectors (items, dimensions) differ most, each with its largest part positive."""
    centre, spread = _moments(vectors)
    variances, directions = np.linalg.eigh(spread)
    axes = directions[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    points = [block.astype(np.float64) @ axes - centre @ axes for block in _blocks(vectors)]
    total = max(float(variances.sum()), 1e-12)
    return Projection(np.concatenate(points), centre, axes, max(0.0, float(variances[-2:].sum() / total)))


def _moments(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (dimensions,) and covariance (dimensions, dimensions), without a copy of all vectors."""
    centre = np.mean(vectors, axis=0, dtype=np.float64)
    moved = (block.astype(np.float64) - centre for block in _blocks(vectors))
    return centre, sum(block.T @ block for block in moved) / len(vectors)


def _blocks(vectors: np.ndarray) -> Iterator[np.ndarray]:
    return (vectors[start : start + BLOCK_ROWS] for start in range(0, len(vectors), BLOCK_ROWS))
