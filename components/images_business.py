"""What it would save where pictures are sorted by hand today."""

from components import business
from components.business import Assumption
from components.i18n import _
from core.demos import Demo


def show_saving(demo: Demo, *, named_share: float) -> None:
    """Monthly saving of naming a share of the pictures without a person."""
    pictures = Assumption("pictures", _("Pictures a month"), 20_000, 100_000_000, 1000)
    share = Assumption("named_share", _("Share named without a person"), named_share, 1.0, 0.05)
    cost = Assumption("picture_cost", _("Cost of naming one by hand"), 0.08, 100.0, 0.01)
    business.show_product(demo, pictures, share, cost)
