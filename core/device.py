"""Which device runs the models, in which number format, with how much memory."""

from dataclasses import dataclass

import psutil
from threadpoolctl import threadpool_limits

from core.errors import N_, ModelLoadError

# Share of the memory that models may take; the rest is for the operating system, sessions and uploads.
CPU_SHARE = 0.5
GPU_SHARE = 0.85
MB = 1024 * 1024


@dataclass(frozen=True)
class Device:
    """A place to run models: `name` as torch calls it, `title` as people do; `budget_mb` for all models."""

    name: str
    title: str
    dtype: str
    budget_mb: float


def detect(wanted: str = "auto", memory_mb: float | None = None) -> Device:
    """The best device of this machine, or the wanted one. Imports torch: ask for it off the request thread.

    Raises ModelLoadError when the wanted device is not there.
    """
    import torch

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    name = next(device for device in found if found[device]) if wanted == "auto" else wanted
    if not found[name]:
        message = N_("VITRINE_DEVICE is {device}, but this machine has no such device. Set it to auto.")
        raise ModelLoadError(message, device=wanted)
    budget_mb = memory_mb or _budget_mb(name)
    return Device(name, _title(name), _fast_dtype(name), budget_mb)


def use_one_core() -> None:
    """Let this thread compute alone, from its beginning on. Imports torch."""
    import torch

    # torch sets the number when a thread first asks; the limit then holds for this thread only.
    torch.get_num_threads()
    threadpool_limits(1, user_api="openmp")


def memory_used_mb() -> float:
    """Resident memory of this process."""
    return psutil.Process().memory_info().rss / MB


def cpu_budget_mb() -> float:
    return CPU_SHARE * psutil.virtual_memory().total / MB


def _budget_mb(name: str) -> float:
    import torch

    if name == "cuda":
        return GPU_SHARE * torch.cuda.get_device_properties(0).total_memory / MB
    return cpu_budget_mb()


def _title(name: str) -> str:
    import torch

    return torch.cuda.get_device_name(0) if name == "cuda" else {"mps": "Apple GPU", "cpu": "CPU"}[name]


def _fast_dtype(name: str) -> str:
    """bfloat16 where the hardware multiplies it; on an AVX2-only CPU it is ten times slower than float32."""
    import torch

    if name == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    if name == "mps":
        return "float16"
    abilities = torch.cpu.get_capabilities()
    return "bfloat16" if abilities.get("amx_bf16") or abilities.get("avx512_bf16") else "float32"
