"""What the cluster offers right now: the answer to GET /vitrine/models."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from ray import serve
from ray.serve.schema import ApplicationStatusOverview, ReplicaState
from starlette.requests import Request
from starlette.responses import Response

from core.calibration import read_calibration
from core.catalog import Catalog, ModelSpec
from core.settings import Settings
from core.types import Tier
from core.wire import MEDIA_TYPE, Listing, Served, pack
from serving.plan import Group, Plan

# Many web processes ask every few seconds; the controller is asked once.
LOOK_AGAIN_S = 1.0


class Directory:
    """Lists the models whose weights are on this machine and that a group runs, under the policy of VITRINE_MODELS."""

    def __init__(
        self, catalog: Catalog, plan: Plan, settings: Settings, locate: Callable[[ModelSpec], Path | None]
    ) -> None:
        self._catalog = catalog
        self._plan = plan
        self._settings = settings
        self._locate = locate
        self._listing = b""
        self._looked_s = float("-inf")
        self._lock = Lock()

    def __call__(self, request: Request) -> Response:
        with self._lock:
            if time.monotonic() - self._looked_s > LOOK_AGAIN_S:
                self._listing = pack(self._look())
                self._looked_s = time.monotonic()
        return Response(self._listing, media_type=MEDIA_TYPE)

    def _look(self) -> Listing:
        applications = serve.status().applications
        up = {
            group for group in self._plan.groups if _is_up(group, applications.get(application_name(group)))
        }
        served = (self._served(spec, up) for spec in self._catalog.specs)
        return Listing(tuple(each for each in served if each))

    def _served(self, spec: ModelSpec, up: set[Group]) -> Served | None:
        group = self._plan.group_of(spec)
        if group is None or (self._settings.models == "starter" and spec.tier is not Tier.STARTER):
            return None
        folder = self._locate(spec)
        return Served(spec.model_id, group in up, read_calibration(folder)) if folder else None


def application_name(group: Group) -> str:
    return f"vitrine-{group.name}"


def _is_up(group: Group, application: ApplicationStatusOverview | None) -> bool:
    if application is None:
        return False
    running = sum(
        each.replica_states.get(ReplicaState.RUNNING, 0) for each in application.deployments.values()
    )
    return group.min_replicas == 0 or running > 0
