"""Long work in steps: what is finished stays when a visitor stops it, and it can go on from there."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from core.limits import MAX_TRANSLATION_CHARS
from core.pool import ModelPool
from core.scenarios.translation.glossary import Term, checked_glossary
from core.scenarios.translation.languages import Detected, source_language
from core.scenarios.translation.memory import Memory
from core.scenarios.translation.results import Segment, Translation, compose, with_terms
from core.scenarios.translation.segments import Split, split
from core.scenarios.translation.translating import TranslationOptions, TranslationRequest, translate_texts
from core.scenarios.translation.words import require_text
from core.types import ModelUse, Progress

# Enough to fill a batch with sentences of similar length; what is lost when the work is stopped. The first of a
# long text are soon there; later steps are larger, as more texts of similar length are quicker together.
TEXTS_PER_STEP, MOST_PER_STEP = 32, 128


def translate_in_steps(
    models: ModelPool,
    texts: Sequence[str],
    options: TranslationOptions,
    *,
    done: list[Translation],
    memory: Memory | None = None,
) -> Generator[Progress, None, None]:
    """Translate, in order, the texts that `done` does not have yet, and append them to it.

    Yields Progress in texts; closing the generator stops the work and leaves in `done` what is finished.
    """
    size = TEXTS_PER_STEP
    while len(done) < len(texts):
        chunk = texts[len(done) : len(done) + size]
        with closing(translate_texts(models, chunk, options, memory)) as steps:
            finished = yield from _reported(steps, Progress(len(done), len(texts), "texts"), len(chunk))
        done += finished
        size = min(MOST_PER_STEP, 2 * size)
        yield Progress(len(done), len(texts), "texts")


def _reported(
    steps: Generator[Progress, None, list[Translation]], before: Progress, texts: int
) -> Generator[Progress, None, list[Translation]]:
    """The steps of one chunk as progress of the whole."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value
        yield replace(before, done=before.done + round(step.fraction * texts))


@dataclass
class GrowingTranslation:
    """A text on its way into another language; `done` are its first sentences."""

    request: TranslationRequest
    source: str
    detected: Detected
    split: Split
    done: list[Translation] = field(default_factory=list)

    @classmethod
    def begin(cls, request: TranslationRequest) -> "GrowingTranslation":
        """Nothing is translated yet. Raises InvalidInputError or InputTooLargeError for what cannot be."""
        require_text(request.text, MAX_TRANSLATION_CHARS)
        source, detected = source_language(request.text, request.source)
        whole = Split((), request.text) if source == request.target else split(request.text, source)
        return cls(request, source, detected, whole)

    @property
    def is_finished(self) -> bool:
        return len(self.done) == len(self.split.sentences)

    def use(self, glossary: Iterable[Term]) -> None:
        """Respect these terms from here on. Raises InvalidInputError for a glossary that contradicts itself."""
        self.request = replace(self.request, glossary=checked_glossary(glossary))

    def by(self, model_id: str) -> "GrowingTranslation":
        """The same work for another model, from the beginning."""
        return replace(self, request=replace(self.request, model_id=model_id), done=[])

    def correct(self, sentence: int, target: str) -> None:
        """Put a person's words in the place of the model's for one sentence, counted from 0."""
        done = self.done[sentence]
        known = Segment(done.source_text, target, from_memory=True)
        self.done[sentence] = replace(done, text=target, alternatives=(), segments=(known,))

    def steps(self, models: ModelPool, memory: Memory | None = None) -> Generator[Progress, None, None]:
        """Go on until it is finished or the generator is closed."""
        options = replace(self.request, source=self.source)
        sentences = [sentence.text for sentence in self.split.sentences]
        yield from translate_in_steps(models, sentences, options, done=self.done, memory=memory)

    def so_far(self) -> Translation:
        """The translation of the sentences that are finished."""
        tail = self.split.tail if self.is_finished else ""
        known = Split(self.split.sentences[: len(self.done)], tail)
        segments = [_segment(translation) for translation in self.done]
        whole = compose(
            self.request.text,
            known,
            segments,
            detected=self.detected,
            source=self.source,
            target=self.request.target,
        )
        return replace(with_terms(whole, known, self.request.glossary), model=together(self.done))


def together(done: Sequence[Translation]) -> ModelUse | None:
    """The model that was asked, with the time of all steps together; None where none was."""
    uses = [translation.model for translation in done if translation.model]
    # All sentences of a step carry the time of the whole step.
    steps = {use.elapsed_ms: use for use in uses}
    return replace(uses[0], elapsed_ms=sum(steps)) if uses else None


def _segment(translation: Translation) -> Segment:
    is_known = bool(translation.segments) and all(each.from_memory for each in translation.segments)
    return Segment(translation.source_text, translation.text, translation.alternatives, from_memory=is_known)
