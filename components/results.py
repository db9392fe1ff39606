"""How a result is shown: the badge of the model that gave it, and files to take away."""

import json

import streamlit as st

from components.i18n import _
from core.spreadsheets import neutralised
from core.types import ModelUse, Tier

TIERS = {Tier.STARTER: "green", Tier.HUB: "blue", Tier.REMOTE: "violet"}


def badge(model: ModelUse) -> None:
    """Model, tier, device and time."""
    text = _("{model} · {tier} · {device} · {milliseconds} ms").format(
        model=model.model_id,
        tier=tier_title(model.tier),
        device=model.device,
        milliseconds=round(model.elapsed_ms),
    )
    st.badge(text, icon=":material/memory:", color=TIERS[model.tier])


def tier_title(tier: Tier) -> str:
    titles = {Tier.STARTER: _("starter"), Tier.HUB: _("hub"), Tier.REMOTE: _("remote")}
    return titles[tier]


def downloads(name: str, rows: list[dict], *, key: str, shown: list[dict] | None = None) -> None:
    """The rows as CSV and as JSON files; `shown` are the same rows as people read them, for the CSV."""
    import pandas as pd

    table = pd.DataFrame([{column: _flat(value) for column, value in row.items()} for row in shown or rows])
    with st.container(horizontal=True):
        csv = table.to_csv(index=False).encode("utf-8-sig")
        st.download_button(
            "CSV", csv, f"{name}.csv", "text/csv", key=f"{key}_csv", icon=":material/download:"
        )
        document = json.dumps(rows, ensure_ascii=False, indent=2).encode()
        st.download_button(
            "JSON",
            document,
            f"{name}.json",
            "application/json",
            key=f"{key}_json",
            icon=":material/download:",
        )


def _flat(value: object) -> object:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else value
    return neutralised(text) if isinstance(text, str) else text
