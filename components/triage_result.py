"""The worklist with the study that is open, or what to do to get one."""

import streamlit as st

from components import triage_list, triage_study, triage_table
from components.i18n import _
from components.triage_list import Worklist
from core.demos import Demo
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.worklist import Entry


def show(demo: Demo, listed: Worklist | None, rule: Rule) -> tuple[Entry, ...]:
    """Everything of the worklist, at this rule; its entries in their order."""
    if listed is None:
        text = _("Choose X-rays, or take a synthetic example; the worklist appears here.")
        st.info(text, icon=":material/radiology:")
        return ()
    if listed.is_waiting:
        triage_list.go_on(demo, listed)
    if not listed.is_whole:
        _offer_the_rest(demo, listed)
    entries = triage_list.entries(listed, rule)
    triage_list.record(listed, entries, rule)
    opened = triage_table.show(demo, listed, entries)
    triage_study.show(demo, listed, opened, rule)
    return entries


def _offer_the_rest(demo: Demo, listed: Worklist) -> None:
    text = _("Read so far: {done} of {total} pictures. The others wait for a person.")
    st.warning(text.format(done=len(listed.done), total=len(listed.received)), icon=":material/stop_circle:")
    st.button(
        _("Read the rest"),
        key=f"{demo.key}_rest_{listed.number}",
        icon=":material/play_circle:",
        on_click=triage_list.take_up_again,
        args=(listed,),
    )
