"""From benchmarks/results: one file of all figures, benchmarks/results.json, and a table for people, docs/speed.md."""

import json
import sys
from pathlib import Path

from benchmarks.reports import RESULTS
from benchmarks.servers import ROOT

TABLE = ROOT / "docs" / "speed.md"
HEAD = """# How fast

Each line is one measurement with its peer in the same run on the same machine, taking turns; `make bench` repeats
them, but for the cluster's, and writes this file. What is measured and how:
[benchmarks/README.md](../benchmarks/README.md). Times of a shared machine move by a third from run to run, so look at
the ratios. The load is that of the machine's last minute when the run ended, the run itself included.

| What | Figure | Lowest to highest | Aim | Met | Command | Date, load |
|---|---|---|---|---|---|---|
"""
MEASUREMENTS = (
    "start_up",
    "home_rerun",
    "sessions",
    "visitors",
    "overhead",
    "answer_overhead",
    "embedding",
    "knowledge_base",
    "concurrency",
    "student_speed",
    "streaming",
    "translation",
    "pictures",
    "gpu",
    "regression",
    "clinc150",
    "recommendation",
    "endurance",
)
"""In the order in which they are run, and stand in the table."""
MET = {True: "yes", False: "**no**", None: "–"}


def read(folder: Path = RESULTS) -> dict[str, dict]:
    """What every measurement wrote last, by its name."""
    files = sorted(folder.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def table(found: dict[str, dict]) -> str:
    """The Markdown of docs/speed.md; a measurement without lines is left out."""
    names = [
        *(name for name in MEASUREMENTS if name in found),
        *(name for name in found if name not in MEASUREMENTS),
    ]
    lines = [_line(name, found[name], row) for name in names for row in found[name].get("table", ())]
    machines = sorted({_machine(each["machine"]) for each in found.values() if each.get("table")})
    return HEAD + "\n".join(lines) + "\n\nMachine: " + "; ".join(machines) + ".\n"


def main() -> int:
    """Write both files anew."""
    found = read()
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
    RESULTS.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    TABLE.write_text(table(found), encoding="utf-8")
    print(f"wrote {TABLE.relative_to(ROOT)}")
    return 0


def _line(name: str, found: dict, row: dict) -> str:
    when = f"{found['date']}, {found['machine']['load_average']:g}"
    cells = (row["what"], row["figure"], row["spread"] or "–", row["aim"] or "–", MET[row["is_met"]])
    return "| " + " | ".join(_cell(each) for each in (*cells, f"`python -m benchmarks.{name}`", when)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _machine(machine: dict) -> str:
    name = machine.get("processor", "unknown processor")
    return f"{name}, {machine['cores']} cores, {machine.get('memory_gb', '?')} GB, Python {machine['python']}"


if __name__ == "__main__":
    sys.exit(main())
