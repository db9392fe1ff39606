"""How much memory this process has taken."""

import resource
import sys


def peak_mb() -> float:
    """The most so far, in MB; it never falls."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KB, macOS in bytes.
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
