"""What is hidden from the recommenders to see whether they find it."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.errors import N_, InvalidInputError
from core.scenarios.recommendation.interactions import Interactions

SPLITS = ("user-random-80-20", "leave-last-out")


@dataclass(frozen=True, eq=False)
class Split:
    """The same users and items twice: what is learned from, and what is to be found."""

    train: Interactions
    held_out: Interactions


def split_by(interactions: Interactions, kind: str, seed: int) -> Split:
    """The split of this name. Raises InvalidInputError for another name, or where times are needed and not known."""
    if kind not in SPLITS:
        message = N_('There is no split "{name}". Choose one of: {names}.')
        raise InvalidInputError(message, name=kind[:40], names=", ".join(SPLITS))
    return random_split(interactions, seed=seed) if kind == SPLITS[0] else leave_last_out(interactions)


def random_split(interactions: Interactions, *, held_out: float = 0.2, seed: int = 42) -> Split:
    """Of each user's items a random share is held out, rounded down: who has few keeps them all."""
    rng = np.random.default_rng(seed)
    starts = interactions.matrix.indptr
    hidden = np.zeros(interactions.count, dtype=bool)
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        hidden[start + rng.permutation(end - start)[: int(held_out * (end - start))]] = True
    return _split(interactions, hidden)


def leave_last_out(interactions: Interactions) -> Split:
    """Each user's newest item is held out, but not their only one. Raises InvalidInputError where times are unknown."""
    if interactions.times is None:
        message = N_(
            "Leave-last-out needs to know what came last, and this data set has no times. Choose a random split."
        )
        raise InvalidInputError(message)
    starts = interactions.matrix.indptr
    hidden = np.zeros(interactions.count, dtype=bool)
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        if end - start > 1:
            hidden[start + np.argmax(interactions.times[start:end])] = True
    return _split(interactions, hidden)


def _split(interactions: Interactions, hidden: np.ndarray) -> Split:
    return Split(_part(interactions, ~hidden), _part(interactions, hidden))


def _part(interactions: Interactions, kept: np.ndarray) -> Interactions:
    rows, columns = interactions.matrix.nonzero()
    values = interactions.matrix.data[kept]
    matrix = sparse.csr_array((values, (rows[kept], columns[kept])), shape=interactions.matrix.shape)
    times = None if interactions.times is None else interactions.times[kept]
    return Interactions(interactions.users, interactions.items, matrix, times)
