"""Pictures and taught classes as the API says them, in the caller's language."""

import base64
from collections.abc import Sequence

from api.images_schemas import (
    ClassesResponse,
    ClassifyResponse,
    ClassOut,
    DeletionOut,
    FileOut,
    HeldOutOut,
    LabelOut,
    RefusedOut,
    SaliencyOut,
)
from core import locales
from core.belongings import LIFETIME_S
from core.pictures.archives import Refused
from core.pictures.overlay import overlay, png
from core.scenarios.images.classify import Seen
from core.scenarios.images.results import Classified, Explanation
from core.scenarios.images.taught import Taught


def classify_response(
    files: list[FileOut], found: Classified, request_id: str, elapsed_ms: float
) -> ClassifyResponse:
    """All files of a request; `found` is one of those that were looked at."""
    return ClassifyResponse(
        files=files,
        model=found.model.model_id,
        tier=found.model.tier,
        device=found.model.device,
        elapsed_ms=round(elapsed_ms, 3),
        request_id=request_id,
    )


def file_out(each: Seen, *, top_k: int, language: str, explanation: Explanation | None = None) -> FileOut:
    if isinstance(each, Refused):
        return FileOut(name=each.name, error=locales.translate_error(each.error, language))
    return FileOut(
        name=each.name,
        labels=[LabelOut(name=label.name, score=round(label.score, 5)) for label in each.labels[:top_k]],
        verdict=each.verdict,
        likeness=round(each.likeness, 4),
        unknown_below=None if each.unknown_below is None else round(each.unknown_below, 4),
        saliency=_saliency(explanation) if explanation else None,
    )


def classes_response(
    classes_id: str, taught: Taught, refused: Sequence[Refused], request_id: str, language: str
) -> ClassesResponse:
    held_out = taught.held_out
    return ClassesResponse(
        id=classes_id,
        classes=[
            ClassOut(name=name, pictures=count)
            for name, count in zip(taught.names, taught.counts, strict=True)
        ],
        held_out=HeldOutOut(right=held_out.right, total=held_out.total, rounds=held_out.rounds),
        refused=[
            RefusedOut(name=each.name, error=locales.translate_error(each.error, language))
            for each in refused
        ],
        model=taught.model_id,
        expires_in_s=LIFETIME_S,
        request_id=request_id,
    )


def _saliency(explanation: Explanation) -> SaliencyOut:
    check = explanation.check
    picture = base64.b64encode(png(overlay(explanation.seen, explanation.saliency))).decode()
    return SaliencyOut(
        label=explanation.label.name,
        map=[[round(float(value), 3) for value in row] for row in explanation.saliency],
        overlay=f"data:image/png;base64,{picture}",
        deletion=DeletionOut(
            drop=round(float(check.drop), 4),
            random_drops=[round(float(drop), 4) for drop in check.random_drops],
            share_px=round(float(check.share_px), 4),
            passes=check.passes,
        ),
    )
