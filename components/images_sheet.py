"""Many results as a spreadsheet in the visitor's language; what programs read keeps the names of the API."""

from collections.abc import Sequence

from components import images_labels
from components.i18n import _
from core.pictures.archives import Refused
from core.scenarios.images import table
from core.scenarios.images.classify import Seen


def rows(seen: Sequence[Seen]) -> list[dict[str, object]]:
    """A row per picture under titles; labels, verdicts and refusals as the page says them."""
    found = zip(table.rows(seen), seen, strict=True)
    return [{_title(column): value for column, value in (row | _words(each)).items()} for row, each in found]


def _words(each: Seen) -> dict[str, object]:
    if isinstance(each, Refused):
        # A cell shows no markup.
        return {"error": _(each.error.msgid).format(**each.error.params)}
    labels = {
        f"label_{number}": images_labels.title(label.name)
        for number, label in enumerate(each.labels[: table.SHOWN_LABELS], start=1)
    }
    return {"verdict": images_labels.verdict_title(each.verdict)} | labels


def _title(column: str) -> str:
    titles = {
        "name": _("Name"),
        "verdict": _("Verdict"),
        "label": _("Label {number}"),
        "score": _("Score {number}"),
        "likeness": _("Likeness to known pictures"),
        "width_px": _("Width, pixels"),
        "height_px": _("Height, pixels"),
        "model": _("Model"),
        "error": _("Why not"),
    }
    if column in titles:
        return titles[column]
    name, number = column.split("_")
    return titles[name].format(number=number)
