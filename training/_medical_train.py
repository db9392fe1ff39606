"""How the two medical starters are taught: networks, plans, and what changes in a picture each time it is seen."""

import torch
from torch import Generator, Tensor

from training._medical_augment import blended, erased, exposed, roughened, warped
from training._vision_augment import mixed
from training._vision_model import Shape
from training._vision_train import Plan

CHEST_SHAPE = Shape(side_px=128, stem=32, widths=(32, 64, 128, 256), depths=(1, 1, 1, 1))
# Normal X-rays weigh as much as all with pneumonia; there are 1 to 2.9.
CHEST_PLAN = Plan(
    epochs=18,
    sides_px=((0.0, 96), (0.5, 128)),
    processes=2,
    batch=128,
    muon_rate=0.06,
    muon_momentum=0.85,
    smoothing=0.05,
    averaged=0.99,
    class_weights=(1.94, 0.675, 0.675),
    save_every_s=45,
)


def changed_chest(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Chest X-rays as another machine, another film and another child's posture would show them."""
    grey = warped(blended(pictures, generator), generator)
    grey = erased(roughened(exposed(grey, generator, strength=0.8), generator), generator)
    grey, targets = mixed(grey, targets, generator)
    return grey.expand(-1, 3, -1, -1), targets


def as_elsewhere(pictures: Tensor, generator: Generator) -> Tensor:
    """Grey pictures (n, 1, h, w) as another machine and framing might show them; nothing of them is hidden."""
    return roughened(exposed(warped(pictures, generator), generator, strength=0.8), generator)


KIND_SHAPE = Shape(side_px=64, stem=32, widths=(48, 96, 192), depths=(1, 1, 1))
KIND_PLAN = Plan(epochs=2, sides_px=((0.0, 64),), processes=1, batch=256, smoothing=0.02, save_every_s=45)


def changed_kind(pictures: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Pictures as another machine would show them; half of the coloured ones in grey."""
    grey = pictures.mean(1, keepdim=True).expand_as(pictures)
    without = torch.rand(len(pictures), 1, 1, 1, generator=generator) < 0.5
    changed = warped(torch.where(without, grey, pictures), generator, zoom=0.2)
    changed = roughened(exposed(changed, generator, strength=0.8), generator)
    return erased(changed, generator, share=0.3, most=0.3), targets
