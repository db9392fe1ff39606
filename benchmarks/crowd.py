"""Visitors in a closed loop: each asks again as soon as it is answered, until time is up; then all leave at once."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.asking import AskError, Line, Reply
from benchmarks.sides import Ask


@dataclass(frozen=True)
class Load:
    """What a crowd got. Those who still waited at the end count with the time that they had waited by then."""

    visitors: int
    seconds: float
    answers: int
    per_s: float
    chars_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    first_ms: float
    """To the first text, in the middle of those who got any."""
    unanswered: int
    errors: int
    client_cpu_share: float
    """Near 1 means that the measuring process, not the server, was the limit."""


@dataclass
class Crowd:
    """`visitors` threads that ask one server in one way."""

    url: str
    ask: Ask
    visitors: int
    replies: list[Reply] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _asked_s: dict[int, float] = field(default_factory=dict)

    def watch(self, seconds: float) -> Load:
        """Let them ask for so long, and say what they got."""
        with_all = [Line(self.url, visitor=number) for number in range(self.visitors)]
        threads = [
            threading.Thread(target=self._visit, args=(number, line)) for number, line in enumerate(with_all)
        ]
        began_s, client_s = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        self._over.wait(seconds)
        self._over.set()
        ended_s, client_s = time.perf_counter(), time.process_time() - client_s
        replies, chars = list(self.replies), sum(line.chars for line in with_all)
        waiting_s = [ended_s - asked_s for asked_s in list(self._asked_s.values())]
        for line in with_all:
            line.cut()
        for thread in threads:
            thread.join()
        elapsed_s = ended_s - began_s
        return self._load(replies, waiting_s, chars, elapsed_s, client_s / elapsed_s)

    def _visit(self, number: int, line: Line) -> None:
        turn = number
        with line:
            while not self._over.is_set():
                self._asked_s[number] = time.perf_counter()
                try:
                    self.replies.append(self.ask(line, turn))
                except (AskError, OSError, ValueError, http.client.HTTPException) as error:
                    # Whoever is sent away at the end has not failed.
                    if not self._over.is_set():
                        self.errors.append(f"{type(error).__name__}: {error}")
                        self._over.wait(0.1)
                self._asked_s.pop(number)
                turn += self.visitors

    def _load(
        self, replies: list[Reply], waiting_s: list[float], chars: int, elapsed_s: float, client: float
    ) -> Load:
        times_ms = sorted(1000 * each for each in [*(reply.whole_s for reply in replies), *waiting_s])
        cuts = quantiles(times_ms, n=100) if len(times_ms) > 1 else times_ms * 99 or [0.0] * 99
        firsts = [reply.first_s for reply in replies if reply.first_s]
        return Load(
            visitors=self.visitors,
            seconds=elapsed_s,
            answers=len(replies),
            per_s=len(replies) / elapsed_s,
            chars_per_s=chars / elapsed_s,
            p50_ms=cuts[49],
            p95_ms=min(cuts[94], times_ms[-1]) if times_ms else 0.0,
            p99_ms=min(cuts[98], times_ms[-1]) if times_ms else 0.0,
            first_ms=1000 * median(firsts) if firsts else 0.0,
            unanswered=len(waiting_s),
            errors=len(self.errors),
            client_cpu_share=client,
        )
