"""Teach classes of one's own: a few pictures of each, a model's features, and logistic regression over them."""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence

import numpy as np

from core.blas import blas_threads
from core.catalog import ModelSpec
from core.errors import N_, InputTooLargeError, InvalidInputError
from core.limits import MAX_CLASSES, MAX_EXAMPLES, MAX_PICTURE_LABEL_CHARS
from core.pictures.decoding import Picture
from core.pool import ModelPool
from core.scenarios.images.chunks import chunks
from core.scenarios.images.models import labels_for_features
from core.scenarios.images.taught import HeldOut, Taught, unit
from core.types import ImageItem, Progress

MIN_CLASSES, MIN_EXAMPLES = 2, 2
# Up to here each example is left out alone, which is a fit per example; beyond, a twentieth of them at a time.
ONE_BY_ONE, ROUNDS = 60, 20
POLL_S = 0.1
# How freely the fit may follow the examples, once they lie at a distance of 1 from their middle. Chosen with an
# everyday model on five-class, five-picture tasks out of the training pictures of the Grocery Store data set:
# the best accuracy (0.77) and calibration error (0.02) of 0.1 ... 300.
C = 100.0
# This share of the examples is farther from its nearest fellow than what still counts as known. On the same tasks
# that calls 94 % of new pictures of the classes known, and 26 % of those of other groceries unknown.
LONELY = 0.1

Named = tuple[str, Picture]
"""A class and a picture of it."""
Vectors = dict[str, list[np.ndarray]]
"""The features of each class's pictures."""


def teach(
    models: ModelPool, spec: ModelSpec, examples: Iterable[Named | None], *, total: int
) -> Generator[Progress, None, Taught]:
    """Learn classes from examples in any order, of which there are about `total`; no picture is kept.

    None among the examples is nothing yet. Yields after each that was read ("pictures"), then after each fit
    ("rounds"), of which many examples of many classes need some seconds each.
    Raises InvalidInputError when there are too few or too many classes or pictures, what the pool raises.
    """
    loading = models.load(spec.model_id)
    while not loading.wait(POLL_S):
        yield Progress(0, total, "pictures")
    vectors: dict[str, list[np.ndarray]] = {}
    for chunk in chunks(examples):
        features = _features(models, spec, chunk) if chunk else []
        for (name, _), found in zip(chunk, features, strict=True):
            vectors.setdefault(name, []).append(found)
        _check_bounds(vectors)
        yield Progress(sum(map(len, vectors.values())), total, "pictures")
    _check_enough(vectors)
    owners = np.repeat(np.arange(len(vectors)), [len(own) for own in vectors.values()])
    together = np.concatenate([np.array(own) for own in vectors.values()])
    return (yield from fit(tuple(vectors), unit(together), owners, model_id=spec.model_id))


def fit(
    names: tuple[str, ...], vectors: np.ndarray, owners: np.ndarray, *, model_id: str
) -> Generator[Progress, None, Taught]:
    """The classes learnt from vectors (count, dim) of length one; `owners` are the numbers of their classes."""
    held_out = yield from _held_out(vectors, owners)
    weights, biases = _logistic(vectors, owners)
    yield Progress(held_out.rounds + 1, held_out.rounds + 1, "rounds")
    counts = Counter(owners.tolist())
    return Taught(
        names=names,
        counts=tuple(counts[number] for number in range(len(names))),
        model_id=model_id,
        examples=vectors,
        weights=weights,
        biases=biases,
        unknown_below=_likeness_asked_for(vectors, owners),
        held_out=held_out,
    )


def _features(models: ModelPool, spec: ModelSpec, examples: Sequence[Named]) -> list[np.ndarray]:
    labels = labels_for_features(spec)
    items = [ImageItem(picture.pixels, labels=labels) for _, picture in examples]
    found = [scores.features for scores in models.predict_many(spec, items)]
    if any(features is None for features in found):
        message = N_("{model} gives no features to learn from. Choose another model.")
        raise InvalidInputError(message, model=spec.title)
    return found


def _logistic(vectors: np.ndarray, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (classes, dim) and biases (classes,)."""
    from sklearn.linear_model import LogisticRegression  # takes half a second; only teaching needs it

    middle = vectors.mean(axis=0)
    scale = max(1e-9, float(np.sqrt(((vectors - middle) ** 2).sum(axis=1).mean())))
    # The products are small: more threads would wait for each other, and take the cores from the models.
    with blas_threads(1):
        fitted = LogisticRegression(C=C, max_iter=500).fit((vectors - middle) / scale, owners)
    weights, biases = fitted.coef_ / scale, fitted.intercept_
    if len(weights) == 1:  # of two classes it says the second's odds alone
        weights, biases = np.vstack([np.zeros_like(weights), weights]), np.array([0.0, biases[0]])
    return weights, biases - weights @ middle


def _held_out(vectors: np.ndarray, owners: np.ndarray) -> Generator[Progress, None, HeldOut]:
    """Judge each example by a fit without it; the last of the steps is left to the fit with all of them."""
    total = len(owners)
    rounds = total if total <= ONE_BY_ONE else ROUNDS
    # The classes follow each other, so that every n-th example is of as many classes as possible.
    turns, right = np.arange(total) % rounds, 0
    for turn in range(rounds):
        yield Progress(turn, rounds + 1, "rounds")
        left_out, kept = np.flatnonzero(turns == turn), np.flatnonzero(turns != turn)
        weights, biases = _logistic(vectors[kept], owners[kept])
        chosen = (vectors[left_out] @ weights.T + biases).argmax(axis=1)
        right += int((chosen == owners[left_out]).sum())
    yield Progress(rounds, rounds + 1, "rounds")
    return HeldOut(right, total, rounds)


def _likeness_asked_for(vectors: np.ndarray, owners: np.ndarray) -> float:
    """The cosine to the nearest fellow of the same class that all but LONELY of the examples reach."""
    cosines = vectors @ vectors.T
    cosines[owners[:, None] != owners[None, :]] = -1.0
    np.fill_diagonal(cosines, -1.0)
    return float(np.quantile(cosines.max(axis=1), LONELY))


def _check_bounds(examples: Vectors) -> None:
    if len(examples) > MAX_CLASSES:
        raise _wrong_count(examples)
    for name, own in examples.items():
        if not name.strip():
            raise InvalidInputError(N_("Give every class a name."))
        if len(name) > MAX_PICTURE_LABEL_CHARS:
            message = N_("Keep each label under {limit} characters (one has {count}).")
            raise InvalidInputError(message, limit=MAX_PICTURE_LABEL_CHARS, count=len(name))
        if len(own) > MAX_EXAMPLES:
            message = N_("Give at most {limit} pictures of a class ({name} has more).")
            raise InputTooLargeError(message, limit=MAX_EXAMPLES, name=name)


def _check_enough(examples: Vectors) -> None:
    if len(examples) < MIN_CLASSES:
        raise _wrong_count(examples)
    for name, own in examples.items():
        if len(own) < MIN_EXAMPLES:
            message = N_(
                "Give at least {least} pictures of each class ({name} has {count}); five are better."
            )
            raise InvalidInputError(message, least=MIN_EXAMPLES, name=name, count=len(own))


def _wrong_count(examples: Vectors) -> InvalidInputError:
    message = N_("Give {least} to {most} classes to tell apart (these are {count}).")
    return InvalidInputError(message, least=MIN_CLASSES, most=MAX_CLASSES, count=len(examples))
