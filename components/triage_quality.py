"""How good the models are: figures of their cards, on named test sets."""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from components.i18n import _
from core.demos import Demo

MODELS = Path(__file__).parent.parent / "assets" / "models"


def show(demo: Demo) -> None:
    st.caption(_("Not measured yet."))


@cache
def _figures(folder: str) -> dict:
    path = MODELS / folder / "quality.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
