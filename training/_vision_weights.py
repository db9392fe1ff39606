"""A network's weights as one vector: filter banks first, under Muon; the rest under SGD with Nesterov momentum."""

import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training._vision_muon import Muon


class Weights:
    """What is learned, its gradients, its averages over the last steps, and what the optimizers remember."""

    def __init__(self, model: nn.Module, *, averaged: float, decay: float) -> None:
        named = sorted(model.named_parameters(), key=lambda item: item[1].dim() != 4)
        self.parameters = [weight for _, weight in named]
        self.values = torch.cat([weight.detach().reshape(-1) for weight in self.parameters])
        self.gradients = torch.zeros_like(self.values)
        self.averages = self.values.clone()
        self.averaged = averaged
        self.running = [value for value in model.buffers() if value.is_floating_point()]
        banks = sum(weight.numel() for weight in self.parameters if weight.dim() == 4)
        self.point_at(self.values)
        number = sum(weight.dim() == 4 for weight in self.parameters)
        self.muon = Muon(
            self.values[:banks],
            [weight.data for weight in self.parameters[:number]],
            [weight.grad for weight in self.parameters[:number]],
        )
        self.rest = nn.Parameter(self.values[banks:])
        self.rest.grad = self.gradients[banks:]
        self.sgd = torch.optim.SGD([self.rest], lr=1.0, momentum=0.9, nesterov=True, weight_decay=decay)
        self.sgd_memory = torch.zeros_like(self.rest)
        self.sgd.state[self.rest]["momentum_buffer"] = self.sgd_memory

    def point_at(self, values: Tensor) -> None:
        """Let the network compute with `values`; its gradients gather in `self.gradients`."""
        sizes = [weight.numel() for weight in self.parameters]
        pieces = zip(self.parameters, values.split(sizes), self.gradients.split(sizes), strict=True)
        for weight, piece, gradient in pieces:
            weight.data = piece.view(weight.shape)
            weight.grad = gradient.view(weight.shape)

    def step(self, number: int, *, muon_rate: float, rate: float, momentum: float) -> None:
        """One update; clears the gradients."""
        self.muon.step(muon_rate, momentum)
        self.sgd.param_groups[0]["lr"] = rate
        self.sgd.step()
        self.gradients.zero_()
        keep = min(self.averaged, (1 + number) / (10 + number))
        self.averages.lerp_(self.values, 1 - keep)

    def save(self, path: Path, step: int) -> None:
        part = path.with_suffix(".part")
        save_file(self._state(), part, metadata={"step": str(step)})
        os.replace(part, path)

    def restore(self, path: Path) -> int:
        """Continue from a checkpoint; returns the number of steps it has seen."""
        saved = load_file(path)
        for name, value in self._state().items():
            value.copy_(saved[name])
        with safe_open(path, "pt") as file:
            return int(file.metadata()["step"])

    def _state(self) -> dict[str, Tensor]:
        tensors = {
            "values": self.values,
            "averages": self.averages,
            "muon": self.muon.momentum,
            "sgd": self.sgd_memory,
        }
        return tensors | {f"running.{i}": value for i, value in enumerate(self.running)}
