"""The translator's vocabulary: cased Unigram pieces shared by Chinese and English, decoded without loss."""

import json
from collections import Counter
from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer
from transformers import PreTrainedTokenizerFast

from training._bilingual_data import is_common

PAD, END, START, UNKNOWN = "<pad>", "</s>", "<s>", "<unk>"
TAGS = {"zh": ">>zh<<", "en": ">>en<<"}
SPECIAL = [PAD, END, START, UNKNOWN, *TAGS.values()]
MASKS = [f"<x{i}>" for i in range(10)]
BYTES = [f"<0x{i:02X}>" for i in range(256)]
WORD_START = "▁"
_CLOSING = r"[.,!?;:%)\]}]|'(?:s|t|m|d|re|ve|ll)\b"  # never after a space, so none comes after a mask either
MIN_CHARACTER_COUNT = 3
MAX_HAN_PIECE = 4
# NFKC would make ASCII of these, and Chinese is written with them.
_CHINESE_MARKS = "，！？：；（）…～"
_CHINESE = r"\p{Han}，。、！？：；（）《》「」『』【】“”…～"


def train_tokenizer(texts: Iterable[str], *, size: int, max_length: int) -> PreTrainedTokenizerFast:
    """A Unigram tokenizer of about `size` pieces; it appends </s> and falls back to bytes.

    Every Han character of GB 2312's level 1 is a piece of its own.
    """
    draft = Tokenizer(Unigram())
    draft.normalizer, draft.pre_tokenizer = _normalizer(), _words()
    trainer = UnigramTrainer(vocab_size=size, unk_token=UNKNOWN, max_piece_length=12, show_progress=False)
    draft.train_from_iterator(_without_rare_characters(list(texts)), trainer)
    return _finished(_vocabulary(draft), max_length)


def _vocabulary(draft: Tokenizer) -> list[tuple[str, float]]:
    """The trained pieces after the special ones, without long Chinese phrases, with every common character."""
    learned = [tuple(entry) for entry in json.loads(draft.to_str())["model"]["vocab"]]
    learned = [entry for entry in learned if entry[0] != UNKNOWN and not _is_phrase(entry[0])]
    known, rarest = {piece for piece, _ in learned}, min(score for _, score in learned)
    wanted = [chr(code) for code in range(0x4E00, 0xA000) if is_common(chr(code))]
    wanted += [chr(code) for code in range(0x21, 0x7F)] + [WORD_START, *"，。、！？：；（）《》“”‘’…—·"]
    missing = [(piece, rarest) for piece in wanted if piece not in known]
    return [(piece, 0.0) for piece in [*SPECIAL, *MASKS, *BYTES]] + learned + missing


def _finished(vocabulary: list[tuple[str, float]], max_length: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=SPECIAL.index(UNKNOWN), byte_fallback=True))
    tokenizer.normalizer, tokenizer.pre_tokenizer = _normalizer(), _words()
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Replace(Regex(f"^{WORD_START}|(?<=[{_CHINESE}]){WORD_START}"), ""),
            decoders.Replace(WORD_START, " "),
        ]
    )
    tokenizer.add_special_tokens(
        [AddedToken(name, special=True, normalized=False, rstrip=name in TAGS.values()) for name in SPECIAL]
    )
    tokenizer.add_tokens([AddedToken(mask, special=False, normalized=False) for mask in MASKS])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", pair=f"$A {END} $B {END}", special_tokens=[(END, SPECIAL.index(END))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        pad_token=PAD,
        eos_token=END,
        bos_token=START,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


def _normalizer() -> normalizers.Normalizer:
    """NFKC, except for Chinese punctuation; curly apostrophes within words become straight."""
    kept = {mark: chr(0xE000 + i) for i, mark in enumerate(_CHINESE_MARKS)}
    return normalizers.Sequence(
        [normalizers.Replace(mark, private) for mark, private in kept.items()]
        + [normalizers.NFKC(), normalizers.Replace(Regex(r"(?<=[A-Za-z])’(?=[A-Za-z])"), "'")]
        + [normalizers.Replace(private, mark) for mark, private in kept.items()]
    )


def _words() -> pre_tokenizers.PreTokenizer:
    """Runs of Chinese, single marks, single digits and words; a space before Chinese is dropped.

    A Latin word begins with WORD_START after Chinese too, so that both languages share its pieces.
    """
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(f"[{_CHINESE}]+"), "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="always", split=True),
            pre_tokenizers.Split(Regex(WORD_START + f"(?=[{_CHINESE}]|{_CLOSING})"), "removed"),
            pre_tokenizers.Split(Regex(WORD_START + r"?[^\P{P}']"), "isolated"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )


def _is_phrase(piece: str) -> bool:
    return len(piece) > MAX_HAN_PIECE and any("\u3400" <= character <= "\u9fff" for character in piece)


def _without_rare_characters(texts: list[str]) -> list[str]:
    """The trainer keeps every character it sees; those seen less than three times aren't worth a piece."""
    counts = Counter(character for text in texts for character in text)
    rare = {ord(character): " " for character, count in counts.items() if count < MIN_CHARACTER_COUNT}
    return [text.translate(rare) for text in texts]


def parts_of(tokenizer: PreTrainedTokenizerFast) -> list[list[int]]:
    """For each piece the likeliest way to write it with shorter pieces; itself where there is none."""
    scores = dict(json.loads(tokenizer.backend_tokenizer.to_str())["model"]["vocab"])
    ids, fixed = tokenizer.get_vocab(), {*SPECIAL, *MASKS, *BYTES}
    table = [[i] for i in range(len(tokenizer))]
    for piece, i in ids.items():
        if piece not in fixed and len(piece.removeprefix(WORD_START)) > 1:
            table[i] = [ids[part] for part in _likeliest(piece, scores)]
    return table


def _likeliest(piece: str, scores: dict[str, float]) -> list[str]:
    """The best way to write `piece` with other pieces, or itself."""
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(piece) + 1):
        ways = [
            (best[start][0] + scores[piece[start:end]], [*best[start][1], piece[start:end]])
            for start in range(end)
            if piece[start:end] in scores and piece[start:end] != piece
        ]
        best.append(max(ways, default=(float("-inf"), [piece])))
    return best[-1][1]
