"""Small copies of pictures, for lists of many."""

import base64
import io

import numpy as np
from PIL import Image

THUMBNAIL_PX = 160


def thumbnail(pixels: np.ndarray) -> str:
    """A small JPEG of the picture, uint8 RGB (height, width, 3), as a data: address."""
    image, buffer = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.save(buffer, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
