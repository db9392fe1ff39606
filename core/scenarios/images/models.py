"""Which model looks at a picture: for everyday things, for products, for labels of one's own."""

from core.catalog import ModelSpec
from core.errors import N_, ModelLoadError, NotFoundError
from core.limits import MAX_SIDE_PX
from core.pool import ModelPool
from core.scenarios.images.thumbnails import THUMBNAIL_PX

EVERYDAY, PRODUCTS, OWN_LABELS = "image-classifier", "product-classifier", "zero-shot-image"
ANYTHING = "thing"
# Of what the network sees; shrinking from there tells no more than shrinking from the whole picture.
_FINER = 3


def candidates(models: ModelPool) -> tuple[ModelSpec, ...]:
    """Every model of the catalog that this page can use, each once."""
    roles = (EVERYDAY, PRODUCTS, OWN_LABELS)
    found = {spec.model_id: spec for role in roles for spec in models.catalog.candidates(role)}
    return tuple(found.values())


def models_here(models: ModelPool) -> tuple[ModelSpec, ...]:
    """Those that are on this machine and fit into its memory, the preferred one first."""
    return tuple(spec for spec in candidates(models) if is_here(models, spec))


def is_here(models: ModelPool, spec: ModelSpec) -> bool:
    return models.choice.fits(spec) and models.choice.is_local(spec)


def takes_labels(spec: ModelSpec) -> bool:
    """Whether the visitor says what there is to choose from; other models know their own labels."""
    return OWN_LABELS in spec.roles


def needed_px(models: ModelPool, spec: ModelSpec) -> int:
    """How many pixels the shorter side of a picture must have for the model, and for a thumbnail."""
    seen_px = models.calibration(spec).resolution_px
    return min(MAX_SIDE_PX, max(THUMBNAIL_PX, _FINER * seen_px)) if seen_px else MAX_SIDE_PX


def labels_for_features(spec: ModelSpec) -> tuple[str, ...]:
    """What to ask about when only the features are wanted: models that take labels answer none without."""
    return (ANYTHING,) if takes_labels(spec) else ()


def pick_model(models: ModelPool, model_id: str | None = None, *, own_labels: bool = False) -> ModelSpec:
    """The model of this id, or the one that serves now.

    Raises NotFoundError for an unknown id, ModelLoadError when it is not on this machine: nothing is downloaded
    because somebody shows a picture.
    """
    if model_id is None:
        return _pick_own_labels(models) if own_labels else models.pick(EVERYDAY)
    known = {spec.model_id: spec for spec in candidates(models)}
    if model_id not in known:
        message = N_("There is no image model {model}. It has to be one of: {models}.")
        raise NotFoundError(message, model=model_id[:100], models=", ".join(known))
    if not is_here(models, known[model_id]):
        message = N_("{model} is not on this machine. Load it on the operations page, or choose another one.")
        raise ModelLoadError(message, model=known[model_id].title)
    return known[model_id]


def _pick_own_labels(models: ModelPool) -> ModelSpec:
    offered = models.catalog.candidates(OWN_LABELS)
    here = [spec for spec in offered if is_here(models, spec)]
    if not here:
        message = N_(
            "Labels of your own need a model that knows words and pictures, and none is on this machine. "
            "Load one of these on the operations page: {models}."
        )
        raise ModelLoadError(message, models=", ".join(spec.title for spec in offered))
    return here[0]
