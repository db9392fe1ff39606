"""What is done before the first visitor asks: load the starters, read the sample, try one answer."""

import logging
import threading
from collections.abc import Callable

from core.demos import DEMOS
from core.errors import DemoError
from core.scenarios.customer_service.answering import Question, answer
from core.scenarios.customer_service.sample import sample_knowledge_base
from core.showcase import Showcase

log = logging.getLogger("vitrine")

# An import beside the first page run makes that run 1.7 times slower, so wait for its end, but not for ever.
FIRST_PAGE_S = 5.0
# The browser still fetches parts of the page from this process while it paints.
PAINT_S = 1.0


def warm_up(place: Showcase) -> None:
    """Load the models of every demo and answer one question, so that no visitor meets a cold start."""
    roles = dict.fromkeys(role for demo in DEMOS for role in demo.roles)
    place.models.warm_up(list(roles))
    sample = sample_knowledge_base(place.belongings)
    try:
        for _progress in sample.until_ready(place.models):
            pass
        answer(place.models, sample, Question("Where is my parcel?"))
    except DemoError as error:
        log.warning("warm_up_failed", extra={"reason": str(error)})
    place.ready.set()
    log.info("warm_up_finished", extra={"memory_used_mb": round(place.memory_used_mb())})


def forget_old(place: Showcase) -> None:
    """Delete what visitors left longer ago than the operator keeps it."""
    try:
        deleted = place.store.delete_older_than(place.settings.retention_days)
    except DemoError as error:
        log.warning("retention_failed", extra={"reason": str(error)})
    else:
        log.info("retention_finished", extra={"deleted": deleted})


def start(place: Showcase, prepare: Callable[[], None]) -> threading.Thread:
    """Warm up on a thread of its own once the first page is out; `prepare` is run there too."""

    def run() -> None:
        if place.page_shown.wait(FIRST_PAGE_S):
            threading.Event().wait(PAINT_S)
        prepare()
        warm_up(place)
        forget_old(place)

    thread = threading.Thread(target=run, name="warm-up", daemon=True)
    thread.start()
    return thread
