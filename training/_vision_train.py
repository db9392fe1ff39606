"""The training loop for classifiers of pictures: processes of one thread each that average their gradients.

Each process's batch normalisation sees its own share of a batch. A run that was stopped goes on from its last
checkpoint, also with another number of processes.
"""

import itertools
import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing
from torch import Generator, Tensor
from torch.nn import functional
from transformers import ResNetForImageClassification

from training._vision_model import inputs_of
from training._vision_weights import Weights

# Pictures as floats in 0..1 (n, 3, h, w) and the wanted probabilities (n, labels) -> the same, changed at random.
Augment = Callable[[Tensor, Tensor, Generator], tuple[Tensor, Tensor]]
OUTLIER = -1
MOMENTUM = 0.1  # of batch normalisation: PyTorch's own
SETTLED_ON = 40  # batches from which the averaged weights learn their normalisation


@dataclass(frozen=True)
class Material:
    """Pictures (n, 3, h, w) of uint8 and their labels (n,) of int64; OUTLIER: unlike all of the labels."""

    pictures: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Plan:
    """How long, how fast, and at which size; `batch` is what all processes take together per step."""

    epochs: float
    sides_px: tuple[tuple[float, int], ...] = ((0.0, 128),)
    """From which share of the steps on the network sees pictures of which size."""
    settled_px: int | None = None
    """At which size normalisation is measured in the end; None for the last of `sides_px`."""
    is_settled_changed: bool = False
    """Measured on pictures changed as in training, rather than as they are."""
    processes: int = 1
    threads: int = 1
    batch: int = 512
    seed: int = 20
    muon_rate: float = 0.1
    muon_momentum: float = 0.8
    rate: float = 0.05
    decay: float = 5e-4
    warm_up: float = 0.02
    smoothing: float = 0.1
    averaged: float = 0.98
    class_weights: tuple[float, ...] | None = None
    save_every_s: float = 180
    report_every: int = 20

    def side_px(self, share: float) -> int:
        return [side for begins, side in self.sides_px if share >= begins][-1]

    def pace(self, share: float) -> float:
        """The share of the peak rates: up at first, then down in a straight line."""
        return min((share + 1e-3) / (self.warm_up + 1e-3), max(0.0, (1 - share) / (1 - self.warm_up)))


def fit(
    model: ResNetForImageClassification, material: Material, plan: Plan, *, augment: Augment, work: Path
) -> ResNetForImageClassification:
    """The model, trained: with the average of its last weights, ready to predict.

    Checkpoints go to `work`; a checkpoint of all the steps only has its weights taken over. `augment` must be a
    function of a module, for it travels to other processes.
    """
    work.mkdir(parents=True, exist_ok=True)
    (work / "rendezvous").unlink(missing_ok=True)
    material.pictures.share_memory_()
    torch.multiprocessing.spawn(_train, (model, material, plan, augment, work), plan.processes)
    weights = Weights(model, averaged=plan.averaged, decay=plan.decay)
    weights.restore(work / "checkpoint.safetensors")
    weights.point_at(weights.averages.clone())
    settle(model, material, plan, augment if plan.is_settled_changed else None)
    return model.eval()


