"""Train starter-translator: English to Chinese and Chinese to English in one small model.

    python -m training.starter_translator --data ../shared/data --out assets/models/starter-translator

A run that was stopped goes on from its last checkpoint in --work. The last line printed is a JSON result.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.multiprocessing
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from training._bilingual_data import Pairs, read_pairs
from training._translator_batches import material_of
from training._translator_data import read_material
from training._translator_model import MAX_LENGTH, export, new_translator
from training._translator_score import masks_kept, quality, sample, signatures
from training._translator_tokenizer import train_tokenizer
from training._translator_train import Plan, TranslatorWeights, train

PIECES = 14_500  # before every common character is added
SAMPLE = 150  # everyday sentences that the tests translate again
STUDENT = Path(__file__).parents[1] / "assets" / "models" / "starter-bilingual"
# How often the tokenizer's trainer reads a text of a source, in English and in Chinese.
READ = {"tatoeba": (3, 2), "cc-cedict": (1, 1)}


def main() -> None:
    options = _options()
    plan = Plan(steps=options.steps, processes=options.processes)
    options.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    pairs = read_material(options.data, seed=plan.seed)
    tokenizer = _tokenizer(pairs, options.work)
    model = new_translator(tokenizer, STUDENT)
    if not options.export_only:
        (options.work / "rendezvous").unlink(missing_ok=True)
        arguments = (model, material_of(pairs, tokenizer), plan, options.work)
        torch.multiprocessing.spawn(train, arguments, plan.processes)
    step = TranslatorWeights(model, plan).restore(options.work / "checkpoint.safetensors")
    export(model, tokenizer, options.out)
    results = evaluate(options.out, options.data, options.split, at_most=options.at_most)
    if not options.at_most:
        _write_quality(options.out / "quality.json", options.split, results)
    print(json.dumps({"step": step, "split": options.split, **results}))


def evaluate(model: Path, data: Path, split: str, *, at_most: int | None = None) -> dict[str, dict]:
    """The scores of an exported model on one split, in float32, and how reliably masks come through."""
    pairs = read_pairs(data, split)
    everyday = sample(pairs, "tatoeba", SAMPLE)
    return quality(model, pairs, at_most=at_most) | {
        "sample": quality(model, everyday)["tatoeba"],
        "masks kept": masks_kept(model, everyday),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with en-zh-parallel and cc-cedict")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument(
        "--work", type=Path, default=Path("var/starter-translator"), help="checkpoints and the tokenizer"
    )
    parser.add_argument("--steps", type=int, default=2150)
    parser.add_argument("--processes", type=int, default=3, help="one thread each")
    parser.add_argument("--split", default="val", choices=["val", "test"], help="what to score at the end")
    parser.add_argument(
        "--at-most", type=int, help="score only so many pairs per source, and write no quality.json"
    )
    parser.add_argument("--export-only", action="store_true", help="export and score the last checkpoint")
    return parser.parse_args()


def _tokenizer(pairs: Pairs, work: Path) -> PreTrainedTokenizerFast:
    """The translator's tokenizer, trained once and kept in `work`; sources closer to people count more."""
    folder = work / "tokenizer"
    if not folder.exists():
        texts = []
        for row, source in enumerate(pairs.source):
            if source.startswith("masked") or (source.endswith("docs") and row % 3):
                continue
            en, zh = READ.get(source, (2, 1))
            texts += [pairs.en[row]] * en + [pairs.zh[row]] * zh
        train_tokenizer(texts, size=PIECES, max_length=MAX_LENGTH).save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def _write_quality(path: Path, split: str, results: dict[str, dict]) -> None:
    """Put one split's figures beside those of the other."""
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(
        json.dumps(before | {split: results, "signatures": signatures()}, indent=1) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
