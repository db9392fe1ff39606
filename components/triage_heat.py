"""Where the model looked: the heat map over the picture, and the check that hiding the hot place matters."""

import numpy as np
import streamlit as st
from PIL import Image

from components import page, triage_words
from components.i18n import _
from components.triage_list import Worklist
from core.demos import Demo
from core.pictures.overlay import overlay
from core.scenarios.deletion import DeletionCheck, deletion_check
from core.scenarios.triage.studies import Study
from core.scenarios.triage.triaging import heat
from core.showcase import showcase
from core.types import ImageScores

# Large enough to see a heat map of a network that looks at 128 pixels.
SHOWN_PX = 480


def show(demo: Demo, listed: Worklist, study: Study) -> None:
    """The picture, beside it the heat map of the likeliest pattern, and the check in words."""
    left, right = st.columns(2)
    caption = f"{study.width_px} × {study.height_px}"
    left.image(study.png, width="stretch", alt=_("The picture as it was read"), caption=caption)
    with right:
        explained = _explained(listed, study)
    if explained is None:
        return
    scores, check = explained
    part = triage_words.finding(scores.labels[study.reading.target])
    height, width = scores.seen.shape[:2]
    caption = _("What speaks for: {pattern}. The network sees {width} × {height} pixels.")
    right.image(
        overlay(_enlarged(scores.seen), scores.saliency),
        width="stretch",
        alt=_("Heat map of {label}").format(label=part),
        caption=caption.format(pattern=part, width=width, height=height),
    )
    _say_check(check, part)


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


def _enlarged(seen: np.ndarray) -> np.ndarray:
    height, width = seen.shape[:2]
    scale = SHOWN_PX / max(height, width)
    size = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(seen).resize(size, Image.Resampling.BICUBIC))


def _say_check(check: DeletionCheck, part: str) -> None:
    text = _(
        "Check: with the hottest {share} % of the picture hidden, the score of {label} falls by {drop}; with "
        "{count} random parts of the same size hidden, by {random} on average."
    ).format(
        share=round(100 * check.share_px),
        label=part,
        drop=f"{check.drop:.2f}",
        count=len(check.random_drops),
        random=f"{np.mean(check.random_drops):.2f}",
    )
    if check.passes:
        verdict = _("The heat map shows what mattered.")
        st.markdown(f":green-badge[:material/check_circle: {verdict}] {text}")
    else:
        verdict = _("The heat map does not explain this score.")
        st.markdown(f":orange-badge[:material/warning: {verdict}] {text}")
