"""One loaded model answering batches: one module per task, the only ones that import torch."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Protocol

from core.catalog import ModelSpec
from core.device import Device
from core.errors import N_, ModelLoadError


class Engine(Protocol):
    """What the pool needs of a model, beside what its batcher does.

    Most have `predict(items)`, which gives one result per item and is called once at a time; those that stream
    are a core.streaming.Stepper or a core.remote_streams.RemoteWriter instead.
    """

    device: Device

    def close(self) -> None: ...


def load_engine(spec: ModelSpec, folder: Path, device: Device) -> Engine:
    """Load the weights in `folder` with the engine of the spec's task (core/engines/<task>.py).

    Raises ModelLoadError when the files do not make a model, or the memory does not suffice.
    """
    module = _module(spec)
    try:
        return module.load(spec, folder, device)
    except (OSError, ValueError, module.DAMAGED) as error:
        message = N_("The files of {model} could not be loaded: {cause}. Remove {folder} and load it again.")
        raise ModelLoadError(
            message, model=spec.title, cause=_first_line(error), folder=folder.name
        ) from error
    except (MemoryError, module.OUT_OF_MEMORY) as error:
        message = N_("{model} does not fit into memory. Unload another model, or choose a smaller one.")
        raise ModelLoadError(message, model=spec.title) from error


def connect(spec: ModelSpec, *, api_key: str | None) -> Engine:
    """The engine of a model that runs elsewhere, behind the spec's endpoint.

    Raises ModelLoadError when the endpoint cannot be reached or does not let us in.
    """
    return _module(spec).connect(spec, api_key=api_key)


def _module(spec: ModelSpec) -> ModuleType:
    return importlib.import_module(f"core.engines.{spec.task.replace('-', '_')}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
