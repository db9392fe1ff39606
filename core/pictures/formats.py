"""Which format a file has, by its first bytes: the allow-list, and what to do about well-known others."""

from collections.abc import Callable

from core.errors import N_, InvalidInputError
from core.pictures.containers import bmp, gif, jpeg, png, webp
from core.pictures.containers.container import Container

_READERS: tuple[tuple[bytes, Callable[[bytes], Container]], ...] = (
    (jpeg.MAGIC, jpeg.read),
    (png.MAGIC, png.read),
    (gif.MAGIC, gif.read),
    (bmp.MAGIC, bmp.read),
)
# ISO base media files say their brand at 8: photographs of phones.
_PHONE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_TEXTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<")


def is_zip(content: bytes) -> bool:
    """Whether the file is an archive, also an empty or a split one."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def is_dicom(content: bytes) -> bool:
    """Whether the file has the preamble and the prefix of DICOM (PS3.10, 7.1)."""
    return content[128:132] == b"DICM"


def read_container(content: bytes) -> Container:
    """What decoding needs of the file. Raises InvalidInputError for formats not allowed, Damaged for broken ones."""
    for magic, read in _READERS:
        if content.startswith(magic):
            return read(content)
    if webp.is_webp(content):
        return webp.read(content)
    raise _not_allowed(content)


def _not_allowed(content: bytes) -> InvalidInputError:
    if content[4:8] == b"ftyp" and content[8:12] in _PHONE_BRANDS:
        message = N_(
            "This is a HEIC or AVIF picture, which cannot be read here. Save it as JPEG and upload that."
        )
    elif is_dicom(content):
        message = N_("This is a DICOM file. Use it with medical-image triage, or save the picture as PNG.")
    elif content.startswith(_TIFF):
        message = N_("This is a TIFF file, which cannot be read here. Save it as PNG and upload that.")
    elif is_zip(content):
        message = N_("This is an archive inside an archive. Unpack it and upload the pictures.")
    elif content.lstrip()[:64].startswith(_TEXTS):
        message = N_(
            "This is a drawing (SVG) or a web page, not a picture of pixels. Save it as PNG and upload that."
        )
    elif content.startswith(b"%PDF"):
        message = N_("This is a PDF. Save the page as PNG or JPEG and upload that.")
    else:
        message = N_(
            "The file is no picture that can be read here. Choose a JPEG, PNG, WebP, GIF or BMP file."
        )
    return InvalidInputError(message)
