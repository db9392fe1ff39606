"""A document of 200 sentences through the product, against the same model asked for one sentence at a time."""

import csv
import gzip
import sys
import time
from dataclasses import asdict
from itertools import islice, zip_longest
from pathlib import Path
from statistics import median

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from benchmarks.reports import Row, Spread, arguments, report
from core.catalog import Catalog, read_catalog
from core.device import Device
from core.pool import ModelPool
from core.scenarios.translation.growing import GrowingTranslation
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from core.settings import ROOT
from core.sources import locate

PAIRS = ROOT.parent / "shared" / "data" / "en-zh-parallel" / "val.tsv.gz"
SENTENCES = 200
BEAMS = 4
ROUNDS = 3
GOAL = 5.0


def document(path: Path, language: str) -> list[str]:
    """SENTENCES of the validation part, a source after the other in turn."""
    by_source: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            by_source.setdefault(row["source"], []).append(row[language])
    mixed = (text for texts in zip_longest(*by_source.values()) for text in texts if text)
    return list(islice(mixed, SENTENCES))


class Naive:
    """What one writes first: tokenizer and `generate`, sentence by sentence, with the beams of the product."""

    def __init__(self, folder: Path, tag: str) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        self._model, self._tag = model.eval(), tag

    @torch.inference_mode()
    def translate(self, text: str, target: str) -> str:
        inputs = self._tokenizer(self._tag.format(target=target) + text, return_tensors="pt")
        output = self._model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            num_beams=BEAMS,
            early_stopping=True,
            max_new_tokens=128,
        )
        return self._tokenizer.decode(output[0], skip_special_tokens=True).strip()


def pool_of(model_id: str) -> ModelPool:
    """A pool with this model only."""
    spec = read_catalog().spec(model_id)
    device = Device("cpu", "CPU", "float32", budget_mb=4000.0)
    return ModelPool(
        Catalog((spec,)),
        locate=lambda spec: locate(spec, models_dir=ROOT / "var" / "models"),
        download=lambda spec, cancel: iter(()),
        detect_device=lambda: device,
        timeout_s=600,
    )


def timed(
    models: ModelPool, naive: Naive, sentences: list[str], source: str, target: str, *, rounds: int
) -> dict[str, object]:
    """Seconds of both, in turn, and how many sentences came out the same."""
    request = TranslationRequest("\n".join(sentences), source=source, target=target)
    times: dict[str, list[float]] = {"product": [], "stoppable": [], "one_at_a_time": []}
    for _ in range(rounds):
        started_s = time.perf_counter()
        whole = finish(translate(models, request))
        times["product"].append(time.perf_counter() - started_s)
        started_s = time.perf_counter()
        finish(GrowingTranslation.begin(request).steps(models))
        times["stoppable"].append(time.perf_counter() - started_s)
        started_s = time.perf_counter()
        alone = {text: naive.translate(text, target) for text in sentences}
        times["one_at_a_time"].append(time.perf_counter() - started_s)
    seconds = {name: round(median(each), 2) for name, each in times.items()}
    ratios = [plain / ours for plain, ours in zip(times["one_at_a_time"], times["product"], strict=True)]
    compared = [each for each in whole.segments if not each.checks and each.source in alone]
    same = sum(segment.target == alone[segment.source] for segment in compared)
    return {
        "direction": f"{source}-{target}",
        "seconds": seconds,
        "ratio": round(seconds["one_at_a_time"] / seconds["product"], 2),
        "ratios": asdict(Spread.of(ratios)),
        "ratio_stoppable": round(seconds["one_at_a_time"] / seconds["stoppable"], 2),
        "same": f"{same} of {len(compared)} without tokens",
    }


def _line(row: dict) -> Row:
    seconds = row["seconds"]
    figure = f"{row['ratio']:g} times ({seconds['product']:g} against {seconds['one_at_a_time']:g} s)"
    what = f"A document of {SENTENCES} sentences, {row['direction']}, against a `generate` for each"
    return Row(what, figure, str(Spread(**row["ratios"])), f"{GOAL:g} times", row["ratio"] >= GOAL)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--model", default="starter-translator")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 is its own choice")
    options = parser.parse_args()
    if not PAIRS.exists():
        print(f"the sentences are not here: {PAIRS.relative_to(ROOT.parent)}")
        return 1
    if options.threads:
        torch.set_num_threads(options.threads)
    models = pool_of(options.model)
    spec = models.catalog.spec(options.model)
    naive = Naive(locate(spec, models_dir=ROOT / "var" / "models"), spec.target_tag)
    rows = []
    for source, target in (("en", "zh"), ("zh", "en")):
        sentences = document(PAIRS, source)
        finish(translate(models, TranslationRequest(sentences[0], source=source, target=target)))  # loads it
        rows.append(timed(models, naive, sentences, source, target, rounds=options.rounds))
        print(rows[-1], flush=True)
    models.close()
    passed = all(row["ratio"] >= GOAL for row in rows)
    figures = {
        "model": spec.model_id,
        "torch_threads": torch.get_num_threads(),
        "rows": rows,
        "passed": passed,
    }
    report("translation", figures, save=options.save, rows=[_line(row) for row in rows])
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
