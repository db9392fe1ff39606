"""Many pictures at once: what was found in each as a table, and as a file to take away."""

import streamlit as st

from components import images_input, images_labels, images_sheet, results
from components.i18n import _, sentence
from components.images_shelf import Shelf
from core.demos import Demo
from core.pictures.archives import Refused
from core.scenarios.images import samples, table
from core.scenarios.images.classify import Seen
from core.scenarios.images.results import Verdict


def show(demo: Demo, shelf: Shelf | None) -> None:
    if shelf is None or not shelf.seen:
        offer_samples(demo, key="table")
        return
    found = shelf.classified
    first, second, third, fourth = st.columns(4)
    first.metric(_("Pictures"), len(shelf.seen))
    second.metric(_("Named"), sum(each.verdict is not Verdict.UNKNOWN for each in found))
    third.metric(_("Unknown"), sum(each.verdict is Verdict.UNKNOWN for each in found))
    fourth.metric(_("Not readable"), len(shelf.seen) - len(found))
    st.dataframe(
        [_row(each) for each in shelf.seen],
        hide_index=True,
        key=f"{demo.key}_table",
        alt=_("What was found in each picture"),
        row_height=56,
        column_config={
            "picture": st.column_config.ImageColumn(_("Picture"), width="small"),
            "name": _("Name"),
            "answer": _("Label"),
            "score": st.column_config.ProgressColumn(_("Score"), min_value=0, max_value=1, format="percent"),
            "verdict": _("Verdict"),
            "note": _("Why not"),
        },
    )
    if found:
        each_ms = sum(each.model.elapsed_ms for each in found) / len(found)
        text = _("{milliseconds} ms for each picture, together in batches.")
        st.caption(text.format(milliseconds=f"{each_ms:.1f}"))
        results.badge(found[0].model)
    export(demo, shelf, key="table")


def export(demo: Demo, shelf: Shelf | None, *, key: str = "export") -> None:
    """CSV in the visitor's language, and JSON as the API has it, of all pictures."""
    if shelf is None or not shelf.seen:
        st.caption(_("Bring pictures first; then they can be taken away as a table."))
        return
    rows, shown = table.rows(shelf.seen), images_sheet.rows(shelf.seen)
    results.downloads("pictures", rows, shown=shown, key=f"{demo.key}_{key}_file")


def offer_samples(demo: Demo, *, key: str) -> None:
    """What to bring, and pictures for those who have none at hand."""
    st.info(
        _("Bring several pictures, a folder or a zip above; they appear here."), icon=":material/grid_view:"
    )
    label = _("Try it with twenty drawn pictures")
    st.button(
        label, key=f"{demo.key}_{key}_sample", on_click=_take_samples, args=(demo,), icon=":material/bolt:"
    )


def _take_samples(demo: Demo) -> None:
    images_input.take(demo, samples.labelled_files(), is_drawn=True)


def _row(each: Seen) -> dict[str, object]:
    if isinstance(each, Refused):
        return {"picture": None, "name": each.name, "note": sentence(each.error)}
    return {
        "picture": each.thumbnail,
        "name": each.name,
        "answer": images_labels.title(each.best.name),
        "score": each.best.score,
        "verdict": images_labels.verdict_title(each.verdict),
        "note": "",
    }
