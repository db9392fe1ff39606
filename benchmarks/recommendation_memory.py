"""How much memory this process has taken."""

import re
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """The most so far, in MB; it never falls."""
    if _STATUS.exists():
        # Of this program alone: what getrusage says begins with the peak of the program that started it.
        return int(re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text(encoding="utf-8"))[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes, others in KB.
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
