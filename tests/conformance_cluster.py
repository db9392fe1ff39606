"""A Ray Serve on loopback for the tests: `python -m tests.conformance_cluster <folder> <port>`.

It is a process of its own, and serves until its standard input ends.
"""

import sys
from dataclasses import replace
from pathlib import Path

from core.catalog import Catalog, ModelSpec, read_catalog
from core.settings import Settings
from core.sources import locate as locate_starter
from core.types import Tier
from serving import local_ray
from serving.plan import Group, Plan
from tests.conformance_engines import Gates, load_gated, locate
from tests.fakes import fake_catalog

PLAN = Plan(
    (
        Group("words", "text-embedding", warm=("fake-en",), num_cpus=0),
        Group(
            "narrow",
            "zero-shot-image-classification",
            max_ongoing_requests=1,
            max_queued_requests=1,
            num_cpus=0,
        ),
        # Two at a time: a third model makes one of them leave.
        Group("others", max_models=2, num_cpus=0),
    )
)


def catalog() -> Catalog:
    """The models without weights, and the starters."""
    starters = (spec for spec in read_catalog().specs if spec.tier is Tier.STARTER)
    # Roles that only the fakes have, so that they are the ones picked.
    return Catalog(
        (*fake_catalog().specs, *(replace(spec, roles=(f"real-{spec.model_id}",)) for spec in starters))
    )


def load(spec: ModelSpec, settings: Settings):
    if spec.model_id.startswith("fake-"):
        return load_gated(spec, settings)
    from serving.replica import load_checked

    return load_checked(spec, settings)


def find(spec: ModelSpec, *, models_dir: Path) -> Path | None:
    return (locate if spec.model_id.startswith("fake-") else locate_starter)(spec, models_dir=models_dir)


def main(folder: Path, port: int) -> None:
    with local_ray.running(num_cpus=2, temp_dir=folder / "ray"):
        from serving.deploy import deploy

        settings = Settings(models_dir=folder, device="cpu")
        deploy(PLAN, catalog(), settings, port=port, load=load, locate=find)
        Gates(folder).mark("up")
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
