"""DICOM: what is shown is what the file says is shown, and nothing of the patient comes out of it."""

import io
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import uid
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from core.errors import InvalidInputError
from core.pictures.dicom import DicomPicture, is_dicom, read_dicom
from core.pictures.dicom_profile import basic_profile
from tests.dicom_files import dicom_file, jpeg_frame, ramp, rle_frame, written

OWN_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
CANARY = b"CANARY77"
EIGHT_BITS = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}


def grey(content):
    pixels = read_dicom(content, "study.dcm").picture.pixels
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0].astype(int)


def row(content):
    return grey(content)[0]


def table(entries, *, first=0, bits=8):
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", list(entries))
    return Sequence([item])


def test_a_study_says_its_technical_words_and_its_size():
    study = read_dicom(dicom_file(WindowCenter="2000", WindowWidth="400"), "folder/study.dcm")

    assert (study.picture.name, study.picture.width_px, study.picture.height_px) == ("study.dcm", 48, 32)
    assert (study.modality, study.body_part, study.view) == ("CR", "CHEST", "PA")
    assert (study.photometric, study.window) == ("MONOCHROME2", "2000 / 400")
    assert study.picture.pixels.shape == (32, 48, 3)


def test_without_a_window_the_range_of_the_picture_is_shown():
    low = np.clip(ramp(), 1000, 1400)

    shown = row(dicom_file(low))

    assert (shown[0], shown[-1]) == (0, 255)


def test_a_window_cuts_off_what_is_darker_and_brighter():
    shown = row(dicom_file(WindowCenter="2048", WindowWidth="1024"))
    values = ramp()[0].astype(float)

    assert (shown[values < 1530] == 0).all()
    assert (shown[values > 2565] == 255).all()
    assert abs(shown[24] - 255 * ((values[24] - 2047.5) / 1023 + 0.5)) < 1


def test_of_several_windows_the_first_is_used():
    several = row(dicom_file(WindowCenter=["2048", "100"], WindowWidth=["1024", "50"]))

    assert (several == row(dicom_file(WindowCenter="2048", WindowWidth="1024"))).all()


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_are_those_that_pydicom_computes(function):
    content = dicom_file(
        WindowCenter="300",
        WindowWidth="900",
        RescaleSlope="2",
        RescaleIntercept="-1024",
        VOILUTFunction=function,
    )
    dataset = pydicom.dcmread(io.BytesIO(content))
    theirs = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)

    # Theirs fills the range of the rescaled values.
    low, high = -1024, 2 * 4095 - 1024
    assert np.abs(grey(content) - 255 * (theirs - low) / (high - low)).max() <= 1


def test_monochrome_1_is_shown_the_other_way_round():
    inverted = grey(dicom_file(PhotometricInterpretation="MONOCHROME1"))

    assert np.abs(inverted + grey(dicom_file()) - 255).max() <= 1


def test_rescaled_values_meet_the_window():
    rescaled = row(
        dicom_file(RescaleSlope="0.5", RescaleIntercept="-1000", WindowCenter="0", WindowWidth="100")
    )

    assert (rescaled == row(dicom_file(WindowCenter="2000.5", WindowWidth="199"))).mean() > 0.9


