"""Many results as the rows of a table."""

from collections.abc import Iterable, Sequence

from core.pictures.archives import Refused
from core.scenarios.images.classify import Seen

# Columns of labels: what people look at, and what a spreadsheet can sort by.
SHOWN_LABELS = 3


def rows(seen: Iterable[Seen], *, top_k: int = SHOWN_LABELS) -> list[dict[str, object]]:
    """A row per picture: name, verdict, the likeliest labels with their scores, size, model; or why there is none."""
    return [_refused_row(each) if isinstance(each, Refused) else _row(each, top_k) for each in seen]


def counts(seen: Sequence[Seen]) -> dict[str, int]:
    """How many pictures got each label, the most frequent first; those refused are left out."""
    found: dict[str, int] = {}
    for each in seen:
        if not isinstance(each, Refused):
            found[each.best.name] = found.get(each.best.name, 0) + 1
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))


def _row(each: Seen, top_k: int) -> dict[str, object]:
    row: dict[str, object] = {"name": each.name, "verdict": each.verdict.value}
    for number, label in enumerate(each.labels[:top_k], start=1):
        row |= {f"label_{number}": label.name, f"score_{number}": round(label.score, 4)}
    row |= {"likeness": round(each.likeness, 4), "width_px": each.width_px, "height_px": each.height_px}
    return row | {"model": each.model.model_id, "error": ""}


def _refused_row(each: Refused) -> dict[str, object]:
    return {"name": each.name, "verdict": "", "error": str(each.error)}
