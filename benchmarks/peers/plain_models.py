"""The models as a team would use them first: a function per demo, plain library calls, one input at a time.

The floor and both peers that serve pages run these; knows nothing of Vitrine. `folders` names a folder in the hub's
format for each of embedder, translator, writer and, where there is one, classifier.
"""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np
import torch
from PIL import Image
from sentence_transformers import SentenceTransformer
from transformers import (
    AutoImageProcessor,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    TextIteratorStreamer,
)

# As many as the sample knowledge base has; which vectors they are does not change the time.
VECTORS = 6950
BEAMS = 4
TOP_K = 5


class PlainModels:
    """Loads every model it is given a folder for."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._embedder = SentenceTransformer(folders["embedder"], device="cpu", local_files_only=True)
        self._vectors = np.random.default_rng(0).standard_normal((VECTORS, 384), dtype=np.float32)
        self._answers = [f"Answer number {number} of the knowledge base." for number in range(VECTORS)]
        self._translator, self._translator_tokens = _text_model(AutoModelForSeq2SeqLM, folders["translator"])
        self._writer, self._writer_tokens = _text_model(AutoModelForCausalLM, folders["writer"])
        self._classifier = None
        if folder := folders.get("classifier"):
            self._processor = AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
            self._classifier = AutoModelForImageClassification.from_pretrained(
                folder, dtype=torch.float32, local_files_only=True
            ).eval()

    def answer(self, question: str) -> str:
        scores = self._vectors @ self._embedder.encode([question], show_progress_bar=False)[0]
        return self._answers[int(scores.argmax())]

    @torch.inference_mode()
    def classify(self, picture: Image.Image) -> dict[str, float]:
        logits = self._classifier(**self._processor(picture.convert("RGB"), return_tensors="pt")).logits
        best = torch.softmax(logits[0], dim=0).topk(TOP_K)
        names = self._classifier.config.id2label
        return {names[int(at)]: float(score) for score, at in zip(best.values, best.indices, strict=True)}

    @torch.inference_mode()
    def translate(self, text: str) -> str:
        """English to Chinese, with as many beams as Vitrine uses."""
        inputs = self._translator_tokens([f">>zh<< {text}"], return_tensors="pt")
        output = self._translator.generate(**inputs, num_beams=BEAMS, max_new_tokens=256)
        return self._translator_tokens.batch_decode(output, skip_special_tokens=True)[0]

    def write(self, prompt: str, max_new_tokens: int) -> Iterator[str]:
        """The pieces of a text as they come."""
        messages = [{"role": "user", "content": prompt}]
        inputs = self._writer_tokens.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        streamer = TextIteratorStreamer(self._writer_tokens, skip_prompt=True, skip_special_tokens=True)
        settings = {"max_new_tokens": max_new_tokens, "do_sample": True, "temperature": 0.7, "top_p": 0.95}
        writing = Thread(target=self._writer.generate, kwargs={**inputs, **settings, "streamer": streamer})
        writing.start()
        yield from streamer
        writing.join()


def _text_model(kind: type, folder: str) -> tuple[torch.nn.Module, AutoTokenizer]:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return kind.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval(), tokenizer


def read_picture(path: str | Path) -> Image.Image:
    """The picture at this path, decoded."""
    with Image.open(path) as picture:
        return picture.convert("RGB")
