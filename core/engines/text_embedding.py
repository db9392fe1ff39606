"""Sentence embedding with sentence-transformers: texts in, unit vectors out."""

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer

from core.catalog import ModelSpec
from core.device import Device
from core.engines._packing import can_pack, is_mostly_padding, packed
from core.types import EmbeddingItem

DAMAGED = SafetensorError
OUT_OF_MEMORY = torch.OutOfMemoryError


class TextEmbeddingEngine:
    """A sentence encoder. `predict`: n EmbeddingItems -> n float32 vectors (dim,) of length one."""

    def __init__(self, model: SentenceTransformer, spec: ModelSpec, device: Device) -> None:
        self._model = model
        self._prompts = {True: spec.query_prompt, False: spec.passage_prompt}
        # On a GPU padding is cheap, and attention over many short texts is not.
        self._can_pack = device.name == "cpu" and can_pack(model)
        self.device = device

    def predict(self, items: list[EmbeddingItem]) -> list[np.ndarray]:
        texts = [self._prompts[item.is_query] + item.text for item in items]
        with torch.inference_mode():
            features = self._model.preprocess(texts)
            features = {
                name: value.to(self._model.device) for name, value in features.items() if hasattr(value, "to")
            }
            rows = packed(features) if self._can_pack and is_mostly_padding(features) else [features]
            vectors = torch.cat([self._model(row)["sentence_embedding"].float() for row in rows])
            vectors = torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()
        return list(vectors)

    def close(self) -> None:
        del self._model


def load(spec: ModelSpec, folder: Path, device: Device) -> TextEmbeddingEngine:
    """Read the model in `folder`; no network, no code from the folder.

    Encoders run in float32 on a CPU: bfloat16 changes a score with the batch it happens to be in.
    """
    dtype = torch.float32 if device.name == "cpu" else getattr(torch, device.dtype)
    model = SentenceTransformer(
        str(folder),
        device=device.name,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"dtype": dtype},
    )
    return TextEmbeddingEngine(model.eval(), spec, device)
