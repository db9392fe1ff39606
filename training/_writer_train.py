"""The training loop: bfloat16 passes over float32 weights, matrices updated by Muon and the rest by AdamW.

One process of one thread, or a few that average their gradients after each batch. The learning rate stays at its
peak and falls over the last part of the tokens, so that a run can be made longer after it has begun.
"""

import itertools
import json
import os
import signal
import time
from collections.abc import Iterator
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
from transformers import LlamaForCausalLM

from training._writer_batches import Tokens, batches, rounded_up

CHECKPOINT_EVERY_S = 240
REPORT_EVERY = 25  # steps
CHECK_EVERY = 500  # steps
WARM_UP = 0.01  # of the tokens
PLACES = 256  # the number of places with an answer is rounded up to a multiple
FALLING = 0.3  # of the tokens, at the end


@dataclass(frozen=True)
class Plan:
    """How long and how fast: `tokens` in all, `batch` of them for one process in one step."""

    tokens: int
    processes: int
    batch: int
    seed: int = 20
    matrix_rate: float = 3e-3
    other_rate: float = 3e-3


class Weights:
    """The float32 weights behind a bfloat16 model, and their optimizers."""

    def __init__(self, model: LlamaForCausalLM, plan: Plan) -> None:
        self.model = model
        self.names = [name for name, _ in model.named_parameters()]
        self.exact = [
            torch.nn.Parameter(weight.detach().float().clone()) for _, weight in model.named_parameters()
        ]
        matrices = [w for name, w in zip(self.names, self.exact, strict=True) if _is_matrix(name, w)]
        others = [w for name, w in zip(self.names, self.exact, strict=True) if not _is_matrix(name, w)]
        self.optimizers = [
            torch.optim.Muon(
                matrices, lr=plan.matrix_rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"
            ),
            torch.optim.AdamW(others, lr=plan.other_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
        ]
        self.peaks = [plan.matrix_rate, plan.other_rate]

    def step(self, share: float, processes: int) -> None:
        """One update at `share` of the peak learning rates; clears the gradients."""
        self._gather(processes)
        torch.nn.utils.clip_grad_norm_(self.exact, 1.0)
        for optimizer, peak in zip(self.optimizers, self.peaks, strict=True):
            optimizer.param_groups[0]["lr"] = peak * share
            optimizer.step()
        self.publish()

    def publish(self) -> None:
        """Let the model compute with the weights as they are now."""
        with torch.no_grad():
            for weight, exact in zip(self.model.parameters(), self.exact, strict=True):
                weight.copy_(exact)

    def exact_model(self) -> LlamaForCausalLM:
        """The model with the float32 weights themselves."""
        model = self.model.float()
        self.publish()
        return model

    def save(self, path: Path, counts: dict[str, int]) -> None:
        tensors = {f"weight.{name}": w.detach() for name, w in zip(self.names, self.exact, strict=True)}
        for i, optimizer in enumerate(self.optimizers):
            for number, state in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer.{i}.{number}.{key}": value for key, value in state.items()}
        metadata = {key: str(value) for key, value in counts.items()}
        save_file(tensors, path.with_suffix(".part"), metadata=metadata)
        os.replace(path.with_suffix(".part"), path)

    def restore(self, path: Path) -> dict[str, int]:
        """Continue from a checkpoint; returns the steps and tokens that it has seen."""
        tensors = load_file(path)
        with torch.no_grad():
            for name, weight in zip(self.names, self.exact, strict=True):
                weight.copy_(tensors[f"weight.{name}"])
        for i, optimizer in enumerate(self.optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in tensors.items():
                if key.startswith(f"optimizer.{i}."):
                    number, name = key.split(".")[2:]
                    state.setdefault(int(number), {})[name] = value
            optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
        self.publish()
        with safe_open(path, "pt") as file:
            return {key: int(value) for key, value in file.metadata().items()}

    def _gather(self, processes: int) -> None:
        """Move the model's gradients to the exact weights, averaged over the processes."""
        flat = torch.cat([weight.grad.float().reshape(-1) for weight in self.model.parameters()])
        if processes > 1:
            dist.all_reduce(flat)
            flat /= processes
        start = 0
        for weight, exact in zip(self.model.parameters(), self.exact, strict=True):
            exact.grad = flat[start : start + exact.numel()].view_as(exact)
            start += exact.numel()
            weight.grad = None


def train(
    rank: int, model: LlamaForCausalLM, tokens: Tokens, checked: Tokens, plan: Plan, work: Path
) -> None:
    """One process's part of the training; process 0 writes `work/checkpoint.safetensors` and the log."""
    _join(rank, plan, work)
    weights, checkpoint = Weights(model.to(torch.bfloat16), plan), work / "checkpoint.safetensors"
    seen = weights.restore(checkpoint) if checkpoint.exists() else {"step": 0, "tokens": 0}
    model.train()
    saved = began = time.monotonic()
    at_first = seen["tokens"]
    for rows in _batches(tokens, plan, seen["step"]):
        if seen["tokens"] >= plan.tokens:
            break
        loss = _loss(model, tokens, rows[rank :: plan.processes])
        loss.backward()
        weights.step(_rate(seen["tokens"] / plan.tokens), plan.processes)
        seen = {"step": seen["step"] + 1, "tokens": seen["tokens"] + int(tokens.lengths[rows].sum())}
        if rank:
            continue
        if seen["step"] % REPORT_EVERY == 0:
            speed = round((seen["tokens"] - at_first) / (time.monotonic() - began))
            _report(loss=round(loss.item(), 4), tokens_per_s=speed, of=plan.tokens, **seen)
        if seen["step"] % CHECK_EVERY == 0:
            _report(checked=round(held_out_loss(model, checked), 4), **seen)
        if time.monotonic() - saved > CHECKPOINT_EVERY_S:
            weights.save(checkpoint, seen)
            saved = time.monotonic()
    if rank == 0:
        weights.save(checkpoint, seen)
        _report(checked=round(held_out_loss(model, checked), 4), **seen)
    if plan.processes > 1:
        dist.barrier()
        dist.destroy_process_group()


@torch.no_grad()
def held_out_loss(model: LlamaForCausalLM, tokens: Tokens) -> float:
    """Mean loss per answer token over all of `tokens`."""
    total = count = 0.0
    for start in range(0, len(tokens.asked), 16):
        rows = np.arange(start, min(start + 16, len(tokens.asked)))
        wanted = int((tokens.padded(rows)[1] >= 0).sum())
        total += _loss(model, tokens, rows).item() * wanted
        count += wanted
    return total / count


def _join(rank: int, plan: Plan, work: Path) -> None:
    # Sent when the parent dies; a background job would ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    torch.set_num_threads(1)
    if plan.processes > 1:
        store = f"file://{(work / 'rendezvous').resolve()}"
        dist.init_process_group("gloo", store, timedelta(minutes=10), plan.processes, rank)


def _batches(tokens: Tokens, plan: Plan, first: int) -> Iterator[np.ndarray]:
    order = batches(tokens.lengths, tokens=plan.batch * plan.processes, seed=plan.seed)
    return (rows for rows in itertools.islice(order, first, None) if len(rows) >= plan.processes)


def _loss(model: LlamaForCausalLM, tokens: Tokens, rows: np.ndarray) -> Tensor:
    """Mean cross-entropy over the answers of `rows`; only their places are multiplied with the word table."""
    ids, wanted = tokens.padded(rows)
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    places = (wanted >= 0).flatten().nonzero()[:, 0]
    # Filled up with the first place, which counts for nothing: the CPU's library keeps code for each shape it met.
    spare = rounded_up(len(places), PLACES) - len(places)
    chosen = functional.pad(places, (0, spare))
    goal = functional.pad(wanted.flatten()[places], (0, spare), value=-100)
    return functional.cross_entropy(model.lm_head(hidden.flatten(0, 1)[chosen]).float(), goal)


def _rate(share: float) -> float:
    """The share of the peak learning rate when `share` of the tokens has been seen."""
    return min(1.0, share / WARM_UP + 0.02, max(0.02, (1 - share) / FALLING))


def _is_matrix(name: str, weight: Tensor) -> bool:
    return weight.ndim == 2 and "embed" not in name


def _report(**values: float) -> None:
    print(json.dumps(values), flush=True)
