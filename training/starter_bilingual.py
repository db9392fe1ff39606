"""Train starter-bilingual: a Chinese/English sentence embedder in the vector space of all-MiniLM-L6-v2.

    python -m training.starter_bilingual --data ../shared/data --out assets/models/starter-bilingual

A run that was stopped goes on from its last checkpoint in --work. The last line printed is a JSON result.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.multiprocessing
from sentence_transformers import SentenceTransformer
from transformers import PreTrainedTokenizerFast

from training._bilingual_batches import Tokens
from training._bilingual_data import (
    Pairs,
    load_teacher,
    read_dictionary,
    read_pairs,
    read_phrases,
    teacher_vectors,
)
from training._bilingual_model import MAX_LENGTH, export, new_student
from training._bilingual_score import scores
from training._bilingual_tokenizer import train_tokenizer
from training._bilingual_train import FlatWeights, Material, Plan, train

PIECES = 25_000
LEARNED_TOKENS = 96  # longer texts are cut while training


def main() -> None:
    options = _options()
    plan = Plan(steps=options.steps, processes=options.processes)
    options.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    pairs = read_pairs(options.data, "train") + read_dictionary(options.data) + read_phrases()
    tokenizer = _tokenizer(pairs, options.work)
    begun = (options.work / "checkpoint.safetensors").exists()  # then the first word table is of no use
    student = new_student(load_teacher(), tokenizer, None if begun else pairs)
    if not options.export_only:
        (options.work / "rendezvous").unlink(missing_ok=True)
        arguments = (student, _material(pairs, tokenizer, options), plan, options.work)
        torch.multiprocessing.spawn(train, arguments, plan.processes)
    weights = FlatWeights(student, plan)
    step = weights.restore(options.work / "checkpoint.safetensors")
    export(student, tokenizer, options.out)
    results = evaluate(options.out, options.data, options.split, options.work)
    quality = json.dumps({options.split: results}, indent=1)
    (options.out / "quality.json").write_text(quality + "\n", "utf-8")
    print(json.dumps({"step": step, "split": options.split, **results}))


def evaluate(model: Path, data: Path, split: str, work: Path) -> dict[str, float]:
    """The scores of an exported model on one split, in float32."""
    pairs = read_pairs(data, split)
    student = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    teacher = teacher_vectors(pairs.en, work / f"teacher-{split}.npy", exact=True).astype(np.float32)
    zh, en = (
        student.encode(texts, batch_size=64, normalize_embeddings=True) for texts in (pairs.zh, pairs.en)
    )
    return scores(pairs, zh, en, teacher)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with en-zh-parallel and cc-cedict")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument(
        "--work", type=Path, default=Path("var/starter-bilingual"), help="checkpoints and caches"
    )
    parser.add_argument("--steps", type=int, default=1350)
    parser.add_argument("--processes", type=int, default=3, help="one thread each")
    parser.add_argument("--split", default="val", choices=["val", "test"], help="what to score at the end")
    parser.add_argument("--export-only", action="store_true", help="export and score the last checkpoint")
    return parser.parse_args()


def _tokenizer(pairs: Pairs, work: Path) -> PreTrainedTokenizerFast:
    """The student's tokenizer, trained once and kept in `work`; sources closer to people count more."""
    folder = work / "tokenizer"
    if not folder.exists():
        texts = []
        for row, source in enumerate(pairs.source):
            if source.endswith("docs") and row % 2:
                continue
            texts += [pairs.en[row]] * 3 + [pairs.zh[row]] * (1 if source == "cc-cedict" else 2)
        train_tokenizer(texts, size=PIECES, max_length=MAX_LENGTH).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _material(pairs: Pairs, tokenizer: PreTrainedTokenizerFast, options: argparse.Namespace) -> Material:
    def cut(texts: list[str]) -> Tokens:
        return Tokens.of(tokenizer(texts, truncation=True, max_length=LEARNED_TOKENS).input_ids)

    vectors = teacher_vectors(pairs.en, options.work / "teacher-train.npy", exact=False)
    return Material(pairs.source, cut(pairs.zh), cut(pairs.en), vectors)


if __name__ == "__main__":
    main()
