"""What the translator learns from: sentence pairs, dictionary words and pairs with masked parts."""

import re
from functools import lru_cache
from pathlib import Path

import numpy as np

from training._bilingual_data import Pairs, read_dictionary, read_pairs, read_phrases

# Names that the sentences translate, to be masked on both sides: this is how a mask comes into mid-sentence.
NAMES = {
    "Tom": "汤姆",
    "Mary": "玛丽",
    "John": "约翰",
    "Boston": "波士顿",
    "Japan": "日本",
    "Tokyo": "东京",
    "Australia": "澳大利亚",
    "London": "伦敦",
    "Paris": "巴黎",
    "China": "中国",
    "Canada": "加拿大",
    "America": "美国",
    "Sunday": "星期天",
    "French": "法语",
    "English": "英语",
    "Python": "Python",
    "Django": "Django",
}
_COPIED = re.compile(r"https?://[^\s，。）]+|[A-Za-z_][A-Za-z0-9_.@/-]*[A-Za-z0-9_]|\d[\d.,:]*\d|\d")
_SENTENCE_END = re.compile(r"[.!?]$")
MASK = re.compile(r"<x\d>")
MAX_MASKS = 3
_JOINED = [(" and ", "和"), (" or ", "或"), (", ", "、"), (" and ", "与")]
# As in the app: what stands at the end of a sentence, before its last mark, or in front as a label.
_PLACES = [
    ("{en} {x}", "{zh}{x}"),
    ("{en_body} {x}{en_end}", "{zh_body}{x}{zh_end}"),
    ("{x}: {en}", "{x}：{zh}"),
]


def read_material(data: Path, *, seed: int) -> Pairs:
    """Every pair of the train split, dictionary words by their first meaning, and a masked copy of each sentence."""
    pairs = read_pairs(data, "train") + read_phrases()
    dictionary = read_dictionary(data)
    meanings = [gloss.split(", ")[0] for gloss in dictionary.en]
    return pairs + Pairs(dictionary.source, meanings, dictionary.zh) + masked(pairs, seed=seed)


def masked(pairs: Pairs, *, seed: int) -> Pairs:
    """A copy of each pair, up to three parts that both sides share replaced by masks; else one mask put beside it.

    Every mask occurs once on each side. The source is "masked", or "masked-docs" for documentation.
    """
    rng = np.random.default_rng(seed)
    both = [_doubled(*_mask(en, zh, rng), rng) for en, zh in zip(pairs.en, pairs.zh, strict=True)]
    source = ["masked-docs" if name.endswith("docs") else "masked" for name in pairs.source]
    return Pairs(source, [en for en, _ in both], [zh for _, zh in both])


def _mask(en: str, zh: str, rng: np.random.Generator) -> tuple[str, str]:
    numbers = rng.permutation(10) if rng.random() < 0.3 else np.arange(10)  # the app counts from zero
    found = [(name, NAMES[name]) for name in NAMES if _once(name, NAMES[name], en, zh)]
    found += [(part, part) for part in set(_COPIED.findall(en)) if _once(part, part, en, zh)]
    found = sorted(found, key=lambda item: -len(item[0]))[:MAX_MASKS]
    found.sort(key=lambda item: en.find(item[0]))
    for number, (there, here) in zip(numbers, found, strict=False):
        if _once(there, here, en, zh):
            en, zh = _replaced(en, there, number), _replaced(zh, here, number)
    return (en, zh) if found and rng.random() < 0.9 else _beside(en, zh, numbers[len(found)], rng)


def _once(there: str, here: str, en: str, zh: str) -> bool:
    """Whether `there` is a word of `en` and `here` of `zh`, once each."""
    if there not in en or here not in zh:
        return False
    return len(_word(there).findall(en)) == 1 and len(_word(here).findall(zh)) == 1


def _replaced(text: str, part: str, number: int) -> str:
    return _word(part).sub(f"<x{number}>", text)


@lru_cache(maxsize=100_000)
def _word(part: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_<]){re.escape(part)}(?![A-Za-z0-9_>])")


def _beside(en: str, zh: str, number: int, rng: np.random.Generator) -> tuple[str, str]:
    there, here = _PLACES[rng.integers(len(_PLACES))]
    if not (_SENTENCE_END.search(en) and zh[-1:] in tuple("。！？")):
        there, here = _PLACES[0]
    sides = {"en": en, "en_body": en[:-1], "en_end": en[-1:], "zh": zh, "zh_body": zh[:-1], "zh_end": zh[-1:]}
    return there.format(**sides, x=f"<x{number}>"), here.format(**sides, x=f"<x{number}>")


def _doubled(en: str, zh: str, rng: np.random.Generator) -> tuple[str, str]:
    """Now and then a mask becomes two: sentences that name two things side by side are rare."""
    found = MASK.findall(en)
    if rng.random() > 0.25 or not found or re.search(r"^<x|[(]", en):
        return en, zh
    one = found[rng.integers(len(found))]
    free = [f"<x{i}>" for i in range(10) if f"<x{i}>" not in found]
    two = free[0] if rng.random() < 0.7 else free[rng.integers(len(free))]
    there, here = _JOINED[rng.integers(len(_JOINED))]
    return en.replace(one, f"{one}{there}{two}"), zh.replace(one, f"{one}{here}{two}")
