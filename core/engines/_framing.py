"""How a picture is brought to a network: cut, resized and scaled as the model's own processor does it."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers.image_processing_utils import BaseImageProcessor

# Of a longer picture the middle is taken: to bring the short side of 10 x 5000 to 256 would make 128,000 of the other.
LONGEST_RATIO = 8


class Framing:
    """The way from any picture to what a network reads; the processor is asked for the geometry only.

    With `resolution_px` a picture is first cut square (the middle) and brought to that size. Raises ValueError for
    a processor whose pictures are not of one size and of three colours.
    """

    def __init__(self, processor: BaseImageProcessor, resolution_px: int | None = None) -> None:
        self._processor = processor
        self._resolution_px = resolution_px
        # A processor's treatment of colours is a line per channel; two pictures tell which.
        black, white = (self._processed(np.full((256, 256, 3), value, np.uint8)) for value in (0, 255))
        if black.ndim != 3 or black.shape[0] != 3:
            raise ValueError(f"its processor gives pictures of shape {black.shape}")
        self.size = black.shape[1:]
        self._offset = torch.from_numpy(black.mean(axis=(1, 2), dtype=np.float64))
        self._scale = torch.from_numpy(white.mean(axis=(1, 2), dtype=np.float64) - self._offset.numpy()) / 255

    def seen(self, pixels: np.ndarray) -> np.ndarray:
        """What the network will see of this picture, uint8 RGB; what is seen of that is the same again."""
        if self._resolution_px:
            return _square(pixels, self._resolution_px)
        if pixels.shape[:2] == self.size:
            return pixels
        return self._resized(_trimmed(pixels)).transpose(1, 2, 0)

    def inputs(self, seen: list[np.ndarray], dtype: torch.dtype, device: str) -> Tensor:
        """Pictures as `seen` gave them, for the network: (n, 3, height, width), the channels last in memory."""
        resized = [
            each.transpose(2, 0, 1) if each.shape[:2] == self.size else self._resized(each) for each in seen
        ]
        pixels = torch.from_numpy(np.stack(resized)).to(device)
        scale, offset = (each.to(device, torch.float32).view(3, 1, 1) for each in (self._scale, self._offset))
        return (pixels * scale + offset).to(dtype, memory_format=torch.channels_last)

    def _resized(self, pixels: np.ndarray) -> np.ndarray:
        return self._processed(pixels, do_rescale=False, do_normalize=False)

    def _processed(self, pixels: np.ndarray, **options: bool) -> np.ndarray:
        found = self._processor(pixels, input_data_format="channels_last", return_tensors="np", **options)
        return found["pixel_values"][0]


def _square(pixels: np.ndarray, side_px: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    if (height, width) == (side_px, side_px):
        return pixels
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = Image.fromarray(pixels[top : top + side, left : left + side])
    # Pillow's bilinear filter widens when it shrinks, so that nothing is left out.
    return np.asarray(middle.resize((side_px, side_px), Image.Resampling.BILINEAR))


def _trimmed(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    most = LONGEST_RATIO * min(height, width)
    top, left = max(0, height - most) // 2, max(0, width - most) // 2
    return pixels[top : top + most, left : left + most]
