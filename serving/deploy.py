"""Putting a plan onto a Ray cluster, and taking it down again."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ray import serve
from ray.serve import Application, RunTarget
from ray.serve.config import AutoscalingConfig, BackpressureConfig, HTTPOptions

from core import sources
from core.catalog import Catalog, ModelSpec
from core.engines import Engine
from core.settings import Settings
from serving.directory import Directory, application_name
from serving.plan import Group, Plan
from serving.replica import load_checked, replica_class

# Who is refused is told to come back after so long.
RETRY_AFTER_S = 5
# What is under way when a copy has to go may go on for so long.
GOODBYE_S = 20.0


def deploy(
    plan: Plan,
    catalog: Catalog,
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    load: Callable[[ModelSpec, Settings], Engine] = load_checked,
    locate: Callable[..., Path | None] = sources.locate,
) -> None:
    """Run every group of the plan and the directory, and wait until they are up. Ray must have been started.

    What runs already is changed to the plan, copy by copy.
    """
    plan.check(catalog)
    serve.start(http_options=HTTPOptions(host=host, port=port))
    targets = [
        RunTarget(
            _group(group, catalog, settings, load), name=application_name(group), route_prefix=group.route
        )
        for group in plan.groups
    ]
    directory = serve.deployment(Directory, name="directory", ray_actor_options={"num_cpus": 0})
    bound = directory.bind(catalog, plan, settings, partial(locate, models_dir=settings.models_dir))
    targets.append(RunTarget(bound, name="vitrine-directory", route_prefix="/vitrine/models"))
    serve.run_many(targets)


def _group(
    group: Group,
    catalog: Catalog,
    settings: Settings,
    load: Callable[[ModelSpec, Settings], Engine],
) -> Application:
    deployment = serve.deployment(
        replica_class(group),
        name="replica",
        max_ongoing_requests=group.max_ongoing_requests,
        max_queued_requests=group.max_queued_requests,
        backpressure_config=BackpressureConfig(status_code=429, retry_after_s=RETRY_AFTER_S),
        autoscaling_config=AutoscalingConfig(
            min_replicas=group.min_replicas,
            max_replicas=group.max_replicas,
            target_ongoing_requests=group.target_ongoing_requests,
        ),
        ray_actor_options={"num_cpus": group.num_cpus, "num_gpus": group.num_gpus},
        graceful_shutdown_timeout_s=GOODBYE_S,
    )
    return deployment.bind(catalog, settings, load)
