"""Visitors of every kind, for the endurance run: who opens pages, who calls the API, who leaves in the midst of it."""

import asyncio
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from benchmarks.asking import AskError, Line, RefusalError
from benchmarks.sessions import pages
from benchmarks.sides import Vitrine
from benchmarks.websocket import PageError, Session
from core import demos

# Refusals that say what happened and what to do: too much at once, or a model that the operator has just unloaded.
ANNOUNCED = (
    "overloaded",
    "rate_limited",
    "deadline_exceeded",
    "model_unavailable",
    "model_in_use",
    "not_ready",
    "too_many_sessions",
)
BUG = "Something went wrong"
THINKS_S = (0.2, 2.0)
# A page that has not come by then has timed out, which is a failure.
PAGE_S = 120.0
TOLD = 20
STARTERS = (
    "starter-grocery",  # which the others have to make room for
    "minilm",
    "starter-bilingual",
    "starter-translator",
    "starter-writer",
    "starter-chest-xray",
)


@dataclass
class Tally:
    """What everybody saw; may be written from any thread."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    """By what was asked for and what became of it."""
    told: list[str] = field(default_factory=list)
    """The first failures in full."""
    slowest_s: dict[str, float] = field(default_factory=dict)
    """The longest that each page took, waiting in line included."""

    def refusal(self, what: str, refusal: RefusalError) -> None:
        """An announced refusal is counted; any other is a failure."""
        if refusal.code in ANNOUNCED:
            self.refused[f"{what}: {refusal.code}"] += 1
        else:
            self.failure(what, refusal.code or str(refusal.status), str(refusal))

    def page(self, name: str, alerts: list[str], elapsed_ms: float) -> None:
        what = f"page {name or 'home'}"
        self.done[what] += 1
        self.slowest_s[what] = max(self.slowest_s.get(what, 0.0), round(elapsed_ms / 1000, 1))
        for alert in alerts:
            if alert.startswith(BUG):
                self.failure(what, BUG, alert)

    def failure(self, what: str, kind: str, message: str) -> None:
        self.failed[f"{what}: {kind}"] += 1
        if len(self.told) < TOLD:
            self.told.append(f"{what}: {kind}: {message}")


@dataclass
class Caller:
    """A program that asks the API for this and that, and now and then hangs up while it is being answered."""

    url: str
    number: int
    tally: Tally
    over: threading.Event

    def run(self) -> None:
        """Until it is over."""
        choose = random.Random(self.number)
        while not self.over.wait(choose.uniform(*THINKS_S)):
            name, ask = choose.choice(list(ASKED.items()))
            with Line(self.url, visitor=self.number) as line:
                leaves = (
                    threading.Timer(choose.uniform(0.01, 0.5), line.cut) if choose.random() < 0.2 else None
                )
                if leaves:
                    leaves.start()
                self._ask(name, ask, line, has_left=leaves)
                if leaves:
                    leaves.cancel()
                    leaves.join()

    def _ask(self, name: str, ask: Callable, line: Line, *, has_left: threading.Timer | None) -> None:
        try:
            ask(line, self.number + int(1000 * time.monotonic()) % 997)
            self.tally.done[name] += 1
        except RefusalError as refusal:
            self.tally.refusal(name, refusal)
        except (AskError, OSError, ValueError, http.client.HTTPException) as error:
            if has_left is None:
                self.tally.failure(name, type(error).__name__, str(error))
            else:
                self.tally.done[f"{name}, left"] += 1


def recommend(line: Line, number: int) -> None:
    """For a visitor who likes two things of the sample's shop."""
    body = {
        "recommender": ("ease", "popularity", "item-knn", "hybrid")[number % 4],
        "history": ["apron-linen", "bag-handlebar"],
        "k": 10,
    }
    line.post_json("/api/recommendation/recommend", body).read()


def ask_own_knowledge_base(line: Line, number: int) -> None:
    """Bring a small file, and ask it."""
    rows = "\n".join(f"Where is shelf {row}?,Shelf {row} is in room {row * 7}." for row in range(20))
    brought = line.post_file(
        "/api/customer-service/knowledge-bases",
        f"question,answer\n{rows}\n".encode(),
        field="file",
        name="shelves.csv",
    )
    body = {"question": "Where is shelf 7?", "knowledge_base": json.load(brought)["id"]}
    line.post_json("/api/customer-service/answer", body).read()


def look_around(line: Line, number: int) -> None:
    line.get("/api/models").read()
    line.get("/api/metrics").read()


ASKED: dict[str, Callable] = {
    "question": Vitrine.question,
    "question again": Vitrine.question,
    "translate": Vitrine.translate,
    "write": Vitrine.write,
    "triage": Vitrine.triage,
    "picture": Vitrine.picture,
    "recommend": recommend,
    "knowledge base": ask_own_knowledge_base,
    "look around": look_around,
}


def operate(url: str, tally: Tally, over: threading.Event, seconds: float) -> None:
    """Unload a model and load it again, one after the other, as an operator may."""
    turn = 0
    while not over.wait(seconds):
        model_id = STARTERS[turn % len(STARTERS)]
        with Line(url, visitor=249) as line:
            for action in ("unload", "load"):
                try:
                    line.post_json(f"/api/models/{model_id}/{action}", {}).read()
                    tally.done[f"operator {action}"] += 1
                except RefusalError as refusal:
                    tally.refusal(f"operator {action}", refusal)
        turn += 1


async def browse(url: str, number: int, tally: Tally, over: threading.Event) -> None:
    """A visitor who goes from page to page, tries examples, and leaves politely or not."""
    choose = random.Random(1000 + number)
    while not over.is_set():
        name = choose.choice(pages())
        try:
            async with Session(url, name) as session:
                await _look(session, choose, tally, over)
        except (PageError, OSError, WebSocketException, TimeoutError) as error:
            tally.failure(f"page {name or 'home'}", type(error).__name__, str(error))


async def _look(session: Session, choose: random.Random, tally: Tally, over: threading.Event) -> None:
    keys = [f"{demo.key}_example_{example.example_id}" for demo in demos.DEMOS for example in demo.examples]
    for _ in range(choose.randint(1, 4)):
        clickable = [key for key in keys if key in session.buttons]
        click = choose.choice(clickable) if clickable and choose.random() < 0.5 else None
        if choose.random() < 0.2:
            await session.begin(click)
            await asyncio.sleep(choose.uniform(0.0, 0.3))
            await session.abort()
            tally.done["page, left"] += 1
            return
        rerun = await asyncio.wait_for(session.rerun(click), PAGE_S)
        tally.page(session.page_name, session.alerts, rerun.elapsed_ms)
        if over.is_set():
            return
        await asyncio.sleep(choose.uniform(*THINKS_S))
