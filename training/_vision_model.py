"""A small ResNet in transformers' own format: built from a few numbers, fed, and written to a folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessorPil

# What a picture's values are brought to: the usual figures for photographs.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Shape:
    """The network's size: one width and one depth per stage, each stage half as wide in pixels as the last.

    The first layers bring `side_px` down to a quarter, so 32 px are best enlarged to 64 or 128 first.
    """

    side_px: int = 128
    stem: int = 64
    widths: tuple[int, ...] = (64, 128, 256, 512)
    depths: tuple[int, ...] = (1, 1, 1, 1)


def new_classifier(labels: Sequence[str], shape: Shape) -> ResNetForImageClassification:
    """A ResNet of basic layers with random weights; its logits are in the order of `labels`."""
    config = ResNetConfig(
        embedding_size=shape.stem,
        hidden_sizes=list(shape.widths),
        depths=list(shape.depths),
        layer_type="basic",
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    config.architectures = ["ResNetForImageClassification"]
    return ResNetForImageClassification(config)


def inputs_of(pictures: Tensor, side_px: int) -> Tensor:
    """Pictures (n, 3, h, w) of uint8, or of floats in 0..1, as the network reads them: enlarged, normalised.

    Enlarged as the exported processor does it: pixels are repeated. Shrunk, as in training only, antialiased.
    """
    floats = pictures.float() / 255 if pictures.dtype == torch.uint8 else pictures
    normal = (floats - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    size = (side_px, side_px)
    if normal.shape[-1] < side_px:
        normal = functional.interpolate(normal, size=size, mode="nearest-exact")
    elif normal.shape[-1] > side_px:
        normal = functional.interpolate(normal, size=size, mode="bilinear", antialias=True)
    return normal.contiguous(memory_format=torch.channels_last)


def export(model: ResNetForImageClassification, shape: Shape, out: Path, calibration: dict) -> None:
    """Write the model's folder: weights in float16, config, processor, and what was fitted afterwards."""
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: _stored(value) for name, value in model.state_dict().items()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    model.config.dtype = "float16"
    model.config.save_pretrained(out)
    side = {"height": shape.side_px, "width": shape.side_px}
    processor = ViTImageProcessorPil(size=side, resample=0, image_mean=list(MEAN), image_std=list(STD))
    processor.save_pretrained(out)
    (out / "calibration.json").write_text(json.dumps(calibration, indent=1) + "\n", "utf-8")


def load(folder: Path) -> ResNetForImageClassification:
    """The exported model as it will run: its stored weights, computed with in float32."""
    return ResNetForImageClassification.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True
    ).eval()


def load_calibration(folder: Path) -> dict:
    """What was fitted to the exported model afterwards."""
    return json.loads((folder / "calibration.json").read_text("utf-8"))


def begin_from(model: ResNetForImageClassification, other: ResNetForImageClassification) -> None:
    """Take over the weights of another model of the same shape, all but the last layer."""
    kept = {name: value for name, value in other.state_dict().items() if not name.startswith("classifier")}
    model.load_state_dict(kept, strict=False)


def _stored(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous().clone()
