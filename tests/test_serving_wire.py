"""What travels to a cluster and back: the same values come out, and nothing else gets in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.calibration import Calibration, OperatingPoint
from core.errors import DemoError, InferenceError, InvalidInputError, OverloadedError, RateLimitedError
from core.types import (
    ChatMessage,
    EmbeddingItem,
    Generation,
    GenerationItem,
    GenerationOptions,
    Hypothesis,
    ImageItem,
    ImageScores,
    TranslationItem,
)
from core.wire import (
    EXCHANGES,
    Answer,
    Failure,
    Frame,
    Listing,
    Outcome,
    Served,
    Unframer,
    framed,
    pack,
    unpack,
)

KINDS = st.sampled_from([np.uint8, np.float32, np.float64])
ARRAYS = KINDS.flatmap(
    lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
VALUES = [
    EmbeddingItem("Where? 在哪里 🎈", is_query=True),
    TranslationItem("Hi <x0>", "en", "zh", n_best=3),
    GenerationItem((ChatMessage("user", "Hi"),), GenerationOptions(seed=3, stop=("\n",))),
    Generation("A text.", "stop", 3),
    (Hypothesis("你好", -0.25), Hypothesis("您好", -0.5)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_plain_values_come_out_as_they_went_in(value):
    kind = tuple[Hypothesis, ...] if isinstance(value, tuple) else type(value)

    assert unpack(pack(value), kind) == value


@given(ARRAYS)
def test_arrays_come_out_to_the_last_bit(array):
    found = unpack(pack(array), np.ndarray)

    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()
    assert found.flags.writeable


def test_pictures_and_their_scores_come_out_whole():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    scores = ImageScores(
        ("a", "b"), np.float32([0.25, 0.75]), -1.5, saliency=np.ones((2, 2), np.float32), seen=pixels
    )

    item = unpack(pack(ImageItem(pixels, target=1, labels=("a", "b"))), ImageItem)
    answer = unpack(pack(Answer("CPU", [Outcome(scores)])), Answer[ImageScores])

    assert np.array_equal(item.pixels, pixels)
    assert (item.target, item.labels) == (1, ("a", "b"))
    found = answer.outcomes[0].value
    assert np.array_equal(found.scores, scores.scores)
    assert np.array_equal(found.seen, pixels)
    assert (found.labels, found.energy, found.features) == (("a", "b"), -1.5, None)


def test_a_listing_carries_calibrations():
    point = OperatingPoint("high", 0.5, 0.9, (0.8, 0.95), 0.8, (0.7, 0.9), "folds")
    listing = Listing((Served("m", False, Calibration(1.5, 128, None, (0.2, 0.4), (point,))),))

    assert unpack(pack(listing), Listing) == listing


@pytest.mark.parametrize("kind", [InvalidInputError, OverloadedError, RateLimitedError, DemoError])
def test_a_failure_arrives_as_what_it_was(kind):
    error = kind(
        "Keep it under {limit} MB ({share:} of {name}).".replace(":", ""), limit=3, share=0.5, name="x"
    )

    found = unpack(pack(Failure.of(error)), Failure).error()

    assert type(found) is kind
    assert str(found) == str(error) == "Keep it under 3 MB (0.5 of x)."


@pytest.mark.parametrize(
    "failure",
    [
        Failure("no-such-kind", "Hello."),
        Failure("invalid_input", "{limit.__class__}", {"limit": "x"}),
        Failure("invalid_input", "{limit[0]}", {"limit": "x"}),
        Failure("invalid_input", "{limit!r}", {"limit": "x"}),
        Failure("invalid_input", "{limit:>99999999}", {"limit": "x"}),
        Failure("invalid_input", "{other}", {"limit": "x"}),
        Failure("invalid_input", "{"),
    ],
    ids=lambda failure: failure.msgid,
)
def test_a_failure_that_is_none_of_ours_becomes_a_sentence_of_ours(failure):
    found = failure.error()

    assert isinstance(found, InferenceError)
    assert "no answer" in str(found)


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
@given(data=st.binary(max_size=200))
def test_noise_is_refused(exchange, data):
    for kind in (list[exchange.item], Answer[exchange.result], Frame, Failure, Listing):
        try:
            unpack(data, kind)
        except ValueError:
            continue
        # Only what is an empty value of the kind may pass.
        assert kind == list[exchange.item] or data


@pytest.mark.parametrize(
    "array",
    [
        ["float32", [2], b"123"],
        ["float32", [-1, -1], b"1234"],
        ["object", [1], b"12345678"],
        ["<U4", [1], b"1234"],
        ["float32", [2**40, 2**40], b""],
        ["uint8", ["1"], b"1"],
    ],
)
def test_an_array_that_contradicts_itself_is_refused(array):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        unpack(pack(array), np.ndarray)


def test_a_deep_nest_is_refused():
    with pytest.raises(ValueError):  # noqa: PT011
        unpack(b"\x91" * 100_000, list[EmbeddingItem])


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(1, 30))
def test_frames_are_found_however_the_stream_was_cut(texts, size):
    stream = b"".join(framed(Frame(text)) for text in texts)
    unframer = Unframer(limit_bytes=1000)

    found = [
        frame
        for start in range(0, len(stream), size)
        for frame in unframer.feed(stream[start : start + size])
    ]

    assert [unpack(frame, Frame).text for frame in found] == texts


def test_a_frame_without_end_is_refused_before_it_fills_the_memory():
    with pytest.raises(ValueError, match="a frame of"):
        list(Unframer(limit_bytes=1000).feed(b"\xff\xff\xff\xff"))
