"""Rerun of Home over the websocket, all starter models loaded: Vitrine against the ordinary Streamlit app.

Both servers run at once, but only one at a time has the processor; the rounds alternate.
"""

import asyncio
import time
from dataclasses import asdict, dataclass
from statistics import median, quantiles

from websockets.exceptions import WebSocketException

from benchmarks import reports, servers
from benchmarks.servers import Server
from benchmarks.websocket import PageError, Session

MOST_SECONDS = 60.0


@dataclass(frozen=True)
class Load:
    """What many sessions got that ask again as soon as they are answered."""

    reruns_per_s: float
    p50_ms: float
    p95_ms: float
    errors: int
    server_cpu_ms_per_rerun: float
    client_cpu_share: float
    """Near 1 means that this client, not the server, was the limit."""


async def measure_one(url: str, *, reruns: int, seconds: float) -> float:
    """Median milliseconds of a rerun in one session; stops after `seconds` even if fewer were done."""
    async with Session(url) as session:
        for _warm_up in range(3):
            await session.rerun()
        deadline_s = time.perf_counter() + seconds
        times_ms = []
        while len(times_ms) < reruns and time.perf_counter() < deadline_s:
            times_ms.append((await session.rerun()).elapsed_ms)
        return median(times_ms)


async def measure_many(server: Server, *, sessions: int, seconds: float) -> Load:
    """What a closed loop of sessions gets in `seconds`, or in longer where that is less than two rounds."""
    crowd = Crowd(server, sessions)
    visitors = [asyncio.create_task(crowd.visit()) for _ in range(sessions)]
    try:
        await asyncio.wait_for(crowd.wait_until_busy(), timeout=120)
        return await crowd.watch(seconds)
    finally:
        for visitor in visitors:
            visitor.cancel()
        await asyncio.gather(*visitors, return_exceptions=True)


class Crowd:
    """Sessions in a closed loop on one server, and what they saw."""

    def __init__(self, server: Server, sessions: int) -> None:
        self._server = server
        self._sessions = sessions
        self._times_ms: list[float] = []
        self._errors = 0
        self._busy = 0

    async def visit(self) -> None:
        """One visitor, for ever."""
        try:
            async with Session(self._server.url) as session:
                await session.rerun()
                self._busy += 1
                while True:
                    self._times_ms.append((await session.rerun()).elapsed_ms)
        except (PageError, OSError, WebSocketException) as error:
            print(f"a session failed: {error}")
            self._busy += 1
            self._errors += 1

    async def wait_until_busy(self) -> None:
        while self._busy < self._sessions:
            await asyncio.sleep(0.01)

    async def watch(self, seconds: float) -> Load:
        self._times_ms.clear()
        started_s, server_cpu_s, client_cpu_s = time.perf_counter(), _cpu_s(self._server), time.process_time()
        await self._wait_for_two_rounds(started_s, seconds)
        elapsed_s = time.perf_counter() - started_s
        server_cpu_s, client_cpu_s = _cpu_s(self._server) - server_cpu_s, time.process_time() - client_cpu_s
        done = list(self._times_ms)
        return Load(
            reruns_per_s=len(done) / elapsed_s,
            p50_ms=median(done),
            p95_ms=quantiles(done, n=20)[-1],
            errors=self._errors,
            server_cpu_ms_per_rerun=1000 * server_cpu_s / len(done),
            client_cpu_share=client_cpu_s / elapsed_s,
        )

    async def _wait_for_two_rounds(self, started_s: float, seconds: float) -> None:
        # A slow server answers all sessions in bursts: a short window would count a whole burst, or none.
        while (elapsed_s := time.perf_counter() - started_s) < MOST_SECONDS:
            if elapsed_s >= seconds and len(self._times_ms) >= 2 * self._sessions:
                return
            await asyncio.sleep(0.05)
        if len(self._times_ms) < self._sessions // 2:
            raise TimeoutError(f"{self._server.name}: {len(self._times_ms)} reruns in {MOST_SECONDS} s")


def _cpu_s(server: Server) -> float:
    times = server.process.cpu_times()
    return times.user + times.system


def measure(rounds: str, *, sessions: int, seconds: float, reruns: int) -> dict[str, dict[str, object]]:
    """Figures per server; `rounds` is a string of V (Vitrine) and S (stock), measured in that order."""
    with servers.vitrine(VITRINE_RATE_LIMIT="off") as vitrine, servers.stock() as stock:
        vitrine.wait_for("/api/health/ready")
        stock.wait_for("/_stcore/health")
        asyncio.run(measure_one(stock.url, reruns=1, seconds=60))  # the first visitor loads the models
        seen: dict[str, list[tuple[float, Load]]] = {"vitrine": [], "stock": []}
        for letter in rounds:
            server, other = (vitrine, stock) if letter == "V" else (stock, vitrine)
            with other.paused():
                one_ms = asyncio.run(measure_one(server.url, reruns=reruns, seconds=seconds))
                load = asyncio.run(measure_many(server, sessions=sessions, seconds=seconds))
            print(f"{server.name:8} one {one_ms:6.1f} ms   {sessions} sessions: {load}", flush=True)
            seen[server.name].append((one_ms, load))
    return {name: _summary(measured) for name, measured in seen.items()}


def _summary(measured: list[tuple[float, Load]]) -> dict[str, object]:
    loads = [asdict(load) for _, load in measured]
    merged = {name: round(median(load[name] for load in loads), 2) for name in loads[0]}
    merged["errors"] = sum(load["errors"] for load in loads)
    return {"one_session_ms": round(median(one_ms for one_ms, _ in measured), 2), **merged}


def main() -> None:
    parser = reports.arguments(__doc__)
    parser.add_argument("--rounds", default="VSVSV", help="order of the rounds: V Vitrine, S stock")
    parser.add_argument("--sessions", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8.0, help="least window of each measurement")
    parser.add_argument("--reruns", type=int, default=30, help="reruns of the single session")
    asked = parser.parse_args()
    figures = measure(asked.rounds, sessions=asked.sessions, seconds=asked.seconds, reruns=asked.reruns)
    ours, theirs = figures["vitrine"], figures["stock"]
    print(f"\n{'':26}{'vitrine':>12}{'stock':>12}")
    for name in ours:
        print(f"{name:26}{ours[name]:>12}{theirs[name]:>12}")
    ratio = round(ours["reruns_per_s"] / theirs["reruns_per_s"], 1)
    print(f"reruns/s, Vitrine over stock: {ratio}")
    reports.report("home_rerun", {"sessions": asked.sessions, **figures, "ratio": ratio}, save=asked.save)


if __name__ == "__main__":
    main()
