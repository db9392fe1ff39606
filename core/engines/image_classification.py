"""Classification of pictures with any image model of transformers: pictures in, calibrated scores out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoImageProcessor, AutoModelForImageClassification

from core.calibration import read_calibration
from core.catalog import ModelSpec
from core.device import Device
from core.engines._framing import Framing
from core.engines._network import Network
from core.engines._packed import pack
from core.engines._saliency import pieces
from core.engines._scores import calibrated
from core.engines._side_by_side import SideBySide
from core.types import ImageItem, ImageScores

DAMAGED = SafetensorError
OUT_OF_MEMORY = torch.OutOfMemoryError


class ImageClassificationEngine:
    """A classifier. `predict`: n ImageItems -> n ImageScores, the same alone as in a batch.

    Scores, energy and features come from one pass, which is the first of saliency's looks. Raises InferenceError
    where the network's answer is not a number.
    """

    def __init__(
        self,
        network: Network,
        framing: Framing,
        labels: tuple[str, ...],
        *,
        temperature: float,
        title: str,
        device: Device,
    ) -> None:
        self._network = network
        self._framing = framing
        self._labels = labels
        self._temperature = temperature
        self._title = title
        cores = torch.get_num_threads() if device.name == "cpu" else 1
        self._parts = SideBySide(self._answer, cores=cores)
        self.device = device

    def predict(self, items: list[ImageItem]) -> list[ImageScores]:
        return self._parts.answer(items)

    def close(self) -> None:
        self._parts.close()
        del self._network

    def _answer(self, items: list[ImageItem]) -> list[ImageScores]:
        """Only those that want saliency pay for it."""
        found: dict[int, ImageScores] = {}
        for answer, wanted in ((self._plain, False), (self._explained, True)):
            places = [place for place, item in enumerate(items) if item.wants_saliency == wanted]
            if places:
                found |= dict(zip(places, answer([items[place] for place in places]), strict=True))
        return [found[place] for place in range(len(items))]

    def _plain(self, items: list[ImageItem]) -> list[ImageScores]:
        seen = self._framing.seen([item.pixels for item in items])
        logits, features = self._network.answer(self._inputs(seen))
        return [ImageScores(self._labels, *each) for each in self._values(logits, features)]

    def _explained(self, items: list[ImageItem]) -> list[ImageScores]:
        return [
            scores for piece in pieces(items, self._framing.size) for scores in self._with_saliency(piece)
        ]

    def _with_saliency(self, items: list[ImageItem]) -> list[ImageScores]:
        seen = self._framing.seen([item.pixels for item in items])
        targets = [item.target for item in items]
        logits, features, maps = self._network.explain(self._inputs(seen), targets, seen[0].shape[:2])
        values = zip(self._values(logits, features), maps.cpu().numpy(), seen, strict=True)
        return [ImageScores(self._labels, *each, saliency=hot, seen=pixels) for each, hot, pixels in values]

    def _inputs(self, seen: list[np.ndarray]) -> Tensor:
        return self._framing.inputs(seen, self._network.dtype, self.device.name)

    def _values(self, logits: Tensor, features: Tensor) -> Iterator[tuple[np.ndarray, float, np.ndarray]]:
        """Scores, energy and features of each picture."""
        scores, energies = calibrated(logits, self._temperature, title=self._title)
        return zip(scores, energies, features.cpu().numpy(), strict=True)


def load(spec: ModelSpec, folder: Path, device: Device) -> ImageClassificationEngine:
    """Read the model in `folder`; no network, no code from the folder.

    Attention is computed step by step ("eager"), for saliency looks into it. Raises ValueError when the files leave
    weights of the model out, or it ends in no linear layer.
    """
    places = {"local_files_only": True, "trust_remote_code": False}
    calibration = read_calibration(folder)
    processor = AutoImageProcessor.from_pretrained(str(folder), backend="pil", **places)
    framing = Framing(processor, calibration.resolution_px)
    model, report = AutoModelForImageClassification.from_pretrained(
        str(folder), dtype=torch.float32, attn_implementation="eager", output_loading_info=True, **places
    )
    if report["missing_keys"]:
        raise ValueError(f"{len(report['missing_keys'])} weights are missing")
    labels = tuple(model.config.id2label[number] for number in range(model.config.num_labels))
    model = model.to(device.name).eval().requires_grad_(False)
    network = Network(model)
    if device.name == "cpu":
        pack(model)
    return ImageClassificationEngine(
        network.settle(device, framing.size),
        framing,
        labels,
        temperature=calibration.temperature,
        title=spec.title,
        device=device,
    )
