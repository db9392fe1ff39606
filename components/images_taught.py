"""Classes that this session has taught: kept for it alone, shown with how well they are told apart, forgotten."""

import streamlit as st

from components import images_classifier
from components.i18n import _
from components.markup import escape
from components.session import session_id
from core.belongings import LIFETIME_S, rows_of
from core.demos import Demo
from core.scenarios.images.taught import Taught
from core.showcase import showcase


def keep(demo: Demo, taught: Taught) -> None:
    key, belongings = f"{demo.key}_classes_id", showcase().belongings
    rows = rows_of(taught.size_bytes)
    if images_classifier.own_classes(demo):
        belongings.replace(st.session_state[key], taught, rows=rows)
    else:
        st.session_state[key] = belongings.keep(taught, owner=session_id(), rows=rows)


def show(demo: Demo, taught: Taught) -> None:
    held_out = taught.held_out
    columns = st.columns(3)
    columns[0].metric(_("Classes"), len(taught.names))
    columns[1].metric(_("Pictures"), sum(taught.counts))
    columns[2].metric(_("Right on pictures left out"), f"{held_out.right} / {held_out.total}")
    if held_out.is_one_by_one:
        how = _("Each picture was left out once and judged by what the others taught (leave one out).")
    else:
        how = _(
            "A part of the pictures at a time was left out and judged by what the others taught ({rounds} parts)."
        )
    few = _("With so few pictures the figure is rough.")
    st.caption(f"{how.format(rounds=held_out.rounds)} {few}")
    counts = zip(taught.names, taught.counts, strict=True)
    names = " · ".join(f"{escape(name)} ({count})" for name, count in counts)
    st.markdown(names)
    kept = _("They belong to this session and are forgotten after {hours} hours. The pictures are not kept.")
    st.caption(kept.format(hours=LIFETIME_S // 3600))
    st.button(
        _("Forget these classes"),
        key=f"{demo.key}_teach_forget",
        on_click=_forget,
        args=(demo,),
        icon=":material/delete:",
    )


def _forget(demo: Demo) -> None:
    showcase().belongings.drop(st.session_state.pop(f"{demo.key}_classes_id", ""))
