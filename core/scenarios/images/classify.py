"""Pictures in, labels out: with calibrated scores, a verdict whether the picture is known at all, and the reason."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.catalog import ModelSpec
from core.errors import N_, InvalidInputError
from core.limits import MAX_OWN_LABELS, MAX_PICTURE_LABEL_CHARS, MAX_TOP_K
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.pool import ModelPool
from core.scenarios.deletion import deletion_check
from core.scenarios.images.chunks import chunks
from core.scenarios.images.models import labels_for_features, takes_labels
from core.scenarios.images.results import Classified, Explanation, Label, Verdict
from core.scenarios.images.taught import Taught
from core.scenarios.images.thumbnails import thumbnail
from core.types import ImageItem, ImageScores

POLL_S = 0.1
Seen = Classified | Refused


@dataclass(frozen=True, eq=False)
class Classifier:
    """A model, and what it is to choose from: its own labels, the visitor's, or classes taught by examples."""

    spec: ModelSpec
    labels: tuple[str, ...] = ()
    taught: Taught | None = None

    def __post_init__(self) -> None:
        if takes_labels(self.spec) and not self.taught:
            _check_labels(self.labels)
        elif self.labels:
            message = N_("{model} knows its own labels and takes no others. Leave the labels out.")
            raise InvalidInputError(message, model=self.spec.title)


def classify(
    models: ModelPool,
    classifier: Classifier,
    pictures: Iterable[Picture | Refused | None],
    *,
    thumbnails: bool = False,
) -> Generator[tuple[Seen, ...], None, None]:
    """What is in each picture, in order, a few at a time; a file that was refused stays as it is.

    Yields () at least every 0.2 s while the model is being loaded, and after each picture that was read; None among
    the pictures is nothing yet. With `thumbnails`, which take longer than the model, each result has a small copy.
    Raises what the pool raises, and what reading the pictures does.
    """
    loading = models.load(classifier.spec.model_id)
    while not loading.wait(POLL_S):
        yield ()
    for chunk in chunks(pictures):
        yield _looked_at(models, classifier, chunk, thumbnails=thumbnails) if chunk else ()


def explain(
    models: ModelPool, classifier: Classifier, picture: Picture, *, label: str | None = None
) -> Explanation | None:
    """Where the model looks for `label` (the likeliest where none is given), checked by taking that part away.

    None for taught classes, and when the model cannot say.
    """
    if classifier.taught:
        return None
    spec, labels, pixels = classifier.spec, classifier.labels, picture.pixels
    target = _number(models, classifier, pixels, label)
    found = models.predict(spec, ImageItem(pixels, wants_saliency=True, target=target, labels=labels))
    if found.saliency is None or found.seen is None:
        return None
    number = int(found.scores.argmax()) if target is None else target
    check = deletion_check(models, spec, found.seen, found.saliency, number, labels=labels)
    chosen = Label(found.labels[number], float(found.scores[number]))
    return Explanation(chosen, found.seen, found.saliency, check)


def _looked_at(
    models: ModelPool, classifier: Classifier, chunk: Sequence[Picture | Refused], *, thumbnails: bool
) -> tuple[Seen, ...]:
    pictures = [each for each in chunk if isinstance(each, Picture)]
    labels = labels_for_features(classifier.spec) if classifier.taught else classifier.labels
    items = [ImageItem(each.pixels, labels=labels) for each in pictures]
    started_s = time.perf_counter()
    scores = models.predict_many(classifier.spec, items) if items else []
    elapsed_ms = 1000 * (time.perf_counter() - started_s) / max(1, len(items))
    results = _results(models, classifier, pictures, scores, elapsed_ms, thumbnails=thumbnails)
    return tuple(next(results) if isinstance(each, Picture) else each for each in chunk)


def _results(
    models: ModelPool,
    classifier: Classifier,
    pictures: Sequence[Picture],
    scores: Sequence[ImageScores],
    elapsed_ms: float,
    *,
    thumbnails: bool,
) -> Iterator[Classified]:
    spec = classifier.spec
    threshold = _threshold(models, classifier)
    for picture, found in zip(pictures, scores, strict=True):
        labels, likeness = _judged(classifier, found)
        yield Classified(
            name=picture.name,
            width_px=picture.width_px,
            height_px=picture.height_px,
            labels=labels,
            verdict=_verdict(likeness, threshold),
            likeness=likeness,
            unknown_below=threshold,
            model=models.use(spec, elapsed_ms),
            thumbnail=thumbnail(picture.pixels) if thumbnails else "",
        )


def _judged(classifier: Classifier, found: ImageScores) -> tuple[tuple[Label, ...], float]:
    """The likeliest labels, and how like the known pictures this one is."""
    if taught := classifier.taught:
        chances, nearest = taught.judge(found.features)
        return _best(taught.names, chances), nearest
    return _best(found.labels, found.scores), found.energy


def _best(names: Sequence[str], scores: np.ndarray) -> tuple[Label, ...]:
    order = np.argsort(-scores, kind="stable")[:MAX_TOP_K]
    return tuple(Label(names[number], float(scores[number])) for number in order)


def _threshold(models: ModelPool, classifier: Classifier) -> float | None:
    if classifier.taught:
        return classifier.taught.unknown_below
    return None if classifier.labels else models.calibration(classifier.spec).unknown_below


def _verdict(likeness: float, threshold: float | None) -> Verdict:
    if threshold is None:
        return Verdict.UNCHECKED
    return Verdict.UNKNOWN if likeness < threshold else Verdict.KNOWN


def _number(models: ModelPool, classifier: Classifier, pixels: np.ndarray, label: str | None) -> int | None:
    """Which of the labels this is; None for the likeliest."""
    if label is None:
        return None
    known = classifier.labels or models.predict(classifier.spec, ImageItem(pixels)).labels
    return known.index(label)


def _check_labels(labels: tuple[str, ...]) -> None:
    if not 2 <= len(labels) <= MAX_OWN_LABELS or len(set(labels)) < len(labels):
        message = N_("Give 2 to {limit} different labels to choose from (these are {count}).")
        raise InvalidInputError(message, limit=MAX_OWN_LABELS, count=len(set(labels)))
    if longest := next((label for label in labels if len(label) > MAX_PICTURE_LABEL_CHARS), None):
        message = N_("Keep each label under {limit} characters (one has {count}).")
        raise InvalidInputError(message, limit=MAX_PICTURE_LABEL_CHARS, count=len(longest))
