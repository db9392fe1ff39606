"""What every format's module hands on."""

import io
from dataclasses import dataclass

from PIL import ImageFile

from core.limits import MAX_PICTURE_PIXELS

# An honest file has some thousand parts: chunks, segments, blocks. Walking them all takes a tenth of a second.
MAX_PARTS = 200_000


class Damaged(ValueError):
    """The file does not follow its format; never reaches the visitor, who gets a sentence instead."""


@dataclass(frozen=True)
class Container:
    """A picture file without all that is not its first frame: no texts, profiles, thumbnails, further frames.

    `decoder` is the class of Pillow that reads `content`; asking for it by name lets no other format in.
    The size is what the headers declare, before anything is decoded.
    """

    decoder: type[ImageFile.ImageFile]
    content: bytes
    width_px: int
    height_px: int
    orientation: int = 1
    """As EXIF counts: 1 is upright, 2 to 8 are turned or mirrored."""
    is_animated: bool = False
    bits: int = 8
    """Significant bits of a sample, where the file says so."""
    max_pixels: int = MAX_PICTURE_PIXELS

    def opened(self) -> ImageFile.ImageFile:
        """The picture, not decoded yet. Raises Damaged where its decoder sees another size than was checked."""
        image = self.decoder(io.BytesIO(self.content))
        if image.size != (self.width_px, self.height_px):
            raise Damaged("size")
        return image
