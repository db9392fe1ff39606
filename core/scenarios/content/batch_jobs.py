"""Batches that outlive the request which began them: they can be looked at, and cancelled."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context

from core import visits
from core.belongings import Belongings
from core.errors import N_, OverloadedError
from core.pool import ModelPool
from core.scenarios.content.batch import Batch, BatchStep, write_batch
from core.scenarios.content.brief_file import BriefRow
from core.streaming import TICK_S
from core.types import GenerationOptions, Progress

# Each writes a few texts at once; more batches would only slow each other, and everybody else.
MAX_RUNNING = 2
_KEY = "content-batches"


class BatchJob:
    """One batch, on a thread of its own."""

    def __init__(self, rows: int) -> None:
        self.step = BatchStep(Progress(0, rows, "briefs"), ())
        """How far it is, and the results so far."""
        self.cancelled = threading.Event()
        self.work: Future[None] | None = None

    @property
    def state(self) -> str:
        """ "running", "done" or "cancelled". Raises what ended it, where something did."""
        if self.work and self.work.done():
            self.work.result()
            return "done" if self.step.progress.done == self.step.progress.total else "cancelled"
        return "cancelled" if self.cancelled.is_set() else "running"

    def wait(self, timeout_s: float) -> None:
        """Return when it has ended, after `timeout_s`, or once nobody waits for it any more."""
        ended, visit, ends_s = threading.Event(), visits.current(), time.monotonic() + timeout_s
        self.work.add_done_callback(lambda _: ended.set())
        while not ended.wait(min(TICK_S, max(0.0, ends_s - time.monotonic()))):
            if visit.is_over or time.monotonic() >= ends_s:
                return

    def run(self, batch: Batch) -> None:
        with closing(batch):
            for self.step in batch:
                if self.cancelled.is_set():
                    return


class BatchDesk:
    """The batches of one process."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MAX_RUNNING)
        self._threads = ThreadPoolExecutor(MAX_RUNNING, thread_name_prefix="content-batch")

    def start(
        self, models: ModelPool, rows: Sequence[BriefRow], options: GenerationOptions, model_id: str | None
    ) -> BatchJob:
        """Begin to write. Raises OverloadedError when too many are under way, and what write_batch refuses."""
        batch, job = write_batch(models, rows, options, model_id=model_id), BatchJob(len(rows))
        if not self._places.acquire(blocking=False):
            message = N_("{limit} batches are being written already. Try again in a few minutes.")
            raise OverloadedError(message, limit=MAX_RUNNING)
        # It goes on when the request that began it is answered, or given up.
        with visits.visiting(visits.current().caller):
            job.work = self._threads.submit(copy_context().run, job.run, batch)
        job.work.add_done_callback(lambda _: self._places.release())
        return job


def batch_desk(belongings: Belongings) -> BatchDesk:
    """The one of this process."""
    return belongings.shared(_KEY, BatchDesk)
