"""Medical-image triage: X-rays in, a worklist for a human reader out. A research demonstration."""

from components import (
    about,
    failures,
    page,
    triage_banner,
    triage_business,
    triage_export,
    triage_input,
    triage_list,
    triage_point,
    triage_quality,
    triage_result,
    triage_use,
)
from components.i18n import _
from core import demos

demo = demos.MEDICAL_TRIAGE
page.header(demo)
triage_banner.show()
example = page.examples(demo)
files = triage_input.ask(demo, example)
if files:
    triage_list.begin(demo, files, is_synthetic=example is not None)

listed = triage_list.current(demo)
rule, entries = None, ()
with failures.shown():
    rule = triage_point.choose(demo, triage_list.calibration(listed))
if rule:
    entries = triage_result.show(demo, listed, rule)

page.sections(
    demo,
    {
        "how-it-works": (_("How it works"), lambda: about.show(demo)),
        "how-good": (_("How good"), lambda: triage_quality.show(demo, listed, rule)),
        "use-it": (_("Use it in your product"), lambda: triage_use.show(rule)),
        "business": (_("Business view"), lambda: triage_business.show(demo)),
        "export": (_("Export"), lambda: triage_export.show(demo, listed, entries, rule)),
    },
)
