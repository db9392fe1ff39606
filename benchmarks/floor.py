"""The floor: plain library calls in a process of their own, one input after the other."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks import inputs, servers


class Floor:
    """A running benchmarks/peers/plain_loop.py."""

    def __init__(self, process: subprocess.Popen[str], pictures: Path) -> None:
        self._process = process
        self._pictures = pictures

    def ask(self, case: str, number: int) -> tuple[float, float, int]:
        """Milliseconds of one call and to its first text, and its characters."""
        print(json.dumps([case, self._given(case, number)]), file=self._process.stdin, flush=True)
        took_ms, first_ms, chars = json.loads(self._process.stdout.readline())
        return took_ms, first_ms, chars

    def watch(self, case: str, seconds: float) -> dict[str, float]:
        """What a loop of calls does in so long."""
        ends_s, replies = time.perf_counter() + seconds, []
        while not replies or time.perf_counter() < ends_s:
            replies.append(self.ask(case, len(replies)))
        took_s = sum(took_ms for took_ms, _, _ in replies) / 1000
        return {
            "seconds": took_s,
            "per_s": len(replies) / took_s,
            "chars_per_s": sum(chars for _, _, chars in replies) / took_s,
            "p50_ms": median(took_ms for took_ms, _, _ in replies),
            "first_ms": median(first_ms for _, first_ms, _ in replies),
        }

    def _given(self, case: str, number: int) -> str:
        if case == "question":
            return inputs.question(number)
        if case != "picture":
            return inputs.PARAGRAPH if case == "translate" else inputs.prompt()
        content = inputs.picture(number)
        path = self._pictures / f"{hash(content)}.jpg"
        if not path.exists():
            path.write_bytes(content)
        return str(path)


@contextmanager
def floor(python: Path, folders: dict[str, str], place: Path) -> Iterator[Floor]:
    """The plain loop, its models loaded; pictures are written to `place`."""
    command = [str(python), "-m", "benchmarks.peers.plain_loop", json.dumps(folders)]
    environment = servers.clean_environment(place) | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(servers.ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=place, env=environment, encoding="utf-8", **pipes) as process:
        try:
            if process.stdout.readline() != "ready\n":
                raise servers.ServerError("plain_loop.py did not start")
            yield Floor(process, place)
        finally:
            process.terminate()
