"""The words of triage in the visitor's language: priorities, bands, findings, operating points."""

from components.i18n import _
from core.calibration import OperatingPoint
from core.scenarios.triage.studies import FINDING, Band, Priority

COLOURS = {
    Priority.URGENT: "red",
    Priority.PERSON: "violet",
    Priority.SOON: "orange",
    Priority.ROUTINE: "gray",
}
ICONS = {
    Priority.URGENT: ":material/priority_high:",
    Priority.PERSON: ":material/person_search:",
    Priority.SOON: ":material/schedule:",
    Priority.ROUTINE: ":material/low_priority:",
}


def priority(value: Priority) -> str:
    titles = {
        Priority.URGENT: _("urgent"),
        Priority.PERSON: _("needs a person"),
        Priority.SOON: _("soon"),
        Priority.ROUTINE: _("routine"),
    }
    return titles[value]


def band(value: Band | None) -> str:
    """What the band says of the finding; a dash where the model was not asked."""
    titles = {Band.LIKELY: _("likely"), Band.NOT_SURE: _("not sure"), Band.UNLIKELY: _("unlikely")}
    return titles[value] if value else "–"


def finding(name: str) -> str:
    titles = {
        FINDING: _("Pneumonia-like opacity"),
        "bacterial": _("bacterial pattern"),
        "viral": _("viral pattern"),
    }
    return titles.get(name, name)


def point(value: OperatingPoint) -> str:
    titles = {
        "sensitive": _("Miss as few as possible"),
        "balanced": _("Balanced"),
        "specific": _("Few false alarms"),
        "unmeasured": _("Not measured"),
    }
    return titles.get(value.point_id, value.point_id)


def measured_on(value: OperatingPoint) -> str:
    """The name of the test set, as the model's folder gives it, in the visitor's language where it is known."""
    titles = {
        "624 test X-rays of Guangzhou children (official split)": _(
            "624 test X-rays of Guangzhou children (official split)"
        )
    }
    return titles.get(value.measured_on, value.measured_on)


def interval(share: float, bounds: tuple[float, float]) -> str:
    """ "95.1 % (92.6 – 96.9 %)" """
    low, high = bounds
    return f"{100 * share:.1f} % ({100 * low:.1f} – {100 * high:.1f} %)"
