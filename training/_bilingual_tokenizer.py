"""The student's vocabulary: Unigram pieces shared by Chinese and English."""

from collections import Counter
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer
from transformers import PreTrainedTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORD_START = "▁"
MIN_CHARACTER_COUNT = 3


def train_tokenizer(texts: Iterable[str], *, size: int, max_length: int) -> PreTrainedTokenizerFast:
    """A Unigram tokenizer of `size` pieces that lower-cases and cuts after `max_length` pieces."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = _words()
    trainer = UnigramTrainer(
        vocab_size=size, special_tokens=SPECIAL, unk_token="[UNK]", max_piece_length=8, show_progress=False
    )
    tokenizer.train_from_iterator(_without_rare_characters(list(texts)), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def _words() -> pre_tokenizers.PreTokenizer:
    """Runs of Han characters, single marks and words; only words begin with WORD_START.

    A mark before Chinese would give each Chinese piece two entries, one for the start of a sentence.
    """
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Split(Regex(r"\p{Han}+|\p{P}"), "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Split(Regex(WORD_START + r"(?=[\p{Han}\p{P}])"), "removed"),
        ]
    )


def _without_rare_characters(texts: list[str]) -> list[str]:
    """The trainer keeps every character it sees; those seen less than three times aren't worth a piece."""
    counts = Counter(character for text in texts for character in text)
    rare = {ord(character): " " for character, count in counts.items() if count < MIN_CHARACTER_COUNT}
    return [text.translate(rare) for text in texts]
