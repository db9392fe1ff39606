"""How far a picture's pixels are from grey."""

import numpy as np


def colourfulness(pixels: np.ndarray) -> np.ndarray:
    """The strongest channel less the weakest, (height, width) of uint8, for uint8 RGB; 0 is grey."""
    # A channel at a time: numpy is slow along an axis of three.
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    return np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
