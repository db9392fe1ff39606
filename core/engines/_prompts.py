"""From a conversation to the tokens that a model expects, by its own template, and back."""

from collections.abc import Sequence

from transformers import GenerationConfig, PretrainedConfig, PreTrainedTokenizerBase

from core.errors import N_, InvalidInputError
from core.types import ChatMessage, GenerationItem

# Prompt and answer together. The catalog's memory_mb counts on eight rows of this length.
MAX_CONTEXT = 2048
# No tokenizer gets more out of ordinary text; what is longer need not be cut into tokens to be refused.
MAX_CHARS_PER_TOKEN = 12
# An answer shorter than this is not worth a long question.
MIN_ANSWER_TOKENS = 16


class Prompts:
    """A tokenizer with its model's template, limits and end-of-text tokens; one call at a time."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        config: PretrainedConfig,
        generation: GenerationConfig | None,
        *,
        title: str,
    ) -> None:
        self._tokenizer = tokenizer
        self._title = title
        self._context = min(MAX_CONTEXT, getattr(config, "max_position_embeddings", None) or MAX_CONTEXT)
        # Typed by a visitor, these would end the visitor's turn and begin another one.
        self._reserved = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
        self.end_tokens = _ends(generation, config, tokenizer)

    def read(self, item: GenerationItem) -> tuple[list[int], int]:
        """The prompt's tokens, and how many may follow. Raises InvalidInputError when it is too long."""
        limit = self._context - min(MIN_ANSWER_TOKENS, item.options.max_new_tokens)
        chars = sum(len(message.content) for message in item.messages)
        if chars > limit * MAX_CHARS_PER_TOKEN:
            most = limit * MAX_CHARS_PER_TOKEN
            raise InvalidInputError(_TOO_MANY_CHARS, model=self._title, count=chars, limit=most)
        prompt = self._tokenizer(self._text(item.messages), add_special_tokens=False).input_ids
        if len(prompt) > limit:
            raise InvalidInputError(_TOO_MANY_TOKENS, model=self._title, count=len(prompt), limit=limit)
        return prompt, max(1, min(item.options.max_new_tokens, self._context - len(prompt)))

    def decode(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.decode(
            list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def _text(self, messages: Sequence[ChatMessage]) -> str:
        turns = [{"role": message.role, "content": self._clean(message.content)} for message in messages]
        if not self._tokenizer.chat_template:
            return "\n".join([*(f"{turn['role']}: {turn['content']}" for turn in turns), "assistant:"])
        # Models that think aloud first (Qwen3) are asked not to; other templates ignore the word.
        return self._tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, tokenize=False, enable_thinking=False
        )

    def _clean(self, content: str) -> str:
        for token in self._reserved:
            content = content.replace(token, "")
        # Half a surrogate pair is no text, and tokenizers don't take it.
        return content.encode("utf-8", "replace").decode("utf-8")


def _ends(
    generation: GenerationConfig | None, config: PretrainedConfig, tokenizer: PreTrainedTokenizerBase
) -> frozenset[int]:
    ends: set[int] = set()
    for source in (generation, config, tokenizer):
        found = getattr(source, "eos_token_id", None)
        ends |= {found} if isinstance(found, int) else set(found or ())
    return frozenset(ends)


_TOO_MANY_CHARS = N_(
    "The text is too long for {model}: it has {count} characters, and at most {limit} can fit. Shorten it."
)
_TOO_MANY_TOKENS = N_(
    "The text is too long for {model}: it has {count} tokens (pieces of words), and {limit} fit. Shorten it."
)
