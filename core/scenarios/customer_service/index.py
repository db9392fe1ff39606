"""Find the entries of a knowledge base that fit a question, from vectors and words; knows no model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore

import numpy as np
from scipy.special import expit

from core.language import language_of
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.head import Examples, fit_head
from core.scenarios.customer_service.lexical import LetterIndex
from core.scenarios.customer_service.policy import Policy
from core.scenarios.customer_service.search import GroupedVectors, Groups, highest
from core.scenarios.customer_service.spans import Span, closest_span, sentence_spans

# A sentence costs as much to embed as a question; beyond this many, spans are found by letters alone.
MAX_SENTENCES = 6000

# Calibrated on assets/knowledge_bases/calibration.csv, by the language of the question.
SENTENCE_WEIGHT = 0.6
LEXICAL_WEIGHT = 0.3
MIDDLE = {"en": 0.80, "zh": 0.85}
SLOPE = 8.0
# The Chinese starter embedder is a student: its questions need more to be sure of, until as many out of scope are
# refused on the calibration set as in English.
DOUBT = {"en": 0.0, "zh": 0.7}
# Mean cosine between texts that have nothing to do with each other; embedders with a higher one are stretched to it.
BACKGROUND = 0.2
BACKGROUND_TEXTS = 50  # fewer say little about an embedder
# All whose vectors came in one batch search next. Python lets one of them compute while another multiplies; the rest
# would only keep the thread of the model, and that of the server, from their turn.
SEARCHES_AT_ONCE = 2


@dataclass(frozen=True)
class Match:
    """An entry with its score in [0, 1] and the sentence of its answer that fits the question best.

    `terms` names what the score is made of: cosines of the nearest question ("semantic") and of the nearest
    sentence of the answer ("answer"), the share of letters ("lexical"), and the logit of the "head".
    """

    entry: Entry
    score: float
    span: Span | None
    terms: dict[str, float]

    @property
    def closeness(self) -> float:
        """The cosine of the question and what is closest to it of the entry: a question, or a sentence."""
        return max(self.terms.get("semantic", 0.0), self.terms.get("answer", 0.0))


class EntryIndex:
    """Entries with the vectors of their texts; immutable, so that any number of threads may search it.

    The versions of an entry in several languages are one subject, and found once. Scores mean the same
    with and without a head, in every language: 0.5 is where about nine in ten questions out of scope stay below.
    """

    policy = Policy()

    @staticmethod
    def texts(entries: Sequence[Entry]) -> list[str]:
        """What has to be embedded, each text once: ways to ask, then the sentences of the answers."""
        asked = [text for entry in entries for text in _ways_to_ask(entry)]
        said = [entries[place].answer[slice(*span)] for place, span in _sentences(entries)]
        return list(dict.fromkeys(asked + said))

    def __init__(self, entries: Sequence[Entry], vectors: np.ndarray) -> None:
        """`vectors`: (texts, dim) float32 rows of length one, in the order of `texts(entries)`."""
        rows = {text: row for row, text in enumerate(self.texts(entries))}
        if len(vectors) != len(rows):
            raise ValueError(f"{len(rows)} texts need as many vectors, got {len(vectors)}")
        subjects = {name: number for number, name in enumerate(dict.fromkeys(e.entry_id for e in entries))}
        self._entries = sorted(entries, key=lambda entry: subjects[entry.entry_id])
        self._versions = Groups([subjects[entry.entry_id] for entry in self._entries], len(subjects))

        asked = [text for entry in self._entries for text in _ways_to_ask(entry)]
        places = np.array(
            [place for place, entry in enumerate(self._entries) for _ in _ways_to_ask(entry)], dtype=np.int64
        )
        self._questions = GroupedVectors(
            _taken(vectors, [rows[text] for text in asked]), places, len(entries)
        )
        sentences = _sentences(self._entries)
        said = [self._entries[place].answer[slice(*span)] for place, span in sentences]
        self._spans = [span for _, span in sentences]
        self._sentences = GroupedVectors(
            _taken(vectors, [rows[text] for text in said]), [place for place, _ in sentences], len(entries)
        )

        owners = self._versions.owners[places]
        self._head = fit_head(
            Examples(asked, self._questions.vectors, owners),
            Examples(said, self._sentences.vectors, self._versions.owners[self._sentences.owners]),
        )
        # The head knows words already; letters are for the entries that it does not cover.
        rest = np.flatnonzero(~np.isin(owners, self._head.groups if self._head else []))
        self._letters = LetterIndex([asked[row] for row in rest])
        self._lettered = Groups(places[rest], len(entries))
        self._stretch = _stretch(self._questions.vectors)
        self._turns = BoundedSemaphore(SEARCHES_AT_ONCE)

    def search(self, question: str, vector: np.ndarray, *, language: str, k: int = 5) -> list[Match]:
        """The k subjects that fit best, each in the visitor's `language` where it has a version in it."""
        with self._turns:
            return self._search(question, vector, language=language, k=k)

    def _search(self, question: str, vector: np.ndarray, *, language: str, k: int) -> list[Match]:
        vector, asked_in = np.asarray(vector, dtype=np.float32), language_of(question)
        asked = self._questions.best(self._questions.cosines(vector))
        said = self._sentences.cosines(vector)
        terms = {
            "semantic": self._versions.best(asked),
            "answer": self._versions.best(self._sentences.best(said)),
            "lexical": self._versions.best(self._lettered.best(self._letters.scores(question))),
        }
        scores = self._neighbour_scores(terms, asked_in)
        if self._head:
            learnt, logits = self._head.groups, self._head.logits(question, vector)
            nearest = np.fmax(terms["semantic"], terms["answer"])[learnt]
            scores[learnt] = self._head.confidence(logits, nearest, doubt=DOUBT[asked_in])
            terms["head"] = np.full(len(scores), np.nan)
            terms["head"][learnt] = logits

        matches = []
        for subject in highest(scores, k):
            place = self._version(subject, language, asked)
            parts = {name: float(values[subject]) for name, values in terms.items()}
            parts = {name: value for name, value in parts.items() if math.isfinite(value)}
            span = self._span(place, question, said)
            matches.append(Match(self._entries[place], float(scores[subject]), span, parts))
        return matches

    def _neighbour_scores(self, terms: dict[str, np.ndarray], asked_in: str) -> np.ndarray:
        """Scores in [0, 1] from the nearest texts alone, (subjects,)."""
        semantic = 1 - self._stretch * (1 - terms["semantic"])
        answer = 1 - self._stretch * (1 - terms["answer"])
        total = semantic + SENTENCE_WEIGHT * np.where(np.isnan(answer), semantic, answer)
        total += LEXICAL_WEIGHT * np.nan_to_num(terms["lexical"])
        return expit(SLOPE * (total - MIDDLE[asked_in]))

    def _version(self, subject: int, language: str, asked: np.ndarray) -> int:
        """The place of the subject's version in the language, else of the one that fits best."""
        places = self._versions.rows(subject)
        return max(places, key=lambda place: (self._entries[place].language == language, asked[place]))

    def _span(self, place: int, question: str, said: np.ndarray) -> Span | None:
        rows = self._sentences.rows(place)
        if not rows:
            return closest_span(self._entries[place].answer, question)
        return self._spans[max(rows, key=said.__getitem__)]


