"""Read the prompts of new rows, a bounded number of tokens at a time, before they write their first token."""

import torch
from transformers import DynamicCache, PreTrainedModel


class Reading:
    """Some prompts on their way through the model: the first of those that wait, equal ones only once.

    So many that their tokens, padded on the right to the longest, stay below `most_tokens`; a longer prompt is
    read alone, in parts. No mask is needed: nobody looks to the right, where the padding is.
    """

    def __init__(
        self, waiting: dict[int, tuple[int, ...]], *, most_tokens: int, device: torch.device
    ) -> None:
        self._places: dict[int, int] = {}
        self._prompts: list[tuple[int, ...]] = []
        for row, prompt in waiting.items():
            if not self._admits(prompt, most_tokens):
                break
            if prompt not in self._prompts:
                self._prompts.append(prompt)
            self._places[row] = self._prompts.index(prompt)
        self._width = max(map(len, self._prompts))
        padded = [[*prompt, *[0] * (self._width - len(prompt))] for prompt in self._prompts]
        self._ids = torch.tensor(padded, device=device)
        self._part = max(1, most_tokens // len(padded))
        self._done = 0
        self._logits: dict[int, torch.Tensor] = {}
        self.cache = DynamicCache()

    @property
    def rows(self) -> set[int]:
        return set(self._places)

    @property
    def is_done(self) -> bool:
        return self._done >= self._width

    def place(self, row: int) -> int:
        """Where in the cache the row's prompt is."""
        return self._places[row]

    def logits(self, rows: list[int]) -> torch.Tensor:
        """What follows each row's prompt, (rows, vocabulary)."""
        return torch.stack([self._logits[self._places[row]] for row in rows])

    def advance(self, model: PreTrainedModel) -> None:
        """Read the next part."""
        begin, end = self._done, min(self._done + self._part, self._width)
        ending = {place: len(prompt) - 1 - begin for place, prompt in enumerate(self._prompts)}
        ending = {place: column for place, column in ending.items() if 0 <= column < end - begin}
        columns = sorted(set(ending.values())) or [end - begin - 1]
        logits = model(
            input_ids=self._ids[:, begin:end],
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=torch.tensor(columns, device=self._ids.device),
        ).logits
        self._logits |= {place: logits[place, columns.index(column)] for place, column in ending.items()}
        self._done = end

    def _admits(self, prompt: tuple[int, ...], most_tokens: int) -> bool:
        prompts = {*self._prompts, prompt}
        return not self._prompts or len(prompts) * max(map(len, prompts)) <= most_tokens
