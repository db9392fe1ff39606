"""How good a stored writer is: surprise at unseen text, attributes said, briefs kept to."""

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.scenarios.content.brief import Brief, messages
from core.scenarios.content.brief_file import read_briefs
from core.scenarios.content.checks import Verdict, check_text
from training._writer_e2e import Restaurant, read_restaurants, restaurant_brief
from training._writer_public import plain_samples
from training._writer_samples import Sample
from training._writer_slots import ATTRIBUTES, slots_invented, slots_said
from training._writer_tokenizer import ASSISTANT, END, MAX_LENGTH, USER

BATCH = 32
CONSTRAINTS = ("length", "must_say", "must_not_say", "language", "unsupported")
EVALUATION = Path(__file__).parents[1] / "assets" / "briefs" / "evaluation.csv"


class StoredWriter:
    """A writer as a visitor's machine loads it, in float32."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self.model = AutoModelForCausalLM.from_pretrained(
            str(folder), local_files_only=True, dtype=torch.float32, attn_implementation="sdpa"
        ).eval()

    @torch.inference_mode()
    def write(self, briefs: list[Brief], *, temperature: float = 0.0, seed: int = 0) -> list[str]:
        """A text for each brief; temperature 0 takes the likeliest token each time."""
        torch.manual_seed(seed)
        prompts = [self._prompt(brief) for brief in briefs]
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        texts = [""] * len(prompts)
        drawn = {"do_sample": True, "temperature": temperature, "top_p": 0.95, "top_k": 0}
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            batch = self.tokenizer([prompts[i] for i in rows], return_tensors="pt", padding=True)
            batch.pop("token_type_ids", None)
            grown = self.model.generate(
                **batch, max_new_tokens=300, **(drawn if temperature else {"do_sample": False})
            )
            answers = grown[:, batch["input_ids"].shape[1] :]
            for i, text in zip(
                rows, self.tokenizer.batch_decode(answers, skip_special_tokens=True), strict=True
            ):
                texts[i] = text
        return texts

    @torch.inference_mode()
    def surprise(self, samples: list[Sample]) -> tuple[float, int]:
        """The summed negative log-likelihood of the texts given their briefs, in nats, and their tokens."""
        total, count = 0.0, 0
        for sample in samples:
            prompt = ASSISTANT if sample.brief is None else self._prompt(sample.brief)
            asked = len(self.tokenizer(prompt).input_ids)
            ids = self.tokenizer(prompt + sample.text + END, return_tensors="pt").input_ids[:, :MAX_LENGTH]
            logits = self.model(ids).logits[0, asked - 1 : -1]
            total += functional.cross_entropy(logits, ids[0, asked:], reduction="sum").item()
            count += ids.shape[1] - asked
        return total, count

    def _prompt(self, brief: Brief) -> str:
        return f"{USER}{messages(brief)[0].content}{END}{ASSISTANT}"


def perplexities(writer: StoredWriter, held_out: list[Sample], data: Path, split: str) -> dict[str, float]:
    """Per token of ruled texts with unseen names and categories; bits per character of unseen posts."""
    nats, tokens = writer.surprise(held_out)
    posts = plain_samples(data, split)[:400]
    post_nats, post_tokens = writer.surprise(posts)
    characters = sum(len(sample.text) for sample in posts)
    return {
        "ruled_perplexity": round(math.exp(nats / tokens), 3),
        "posts_perplexity": round(math.exp(post_nats / post_tokens), 2),
        "posts_bits_per_character": round(post_nats / characters / math.log(2), 3),
    }


def slot_scores(restaurants: Iterable[Restaurant], texts: list[str]) -> dict[str, float]:
    """Shares of attributes said, texts with all and nothing more, and errors per attribute."""
    said, asked, invented, right = Counter(), Counter(), Counter(), 0
    for found, text in zip(restaurants, texts, strict=True):
        slots = slots_said(found.values, found.name, text)
        extra = slots_invented(found.values, found.name, text)
        asked.update(slots.keys())
        said.update(key for key, is_said in slots.items() if is_said)
        invented.update(extra)
        right += all(slots.values()) and not extra
    total = sum(asked.values())
    missing = total - sum(said.values())
    return {
        "slots_said": round(sum(said.values()) / total, 4),
        "slots_invented": round(sum(invented.values()) / total, 4),
        "slot_error_rate": round((missing + sum(invented.values())) / total, 4),
        "texts_all_right": round(right / len(texts), 4),
        **{f"said {key}": round(said[key] / asked[key], 4) for key in ["name", *ATTRIBUTES] if asked[key]},
        **{f"invented {key}": count for key, count in sorted(invented.items())},
    }


def restaurant_scores(writer: StoredWriter, data: Path, split: str, temperature: float) -> dict[str, float]:
    """One text for each distinct list of attributes of the split."""
    lists = list({found.mr: found for found in read_restaurants(data, split)}.values())
    briefs = [restaurant_brief(found.name, found.values) for found in lists]
    return {"lists": len(lists), **slot_scores(lists, writer.write(briefs, temperature=temperature))}


def reference_scores(data: Path, split: str) -> dict[str, float]:
    """The same measure of the human texts: what the matcher sees, and what people wrote."""
    found = read_restaurants(data, split)
    return {"texts": len(found), **slot_scores(found, [each.text for each in found])}


def failures(brief: Brief, text: str) -> list[str]:
    """The names of the checks that the text fails, the page's reading ease among them."""
    return [check.name for check in check_text(text, brief) if check.verdict is Verdict.FAIL]


def brief_scores(writer: StoredWriter, briefs: list[Brief], *, temperature: float) -> dict[str, float]:
    """Shares of briefs kept to: by one text (each constraint by itself too), and by the best of four."""
    draws = 4 if temperature else 1
    texts = [writer.write(briefs, temperature=temperature, seed=seed) for seed in range(draws)]
    failed = [[failures(brief, text) for brief, text in zip(briefs, row, strict=True)] for row in texts]
    kept = [[not set(each) & set(CONSTRAINTS) for each in row] for row in failed]
    one = sum(map(sum, kept)) / (draws * len(briefs))
    counts = Counter(name for row in failed for each in row for name in each)
    named = sum(
        brief.product.split(",")[0].lower() in text.lower()
        for row in texts
        for brief, text in zip(briefs, row, strict=True)
    )
    scores = {
        "briefs": len(briefs),
        "kept": round(one, 4),
        "product named": round(named / (draws * len(briefs)), 4),
    }
    if draws > 1:
        scores["kept by best of 4"] = round(sum(map(any, zip(*kept, strict=True))) / len(briefs), 4)
    for name in (*CONSTRAINTS, "reading"):
        scores[f"kept {name}"] = round(1 - counts[name] / (draws * len(briefs)), 4)
    return scores


def evaluation_briefs() -> list[Brief]:
    """The hundred briefs written for this measurement."""
    return [row.brief for row in read_briefs(EVALUATION.read_bytes()) if row.brief]
