"""What drafting by machine would save."""

from components.business import Assumption, show_product
from components.i18n import _
from core.demos import Demo


def show_saving(demo: Demo) -> None:
    """Monthly saving of starting from a draft instead of an empty page."""
    texts = Assumption("texts", _("Texts a month"), 200, 1_000_000, 10)
    hours = Assumption("hours", _("Hours saved on each"), 0.4, 40.0, 0.1)
    cost = Assumption("hourly", _("Cost of an hour of work"), 40.0, 1000.0, 5.0)
    show_product(demo, texts, hours, cost)
