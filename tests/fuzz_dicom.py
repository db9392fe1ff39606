"""DICOM files for the fuzzer: tags missing, contradicting, of the wrong kind, nested without end, pixels that lie."""

import struct
import zlib

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset

from tests.dicom_files import dicom_file, jpeg_frame, ramp, rle_frame

BYTES = (ramp() // 16).astype(np.uint8)
COLOURS = np.stack([BYTES, BYTES[::-1], BYTES], axis=-1)
REQUIRED = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
    "Modality",
)
# Pixel data follow; elements are put before them.
PIXELS = b"\xe0\x7f\x10\x00"


def honest():
    yield "plain.dcm", dicom_file(WindowCenter="2000", WindowWidth="800", PixelSpacing=["0.2", "0.2"])
    yield (
        "implicit.dcm",
        dicom_file(syntax=uid.ImplicitVRLittleEndian, RescaleSlope="2", RescaleIntercept="-7"),
    )
    yield "bytes.dcm", dicom_file(BYTES, PhotometricInterpretation="MONOCHROME1")
    yield "colours.dcm", dicom_file(COLOURS)
    yield "ybr.dcm", dicom_file(COLOURS, PhotometricInterpretation="YBR_FULL")
    yield "rle.dcm", dicom_file(frame=rle_frame(ramp()), syntax=uid.RLELossless)
    yield "rle-colours.dcm", dicom_file(COLOURS, frame=rle_frame(COLOURS), syntax=uid.RLELossless)
    yield "jpeg.dcm", dicom_file(BYTES, frame=jpeg_frame(BYTES), syntax=uid.JPEGBaseline8Bit)
    yield (
        "jpeg-colours.dcm",
        dicom_file(
            COLOURS,
            frame=jpeg_frame(COLOURS),
            syntax=uid.JPEGBaseline8Bit,
            PhotometricInterpretation="YBR_FULL_422",
        ),
    )
    yield (
        "jpeg-2000.dcm",
        dicom_file(
            frame=jpeg_frame(ramp(), "JPEG2000", no_jp2=True),
            syntax=uid.JPEG2000Lossless,
            BitsStored=16,
            HighBit=15,
        ),
    )
    yield "table.dcm", dicom_file(VOILUTSequence=[table()])


def table():
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [256, 0, 8])
    item.add_new("LUTData", "US", list(range(256)))
    return item


def cases():
    yield from honest()
    for keyword in REQUIRED:
        yield f"without-{keyword}.dcm", dicom_file(omit=[keyword])
    yield from _contradicting()
    yield from _compressed()
    yield from _structure()


def _contradicting():
    for keyword in (
        "Rows",
        "Columns",
        "BitsStored",
        "HighBit",
        "BitsAllocated",
        "SamplesPerPixel",
        "PixelRepresentation",
    ):
        for value in (0, 1, 3, 17, 65_535):
            yield f"{keyword}-{value}.dcm", dicom_file(**{keyword: value})
    for word in ("MONOCHROME9", "PALETTE COLOR", "YBR_FULL_422", "YBR_PARTIAL_420", "HSV", ""):
        yield f"{word}.dcm", dicom_file(PhotometricInterpretation=word)
    for keyword in ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept"):
        for value in ("0", "-1", "1e300", "nan", "1\\2\\3", ""):
            plain = {"WindowCenter": "1", "WindowWidth": "1"} | {
                keyword: value.split("\\") if "\\" in value else "1"
            }
            content = dicom_file(**plain)
            yield (
                f"{keyword}-{value}.dcm",
                content.replace(b"DS\x02\x001 ", b"DS\x02\x00" + value[:2].encode().ljust(2), 1),
            )
    yield "frames.dcm", dicom_file(NumberOfFrames=5000)
    yield "burned.dcm", dicom_file(BurnedInAnnotation="YES")
    yield "spacing.dcm", dicom_file(PixelSpacing=["0.00001", "99999"])
    yield "no-table.dcm", dicom_file(VOILUTSequence=[Dataset()])


