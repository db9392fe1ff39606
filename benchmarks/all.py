"""Every measurement behind docs/speed.md and docs/quality.md, one after the other: `make bench`."""

import subprocess
import sys

from benchmarks import table


def main() -> int:
    """Run them all, go on after a failure, say at the end which failed, and write the table where figures are saved."""
    failed = []
    for name in table.MEASUREMENTS:
        print(f"\n== {name} " + "=" * (70 - len(name)), flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]]).returncode:
            failed.append(name)
    if "--save" in sys.argv:
        table.main()
    print(f"\nfailed, or an aim not met: {', '.join(failed) or 'none'}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
