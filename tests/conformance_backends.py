"""The two places where models run, for tests that hold for both: this process, and a Ray Serve on loopback."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core.cluster import Cluster
from core.device import Device
from core.pool import ModelPool
from core.settings import Settings
from tests.conformance_cluster import catalog
from tests.conformance_engines import Gates, load_gated

ROOT = Path(__file__).parent.parent
START_S = 300.0
CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)


class Local:
    """Models in this process."""

    name = "local"

    def __init__(self, folder: Path) -> None:
        self.gates = Gates(folder)

    @contextmanager
    def pool(self, **options: object) -> Iterator[ModelPool]:
        pool = ModelPool(
            catalog(),
            locate=lambda spec: self.gates.folder,
            download=None,
            load=lambda spec, folder, device: load_gated(spec, Settings(models_dir=self.gates.folder)),
            detect_device=lambda: CPU,
            **options,
        )
        with closing(pool):
            yield pool


class Remote:
    """Models on a Ray Serve, as a web process has them."""

    name = "ray"

    def __init__(self, folder: Path, address: str) -> None:
        self.gates = Gates(folder)
        self.address = address

    @property
    def is_up(self) -> bool:
        return self.gates.read("up") is not None

    @contextmanager
    def pool(self, **options: object) -> Iterator[ModelPool]:
        with closing(Cluster(self.address)) as cluster, closing(remote_pool(cluster, **options)) as pool:
            yield pool


def remote_pool(cluster: Cluster, **options: object) -> ModelPool:
    return ModelPool(
        catalog(),
        locate=cluster.locate,
        download=cluster.download,
        load=lambda spec, folder, device: cluster.connect(spec),
        calibration_of=cluster.calibration,
        detect_device=lambda: cluster.device,
        memory_mb=cluster.device.budget_mb,
        **options,
    )


@contextmanager
def running_cluster() -> Iterator[Remote]:
    """A Ray Serve with the models of conformance_cluster.py, in a process of its own; skips where there is no Ray."""
    python = _python_with_ray()
    # A short path: the sockets of Ray lie below it.
    folder = Path(tempfile.mkdtemp(prefix="vitrine-", dir=os.environ.get("VITRINE_TEST_DIR")))
    port = free_port()
    command = [python, "-m", "tests.conformance_cluster", str(folder), str(port)]
    with (folder / "log").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output, stderr=output, env=_environment()
        )
    remote = Remote(folder, f"http://127.0.0.1:{port}")
    try:
        remote.gates.wait_until(
            lambda: remote.gates.read("up") is not None or process.poll() is not None, most_s=START_S
        )
        assert process.poll() is None, (folder / "log").read_text()
        yield remote
    finally:
        process.stdin.close()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _python_with_ray() -> str:
    if importlib.util.find_spec("ray"):
        return sys.executable
    if python := os.environ.get("VITRINE_SERVING_PYTHON"):
        return python
    place = ROOT / ".venv-serving"
    if not (place / ".installed").exists():
        pytest.skip("Ray is not installed: make .venv-serving/.installed")
    return str(place / "bin" / "python")


def _environment() -> dict[str, str]:
    """Without an address, which would let the tests kill copies of somebody's cluster."""
    return {key: value for key, value in os.environ.items() if key != "RAY_ADDRESS"} | {
        "OMP_NUM_THREADS": "1"
    }
