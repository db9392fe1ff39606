"""Translation by a model that writes: what it is asked, and what of its answer is the translation."""

import re

from core.catalog import ModelSpec
from core.types import ChatMessage, Generation, GenerationItem, GenerationOptions, TranslationItem

# Tasks whose models answer messages.
WRITING = ("text-generation", "openai-chat")
NAMES = {"en": "English", "zh": "Simplified Chinese"}
# Tokens for each character of a sentence, and some to spare: Chinese may need two, a verbose model more.
TOKENS_PER_CHAR, SPARE_TOKENS = 2, 48
# The likeliest words are the translation; what else could be said is drawn.
ALTERNATIVE_TEMPERATURE = 0.8
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_QUOTES = {'"': '"', "“": "”", "「": "」", "《": "》"}


def is_prompted(spec: ModelSpec) -> bool:
    """Whether the model is asked in words, as it was not made for translation alone."""
    return spec.task in WRITING


def prompts_of(item: TranslationItem) -> list[GenerationItem]:
    """One per wanted translation: the likeliest first, the others drawn with seeds of their own."""
    limit = TOKENS_PER_CHAR * len(item.text) + SPARE_TOKENS
    messages = (ChatMessage("user", _question(item)),)
    return [
        GenerationItem(
            messages,
            GenerationOptions(
                max_new_tokens=limit, temperature=ALTERNATIVE_TEMPERATURE if seed else 0.0, seed=seed
            ),
        )
        for seed in range(item.n_best)
    ]


def translation_of(item: TranslationItem, answer: Generation) -> str:
    """The translation in an answer: without thoughts, remarks below it, and quotation marks of its own."""
    text = _THOUGHT.sub("", answer.text).strip()
    if "\n" not in item.text:
        text = text.split("\n\n")[0].replace("\n", " ").strip()
    closing = _QUOTES.get(text[:1])
    if closing and len(text) > 1 and text.endswith(closing) and not item.text.lstrip().startswith(text[0]):
        text = text[1:-1].strip()
    return text


def _question(item: TranslationItem) -> str:
    return (
        f"Translate from {NAMES[item.source]} to {NAMES[item.target]}. Answer with the translation alone. "
        "Keep marks such as <x0>, placeholders, tags, numbers and links exactly as they are.\n\n"
        f"{item.text}"
    )
