"""From a text to its translation: languages, sentences, memory, translator, checks."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from core.catalog import ModelSpec
from core.errors import N_, InvalidInputError
from core.limits import MAX_ALTERNATIVES, MAX_TRANSLATION_CHARS
from core.pool import ModelPool
from core.scenarios.translation.drafts import Draft
from core.scenarios.translation.glossary import Term, checked_glossary
from core.scenarios.translation.languages import Detected, require_language, source_language
from core.scenarios.translation.memory import Memory
from core.scenarios.translation.results import Segment, Translation, compose, with_terms
from core.scenarios.translation.segments import Split, split
from core.scenarios.translation.tokens import has_words
from core.scenarios.translation.words import require_text
from core.scenarios.translation.work import Work, translate_drafts
from core.types import Progress

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class TranslationOptions:
    """Into which language, and how; without `source` the language of each text is detected."""

    target: str
    source: str | None = None
    alternatives: int = 0
    glossary: tuple[Term, ...] = ()
    model_id: str | None = None


@dataclass(frozen=True)
class TranslationRequest(TranslationOptions):
    """One text to translate."""

    text: str


def translate(
    models: ModelPool, request: TranslationRequest, memory: Memory | None = None
) -> Generator[Progress, None, Translation]:
    """Translate the text; a text that is in the target language already comes back as it is.

    Yields Progress in sentences at least every 0.2 s; closing the generator stops the work. Sentences that the
    memory knows are not sent to the model. Raises InvalidInputError, InputTooLargeError, or what the pool raises.
    """
    require_text(request.text, MAX_TRANSLATION_CHARS)
    translations = yield from translate_texts(models, [request.text], request, memory)
    return translations[0]


def translate_texts(
    models: ModelPool, texts: Sequence[str], options: TranslationOptions, memory: Memory | None = None
) -> Generator[Progress, None, list[Translation]]:
    """Like `translate`, for the texts of a document: any length, and those without words come back as they are."""
    started_s = time.perf_counter()
    options = _checked(options)
    jobs = [_job(text, options) for text in texts]
    work = Work(models)
    known: dict[tuple[str, str], Segment] = {}
    specs: dict[str, ModelSpec] = {}
    for source in dict.fromkeys(job.source for job in jobs):
        own = [job for job in jobs if job.source == source]
        segments, spec = yield from _segments(work, own, source, options, memory)
        known |= {(source, sentence): segment for sentence, segment in segments.items()}
        specs |= {source: spec} if spec else {}
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return [_translation(job, known, specs, options, models, elapsed_ms) for job in jobs]


def finish(steps: Generator[object, None, T]) -> T:
    """The value of a generator whose progress nobody watches."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@dataclass(frozen=True)
class _Job:
    """One text, cut into sentences; none where there is nothing to translate."""

    text: str
    source: str
    detected: Detected
    split: Split


def _job(text: str, options: TranslationOptions) -> _Job:
    if not has_words(text):
        source = options.source or options.target
        return _Job(text, source, Detected(source, 0.0), Split((), text))
    source, detected = source_language(text, options.source)
    whole = Split((), text) if source == options.target else split(text, source)
    return _Job(text, source, detected, whole)


def _checked(options: TranslationOptions) -> TranslationOptions:
    require_language(options.target)
    if options.source is not None:
        require_language(options.source)
    if not 0 <= options.alternatives <= MAX_ALTERNATIVES:
        message = N_("Ask for 0 to {limit} alternatives (this is {count}).")
        raise InvalidInputError(message, limit=MAX_ALTERNATIVES, count=options.alternatives)
    return replace(options, glossary=checked_glossary(options.glossary))


def _segments(
    work: Work, jobs: Sequence[_Job], source: str, options: TranslationOptions, memory: Memory | None
) -> Generator[Progress, None, tuple[dict[str, Segment], ModelSpec | None]]:
    """Every different sentence of these texts translated once, and the model that did it, if one was asked."""
    sentences = list(dict.fromkeys(each.text for job in jobs for each in job.split.sentences))
    work.total += len(sentences)
    recalled = memory.recall(sentences, source=source, target=options.target) if memory else {}
    known = {text: Segment(text, target, from_memory=True) for text, target in recalled.items()}
    known |= {text: Segment(text, text) for text in sentences if text not in known and not has_words(text)}
    work.done += len(known)
    drafts = {text: _draft(text, source, options) for text in sentences if text not in known}
    if not drafts:
        return known, None
    spec = yield from _ready_spec(work, source, options)
    found = yield from translate_drafts(work, spec, list(drafts.values()), alternatives=options.alternatives)
    for text, draft in drafts.items():
        # What came out of the model was no translation of it: the source says so best.
        best, *others = found[draft] or [text]
        known[text] = Segment(text, best, tuple(others[: options.alternatives]))
    return known, spec


def _draft(text: str, source: str, options: TranslationOptions) -> Draft:
    return Draft(text, source, options.target, options.glossary)


def _ready_spec(work: Work, source: str, options: TranslationOptions) -> Generator[Progress, None, ModelSpec]:
    """The model that translates, loaded: the one asked for, else what serves the direction."""
    role = f"translator-{source}-{options.target}"
    models = work.models
    if options.model_id is None:
        # Nothing to do but to be there: a model that cannot be loaded is passed over for the next one.
        yield from work.wait_for(role, [])
        return models.pick(role)
    spec = next((each for each in models.catalog.candidates(role) if each.model_id == options.model_id), None)
    if spec is None:
        message = N_("There is no model {model} that translates from {source} to {target}.")
        raise InvalidInputError(message, model=options.model_id[:60], source=source, target=options.target)
    yield from work.wait_for(spec, [])
    return spec


def _translation(
    job: _Job,
    known: dict[tuple[str, str], Segment],
    specs: dict[str, ModelSpec],
    options: TranslationOptions,
    models: ModelPool,
    elapsed_ms: float,
) -> Translation:
    segments = [known[job.source, each.text] for each in job.split.sentences]
    translation = compose(
        job.text, job.split, segments, detected=job.detected, source=job.source, target=options.target
    )
    spec = specs.get(job.source)
    was_asked = spec and any(not each.from_memory for each in segments)
    use = models.use(spec, elapsed_ms) if was_asked else None
    return with_terms(replace(translation, model=use), job.split, options.glossary)
