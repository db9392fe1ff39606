"""The composition root: one process's settings, models, store, limits and metrics, made once."""

import threading
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import device, logs, sources
from core.belongings import Belongings
from core.catalog import ModelSpec, read_catalog
from core.device import Device
from core.endpoint import with_endpoint
from core.engines import Engine, connect, load_engine
from core.limits import Limits
from core.metrics import Metrics
from core.pool import ModelPool
from core.settings import Settings
from core.store import Store

if TYPE_CHECKING:
    from core.cluster import Cluster

FIRST_PAGE_S = 5.0
# The browser still fetches parts of the page from this process while it paints.
PAINT_S = 1.0


@dataclass(frozen=True)
class Showcase:
    """What the front doors hand to the scenarios. Tests build their own."""

    settings: Settings
    models: ModelPool
    limits: Limits
    metrics: Metrics
    belongings: Belongings
    cluster: "Cluster | None" = None
    page_shown: threading.Event = field(default_factory=threading.Event)
    """Set when the first page run has ended; the warm-up waits for it."""
    ready: threading.Event = field(default_factory=threading.Event)
    """Set once the warm-up is over."""

    @cached_property
    def store(self) -> Store:
        """Opened at first use: the first page needs no database."""
        return Store(self.settings.database_url)

    def wait_for_first_page(self) -> None:
        """Return when somebody has seen a page, or when nobody came for a while."""
        if self.page_shown.wait(FIRST_PAGE_S):
            threading.Event().wait(PAINT_S)

    def close(self) -> None:
        """End what this process does in the background, and close its database."""
        self.models.close()
        if self.cluster:
            self.cluster.close()
        if "store" in vars(self):
            self.store.close()

    def memory_used_mb(self) -> float:
        return device.memory_used_mb()


def build(settings: Settings) -> Showcase:
    """A showcase with these settings; nothing is loaded yet."""
    metrics = Metrics()
    cluster = _cluster(settings.backend) if settings.backend else None
    models = ModelPool(
        with_endpoint(read_catalog(), settings),
        **(_elsewhere(settings, cluster) if cluster else _here(settings)),
        revision_of=sources.loaded_revision,
        policy=settings.models,
        timeout_s=settings.deadline_s,
        observe=metrics.observe_batch,
    )
    return Showcase(settings, models, Limits(settings), metrics, Belongings(), cluster)


def _cluster(address: str) -> "Cluster":
    from core.cluster import Cluster  # imports an HTTP client, which only a cluster needs

    return Cluster(address)


def _here(settings: Settings) -> dict[str, Any]:
    """How a pool comes by its models when they run in this process."""
    return {
        "locate": partial(sources.locate, models_dir=settings.models_dir),
        "download": sources.download,
        "load": partial(_load_checked, api_key=settings.llm_api_key),
        "detect_device": partial(device.detect, settings.device, settings.memory_mb),
        "memory_mb": settings.memory_mb,
    }


def _elsewhere(settings: Settings, cluster: "Cluster") -> dict[str, Any]:
    """How it comes by them when a cluster runs them: it has no folders, and no memory of ours to keep within."""

    def load(spec: ModelSpec, folder: Path, on: Device) -> Engine:
        return connect(spec, api_key=settings.llm_api_key) if spec.endpoint else cluster.connect(spec)

    return {
        "locate": lambda spec: Path() if spec.endpoint else cluster.locate(spec),
        "download": cluster.download,
        "load": load,
        "calibration_of": cluster.calibration,
        "detect_device": lambda: cluster.device,
        "memory_mb": cluster.device.budget_mb,
    }


def _load_checked(spec: ModelSpec, folder: Path, on: Device, *, api_key: str | None) -> Engine:
    """Load weights only after their checksums were found right; what runs elsewhere is called there."""
    if spec.endpoint:
        return connect(spec, api_key=api_key)
    sources.check(spec, folder)
    return load_engine(spec, folder, on)


@cache
def showcase() -> Showcase:
    """The one showcase of this process."""
    settings = Settings.read()
    logs.configure(settings.log_level)
    return build(settings)
