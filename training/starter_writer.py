"""Train starter-writer: a small causal language model that writes short copy from a brief.

    python -m training.starter_writer --data ../shared/data --out assets/models/starter-writer

A run that was stopped goes on from its last checkpoint in --work. The last line printed is a JSON result.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.multiprocessing
from transformers import PreTrainedTokenizerFast

from core.scenarios.content.brief import messages
from training._writer_batches import Tokens
from training._writer_material import training_samples, validation_samples
from training._writer_model import export, new_model
from training._writer_samples import Sample
from training._writer_score import (
    StoredWriter,
    brief_scores,
    evaluation_briefs,
    perplexities,
    reference_scores,
    restaurant_scores,
)
from training._writer_tokenizer import train_tokenizer
from training._writer_train import Plan, Weights, train

PIECES = 6144
SEED = 20  # of the first weights, the order of the samples and what is scored
MATERIAL_SEED = 21
BATCH = 4096  # tokens of one process in one step; of several, half of it each


def main() -> None:
    options = _options()
    batch = BATCH if options.processes == 1 else BATCH // 2
    plan = Plan(tokens=options.tokens, processes=options.processes, batch=batch, seed=SEED)
    options.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    tokenizer, tokens, checked = _material(options.data, options.work)
    model = new_model(tokenizer)
    if not options.export_only:
        (options.work / "rendezvous").unlink(missing_ok=True)
        arguments = (model, tokens, checked, plan, options.work)
        torch.multiprocessing.spawn(train, arguments, plan.processes)
    weights = Weights(model, plan)
    seen = weights.restore(options.work / "checkpoint.safetensors")
    export(weights.exact_model(), tokenizer, options.out)
    results = evaluate(options.out, options.data, options.split)
    (options.out / "quality.json").write_text(json.dumps({options.split: results}, indent=1) + "\n", "utf-8")
    print(json.dumps({**seen, "split": options.split, **results}))


def evaluate(folder: Path, data: Path, split: str) -> dict[str, dict[str, float]]:
    """All figures of the card for a stored model; "val" leaves the test data and the evaluation briefs unseen."""
    writer = StoredWriter(folder)
    held_out = validation_samples(data, SEED)
    own = [sample.brief for sample in held_out if sample.brief][:100]
    briefs = evaluation_briefs() if split == "test" else own
    return {
        "surprise": perplexities(writer, held_out, data, split),
        "restaurants, human texts": reference_scores(data, split),
        "restaurants, temperature 0": restaurant_scores(writer, data, split, 0.0),
        "restaurants, temperature 0.7": restaurant_scores(writer, data, split, 0.7),
        "briefs, temperature 0": brief_scores(writer, briefs, temperature=0.0),
        "briefs, temperature 0.7": brief_scores(writer, briefs, temperature=0.7),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the four data sets of the card")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument(
        "--work", type=Path, default=Path("var/starter-writer"), help="checkpoints and caches"
    )
    parser.add_argument(
        "--tokens", type=int, default=34_000_000, help="how many to learn from, briefs included"
    )
    parser.add_argument("--processes", type=int, default=3, help="one thread each")
    parser.add_argument("--split", default="val", choices=["val", "test"], help="what to score at the end")
    parser.add_argument("--export-only", action="store_true", help="export and score the last checkpoint")
    return parser.parse_args()


def _material(data: Path, work: Path) -> tuple[PreTrainedTokenizerFast, Tokens, Tokens]:
    """The tokenizer and the tokenized samples, made once and kept in `work`."""
    paths = [work / "tokenizer", work / "train.safetensors", work / "checked.safetensors"]
    if not all(path.exists() for path in paths):
        samples = training_samples(data, MATERIAL_SEED)
        if not paths[0].exists():
            train_tokenizer(_texts(samples), size=PIECES).save_pretrained(paths[0])
        tokenizer = PreTrainedTokenizerFast.from_pretrained(paths[0])
        Tokens.of(samples, tokenizer).save(paths[1])
        Tokens.of(validation_samples(data, MATERIAL_SEED), tokenizer).save(paths[2])
    tokenizer = PreTrainedTokenizerFast.from_pretrained(paths[0])
    return tokenizer, Tokens.load(paths[1]), Tokens.load(paths[2])


def _texts(samples: list[Sample]) -> list[str]:
    """What the tokenizer learns from: every third ruled brief is plenty, published texts count in full."""
    texts = []
    for number, sample in enumerate(samples):
        if sample.brief is None:
            texts.append(sample.text)
        elif number % 3 == 0:
            texts += [messages(sample.brief)[0].content, sample.text]
    return texts


if __name__ == "__main__":
    main()
