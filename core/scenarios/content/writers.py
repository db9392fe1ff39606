"""Which model writes, and waiting until it is there."""

from collections.abc import Generator

from core.catalog import ModelSpec
from core.errors import N_, InvalidInputError, ModelLoadError, NotFoundError
from core.locales import LANGUAGES
from core.pool import ModelPool

ROLE = "writer"
POLL_S = 0.1


def pick_writer(models: ModelPool, model_id: str | None = None) -> ModelSpec:
    """The writer of this id, or the one that serves now.

    Raises NotFoundError for an unknown id, ModelLoadError when it is not on this machine: nothing is downloaded
    because somebody asks for a text.
    """
    if model_id is None:
        return models.pick(ROLE)
    writers = {spec.model_id: spec for spec in models.catalog.candidates(ROLE)}
    if model_id not in writers:
        message = N_("There is no writer {model}. It has to be one of: {models}.")
        raise NotFoundError(message, model=model_id[:100], models=", ".join(writers))
    spec = writers[model_id]
    if not (models.choice.fits(spec) and models.choice.is_local(spec)):
        message = N_("{model} is not on this machine. Load it on the operations page, or choose another one.")
        raise ModelLoadError(message, model=spec.title)
    return spec


def check_language(spec: ModelSpec, language: str) -> None:
    """Raises InvalidInputError when this model does not write the language."""
    if language not in spec.languages:
        known = ", ".join(LANGUAGES.get(code, code) for code in spec.languages)
        message = N_(
            "{model} does not write {language}; it writes {known}. Choose another language or model."
        )
        raise InvalidInputError(
            message, model=spec.title, language=LANGUAGES.get(language, language), known=known
        )


def until_ready(models: ModelPool, model_id: str | None) -> Generator[None, None, ModelSpec]:
    """Load the writer, yielding while it takes; where no id was asked for, the next candidate after a failure.

    Raises ModelLoadError.
    """
    spec = pick_writer(models, model_id)
    while True:
        try:
            loading = models.load(spec.model_id)
            while not loading.wait(POLL_S):
                yield
            return spec
        except ModelLoadError:
            failed, spec = spec, pick_writer(models, model_id)
            if spec == failed:
                raise


def writers_here(models: ModelPool) -> tuple[ModelSpec, ...]:
    """The writers on this machine that fit into its memory, the preferred one first."""
    candidates = models.catalog.candidates(ROLE)
    return tuple(spec for spec in candidates if models.choice.fits(spec) and models.choice.is_local(spec))
