"""Engines without weights that files hold back: a test and the engine may be in different processes."""

import os
import threading
from pathlib import Path

import psutil

from core.catalog import ModelSpec
from core.device import Device
from core.errors import InvalidInputError
from core.settings import Settings
from tests.fakes import FakeWriter, load_fake

POLL_S = 0.01


class Gates:
    """Files of one folder as flags: `shut` makes engines wait, `marks` tell what they have done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shut(self, name: str) -> None:
        (self.folder / name).touch()

    def open(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def pass_(self, name: str) -> None:
        self.wait_until(lambda: not (self.folder / name).exists())

    def settle(self) -> None:
        """Open everything, and wait until whoever was held has gone on; the dead cannot."""
        for gate in ("hold", "start"):
            self.open(gate)
        self.wait_until(lambda: (pid := self.read("holding")) is None or not psutil.pid_exists(int(pid)))
        self.open("holding")
        self.open("writing")

    def mark(self, name: str, value: object = "") -> None:
        # In one step, so that nobody reads half of it.
        draft = self.folder / f"{name}.{os.getpid()}.{threading.get_ident()}.draft"
        draft.write_text(str(value))
        draft.rename(self.folder / name)

    def read(self, name: str) -> str | None:
        path = self.folder / name
        return path.read_text() if path.exists() else None

    def wait_until(self, condition, *, most_s: float = 120.0) -> None:
        for _attempt in range(round(most_s / POLL_S)):
            if condition():
                return
            threading.Event().wait(POLL_S)
        raise AssertionError(f"did not happen within {most_s} s")


class Gated:
    """An engine of tests.fakes; an item that says "hold" waits at the gate, "bad" is refused, "bug" is one."""

    def __init__(self, engine, gates: Gates) -> None:
        self._engine = engine
        self._gates = gates
        self.device = engine.device

    def predict(self, items: list) -> list:
        words = " ".join(_words(item) for item in items)
        self._gates.mark("batch", len(items))
        if "hold" in words:
            self._gates.mark("holding", os.getpid())
            self._gates.pass_("hold")
            self._gates.open("holding")
        if "bad" in words:
            raise InvalidInputError("Write less than {limit} words.", limit=3)
        if "bug" in words:
            raise ZeroDivisionError
        return self._engine.predict(items)

    def close(self) -> None:
        self._engine.close()


class GatedWriter(FakeWriter):
    """Steps only while nothing is held, and marks how many rows it has."""

    def __init__(self, device: Device, gates: Gates) -> None:
        super().__init__(device)
        self._gates = gates

    def join(self, items):
        steps = super().join(items)
        self._gates.mark("rows", len(self.rows))
        self._gates.mark("writing", os.getpid())
        return steps

    def step(self):
        if (self._gates.folder / "hold").exists():
            # In small waits, so that a row that has left is noticed.
            threading.Event().wait(POLL_S)
            return {}
        return super().step()

    def leave(self, rows):
        super().leave(rows)
        self._gates.mark("rows", len(self.rows))


def load_gated(spec: ModelSpec, settings: Settings) -> Gated | GatedWriter:
    gates = Gates(settings.models_dir)
    gates.pass_("start")
    device = Device("cpu", "CPU", "float32", budget_mb=1000.0)
    gates.mark(f"loaded-{spec.model_id}", os.getpid())
    if spec.task == "text-generation":
        return GatedWriter(device, gates)
    return Gated(load_fake(spec, settings.models_dir, device), gates)


def locate(spec: ModelSpec, *, models_dir: Path) -> Path:
    return models_dir


def _words(item) -> str:
    return getattr(item, "text", "") + " ".join(getattr(item, "labels", ()))
