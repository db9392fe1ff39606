"""What visitors cost: memory after every page was opened, memory and reruns per second with 1 to 256 sessions."""

import argparse
import asyncio
from dataclasses import asdict

from benchmarks import reports, servers
from benchmarks.home_rerun import Load, measure_many
from benchmarks.reports import Row, Spread
from benchmarks.servers import Server
from benchmarks.websocket import Session
from core import demos

COUNTS = (1, 4, 16, 64, 256)


def pages() -> list[str]:
    """The addresses of all pages; Home is ""."""
    return ["", *(demo.demo_id for demo in demos.DEMOS if not demo.is_coming), "operations"]


async def memory_by_page(server: Server) -> dict[str, int]:
    """Megabytes after each page was opened, one after the other, each in a session of its own that stays."""
    sessions, memory_mb = [], {"ready": round(server.memory_mb())}
    for name in pages():
        session = Session(server.url, name)
        sessions.append(await session.__aenter__())
        await session.rerun()
        memory_mb[name or "home"] = round(server.memory_mb())
    for session in sessions:
        await session.__aexit__(None, None, None)
    return memory_mb


def grown(server: Server, sessions: int, *, rounds: int, seconds: float) -> dict[str, object]:
    """The rounds of so many sessions, and the memory in their midst."""
    loads: list[Load] = [
        asyncio.run(measure_many(server, sessions=sessions, seconds=seconds)) for _ in range(rounds)
    ]
    print(f"{sessions} sessions: {loads[-1]}, {server.memory_mb():.0f} MB", flush=True)
    return {
        "reruns_per_s": asdict(Spread.of([load.reruns_per_s for load in loads], digits=1)),
        "p95_ms": asdict(Spread.of([load.p95_ms for load in loads], digits=0)),
        "errors": sum(load.errors for load in loads),
        "memory_mb": round(server.memory_mb()),
    }


def rows(memory_mb: dict[str, int], found: dict[int, dict]) -> list[Row]:
    """A line for the pages, and one for each number of sessions."""
    ready, last = memory_mb["ready"], list(memory_mb.values())[-1]
    lines = [
        Row(
            "Memory with all starters loaded, before and after every page was opened",
            f"{ready:,} and {last:,} MB",
        )
    ]
    for count, each in found.items():
        speed = Spread(**each["reruns_per_s"])
        figure = (
            f"{speed.median:g} reruns/s, p95 {each['p95_ms']['median']:g} ms, {each['memory_mb']:,} MB, "
            f"errors {each['errors']}"
        )
        lines.append(Row(f"Growth: {count} sessions rerun Home in a closed loop", figure, str(speed)))
    return lines


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--sessions", default=",".join(map(str, COUNTS)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument(
        "--quick", action="store_true", help="one short round with few sessions: does it run?"
    )
    options = parser.parse_args()
    if options.quick:
        options.sessions, options.rounds, options.seconds = "1,4", 1, 1.0
    return options


def main() -> None:
    options = _arguments()
    with servers.vitrine(VITRINE_RATE_LIMIT="off", VITRINE_MODELS="starter") as server:
        server.wait_for("/api/health/ready", timeout_s=1200)
        memory_mb = asyncio.run(memory_by_page(server))
        counts = map(int, options.sessions.split(","))
        found = {
            count: grown(server, count, rounds=options.rounds, seconds=options.seconds) for count in counts
        }
    lines = rows(memory_mb, found)
    for row in lines:
        print(f"{row.what}: {row.figure}")
    reports.report("sessions", {"pages_mb": memory_mb, "sessions": found}, save=options.save, rows=lines)


if __name__ == "__main__":
    main()
