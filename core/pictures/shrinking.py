"""Large arrays of one value per pixel, made smaller before anything dear is done with them."""

import numpy as np

from core.limits import MAX_SIDE_PX


def averaged(values: np.ndarray) -> np.ndarray:
    """float32 values of shape (rows, columns), shrunk by a whole number to no less than MAX_SIDE_PX on the long side.

    What finer resizing is left to do costs little. The shorter side keeps at least one pixel.
    """
    step = min(max(values.shape) // MAX_SIDE_PX, *values.shape)
    if step < 2:
        return values.astype(np.float32)
    rows, columns = (side // step * step for side in values.shape)
    blocks = values[:rows, :columns].reshape(rows // step, step, columns // step, step)
    return blocks.mean(axis=(1, 3), dtype=np.float32)
