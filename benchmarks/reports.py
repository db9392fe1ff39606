"""What every measurement ends with: a line of JSON, and a file when asked for."""

import argparse
import json
import os
import platform
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows --save."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--save", action="store_true", help="also write benchmarks/results/<name>.json")
    return parser


def report(name: str, figures: dict[str, object], *, save: bool) -> None:
    """Print the figures as one line of JSON, with what they were measured on."""
    machine = {
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
    }
    line = json.dumps({"benchmark": name, **figures, "machine": machine}, ensure_ascii=False)
    print(line, flush=True)
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(line + "\n", encoding="utf-8")
