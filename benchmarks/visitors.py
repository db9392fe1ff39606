"""Visitors at once, in a closed loop: Vitrine's API beside what a team would otherwise write around the same models.

The peers are Gradio (its default of one request at a time, and with more), FastAPI with a lock, and the plain library
call in a loop without any server. All run with the same weights; while one is measured, the others are paused. A round
takes each of them in turn, and a ratio is formed within a round.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

from benchmarks import reports, servers
from benchmarks.asking import Line, RefusalError
from benchmarks.crowd import Crowd
from benchmarks.floor import Floor, floor
from benchmarks.reports import Row, Spread
from benchmarks.servers import ROOT, Server
from benchmarks.sides import CASES, ask_of
from core.catalog import read_catalog
from core.sources import locate

PYTHON = ROOT / ".venv-bench" / "bin" / "python"
# Of the server at hand, so long that the slowest gives several answers.
SECONDS = {"question": 2.0, "picture": 2.0, "translate": 3.0, "write": 5.0}
# Answers per second are compared, but of texts, which end where the model ends them, characters.
AIMS = {("question", 32): 5.0, ("picture", 32): 5.0}
MODELS = {
    "embedder": "minilm",
    "translator": "starter-translator",
    "writer": "starter-writer",
    "classifier": "starter-vision",
}
Figures = dict[str, dict[str, float]]
"""Of one round: what each server gave, by its name."""


def folders() -> dict[str, str]:
    """The folders of the starters that are here, by what they are for."""
    known = {spec.model_id: spec for spec in read_catalog().specs}
    found = {
        use: locate(known[model_id], models_dir=None) for use, model_id in MODELS.items() if model_id in known
    }
    return {use: str(folder) for use, folder in found.items() if folder}


class Field:
    """The servers side by side, all running, and the floor."""

    def __init__(self, running: dict[str, Server], plain: Floor) -> None:
        self._servers = running
        self._floor = plain

    def warm_up(self, case: str) -> bool:
        """Let each answer once; False where Vitrine has no model for the case."""
        for name, server in self._servers.items():
            try:
                self._ask_alone(server, case)
            except RefusalError as refusal:
                if name == "vitrine":
                    print(f"{case}: left out, as Vitrine says {refusal}")
                    return False
                raise
        self._floor.ask(case, 0)
        return True

    def round(self, case: str, visitors: int, seconds: float) -> Figures:
        """One measurement of each server, one after the other."""
        figures: Figures = {}
        for name, server in self._servers.items():
            with self._alone(server):
                load = Crowd(server.url, ask_of(name, case), visitors).watch(seconds)
                self._ask_alone(
                    server, case
                )  # what was begun for those who left is over when this is answered
            figures[name] = asdict(load)
            print(f"  {name:13} {load}", flush=True)
        with self._alone(None):
            figures["plain"] = self._floor.watch(case, seconds)
        return figures

    def memory_mb(self) -> dict[str, int]:
        return {name: round(server.memory_mb()) for name, server in self._servers.items()}

    def _ask_alone(self, server: Server, case: str) -> None:
        with Line(server.url) as line:
            ask_of(server.name, case)(line, 0)

    @contextmanager
    def _alone(self, server: Server | None) -> Iterator[None]:
        with ExitStack() as stack:
            for other in self._servers.values():
                if other is not server:
                    stack.enter_context(other.paused())
            yield


@contextmanager
def everybody(python: Path, tuned: int) -> Iterator[Field]:
    """Vitrine and its peers, started and ready."""
    with ExitStack() as stack:
        given, place = folders(), Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(servers.vitrine(VITRINE_RATE_LIMIT="off", VITRINE_MODELS="starter"))
        ours.wait_for("/api/health/ready", timeout_s=1200)
        peers = [
            servers.gradio(python, given),
            servers.gradio(python, given, tuned),
            servers.naive(python, given),
        ]
        running = [ours, *(stack.enter_context(peer) for peer in peers)]
        for server, path in zip(running[1:], ("/config", "/config", "/health"), strict=True):
            server.wait_for(path, timeout_s=1200)
        yield Field(
            {server.name: server for server in running}, stack.enter_context(floor(python, given, place))
        )


def summary(rounds: list[Figures], case: str) -> dict[str, object]:
    """The median of every figure, and the ratio of Vitrine to each other within the rounds."""
    measure = "chars_per_s" if case == "write" else "per_s"
    middle = {
        name: {key: round(median(each[name][key] for each in rounds), 2) for key in rounds[0][name]}
        for name in rounds[0]
    }
    peers = [name for name in rounds[0] if name != "vitrine"]
    ratios = {
        name: asdict(
            Spread.of([each["vitrine"][measure] / _at_least_one(each[name], measure) for each in rounds])
        )
        for name in peers
    }
    errors = {name: sum(each[name].get("errors", 0) for each in rounds) for name in rounds[0]}
    return {"servers": middle, "ratios": ratios, "errors": errors}


def _at_least_one(load: dict[str, float], measure: str) -> float:
    """The figure of a peer that gave nothing in its time is as if it had given one: our ratio is then no less."""
    return max(load[measure], 1 / load["seconds"])


def rows(found: dict[str, dict[str, dict]]) -> list[Row]:
    """A line for each case and number of visitors."""
    return [
        _row(case, int(visitors), each)
        for case, by_count in found.items()
        for visitors, each in by_count.items()
    ]


def _row(case: str, visitors: int, found: dict) -> Row:
    measure, unit = ("chars_per_s", "characters/s") if case == "write" else ("per_s", "answers/s")
    middle, ratios = found["servers"], found["ratios"]
    others = ", ".join(f"{name} {middle[name][measure]:g}" for name in ratios)
    ours, gradio = middle["vitrine"], middle["gradio"]
    figure = (
        f"{ratios['gradio']['median']:g} times Gradio ({ratios['gradio-tuned']['median']:g} tuned, "
        f"{ratios['fastapi']['median']:g} FastAPI, {ratios['plain']['median']:g} the plain loop): "
        f"{ours[measure]:g} {unit} against {others}; p50 / p95 / p99 {_ms(ours)} against Gradio's {_ms(gradio)} ms; "
        f"errors {found['errors']['vitrine']}"
    )
    spread = str(Spread(**ratios["gradio"]))
    aim = AIMS.get((case, visitors))
    if aim is None:
        return Row(f"{CASES[case]}, {visitors} at once", figure, spread)
    is_met = (
        ratios["gradio"]["median"] >= aim
        and ours["p95_ms"] < gradio["p95_ms"]
        and not found["errors"]["vitrine"]
    )
    return Row(
        f"{CASES[case]}, {visitors} at once", figure, spread, f"{aim:g} times Gradio, p95 lower", is_met
    )


def _ms(load: dict[str, float]) -> str:
    at_least = "≥ " if load["unanswered"] > load["answers"] / 20 else ""
    return " / ".join(
        f"{at_least if key != 'p50_ms' else ''}{load[key]:.0f}" for key in ("p50_ms", "p95_ms", "p99_ms")
    )


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--python", type=Path, default=PYTHON, help="with requirements-bench.txt installed")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--visitors", default="1,8,32,64")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="of each measurement; 0: as suits the case"
    )
    parser.add_argument("--tuned", type=int, default=8, help="requests at once in the tuned Gradio")
    parser.add_argument(
        "--quick", action="store_true", help="one short round with few visitors: does it run?"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.visitors = 1, 1.0, "1,8"
    return options


def main() -> None:
    options = _arguments()
    found: dict[str, dict[str, dict]] = {}
    with everybody(options.python, options.tuned) as field:
        for case in options.cases.split(","):
            if not field.warm_up(case):
                continue
            found[case] = {}
            for visitors in map(int, options.visitors.split(",")):
                print(f"{case}, {visitors} at once", flush=True)
                seconds = options.seconds or SECONDS[case]
                rounds = [field.round(case, visitors, seconds) for _ in range(options.rounds)]
                found[case][str(visitors)] = summary(rounds, case)
        figures = {"tuned_limit": options.tuned, "memory_mb": field.memory_mb(), "cases": found}
    lines = rows(found)
    for row in lines:
        print(f"{row.what}: {row.figure}")
    reports.report("visitors", figures, save=options.save, rows=lines)


if __name__ == "__main__":
    main()
