"""Labels as the visitor reads them, and the model's verdict in words."""

from components.i18n import _
from components.markup import escape
from core.locales import LANGUAGES, translations
from core.scenarios.images.labels import KNOWN, is_translated, normalised
from core.scenarios.images.results import Classified, Label, Verdict


def title(label: str) -> str:
    """The label in the visitor's language where it is one of the bundled models', else as it is."""
    return _(label) if is_translated(label) else label


def scored(label: Label) -> str:
    """ "cat · 93 %" as plain text."""
    return f"{title(label.name)} · {percent(label.score)}"


def percent(share: float) -> str:
    """Never 100 % of what is not certain, nor 0 % of what is possible."""
    # Scores are rounded on their way: a 1 is as near to it as they can say.
    if share >= 0.995:
        return "> 99 %"
    return "< 1 %" if share < 0.005 else f"{100 * share:.0f} %"


def verdict_title(verdict: Verdict) -> str:
    titles = {
        Verdict.KNOWN: _("known"),
        Verdict.UNKNOWN: _("unknown"),
        Verdict.UNCHECKED: _("not checked"),
    }
    return titles[verdict]


def headline(found: Classified) -> str:
    """The answer in a line of Markdown: the label, or that the picture is unknown."""
    if found.verdict is Verdict.UNKNOWN:
        unknown = _("Unknown")
        return f"### {unknown}"
    return f"### {escape(title(found.best.name))} · {percent(found.best.score)}"


def spellings() -> dict[str, str]:
    """What else a folder may be called: the bundled labels in every language, {normalised: label}."""
    return {
        normalised(translations(language).gettext(label)): label for language in LANGUAGES for label in KNOWN
    }
