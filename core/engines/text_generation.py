"""Text generation with transformers' causal language models: many answers grow together, a token each per step.

The rows of a batch share one cache of our own (_slot_cache.py) and are stepped by the project's StreamBatcher on
every device. transformers' continuous batching would serve fewer models (attention of the paged kind only), has
no seeds per request, no word of a request that was cancelled or does not fit, and takes most of a CPU's memory
unless told otherwise.
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from core.catalog import ModelSpec
from core.device import Device
from core.engines._growing_text import GrowingText, StopStrings
from core.engines._prompts import Prompts
from core.engines._reading import Reading
from core.engines._sampling import Dice, draw
from core.engines._slot_cache import SlotCache
from core.errors import N_, DemoError, InferenceError, OverloadedError
from core.types import Generation, GenerationItem, GenerationOptions, Step

DAMAGED = SafetensorError
OUT_OF_MEMORY = torch.OutOfMemoryError

# Below this, half the bytes save nothing on a CPU, and float32 gives a row the same text in any company.
SMALL_MB = 300
# Prompt tokens read at once, between two steps of those who write: a step must not wait long.
READ_TOKENS = {"cpu": 256}
READ_TOKENS_GPU = 4096


class _Row:
    """One answer: its prompt until that is read, its text, and how many tokens may still come."""

    def __init__(self, prompt: list[int], text: GrowingText, options: GenerationOptions, room: int) -> None:
        self.prompt = tuple(prompt)
        self.dice = Dice(options)
        self.slot: int | None = None
        self.token = 0
        self._text = text
        self._gate = StopStrings(options.stop)
        self._left = room
        self._tokens = 0

    def take(self, token: int | None, *, is_end: bool) -> Step | Exception:
        """The step that this token makes."""
        if token is None:
            return InferenceError(_NOT_NUMBERS)
        if is_end:
            return self._ended("stop")
        self.token = token
        self._tokens += 1
        self._left -= 1
        new = self._gate.pass_on(self._text.add(token))
        if self._gate.is_stopped:
            return self._ended("stop", new)
        return Step(new) if self._left else self._ended("length", new)

    def _ended(self, reason: str, new: str = "") -> Step:
        new += self._gate.finish()
        return Step(new, Generation(self._gate.text, reason, self._tokens))


class TextGenerationEngine:
    """A causal language model as core.streaming.Stepper: GenerationItem in, Steps out, at the end a Generation.

    In float32 the same seed and options give the same text, alone or among others; in bfloat16 a sum may be
    rounded otherwise in other company, and now and then a text turns out otherwise.
    """

    def __init__(self, model: PreTrainedModel, prompts: Prompts, device: Device) -> None:
        self._model = model
        self._prompts = prompts
        self.device = device
        self._cache = SlotCache(model.config.get_text_config().num_hidden_layers, model.device)
        self._read_tokens = READ_TOKENS.get(device.name, READ_TOKENS_GPU)
        self._rows: dict[int, _Row] = {}
        self._arrived: list[int] = []
        self._reading: Reading | None = None
        self._writing: list[int] = []
        """The row in each slot of the cache."""
        self._has_just_read = False

    def join(self, items: dict[int, GenerationItem]) -> dict[int, Step | Exception]:
        """Take the rows in; their prompts are read by the next steps."""
        refused: dict[int, Step | Exception] = {}
        for row, item in items.items():
            try:
                self._rows[row] = self._open(item)
                self._arrived.append(row)
            except DemoError as error:
                refused[row] = error
        return refused

    @torch.inference_mode()
    def step(self) -> dict[int, Step | Exception]:
        """Read some of the prompts that wait, or let every row write a token: in turns, where there are both."""
        can_read = bool(self._arrived or self._reading)
        self._has_just_read = can_read and not (self._writing and self._has_just_read)
        return self._read() if self._has_just_read else self._write()

    @torch.inference_mode()
    def leave(self, rows: list[int]) -> None:
        for row in rows:
            left = self._rows.pop(row, None)
            if left and left.slot is not None:
                self._free(left.slot)
        self._arrived = [row for row in self._arrived if row in self._rows]
        if self._reading and not self._reading.rows & self._rows.keys():
            self._reading = None

    def close(self) -> None:
        del self._model, self._cache
        if self.device.name == "cuda":
            torch.cuda.empty_cache()

    def _open(self, item: GenerationItem) -> _Row:
        prompt, room = self._prompts.read(item)
        return _Row(prompt, GrowingText(self._prompts.decode), item.options, room)

    def _free(self, slot: int) -> None:
        last = self._cache.remove(slot)
        self._writing[slot] = self._writing[last]
        self._rows_at(slot)
        self._writing.pop()

    def _rows_at(self, slot: int) -> None:
        if moved := self._rows.get(self._writing[slot]):
            moved.slot = slot

    def _read(self) -> dict[int, Step | Exception]:
        reading = self._reading or self._begin_reading()
        self._reading = None
        try:
            reading.advance(self._model)
            if not reading.is_done:
                self._reading = reading
                return {}
            return self._begin_writing(reading)
        except OUT_OF_MEMORY:
            return dict.fromkeys(reading.rows & self._rows.keys(), self._no_memory())

    def _begin_reading(self) -> Reading:
        waiting = {row: self._rows[row].prompt for row in self._arrived}
        reading = Reading(waiting, most_tokens=self._read_tokens, device=self._model.device)
        self._arrived = [row for row in self._arrived if row not in reading.rows]
        return reading

    def _begin_writing(self, reading: Reading) -> dict[int, Step | Exception]:
        """Give each row its slot and its first token."""
        rows = [row for row in reading.rows if row in self._rows]
        for row in rows:
            own = self._rows[row]
            self._cache.add(reading.cache, reading.place(row), len(own.prompt))
            own.slot = len(self._writing)
            self._writing.append(row)
        return self._taken(rows, reading.logits(rows))

    def _write(self) -> dict[int, Step | Exception]:
        rows = list(self._writing)
        try:
            mask = self._cache.open_step()
            tokens = [[self._rows[row].token] for row in rows]
            logits = self._model(
                input_ids=torch.tensor(tokens, device=self._model.device),
                position_ids=self._cache.ends[:, None],
                attention_mask=mask,
                past_key_values=self._cache,
                use_cache=True,
            ).logits[:, -1]
        except OUT_OF_MEMORY:
            return dict.fromkeys(rows, self._no_memory())
        return self._taken(rows, logits)

    def _taken(self, rows: list[int], logits: torch.Tensor) -> dict[int, Step | Exception]:
        owns = [self._rows[row] for row in rows]
        tokens = draw(logits, [own.dice for own in owns])
        return {
            row: own.take(token, is_end=token in self._prompts.end_tokens)
            for row, own, token in zip(rows, owns, tokens, strict=True)
        }

    def _no_memory(self) -> OverloadedError:
        message = N_(
            "The memory of the device is full with {rows} texts under way. Try again, or ask for shorter ones."
        )
        return OverloadedError(message, rows=len(self._rows))


def load(spec: ModelSpec, folder: Path, device: Device) -> TextGenerationEngine:
    """Read the model in `folder`; no network, no code from the folder.

    Raises ValueError for a model whose rows cannot share a batch as ours do.
    """
    is_small = device.name == "cpu" and spec.size_mb < SMALL_MB
    model, report = AutoModelForCausalLM.from_pretrained(
        str(folder),
        local_files_only=True,
        trust_remote_code=False,
        dtype=torch.float32 if is_small else getattr(torch, device.dtype),
        output_loading_info=True,
    )
    if report["missing_keys"]:
        raise ValueError(f"the weights of {sorted(report['missing_keys'])[:3]} are missing")
    other_kinds = set(getattr(model.config.get_text_config(), "layer_types", None) or ()) - {"full_attention"}
    if other_kinds:
        raise ValueError(f"layers of type {sorted(other_kinds)[0]} are not supported")
    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    prompts = Prompts(tokenizer, model.config.get_text_config(), model.generation_config, title=spec.title)
    return TextGenerationEngine(model.to(device.name).eval(), prompts, device)


_NOT_NUMBERS = N_(
    "The model lost its thread and gave no usable word. Try another seed or a lower temperature."
)
