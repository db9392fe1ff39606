"""Data sets, lists and figures of recommendation as the API says them, in the caller's language."""

from collections.abc import Sequence

from api.calls import Call
from api.recommendation_evaluate_schemas import EvaluateRequest, EvaluateResponse, MeasuredOut, RowOut
from api.recommendation_schemas import (
    DatasetResponse,
    EmbedderOut,
    ItemOut,
    RecommenderState,
    RecommendRequest,
    RecommendResponse,
    TermOut,
)
from api.schemas import Loaded
from core import locales
from core.belongings import LIFETIME_S
from core.errors import N_, DemoError
from core.pool import ModelPool
from core.scenarios.embedding import role_for
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.fits import SAMPLE_ID, Fits
from core.scenarios.recommendation.hybrid import Hybrid
from core.scenarios.recommendation.items import Items
from core.scenarios.recommendation.metrics import Measured
from core.scenarios.recommendation.picking import Pick
from core.scenarios.recommendation.recommending import RECOMMENDERS, Reason, Recommended, Row, reasons
from core.types import Progress

SYNTHETIC = N_(
    "Invented products and simulated visitors: nobody real is in these data, and no figure of them says anything "
    "about real shops."
)
READS_TEXTS = ("content", "hybrid")


def being_read(dataset_id: str, progress: Progress, call: Call) -> DatasetResponse:
    return DatasetResponse(
        id=dataset_id,
        state="reading",
        synthetic=False,
        progress=_loaded(progress),
        recommenders={},
        expires_in_s=LIFETIME_S,
        request_id=call.visitor.request_id,
    )


def dataset_response(dataset_id: str, fits: Fits, call: Call) -> DatasetResponse:
    dataset = fits.dataset
    return DatasetResponse(
        id=dataset_id,
        state="ready",
        users=dataset.user_count,
        items=dataset.item_count,
        interactions=dataset.interaction_count,
        has_times=dataset.interactions.times is not None,
        synthetic=dataset.is_synthetic,
        note=_note(dataset, call.language),
        recommenders={name: _state(fits, name, call.language) for name in RECOMMENDERS},
        expires_in_s=None if dataset_id == SAMPLE_ID else LIFETIME_S,
        request_id=call.visitor.request_id,
    )


def recommend_response(
    models: ModelPool,
    asked: RecommendRequest,
    fits: Fits,
    recommended: Recommended,
    call: Call,
    *,
    elapsed_ms: float,
) -> RecommendResponse:
    dataset = fits.dataset
    shown = dataset.shown(call.language)
    used = [pick.item for pick in recommended.picks] + recommended.history.tolist()
    needs_texts = recommended.recommender in READS_TEXTS or asked.diversity > 0
    return RecommendResponse(
        items=[_item(fits, recommended, pick, shown, asked.max_terms) for pick in recommended.picks],
        recommender=recommended.recommender,
        weights=dict(model.weights) if isinstance(model := recommended.model, Hybrid) else None,
        history=[shown.ids[item] for item in recommended.history.tolist()],
        embedders=_embedders(models, dataset.items, used) if needs_texts and dataset.has_texts else [],
        dataset=asked.dataset,
        synthetic=dataset.is_synthetic,
        note=_note(dataset, call.language),
        elapsed_ms=round(elapsed_ms, 3),
        request_id=call.visitor.request_id,
    )


def evaluate_response(
    asked: EvaluateRequest, dataset: Dataset, rows: Sequence[Row], call: Call, *, elapsed_ms: float
) -> EvaluateResponse:
    return EvaluateResponse(
        rows=[_row(row) for row in rows],
        k=asked.k,
        split=asked.split,
        seed=asked.seed,
        dataset=asked.dataset,
        synthetic=dataset.is_synthetic,
        note=_note(dataset, call.language),
        elapsed_ms=round(elapsed_ms, 3),
        request_id=call.visitor.request_id,
    )


def _item(fits: Fits, recommended: Recommended, pick: Pick, shown: Items, most: int) -> ItemOut:
    """Not rounded: the terms are to add up to the score."""
    found = reasons(fits, recommended, pick)
    liked = [reason for reason in found if reason.kind == "liked"]
    terms = [_term(reason, shown) for reason in (*liked[:most], *found[len(liked) :])]
    if len(liked) > most:
        terms.insert(most, TermOut(kind="rest", value=sum(reason.value for reason in liked[most:])))
    return ItemOut(id=shown.ids[pick.item], title=shown.titles[pick.item], score=pick.score, terms=terms)


def _term(reason: Reason, shown: Items) -> TermOut:
    item = None if reason.item is None else shown.ids[reason.item]
    return TermOut(kind=reason.kind, item=item, part=reason.part or None, value=reason.value)


def _row(row: Row) -> RowOut:
    return RowOut(
        recommender=row.recommender,
        users=row.users,
        precision=_measured(row.precision),
        recall=_measured(row.recall),
        ndcg=_measured(row.ndcg),
        map=_measured(row.average_precision),
        hit=_measured(row.hit),
        coverage=row.coverage,
        diversity=row.diversity,
        novelty=row.novelty,
    )


def _measured(measured: Measured) -> MeasuredOut:
    return MeasuredOut(mean=measured.mean, margin=measured.margin)


def _state(fits: Fits, name: str, language: str) -> RecommenderState:
    job = fits.job(name)
    if job is None:
        return RecommenderState(state="not fitted")
    if not job.ended.is_set():
        return RecommenderState(state="fitting", progress=_loaded(job.progress))
    try:
        job.result()
    except DemoError as error:
        return RecommenderState(state="failed", error=locales.translate_error(error, language))
    return RecommenderState(state="ready")


def _embedders(models: ModelPool, items: Items, used: Sequence[int]) -> list[EmbedderOut]:
    specs = [models.pick(role) for role in sorted({role_for(items.text(item)) for item in used})]
    return [
        EmbedderOut(id=spec.model_id, tier=spec.tier)
        for spec in {each.model_id: each for each in specs}.values()
    ]


def _loaded(progress: Progress) -> Loaded:
    return Loaded(done=progress.done, total=progress.total, unit=progress.unit)


def _note(dataset: Dataset, language: str) -> str | None:
    return locales.translations(language).gettext(SYNTHETIC) if dataset.is_synthetic else None
