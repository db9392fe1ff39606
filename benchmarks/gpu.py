"""On a GPU: tokens per second against what its memory allows, pictures and sentences per second against the plain loop.

The models have the size of the hub's and random weights. Skipped, with the reason, where there is no GPU; `--small`
runs tiny ones on any device, to see that it works.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoImageProcessor, AutoModelForImageClassification

from benchmarks import inputs, random_models, reports
from benchmarks.questions import questions
from benchmarks.reports import Row, Spread
from core.catalog import Catalog, ModelSpec
from core.device import Device, detect
from core.pool import ModelPool
from core.types import ChatMessage, EmbeddingItem, GenerationItem, GenerationOptions, ImageItem

ROUNDS = 5
SIZES = (16, 32, 64, 128, 256)
COPIED_BYTES = 2**30


def pool_of(spec: ModelSpec, folder: Path, device: Device) -> ModelPool:
    """A pool with this model only."""
    models = ModelPool(
        Catalog((spec,)),
        locate=lambda spec: folder,
        download=lambda spec, cancel: iter(()),
        detect_device=lambda: device,
        timeout_s=600,
    )
    models.load(spec.model_id).wait(None)
    return models


def bandwidth(device: str) -> float:
    """Bytes per second that a large copy reads and writes."""
    source = torch.empty(COPIED_BYTES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best_s = min(_elapsed_s(lambda: target.copy_(source), device) for _ in range(10))
    return 2 * COPIED_BYTES / best_s


def _elapsed_s(call: Callable[[], object], device: str) -> float:
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    began_s = time.perf_counter()
    call()
    wait()
    return time.perf_counter() - began_s


def writing(place: Path, device: Device, *, is_small: bool, rounds: int) -> tuple[dict, list[Row]]:
    """Tokens per second of 1 and of 8 texts at once; the limit is one pass over the weights for each step."""
    folder = random_models.write_writer(place / "writer", is_small=is_small)
    models = pool_of(random_models.spec_of(folder, "writer", "text-generation", 8), folder, device)
    read_bytes = sum(each.numel() * each.element_size() for each in _weights(models, "writer"))
    limit = bandwidth(device.name) / read_bytes
    figures, lines = {"weights_bytes": read_bytes, "steps_per_s_limit": round(limit, 1)}, []
    for texts in (1, 8):
        _together(models, texts, tokens=16)
        speed = Spread.of([_together(models, texts, tokens=128) for _ in range(rounds)], digits=1)
        share = round(speed.median / (limit * texts), 3)
        figures[f"tokens_per_s_{texts}"] = asdict(speed)
        what = (
            f"Tokens/s of {read_bytes / 1e9:.1f} GB of weights, {texts} at once, against the memory's limit"
        )
        lines.append(Row(what, f"{share:g} of it ({speed.median:g} of {limit * texts:.0f})", str(speed)))
    models.close()
    return figures, lines


def _weights(models: ModelPool, model_id: str) -> list[torch.Tensor]:
    return list(models._residents.get(model_id).engine._model.parameters())


def _together(models: ModelPool, texts: int, *, tokens: int) -> float:
    """Tokens per second of so many texts that are written at the same time."""
    prompt = (ChatMessage("user", inputs.prompt()),)
    written: list[int] = []

    def write(seed: int) -> None:
        item = GenerationItem(prompt, GenerationOptions(max_new_tokens=tokens, seed=seed))
        written.append(models.predict("writer", item).tokens)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(texts)]
    began_s = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(written) / (time.perf_counter() - began_s)


def pictures(place: Path, device: Device, *, is_small: bool, rounds: int) -> tuple[dict, list[Row]]:
    folder = random_models.write_classifier(place / "classifier", is_small=is_small)
    spec = random_models.spec_of(folder, "image-classifier", "image-classification", 64)
    models = pool_of(spec, folder, device)
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
    network = AutoModelForImageClassification.from_pretrained(folder, dtype=getattr(torch, device.dtype))
    network = network.to(device.name).eval()
    seen = list(np.random.default_rng(7).integers(0, 256, (256, 320, 320, 3), dtype=np.uint8))
    items = [ImageItem(pixels) for pixels in seen]

    @torch.inference_mode()
    def plain(size: int) -> None:
        for start in range(0, len(seen), size):
            batch = processor(seen[start : start + size], return_tensors="pt")["pixel_values"]
            network(batch.to(device.name, network.dtype)).logits.float().cpu()

    figures, row = _compared(
        "pictures", lambda: models.predict_many("image-classifier", items), plain, len(items), rounds
    )
    models.close()
    return figures, [row]


def sentences(place: Path, device: Device, *, is_small: bool, rounds: int) -> tuple[dict, list[Row]]:
    folder = random_models.write_encoder(place / "encoder", is_small=is_small)
    models = pool_of(random_models.spec_of(folder, "embedder-en", "text-embedding", 64), folder, device)
    dtype = torch.float32 if device.name == "cpu" else getattr(torch, device.dtype)
    about = {"device": device.name, "local_files_only": True, "model_kwargs": {"dtype": dtype}}
    encoder = SentenceTransformer(str(folder), **about)
    texts = (list(questions("en")) * 6)[:1024] if not is_small else list(questions("en"))[:64]
    items = [EmbeddingItem(text) for text in texts]
    figures, row = _compared(
        "sentences",
        lambda: models.predict_many("embedder-en", items, background=True),
        lambda size: encoder.encode(texts, batch_size=size, show_progress_bar=False),
        len(texts),
        rounds,
    )
    models.close()
    return figures, [row]


def _compared(
    what: str, ours: Callable[[], object], plain: Callable[[int], object], count: int, rounds: int
) -> tuple[dict, Row]:
    """Ours against the plain loop at each batch size, in turns; the best of those counts."""
    ways = {"pool": ours} | {f"plain_{size}": lambda size=size: plain(size) for size in SIZES}
    for way in ways.values():  # not counted
        way()
    speeds = [{name: count / _elapsed_s(way, "cpu") for name, way in ways.items()} for _ in range(rounds)]
    middle = {name: round(median(each[name] for each in speeds), 1) for name in ways}
    best = max(list(ways)[1:], key=middle.__getitem__)
    ratio = Spread.of([each["pool"] / each[best] for each in speeds])
    figures = {"per_s": middle, "best": best, "ratio": asdict(ratio)}
    batch = best.removeprefix("plain_")
    text = f"{ratio.median:g} ({middle['pool']:g} against {middle[best]:g} {what}/s at a batch of {batch})"
    return figures, Row(
        f"{what.capitalize()} through the pool against the plain loop's best", text, str(ratio)
    )


def _arguments() -> argparse.Namespace:
    parser = reports.arguments(__doc__)
    parser.add_argument("--small", action="store_true", help="tiny models on any device: does it run?")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    if not torch.cuda.is_available() and not options.small:
        reason = "skipped: no CUDA device here"
        print(reason)
        row = Row("GPU: tokens/s, pictures/s, sentences/s of hub-size models", reason)
        reports.report("gpu", {"skipped": reason}, save=options.save, rows=[row])
        return 0
    device, figures, lines = detect(), {}, []
    with tempfile.TemporaryDirectory() as place:
        for case in (writing, pictures, sentences):
            figures[case.__name__], rows = case(
                Path(place), device, is_small=options.small, rounds=options.rounds
            )
            lines += rows
    for row in lines:
        print(f"{row.what}: {row.figure}; {row.spread}", flush=True)
    about = {"device": device.title, "dtype": device.dtype, "small": options.small}
    reports.report("gpu", {**about, **figures}, save=options.save, rows=lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
