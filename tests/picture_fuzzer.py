"""A thousand files that no honest program would write, the same ones for the same seed.

Run in a process of its own (`python -m tests.picture_fuzzer`), it reads them all and prints what became of them.
"""

import json
import random
import resource
import sys
import warnings
from collections import Counter

from core.errors import InvalidInputError
from core.limits import MAX_SIDE_PX, MAX_STUDY_BYTES
from core.pictures.archives import Refused
from core.pictures.decoding import decode_picture
from core.pictures.dicom import is_dicom, read_dicom
from core.pictures.uploads import unpacked
from tests import fuzz_archives, fuzz_bombs, fuzz_dicom, fuzz_pictures

COUNT = 1000


def fuzzed_files(seed=0, count=COUNT):
    """Names and contents; each of the fixed cases once, the rest damaged at random."""
    chance = random.Random(seed)
    made = 0
    for cases in (fuzz_bombs.cases(), fuzz_archives.cases(), fuzz_pictures.cases(), fuzz_dicom.cases()):
        for name, content in cases:
            yield name, content
            made += 1
    honest = [*fuzz_pictures.honest(), *fuzz_dicom.honest(), *fuzz_archives.honest()]
    for number in range(count - made):
        name, content = chance.choice(honest)
        yield f"{number}-{name}", damaged(content, chance)


def damaged(content, chance):
    """Cut off, with some bits turned, or with a piece missing, repeated, or replaced by noise or zeros."""
    place, length = chance.randrange(len(content)), chance.randrange(1, 64)
    # Headers decide more than pixels do.
    place = place if chance.random() < 0.4 else chance.randrange(min(len(content), 600))
    before, piece, after = content[:place], content[place : place + length], content[place + length :]
    kind = chance.randrange(7)
    if kind == 0:
        return before
    if kind == 1:
        changed = bytearray(content)
        for _ in range(chance.randrange(1, 20)):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    fillers = {
        2: b"",
        3: 3 * piece,
        4: chance.randbytes(len(piece)),
        5: bytes(len(piece)),
        6: b"\xff" * len(piece),
    }
    return before + fillers[kind] + after


def outcomes(name, content):
    """What became of a file and of those in it: "decoded", or the sentence that refused it.

    Lets everything but InvalidInputError escape, and asserts that what was decoded is a picture within the bounds.
    """
    for each in unpacked([(name, content)], max_bytes=MAX_STUDY_BYTES):
        if isinstance(each, Refused):
            yield sentence(each.error)
            continue
        try:
            check(
                read_dicom(each[1], each[0]).picture
                if is_dicom(each[1])
                else decode_picture(each[1], each[0])
            )
            yield "decoded"
        except InvalidInputError as error:
            yield sentence(error)


def sentence(error):
    said = str(error)
    assert isinstance(error, InvalidInputError), said
    assert said.endswith("."), said
    assert "{" not in said, said
    return error.msgid


def check(picture):
    height, width, channels = picture.pixels.shape
    assert picture.pixels.dtype == "uint8"
    assert (channels, max(height, width) <= MAX_SIDE_PX, min(height, width) >= 1) == (3, True, True)
    assert picture.name.isprintable()
    assert "/" not in picture.name


def peak_mb():
    # Linux counts in kilobytes, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main():
    warnings.simplefilter("error")
    # What reading takes once its libraries are loaded.
    for name, content in fuzz_pictures.honest():
        list(outcomes(name, content))
    idle_mb = peak_mb()
    counts, files, largest = Counter(), 0, ("", 0.0)
    for name, content in fuzzed_files():
        before_mb = peak_mb()
        counts.update(outcomes(name, content))
        files += 1
        if peak_mb() - before_mb > largest[1]:
            largest = name, peak_mb() - before_mb
    json.dump(
        {"files": files, "counts": counts, "above_idle_mb": peak_mb() - idle_mb, "largest": largest},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
