"""Heat maps as both picture pages show them: large enough to see, and with the check of them in words."""

import numpy as np
import streamlit as st
from PIL import Image

from components.i18n import _
from components.markup import escape
from core.scenarios.deletion import DeletionCheck

# Large enough to see a heat map of a network that looks at 32 pixels.
SHOWN_PX = 480


def enlarged(pixels: np.ndarray) -> np.ndarray:
    """The picture with SHOWN_PX on its longer side."""
    height, width = pixels.shape[:2]
    scale = SHOWN_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def say(check: DeletionCheck, *, label: str, score: float) -> None:
    """Whether the heat map explains this score, and the figures that say so."""
    text = _(
        "Check: with the hottest {share} % of the picture blurred, the score of {label} goes from {whole} to {hot}; "
        "with as much of the same shape blurred at {count} random places, to {random} on average."
    ).format(
        label=escape(label),
        share=round(100 * check.share_px),
        whole=_written(score),
        hot=_written(score - check.drop),
        random=_written(score - float(np.mean(check.random_drops))),
        count=len(check.random_drops),
    )
    if check.passes:
        verdict = _("The heat map shows what mattered.")
        st.markdown(f":green-badge[:material/check_circle: {verdict}] {text}")
    else:
        verdict = _("The heat map does not explain this score.")
        st.markdown(f":orange-badge[:material/warning: {verdict}] {text}")


def _written(score: float) -> str:
    """Two decimals, without the sign of a zero."""
    return f"{round(score, 2) + 0.0:.2f}"
