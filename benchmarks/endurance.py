"""Many visitors for a long time: does anything fail that was not announced, does memory grow, are threads left behind?

Half of the sessions open pages and click their examples, half call the API; some leave without a word, and all the
while an operator unloads and loads models, and there is room for all but one. Ends by itself.
"""

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import mix, reports, servers
from benchmarks.asking import Line, RefusalError
from benchmarks.reports import Row
from benchmarks.servers import Server
from core.catalog import read_catalog
from core.types import Tier

SAMPLE_S = 2.0
# What is there once everything has been used, before it counts: caches, worker threads, Streamlit's kept sessions.
SETTLE_S = 120.0
# Streamlit keeps a session that lost its connection for two minutes.
LEAVE_S = 150.0
MOST_GROWTH = 1.05
# Threads of pools that are bounded, and kept for the next call.
MOST_THREADS = 8
LOGGED = ('"level": "ERROR"', '"level": "CRITICAL"')
PRINTED = ("Traceback", "Exception", "ERROR", "Fatal")
MOVED = ("model_loaded", "model_evicted")


@dataclass
class Watch:
    """Memory and threads of the server, sampled on a thread."""

    server: Server
    memory_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        over = threading.Event()
        watcher = threading.Thread(target=self._run, args=(over,))
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _run(self, over: threading.Event) -> None:
        while not over.wait(SAMPLE_S):
            self.memory_mb.append(self.server.memory_mb())
            self.threads.append(self.server.threads())

    def thirds(self) -> tuple[float, float]:
        """The middle of the first and of the last third of the memory."""
        third = max(1, len(self.memory_mb) // 3)
        return median(self.memory_mb[:third]), median(self.memory_mb[-third:])


def visit(server: Server, tally: mix.Tally, *, sessions: int, seconds: float, operator_s: float) -> None:
    """Everybody at once for so long; returns when the last has left."""
    over = threading.Event()
    callers = [mix.Caller(server.url, number, tally, over) for number in range(sessions // 2)]
    threads = [threading.Thread(target=caller.run) for caller in callers]
    threads.append(threading.Thread(target=mix.operate, args=(server.url, tally, over, operator_s)))
    for thread in threads:
        thread.start()
    try:
        asyncio.run(_browse(server, tally, over, sessions - len(callers), seconds))
    finally:
        over.set()
        for thread in threads:
            thread.join()


async def _browse(
    server: Server, tally: mix.Tally, over: threading.Event, visitors: int, seconds: float
) -> None:
    browsing = [
        asyncio.create_task(mix.browse(server.url, number, tally, over)) for number in range(visitors)
    ]
    await asyncio.sleep(seconds)
    over.set()
    await asyncio.gather(*browsing)


def leave_out(server: Server) -> None:
    """Ask for everything once, and no more for what this machine has no model for, or is not there yet."""
    for name, ask in list(mix.ASKED.items()):
        try:
            with Line(server.url) as line:
                ask(line, 0)
        except RefusalError as refusal:
            print(f"left out: {name}, as Vitrine says {refusal}")
            mix.ASKED.pop(name)


def bugs(log: Path) -> list[str]:
    """The errors in the server's log: its own lines of that level, and what Python and the server print."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        line[:600] for line in lines if line.startswith(PRINTED) or any(level in line for level in LOGGED)
    ]


def moved(log: Path) -> dict[str, int]:
    """How often models were loaded, and had to leave for another one."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return {event: text.count(f'"event": "{event}"') for event in MOVED}


def room_mb() -> int:
    """Memory for all starters but one: once they are all used, one has to leave whenever another is asked for."""
    return round(sum(spec.budget_mb for spec in read_catalog().specs if spec.tier is Tier.STARTER)) - 1


def settled_threads(server: Server, at_most: int, patience_s: float) -> int:
    """The threads once they are few enough, or when patience is over."""
    ends_s = time.monotonic() + patience_s
    while (threads := server.threads()) > at_most and time.monotonic() < ends_s:
        time.sleep(1.0)
    return threads


def measure(server: Server, *, minutes: float, sessions: int, operator_s: float, settle_s: float) -> dict:
    """The whole run; what is seen while it settles counts for errors, not for memory and threads."""
    tally, watch = mix.Tally(), Watch(server)
    leave_out(server)
    visit(server, tally, sessions=sessions, seconds=settle_s, operator_s=operator_s)
    threads_before = settled_threads(server, 0, min(settle_s, LEAVE_S))
    print(f"settled: {server.memory_mb():.0f} MB, {threads_before} threads, {tally}", flush=True)
    with watch.running():
        visit(server, tally, sessions=sessions, seconds=60 * minutes, operator_s=operator_s)
    threads_after = settled_threads(server, threads_before, LEAVE_S)
    first_mb, last_mb = watch.thirds()
    return {
        "minutes": minutes,
        "sessions": sessions,
        "asked": list(mix.ASKED),
        "done": dict(tally.done.most_common()),
        "refused": dict(tally.refused.most_common()),
        "failed": dict(tally.failed.most_common()),
        "failures": tally.told,
        "logged": bugs(server.log)[:20],
        "slowest_s": tally.slowest_s,
        "models": moved(server.log),
        "memory_mb": {
            "first_third": round(first_mb),
            "last_third": round(last_mb),
            "highest": round(max(watch.memory_mb)),
        },
        "memory_ratio": round(last_mb / first_mb, 3),
        "threads": {"before": threads_before, "highest": max(watch.threads), "after": threads_after},
    }


def rows(found: dict) -> list[Row]:
    what = f"{found['minutes']:g} minutes, {found['sessions']} sessions on pages and API, models loaded and unloaded"
    done, refused = sum(found["done"].values()), sum(found["refused"].values())
    failed = sum(found["failed"].values()) + len(found["logged"])
    memory, threads = found["memory_mb"], found["threads"]
    grown = found["memory_ratio"]
    return [
        Row(
            f"{what}: errors",
            f"{failed} ({done:,} done, {refused} refused with a sentence)",
            "",
            "0",
            not failed,
        ),
        Row(
            "The same: memory, last third against first third",
            f"{grown:g} times ({memory['first_third']:,} and {memory['last_third']:,} MB)",
            "",
            f"flat: under {MOST_GROWTH:g}",
            grown < MOST_GROWTH,
        ),
        Row(
            "The same: threads before and after",
            f"{threads['before']} and {threads['after']} (at most {threads['highest']})",
            "",
            "none left behind",
            threads["after"] <= threads["before"] + MOST_THREADS,
        ),
    ]


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--sessions", type=int, default=64)
    parser.add_argument("--settle", type=float, default=SETTLE_S, help="seconds of the same before it counts")
    parser.add_argument(
        "--operator", type=float, default=15.0, help="seconds between two models of the operator"
    )
    parser.add_argument("--quick", action="store_true", help="half a minute with few sessions: does it run?")
    options = parser.parse_args()
    if options.quick:
        options.minutes, options.sessions, options.settle, options.operator = 0.3, 8, 10.0, 5.0
    return options


def main() -> int:
    options = _arguments()
    settings = {"VITRINE_MODELS": "starter", "VITRINE_MEMORY_MB": str(room_mb())}
    with servers.vitrine(**settings) as server:
        server.wait_for("/api/health/ready", timeout_s=1200)
        found = measure(
            server,
            minutes=options.minutes,
            sessions=options.sessions,
            operator_s=options.operator,
            settle_s=options.settle,
        )
    lines = rows(found)
    for kind, times in found["failed"].items():
        print(f"failed {times} times: {kind}")
    for failure in found["failures"] + found["logged"]:
        print(f"failed: {failure}")
    print(f"models since the start: {found['models']}")
    for row in lines:
        print(f"{row.what}: {row.figure}")
    reports.report("endurance", found, save=options.save, rows=lines)
    return 0 if all(row.is_met for row in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
