"""Small files that ask for much memory or time: the sizes are real, the pixels are not, or all the same."""

import io
import struct
import zlib

from PIL import Image

from tests.fuzz_pictures import PNG_MAGIC, chunk, drawn, saved, segment

MEGA = 2**20


def cases():
    yield from _declared()
    yield from _unfolding()
    yield from _endless()


def header(width, height, depth=8, colour=2, interlace=0):
    return PNG_MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png_of_zeros(width, height, depth=8, colour=2, interlace=0):
    """A PNG whose pixels are all black, packed a thousandfold."""
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    packer, packed = zlib.compressobj(1), []
    for columns, rows in passes(width, height) if interlace else [(width, height)]:
        row = bytes(1 + -(-columns * bits // 8))
        packed += [packer.compress(row) for _ in range(rows)]
    packed.append(packer.flush())
    palette = chunk(b"PLTE", bytes(range(12))) if colour == 3 else b""
    start = header(width, height, depth, colour, interlace)
    return start + palette + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")


def passes(width, height):
    """Columns and rows of the seven pictures that an interlaced one is sent as."""
    for left, top, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        yield -(-(width - left) // across), -(-(height - top) // down)


def _declared():
    """What the header says is huge; a decoder that believes it takes gigabytes."""
    for side in (2**31 - 1, 2**32 - 1, 65_535, 30_000, 0):
        yield (
            f"huge-{side}.png",
            header(side, side) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b""),
        )
    jpeg = bytearray(saved(drawn(), "JPEG"))
    frame = jpeg.find(b"\xff\xc0")
    for width, height in ((65_535, 65_535), (10_000, 10_000), (65_535, 700), (1, 65_535), (0, 10), (10, 0)):
        jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
        yield f"huge-{width}x{height}.jpg", bytes(jpeg)
    gif = saved(drawn("P"), "GIF")
    yield "huge.gif", gif[:6] + b"\xff\xff\xff\xff" + gif[10:]
    yield "moved.gif", gif.replace(b",\0\0\0\0", b",\xf0\xff\xf0\xff", 1)
    webp = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\xff\xff\xff\xff\xff\xff"
    yield "huge.webp", b"RIFF" + struct.pack("<I", 4 + len(webp)) + b"WEBP" + webp
    bmp = saved(drawn(), "BMP")
    for side in (2**31 - 1, 40_000, -40_000, -1, 0):
        yield f"huge-{side}.bmp", bmp[:18] + struct.pack("<ii", abs(side), side) + bmp[26:]
    yield "runs.bmp", bmp[:30] + struct.pack("<I", 1) + bmp[34:]


def _unfolding():
    """Honest headers over pixels that pack well: within the limit on pixels, and beyond it."""
    yield "100-megapixels.png", png_of_zeros(10_000, 10_000)
    yield "100-megapixels-bits.png", png_of_zeros(10_000, 10_000, depth=1, colour=0)
    yield "49-megapixels.png", png_of_zeros(7000, 7000)
    yield "49-megapixels-see-through.png", png_of_zeros(7000, 7000, colour=6)
    yield "25-megapixels-deep.png", png_of_zeros(5000, 5000, depth=16, colour=0)
    yield "49-megapixels-deep.png", png_of_zeros(7000, 7000, depth=16, colour=0)
    yield "49-megapixels-palette.png", png_of_zeros(7000, 7000, colour=3)
    yield "36-megapixels-interlaced.png", png_of_zeros(6000, 6000, interlace=1)
    flat, colours = Image.new("L", (7000, 7000), 90), Image.new("RGB", (7000, 7000), "teal")
    yield "49-megapixels.jpg", saved(flat, "JPEG")
    yield "49-megapixels-progressive.jpg", saved(colours, "JPEG", progressive=True)
    yield "25-megapixels.gif", saved(Image.new("P", (5000, 5000)), "GIF")
    yield "25-megapixels.webp", saved(Image.new("RGB", (5000, 5000)), "WEBP", method=0)
    yield "thin.png", png_of_zeros(1, 1_000_000)
    yield "wide.png", png_of_zeros(1_000_000, 1)
    yield "heavy.png", saved(drawn(), "PNG") + bytes(21 * MEGA)


def _endless():
    """Many tiny parts, each of which costs a reader a moment."""
    jpeg = saved(drawn(), "JPEG", progressive=True)
    scan, end = jpeg.rfind(b"\xff\xda"), len(jpeg) - 2
    yield "scans.jpg", jpeg[:end] + 20_000 * jpeg[scan:end] + jpeg[end:]
    yield "comments.jpg", jpeg[:2] + 300_000 * segment(0xFE, b"") + jpeg[2:]
    yield "fill.jpg", jpeg[:2] + bytes([255]) * (5 * MEGA) + jpeg[2:]
    exif = segment(0xE1, b"Exif\0\0" + bytes(65_000))
    yield "exif.jpg", jpeg[:2] + 150 * exif + jpeg[2:]
    png = saved(drawn(), "PNG")
    yield "chunks.png", png[:33] + 400_000 * chunk(b"tEXt", b"a\0b") + png[33:]
    yield "pixels.png", png[:33] + 400_000 * chunk(b"IDAT", b"") + png[33:]
    gif = saved(drawn("P"), "GIF")
    image = gif.find(b",\0\0\0\0")
    yield "comments.gif", gif[:image] + 20_000 * (b"!\xfe" + 100 * b"\x01a" + b"\0") + gif[image:]
    yield "comment.gif", gif[:image] + b"!\xfe" + 8_000_000 * b"\x01a" + b"\0" + gif[image:]
    out = io.BytesIO(gif[:-1])
    out.seek(0, 2)
    out.write(100_000 * gif[image:-1][:200])
    yield "frames.gif", out.getvalue()[: 15 * MEGA] + b";"
