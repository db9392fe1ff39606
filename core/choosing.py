"""Which model serves a role: the one somebody chose, else the first candidate that fits and is at hand."""

import threading
import time
from collections.abc import Callable

from core.catalog import Catalog, ModelSpec
from core.errors import N_, ModelLoadError
from core.types import Tier

# How long we believe that a model is, or is not, on this machine: looking means some ten file system calls.
LOOK_AGAIN_S = 2.0
# How long a model that could not be loaded is passed over.
AVOID_S = 600.0


class Choice:
    """The choices of one pool; every method may be called from any thread.

    `is_there(spec)` says whether the weights are on this machine, `budget_mb()` what all models may take.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        policy: str,
        is_there: Callable[[ModelSpec], bool],
        budget_mb: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._is_there = is_there
        self._budget_mb = budget_mb
        self._clock = clock
        self._chosen: dict[str, str] = {}  # role -> model_id
        self._avoided: dict[str, float] = {}  # model_id -> until when
        self._seen: dict[str, tuple[float, bool]] = {}  # model_id -> when we looked, and what we saw
        self._lock = threading.RLock()

    def pick(self, role: str) -> ModelSpec:
        """The spec that serves `role` now. Raises KeyError for an unknown role, ModelLoadError when there is none."""
        candidates = self._catalog.candidates(role)
        if not candidates:
            raise KeyError(f"no model in the catalog has the role '{role}'")
        with self._lock:
            if role in self._chosen:
                return self._catalog.spec(self._chosen[role])
            usable = [spec for spec in candidates if self.fits(spec) and self.is_local(spec)]
            if not usable:
                message = N_("No model for this page is on this machine. Load one on the operations page.")
                raise ModelLoadError(message)
            return next((spec for spec in usable if not self.is_avoided(spec)), usable[-1])

    def preferred(self, role: str) -> ModelSpec | None:
        """The first candidate that fits, wherever its weights are."""
        return next((spec for spec in self._catalog.candidates(role) if self.fits(spec)), None)

    def fits(self, spec: ModelSpec) -> bool:
        """Whether the operator's policy and the memory allow this model at all."""
        return (
            self._policy != "starter" or spec.tier is Tier.STARTER
        ) and spec.budget_mb <= self._budget_mb()

    def choose(self, model_id: str) -> None:
        """Let this model serve its roles; the roles that share its vector space get a model of that space too."""
        spec = self._catalog.spec(model_id)
        with self._lock:
            self._avoided.pop(model_id, None)
            self._chosen |= dict.fromkeys(spec.roles, model_id)
            if spec.space:
                self._chosen |= self._neighbours(spec)

    def drop(self, model_id: str) -> None:
        """Choose this model no longer, nor those chosen for its sake, while another one can serve."""
        spec = self._catalog.spec(model_id)
        with self._lock:
            self._chosen = {
                role: other for role, other in self._chosen.items() if not self._goes_with(other, spec)
            }
            self._avoided[model_id] = self._clock() + AVOID_S

    def is_avoided(self, spec: ModelSpec) -> bool:
        return self._avoided.get(spec.model_id, 0.0) > self._clock()

    def is_local(self, spec: ModelSpec) -> bool:
        """Whether the weights are on this machine, as of LOOK_AGAIN_S ago."""
        now_s = self._clock()
        looked_s, is_local = self._seen.get(spec.model_id, (now_s - LOOK_AGAIN_S, False))
        if now_s - looked_s >= LOOK_AGAIN_S:
            is_local = self._is_there(spec)
            self._seen[spec.model_id] = (now_s, is_local)
        return is_local

    def look_again(self, model_id: str) -> None:
        self._seen.pop(model_id, None)

    def _neighbours(self, spec: ModelSpec) -> dict[str, str]:
        """For each other role with candidates of the spec's space, the first of them that is at hand."""
        others = [
            other for other in self._catalog.specs if other.space == spec.space and self.is_local(other)
        ]
        roles = {role: other.model_id for other in reversed(others) for role in other.roles}
        return {role: model_id for role, model_id in roles.items() if role not in spec.roles}

    def _goes_with(self, model_id: str, spec: ModelSpec) -> bool:
        other = self._catalog.spec(model_id)
        return other == spec or (spec.space is not None and other.space == spec.space)
