"""Muon (Jordan 2024): each filter bank moves along the nearest orthogonal matrix to its averaged gradient.

Every bank is brought back to a fixed length after each update; batch normalisation undoes the length anyhow, and so
the rate alone says how far it turns (as in https://github.com/KellerJordan/cifar10-airbench).
"""

import torch
import torch.distributed as dist
from torch import Tensor

ROUNDS = 3


def orthogonal(gradient: Tensor) -> Tensor:
    """The matrix with all singular values brought near 1, by Newton-Schulz iterations in bfloat16."""
    x = gradient.reshape(len(gradient), -1).bfloat16()
    x = x / (x.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(ROUNDS):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.T if tall else x).reshape(gradient.shape).float()


class Muon:
    """Updates filter banks that lie one after another in one vector; processes share the work.

    `banks` are views into `values`, `gradients` the same views into the gradients.
    """

    def __init__(self, values: Tensor, banks: list[Tensor], gradients: list[Tensor]) -> None:
        self.banks, self.gradients = banks, gradients
        self.momentum = torch.zeros_like(values)
        self.update = torch.zeros_like(values)
        sizes = [bank.numel() for bank in banks]
        self._averages = _views(self.momentum, banks, sizes)
        self._updates = _views(self.update, banks, sizes)
        for bank in banks:
            _set_length(bank)

    def step(self, rate: float, momentum: float) -> None:
        """One update; with several processes each does some banks, and all get everything."""
        parallel = dist.is_initialized()
        rank, processes = (dist.get_rank(), dist.get_world_size()) if parallel else (0, 1)
        owner = _owners(self.banks, processes)
        self.update.zero_()
        for i, (gradient, average) in enumerate(zip(self.gradients, self._averages, strict=True)):
            average.mul_(momentum).add_(gradient)
            if owner[i] == rank:
                self._updates[i].copy_(orthogonal(gradient + momentum * average))
        if parallel:
            dist.all_reduce(self.update)
        for bank, update in zip(self.banks, self._updates, strict=True):
            bank.add_(update, alpha=-rate)
            _set_length(bank)


def _set_length(bank: Tensor) -> None:
    bank.mul_(len(bank) ** 0.5 / bank.norm())


def _views(values: Tensor, banks: list[Tensor], sizes: list[int]) -> list[Tensor]:
    return [piece.view_as(bank) for piece, bank in zip(values.split(sizes), banks, strict=True)]


def _owners(banks: list[Tensor], processes: int) -> list[int]:
    """Who updates which bank: the most work first, always to whoever has least."""
    work, owner = [0] * processes, [0] * len(banks)
    cost = [bank.numel() * len(bank) for bank in banks]
    for i in sorted(range(len(banks)), key=lambda i: -cost[i]):
        owner[i] = work.index(min(work))
        work[owner[i]] += cost[i]
    return owner
