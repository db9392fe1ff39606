"""Where the model looked: the heat map over the picture, and the check that hiding the hot place matters."""

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from components import page, triage_words
from components.i18n import _
from components.triage_list import Worklist
from core.pictures.overlay import overlay
from core.scenarios.deletion import DeletionCheck, deletion_check
from core.scenarios.triage.studies import Study
from core.scenarios.triage.triaging import heat
from core.showcase import showcase
from core.types import ImageScores

# Large enough to see a heat map of a network that looks at 128 pixels.
SHOWN_PX = 480
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
        overlay(_enlarged(scores.seen), scores.saliency),
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
        drop=_signed(check.drop),
        count=len(check.random_drops),
        random=_signed(float(np.mean(check.random_drops))),
    )
    if check.passes:
        verdict = _("The heat map shows what mattered.")
        st.markdown(f":green-badge[:material/check_circle: {verdict}] {text}")
    else:
        verdict = _("The heat map does not explain this score.")
        st.markdown(f":orange-badge[:material/warning: {verdict}] {text}")


def _signed(drop: float) -> str:
    """Two decimals, without the sign of a zero."""
    return f"{round(drop, 2) + 0.0:.2f}"