def settle(
    model: ResNetForImageClassification, material: Material, plan: Plan, augment: Augment | None = None
) -> None:
    """Measure anew what batch normalisation subtracts and divides by, on pictures as they are or as `augment` does."""
    norms = [layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    model.train()
    known = (material.labels != OUTLIER).nonzero().squeeze(1)
    generator = Generator().manual_seed(plan.seed)
    order = known[torch.randperm(len(known), generator=generator)]
    with torch.no_grad():
        for rows in order.split(256)[:SETTLED_ON]:
            pictures = material.pictures[rows].float() / 255
            if augment:
                targets = _targets(material.labels[rows], model.config.num_labels)
                pictures, _ = augment(pictures, targets, generator)
            model(inputs_of(pictures, plan.settled_px or plan.side_px(1.0)))
    for norm in norms:
        norm.momentum = MOMENTUM


def _train(
    rank: int,
    model: ResNetForImageClassification,
    material: Material,
    plan: Plan,
    augment: Augment,
    work: Path,
) -> None:
    """One process's part; process 0 writes `work/checkpoint.safetensors` and the progress lines."""
    # Sent when the parent dies; a background job would ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    torch.set_num_threads(plan.threads)
    if plan.processes > 1:
        store = f"file://{(work / 'rendezvous').resolve()}"
        dist.init_process_group("gloo", store, timedelta(minutes=10), plan.processes, rank)
    model.to(memory_format=torch.channels_last).train()
    weights, checkpoint = (
        Weights(model, averaged=plan.averaged, decay=plan.decay),
        work / "checkpoint.safetensors",
    )
    first = weights.restore(checkpoint) if checkpoint.exists() else 0
    steps = int(plan.epochs * (len(material.labels) // plan.batch))
    began = saved = time.monotonic()
    for step, rows in enumerate(itertools.islice(_batches(material, plan), first, steps), first):
        share = step / steps
        generator = Generator().manual_seed(plan.seed + 1000 * step + rank)
        loss, right = _learn(
            model, weights, (material, rows[rank :: plan.processes]), plan, augment, share, generator
        )
        pace = plan.pace(share)
        weights.step(
            step, muon_rate=plan.muon_rate * pace, rate=plan.rate * pace, momentum=plan.muon_momentum
        )
        if rank == 0 and (step + 1) % plan.report_every == 0:
            seconds = (time.monotonic() - began) / (step + 1 - first)
            line = {
                "step": step + 1,
                "of": steps,
                "s_per_step": round(seconds, 3),
                "loss": loss,
                "right": right,
            }
            print(json.dumps(line), flush=True)
        late = time.monotonic() - saved > plan.save_every_s
        if rank == 0 and (late or step + 1 == steps):
            weights.save(checkpoint, step + 1)
            saved = time.monotonic()
    if plan.processes > 1:
        dist.barrier()
        dist.destroy_process_group()


def _batches(material: Material, plan: Plan) -> Iterator[Tensor]:
    """The common order: all pictures once per epoch, without the last batch that is not full."""
    for epoch in itertools.count():
        order = torch.randperm(
            len(material.labels), generator=Generator().manual_seed(plan.seed * 1000 + epoch)
        )
        yield from order[: len(order) // plan.batch * plan.batch].split(plan.batch)


def _learn(
    model: ResNetForImageClassification,
    weights: Weights,
    share_of_batch: tuple[Material, Tensor],
    plan: Plan,
    augment: Augment,
    share: float,
    generator: Generator,
) -> tuple[float, float]:
    """Gathers the gradients of every process; returns this one's loss and the share it got right."""
    material, rows = share_of_batch
    targets = _targets(material.labels[rows], model.config.num_labels)
    pictures, targets = augment(material.pictures[rows].float() / 255, targets, generator)
    inputs = inputs_of(pictures, plan.side_px(share))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(inputs).logits
    classes = torch.tensor(plan.class_weights) if plan.class_weights else None
    loss = functional.cross_entropy(logits.float(), targets, weight=classes, label_smoothing=plan.smoothing)
    loss.backward()
    if plan.processes > 1:
        dist.all_reduce(weights.gradients)
        weights.gradients /= plan.processes
    right = (logits.argmax(1) == targets.argmax(1)).float().mean()
    return round(loss.item(), 4), round(right.item(), 4)


def _targets(labels: Tensor, number: int) -> Tensor:
    """One-hot rows; an even spread over all labels for outliers (Hendrycks et al. 2019)."""
    outliers = (labels == OUTLIER).unsqueeze(1)
    spread = torch.full((len(labels), number), 1 / number)
    return torch.where(outliers, spread, functional.one_hot(labels.clamp(min=0), number).float())
