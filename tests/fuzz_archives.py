"""Zip archives for the fuzzer: names that leave the folder, sizes that lie, archives in archives."""

import io
import struct
import zipfile

from tests.fuzz_pictures import drawn, saved

MEGA = 2**20
CENTRAL = b"PK\x01\x02"


def archive(*files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as writer:
        for name, content in files:
            writer.writestr(zipfile.ZipInfo(name), content, compress_type=method, compresslevel=1)
    return out.getvalue()


def honest():
    png, jpeg = saved(drawn(), "PNG"), saved(drawn("L"), "JPEG")
    yield (
        "pictures.zip",
        archive(("a.png", png), ("folder/b.jpg", jpeg), ("folder/", b""), ("__MACOSX/._a.png", b"x")),
    )


def cases():
    yield from honest()
    png = saved(drawn(), "PNG")
    names = (
        "../../../etc/passwd.png",
        "/etc/a.png",
        "C:\\windows\\a.png",
        "..\\a.png",
        "a\x1b[2J\u202e.png",
        500 * "n",
    )
    yield "slip.zip", archive(*((name, png) for name in names))
    yield (
        "inside.zip",
        archive(("inner.zip", archive(("a.png", png))), ("drawing.svg", b"<svg/>"), ("a.txt", b"no")),
    )
    yield "empty.zip", archive()
    yield "cut.zip", archive(("a.png", png))[:-30]
    yield "head.zip", b"PK\x03\x04" + bytes(200)
    yield "many.zip", archive(*((f"{number}.png", b"") for number in range(1500)))
    yield "101.zip", archive(*((f"{number}.png", png) for number in range(101)))
    for name, method in (("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        yield f"{name}.zip", archive(("a.png", png), method=method)
    yield from _bombs(png)
    yield from _lies(png)


def _bombs(png):
    zeros = bytes(60 * MEGA)
    yield "large.zip", archive(("zeros.png", zeros), ("a.png", png))
    yield "larger.zip", archive(*((f"{number}.png", zeros) for number in range(4)))
    # Says it holds a kilobyte, and unfolds to sixty thousand.
    yield "liar.zip", _patched(archive(("zeros.png", zeros)), 24, struct.pack("<I", 1024))


def _lies(png):
    whole = archive(("a.png", png))
    yield "locked.zip", _patched(whole, 8, b"\x01\0")
    yield "method.zip", _patched(whole, 10, b"\x63\0")
    yield "sum.zip", _patched(whole, 16, b"\0\0\0\0")
    yield "offset.zip", _patched(whole, 42, b"\xff\xff\xff\xff")
    yield "size.zip", _patched(whole, 24, b"\xff\xff\xff\xff")
    yield "directory.zip", whole[:-22] + 100_000 * (CENTRAL + bytes(42)) + whole[-22:]


def _patched(content, offset, value):
    """The archive with a field of its first directory entry replaced."""
    place = content.find(CENTRAL) + offset
    return content[:place] + value + content[place + len(value) :]
