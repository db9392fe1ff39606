"""Several streams read at once, a thread each: a slow one holds nobody, and closing the reader ends them all."""

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event

from core.errors import DemoError
from core.streaming import GATHER_S
from core.types import Generation

# How long the reader waits for news before it gives its caller the chance to stop.
TICK_S = 0.1
Stream = Callable[[], Generator[str, None, Generation]]
_NOTHING = Generation("", "cancelled", 0)


@dataclass(frozen=True)
class Piece:
    """A piece of the text of stream `number`, of so many tokens or more: some make no text of their own."""

    number: int
    text: str
    tokens: int = 1


@dataclass(frozen=True)
class End:
    """Stream `number` has come to its end, or failed with `error`."""

    number: int
    generation: Generation
    elapsed_ms: float = 0.0
    error: DemoError | None = None


def merged(streams: Sequence[Stream], *, at_once: int) -> Generator[tuple[Piece | End, ...], None, None]:
    """What the streams yield, as it comes; empty when there was nothing for TICK_S.

    What comes within GATHER_S is told together, but the first and the last at once. At most `at_once` are open.
    A DemoError is the end of its own stream; anything else is raised and ends all. A closed reader closes the
    streams as soon as each has yielded once more.
    """
    news: SimpleQueue[Piece | _Ended] = SimpleQueue()
    stopped = Event()
    threads = ThreadPoolExecutor(at_once, thread_name_prefix="stream")
    try:
        for number, stream in enumerate(streams):
            future = threads.submit(copy_context().run, _read, number, stream, news, stopped)
            future.add_done_callback(lambda done, number=number: news.put(_Ended(number, done)))
        left, told_s = len(streams), 0.0
        while left:
            arrived = _joined([_settled(event) for event in _arrived(news, told_s + GATHER_S)])
            told_s = time.monotonic()
            left -= sum(isinstance(event, End) for event in arrived)
            yield arrived
    finally:
        stopped.set()
        threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class _Ended:
    number: int
    future: Future


def _arrived(news: SimpleQueue, gather_until_s: float) -> list:
    """All that comes until then, or until a stream ends; waits TICK_S for the first."""
    arrived = []
    try:
        arrived.append(news.get(timeout=TICK_S))
        while not isinstance(arrived[-1], _Ended):
            arrived.append(news.get(timeout=max(0.0, gather_until_s - time.monotonic())))
    except Empty:
        pass
    return arrived


def _joined(events: list[Piece | End]) -> tuple[Piece | End, ...]:
    """The events with one piece for each stream; ends come last."""
    texts: dict[int, list[Piece]] = {}
    for event in events:
        if isinstance(event, Piece):
            texts.setdefault(event.number, []).append(event)
    pieces = [
        Piece(number, "".join(each.text for each in own), sum(each.tokens for each in own))
        for number, own in texts.items()
    ]
    return (*pieces, *(event for event in events if isinstance(event, End)))


def _settled(event: Piece | _Ended) -> Piece | End:
    if isinstance(event, Piece):
        return event
    error = event.future.exception()
    if isinstance(error, DemoError):
        return End(event.number, _NOTHING, error=error)
    return End(event.number, *event.future.result())


def _read(number: int, stream: Stream, news: SimpleQueue, stopped: Event) -> tuple[Generation, float]:
    """What the stream came to, and how many milliseconds it took."""
    started_s = time.perf_counter()
    generation = _NOTHING
    with closing(stream()) as pieces:
        while not stopped.is_set():
            try:
                piece = next(pieces)
            except StopIteration as end:
                generation = end.value
                break
            if piece:
                news.put(Piece(number, piece))
    return generation, 1000 * (time.perf_counter() - started_s)
