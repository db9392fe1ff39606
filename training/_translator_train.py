"""The training loop: a few single-threaded processes, each with batches of its own, that average their gradients."""

import itertools
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor
from transformers import BartForConditionalGeneration

from training._bilingual_train import FlatWeights
from training._translator_batches import Batch, Material, batches
from training._translator_dropout import drop_out
from training._translator_loss import loss_of
from training._translator_model import small

LATE_FROM = 0.6  # of the steps


@dataclass(frozen=True)
class Plan:
    """How long and how fast: `tokens` is what one process takes per batch, both sides together."""

    steps: int
    processes: int = 3
    tokens: int = 4000
    seed: int = 20
    word_rate: float = 1e-3
    layer_rate: float = 7e-4
    warm_up: int = 200
    broken: float = 0.1
    dropout: float = 0.15
    rounded_from: float = 0.85
    save_every_s: float = 150


class TranslatorWeights(FlatWeights):
    """The weights as one vector, rounded as the translator is stored."""

    def rounded(self) -> Tensor:
        return torch.cat([small(name, weight).float().reshape(-1) for name, weight in self.named])


def train(rank: int, model: BartForConditionalGeneration, material: Material, plan: Plan, work: Path) -> None:
    """One process's part of the training; process 0 writes `work/checkpoint.safetensors` and the log."""
    # Sent when the parent dies; a background job would ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed + rank)
    store = f"file://{(work / 'rendezvous').resolve()}"
    dist.init_process_group("gloo", store, timedelta(minutes=10), plan.processes, rank)
    weights, checkpoint = TranslatorWeights(model, plan), work / "checkpoint.safetensors"
    first = weights.restore(checkpoint) if checkpoint.exists() else 0
    model.set_attn_implementation("eager")  # the fused one is several times slower on short rows in bfloat16
    drop_out(model, plan.dropout)
    model.train()
    began = saved = time.monotonic()
    for step, batch in enumerate(_mine(material, plan, rank, first), first):
        if step >= plan.rounded_from * plan.steps:
            weights.point_at(weights.values)
            weights.point_at(weights.rounded())
        loss = _learn(model, weights, batch, plan, step)
        if rank == 0 and (step + 1) % 25 == 0:
            seconds = (time.monotonic() - began) / (step - first + 1)
            line = {
                "step": step + 1,
                "of": plan.steps,
                "s_per_step": round(seconds, 3),
                "loss": round(loss, 3),
            }
            print(json.dumps(line), flush=True)
        late = time.monotonic() - saved > plan.save_every_s
        if rank == 0 and (late or step + 1 == plan.steps):
            weights.save(checkpoint, step + 1)
            saved = time.monotonic()
    dist.barrier()
    dist.destroy_process_group()


def _learn(
    model: BartForConditionalGeneration, weights: TranslatorWeights, batch: Batch, plan: Plan, step: int
) -> float:
    """One update from every process's batch; returns this one's loss per piece."""
    total, count = loss_of(model, batch)
    total.backward()
    dist.all_reduce(weights.gradients)
    weights.gradients /= plan.tokens * plan.processes / 2
    weights.step(_rate(step, plan))
    return total.item() / count


def _mine(material: Material, plan: Plan, rank: int, first: int) -> Iterator[Batch]:
    """This process's batches from step `first` on: every so-many-th of the common order, which changes once."""
    change = int(LATE_FROM * plan.steps)
    late = first >= change
    begin, end = (first - change, plan.steps - change) if late else (first, change)
    order = batches(material, tokens=plan.tokens, seed=plan.seed, late=late, broken=plan.broken)
    yield from itertools.islice(order, begin * plan.processes + rank, end * plan.processes, plan.processes)
    if not late:
        yield from _mine(material, plan, rank, change)


def _rate(step: int, plan: Plan) -> float:
    """The share of the peak learning rate: up during the warm-up, then down in a straight line."""
    return min((step + 1) / plan.warm_up, max(0.01, 1 - step / plan.steps))
