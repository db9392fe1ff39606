"""A CSV file with five million interactions: seconds and memory to read it, and a late mistake that is found.

Each reading runs in a process of its own, whose memory is that of the reading alone and of what it imports. Users and
items are drawn so that a few have most of the rows, as in shops: the place of each follows Zipf's law.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks.recommendation_memory import peak_mb
from core.errors import InvalidInputError
from core.scenarios.recommendation.reading import read_dataset

ROWS, USERS, ITEMS = 5_000_000, 400_000, 60_000
LIMIT_MB = 2048
# Rows before the end.
BROKEN = 12


def write(path: Path, *, rows: int = ROWS, seed: int = 7) -> None:
    """user,item,rating,timestamp; about 30 bytes a row."""
    rng = np.random.default_rng(seed)
    columns = {
        "user": [f"customer-{number:06}" for number in _drawn(rng, rows, USERS)],
        "item": [f"sku{number:05}" for number in _drawn(rng, rows, ITEMS)],
        "rating": rng.integers(1, 11, rows) / 2,
        "timestamp": rng.integers(1_500_000_000, 1_750_000_000, rows),
    }
    csv.write_csv(pa.table(columns), path, csv.WriteOptions(quoting_style="none"))


def _drawn(rng: np.random.Generator, rows: int, count: int) -> list[int]:
    shares = 1.0 / np.arange(1, count + 1) ** 0.8
    return rng.permutation(count)[np.searchsorted(shares.cumsum() / shares.sum(), rng.random(rows))].tolist()


def break_late(path: Path, target: Path) -> int:
    """A copy with a rating that is no number; its line, from 1 with the header."""
    lines = path.read_bytes().splitlines(keepends=True)
    cells = lines[-BROKEN].split(b",")
    lines[-BROKEN] = b",".join([*cells[:2], b"five", *cells[3:]])
    target.write_bytes(b"".join(lines))
    return len(lines) - BROKEN + 1


def read(path: Path) -> dict[str, object]:
    """Read the file as the page and the API do; what came of it, and what it took."""
    imported_mb, started_s = peak_mb(), time.perf_counter()
    started_cpu_s = time.process_time()
    steps = read_dataset(path.read_bytes(), name=path.name)
    found: dict[str, object] = {}
    told, longest_s, last_s = 0, 0.0, started_s
    try:
        while True:
            next(steps)
            now_s = time.perf_counter()
            told, longest_s, last_s = told + 1, max(longest_s, now_s - last_s), now_s
    except StopIteration as end:
        dataset = end.value
        counts = {"users": dataset.user_count, "items": dataset.item_count}
        found = counts | {"interactions": dataset.interaction_count}
    except InvalidInputError as error:
        found = {"refused": str(error)}
    return found | {
        "seconds": round(time.perf_counter() - started_s, 2),
        # What it takes of one core, whatever else runs on the machine.
        "cpu_s": round(time.process_time() - started_cpu_s, 2),
        "told": told,
        "longest_silence_s": round(longest_s, 2),
        "imported_mb": round(imported_mb),
        "peak_mb": round(peak_mb()),
    }


def five_million(*, rows: int = ROWS) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder) / "events.csv", Path(folder) / "broken.csv"
        write(whole, rows=rows)
        line = break_late(whole, broken)
        figures = {"rows": rows, "file_mb": round(whole.stat().st_size / 2**20, 1)}
        figures |= {"whole": _in_a_process(whole), "broken": _in_a_process(broken)}
    figures["broken"]["is_at"] = {"line": line, "column": "rating"}
    said = str(figures["broken"].get("refused", "")).replace(",", "")
    has_place = f"line {line}" in said and "rating" in said
    peak = max(figures[name]["peak_mb"] for name in ("whole", "broken"))
    return figures | {"passed": has_place and "interactions" in figures["whole"] and peak < LIMIT_MB}


def _in_a_process(path: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.recommendation_csv", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]))))
