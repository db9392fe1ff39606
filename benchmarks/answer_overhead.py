"""Question to answer through the API, one caller, against the bare encode + search in a plain process.

Both have the same number of torch threads and of vectors; blocks of questions alternate between them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import cycle, islice
from statistics import median

from benchmarks import reports, servers
from benchmarks.questions import FOLDER, Caller, questions
from benchmarks.reports import Row, Spread
from core.scenarios.customer_service.documents import read_entries
from core.scenarios.customer_service.index import EntryIndex

BLOCK = 10


class Bare:
    """A plain process that encodes and searches."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, question: str) -> float:
        """Milliseconds that the process took."""
        print(" ".join(question.split()), file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())


@contextmanager
def bare(vectors: int, threads: int) -> Iterator[Bare]:
    with subprocess.Popen(
        [sys.executable, str(servers.PEERS / "bare_search.py"), str(vectors)],
        # For torch and for numpy's own threads, as on the other side.
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        if process.stdout.readline() != "ready\n":
            raise servers.ServerError("bare_search.py did not start")
        yield Bare(process)


def measure(count: int, threads: int) -> dict[str, object]:
    """Medians over `count` English questions of both sides, in milliseconds."""
    vectors = len(EntryIndex.texts(read_entries("sample.csv", (FOLDER / "sample.csv").read_bytes())))
    asked = list(islice(cycle(questions("en")), count))
    blocks = [asked[start : start + BLOCK] for start in range(0, count, BLOCK)]
    ours_ms: list[float] = []
    bare_ms: list[float] = []
    settings = {"VITRINE_RATE_LIMIT": "off", "OMP_NUM_THREADS": str(threads)}
    with servers.vitrine(**settings) as server, bare(vectors, threads) as peer:
        server.wait_for("/api/health/ready")
        with Caller(server.url) as caller:
            for question in blocks[0]:  # not counted
                caller.ask(question)
                peer.ask(question)
            for block in blocks:
                ours_ms += [caller.ask(question).elapsed_ms for question in block]
                bare_ms += [peer.ask(question) for question in block]
    api_ms, plain_ms = median(ours_ms), median(bare_ms)
    figures = {"api_ms": api_ms, "bare_ms": plain_ms, "overhead_ms": api_ms - plain_ms}
    starts = range(0, len(ours_ms), BLOCK)
    by_block = [
        median(ours_ms[start : start + BLOCK]) - median(bare_ms[start : start + BLOCK]) for start in starts
    ]
    setup = {"questions": count, "vectors": vectors, "torch_threads": threads}
    rounded = {name: round(value_ms, 2) for name, value_ms in figures.items()}
    return setup | rounded | {"by_block_ms": asdict(Spread.of(by_block))}


def main() -> None:
    parser = reports.arguments(__doc__)
    parser.add_argument("--questions", type=int, default=240, help="asked on each side")
    parser.add_argument("--threads", type=int, default=2, help="torch threads on each side")
    asked = parser.parse_args()
    figures = measure(asked.questions, asked.threads)
    print(
        f"api {figures['api_ms']} ms, bare {figures['bare_ms']} ms, overhead {figures['overhead_ms']} ms (medians)"
    )
    row = Row(
        "Question → answer through the API, one caller, over bare encode and search",
        f"{figures['overhead_ms']:g} ms added ({figures['api_ms']:g} against {figures['bare_ms']:g} ms)",
        str(Spread(**figures["by_block_ms"])),
        "3 ms",
        figures["overhead_ms"] <= 3,
    )
    reports.report("answer_overhead", figures, save=asked.save, rows=[row])


if __name__ == "__main__":
    main()
