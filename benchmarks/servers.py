"""The servers that are measured: started on a free loopback port, with a clean environment, and stopped."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "benchmarks" / "peers"
# Everything else a developer has exported (VITRINE_*, STREAMLIT_*, HF_*) must not change what is measured.
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "LD_LIBRARY_PATH", "SYSTEMROOT")

# The variables and the options that `make run` gives.
_SET_BY_MAKE = {"MALLOC_ARENA_MAX": "2"}
_UVICORN = ("-m", "uvicorn", "streamlit_app:app", "--ws-per-message-deflate", "false", "--no-access-log")


class ServerError(Exception):
    """A server under measurement did not start, or died; the message ends with its log."""


@dataclass(frozen=True)
class Server:
    """A running server; `started_s` is time.perf_counter() just before its process was started."""

    name: str
    url: str
    process: psutil.Popen
    log: Path
    started_s: float

    def memory_mb(self) -> float:
        """Resident memory of the process and its children."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(each.memory_info().rss for each in family) / 2**20

    def threads(self) -> int:
        return self.process.num_threads()

    def cpu_s(self) -> float:
        """Processor time used so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def wait_for(self, path: str, *, timeout_s: float = 120.0, poll_s: float = 0.05) -> None:
        """Return once GET `path` answers 200; raises ServerError when the process ends or time is up."""
        deadline_s = time.perf_counter() + timeout_s
        while not _answers(self.url + path):
            if self.process.poll() is not None or time.perf_counter() > deadline_s:
                raise ServerError(f"{self.name} does not answer {path}:\n{self.log.read_text()[-3000:]}")
            time.sleep(poll_s)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take no processor time, so that another server is measured alone."""
        self.process.suspend()
        try:
            yield
        finally:
            self.process.resume()


def vitrine(**settings: str) -> AbstractContextManager[Server]:
    """`uvicorn streamlit_app:app`, as `make run` starts it; `settings` are further environment variables."""
    arguments = [*_UVICORN, "--log-level", "warning", "--host", "127.0.0.1"]
    return _running("vitrine", arguments, _SET_BY_MAKE | settings)


def stock() -> AbstractContextManager[Server]:
    """The ordinary app: `streamlit run` with default options."""
    return _running("stock", _streamlit_run(PEERS / "stock_app.py"), {})


def empty() -> AbstractContextManager[Server]:
    """The empty app: `streamlit run` with default options."""
    return _running("empty", _streamlit_run(PEERS / "empty_app.py"), {})


def gradio(python: Path, folders: dict[str, str], limit: int = 1) -> AbstractContextManager[Server]:
    """The plain Gradio interfaces in an environment of their own; `limit` requests of a kind run at once."""
    name = "gradio" if limit == 1 else "gradio-tuned"
    return _peer(name, python, "gradio_app", [json.dumps(folders), str(limit)])


def naive(python: Path, folders: dict[str, str]) -> AbstractContextManager[Server]:
    """The plain FastAPI server: a lock around each model."""
    return _peer("fastapi", python, "naive_api", [json.dumps(folders)])


@contextmanager
def _peer(name: str, python: Path, module: str, arguments: list[str]) -> Iterator[Server]:
    port = _free_port()
    command = [str(python), "-m", f"benchmarks.peers.{module}", str(port), *arguments]
    extra = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    with _started(name, command, extra, port) as server:
        yield server


def _streamlit_run(script: Path) -> list[str]:
    # Headless only keeps Streamlit from asking for an e-mail address and from opening a browser.
    return ["-m", "streamlit", "run", str(script), "--server.headless=true", "--server.address=127.0.0.1"]


@contextmanager
def _running(name: str, arguments: list[str], settings: dict[str, str]) -> Iterator[Server]:
    port = _free_port()
    flag = "--port" if "uvicorn" in arguments else "--server.port"
    command = [sys.executable, *arguments, flag, str(port)]
    with _started(name, command, settings, port) as server:
        yield server


@contextmanager
def _started(name: str, command: list[str], settings: dict[str, str], port: int) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        home = Path(folder)
        environment = clean_environment(home) | settings
        # A peer must not pick up Vitrine's .streamlit/config.toml from the working directory.
        where = ROOT if name == "vitrine" else home
        with (home / "server.log").open("wb") as log:
            started_s = time.perf_counter()
            process = psutil.Popen(
                command,
                cwd=where,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Server(name, f"http://127.0.0.1:{port}", process, home / "server.log", started_s)
        finally:
            _stop(process)


def clean_environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    ours = {
        "VITRINE_DATABASE_URL": f"sqlite:///{home / 'vitrine.db'}",
        "VITRINE_MODELS_DIR": str(home / "models"),
    }
    return kept | ours | {"HOME": str(home), "TMPDIR": str(home), "PYTHONUNBUFFERED": "1"}


def _stop(process: psutil.Popen) -> None:
    """Ask, then insist: a server whose script is busy may not end by itself."""
    with suppress(psutil.NoSuchProcess):  # it may have ended by itself
        process.terminate()
    try:
        process.wait(timeout=10)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
