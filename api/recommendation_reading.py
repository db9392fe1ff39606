"""A visitor's files on their way to a data set: read in the background, in turn, also after the request has ended."""

import threading
import weakref
from collections.abc import Generator
from threading import BoundedSemaphore

from core.belongings import Belongings
from core.errors import N_, ModelLoadError, NotFoundError, OverloadedError
from core.fairness import has_room
from core.scenarios.recommendation.background import in_turn
from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.fits import Fits, keep, shop
from core.scenarios.recommendation.workshop import Job, Workshop
from core.types import Progress

# Of files that wait or are read; each takes several times its size in memory meanwhile.
MAX_READINGS = 8
_KEY = "recommendation-readings"
_ROW_BYTES = 2048
Steps = Generator[Progress, None, Dataset]


class NotReadyError(ModelLoadError):
    """What was asked for is being worked on in the background; asking again is worthwhile."""

    code = "not_ready"


class Reading:
    """The files of one upload; the data set of it once they are read."""

    def __init__(self, job: Job, owner: str) -> None:
        self._job = job
        self._owner = owner
        self.kept_id: str | None = None
        """Under which id the data set is kept, since somebody asked for it."""
        self._lock = threading.Lock()

    @property
    def progress(self) -> Progress:
        return self._job.progress

    def wait(self, timeout_s: float) -> None:
        """Return when the files are read, or after `timeout_s`."""
        self._job.ended.wait(timeout_s)

    def dataset_id(self, belongings: Belongings) -> str | None:
        """Under which id the data set is kept; None while the files are read. Raises what is wrong with them."""
        with self._lock:
            if self.kept_id is None and self._job.ended.is_set():
                self.kept_id = keep(belongings, self._job.result(), owner=self._owner)
            return self.kept_id


class Readings:
    """All files that one process reads, step by step in turn: a small one does not wait for the end of a large one."""

    def __init__(self) -> None:
        self._workshop = Workshop("recommendation-reading")
        self._jobs: weakref.WeakKeyDictionary[Job, str] = weakref.WeakKeyDictionary()
        """Who brought what each of them reads."""
        self._lock = threading.Lock()

    def begin(self, steps: Steps, *, owner: str, turns: BoundedSemaphore) -> Reading:
        """Begin to read; each step takes one of the `turns`. Raises OverloadedError when too many are under way.

        One owner alone has half of the places: there is always one for whoever comes next.
        """
        job = Job(in_turn(steps, turns), "bytes")
        with self._lock:
            owners = [each for job, each in self._jobs.items() if not job.ended.is_set()]
            if not has_room(own=owners.count(owner), taken=len(owners), limit=MAX_READINGS, caller=owner):
                message = N_("{count} data sets are being read already. Try again in a minute.")
                raise OverloadedError(message, count=len(owners), seconds=60)
            self._jobs[job] = owner
        self._workshop.start(job)
        return Reading(job, owner)


def readings(belongings: Belongings) -> Readings:
    """Those of this process."""
    return belongings.shared(_KEY, Readings)


def keep_reading(belongings: Belongings, reading: Reading, *, owner: str, size_bytes: int) -> str:
    """The id under which the reading can be asked for. Raises OverloadedError."""
    return belongings.keep(reading, owner=owner, rows=1 + 4 * size_bytes // _ROW_BYTES)


def reading_of(belongings: Belongings, dataset_id: str) -> Reading | None:
    """The reading of this id; None where the id is no reading's."""
    try:
        return belongings.get(dataset_id, Reading)
    except NotFoundError:
        return None


def shop_of(belongings: Belongings, dataset_id: str) -> Fits:
    """The shop of this id, or of this reading. Raises NotFoundError, NotReadyError, what is wrong with the files."""
    reading = reading_of(belongings, dataset_id)
    if reading is None:
        return shop(belongings, dataset_id)
    kept_id = reading.dataset_id(belongings)
    if kept_id is None:
        message = N_("The files are still being read: {done} of {total} bytes. Ask again in a moment.")
        raise NotReadyError(message, done=reading.progress.done, total=reading.progress.total)
    # From now on the shop counts, no more the files.
    belongings.replace(dataset_id, reading, rows=1)
    return shop(belongings, kept_id)


def drop(belongings: Belongings, dataset_id: str) -> None:
    """Forget a data set, or a reading with what came of it. Raises NotFoundError where there is none of this id."""
    reading = reading_of(belongings, dataset_id)
    if reading is None:
        belongings.get(dataset_id, Fits)
    elif reading.kept_id is not None:
        belongings.drop(reading.kept_id)
    belongings.drop(dataset_id)
