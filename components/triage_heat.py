"""Where the model looked: the heat map over the picture, and the check that hiding the hot place matters."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import heat_check, page, triage_words
from components.i18n import _
from components.triage_list import Worklist
from core.pictures.overlay import overlay
from core.scenarios.deletion import DeletionCheck, deletion_check
from core.scenarios.triage.studies import Study
from core.scenarios.triage.triaging import heat
from core.showcase import showcase
from core.types import ImageScores

# A score has to be there before it can fall.
TOO_LOW = 0.1


def show(listed: Worklist, study: Study, *, picture: DeltaGenerator, heat: DeltaGenerator) -> None:
    """The picture in one place, in another the heat map of the likeliest pattern with its check in words."""
    caption = f"{study.width_px} × {study.height_px}"
    picture.image(study.png, width="stretch", alt=_("The picture as it was read"), caption=caption)
    with heat:
        explained = _explained(listed, study)
        if explained:
            _show_map(*explained, target=study.reading.target)


def _show_map(scores: ImageScores, check: DeletionCheck, *, target: int) -> None:
    part, height, width = triage_words.finding(scores.labels[target]), *scores.seen.shape[:2]
    caption = _("What speaks for: {pattern}. The network sees {width} × {height} pixels.")
    st.image(
        overlay(heat_check.enlarged(scores.seen), scores.saliency),
        width="stretch",
        alt=_("Heat map of {label}").format(label=part),
        caption=caption.format(pattern=part, width=width, height=height),
    )
    score = float(scores.scores[target])
    if score < TOO_LOW:
        text = _(
            "The score of {label} is {score}: hiding parts of the picture can hardly lower it, so that the check "
            "says nothing here."
        )
        st.caption(text.format(label=part, score=f"{score:.2f}"))
    else:
        heat_check.say(check, label=part, score=score)


def _explained(listed: Worklist, study: Study) -> tuple[ImageScores, DeletionCheck] | None:
    """Asked for once per study; None, with the reason shown, where that is not possible."""
    if study.study_id not in listed.heat:
        with page.running(_("Looking at the reasons…"), action="triage-heat"):
            scores = heat(showcase().models, study)
            if scores.saliency is None:
                st.caption(_("This model cannot show where it looked."))
                return None
            spec = showcase().models.catalog.spec(study.reading.model.model_id)
            target = study.reading.target
            check = deletion_check(showcase().models, spec, scores.seen, scores.saliency, target)
            listed.heat[study.study_id] = (scores, check)
    return listed.heat.get(study.study_id)
