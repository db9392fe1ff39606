"""What a growing knowledge base costs: search time added to a question with 100 to 100,000 entries, and memory.

The entries are the sample's, varied: their questions with a number; the vectors are drawn, in groups that lie together,
so that nothing need be embedded. What is timed is all that is done between a question's vector and its matches.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import cycle, islice

import numpy as np
import psutil

from benchmarks import reports
from benchmarks.questions import FOLDER, questions
from benchmarks.reports import Row, Spread
from core.scenarios.customer_service.documents import read_entries
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.index import EntryIndex

SIZES = (100, 1_000, 10_000, 100_000)
AIM_MS = 10.0
DIM = 384
NOISE = 0.5
"""Length of the noise beside a vector of length one."""
ASKED = 40


def varied(entries: Sequence[Entry], count: int) -> list[Entry]:
    """So many entries with a question each, no two alike."""
    asked = [(entry, question) for entry in entries for question in entry.questions]
    chosen = islice(cycle(asked), count)
    return [
        Entry(f"entry-{number}", f"{entry.answer} ({number})", entry.language, (f"{question} #{number}",))
        for number, (entry, question) in enumerate(chosen)
    ]


def vectors_for(texts: int, seed: int = 7) -> np.ndarray:
    """Unit vectors of groups that lie together, as the ways to ask one thing do."""
    random = np.random.default_rng(seed)
    centres = _unit(random.standard_normal((max(1, texts // 20), DIM), dtype=np.float32))
    noise = _unit(random.standard_normal((texts, DIM), dtype=np.float32))
    return _unit(centres[random.integers(0, len(centres), texts)] + NOISE * noise)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def measure(entries: Sequence[Entry], size: int, *, rounds: int) -> dict[str, object]:
    """Milliseconds of one search, of the bare product beside it, and megabytes of the index."""
    grown, process = varied(entries, size), psutil.Process()
    before_mb, began_s = process.memory_info().rss / 2**20, time.perf_counter()
    vectors = vectors_for(len(EntryIndex.texts(grown)))
    index = EntryIndex(grown, vectors)
    built_s, memory_mb = time.perf_counter() - began_s, process.memory_info().rss / 2**20 - before_mb
    asked = list(islice(cycle(questions()), ASKED))
    probes = vectors_for(ASKED, seed=8)
    index.search(asked[0], probes[0], language="en")
    searched, bare = [], []
    for _ in range(rounds):
        times = [
            _timed_ms(lambda q=q, v=v: index.search(q, v, language="en"))
            for q, v in zip(asked, probes, strict=True)
        ]
        searched.append(float(np.median(times)))
        bare.append(float(np.median([_timed_ms(lambda v=v: (vectors @ v).argmax()) for v in probes])))
    return {
        "search_ms": asdict(Spread.of(searched)),
        "bare_product_ms": asdict(Spread.of(bare)),
        "built_s": round(built_s, 2),
        "memory_mb": round(memory_mb),
    }


def _timed_ms(call: object) -> float:
    began_s = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began_s)


def rows(found: dict[str, dict]) -> list[Row]:
    largest = max(map(int, found))
    lines = []
    for size, each in found.items():
        search, is_aimed = Spread(**each["search_ms"]), int(size) == largest
        figure = (
            f"{search.median:g} ms a question (the bare product: {each['bare_product_ms']['median']:g} ms), "
            f"{each['memory_mb']} MB, built in {each['built_s']:g} s"
        )
        aim = f"{AIM_MS:g} ms" if is_aimed else ""
        is_met = search.median <= AIM_MS if is_aimed else None
        lines.append(
            Row(f"Search in a knowledge base of {int(size):,} entries", figure, str(search), aim, is_met)
        )
    return lines


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small ones, one round: does it run?")
    options = parser.parse_args()
    if options.quick:
        options.sizes, options.rounds = "100,1000", 1
    return options


def main() -> None:
    options = _arguments()
    entries = read_entries("sample.csv", (FOLDER / "sample.csv").read_bytes())
    found = {size: measure(entries, int(size), rounds=options.rounds) for size in options.sizes.split(",")}
    lines = rows(found)
    for row in lines:
        print(f"{row.what}: {row.figure}")
    reports.report("knowledge_base", {"sizes": found}, save=options.save, rows=lines)


if __name__ == "__main__":
    main()
