"""Choice between labels of the visitor's own, with CLIP or SigLIP: pictures and labels in, scores out."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor
from torch.nn.functional import normalize
from transformers import (
    AutoImageProcessor,
    AutoModel,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import ModelOutput

from core.catalog import ModelSpec
from core.device import Device
from core.engines._framing import Framing
from core.engines._saliency import TRACES, pieces, saliency
from core.engines._scores import calibrated, likeliest, log_odds
from core.engines._side_by_side import SideBySide
from core.errors import N_, InvalidInputError
from core.types import ImageItem, ImageScores

DAMAGED = SafetensorError
OUT_OF_MEMORY = torch.OutOfMemoryError
PROMPT = "a photo of {label}"
KNOWN_LABELS = 2000


class ZeroShotEngine:
    """A model of pictures and words. `predict`: n ImageItems with labels -> n ImageScores, each over its own labels.

    Scores say which label fits better than the others given, and sum to 1. The energy says whether any fits: for
    SigLIP, whose logits are log-odds of "this text belongs to this picture", none does where it is below 0.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        framing: Framing,
        *,
        title: str,
        device: Device,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._framing = framing
        self._title = title
        self._texts: OrderedDict[str, Tensor] = OrderedDict()
        self._parts = SideBySide(self._answer, cores=torch.get_num_threads() if device.name == "cpu" else 1)
        self.device = device

    def predict(self, items: list[ImageItem]) -> list[ImageScores]:
        if not all(item.labels for item in items):
            raise InvalidInputError(N_("Name at least one thing that the picture may show."))
        texts = self._embedded(sorted({label for item in items for label in item.labels}))
        choices = [torch.stack([texts[label] for label in item.labels]) for item in items]
        return self._parts.answer(list(zip(items, choices, strict=True)))

    def close(self) -> None:
        self._parts.close()
        del self._model

    def _answer(self, pairs: list[tuple[ImageItem, Tensor]]) -> list[ImageScores]:
        """Only those that want saliency pay for it."""
        found: dict[int, ImageScores] = {}
        plain = [place for place, (item, _) in enumerate(pairs) if not item.wants_saliency]
        others = [place for place, (item, _) in enumerate(pairs) if item.wants_saliency]
        passes = [(self._plain, plain)] + [
            (self._explained, each) for each in pieces(others, self._framing.size)
        ]
        for answer, places in passes:
            if places:
                found |= dict(
                    zip(places, answer(*zip(*(pairs[n] for n in places), strict=True)), strict=True)
                )
        return [found[place] for place in range(len(pairs))]

    @torch.inference_mode()
    def _plain(self, items: Sequence[ImageItem], choices: Sequence[Tensor]) -> list[ImageScores]:
        inputs = self._inputs(self._framing.seen([item.pixels for item in items]))
        features = self._model.get_image_features(pixel_values=inputs).pooler_output.float()
        logits = self._logits(features, choices)
        return [self._scores(*each) for each in zip(items, logits, features, strict=True)]

    def _explained(self, items: Sequence[ImageItem], choices: Sequence[Tensor]) -> list[ImageScores]:
        seen = self._framing.seen([item.pixels for item in items])
        inputs = self._inputs(seen).requires_grad_()
        output = self._model.get_image_features(pixel_values=inputs, **TRACES)
        features = output.pooler_output.float()
        logits = self._logits(features, choices)
        targets = [likeliest(row[None], [item.target]) for row, item in zip(logits, items, strict=True)]

        def score(rows: Sequence[Tensor]) -> Tensor:
            return torch.cat([log_odds(row[None], target) for row, target in zip(rows, targets, strict=True)])

        def look(pictures: Tensor) -> tuple[ModelOutput, Tensor]:
            there = self._model.get_image_features(pixel_values=pictures, output_hidden_states=True)
            return there, score(self._logits(there.pooler_output.float(), choices))

        size = seen[0].shape[:2]
        maps = saliency(look, inputs, size, output=output, score=score(logits)).cpu().numpy()
        rows = zip(items, logits, features, maps, seen, strict=True)
        return [
            self._scores(item, row.detach(), vector.detach(), saliency=hot, seen=pixels)
            for item, row, vector, hot, pixels in rows
        ]

    def _scores(self, item: ImageItem, logits: Tensor, features: Tensor, **more: np.ndarray) -> ImageScores:
        (scores,), (energy,) = calibrated(logits[None], 1.0, title=self._title)
        return ImageScores(item.labels, scores, energy, features.cpu().numpy(), **more)

    def _inputs(self, seen: list[np.ndarray]) -> Tensor:
        return self._framing.inputs(seen, self._model.dtype, self.device.name)

    def _logits(self, features: Tensor, choices: Sequence[Tensor]) -> list[Tensor]:
        """The similarity of each picture to each of its own labels, on the scale that the model learned."""
        scale = self._model.logit_scale.float().exp()
        bias = getattr(self._model, "logit_bias", torch.zeros(1, device=features.device)).float()
        pictures = normalize(features, dim=1)
        return [texts @ picture * scale + bias for texts, picture in zip(choices, pictures, strict=True)]

    @torch.inference_mode()
    def _embedded(self, labels: list[str]) -> dict[str, Tensor]:
        """The unit vectors of labels; those asked for before are remembered."""
        known = {label: self._texts.pop(label) for label in labels if label in self._texts}
        if new := [label for label in labels if label not in known]:
            vectors = self._model.get_text_features(**self._tokens(new)).pooler_output
            known |= dict(zip(new, normalize(vectors.float(), dim=1), strict=True))
        self._texts |= known
        while len(self._texts) > max(KNOWN_LABELS, len(known)):
            self._texts.popitem(last=False)
        return known

    def _tokens(self, labels: list[str]) -> dict[str, Tensor]:
        """SigLIP learned from texts in small letters, filled up to full length and without a mask."""
        is_siglip = self._model.config.model_type.startswith("siglip")
        prompts = [PROMPT.format(label=label) for label in labels]
        tokens = self._tokenizer(
            [prompt.lower() for prompt in prompts] if is_siglip else prompts,
            padding="max_length" if is_siglip else True,
            max_length=self._model.config.text_config.max_position_embeddings,
            truncation=True,
            return_tensors="pt",
        ).to(self.device.name)
        wanted = ("input_ids",) if is_siglip else ("input_ids", "attention_mask")
        return {name: tokens[name] for name in wanted}


def load(spec: ModelSpec, folder: Path, device: Device) -> ZeroShotEngine:
    """Read the model in `folder`; no network, no code from the folder.

    float32 on a CPU: with transformers in bfloat16 a score changes with the batch that it happens to be in. Raises
    ValueError when the files leave weights of the model out.
    """
    places = {"local_files_only": True, "trust_remote_code": False}
    dtype = torch.float32 if device.name == "cpu" else getattr(torch, device.dtype)
    framing = Framing(AutoImageProcessor.from_pretrained(str(folder), backend="pil", **places))
    tokenizer = AutoTokenizer.from_pretrained(str(folder), **places)
    model, report = AutoModel.from_pretrained(
        str(folder), dtype=dtype, attn_implementation="eager", output_loading_info=True, **places
    )
    if report["missing_keys"]:
        raise ValueError(f"{len(report['missing_keys'])} weights are missing")
    model = model.to(device.name).eval().requires_grad_(False)
    return ZeroShotEngine(model, tokenizer, framing, title=spec.title, device=device)
