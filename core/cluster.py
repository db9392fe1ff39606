"""The models of a Ray Serve cluster, as the pool sees them: which there are, and an engine for each."""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import httpx2

from core.calibration import Calibration, read_calibration
from core.catalog import ModelSpec
from core.cluster_client import ClusterClient, is_secure, no_copy, not_served, place_of
from core.device import Device
from core.sources import BUNDLED
from core.types import Progress, Step, Tier
from core.wire import EXCHANGES, Answer, Listing, Served, pack, unpack

# How old the list of what is served may become before somebody's question has it fetched again.
LOOK_AGAIN_S = 2.0
# How long the very first question waits for it.
FIRST_LOOK_S = 3.0


class Cluster:
    """What is served at `address`; every method may be called from any thread, and none waits for the network.

    The list is fetched in the background. While there is none, the starters count as served: whoever asks one is
    told that the cluster cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.device = Device("remote", f"Ray Serve, {place_of(address)}", "", budget_mb=float("inf"))
        self._http = httpx2.Client(timeout=FIRST_LOOK_S, trust_env=False, verify=is_secure(address))
        self._listing: dict[str, Served] | None = None
        self._looked_s = float("-inf")
        self._has_looked = threading.Event()
        self._looking = threading.Lock()

    def locate(self, spec: ModelSpec) -> Path | None:
        """An empty path for a model that the cluster serves: it needs no folder here."""
        served = self._served()
        is_there = spec.model_id in served if served is not None else spec.tier is Tier.STARTER
        return Path() if is_there and spec.task in EXCHANGES else None

    def download(self, spec: ModelSpec, *, cancel: threading.Event) -> Iterator[Progress]:
        """Nothing is fetched to this machine. Raises ModelLoadError."""
        raise not_served(spec, place_of(self.address))

    def calibration(self, spec: ModelSpec) -> Calibration | None:
        """What was fitted to the model's scores: as bundled here, else as the cluster says; None where neither does."""
        if spec.folder:
            return read_calibration(BUNDLED / spec.folder)
        known = (self._served() or {}).get(spec.model_id)
        return known.calibration if known else None

    def connect(self, spec: ModelSpec) -> "RemoteModel | RemoteWriterModel":
        """The model's engine; nothing is sent before the first item."""
        kind = RemoteWriterModel if EXCHANGES[spec.task].streams else RemoteModel
        return kind(self, spec)

    def is_up(self, spec: ModelSpec) -> bool:
        """Whether a copy of the model runs, or will be started by a request, as far as the cluster has said."""
        known = (self._served() or {}).get(spec.model_id)
        return known is None or known.is_up

    def close(self) -> None:
        with self._looking:
            self._http.close()

    def _served(self) -> dict[str, Served] | None:
        if time.monotonic() - self._looked_s > LOOK_AGAIN_S and self._looking.acquire(blocking=False):
            threading.Thread(target=self._look, name="cluster-listing", daemon=True).start()
        self._has_looked.wait(FIRST_LOOK_S)
        return self._listing

    def _look(self) -> None:
        try:
            answer = self._http.get(f"{self.address}/vitrine/models").raise_for_status()
            self._listing = {served.model_id: served for served in unpack(answer.content, Listing).models}
        except (httpx2.HTTPError, ValueError, RuntimeError):
            # What was served before is what will be served again.
            pass
        finally:
            self._looked_s = time.monotonic()
            self._has_looked.set()
            self._looking.release()


class _Remote:
    """What both kinds of engines share: the connection, and the device that the last answer came from."""

    def __init__(self, cluster: Cluster, spec: ModelSpec) -> None:
        self.device = cluster.device
        self._cluster = cluster
        self._spec = spec
        self._client = ClusterClient(cluster.address, spec)

    async def aclose(self) -> None:
        await self._client.aclose()

    def close(self) -> None:
        """The connections were closed on their own thread."""

    def _check_up(self) -> None:
        if not self._cluster.is_up(self._spec):
            raise no_copy(self._spec)

    def _ran_on(self, device: str) -> None:
        if device:
            title = f"{device}, {self._cluster.device.title}"
            self.device = Device("remote", title, "", budget_mb=0.0)


class RemoteModel(_Remote):
    """A model that answers whole, as core.remote_calls.RemoteAnswerer."""

    @property
    def max_items(self) -> int:
        """Of one request."""
        return min(self._spec.max_batch_size, EXCHANGES[self._spec.task].max_items)

    async def answer(self, items: list) -> list:
        self._check_up()
        answer: Answer = await self._client.ask(pack(items))
        self._ran_on(answer.device)
        return [each.failure.error() if each.failure else each.value for each in answer.outcomes]


class RemoteWriterModel(_Remote):
    """A model whose answers grow, as core.remote_streams.RemoteWriter."""

    async def stream(self, item: object) -> AsyncIterator[Step]:
        self._check_up()
        async with aclosing(self._client.grow(pack(item))) as frames:
            async for frame in frames:
                self._ran_on(frame.device)
                if frame.failure:
                    raise frame.failure.error()
                yield Step(frame.text, frame.end)
