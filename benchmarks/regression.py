"""The regression set asked of the sample knowledge base: the figures that the page's "How good" shows."""

import sys
from dataclasses import asdict

from benchmarks.reports import arguments, report
from core.scenarios.customer_service.quality import ask_all, measure, read_question_file
from core.scenarios.customer_service.sample import FOLDER, REGRESSION_PATH, sample_knowledge_base
from core.settings import Settings
from core.showcase import build

TARGETS = {
    "right_entry_first": {"en": 0.92, "zh": 0.85},
    "refusal_recall": {"en": 0.85, "zh": 0.85},
    "handover_precision": {"en": 0.80, "zh": 0.80},
}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--set", choices=("regression", "calibration"), default="regression")
    parser.add_argument("--misses", action="store_true", help="list the questions whose first entry is wrong")
    options = parser.parse_args()
    path = REGRESSION_PATH if options.set == "regression" else FOLDER / "calibration.csv"

    place = build(Settings(models="starter", rate_limit_per_min=None))
    company = sample_knowledge_base(place.belongings)
    for _progress in company.until_ready(place.models):
        pass
    *_, outcomes = ask_all(place.models, company, read_question_file(path))
    rows = [asdict(quality) for quality in measure(outcomes)]
    for row in rows:
        print(
            "  ".join(
                f"{name} {value:.3f}" if isinstance(value, float) else f"{value}"
                for name, value in row.items()
            )
        )
    if options.misses:
        for outcome in outcomes:
            if outcome.asked.kind == "answerable" and not outcome.is_right_first:
                print(outcome.asked.text, outcome.asked.entry_ids, outcome.reply.best.entry.entry_id)
    report("regression", {"set": options.set, "rows": rows}, save=options.save)
    place.models.close()
    reached = all(row[name] >= target[row["language"]] for row in rows for name, target in TARGETS.items())
    return 0 if reached or options.set == "calibration" else 1


if __name__ == "__main__":
    sys.exit(main())
