"""How good translations are on a visitor's own sentences: compared with theirs by BLEU and chrF."""

from collections.abc import Generator
from dataclasses import dataclass

from core.errors import N_, InputTooLargeError, InvalidInputError
from core.pool import ModelPool
from core.scenarios.translation.growing import translate_in_steps
from core.scenarios.translation.languages import source_language
from core.scenarios.translation.results import Translation
from core.scenarios.translation.translating import TranslationOptions
from core.spreadsheets import read_columns
from core.types import Progress

COLUMNS = ("source", "reference")
MAX_FILE_MB = 1
# Some minutes of the starter on a laptop; a few hundred sentences tell models apart.
MAX_PAIRS = 1000
MAX_PAIR_CHARS = 2000
# Enough to tell the direction by.
SAMPLE_PAIRS = 50
# How sacreBLEU cuts a text into words.
TOKENIZERS = {"zh": "zh", "en": "13a"}
_OTHER = {"en": "zh", "zh": "en"}


@dataclass(frozen=True)
class Pair:
    """A sentence, and what a person made of it."""

    source: str
    reference: str


@dataclass(frozen=True)
class Quality:
    """BLEU and chrF of a translated set (0 to 100), with sacreBLEU's signature, which says how it was computed."""

    bleu: float
    chrf: float
    signature: str
    source: str
    target: str
    pairs: tuple[Pair, ...]
    translations: tuple[Translation, ...]


def read_pairs(content: bytes) -> tuple[Pair, ...]:
    """The pairs of a CSV file with the columns source and reference. Raises InvalidInputError."""
    missing = N_("The file needs the columns source and reference; name them in the first line.")
    rows = read_columns(content, COLUMNS, max_mb=MAX_FILE_MB, missing=missing)
    pairs = tuple(Pair(source.strip(), reference.strip()) for _line, (source, reference) in rows)
    return _checked(tuple(pair for pair in pairs if pair.source and pair.reference))


def _checked(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    if not pairs:
        raise InvalidInputError(N_("The file has no row with both a source and a reference. Fill in one."))
    if len(pairs) > MAX_PAIRS:
        raise InputTooLargeError(
            N_("The file has {count} rows; the limit is {limit}."), count=len(pairs), limit=MAX_PAIRS
        )
    longest = max(len(text) for pair in pairs for text in (pair.source, pair.reference))
    if longest > MAX_PAIR_CHARS:
        message = N_("A cell of the file has {count} characters; the limit is {limit}.")
        raise InputTooLargeError(message, count=longest, limit=MAX_PAIR_CHARS)
    return pairs


def measure(
    models: ModelPool, pairs: tuple[Pair, ...], *, model_id: str | None = None
) -> Generator[Progress, None, Quality]:
    """Translate every source and compare with its reference; the direction is that of the first sources.

    No memory and no glossary take part: the figures are the model's own.
    """
    source, _ = source_language("\n".join(pair.source for pair in pairs[:SAMPLE_PAIRS]), None)
    options = TranslationOptions(source=source, target=_OTHER[source], model_id=model_id)
    done: list[Translation] = []
    yield from translate_in_steps(models, [pair.source for pair in pairs], options, done=done)
    return _compared(pairs, tuple(done), options)


def _compared(pairs: tuple[Pair, ...], done: tuple[Translation, ...], options: TranslationOptions) -> Quality:
    # Here and not above: it takes some 0.2 s to import, which every start of the application would pay.
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(tokenize=TOKENIZERS[options.target]), CHRF()
    texts, references = [each.text for each in done], [[pair.reference for pair in pairs]]
    scores = bleu.corpus_score(texts, references).score, chrf.corpus_score(texts, references).score
    signature = str(bleu.get_signature())
    return Quality(*scores, signature, options.source, options.target, pairs, done)
