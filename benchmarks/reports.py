"""What every measurement ends with: lines for the table, a line of JSON, and a file when asked for."""

import argparse
import datetime
import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psutil

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, the figure, how far the rounds lay apart, and what it should be."""

    what: str
    figure: str
    spread: str = ""
    aim: str = ""
    is_met: bool | None = None
    """None where there is no aim."""


@dataclass(frozen=True)
class Spread:
    """The middle and the ends of several rounds."""

    median: float
    lowest: float
    highest: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float], digits: int = 2) -> "Spread":
        low, middle, high = (
            round(float(each), digits) for each in (min(values), median(values), max(values))
        )
        return cls(middle, low, high, len(values))

    def __str__(self) -> str:
        return f"{self.lowest:g} to {self.highest:g} ({self.rounds} rounds)"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows --save; a process that is asked to end stops its servers first."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--save", action="store_true", help="also write benchmarks/results/<name>.json")
    return parser


def report(name: str, figures: dict[str, object], *, save: bool, rows: Sequence[Row] = ()) -> None:
    """Print the figures as one line of JSON, with what they were measured on."""
    found = {"benchmark": name, "date": str(datetime.date.today()), **figures}
    line = json.dumps(
        found | {"table": [asdict(row) for row in rows], "machine": machine()}, ensure_ascii=False
    )
    print(line, flush=True)
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(line + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What this ran on, and how busy it was over the last minute."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def _processor() -> str:
    """What the system calls it, where it says so at all."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
