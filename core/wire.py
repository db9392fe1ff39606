"""What travels between the web processes and a cluster: MessagePack, checked against the types of core/types.py.

Only the kinds of values named here come in, whoever sends them; nothing that is read can run.
"""

import math
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec
import numpy as np

from core import cluster_words, errors
from core.calibration import Calibration
from core.errors import DemoError, InferenceError
from core.types import (
    EmbeddingItem,
    Generation,
    GenerationItem,
    Hypothesis,
    ImageItem,
    ImageScores,
    TranslationItem,
)

MEDIA_TYPE = "application/vnd.vitrine+msgpack"
# Ray Serve routes by it to a replica that has the model in memory.
MODEL_HEADER = "serve_multiplexed_model_id"
_LENGTH_BYTES = 4
T = TypeVar("T")


@dataclass(frozen=True)
class Exchange:
    """What models of one task take and give; those that stream give Frames, the others an Answer."""

    item: Any
    result: Any
    streams: bool = False
    max_items: int = 64
    """Of one request: so many that it keeps below MAX_REQUEST_BYTES."""


# Of the items of one request; a picture has up to 3 MB.
MAX_REQUEST_BYTES = 2**25
EXCHANGES = {
    "text-embedding": Exchange(EmbeddingItem, np.ndarray),
    "translation": Exchange(TranslationItem, tuple[Hypothesis, ...]),
    "image-classification": Exchange(ImageItem, ImageScores, max_items=8),
    "zero-shot-image-classification": Exchange(ImageItem, ImageScores, max_items=8),
    "text-generation": Exchange(GenerationItem, Generation, streams=True),
}


class Failure(msgspec.Struct, frozen=True):
    """A DemoError on its way; one of an unknown kind, or whose sentence does not fit its numbers, becomes another."""

    code: str
    msgid: str
    params: dict[str, str | int | float | bool | None] = {}

    @classmethod
    def of(cls, error: DemoError) -> "Failure":
        plain = (str, int, float, bool, type(None))
        params = {
            key: value if isinstance(value, plain) else str(value) for key, value in error.params.items()
        }
        return cls(error.code, error.msgid, params)

    def error(self) -> DemoError:
        kinds = {kind.code: kind for kind in vars(errors).values() if _is_kind(kind)}
        if self.code not in kinds or not self._is_sound():
            return InferenceError(cluster_words.UNREADABLE)
        return kinds[self.code](self.msgid, **self.params)

    def _is_sound(self) -> bool:
        """Whether each place of the sentence is the plain name of a parameter."""
        try:
            parts = list(string.Formatter().parse(self.msgid))
        except ValueError:
            return False
        return all(
            name is None or (name in self.params and not spec and not how) for _, name, spec, how in parts
        )


class Outcome(msgspec.Struct, Generic[T]):
    """One item's result, or its own failure."""

    value: T | None = None
    failure: Failure | None = None


class Answer(msgspec.Struct, Generic[T]):
    """The outcomes of one request's items, in order, and on what device they were found."""

    device: str
    outcomes: list[Outcome[T]]


class Frame(msgspec.Struct, omit_defaults=True):
    """A piece of a growing answer; the last one has its end or its failure."""

    text: str = ""
    device: str = ""
    end: Generation | None = None
    failure: Failure | None = None


class Served(msgspec.Struct, frozen=True):
    """A model that a cluster offers; `is_up` when a copy of it runs, or a request would start one."""

    model_id: str
    is_up: bool = True
    calibration: Calibration = Calibration()


class Listing(msgspec.Struct, frozen=True):
    """All that a cluster offers."""

    models: tuple[Served, ...] = ()


def pack(value: object) -> bytes:
    return msgspec.msgpack.encode(value, enc_hook=_plain)


def unpack(data: bytes, kind: Any) -> Any:
    """The value of this kind in `data`. Raises ValueError for anything else."""
    try:
        return msgspec.msgpack.decode(data, type=kind, dec_hook=_special)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from None


def framed(value: object) -> bytes:
    """The value with its length before it, for a stream of them."""
    data = pack(value)
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


class Unframer:
    """Takes a stream apart again, however it was cut on its way."""

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._rest = b""

    @property
    def is_between(self) -> bool:
        return not self._rest

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that are whole by now. Raises ValueError when one is larger than the limit."""
        self._rest += data
        while len(self._rest) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._rest[:_LENGTH_BYTES], "big")
            if end > self._limit_bytes:
                raise ValueError(f"a frame of {end} bytes")
            if len(self._rest) < end:
                return
            frame, self._rest = self._rest[_LENGTH_BYTES:end], self._rest[end:]
            yield frame


class _Array(msgspec.Struct, array_like=True):
    dtype: Literal["uint8", "float32", "float64"]
    shape: tuple[int, ...]
    data: bytes


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return _Array(value.dtype.name, value.shape, np.ascontiguousarray(value).tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} does not travel")


def _special(kind: type, value: object) -> object:
    if kind is not np.ndarray:
        raise TypeError(f"a {kind.__name__} does not travel")
    array = msgspec.convert(value, _Array)
    dtype = np.dtype(array.dtype)
    if min(array.shape, default=0) < 0 or math.prod(array.shape) * dtype.itemsize != len(array.data):
        raise ValueError("an array whose shape does not fit its bytes")
    # A copy, for what comes out of bytes cannot be written to, which torch does not like.
    return np.frombuffer(array.data, dtype).reshape(array.shape).copy()


def _is_kind(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, DemoError)
