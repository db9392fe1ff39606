"""One study, opened: the picture, what speaks for the finding, how firm the score is, and what was stripped."""

import streamlit as st

from components import feedback, results, triage_heat, triage_plot, triage_words
from components.i18n import _, sentence
from components.markup import escape
from components.triage_list import Worklist
from core.demos import Demo
from core.limits import MAX_STUDIES
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.studies import FINDING, NOT_REACHED, Reading, Study
from core.scenarios.triage.worklist import Entry


def show(demo: Demo, listed: Worklist, entry: Entry, rule: Rule) -> None:
    with st.container(border=True, key=f"{demo.key}_study"):
        _show_headline(listed, entry)
        if entry.study.reading:
            _show_read(demo, listed, entry, rule)
        else:
            _show_unread(entry.study)
        if entry.study.note:
            st.caption(_(entry.study.note))
        _show_stripped(entry.study)
        _ask_for_feedback(demo, listed, entry)


def _show_headline(listed: Worklist, entry: Entry) -> None:
    priority = entry.priority
    with st.container(horizontal=True, vertical_alignment="center"):
        title = triage_words.priority(priority)
        st.badge(title, icon=triage_words.ICONS[priority], color=triage_words.COLOURS[priority])
        st.markdown(f"**{escape(entry.study.name)}**")
    if listed.is_synthetic:
        text = _(
            "Drawn by a program, not taken of anybody. It is no fair input for a model that learned from X-rays: "
            "its score means nothing clinically."
        )
        st.caption(f":material/draw: {text}")


def _show_read(demo: Demo, listed: Worklist, entry: Entry, rule: Rule) -> None:
    reading = entry.study.reading
    st.markdown(f"### {_headline(entry)}", anchors=False)
    picture, heat, words = st.columns([1, 1, 1.2], gap="medium")
    with words:
        triage_plot.show(demo, reading, rule)
        _say_how_firm(reading)
        st.caption(_parts(reading))
        results.badge(reading.model)
    triage_heat.show(listed, entry.study, picture=picture, heat=heat)


def _headline(entry: Entry) -> str:
    """ "Pneumonia-like opacity: likely (0.93)" """
    text = _("{finding}: {band} ({score})")
    return text.format(
        finding=triage_words.finding(FINDING),
        band=triage_words.band(entry.band),
        score=f"{entry.study.reading.score:.2f}",
    )


def _say_how_firm(reading: Reading) -> None:
    spread = reading.spread
    text = _(
        "Moved, turned by up to 5° and with other contrast, {count} copies of the picture score {low} to {high} "
        "(standard deviation {deviation})."
    )
    numbers = {"low": spread.lowest, "high": spread.highest, "deviation": spread.deviation}
    st.markdown(
        text.format(count=len(spread.scores), **{name: f"{each:.2f}" for name, each in numbers.items()})
    )


def _parts(reading: Reading) -> str:
    parts = " + ".join(f"{triage_words.finding(part.name)} {part.score:.2f}" for part in reading.parts)
    return _("The score is the sum of {parts}.").format(parts=parts)


def _show_unread(study: Study) -> None:
    """The reason, and the picture if there is one."""
    if study.refusal:
        text = _("Not read by the model: {reason}").format(reason=sentence(study.refusal.error))
        st.info(f"{text} {_by_a_person()}", icon=":material/block:")
    else:
        st.info(_(NOT_REACHED), icon=":material/hourglass_disabled:")
    if study.png:
        caption = f"{study.width_px} × {study.height_px}"
        place = st.columns([1, 1, 1.2], gap="medium")[0]
        place.image(study.png, width="stretch", alt=_("The picture that was not read"), caption=caption)


def _by_a_person() -> str:
    return _("A person has to look at it.")


def _show_stripped(study: Study) -> None:
    if not study.stripped:
        return
    title = _("DICOM identity: {count} attributes were left behind").format(count=len(study.stripped))
    with st.expander(title, icon=":material/no_accounts:"):
        st.caption(
            _(
                "They may identify the patient (PS3.15, Basic Profile) or are private. Their values were not looked "
                "at, and are in no output."
            )
        )
        st.markdown(", ".join(f"`{name}`" for name in study.stripped_names))


def _ask_for_feedback(demo: Demo, listed: Worklist, entry: Entry) -> None:
    """What is stored names the study by its random id only."""
    study, reading = entry.study, entry.study.reading
    place = [each.study_id for each in listed.received].index(study.study_id)
    answer = entry.priority.value + (f" {reading.score:.3f} {entry.band}" if reading else "")
    feedback.ask(
        demo,
        turn_id=MAX_STUDIES * listed.number + place,
        question=f"study {study.study_id}",
        answer=answer,
        model_id=reading.model.model_id if reading else "",
    )
