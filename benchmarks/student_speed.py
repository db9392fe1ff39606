"""The bilingual starter against all-MiniLM-L6-v2: sentences per second, in turns, on the same texts."""

import sys
import time
from dataclasses import asdict
from statistics import median

import torch
from sentence_transformers import SentenceTransformer

from benchmarks.questions import questions
from benchmarks.reports import Row, Spread, arguments, report
from core.catalog import read_catalog
from core.sources import locate

STUDENT, TEACHER = "starter-bilingual", "minilm"
ROUNDS = 7
TEXTS = 160


def main() -> int:
    options = arguments(__doc__).parse_args()
    models = {name: _load(name) for name in (STUDENT, TEACHER)}
    rows = []
    for language in ("en", "zh"):
        texts = list(questions(language))[:TEXTS]
        for batch_size in (1, 32):
            speeds: dict[str, list[float]] = {name: [] for name in models}
            for _ in range(ROUNDS):
                for name, model in models.items():
                    speeds[name].append(_sentences_per_s(model, texts, batch_size))
            row = {name: round(median(values), 1) for name, values in speeds.items()}
            pairs = zip(speeds[STUDENT], speeds[TEACHER], strict=True)
            ratio = Spread.of([student / teacher for student, teacher in pairs])
            about = {"language": language, "batch": batch_size, **row, "ratio": ratio.median}
            rows.append(about | {"ratios": asdict(ratio)})
            print(rows[-1], flush=True)
    figures = {"torch_threads": torch.get_num_threads(), "rows": rows}
    report("student_speed", figures, save=options.save, rows=[_line(row) for row in rows])
    return 0


def _line(row: dict) -> Row:
    what = f"Sentences/s of starter-bilingual over all-MiniLM-L6-v2, {row['language']}, batch {row['batch']}"
    figure = f"{row['ratio']:g} ({row[STUDENT]:g} against {row[TEACHER]:g})"
    return Row(what, figure, str(Spread(**row["ratios"])), "no slower", row["ratio"] >= 1)


def _load(model_id: str) -> SentenceTransformer:
    folder = locate(read_catalog().spec(model_id), models_dir=None)
    kwargs = {"dtype": torch.float32}
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs=kwargs)


def _sentences_per_s(model: SentenceTransformer, texts: list[str], batch_size: int) -> float:
    began_s = time.perf_counter()
    model.encode(texts, batch_size=batch_size, show_progress_bar=False)
    return len(texts) / (time.perf_counter() - began_s)


if __name__ == "__main__":
    sys.exit(main())
