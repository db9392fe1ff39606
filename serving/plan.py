"""Which copies of which models a cluster runs, read from a TOML file and checked when it is read."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from core.catalog import Catalog, ModelSpec
from core.wire import EXCHANGES

PLAN_PATH = Path(__file__).parent / "plan.toml"


@dataclass(frozen=True)
class Group:
    """Copies that are alike: each runs any model of the group's task, and keeps those asked for last.

    At most one group leaves `task` out: it has all the tasks that no other group has.
    """

    name: str
    task: str | None = None
    min_replicas: int = 1
    """0 lets the last copy go when nobody asks; the next request waits until one is started again."""
    max_replicas: int = 1
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    """A part of a GPU lets several copies share it."""
    max_models: int = 4
    """How many models a copy keeps in memory; the one used longest ago leaves for another."""
    target_ongoing_requests: float = 4.0
    """More than this many requests per copy start another one."""
    max_ongoing_requests: int = 32
    """A copy works on so many at once; what is more waits at the door."""
    max_queued_requests: int = 64
    """What is more than this at the door is refused."""
    warm: tuple[str, ...] = ()
    """Models that a copy loads before its first request."""

    def __post_init__(self) -> None:
        if self.task is not None and self.task not in EXCHANGES:
            raise ValueError(
                f"group {self.name}: task is '{self.task}'; expected one of {', '.join(EXCHANGES)}."
            )
        if not 0 <= self.min_replicas <= self.max_replicas or self.max_replicas < 1 or self.max_models < 1:
            raise ValueError(
                f"group {self.name}: 0 <= min_replicas <= max_replicas, and max_models at least 1."
            )

    @property
    def route(self) -> str:
        return f"/vitrine/{self.task}" if self.task else "/vitrine"


@dataclass(frozen=True)
class Plan:
    """All groups of a cluster."""

    groups: tuple[Group, ...]

    def __post_init__(self) -> None:
        for what in ("name", "task"):
            values = [getattr(group, what) for group in self.groups]
            repeated = sorted({str(value) for value in values if values.count(value) > 1})
            if repeated:
                raise ValueError(f"two groups have the same {what}: {repeated}")

    def group_of(self, spec: ModelSpec) -> Group | None:
        """The group that runs the model; None when none does."""
        if spec.task not in EXCHANGES:
            return None
        by_task = {group.task: group for group in self.groups}
        return by_task.get(spec.task) or by_task.get(None)

    def check(self, catalog: Catalog) -> None:
        """Raises ValueError for a warm model that the catalogue does not have, or another group runs."""
        for group in self.groups:
            for model_id in group.warm:
                spec = next((spec for spec in catalog.specs if spec.model_id == model_id), None)
                if spec is None or self.group_of(spec) != group:
                    raise ValueError(f"group {group.name}: {model_id} is not one of its models.")


def read_plan(path: Path = PLAN_PATH) -> Plan:
    """The plan in a TOML file, one [[group]] table per group. Raises ValueError or TypeError."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return Plan(tuple(Group(**{**table, "warm": tuple(table.get("warm", ()))}) for table in tables))
