"""Studies through the models: is it a frontal chest X-ray, how likely is the finding, how sure is that."""

import time
from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np

from core.calibration import Calibration
from core.catalog import ModelSpec
from core.pool import ModelPool
from core.scenarios.triage import gate
from core.scenarios.triage.degenerate import Answers, check_copies, check_scores
from core.scenarios.triage.findings import score_of
from core.scenarios.triage.studies import Reading, Spread, Study
from core.scenarios.triage.uncertainty import copies
from core.types import ImageItem, ImageScores, ModelUse, Progress

KIND, CHEST = "picture-kind", "chest-xray"


def calibration_of(models: ModelPool) -> Calibration:
    """The calibration of the model that reads chest X-rays now. Raises ModelLoadError when there is none."""
    return models.calibration(models.pick(CHEST))


def triage(
    models: ModelPool, received: Sequence[Study], *, done: list[Study]
) -> Generator[Progress, None, None]:
    """Have the models look at what was received, one after the other, and append each study to `done`.

    What is in `done` already is not looked at again. Raises InferenceError when a model answers with what cannot
    be its answer, and whatever the pool raises.
    """
    total, answers = len(received), Answers(done)
    while len(done) < total:
        yield Progress(len(done), total, "studies")
        study = received[len(done)]
        if not study.refusal:
            pixels = study.pixels
            study = _looked_at(models, study, pixels)
            answers.add(study, pixels)
        done.append(study)
    yield Progress(total, total, "studies")


def _looked_at(models: ModelPool, study: Study, pixels: np.ndarray) -> Study:
    kind = models.pick(KIND)
    scores: ImageScores = models.predict(kind, ImageItem(pixels))
    check_scores(scores)
    if refusal := gate.refuse_kind(scores, models.calibration(kind)):
        return replace(study, refusal=refusal)
    return replace(study, reading=_reading(models, pixels))


def _reading(models: ModelPool, pixels: np.ndarray) -> Reading:
    """Of the picture and its copies, in one batch."""
    started_s = time.perf_counter()
    spec = models.pick(CHEST)
    pictures = [pixels, *copies(pixels)]
    answers: list[ImageScores] = models.predict_many(spec, [ImageItem(picture) for picture in pictures])
    for answer in answers:
        check_scores(answer)
    check_copies(pictures, answers)
    score, parts, target = score_of(answers[0])
    return Reading(
        score=score,
        parts=parts,
        target=target,
        spread=Spread(tuple(score_of(answer)[0] for answer in answers[1:])),
        energy=answers[0].energy,
        model=_use(models, spec, started_s),
        revision=_revision(models, spec),
    )


def _use(models: ModelPool, spec: ModelSpec, started_s: float) -> ModelUse:
    return models.use(spec, 1000 * (time.perf_counter() - started_s))


def _revision(models: ModelPool, spec: ModelSpec) -> str:
    """What was loaded: a commit of the hub, or the beginning of the bundled weights' checksum."""
    status = next(status for status in models.status() if status.spec == spec)
    checksum = spec.sha256.get("model.safetensors", "")[:12]
    return status.revision or spec.revision or checksum


def heat(models: ModelPool, study: Study) -> ImageScores:
    """The scores once more, with the map of what speaks for the finding's likeliest part."""
    item = ImageItem(study.pixels, wants_saliency=True, target=study.reading.target)
    return models.predict(models.catalog.spec(study.reading.model.model_id), item)
