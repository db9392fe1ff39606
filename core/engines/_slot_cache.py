"""Keys and values of rows of different length, side by side in one block of memory per layer."""

import torch
from transformers import DynamicCache
from transformers.cache_utils import Cache, CacheLayerMixin

# Room for tokens is added in steps of this many, and by a quarter at least: what is there is copied each time.
STEP_TOKENS = 64
GROWTH = 1.25


class SlotLayer(CacheLayerMixin):
    """One layer's keys and values (slots, heads, room, dim): row i fills slot i from the left, up to its own length.

    A join copies the new row only, a leave moves one row at most, a step writes one column per row: nothing that
    is there is copied again, as it would be if rows were padded to one length and joined together.
    """

    def __init__(self, cursor: "SlotCache") -> None:
        super().__init__()
        self._cursor = cursor

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        # Zeros, not whatever was there: what a mask hides is still multiplied, and 0 times NaN is NaN.
        slots, room = self._cursor.slots, self._cursor.room
        self.keys = key_states.new_zeros(slots, key_states.shape[1], room, key_states.shape[3])
        self.values = value_states.new_zeros(slots, value_states.shape[1], room, value_states.shape[3])
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write one token per row (rows, heads, 1, dim) behind the row's last; all that the rows may look at."""
        cursor = self._cursor
        rows, ends = cursor.row_numbers, cursor.ends
        self.keys[rows, :, ends] = key_states[:, :, 0]
        self.values[rows, :, ends] = value_states[:, :, 0]
        live, longest = len(rows), cursor.longest
        return self.keys[:live, :, :longest], self.values[:live, :, :longest]

    def fill(self, slot: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Put a prompt's keys and values (heads, tokens, dim) into a slot."""
        if not self.is_initialized:
            self.lazy_initialization(keys[None], values[None])
        self.keys[slot, :, : keys.shape[1]] = keys
        self.values[slot, :, : values.shape[1]] = values

    def move(self, source: int, target: int, length: int) -> None:
        self.keys[target, :, :length] = self.keys[source, :, :length]
        self.values[target, :, :length] = self.values[source, :, :length]

    def grow(self, slots: int, room: int) -> None:
        if self.is_initialized:
            self.keys = _grown(self.keys, slots, room)
            self.values = _grown(self.values, slots, room)

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._cursor.longest, 0

    def get_seq_length(self) -> int:
        return self._cursor.longest - 1

    def get_max_length(self) -> int:
        return -1


def _grown(block: torch.Tensor, slots: int, room: int) -> torch.Tensor:
    grown = block.new_zeros(slots, block.shape[1], room, block.shape[3])
    grown[: block.shape[0], :, : block.shape[2]] = block
    return grown


class SlotCache(Cache):
    """The slots of all layers; row i of a batch is slot i, and there are no gaps between rows."""

    def __init__(self, layers: int, device: torch.device) -> None:
        self.slots = 0
        self.room = 0
        self.lengths: list[int] = []
        self.longest = 0
        self._device = device
        super().__init__(layers=[SlotLayer(self) for _ in range(layers)])

    def add(self, prompt: DynamicCache, row: int, length: int) -> None:
        """Give a slot to one row of a prompt's cache."""
        self._make_room(len(self.lengths) + 1, length + 1)
        for own, other in zip(self.layers, prompt.layers, strict=True):
            own.fill(len(self.lengths), other.keys[row, :, :length], other.values[row, :, :length])
        self.lengths.append(length)

    def remove(self, slot: int) -> int:
        """Free a slot; the last row moves into it, and its old slot's number is returned."""
        last = len(self.lengths) - 1
        if slot != last:
            for layer in self.layers:
                layer.move(last, slot, self.lengths[last])
            self.lengths[slot] = self.lengths[last]
        self.lengths.pop()
        if not self.lengths:
            self._forget()
        return last

    def open_step(self) -> torch.Tensor:
        """Get ready for one more token per row; the mask (rows, 1, 1, longest) of what each may look at."""
        self.row_numbers = torch.arange(len(self.lengths), device=self._device)
        self.ends = torch.tensor(self.lengths, device=self._device)
        self.lengths = [length + 1 for length in self.lengths]
        self.longest = max(self.lengths)
        self._make_room(len(self.lengths), self.longest)
        columns = torch.arange(self.longest, device=self._device)
        return (columns <= self.ends[:, None])[:, None, None, :]

    def _make_room(self, slots: int, room: int) -> None:
        if slots <= self.slots and room <= self.room:
            return
        if slots > self.slots:
            slots = max(slots, 2 * self.slots)
        if room > self.room:
            room = -(-max(room, int(GROWTH * self.room)) // STEP_TOKENS) * STEP_TOKENS
        slots, room = max(slots, self.slots), max(room, self.room)
        for layer in self.layers:
            layer.grow(slots, room)
        self.slots, self.room = slots, room

    def _forget(self) -> None:
        """Give the memory back while nobody writes."""
        self.slots = self.room = self.longest = 0
        for layer in self.layers:
            layer.keys = layer.values = None
            layer.is_initialized = False
