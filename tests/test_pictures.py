"""Uploads become upright RGB pixels within bounds, or a sentence; nothing else ever happens."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.errors import InputTooLargeError, InvalidInputError
from core.limits import MAX_NAME_CHARS, MAX_PICTURE_BYTES, MAX_PICTURES, MAX_SIDE_PX
from core.pictures import uploads
from core.pictures.archives import Refused
from core.pictures.decoding import Picture, decode_picture
from core.pictures.names import clean_name
from tests import fuzz_archives, fuzz_bombs
from tests.fuzz_archives import archive
from tests.fuzz_pictures import SVG, chunk, drawn, honest, saved, segment, turned

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def archives():
    return dict(fuzz_archives.cases())


def read_uploads(files):
    """Each picture of an upload in turn."""
    return map(uploads.decoded, uploads.unpacked(files, max_bytes=MAX_PICTURE_BYTES))


def decoded(image, kind, **options):
    return decode_picture(saved(image, kind, **options), f"x.{kind}").pixels.astype(int)


def wrong_by(pixels, image):
    return np.abs(pixels - np.asarray(image.convert("RGB")).astype(int)).mean()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 95}), ("GIF", {})],
)
def test_every_format_that_is_read_gives_its_pixels(kind, options):
    assert wrong_by(decoded(drawn(), kind, **options), drawn()) < 4


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_mode_of_a_png_gives_its_pixels(mode):
    assert wrong_by(decoded(drawn(mode), "PNG"), drawn(mode)) == 0


def test_pictures_for_print_are_shown_in_their_colours():
    assert wrong_by(decoded(drawn("CMYK"), "JPEG", quality=95), drawn("CMYK")) < 4


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_places_are_white(mode):
    see_through = drawn(mode)
    see_through.putalpha(0)

    assert (decoded(see_through, "PNG") == 255).all()


def test_a_palette_with_transparency_lies_on_white():
    pixels = decoded(drawn("P"), "PNG", transparency=bytes(256))

    assert (pixels == 255).all()


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_pictures_are_scaled_by_the_bits_that_they_use(bits):
    ramp = np.tile(np.linspace(0, 2**bits - 1, 256), (4, 1)).astype(np.uint16)

    shown = decoded(Image.fromarray(ramp), "PNG")[0, :, 0]

    assert np.abs(shown - np.arange(256)).max() <= 1


def test_a_dark_deep_picture_stays_dark():
    assert decoded(Image.fromarray(np.full((4, 4), 40_000, np.uint16)), "PNG").mean() == 156


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_upright_however_the_camera_was_held(orientation, kind):
    content = turned(kind, orientation)
    picture = decode_picture(content, "x")

    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image)
        assert wrong_by(picture.pixels.astype(int), upright) < 1
    assert (picture.width_px, picture.height_px) == upright.size


def test_large_pictures_are_shrunk_and_say_how_large_they_were():
    picture = decode_picture(saved(drawn("RGB", 3000, 1500), "JPEG"), "x.jpg")

    assert picture.pixels.shape == (512, MAX_SIDE_PX, 3)
    assert (picture.width_px, picture.height_px) == (3000, 1500)


@pytest.mark.parametrize("size", [(640, 640), (4000, 1500), (330, 900), (320, 321)])
def test_a_jpeg_is_read_no_finer_than_it_is_needed(size):
    content = saved(drawn("RGB", *size), "JPEG", quality=95)

    whole, coarse = decode_picture(content, "x"), decode_picture(content, "x", needed_px=160)

    assert 160 <= min(coarse.pixels.shape[:2]) < 320
    assert (coarse.width_px, coarse.height_px) == (whole.width_px, whole.height_px) == size
    shrunk = Image.fromarray(whole.pixels).resize(coarse.pixels.shape[1::-1], Image.Resampling.BOX)
    assert wrong_by(coarse.pixels.astype(int), shrunk) < 3


def test_a_small_jpeg_is_read_as_it_is():
    content = saved(drawn("RGB", 319, 400), "JPEG")

    whole, coarse = decode_picture(content, "x"), decode_picture(content, "x", needed_px=160)

    assert np.array_equal(whole.pixels, coarse.pixels)


@pytest.mark.parametrize("end", [400, 2000, -300])
def test_a_jpeg_that_is_cut_off_is_refused_however_coarsely_it_is_read(end):
    content = saved(drawn("RGB", 640, 640), "JPEG")[:end]

    for needed_px in (80, 160, MAX_SIDE_PX):
        with pytest.raises(InvalidInputError, match="damaged or cut off"):
            decode_picture(content, "x", needed_px=needed_px)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_looked_at(kind):
    black, white = Image.new("RGB", (20, 20)), Image.new("RGB", (20, 20), "white")

    moving = decode_picture(saved(black, kind, save_all=True, append_images=[white, black]), "x")

    assert (moving.pixels == 0).all()
    assert moving.note == "Only the first frame of the animation is looked at."
    assert decode_picture(saved(black, kind), "x").note == ""


@pytest.mark.parametrize(
    ("words", "content"),
    [
        ("is empty", b""),
        ("no picture that can be read", bytes(5000)),
        ("no picture that can be read", b"hello"),
        ("SVG", SVG),
        ("web page", b"\n <!DOCTYPE html><html></html>"),
        ("PDF", b"%PDF-1.7\n"),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("TIFF", saved(drawn(), "TIFF")),
        ("DICOM", bytes(128) + b"DICM"),
        ("damaged or cut off", saved(drawn(), "PNG")[:-60]),
        ("damaged or cut off", saved(drawn(), "JPEG")[:400]),
        ("damaged or cut off", saved(drawn(), "GIF")[:700]),
        ("damaged or cut off", saved(drawn(), "WEBP")[:100]),
        ("damaged or cut off", saved(drawn(), "BMP")[:300]),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do_instead(words, content):
    with pytest.raises(InvalidInputError, match=words) as caught:
        decode_picture(content, "x.png")

    assert any(word in str(caught.value) for word in ("upload", "Choose", "Use it"))


def test_the_declared_size_is_checked_before_anything_is_decoded():
    with pytest.raises(InputTooLargeError, match="has 100 megapixels; the limit is 50"):
        decode_picture(fuzz_bombs.header(10_000, 10_000) + chunk(b"IDAT", b""), "x.png")
    with pytest.raises(InputTooLargeError, match="has 21 MB; the limit is 20 MB"):
        decode_picture(b"x" * (21 * 2**20), "x.png")


def test_texts_profiles_and_thumbnails_never_reach_the_decoder():
    png, jpeg = saved(drawn(), "PNG"), saved(drawn(), "JPEG")
    with_text = png[:33] + chunk(b"zTXt", b"not zlib") + chunk(b"acTL", bytes(8)) + png[33:]
    with_app = jpeg[:2] + segment(0xED, b"Photoshop 3.0\0" + b"8BIM" * 9) + jpeg[2:]

    assert (decode_picture(with_text, "x").pixels == decode_picture(png, "x").pixels).all()
    assert (decode_picture(with_app, "x").pixels == decode_picture(jpeg, "x").pixels).all()


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\pictures\\cat.jpg", "cat.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("two\nlines\x00\x1b[2J.png", "twolines[2J.png"),
        (".hidden.png", "hidden.png"),
        ("猫 的 照片.jpg", "猫 的 照片.jpg"),
        ("/", "-"),
        ("", "-"),
    ],
)
def test_names_lose_paths_and_invisible_characters(name, cleaned):
    assert clean_name(name) == cleaned


def test_long_names_keep_their_ending():
    cleaned = clean_name(500 * "n" + ".jpeg")

    assert len(cleaned) == MAX_NAME_CHARS
    assert cleaned.endswith("n.jpeg")
    assert "…" in cleaned


def test_archives_are_unpacked_and_one_bad_file_spoils_nothing():
    good = saved(drawn(), "PNG")
    inside = archive(
        ("pets/cat.png", good), ("notes.txt", b"hi"), ("__MACOSX/._cat.png", b"x"), (".DS_Store", b"x")
    )

    found = list(read_uploads([("first.png", good), ("many.zip", inside), ("last.png", good)]))

    assert [each.name for each in found] == ["first.png", "cat.png", "notes.txt", "last.png"]
    assert [type(each) for each in found] == [Picture, Picture, Refused, Picture]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_in_archives_are_readable_where_the_system_did_not_say_how_it_wrote_them(encoding):
    named = archive(("cat.png", b"")).replace(b"cat.png", "猫狗".encode(encoding).ljust(7, b"!")[:7])

    (found,) = read_uploads([("a.zip", named)])

    assert found.name.startswith("猫狗")


def test_archives_in_archives_are_not_unpacked():
    (found,) = read_uploads([("outer.zip", archive(("inner.zip", archive(("a.png", b"")))))])

    assert str(found.error) == "This is an archive inside an archive. Unpack it and upload the pictures."


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("holds no files", "empty.zip"),
        ("more than 1000 files", "many.zip"),
        ("more than 100 files", "101.zip"),
        ("more than 1000 files", "directory.zip"),
        ("unpacks to 240 MB; the limit is 200 MB", "larger.zip"),
        ("has 60 MB; the limit is 20 MB", "large.zip"),
        ("has a password", "locked.zip"),
        ("damaged", "liar.zip"),
        ("damaged", "lzma.zip"),
        ("damaged", "sum.zip"),
        ("damaged", "cut.zip"),
    ],
)
def test_archives_beyond_the_bounds_are_refused(words, name, archives):
    first = next(read_uploads([(name, archives[name])]))

    assert isinstance(first, Refused)
    assert words in str(first.error)


def test_too_many_pictures_end_with_one_refusal():
    good = saved(drawn("L", 2, 2), "PNG")

    found = list(read_uploads([(f"{number}.png", good) for number in range(MAX_PICTURES + 5)]))

    assert len(found) == MAX_PICTURES + 1
    assert "Only the first 100 pictures" in str(found[-1].error)


def test_uploads_are_decoded_one_at_a_time_when_they_are_asked_for():
    looked_at = []

    class Watched(bytes):
        def startswith(self, prefix, *where):
            looked_at.append(self)
            return super().startswith(prefix, *where)

    arriving = read_uploads([("a.png", Watched(b"no")), ("b.png", Watched(b"neither"))])

    next(arriving)
    assert set(looked_at) == {b"no"}


def test_nothing_is_written_to_disk(monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("a file was opened")

    files = [*honest(), *fuzz_archives.honest()]
    list(read_uploads(files))
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)

    found = list(read_uploads(files))

    assert sum(isinstance(each, Picture) for each in found) == len(files) + 1


def test_a_thousand_malformed_files_are_decoded_or_refused_in_less_than_a_gigabyte():
    ran = subprocess.run(
        [sys.executable, "-m", "tests.picture_fuzzer"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert found["files"] == 1000
    assert 200 < found["counts"]["decoded"] < 500
    assert found["above_idle_mb"] < 1000, found["largest"]
