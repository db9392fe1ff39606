"""What a call costs more when a Ray Serve cluster runs the model: beside Ray Serve's own empty call, in the same run.

Everything is on this machine, so no network is in it. An engine that answers at once shows what is ours of it; the
English starter shows what a real answer takes, there and in this process. Needs requirements-serving.txt:
`.venv-serving/bin/python -m benchmarks.serving`.
"""

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles

import httpx2
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from benchmarks import reports
from benchmarks.reports import Row, Spread
from core import showcase, sources
from core.catalog import Catalog, ModelSpec, read_catalog
from core.device import Device
from core.engines import Engine
from core.pool import ModelPool
from core.settings import Settings
from core.types import EmbeddingItem
from serving import local_ray
from serving.plan import Group, Plan

local_ray.set_defaults()

from ray import serve  # noqa: E402 - reads them when it is imported

from serving.deploy import deploy  # noqa: E402
from serving.replica import load_checked  # noqa: E402

ROUNDS = 5
CALLS = 60
CALLERS = 16
REAL, INSTANT = "minilm", "instant"
VECTOR = np.zeros(384, dtype=np.float32)


class Instant:
    """An engine without work."""

    device = Device("cpu", "CPU", "float32", budget_mb=100.0)

    def predict(self, items: list) -> list[np.ndarray]:
        return [VECTOR] * len(items)

    def close(self) -> None:
        """Nothing to free."""


class Empty:
    """Ray Serve's own call: as many bytes in and out, and nothing done."""

    async def __call__(self, request: Request) -> Response:
        await request.body()
        return Response(VECTOR.tobytes())


@dataclass(frozen=True)
class Sides:
    """The calls that are compared, by name; each asks once and waits for the answer."""

    calls: dict[str, Callable[[], object]]

    def lone_ms(self, name: str) -> float:
        """The middle of CALLS calls of one caller."""
        call, times = self.calls[name], []
        for _call in range(CALLS):
            began_s = time.perf_counter()
            call()
            times.append(1000 * (time.perf_counter() - began_s))
        return median(times)

    def crowd(self, name: str) -> tuple[float, float]:
        """Calls a second of CALLERS callers together, and the 95th percentile of their milliseconds."""
        with ThreadPoolExecutor(CALLERS) as threads:
            began_s = time.perf_counter()
            times = list(threads.map(lambda _: self._timed_ms(name), range(CALLERS * CALLS // 4)))
            return len(times) / (time.perf_counter() - began_s), quantiles(times, n=20)[-1]

    def _timed_ms(self, name: str) -> float:
        began_s = time.perf_counter()
        self.calls[name]()
        return 1000 * (time.perf_counter() - began_s)


def main() -> None:
    options = reports.arguments(__doc__).parse_args()
    with cluster() as address, sides(address) as compared:
        lone = {name: [] for name in compared.calls}
        crowds = {name: [] for name in compared.calls}
        for name in compared.calls:
            compared.lone_ms(name)
        for _round in range(ROUNDS):
            for name in compared.calls:
                lone[name].append(compared.lone_ms(name))
                crowds[name].append(compared.crowd(name))
    figures = {
        "calls_per_round": CALLS,
        "lone_ms": {name: Spread.of(values).__dict__ for name, values in lone.items()},
        "callers": CALLERS,
        "crowd_per_s": {
            name: Spread.of([rate for rate, _ in values], 1).__dict__ for name, values in crowds.items()
        },
        "crowd_p95_ms": {
            name: Spread.of([p95 for _, p95 in values]).__dict__ for name, values in crowds.items()
        },
    }
    rows = list(table(lone, crowds))
    for row in rows:
        print(f"{row.what:64} {row.figure:>12}  {row.spread}")
    reports.report("serving", figures, save=options.save, rows=rows)


def table(lone: dict[str, list[float]], crowds: dict[str, list[tuple[float, float]]]) -> Iterator[Row]:
    for name, values in lone.items():
        spread = Spread.of(values)
        yield Row(f"One caller, {name}", f"{spread.median:g} ms", str(spread))
    added = [
        ours - empty for ours, empty in zip(lone["ours, no work"], lone["Ray's empty call"], strict=True)
    ]
    yield Row("Ours on top of Ray's empty call", f"{Spread.of(added).median:g} ms", str(Spread.of(added)))
    for name, values in crowds.items():
        spread = Spread.of([rate for rate, _ in values], 1)
        yield Row(f"{CALLERS} callers, {name}", f"{spread.median:g} /s", str(spread))


@contextmanager
def cluster() -> Iterator[str]:
    """A Ray Serve with the starter, the engine without work, and the empty call."""
    group = Group(
        "encoders", max_models=2, warm=(INSTANT, REAL), max_ongoing_requests=64, max_queued_requests=256
    )
    port = _free_port()
    with (
        tempfile.TemporaryDirectory(prefix="vitrine-") as folder,
        local_ray.running(num_cpus=2, temp_dir=Path(folder)),
    ):
        deploy(Plan((group,)), catalog(), Settings(device="cpu"), port=port, load=load, locate=locate)
        empty = serve.deployment(Empty, max_ongoing_requests=64, ray_actor_options={"num_cpus": 0.5})
        serve.run(empty.bind(), name="empty", route_prefix="/empty")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def sides(address: str) -> Iterator[Sides]:
    there = showcase.build(Settings(backend=address))
    here = showcase.build(Settings(device="cpu", models="starter"))
    http = httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=CALLERS))
    item, body = EmbeddingItem("Where is my parcel?"), b"x" * 80

    def ask(pool: ModelPool, spec: ModelSpec) -> Callable[[], object]:
        return lambda: pool.predict(spec, item)

    with closing(there), closing(here), closing(http):
        specs = {spec.model_id: spec for spec in catalog().specs}
        there.models.catalog = catalog()
        yield Sides(
            {
                "Ray's empty call": lambda: (
                    http.post(f"{address}/empty", content=body).raise_for_status().content
                ),
                "ours, no work": ask(there.models, specs[INSTANT]),
                "the English starter on the cluster": ask(there.models, specs[REAL]),
                "the English starter in this process": ask(here.models, specs[REAL]),
            }
        )


def catalog() -> Catalog:
    real = read_catalog().spec(REAL)
    return Catalog((real, replace(real, model_id=INSTANT, roles=(INSTANT,), sha256={})))


def load(spec: ModelSpec, settings: Settings) -> Engine:
    return Instant() if spec.model_id == INSTANT else load_checked(spec, settings)


def locate(spec: ModelSpec, *, models_dir: Path) -> Path | None:
    return Path() if spec.model_id == INSTANT else sources.locate(spec, models_dir=models_dir)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
