"""Translation with sequence-to-sequence models (Marian, Bart, M2M100 ...): sentences in, n best translations out."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from core.catalog import ModelSpec
from core.device import Device
from core.engines import beams
from core.types import Hypothesis, TranslationItem

DAMAGED = SafetensorError
OUT_OF_MEMORY = torch.OutOfMemoryError
BEAMS = 4
# Rows of one search differ in length by less than this: short ones leave early, but their padding is encoded.
LENGTH_RATIO = 3.0
# A translation has at most so many tokens for each of its source, and some to spare.
TOKENS_PER_TOKEN, SPARE_TOKENS = 2.0, 16
# Where neither configuration nor tokenizer says how much the model reads.
POSITIONS = 512


class TranslationEngine:
    """A translator. `predict`: n TranslationItems -> n tuples of Hypothesis, best first, `n_best` at most.

    Items may differ in direction. A text longer than the model reads is cut in two, again and again.
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec, device: Device
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._spec = spec
        self._positions = getattr(model.config, "max_position_embeddings", None) or POSITIONS
        self.device = device

    def predict(self, items: list[TranslationItem]) -> list[tuple[Hypothesis, ...]]:
        ids = [self._encode(item) for item in items]
        found: dict[int, tuple[Hypothesis, ...]] = {}
        for place, item in enumerate(items):
            if len(ids[place]) > self._positions:
                found[place] = self._halves(item)
        for group in self._groups(items, ids, [place for place in range(len(items)) if place not in found]):
            texts = self._translate([items[place] for place in group], [ids[place] for place in group])
            found |= dict(zip(group, texts, strict=True))
        return [found[place][: item.n_best] for place, item in enumerate(items)]

    def close(self) -> None:
        del self._model

    def _encode(self, item: TranslationItem) -> list[int]:
        if not self._spec.target_tag and self._spec.language_codes:
            self._tokenizer.src_lang = self._code(item.source)
        tag = self._spec.target_tag.format(target=self._code(item.target))
        return self._tokenizer(tag + item.text, verbose=False)["input_ids"]

    def _code(self, language: str) -> str:
        return self._spec.language_codes.get(language, language)

    def _prefix(self, item: TranslationItem) -> list[int]:
        """What the decoder starts with: models without a tag are told the language here."""
        start = [self._model.generation_config.decoder_start_token_id]
        if self._spec.target_tag or not self._spec.language_codes:
            return start
        return [*start, self._tokenizer.get_lang_id(self._code(item.target))]

    def _groups(
        self, items: Sequence[TranslationItem], ids: Sequence[Sequence[int]], places: list[int]
    ) -> Iterator[list[int]]:
        """The places of items that are searched together: as many beams, and about as long."""
        group: list[int] = []
        for place in sorted(places, key=lambda place: (_beams(items[place]), len(ids[place]))):
            first = group[0] if group else place
            is_longer = len(ids[place]) > LENGTH_RATIO * len(ids[first]) + 4
            if is_longer or _beams(items[place]) != _beams(items[first]):
                yield group
                group = []
            group.append(place)
        if group:
            yield group

    def _translate(
        self, items: Sequence[TranslationItem], ids: Sequence[list[int]]
    ) -> list[tuple[Hypothesis, ...]]:
        padded = self._tokenizer.pad({"input_ids": list(ids)}, return_tensors="pt").to(self._model.device)
        inputs = {name: padded[name] for name in ("input_ids", "attention_mask")}
        prefix = torch.tensor([self._prefix(item) for item in items], device=self._model.device)
        longest = self._positions - prefix.shape[1]
        limits = [min(longest, int(TOKENS_PER_TOKEN * len(each)) + SPARE_TOKENS) for each in ids]
        rows = beams.search(self._model, inputs, prefix, limits=limits, beams=_beams(items[0]))
        return [tuple(Hypothesis(self._decode(tokens), score) for score, tokens in row) for row in rows]

    def _decode(self, tokens: list[int]) -> str:
        text = self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text.strip()

    def _halves(self, item: TranslationItem) -> tuple[Hypothesis, ...]:
        middle = len(item.text) // 2
        cut = item.text.rfind(" ", 1, middle) + 1 or middle
        parts = [
            TranslationItem(text, item.source, item.target) for text in (item.text[:cut], item.text[cut:])
        ]
        best = [hypotheses[0] for hypotheses in self.predict(parts)]
        blank = "" if item.target == "zh" else " "
        return (Hypothesis(blank.join(each.text for each in best), min(each.score for each in best)),)


def _beams(item: TranslationItem) -> int:
    return max(BEAMS, item.n_best)


def load(spec: ModelSpec, folder: Path, device: Device) -> TranslationEngine:
    """Read the model in `folder`; no network, no code from the folder.

    float32 on a CPU: bfloat16 changes a translation with the batch it happens to be in. Raises ValueError when
    the files leave weights of the model out.
    """
    dtype = torch.float32 if device.name == "cpu" else getattr(torch, device.dtype)
    places = {"local_files_only": True, "trust_remote_code": False}
    with warnings.catch_warnings():
        # Marian's tokenizer would normalise punctuation with it, which our sentences hardly need.
        warnings.filterwarnings("ignore", "Recommended: pip install sacremoses")
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **places)
    model, report = AutoModelForSeq2SeqLM.from_pretrained(
        str(folder), dtype=dtype, output_loading_info=True, **places
    )
    if report["missing_keys"]:
        raise ValueError(f"{len(report['missing_keys'])} weights are missing")
    return TranslationEngine(model.to(device.name).eval(), tokenizer, spec, device)
