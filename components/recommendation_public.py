"""What was measured on public data sets, from the file that the benchmark writes; nothing where there is none."""

import json
from pathlib import Path

import streamlit as st

from components.i18n import _
from core.demos import Demo

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "recommendation.json"


def show(demo: Demo) -> None:
    rows = _rows()
    if not rows:
        return
    st.markdown(_("On public data sets, measured when this version was made:"))
    titles = {"what": _("Measured"), "figure": _("Figure"), "spread": _("Spread"), "aim": _("At least")}
    table = [{name: row.get(name) or "–" for name in titles} for row in rows]
    alt = _("Figures on public data sets")
    st.dataframe(table, hide_index=True, key=f"{demo.key}_public", column_config=titles, alt=alt)


def _rows() -> list[dict[str, str]]:
    if not RESULTS.is_file():
        return []
    return json.loads(RESULTS.read_text(encoding="utf-8")).get("rows", [])
