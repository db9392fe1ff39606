"""How much a visitor, a client and the process may ask for: one set of limits for the pages and the API."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from throttled import RateLimiterType, Throttled, rate_limiter, store

from core.errors import N_, OverloadedError, RateLimitedError
from core.fairness import has_room
from core.settings import Settings

# A person asks short questions; the embedders read about 250 words anyway.
MAX_QUESTION_CHARS = 1000
# A long article; the starter translates it in about a minute. Files have a limit of their own.
MAX_TRANSLATION_CHARS = 20_000
# A book's worth of text in a document with a few pictures.
MAX_TRANSLATION_FILE_BYTES = 5 * 2**20
# Some ten minutes of the starter on a laptop: as long as anyone watches a progress bar.
MAX_TRANSLATION_FILE_TEXTS = 5_000
MAX_TRANSLATION_FILE_CHARS = 300_000
# Of which most are blank, or code; taking Markdown apart takes some 0.1 ms a line.
MAX_TRANSLATION_FILE_LINES = 50_000
# Of which most are numbers and codes.
MAX_TRANSLATION_CELLS = 200_000
MAX_TERMS = 500
MAX_TERM_CHARS = 100
MAX_ALTERNATIVES = 5
# Of one owner's memory of translations.
MAX_REMEMBERED = 1000
# A brief is a form, not a document: what a small writer can keep in mind, and a visitor type on a phone.
MAX_PRODUCT_CHARS = 100
MAX_AUDIENCE_CHARS = 100
MAX_FACTS = 12
MAX_FACT_CHARS = 200
MAX_PHRASES = 8
MAX_PHRASE_CHARS = 60
MIN_WORDS, MAX_WORDS = 3, 300
MAX_VARIANTS = 4
MAX_NEW_TOKENS = 800
MAX_TEMPERATURE = 1.5
# Some ten minutes of the starter writer on a laptop.
MAX_BATCH_BRIEFS = 200
# Of one picture as it is uploaded: a large photograph, a scanned X-ray.
MAX_PICTURE_BYTES = 20 * 2**20
# Phones take 50 megapixels; decoding that many takes at most some 400 MB for a moment.
MAX_PICTURE_PIXELS = 50_000_000
# Its decoder keeps four copies.
MAX_WEBP_PIXELS = 25_000_000
# A DICOM study as it is uploaded: 16 bits a pixel, often not compressed.
MAX_STUDY_BYTES = 32 * 2**20
# Values of a DICOM picture: columns times rows times colours; a mammogram has 25 million.
MAX_STUDY_PIXELS = 30_000_000
# Pictures are shrunk to this on the long side while they are read: the models look at 224 or less.
MAX_SIDE_PX = 1024
# Of one upload, or in one archive; a kept picture takes up to 3 MB.
MAX_PICTURES = 100
MAX_ARCHIVE_BYTES = 200 * 2**20
MAX_NAME_CHARS = 80
# Pictures on one worklist: some ten seconds of the starter on a laptop.
MAX_STUDIES = 50
# A side of an X-ray; below it there is no lung texture to see.
MIN_TRIAGE_PX = 96
# What a person reads of a list of labels; a model may know a thousand.
MAX_TOP_K = 20
MAX_OWN_LABELS = 50
MAX_PICTURE_LABEL_CHARS = 60
# Taught classes: what fits on a form, and is fitted in seconds.
MAX_CLASSES = 20
MAX_EXAMPLES = 50
# A heat map and its check cost what some forty plain pictures do.
MAX_EXPLAINED = 8
# Of one list of recommendations.
MAX_RECOMMENDATIONS = 100
# Items of a user of the data that lists are made for: each is a term of each item of the list.
MAX_USER_HISTORY = 5000
# A shop that a visitor brings, as it is uploaded: five million interactions of some 30 characters.
MAX_INTERACTIONS = 5_000_000
MAX_INTERACTIONS_BYTES = 200 * 2**20
MAX_CATALOGUE_ITEMS = 1_000_000
MAX_CATALOGUE_BYTES = 200 * 2**20
MAX_ITEM_TITLE_CHARS = 300
MAX_ITEM_DESCRIPTION_CHARS = 2000
MAX_ID_CHARS = 100
# Requests under way in the whole process; more than that would only wait for each other.
MAX_CONCURRENT = 256
# Files read at once: parsing is Python, and each one holds up everything else that runs in this process.
FILES_AT_ONCE = 2
# Who watches a bar that moves, and can stop it, waits longer than a program: five minutes unless it is set otherwise.
PATIENCE = 10


# Callers whose rates are remembered; the one who asked longest ago is forgotten first, with some 200 bytes.
MAX_CALLERS = 100_000


class Limits:
    """Rates and deadlines; `caller` is a session id on the pages and a client address at the API.

    A caller's rate is a token bucket that holds a minute's requests: who has used them up goes on within a second or
    so, not when the minute is over.
    """

    def __init__(self, settings: Settings) -> None:
        self.deadline_s = settings.deadline_s
        self.page_deadline_s = PATIENCE * settings.deadline_s
        self.reading = BoundedSemaphore(FILES_AT_ONCE)
        rate = settings.rate_limit_per_min
        self._rate_per_min = rate
        self._buckets = _token_buckets(rate) if rate else None
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def admitted(self, caller: str) -> Iterator[None]:
        """Count one request of `caller` for as long as it runs.

        Raises RateLimitedError when the caller asks too often, OverloadedError when the process is full, or the caller
        holds their share of it.
        """
        self._count(caller)
        self._enter(caller)
        try:
            yield
        finally:
            self._leave(caller)

    @property
    def under_way(self) -> int:
        """How many requests hold a place now."""
        with self._lock:
            return self._under_way.total()

    def _count(self, caller: str) -> None:
        if self._buckets is None or not (asked := self._buckets.limit(caller)).limited:
            return
        wait_s = max(1, math.ceil(asked.state.retry_after))
        message = N_("You may ask {limit} times a minute. Try again in {retry_after_s} s.")
        raise RateLimitedError(message, limit=self._rate_per_min, retry_after_s=wait_s)

    def _enter(self, caller: str) -> None:
        with self._lock:
            own, taken = self._under_way[caller], self._under_way.total()
            if has_room(own=own, taken=taken, limit=MAX_CONCURRENT, caller=caller):
                self._under_way[caller] += 1
                return
        if taken >= MAX_CONCURRENT:
            message = N_("{limit} requests are under way already. Try again in a few seconds.")
            raise OverloadedError(message, limit=MAX_CONCURRENT)
        message = N_("{own} of your requests are under way already. Try again when one of them has ended.")
        raise OverloadedError(message, own=own)

    def _leave(self, caller: str) -> None:
        with self._lock:
            self._under_way[caller] -= 1
            if not self._under_way[caller]:
                del self._under_way[caller]


def _token_buckets(rate_per_min: int) -> Throttled:
    """One per caller; as GCRA (ITU-T I.371) it is kept as a single number, the time at which it will be full."""
    quota = rate_limiter.per_min(rate_per_min, burst=rate_per_min)
    kept = store.MemoryStore(options={"MAX_SIZE": MAX_CALLERS})
    return Throttled(using=RateLimiterType.GCRA.value, quota=quota, store=kept)