def _compressed():
    wrong = {
        "nothing": b"",
        "zeros": bytes(200),
        "short": b"\xff\xd8\xff",
        "jpeg": jpeg_frame(BYTES),
        "other-size": jpeg_frame(np.zeros((900, 900), np.uint8)),
        "colours": jpeg_frame(COLOURS),
        "png": jpeg_frame(BYTES, "PNG"),
        "jpeg-2000": jpeg_frame(BYTES, "JPEG2000", no_jp2=True),
        "tiles": _tiny_tiles(),
    }
    syntaxes = (
        uid.JPEGBaseline8Bit,
        uid.JPEG2000,
        uid.RLELossless,
        uid.JPEGLSLossless,
        uid.JPEGLosslessSV1,
        uid.DeflatedExplicitVRLittleEndian,
        uid.MPEG2MPML,
        "1.2.3.4",
    )
    for syntax in syntaxes:
        for name, frame in wrong.items():
            yield (
                f"{uid.UID(syntax).name}-{name}.dcm",
                dicom_file(BYTES, frame=frame or b"\0\0", syntax=uid.UID(syntax)),
            )


def _tiny_tiles():
    """A hundred thousand tiles of one pixel each."""
    frame = bytearray(jpeg_frame(BYTES, "JPEG2000", no_jp2=True))
    frame[8 + 16 : 8 + 24] = struct.pack(">II", 1, 1)
    return bytes(frame)


def _structure():
    plain = dicom_file()
    at = plain.find(PIXELS)

    def inserted(piece):
        return plain[:at] + piece + plain[at:]

    sequence = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff"
    item, ends = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    for depth in (5, 50, 500, 5000):
        yield f"deep-{depth}.dcm", inserted(depth * (sequence + item) + depth * ends)
        yield f"open-{depth}.dcm", inserted(depth * (sequence + item))
    yield "items.dcm", inserted(sequence + 200_000 * (item + ends[:8]) + ends[8:])
    yield "elements.dcm", inserted(b"".join(struct.pack("<HH2sH", 9, n, b"LO", 0) for n in range(60_000)))
    for kind in (b"SQ", b"UN", b"OB", b"XX", b"\0\0", b"DS", b"PN", b"US", b"AT"):
        for length in (0, 1, 7, 0xFFFE):
            name = f"{kind.decode('latin-1').strip(chr(0))}-{length}.dcm"
            yield name, inserted(b"\x28\x00\x30\x01" + kind + struct.pack("<H", length))
            yield (
                f"rows-{name}",
                plain.replace(b"\x28\x00\x10\x00US\x02\x00", b"\x28\x00\x10\x00" + kind + b"\x02\x00"),
            )
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    unfolds = b"".join(packer.compress(bytes(2**20)) for _ in range(1500)) + packer.flush()
    deflated = dicom_file(syntax=uid.DeflatedExplicitVRLittleEndian)
    # The first group says how long it is; what follows it is packed.
    start = 144 + struct.unpack_from("<I", deflated, 140)[0]
    yield "deflated.dcm", deflated
    yield "unfolding.dcm", deflated[:start] + unfolds
    yield "no-syntax.dcm", plain.replace(b"\x02\x00\x10\x00UI", b"\x02\x00\x11\x00UI")
    # The length of the first group, read before anything else.
    yield "group.dcm", plain.replace(b"\x02\0\0\0UL\4\0", b"\x02\0\0\0UL\1\0")
    yield "group-of-none.dcm", plain.replace(b"\x02\0\0\0UL\4\0", b"\x02\0\0\0U\0\0\0")
    yield "long.dcm", inserted(b"\x08\x00\x40\x11UN\0\0" + struct.pack("<I", 2**31))
    yield "no-prefix.dcm", plain[132:]
    yield "prefix.dcm", plain[:132]
    yield "charset.dcm", dicom_file(SpecificCharacterSet="ISO_IR 999", PatientName="a\xff")
    yield "gif.dcm", b"GIF89a" + plain[6:]