def _ways_to_ask(entry: Entry) -> tuple[str, ...]:
    """Running text has no questions; there the passage itself is what a question may resemble."""
    return entry.questions or (entry.answer,)


def _sentences(entries: Sequence[Entry]) -> list[tuple[int, Span]]:
    """Entry number and place of each sentence of the answers; none at all when there are too many."""
    sentences = []
    for number, entry in enumerate(entries):
        sentences += [(number, span) for span in sentence_spans(entry.answer)]
        if len(sentences) > MAX_SENTENCES:
            return []
    return sentences


def _stretch(vectors: np.ndarray) -> float:
    """What to multiply distances with, so that unrelated texts are as far apart as the starter embedder puts them."""
    count = len(vectors)
    if count < BACKGROUND_TEXTS:
        return 1.0
    total = vectors.sum(axis=0)
    mean_cosine = (float(total @ total) - count) / (count * (count - 1))
    return (1 - BACKGROUND) / (1 - min(0.9, max(BACKGROUND, mean_cosine)))


def _taken(vectors: np.ndarray, rows: list[int]) -> np.ndarray:
    """The rows in this order, without a copy where that is the order they have."""
    is_same = len(rows) == len(vectors) and rows == list(range(len(vectors)))
    return vectors if is_same else vectors[np.array(rows, dtype=np.int64)]
