"""How good it is: what the cards of the models measured, and the visitor's own sentences, measured live."""

import streamlit as st

from components import model_cards, page, results
from components.i18n import _
from components.translation_settings import direction_title
from core.demos import Demo
from core.scenarios.translation.quality import MAX_FILE_MB, MAX_PAIRS, Quality, measure, read_pairs
from core.showcase import showcase
from core.types import Progress, Tier

DIRECTIONS = ("en_to_zh", "zh_to_en")


def show(demo: Demo) -> None:
    """The figures of the card, then the way to one's own."""
    _show_cards(demo)
    st.markdown(
        _(
            "On your own sentences: bring a CSV with the columns source and reference (what a good translator "
            "wrote). BLEU and chrF go from 0 to 100 and compare models on one set; they are no school grades."
        )
    )
    with st.form(f"{demo.key}_quality_form", border=False):
        limits = _("CSV, at most {rows} rows").format(rows=f"{MAX_PAIRS:,}")
        file = st.file_uploader(limits, type="csv", key=f"{demo.key}_pairs", max_upload_size=MAX_FILE_MB)
        is_wanted = st.form_submit_button(
            _("Measure now"), key=f"{demo.key}_measure", type="primary", icon=":material/speed:"
        )
    if is_wanted and file is None:
        st.warning(_("Choose a file first."), icon=":material/upload_file:")
    elif is_wanted:
        with page.running(_("Translating…"), action="measure"):
            st.session_state[f"{demo.key}_measured"] = _measured(file.getvalue())
    if measured := st.session_state.get(f"{demo.key}_measured"):
        _show_measured(demo, measured)


def _measured(content: bytes) -> Quality:
    bar, steps = st.progress(0.0), measure(showcase().models, read_pairs(content))
    while True:
        try:
            step: Progress = next(steps)
        except StopIteration as end:
            bar.empty()
            return end.value
        bar.progress(step.fraction)


def _show_measured(demo: Demo, quality: Quality) -> None:
    direction = direction_title(quality.source, quality.target)
    count, bleu, chrf = st.columns(3)
    count.metric(direction, _("{count} sentences").format(count=len(quality.pairs)))
    bleu.metric("BLEU", f"{quality.bleu:.1f}")
    chrf.metric("chrF", f"{quality.chrf:.1f}")
    st.caption(_("sacreBLEU signature: {signature}").format(signature=f"`{quality.signature}`"))
    rows = [
        {"source": pair.source, "reference": pair.reference, "translation": translation.text}
        for pair, translation in zip(quality.pairs, quality.translations, strict=True)
    ]
    results.downloads("translation-quality", rows, key=f"{demo.key}_quality_file")


def _show_cards(demo: Demo) -> None:
    for spec in showcase().models.catalog.specs:
        is_ours = spec.folder and spec.tier is Tier.STARTER and set(demo.roles) & set(spec.roles)
        rows = _rows(spec.folder) if is_ours else []
        if rows:
            title = _("{model}, as measured on its held-out test set when it was made:")
            st.caption(title.format(model=spec.title))
            key = f"{demo.key}_card_{spec.model_id}"
            st.dataframe(rows, hide_index=True, key=key, alt=_("Quality of the starter translator"))


def _rows(folder: str) -> list[dict[str, object]]:
    """A row per part of the test set and direction."""
    return [
        {
            _("Test set"): part,
            _("Direction"): direction_title(*direction.split("_to_")),
            _("Sentences"): scores["pairs"],
            "BLEU": scores[direction]["bleu"],
            "chrF": scores[direction]["chrf"],
        }
        for part, scores in model_cards.figures(folder).items()
        for direction in DIRECTIONS
    ]
