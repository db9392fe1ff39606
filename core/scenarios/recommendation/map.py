"""A map of the catalogue: item vectors in two dimensions, and a visitor's taste among them.

The map is linear (principal components), so that a taste has one honest place in it: the taste is the mean of the liked
items' vectors, and its place is the mean of their places. Maps that look tidier (t-SNE, UMAP) have no such place.
"""

from dataclasses import dataclass

import numpy as np


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
    centre = vectors.mean(axis=0, dtype=np.float64)
    spread = np.cov(vectors, rowvar=False, bias=True, dtype=np.float64)
    variances, directions = np.linalg.eigh(np.atleast_2d(spread))
    axes = directions[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    total = max(float(variances.sum()), 1e-12)
    return Projection(vectors @ axes - centre @ axes, centre, axes, float(variances[-2:].sum() / total))
