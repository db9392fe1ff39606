"""Right and wrong on the visitor's own pictures: the confusion matrix, at a threshold that can be moved."""

import streamlit as st

from components import images_labels, images_matrix, images_table, page, results
from components.i18n import _
from components.images_shelf import Shelf
from core.demos import Demo
from core.scenarios.images.confusion import Confusion, Outcome, confusion, outcomes
from core.scenarios.images.folders import folder_of

THRESHOLDS = tuple(f"{step / 20:.2f}" for step in range(20))
DEFAULT_THRESHOLD = "0.50"


def show(demo: Demo, shelf: Shelf | None) -> None:
    """The labels that people gave, the slider, the matrix and the figures."""
    st.markdown(
        _(
            "Bring a zip or a folder whose subfolders are named after what the pictures show, or say it in the table. "
            "Then right and wrong are counted here, at the threshold that you choose."
        )
    )
    if shelf is None or not shelf.classified:
        images_table.offer_samples(demo, key="confusion")
        return
    truths = _truths(demo, shelf)
    found = outcomes(shelf.seen, truths, spellings=images_labels.spellings())
    if not found:
        st.info(
            _("Say of some pictures what they show, in the column on the right."), icon=":material/label:"
        )
        return
    threshold = _threshold(demo)
    counted = confusion(found, threshold)
    _show_figures(counted)
    names = [images_labels.title(label) for label in counted.labels]
    images_matrix.show(names, [*names, _("not sure")], counted.counts.tolist(), key=f"{demo.key}_matrix")
    _show_labels(demo, counted)
    _show_curve(found)


def _truths(demo: Demo, shelf: Shelf) -> list[str]:
    """What each picture shows, in order: the folder's name, or what the visitor wrote over it."""
    rows = [
        {
            "picture": each.thumbnail,
            "name": each.name,
            "answer": images_labels.title(each.best.name),
            "truth": folder_of(each.name),
        }
        for each in shelf.classified
    ]
    with st.expander(_("What the pictures show"), icon=":material/label:", key=f"{demo.key}_truths_shown"):
        edited = st.data_editor(
            rows,
            hide_index=True,
            key=f"{demo.key}_truths_{shelf.number}",
            disabled=("picture", "name", "answer"),
            alt=_("What the pictures show"),
            column_config={
                "picture": st.column_config.ImageColumn(_("Picture"), width="small"),
                "name": _("Name"),
                "answer": _("Label"),
                "truth": st.column_config.TextColumn(_("What it really shows"), max_chars=60),
            },
        )
    return [(row["truth"] or "").strip() for row in edited]


def _threshold(demo: Demo) -> float:
    key = f"{demo.key}_threshold"
    label = _("Threshold: answers less sure than this count as “not sure”")
    return float(page.slider(label, THRESHOLDS, key=key, default=DEFAULT_THRESHOLD))


def _show_figures(counted: Confusion) -> None:
    first, second, third, fourth = st.columns(4)
    first.metric(_("Labelled pictures"), counted.total)
    second.metric(_("Answered"), _share(counted.answered, counted.total))
    third.metric(_("Right among answers"), _share(counted.right, counted.answered))
    macro = counted.macro_f1()
    fourth.metric(_("F1, mean of labels"), "–" if macro is None else f"{macro:.2f}")


def _show_labels(demo: Demo, counted: Confusion) -> None:
    rows = [
        {
            "label": images_labels.title(each.label),
            "pictures": each.pictures,
            "precision": _rounded(each.precision),
            "recall": _rounded(each.recall),
            "f1": _rounded(each.f1),
        }
        for each in counted.quality()
    ]
    titles = {
        "label": _("Label"),
        "pictures": _("Pictures"),
        "precision": _("Precision"),
        "recall": _("Recall"),
        "f1": "F1",
    }
    alt = _("Precision and recall of each label")
    st.dataframe(rows, hide_index=True, key=f"{demo.key}_by_label", column_config=titles, alt=alt)
    shown = [{titles[column]: value for column, value in row.items()} for row in rows]
    results.downloads("confusion", rows, shown=shown, key=f"{demo.key}_confusion_file")


def _show_curve(found: list[Outcome]) -> None:
    """What every other threshold would give."""
    counted = [confusion(found, float(threshold)) for threshold in THRESHOLDS]
    lines = {
        _("threshold"): [float(threshold) for threshold in THRESHOLDS],
        _("answered"): [each.answered / each.total for each in counted],
        _("right among answers"): [each.right / each.answered if each.answered else None for each in counted],
    }
    alt = _("Answered and right shares at every threshold")
    st.line_chart(lines, x=_("threshold"), height=240, alt=alt)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
