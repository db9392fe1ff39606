"""The training loop: a few single-threaded processes that average their gradients after each batch.

Processes of one thread each are several times faster than one process of many threads when the machine has
other work: a batch meets its slowest process once, not at every matrix product.
"""

import itertools
import json
import os
import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional
from transformers import BertModel

from training._bilingual_batches import Tokens, batches
from training._bilingual_model import pooled, small

CHECKPOINT_EVERY = 200  # steps
WARM_UP = 100  # steps
TEMPERATURE = 0.05
COSINE_WEIGHT = 10.0
ENGLISH_EVERY = 3  # batches; the English side begins close to the teacher and needs less
ROUNDED_FROM = 0.8  # the share of the steps after which the weights are rounded as they will be stored


@dataclass(frozen=True)
class Material:
    """What is learned from: both sides as tokens, the teacher's vectors (n, 384), and each pair's source."""

    source: list[str]
    zh: Tokens
    en: Tokens
    vectors: np.ndarray


@dataclass(frozen=True)
class Plan:
    """How long and how fast: `tokens` is what one process takes per batch, on the Chinese side."""

    steps: int
    processes: int = 3
    tokens: int = 2048
    seed: int = 20
    word_rate: float = 1.5e-3
    layer_rate: float = 3e-4


class FlatWeights:
    """A model's weights as one long vector, the word table first, so that gradients travel in one piece."""

    def __init__(self, model: BertModel, plan: Plan) -> None:
        self.named = sorted(model.named_parameters(), key=lambda item: "word_embeddings" not in item[0])
        self.values = torch.cat([weight.detach().reshape(-1) for _, weight in self.named])
        self.gradients = torch.zeros_like(self.values)
        self.point_at(self.values)
        words = self.named[0][1].numel()
        groups = [(slice(0, words), plan.word_rate), (slice(words, None), plan.layer_rate)]
        self.parts = [torch.nn.Parameter(self.values[part]) for part, _ in groups]
        for part, (where, _) in zip(self.parts, groups, strict=True):
            part.grad = self.gradients[where]
        settings = [
            {"params": [p], "lr": rate, "peak": rate} for p, (_, rate) in zip(self.parts, groups, strict=True)
        ]
        self.optimizer = torch.optim.AdamW(settings, betas=(0.9, 0.98), weight_decay=0.01, fused=True)

    def point_at(self, values: Tensor) -> None:
        """Let the model compute with `values`; its gradients gather in `self.gradients`."""
        start = 0
        for _, weight in self.named:
            end = start + weight.numel()
            weight.data = values[start:end].view_as(weight)
            weight.grad = self.gradients[start:end].view_as(weight)
            start = end

    def rounded(self) -> Tensor:
        """The values as the exported file will hold them."""
        pieces = [small(name, weight).float().reshape(-1) for name, weight in self.named]
        return torch.cat(pieces)

    def step(self, share: float) -> None:
        """One update at `share` of the peak learning rates; clears the gradients."""
        norm = self.gradients.norm()
        self.gradients.mul_(torch.clamp(1.0 / (norm + 1e-6), max=1.0))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        self.optimizer.step()
        self.gradients.zero_()

    def save(self, path: Path, step: int) -> None:
        tensors = {"values": self.values}
        for i, part in enumerate(self.parts):
            tensors |= {f"{i}.{name}": value for name, value in self.optimizer.state[part].items()}
        save_file(tensors, path.with_suffix(".part"), metadata={"step": str(step)})
        os.replace(path.with_suffix(".part"), path)

    def restore(self, path: Path) -> int:
        """Continue from a checkpoint; returns the number of steps it has seen."""
        tensors = load_file(path)
        self.values.copy_(tensors["values"])
        for i, part in enumerate(self.parts):
            self.optimizer.state[part] = {
                name.split(".", 1)[1]: value for name, value in tensors.items() if name.startswith(f"{i}.")
            }
        with safe_open(path, "pt") as file:
            return int(file.metadata()["step"])


def train(rank: int, model: BertModel, material: Material, plan: Plan, work: Path) -> None:
    """One process's part of the training; process 0 writes `work/checkpoint.safetensors` and the log."""
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # sent when the parent dies; a background job would ignore it
    torch.set_num_threads(1)
    store = f"file://{(work / 'rendezvous').resolve()}"
    dist.init_process_group("gloo", store, timedelta(minutes=10), plan.processes, rank)
    weights, checkpoint = FlatWeights(model, plan), work / "checkpoint.safetensors"
    first = weights.restore(checkpoint) if checkpoint.exists() else 0
    model.train()
    order = batches(material.source, material.zh.lengths, tokens=plan.tokens * plan.processes, seed=plan.seed)
    began = time.monotonic()
    for step, rows in enumerate(itertools.islice(order, first, plan.steps), first):
        if step >= ROUNDED_FROM * plan.steps:
            weights.point_at(weights.values)
            weights.point_at(weights.rounded())
        losses = _backward(
            model, material, rows, rank=rank, plan=plan, with_english=step % ENGLISH_EVERY == 0
        )
        dist.all_reduce(weights.gradients)
        weights.gradients /= plan.processes
        weights.step(_rate(step, plan.steps))
        if rank == 0 and step % 20 == 0:
            seconds = (time.monotonic() - began) / (step - first + 1)
            line = {"step": step, "of": plan.steps, "s_per_step": round(seconds, 3), **losses}
            print(json.dumps(line), flush=True)
        if rank == 0 and ((step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == plan.steps):
            weights.save(checkpoint, step + 1)
    dist.barrier()
    dist.destroy_process_group()


def _rate(step: int, steps: int) -> float:
    """The share of the peak learning rate: up during WARM_UP, then down in a straight line."""
    return min((step + 1) / WARM_UP, max(0.01, 1 - step / steps))


def _backward(
    model: BertModel, material: Material, rows: np.ndarray, *, rank: int, plan: Plan, with_english: bool
) -> dict[str, float]:
    """Adds the gradients of this process's share of the batch to the model's; returns its losses."""
    mine = rows[rank :: plan.processes]
    everyone = torch.from_numpy(material.vectors[rows]).float()
    teacher = torch.from_numpy(material.vectors[mine]).float()
    wanted = functional.softmax(teacher @ everyone.T / TEMPERATURE, dim=1)
    losses = {}
    for side in ("zh", "en") if with_english else ("zh",):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = pooled(model, getattr(material, side).padded(mine))
        away = (1 - (vectors * teacher).sum(1)).mean()
        mixed_up = _contrast(vectors, teacher, everyone, wanted)
        (COSINE_WEIGHT * away + mixed_up).backward()
        losses |= {f"{side}_cosine": round(1 - away.item(), 4), f"{side}_contrast": round(mixed_up.item(), 4)}
    return losses


def _contrast(vectors: Tensor, teacher: Tensor, everyone: Tensor, wanted: Tensor) -> Tensor:
    """How far the likeness to every sentence of the batch is from the teacher's own, in both directions.

    Soft targets: two sentences that the teacher finds alike don't push each other away.
    """
    forth = functional.kl_div(
        functional.log_softmax(vectors @ everyone.T / TEMPERATURE, 1), wanted, reduction="batchmean"
    )
    among_us = functional.softmax(teacher @ teacher.T / TEMPERATURE, 1)
    back = functional.kl_div(
        functional.log_softmax(teacher @ vectors.T / TEMPERATURE, 1), among_us, reduction="batchmean"
    )
    return (forth + back) / 2
