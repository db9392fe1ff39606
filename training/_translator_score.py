"""How good a translator is: sacreBLEU and chrF of beam search, per source and direction."""

from collections.abc import Sequence
from pathlib import Path

import torch
from sacrebleu.metrics import BLEU, CHRF
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from training._bilingual_data import Pairs
from training._translator_data import MASK, masked
from training._translator_tokenizer import TAGS

BEAMS = 4
AT_ONCE = 32
ROOM = 1.6  # a translation may have this many times the pieces of its source, and ten more
_BLEU_WORDS = {"zh": "zh", "en": "13a"}


def load(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The exported translator in float32 and its tokenizer."""
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True)


def translate(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, into: str
) -> list[str]:
    """The translations of `texts` into "zh" or "en", in their order; beam search over texts of like length."""
    answers = [""] * len(texts)
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    for rows in (order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)):
        inputs = tokenizer(
            [f"{TAGS[into]} {texts[row]}" for row in rows], return_tensors="pt", padding=True, truncation=True
        )
        room = min(int(inputs.input_ids.shape[1] * ROOM) + 10, tokenizer.model_max_length - 1)
        with torch.inference_mode():
            ids = model.generate(**inputs, num_beams=BEAMS, max_new_tokens=room)
        for row, text in zip(rows, tokenizer.batch_decode(ids, skip_special_tokens=True), strict=True):
            answers[row] = text
    return answers


def quality(folder: Path, pairs: Pairs, *, at_most: int | None = None) -> dict[str, dict]:
    """For each source the number of its pairs and each direction's BLEU and chrF."""
    model, tokenizer = load(folder)
    results = {}
    for source in sorted(set(pairs.source)):
        part = sample(pairs, source, at_most)
        results[source] = {
            "pairs": len(part),
            "en_to_zh": scores(translate(model, tokenizer, part.en, into="zh"), part.zh, into="zh"),
            "zh_to_en": scores(translate(model, tokenizer, part.zh, into="en"), part.en, into="en"),
        }
    return results


def sample(pairs: Pairs, source: str, at_most: int | None = None) -> Pairs:
    """The pairs of one source, or about `at_most` of them, evenly spread: the files begin with short sentences."""
    rows = [row for row, name in enumerate(pairs.source) if name == source]
    rows = rows[:: max(1, len(rows) // at_most)] if at_most else rows
    return Pairs([source] * len(rows), [pairs.en[row] for row in rows], [pairs.zh[row] for row in rows])


def scores(translations: Sequence[str], references: Sequence[str], *, into: str) -> dict[str, float]:
    """Corpus BLEU and chrF, one reference each."""
    bleu, chrf = BLEU(tokenize=_BLEU_WORDS[into]), CHRF()
    return {
        "bleu": round(bleu.corpus_score(translations, [references]).score, 2),
        "chrf": round(chrf.corpus_score(translations, [references]).score, 2),
    }


def masks_kept(folder: Path, pairs: Pairs, *, seed: int = 20) -> dict[str, float]:
    """The share of masked copies of the pairs whose translation holds each mask of its source exactly once."""
    model, tokenizer = load(folder)
    copies = masked(pairs, seed=seed)
    both = {"en_to_zh": (copies.en, "zh"), "zh_to_en": (copies.zh, "en")}
    return {
        name: _share_kept(texts, translate(model, tokenizer, texts, into=into))
        for name, (texts, into) in both.items()
    }


def _share_kept(texts: Sequence[str], translations: Sequence[str]) -> float:
    kept = [
        sorted(MASK.findall(text)) == sorted(MASK.findall(translation))
        for text, translation in zip(texts, translations, strict=True)
    ]
    return round(sum(kept) / len(kept), 4)


def signatures() -> dict[str, str]:
    """What makes the figures comparable: sacreBLEU's own description of each."""
    described = {}
    for into, words in _BLEU_WORDS.items():
        metric = BLEU(tokenize=words)
        metric.corpus_score(["a"], [["a"]])
        described[f"bleu into {into}"] = str(metric.get_signature())
    metric = CHRF()
    metric.corpus_score(["a"], [["a"]])
    return described | {"chrf": str(metric.get_signature())}
