"""Picture files for the fuzzer: honest ones in every mode, and ones that are something else than they seem."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'


def drawn(mode="RGB", width=60, height=40):
    """A picture whose left half is darker and whose corner is marked."""
    across = np.linspace(0, 255, width, dtype=np.uint8)
    pixels = np.stack([np.tile(across, (height, 1))] * 3, axis=2)
    pixels[: height // 4, : width // 4] = (250, 20, 20)
    image = Image.fromarray(pixels)
    if mode == "I;16":
        return Image.fromarray(pixels[..., 0].astype(np.uint16) * 16)
    if mode in ("RGBA", "LA", "PA"):
        image.putalpha(Image.fromarray(np.tile(across[::-1], (height, 1))))
    return image.convert(mode)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def honest():
    """One small file of every format and mode that is read."""
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield f"{mode.replace(';', '')}.png", saved(drawn(mode), "PNG")
    palette = drawn("P")
    yield "see-through.png", saved(palette, "PNG", transparency=bytes(range(256)))
    yield "see-through.gif", saved(palette, "GIF", transparency=3)
    for mode in ("L", "RGB", "CMYK"):
        yield f"{mode}.jpg", saved(drawn(mode), "JPEG")
    yield "progressive.jpg", saved(drawn(), "JPEG", progressive=True)
    yield "lossy.webp", saved(drawn(), "WEBP")
    yield "lossless.webp", saved(drawn("RGBA"), "WEBP", lossless=True)
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"{mode}.bmp", saved(drawn(mode), "BMP")
    for kind in ("GIF", "WEBP", "PNG"):
        frames = [drawn(), drawn().rotate(90), drawn().rotate(180)]
        yield f"animated.{kind.lower()}", saved(frames[0], kind, save_all=True, append_images=frames[1:])
    for orientation in range(1, 9):
        yield f"turned-{orientation}.jpg", turned("JPEG", orientation)


def turned(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(drawn(), kind, exif=exif)


def cases():
    """Each of the kinds of file that a visitor may try, right or wrong."""
    yield from honest()
    yield from _other_formats()
    yield from _polyglots()
    yield from _odd_exif()
    yield from _odd_chunks()
    yield "../../etc/passwd", saved(drawn(), "PNG")
    yield "a\u202egpj.exe\x00\n" + 300 * "x" + ".png", saved(drawn(), "PNG")


def _other_formats():
    yield "drawing.svg", SVG
    yield "page.html", b"<!DOCTYPE html><html><body onload=alert(1)></body></html>"
    yield "empty.png", b""
    yield "zeros.png", bytes(5000)
    yield "text.jpg", b"This is no picture." * 50
    yield "report.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"
    yield "phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    yield "program.png", b"MZ" + bytes(200)
    for kind in ("TIFF", "PPM", "ICO", "PCX", "TGA", "AVIF", "JPEG2000", "SGI"):
        yield f"other.{kind.lower()}", saved(drawn(), kind)


def _polyglots():
    script = b"=1;/*" + b"*/alert(1)//"
    gif, png, jpeg = saved(drawn("P"), "GIF"), saved(drawn(), "PNG"), saved(drawn(), "JPEG")
    yield "script.gif", b"GIF89a/*" + gif[8:] + b"*/=1;alert(1)//"
    yield "script-after.gif", gif + script
    yield "archive-after.png", png + b"PK\x03\x04" + bytes(100)
    yield "pdf-after.jpg", jpeg + b"%PDF-1.7\n%%EOF"
    yield "html-inside.jpg", jpeg[:2] + segment(0xFE, b"<script>alert(1)</script>") + jpeg[2:]
    yield "jpeg-named.png", jpeg
    yield (
        "png-in-bmp.bmp",
        b"BM" + struct.pack("<IIIIiiHHII", 99, 0, 54, 40, 4, 4, 1, 24, 5, 0) + bytes(16) + png,
    )


def segment(marker, body):
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _odd_exif():
    jpeg = saved(drawn(), "JPEG")
    blocks = {
        "loop": b"II*\0\x08\0\0\0" + struct.pack("<H", 65535) + 12 * b"\x08",
        "far": b"MM\0*\xff\xff\xff\xff",
        "many": b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + 5000 * struct.pack("<HHII", 0x9999, 3, 1, 1),
        "large": b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x0112, 3, 1, 99),
        "typed": b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x0112, 12, 2**31, 6),
        "none": b"",
    }
    for name, block in blocks.items():
        yield f"exif-{name}.jpg", jpeg[:2] + segment(0xE1, b"Exif\0\0" + block[:60_000]) + jpeg[2:]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _odd_chunks():
    png = saved(drawn(), "PNG")
    unfolds = zlib.compress(bytes(5 * 2**20))
    for name, kind, body in [
        ("text", b"zTXt", b"a\0\0" + unfolds),
        ("profile", b"iCCP", b"a\0\0" + unfolds),
        ("control", b"acTL", struct.pack(">II", 0, 0)),
        ("frames", b"fcTL", bytes(26)),
        ("short", b"gAMA", b"1"),
        ("lower", b"idat", b"1"),
        ("palette", b"PLTE", bytes(range(100))),
    ]:
        yield f"chunk-{name}.png", png[:33] + chunk(kind, body) + png[33:]
        yield f"chunks-{name}.png", png[:33] + 50 * chunk(kind, body[:200]) + png[33:]
