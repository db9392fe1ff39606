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
        probes = [np.full((256, 256, 3), value, np.uint8) for value in (0, 255)]
        black, white = (each.mean(axis=(1, 2), dtype=np.float64) for each in self._processed(probes))
        self._offset, self._scale = torch.from_numpy(black), torch.from_numpy(white - black) / 255
        self.size = self._resized(probes)[0].shape[1:]
        self._repeats = self._repetition()

    def seen(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        """What the network will see of each picture, uint8 RGB; what is seen of that is the same again."""
        if self._resolution_px:
            return [_square(pixels, self._resolution_px) for pixels in pictures]
        whole = [place for place, pixels in enumerate(pictures) if pixels.shape[:2] != self.size]
        resized = self._resized([_trimmed(pictures[place]) for place in whole])
        found = dict(zip(whole, resized, strict=True))
        return [
            found[place].transpose(1, 2, 0) if place in found else pixels
            for place, pixels in enumerate(pictures)
        ]

    def inputs(self, seen: list[np.ndarray], dtype: torch.dtype, device: str) -> Tensor:
        """Pictures as `seen` gave them, for the network: (n, 3, height, width), the channels last in memory."""
        is_small = seen[0].shape[:2] != self.size
        repeats = self._repeats if is_small else 1
        if not repeats:
            seen, repeats = [each.transpose(1, 2, 0) for each in self._resized(seen)], 1
        pixels = torch.from_numpy(np.stack(seen)).to(device)
        scale, offset = (each.to(device, torch.float32) for each in (self._scale, self._offset))
        coloured = _repeated((pixels * scale + offset).to(dtype), repeats)
        return coloured.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    def _repetition(self) -> int | None:
        """How often the processor repeats each pixel of what is seen, if that is all that it does to enlarge it.

        Repeating colours that are scaled already takes a tenth of the time.
        """
        side = self._resolution_px
        if not side or self.size[0] % side or self.size[0] != self.size[1]:
            return None
        repeats = self.size[0] // side
        probe = np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)
        enlarged = probe.repeat(repeats, axis=0).repeat(repeats, axis=1).transpose(2, 0, 1)
        return repeats if np.array_equal(self._resized([probe])[0], enlarged) else None

    def _resized(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        return self._processed(pictures, do_rescale=False, do_normalize=False)

    def _processed(self, pictures: list[np.ndarray], **options: bool) -> list[np.ndarray]:
        """All in one call: checking its arguments takes the processor as long as a picture does."""
        if not pictures:
            return []
        found = self._processor(pictures, input_data_format="channels_last", return_tensors="np", **options)
        pixels = found["pixel_values"]
        if pixels.shape[:2] != (len(pictures), 3):
            raise ValueError(f"its processor gives pictures of shape {pixels.shape[1:]}")
        return list(pixels)


def _repeated(pictures: Tensor, times: int) -> Tensor:
    """Pictures (n, height, width, 3) with each pixel so often to the right and down."""
    count, height, width, colours = pictures.shape
    spread = pictures[:, :, None, :, None].expand(-1, -1, times, -1, times, -1)
    return spread.reshape(count, height * times, width * times, colours)


def _square(pixels: np.ndarray, side_px: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    if (height, width) == (side_px, side_px):
        return pixels
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = Image.fromarray(pixels[top : top + side, left : left + side])
    # Pillow's bilinear filter widens when it shrinks, so that nothing is left out. A large picture is first averaged
    # down to three times the size: half the time or less, values differ by 0.5 of 255.
    return np.asarray(middle.resize((side_px, side_px), Image.Resampling.BILINEAR, reducing_gap=3.0))


def _trimmed(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    most = LONGEST_RATIO * min(height, width)
    top, left = max(0, height - most) // 2, max(0, width - most) // 2
    return pixels[top : top + most, left : left + most]
