"""Every measurement behind docs/quality.md, one after the other: `make bench`."""

import subprocess
import sys

MEASUREMENTS = (
    "start_up",
    "home_rerun",
    "answer_overhead",
    "concurrency",
    "student_speed",
    "streaming",
    "translation",
    "pictures",
    "against_gradio",
    "regression",
    "clinc150",
)


def main() -> int:
    """Run them all, go on after a failure, and say at the end which failed."""
    failed = []
    for name in MEASUREMENTS:
        print(f"\n== {name} " + "=" * (70 - len(name)), flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]]).returncode:
            failed.append(name)
    print(f"\nfailed: {', '.join(failed) or 'none'}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
