"""The files beside a bundled model: what was measured of it when it was made, and what its labels are."""

import json
from functools import cache
from pathlib import Path
from typing import Any

MODELS = Path(__file__).parent.parent / "assets" / "models"


def figures(folder: str) -> dict[str, Any]:
    """What quality.json says of the test set; empty where the model was not measured."""
    return _read(MODELS / folder / "quality.json").get("test", {})


def labels(folder: str) -> dict[str, str]:
    """The model's labels by their numbers, which are texts as in its configuration."""
    return _read(MODELS / folder / "config.json").get("id2label", {})


@cache
def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
