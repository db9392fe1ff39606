"""ModelPool: load each model once, keep within the memory budget, route an item to the model's batcher."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from core import device as devices
from core.batchers import GONE, answers_of, batcher_for, stream_of
from core.calibration import Calibration, read_calibration
from core.catalog import Catalog, ModelSpec
from core.choosing import Choice
from core.computing import Computing
from core.device import Device
from core.engines import Engine, load_engine
from core.errors import N_, DemoError, ModelLoadError
from core.garbage import Garbage
from core.loading import Loading, ModelStatus, State
from core.residents import Resident, Residents
from core.streaming import TICK_S, outcome_of
from core.types import Generation, GenerationItem, ModelUse, Progress, Tier
from core.visits import Waiting

log = logging.getLogger("vitrine.pool")


class ModelPool:
    """The models of one process; all methods may be called from any thread.

    `locate(spec)` gives a local folder or None; `download(spec, cancel=event)` is a generator of Progress
    that returns the folder; `load(spec, folder, device)` gives an Engine. Tests pass fakes.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        locate: Callable[[ModelSpec], Path | None],
        download: Callable[..., Iterator[Progress]],
        load: Callable[[ModelSpec, Path, Device], Engine] = load_engine,
        revision_of: Callable[[Path], str | None] = lambda folder: None,
        calibration_of: Callable[[ModelSpec], Calibration | None] = lambda spec: None,
        detect_device: Callable[[], Device] = devices.detect,
        policy: str = "auto",
        memory_mb: float | None = None,
        timeout_s: float = 30.0,
        observe: Callable[[str, int, float, float], None] = lambda model_id, size, waited_s, ran_s: None,
    ) -> None:
        self.catalog = catalog
        self.timeout_s = timeout_s
        self._locate = locate
        self._download = download
        self._load_engine = load
        self._revision_of = revision_of
        self._calibration_of = calibration_of
        self._detect_device = detect_device
        self._policy = policy
        self._memory_mb = memory_mb
        self._observe = observe
        self._device: Device | None = None
        self._computing = Computing()
        self._garbage = Garbage()
        self._residents = Residents(self._garbage)
        self._loadings: dict[str, Loading] = {}
        self._lock = threading.RLock()
        # One model is read at a time: two at once would both count on the same free memory.
        self._load_lock = threading.Lock()
        self._closed = False
        self.choice = Choice(
            catalog,
            policy=policy,
            is_there=lambda spec: bool(self._residents.get(spec.model_id) or locate(spec)),
            budget_mb=self._budget_mb,
        )

    # --- answering -----------------------------------------------------------------------------------------

    def predict(self, role: str | ModelSpec, item: Any) -> Any:
        """The result for one item from the model that serves `role` (or from this very spec), loading it first.

        Raises ModelLoadError, OverloadedError, DeadlineError, or whatever the engine raised for this item.
        """
        return self.predict_many(role, [item])[0]

    def predict_many(self, role: str | ModelSpec, items: list, *, background: bool = False) -> list:
        """The results for `items`, in order; background items let every visitor go first, and have no deadline."""
        return outcome_of(self.predicting(role, items, background=background))

    def predicting(
        self, role: str | ModelSpec, items: list, *, background: bool = False
    ) -> Generator[str, None, list]:
        """As `predict_many`, for who can be stopped: yields "" at least every 0.2 s until the results are returned.

        Closing the generator gives up what no model has begun with. Without items it waits for the model alone;
        background items may wait for room in the line without a word.
        """
        timeout_s = None if background else self.timeout_s
        resident = yield from self._holding(role)
        try:
            return (yield from answers_of(resident.batcher, items, timeout_s=timeout_s))
        finally:
            self._residents.let_go(resident)

    def stream(self, role: str | ModelSpec, item: GenerationItem) -> Generator[str, None, Generation]:
        """The text of one answer as it grows, from a model that streams; the whole answer is returned.

        Yields "" at least every 0.2 s while there is nothing new, also while the model is being loaded. Closing
        the generator stops the work within one step. It may last as long as it grows: a DeadlineError comes only
        after `timeout_s` without a piece. Raises what `predict` raises.
        """
        resident = yield from self._holding(role)
        try:
            return (yield from stream_of(resident.batcher, item, timeout_s=self.timeout_s))
        finally:
            self._residents.let_go(resident)

    def waiting(self, role: str | ModelSpec) -> Waiting:
        """Where the caller of now stands in the line of the model that serves `role`; no line for one not loaded."""
        spec = role if isinstance(role, ModelSpec) else self.pick(role)
        resident = self._residents.get(spec.model_id)
        return resident.batcher.waiting() if resident else Waiting()

    def pick(self, role: str) -> ModelSpec:
        """The model that serves `role` now. Raises ModelLoadError when none can."""
        return self.choice.pick(role)

    @property
    def device(self) -> Device | None:
        """The device, once a model was asked for; finding it out imports torch."""
        return self._device

    # --- loading -------------------------------------------------------------------------------------------

    def load(self, model_id: str) -> Loading:
        """Start loading (and downloading) on a thread of its own; the Loading can be polled and cancelled.

        Everyone who asks while it runs gets the same Loading. Raises KeyError for an unknown id.
        """
        spec = self.catalog.spec(model_id)
        with self._lock:
            if self._closed:
                raise ModelLoadError(GONE)
            running = self._loadings.get(model_id)
            if running and (running.state.is_busy or self._is_there(running)):
                return running
            loading = self._loadings[model_id] = Loading(model_id)
        name = f"load-{model_id}"
        threading.Thread(target=self._run_load, args=(spec, loading), name=name, daemon=True).start()
        return loading

    def choose(self, model_id: str) -> Loading:
        """Load the model and, once it is ready, let it serve all its roles."""
        loading = self.load(model_id)
        loading.when_ready(lambda: self.choice.choose(model_id))
        return loading

    def cancel(self, model_id: str) -> None:
        """Stop a download that is under way; what is finished is kept."""
        if loading := self._loadings.get(model_id):
            loading.cancel()

    def unload(self, model_id: str) -> bool:
        """Free the model; False when not loaded or in use. Its roles go to the next candidate, if there is one."""
        if not self._residents.remove(model_id):
            return False
        self.choice.drop(model_id)
        self._garbage.collect_left_soon()
        return True

    def warm_up(self, roles: list[str]) -> None:
        """Load what serves these roles and wait; a failure is logged, and told to the first visitor.

        Under the policy "hub" the preferred models are then fetched, while those at hand serve.
        """
        for role in roles:
            try:
                self.predict_many(role, [])
            except DemoError as error:
                log.warning("warm_up_failed", extra={"role": role, "reason": str(error)})
        if self._policy == "hub":
            preferred = dict.fromkeys(
                spec.model_id for role in roles if (spec := self.choice.preferred(role))
            )
            for model_id in preferred:
                self.choose(model_id)

    def close(self) -> None:
        """End every thread of the pool; what still waits is cancelled."""
        with self._lock:
            self._closed = True
            loadings = list(self._loadings.values())
        for loading in loadings:
            loading.cancel()
        self._residents.close()
        self._computing.close()

    # --- looking -------------------------------------------------------------------------------------------

    def status(self) -> list[ModelStatus]:
        """One row per model of the catalog; never loads or imports anything heavy."""
        return [self._status(spec) for spec in self.catalog.specs]

    def role_status(self, role: str) -> ModelStatus:
        """The status of the model that serves `role`."""
        return self._status(self.pick(role))

    def calibration(self, spec: ModelSpec) -> Calibration:
        """What was fitted to the model after its training; the defaults where nobody here knows."""
        if known := self._calibration_of(spec):
            return known
        folder = self._locate(spec)
        return read_calibration(folder) if folder else Calibration()

    def use(self, spec: ModelSpec, elapsed_ms: float) -> ModelUse:
        """What a result's badge says of the model that gave it: what runs elsewhere is of the remote tier."""
        resident = self._residents.get(spec.model_id)
        device = resident.engine.device if resident else self._device
        tier = Tier.REMOTE if device and device.name == "remote" else spec.tier
        return ModelUse(spec.model_id, tier, device.title if device else "", elapsed_ms)

    def _status(self, spec: ModelSpec) -> ModelStatus:
        resident, loading = self._residents.get(spec.model_id), self._loadings.get(spec.model_id)
        if resident:
            return resident.status()
        is_local = self.choice.is_local(spec)
        if loading is None or loading.state is State.READY:
            return ModelStatus(spec, State.UNLOADED, is_local)
        return ModelStatus(spec, loading.state, is_local, progress=loading.progress, error=loading.error)

    # --- inside --------------------------------------------------------------------------------------------

    def _budget_mb(self) -> float:
        known = self._device.budget_mb if self._device else None
        return known or self._memory_mb or devices.cpu_budget_mb()

    def _holding(self, role: str | ModelSpec) -> Generator[str, None, Resident]:
        """The loaded model, counted as in use so that nobody evicts it; yields "" while it is being loaded.

        A role's model that cannot be loaded is passed over for the next candidate.
        """
        spec = role if isinstance(role, ModelSpec) else self.pick(role)
        while True:
            try:
                return (yield from self._hold(spec))
            except DemoError as error:
                failed, spec = spec, spec if isinstance(role, ModelSpec) else self.pick(role)
                if spec == failed:
                    raise
                reason = {"model_id": failed.model_id, "instead": spec.model_id, "reason": str(error)}
                log.warning("model_passed_over", extra=reason)

    def _hold(self, spec: ModelSpec) -> Generator[str, None, Resident]:
        give_up_s = time.monotonic() + self.timeout_s
        while (resident := self._residents.hold(spec.model_id)) is None:
            loading = self.load(spec.model_id)
            while not loading.wait(min(TICK_S, max(0.0, give_up_s - time.monotonic()))):
                if time.monotonic() >= give_up_s:
                    raise self._still_loading(spec)
                yield ""
        return resident

    def _is_there(self, loading: Loading) -> bool:
        return loading.state is State.READY and self._residents.get(loading.model_id) is not None

    def _run_load(self, spec: ModelSpec, loading: Loading) -> None:
        with loading.reporting():
            try:
                folder = self._locate(spec) or self._fetch(spec, loading)
                self.choice.look_again(spec.model_id)
                loading.begin(State.LOADING)
                with self._load_lock:
                    self._load_from(folder, spec)
            except DemoError:
                self.choice.drop(spec.model_id)
                raise
        if loading.state is State.FAILED:
            # Half a model, and what has left for it.
            self._garbage.collect()

    def _load_from(self, folder: Path, spec: ModelSpec) -> None:
        started_s = time.monotonic()
        self._device = self._device or self._detect_device()
        self._residents.make_room(spec, self._budget_mb())
        engine = self._load_engine(spec, folder, self._device)
        self._keep(spec, engine, self._revision_of(folder), load_s=time.monotonic() - started_s)

    def _fetch(self, spec: ModelSpec, loading: Loading) -> Path:
        loading.begin(State.DOWNLOADING)
        steps = self._download(spec, cancel=loading.cancelled)
        while True:
            try:
                loading.progress = next(steps)
            except StopIteration as end:
                return end.value

    def _keep(self, spec: ModelSpec, engine: Engine, revision: str | None, *, load_s: float) -> None:
        def observe(size: int, waited_s: float, ran_s: float) -> None:
            self._observe(spec.model_id, size, waited_s, ran_s)

        name = f"model-{spec.model_id}"
        compute = self._computing.on(engine.device)
        batcher = batcher_for(engine, compute=compute, size=spec.max_batch_size, observe=observe, name=name)
        self._residents.add(Resident(spec, engine, batcher, revision, load_s))
        self._garbage.collect()
        log.info(
            "model_loaded",
            extra={"model_id": spec.model_id, "revision": revision, "load_s": round(load_s, 2)},
        )

    def _still_loading(self, spec: ModelSpec) -> ModelLoadError:
        message = N_("{model} is still being loaded. Try again in a few seconds.")
        return ModelLoadError(message, model=spec.title)
