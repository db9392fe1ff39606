"""What is done before the first visitor asks: load the starters, read the sample, try one answer."""

import logging

from core import demos
from core.errors import DemoError
from core.scenarios.customer_service.answering import Question, answer
from core.scenarios.customer_service.sample import sample_knowledge_base
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from core.showcase import Showcase

log = logging.getLogger("vitrine")


def run(place: Showcase) -> None:
    """The whole warm-up; imports torch, so run it on a thread of its own after the first page is out."""
    try:
        warm_up(place)
    finally:
        place.ready.set()
    log.info("warm_up_finished", extra={"memory_used_mb": round(place.memory_used_mb())})
    forget_old(place)


def warm_up(place: Showcase) -> None:
    """Load the models of every open demo and use each once, so that no visitor meets a cold start."""
    place.models.warm_up(list(demos.roles()))
    for use in (_ask, _translate):
        try:
            use(place)
        except DemoError as error:
            log.warning("warm_up_failed", extra={"reason": str(error)})


def forget_old(place: Showcase) -> None:
    """Delete what visitors left longer ago than the operator keeps it."""
    try:
        deleted = place.store.delete_older_than(place.settings.retention_days)
    except DemoError as error:
        log.warning("retention_failed", extra={"reason": str(error)})
    else:
        log.info("retention_finished", extra={"deleted": deleted})


def _ask(place: Showcase) -> None:
    sample = sample_knowledge_base(place.belongings)
    for _progress in sample.until_ready(place.models):
        pass
    answer(place.models, sample, Question("Where is my parcel?"))


def _translate(place: Showcase) -> None:
    finish(translate(place.models, TranslationRequest("Where is my parcel?", target="zh")))
