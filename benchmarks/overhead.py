"""A single visitor: what Vitrine's API adds to the bare model calls, for each demo.

The bare calls are the engines' own, with the very inputs that the demo gives them, in a plain process with as many
threads; blocks of requests alternate between the two. All else counts as added: HTTP, queue, decoding, search, checks.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks import reports, servers
from benchmarks.asking import Line, RefusalError
from benchmarks.reports import Row, Spread
from benchmarks.sides import CASES, Vitrine

TITLES = CASES | {"triage": "Triage a picture"}
# Requests of one block: several, as the first after the other's turn finds cold caches.
BLOCKS = {"question": 20, "picture": 20, "translate": 10, "write": 6, "triage": 5}
MOST_MS, MOST_SHARE = 3.0, 0.05


class Bare:
    """A running benchmarks/direct.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, case: str, number: int) -> float:
        """Milliseconds that the engines took."""
        print(json.dumps([case, number]), file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())


@contextmanager
def bare() -> Iterator[Bare]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "benchmarks.direct"]
    with tempfile.TemporaryDirectory() as home:
        environment = servers.clean_environment(Path(home))
        with subprocess.Popen(
            command, cwd=servers.ROOT, env=environment, encoding="utf-8", **pipes
        ) as process:
            try:
                if process.stdout.readline() != "ready\n":
                    raise servers.ServerError("benchmarks.direct did not start")
                yield Bare(process)
            finally:
                process.terminate()


@dataclass(frozen=True)
class Added:
    """What came on top of the model, in the middle and round by round."""

    api_ms: float
    bare_ms: float
    added_ms: Spread
    allowed_ms: float

    @property
    def is_met(self) -> bool:
        return self.added_ms.median <= self.allowed_ms


def measure(line: Line, peer: Bare, case: str, *, rounds: int, block: int) -> Added:
    """Both sides in turn; the difference is formed of each round's medians."""
    ask, ours, theirs = getattr(Vitrine, case), [], []
    for number in range(rounds + 1):
        numbers = range(number * block, (number + 1) * block)
        ours.append(median(1000 * ask(line, each).whole_s for each in numbers))
        theirs.append(median(peer.ask(case, each) for each in numbers))
    del ours[0], theirs[0]  # loads, and fills caches
    added = [mine - bare_ms for mine, bare_ms in zip(ours, theirs, strict=True)]
    bare_ms = median(theirs)
    allowed = round(max(MOST_MS, MOST_SHARE * bare_ms), 2)
    return Added(round(median(ours), 2), round(bare_ms, 2), Spread.of(added), allowed)


def row(case: str, found: Added) -> Row:
    figure = f"{found.added_ms.median:g} ms added ({found.api_ms:g} against {found.bare_ms:g} ms)"
    aim = f"{found.allowed_ms:g} ms (3 ms or 5 %)"
    return Row(f"{TITLES[case]}, one visitor", figure, str(found.added_ms), aim, found.is_met)


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--cases", default=",".join(TITLES))
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--quick", action="store_true", help="one short round: does it run?")
    return parser.parse_args()


def main() -> None:
    options = _arguments()
    rounds, found = 1 if options.quick else options.rounds, {}
    with servers.vitrine(VITRINE_RATE_LIMIT="off", VITRINE_MODELS="starter") as server, bare() as peer:
        server.wait_for("/api/health/ready", timeout_s=1200)
        for case in options.cases.split(","):
            block = 1 if options.quick else BLOCKS[case]
            try:
                with Line(server.url) as line:
                    found[case] = measure(line, peer, case, rounds=rounds, block=block)
            except RefusalError as refusal:
                print(f"{case}: left out, as Vitrine says {refusal}")
                continue
            print(row(case, found[case]), flush=True)
    figures = {"cases": {case: asdict(each) for case, each in found.items()}}
    lines = [row(case, each) for case, each in found.items()]
    reports.report("overhead", figures, save=options.save, rows=lines)


if __name__ == "__main__":
    main()
