"""How good it is: what the models' cards measured on named test sets, and the visitor's own labelled pictures."""

import math

import streamlit as st

from components import failures, model_cards, triage_words
from components.i18n import _
from components.triage_list import Worklist
from core.calibration import OperatingPoint
from core.catalog import ModelSpec
from core.demos import Demo
from core.scenarios.triage import findings
from core.scenarios.triage.findings import Rule
from core.scenarios.triage.measuring import MAX_LABELS_BYTES, Measured, Share, measure, read_labels
from core.scenarios.triage.triaging import CHEST
from core.showcase import showcase
from core.types import Tier


def show(demo: Demo, listed: Worklist | None, rule: Rule | None) -> None:
    """The cards' figures, the operating points, then the way to one's own."""
    for spec in showcase().models.catalog.specs:
        if spec.tier is Tier.STARTER and set(demo.roles) & set(spec.roles):
            _show_card(demo, spec)
    st.markdown(
        _(
            "What such figures do not say: how the model does with other machines, other countries and other ages than "
            "those of its pictures. Measure it on yours before you believe it."
        )
    )
    _measure_own(demo, listed, rule)


def _show_card(demo: Demo, spec: ModelSpec) -> None:
    title = _("{model}, as measured on its held-out test set when it was made:")
    rows = _rows(model_cards.figures(spec.folder or ""))
    if rows:
        st.caption(title.format(model=spec.title))
        alt = _("Quality of {model}").format(model=spec.title)
        st.dataframe(rows, hide_index=True, key=f"{demo.key}_card_{spec.model_id}", alt=alt)
    points = findings.points(showcase().models.calibration(spec))
    if CHEST in spec.roles and points != (findings.UNMEASURED,):
        alt = _("Operating points of {model}").format(model=spec.title)
        key = f"{demo.key}_points_{spec.model_id}"
        st.dataframe([_point(point) for point in points], hide_index=True, key=key, alt=alt)


def _point(point: OperatingPoint) -> dict[str, object]:
    return {
        _("Operating point"): triage_words.point(point),
        _("Threshold"): f"{point.threshold:.3f}",
        _("Sensitivity (95 % interval)"): triage_words.interval(
            point.sensitivity, point.sensitivity_interval
        ),
        _("Specificity (95 % interval)"): triage_words.interval(
            point.specificity, point.specificity_interval
        ),
        _("Test set"): triage_words.measured_on(point),
    }


def _measure_own(demo: Demo, listed: Worklist | None, rule: Rule | None) -> None:
    """A table of labels against the worklist above; the operating point decides again at once."""
    text = _(
        "On your own pictures: sort them above, then bring a CSV with the columns file and finding (1 or 0, as a "
        "person read them)."
    )
    file = st.file_uploader(
        text, type="csv", key=f"{demo.key}_labels", max_upload_size=MAX_LABELS_BYTES // 2**20
    )
    if file is None:
        return
    if listed is None or rule is None:
        st.warning(_("Sort the pictures first."), icon=":material/sort:")
        return
    with failures.shown():
        _show_measured(measure(listed.done, read_labels(file.getvalue()), rule))


def _show_measured(measured: Measured) -> None:
    sensitivity, specificity, auc, person, missed = st.columns(5)
    sensitivity.metric(_("Sensitivity"), _percent(measured.sensitivity.value))
    sensitivity.caption(_counted(measured.sensitivity))
    specificity.metric(_("Specificity"), _percent(measured.specificity.value))
    specificity.caption(_counted(measured.specificity))
    auc.metric("AUC", "–" if math.isnan(measured.auc) else f"{measured.auc:.3f}")
    person.metric(_("To a person"), measured.to_a_person)
    missed.metric(_("With the finding, yet routine"), measured.missed)
    if measured.unlabelled:
        text = _("{count} pictures of the worklist are not in the table.")
        st.caption(text.format(count=measured.unlabelled))


def _counted(share: Share) -> str:
    low, high = share.interval
    if math.isnan(low):
        return _("no such picture was read")
    text = _("{hits} of {total}; 95 % interval {low} to {high} %")
    return text.format(hits=share.hits, total=share.total, low=f"{100 * low:.1f}", high=f"{100 * high:.1f}")


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def _rows(figures: dict) -> list[dict[str, str]]:
    """The figures of a card that have a title here; the operating points have a table of their own."""
    titles = _titles()
    rows = [(titles[name], _written(name, figures[name])) for name in titles if name in figures]
    text = _("Taken for a chest X-ray: {kind} ({count} pictures)")
    for kind, seen in figures.get("accepted", {}).items():
        share = triage_words.interval(seen["accepted"], tuple(seen["interval"]))
        rows.append((text.format(kind=kind, count=f"{seen['pictures']:,}"), share))
    return [{_("Measured"): name, _("Figure"): value} for name, value in rows]


def _titles() -> dict[str, str]:
    return {
        "pictures": _("Pictures"),
        "with pneumonia": _("of which with pneumonia"),
        "auc": _("AUC of the finding"),
        "auc viral against bacterial": _("AUC, viral against bacterial"),
        "accuracy": _("Accuracy"),
        "accuracy of three": _("Accuracy of normal, bacterial and viral"),
        "ece": _("Calibration error"),
        "ece of three": _("Calibration error of normal, bacterial and viral"),
        "ece of the finding": _("Calibration error of the finding"),
    }


def _written(name: str, value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if name.startswith("auc") else f"{100 * value:.2f} %"
