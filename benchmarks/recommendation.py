"""How good and how quick recommendations are: films, a shop, a million items, five million interactions.

Each case runs in a process of its own, whose memory is its own too. --only takes some of them; the saved figures of the
others stay.
"""

import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.recommendation_csv import five_million
from benchmarks.recommendation_films import SEEDS, films
from benchmarks.recommendation_million import ITEMS, million
from benchmarks.recommendation_shop import shop
from benchmarks.reports import RESULTS, arguments, report
from core.settings import ROOT

NAME = "recommendation"
CASES = ("films", "shop", "million", "csv")


def measure(name: str, options: Namespace) -> dict[str, object]:
    cases: dict[str, Callable[[], dict[str, object]]] = {
        "films": partial(films, options.data, seeds=options.seeds),
        "shop": partial(shop, options.data),
        "million": partial(
            million, options.data, items=options.items, most_texts=options.texts, kept=options.vectors
        ),
        "csv": five_million,
    }
    return cases[name]()


def in_a_process(name: str) -> dict[str, object]:
    """The figures of one case: the last line that its process prints."""
    command = [sys.executable, "-m", "benchmarks.recommendation", *sys.argv[1:], "--case", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return {"passed": False, "failed_with": done.returncode}
    *said, figures = done.stdout.splitlines()
    print("\n".join([*said, f"{name}: {figures}"]), flush=True)
    return json.loads(figures)


def saved() -> dict[str, object]:
    path = RESULTS / f"{NAME}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS, help="of the splits of the case films")
    parser.add_argument("--items", type=int, default=ITEMS, help="of the case million")
    parser.add_argument("--texts", type=int, default=300_000, help="of its items, with vectors of real texts")
    parser.add_argument("--vectors", type=Path, help="a .npy file to keep those vectors in")
    parser.add_argument("--case", choices=CASES, help="this one alone, in this process")
    options = parser.parse_args()
    if not options.data.exists():
        print("the data sets are not here; --data names their folder")
        return 1
    if options.case:
        print(json.dumps(measure(options.case, options)))
        return 0
    measured = {name: in_a_process(name) for name in options.only}
    figures = {name: each for name, each in (saved() | measured).items() if name in CASES}
    passed = all(figures[name]["passed"] for name in options.only)
    report(NAME, {**figures, "passed": passed}, save=options.save)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
