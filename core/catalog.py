"""The models Vitrine knows, read from assets/models.toml and checked when it is read."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from core.types import Tier

CATALOG_PATH = Path(__file__).parent.parent / "assets" / "models.toml"


@dataclass(frozen=True)
class ModelSpec:
    """Everything needed to find, check and load one model; nothing is loaded yet.

    Exactly one of `folder` (bundled, below assets/models), `package` (a Python package that carries the
    model), `repo_id` (a model hub) and `endpoint` (it runs elsewhere, behind this address) says where it is.
    """

    model_id: str
    roles: tuple[str, ...]
    task: str
    tier: Tier
    license: str
    size_mb: float
    languages: tuple[str, ...]
    title: str
    folder: str | None = None
    package: str | None = None
    repo_id: str | None = None
    revision: str | None = None
    endpoint: str | None = None
    remote_name: str | None = None
    """What an endpoint calls the model; None for the first that it lists."""
    sha256: dict[str, str] = field(default_factory=dict)
    """Checksums of bundled or packaged files, by file name."""
    allow_patterns: tuple[str, ...] = ()
    """Which files of a hub repository are downloaded; empty means all."""
    space: str | None = None
    """Embedders of one space give comparable vectors."""
    query_prompt: str = ""
    passage_prompt: str = ""
    target_tag: str = ""
    """What a translator for several languages reads before the sentence: ">>{target}<< " ..."""
    language_codes: dict[str, str] = field(default_factory=dict)
    """What the model calls our languages, where it is not "en" and "zh"; without a tag, its tokenizer is told."""
    mask: str = ""
    """A mark that a translator was taught to copy: "<x{n}>", n from 0 to masks - 1."""
    masks: int = 10
    memory_mb: float = 0.0
    """Memory once loaded, weights and working space; 0 means twice the size of the files."""
    # Generation and attention cost grow with the longest row, so batches are bounded per model.
    max_batch_size: int = 32

    def __post_init__(self) -> None:
        places = [place for place in (self.folder, self.package, self.repo_id, self.endpoint) if place]
        if len(places) != 1:
            raise ValueError(
                f"{self.model_id}: give exactly one of folder, package, repo_id and endpoint, got {places}"
            )
        if self.max_batch_size < 1:
            raise ValueError(f"{self.model_id}: max_batch_size must be at least 1, got {self.max_batch_size}")

    @property
    def budget_mb(self) -> float:
        """Memory to reserve before loading."""
        return self.memory_mb or 2 * self.size_mb


@dataclass(frozen=True)
class Catalog:
    """The specs in order of preference: the first that fits and can be had serves a role."""

    specs: tuple[ModelSpec, ...]

    def __post_init__(self) -> None:
        ids = [spec.model_id for spec in self.specs]
        repeated = {model_id for model_id in ids if ids.count(model_id) > 1}
        if repeated:
            raise ValueError(f"model ids must be unique, repeated: {sorted(repeated)}")

    def spec(self, model_id: str) -> ModelSpec:
        """The spec of this id. Raises KeyError when the catalog has none."""
        return next(spec for spec in self.specs if spec.model_id == model_id)

    def candidates(self, role: str) -> tuple[ModelSpec, ...]:
        return tuple(spec for spec in self.specs if role in spec.roles)


def read_catalog(path: Path = CATALOG_PATH) -> Catalog:
    """The catalog in a TOML file, one [[model]] table per spec. Raises ValueError or TypeError."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
    return Catalog(tuple(_spec(table) for table in tables))


def _spec(table: dict) -> ModelSpec:
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return ModelSpec(**{**table, **lists, "tier": Tier(table["tier"])})