def test_a_table_of_the_device_decides_how_bright_values_are():
    entries = [255 - number // 16 for number in range(4096)]

    assert np.abs(row(dicom_file(VOILUTSequence=table(entries))) - (255 - ramp()[0] // 16)).max() <= 1
    assert (row(dicom_file(ModalityLUTSequence=table([0, 0, 100], bits=8, first=2000)))[-1]) == 255


def test_signed_values_keep_their_sign():
    signed = ramp().astype(np.int16) - 2048

    assert np.abs(grey(dicom_file(signed)) - grey(dicom_file())).max() <= 1


def test_bits_above_those_stored_are_not_looked_at():
    dirty = ramp() | np.uint16(0xA000)

    assert (grey(dicom_file(dirty)) == grey(dicom_file())).all()


def test_padding_outside_of_the_scan_does_not_set_the_range():
    padded = ramp().astype(np.int16)
    padded[:16] = -2000
    content = dicom_file(padded, PixelPaddingValue=-2000, BitsStored=16, HighBit=15)

    shown = grey(content)

    assert (shown[:16] == 0).all()
    assert np.abs(shown[-1] - row(dicom_file())).max() <= 2


@pytest.mark.parametrize("planar", [0, 1])
def test_colours_come_out_in_their_order(planar):
    colours = np.zeros((4, 6, 3), np.uint8)
    colours[..., 0], colours[:2, :, 1] = 200, 100
    stored = colours.transpose(2, 0, 1) if planar else colours

    study = read_dicom(dicom_file(colours, PlanarConfiguration=planar, raw=stored.tobytes()), "x")

    assert (study.picture.pixels == colours).all()


def test_a_palette_gives_its_colours():
    content = (OWN_FILES / "examples_palette.dcm").read_bytes()
    dataset = pydicom.dcmread(io.BytesIO(content))
    theirs = apply_color_lut(dataset.pixel_array, dataset) >> 8

    assert np.abs(read_dicom(content, "x").picture.pixels.astype(int) - theirs).max() <= 1


@pytest.mark.parametrize(
    ("syntax", "frame", "values"),
    [
        (uid.RLELossless, rle_frame(ramp()), {}),
        (
            uid.JPEG2000Lossless,
            jpeg_frame(ramp(), "JPEG2000", no_jp2=True),
            {"BitsStored": 16, "HighBit": 15},
        ),
        (uid.JPEGBaseline8Bit, jpeg_frame((ramp() // 16).astype(np.uint8), quality=95), EIGHT_BITS),
    ],
    ids=["RLE", "JPEG 2000", "JPEG"],
)
def test_compressed_pictures_look_like_uncompressed_ones(syntax, frame, values):
    assert np.abs(grey(dicom_file(syntax=syntax, frame=frame, **values)) - grey(dicom_file())).max() <= 3


@pytest.mark.parametrize(
    "name",
    ["MR_small_RLE", "MR_small_implicit", "MR_small_bigendian", "MR_small_jp2klossless", "MR_small_padded"],
)
def test_one_picture_looks_the_same_in_every_transfer_syntax(name):
    plain = grey((OWN_FILES / "MR_small.dcm").read_bytes())

    assert np.abs(grey((OWN_FILES / f"{name}.dcm").read_bytes()) - plain).max() <= 1


@pytest.mark.parametrize("side", [3001, 4099])
def test_large_pictures_are_shrunk_while_they_are_decoded(side):
    pixels = ramp(300, side)
    values = {"BitsStored": 16, "HighBit": 15}

    plain = grey(dicom_file(pixels))
    compressed = dicom_file(
        pixels, syntax=uid.JPEG2000Lossless, frame=jpeg_frame(pixels, "JPEG2000", no_jp2=True), **values
    )

    assert plain.shape[1] == 1024
    assert grey(compressed).shape == plain.shape
    assert np.abs(grey(compressed) - plain).max() <= 3


def test_large_pictures_that_cannot_be_halved_while_they_are_decoded_are_refused():
    frame = jpeg_frame(ramp(3000, 3000), "JPEG2000", no_jp2=True, num_resolutions=1)

    with pytest.raises(InvalidInputError, match="has 9 megapixels; the limit is 8"):
        read_dicom(dicom_file(ramp(3000, 3000), frame=frame, syntax=uid.JPEG2000Lossless), "x")


def test_pixels_that_are_not_square_become_so():
    assert grey(dicom_file(PixelSpacing=["0.3", "0.15"])).shape == (64, 48)
    assert grey(dicom_file(PixelSpacing=["0.15", "0.15"])).shape == (32, 48)


REQUIRED = [
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "PhotometricInterpretation",
]


@pytest.mark.parametrize("keyword", REQUIRED)
def test_what_is_missing_is_named(keyword):
    with pytest.raises(InvalidInputError, match=f"does not say its {keyword}"):
        read_dicom(dicom_file(omit=[keyword]), "x")


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("BitsStored", {"BitsStored": 20}),
        ("HighBit", {"HighBit": 3}),
        ("SamplesPerPixel", {"SamplesPerPixel": 3}),
        ("PhotometricInterpretation", {"PhotometricInterpretation": "CANARY77"}),
        ("PixelRepresentation", {"PixelRepresentation": 7}),
        ("WindowWidth", {"WindowCenter": ["1", "2"], "WindowWidth": "3"}),
        ("WindowWidth", {"WindowCenter": "1", "WindowWidth": "-3"}),
        ("PixelSpacing", {"PixelSpacing": ["0", "1"]}),
        ("PixelSpacing", {"PixelSpacing": ["1", "1000"]}),
        ("RescaleSlope", {"RescaleSlope": "0"}),
        ("VOILUTSequence", {"VOILUTSequence": table([1, 2, 300])}),
    ],
)
def test_what_contradicts_the_rest_is_named(keyword, values):
    with pytest.raises(InvalidInputError, match=f"In the DICOM file, {keyword} contradicts"):
        read_dicom(dicom_file(**values), "x")


@pytest.mark.parametrize(
    ("sentence", "content"),
    [
        ("holds 2 frames", dicom_file(NumberOfFrames=2)),
        ("words are drawn into its picture", dicom_file(BurnedInAnnotation="YES")),
        ("holds no picture", dicom_file(omit=["PixelData"])),
        ("32 bits a value", dicom_file(BitsAllocated=32)),
        ("is damaged or cut off", dicom_file(raw=b"\0" * 100)),
        ("is damaged or cut off", dicom_file()[:-500]),
        ("is damaged or cut off", dicom_file(frame=b"\xff\xd8\xff", syntax=uid.JPEG2000)),
        ("2000 megapixels", dicom_file(Rows=50_000, Columns=40_000)),
        ("is compressed in a way", dicom_file(frame=b"1234", syntax=uid.JPEGLSLossless)),
        ("is compressed in a way", dicom_file(syntax=uid.DeflatedExplicitVRLittleEndian)),
        ("does not begin as a DICOM file does", dicom_file()[132:]),
        ("does not begin as a DICOM file does", b""),
    ],
)
def test_what_is_not_read_is_refused_with_a_sentence(sentence, content):
    with pytest.raises(InvalidInputError, match=sentence):
        read_dicom(content, "x")


def test_a_compressed_picture_of_another_size_than_declared_is_refused_before_it_is_decoded():
    huge = bytearray(jpeg_frame(np.zeros((32, 48), np.uint8)))
    start = huge.find(b"\xff\xc0")
    huge[start + 5 : start + 9] = b"\xff\xff\xff\xff"

    with pytest.raises(InvalidInputError, match="damaged"):
        read_dicom(dicom_file(frame=bytes(huge), syntax=uid.JPEGBaseline8Bit, **EIGHT_BITS), "x")


def test_a_file_is_known_by_its_prefix():
    assert is_dicom(dicom_file())
    assert not is_dicom(dicom_file()[132:])
    assert not is_dicom(b"DICM")


def test_many_threads_read_at_once_without_mixing_anything_up():
    files = [
        dicom_file(np.full((16, 16), level, np.uint16), WindowCenter="128", WindowWidth="256")
        for level in range(0, 256, 8)
    ]
    alone = [grey(content) for content in files]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(grey, files * 4))

    assert all((one == other).all() for one, other in zip(alone * 4, together, strict=True))


def canary_element(tag):
    vr = dictionary_VR(tag) if dictionary_has_tag(tag) else "LO"
    value = CANARY if vr not in ("US", "SS", "US or SS") else CANARY[:2]
    return RawDataElement(BaseTag(tag), vr.split(" ")[0], len(value), value, 0, False, True)


def identified_file():
    """Every attribute of the profile holds the canary, as do curves, overlays, private and unknown attributes."""
    dataset = pydicom.dcmread(io.BytesIO(dicom_file()))
    nested = Dataset()
    nested.PatientName = CANARY.decode()
    nested.add_new(0x00091001, "LO", CANARY.decode())
    for tag in [
        *basic_profile(),
        0x50003000,
        0x60003000,
        0x60004000,
        0x60203000,
        0x00090010,
        0x00091002,
        0x0010FFFF,
    ]:
        is_sequence = dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"
        if is_sequence:
            dataset.add_new(tag, "SQ", [nested])
        elif tag >> 16 > 2 and tag != 0x00080018:
            dataset[BaseTag(tag)] = canary_element(tag)
    dataset.BodyPartExamined, dataset.ViewPosition = CANARY.decode(), CANARY.decode()
    return written(dataset, uid.ExplicitVRLittleEndian)


def everything(study: DicomPicture):
    """All that can be made of a study: shown, logged, written to a table, drawn."""
    out = io.BytesIO()
    Image.fromarray(study.picture.pixels).save(out, "PNG")
    return texts_of(study).encode() + out.getvalue() + study.picture.pixels.tobytes()


def texts_of(study: DicomPicture):
    return "\n".join([repr(study), repr(vars(study)), repr(vars(study.picture)), str(study.stripped_tags)])


def test_nothing_of_the_patient_survives(caplog, capsys, recwarn):
    content = identified_file()
    assert content.count(CANARY) > 600

    with caplog.at_level(logging.DEBUG):
        study = read_dicom(content, "x.dcm")

    assert CANARY not in everything(study)
    assert (study.body_part, study.view) == ("", "")
    assert CANARY.decode() not in caplog.text + "".join(capsys.readouterr())
    assert list(recwarn) == []


def test_what_was_left_behind_is_reported_without_its_values():
    names = {each.tag: each.keyword for each in read_dicom(identified_file(), "x").stripped_tags}

    assert names["(0010,0010)"] == "PatientName"
    assert names["(0008,0080)"] == "InstitutionName"
    assert names["(5000,3000)"] == "CurveData"
    assert names["(6020,3000)"] == "OverlayData"
    assert names["(0009,1001)"] == ""
    assert names["(0010,FFFF)"] == ""
    assert "(0028,0010)" not in names


def test_every_attribute_of_the_profile_is_reported(monkeypatch):
    monkeypatch.setattr("core.pictures.dicom_elements.MAX_STRIPPED", 10_000)
    dataset = pydicom.dcmread(io.BytesIO(identified_file()))
    held = {int(tag) for tag in (*dataset.keys(), *dataset.file_meta.keys())} & set(basic_profile())

    found = {each.tag for each in read_dicom(identified_file(), "x").stripped_tags}

    assert len(held) > 600
    assert {f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in held} <= found


@pytest.mark.parametrize("cut", range(200, 12_000, 700))
def test_an_error_holds_nothing_of_the_patient(cut, caplog):
    with pytest.raises(InvalidInputError) as caught:
        read_dicom(identified_file()[:cut], "x.dcm")

    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert CANARY.decode() not in f"{error!r} {error} {error.params} {caplog.text}"


def test_words_where_numbers_belong_are_not_quoted():
    content = dicom_file(WindowCenter="11111111", WindowWidth="11111111").replace(
        b"DS\x08\x0011111111", b"LO\x08\0" + CANARY
    )

    with pytest.raises(InvalidInputError) as caught:
        read_dicom(content, "x")

    assert "WindowCenter" in str(caught.value)
    assert caught.value.__context__ is None


def identity_of(dataset):
    """The texts of a file that belong to attributes of the profile, long enough to be found again."""
    for element in dataset.iterall():
        if int(element.tag) in basic_profile() and element.VR not in ("SQ", "OB", "OW", "UN"):
            yield from (word for word in str(element.value).split("^") if len(word) >= 5)


@pytest.mark.parametrize("path", sorted(OWN_FILES.glob("*.dcm")), ids=lambda path: path.stem)
def test_pydicoms_own_files_are_read_or_refused_and_lose_their_identity(path):
    content = path.read_bytes()
    try:
        shown = texts_of(read_dicom(content, "x.dcm"))
    except InvalidInputError as error:
        shown = f"{error!r} {error} {error.params}"

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        found = [word for word in identity_of(dataset) if word in shown]
    assert found == []
