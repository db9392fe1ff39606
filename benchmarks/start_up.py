"""From process start to the home page painted in headless Chromium: Vitrine against an empty Streamlit app.

One browser runs all the time, and every visit has an empty cache, so only server start and page load count.
"""

import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from statistics import median
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from benchmarks import reports, servers
from benchmarks.reports import Row, Spread
from benchmarks.servers import Server

# What keeps Chromium from looking for the internet, and lets root start it.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# The first thing of its own that each app shows.
FIRST_TEXT = {"vitrine": "h1", "empty": '[data-testid="stMarkdownContainer"] p'}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Ends the program with a sentence where there is no Chromium."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        sys.exit("Chromium is not installed: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def painted_s(browser: Browser, start: Callable[[], AbstractContextManager[Server]]) -> tuple[float, float]:
    """Seconds from the start of the server's process until its port is open, and until its page shows text."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    try:
        with start() as server:
            _wait_for_port(server)
            listening_s = time.perf_counter() - server.started_s
            page.goto(server.url, wait_until="commit")
            page.locator(FIRST_TEXT[server.name]).first.wait_for(state="visible", timeout=60_000)
            return listening_s, time.perf_counter() - server.started_s
    finally:
        context.close()


def _wait_for_port(server: Server, *, timeout_s: float = 60.0) -> None:
    address = (urlsplit(server.url).hostname, urlsplit(server.url).port)
    deadline_s = time.perf_counter() + timeout_s
    while time.perf_counter() < deadline_s and server.process.poll() is None:
        try:
            socket.create_connection(address, timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.002)
    raise servers.ServerError(f"{server.name} opens no port:\n{server.log.read_text()[-3000:]}")


def main() -> None:
    parser = reports.arguments(__doc__)
    parser.add_argument("--runs", type=int, default=5, help="measured starts of each")
    parser.add_argument("--no-warm-up", action="store_true", help="with VITRINE_WARM_UP=0")
    asked = parser.parse_args()
    settings = {"VITRINE_WARM_UP": "0"} if asked.no_warm_up else {}
    starts = {"vitrine": lambda: servers.vitrine(**settings), "empty": servers.empty}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
    with chromium() as browser:
        for turn in range(asked.runs + 1):
            for name, start in starts.items():
                listening_s, shown_s = painted_s(browser, start)
                is_counted = turn > 0  # the first start of each fills the disk cache and writes .pyc files
                note = "" if is_counted else " (not counted)"
                print(f"{name:8} port {listening_s:.2f} s, painted {shown_s:.2f} s{note}", flush=True)
                if is_counted:
                    seen[name].append((listening_s, shown_s))
    figures = {
        name: {
            "listening_s": round(median(listening_s for listening_s, _ in times), 3),
            "painted_s": round(median(shown_s for _, shown_s in times), 3),
            "painted_each_s": [round(shown_s, 3) for _, shown_s in times],
        }
        for name, times in seen.items()
    }
    painted = [[shown_s for _, shown_s in seen[name]] for name in ("vitrine", "empty")]
    ratio = Spread.of([ours / empty for ours, empty in zip(*painted, strict=True)])
    print(f"painted, Vitrine over the empty app: {ratio.median:g}, {ratio}")
    report = {"runs": asked.runs, "warm_up": not asked.no_warm_up, **figures, "ratio": asdict(ratio)}
    ours_s, empty_s = figures["vitrine"]["painted_s"], figures["empty"]["painted_s"]
    row = Row(
        "Process start to home page painted, against an empty Streamlit app",
        f"{ratio.median:g} times ({ours_s:.2f} against {empty_s:.2f} s)",
        str(ratio),
        "2 times",
        ratio.median <= 2,
    )
    reports.report("start_up", report, save=asked.save, rows=[row])


if __name__ == "__main__":
    main()
