"""The text of a row while its tokens come one by one: whole characters only, and nothing after a stop string."""

from collections.abc import Callable, Sequence

# What a tokenizer shows for bytes that do not make a character, perhaps not yet.
INCOMPLETE = "\ufffd"
# Tokens decoded together. A token's text depends on what stands before it (a space that is left out at the
# beginning, the bytes of one character), so some are kept as context when the window moves on.
WINDOW = 24
CONTEXT = 6


class GrowingText:
    """Tokens in, text out. `decode(ids)` gives the text of some tokens, without the special ones.

    Text is held back while it ends within a character, or with what may become a stop string.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = ()) -> None:
        self._decode = decode
        self._stop = tuple(string for string in stop if string)
        self._window: list[int] = []
        self._known = 0  # characters of the window's text that are released already
        self._held = ""
        self.text = ""
        """All that was given out."""
        self.is_stopped = False
        """A stop string came; the text ends before it."""

    def add(self, token: int) -> str:
        """The text that is new, and certain."""
        self._window.append(token)
        text = self._decode(self._window)
        whole = len(text.rstrip(INCOMPLETE))
        new, self._known = text[self._known : whole], max(self._known, whole)
        if len(self._window) > WINDOW and whole == len(text):
            self._window = self._window[-CONTEXT:]
            self._known = len(self._decode(self._window))
        return self._release(new) if new else ""

    def finish(self) -> str:
        """What was held back, as no stop string came. Half a character at the very end is dropped."""
        rest, self._held = self._held, ""
        self.text += rest
        return rest

    def _release(self, new: str) -> str:
        pending, self._held = self._held + new, ""
        ends = [at for string in self._stop if (at := pending.find(string)) >= 0]
        if ends:
            self.is_stopped = True
            certain = pending[: min(ends)]
        else:
            certain = pending[: len(pending) - self._unsure(pending)]
            self._held = pending[len(certain) :]
        self.text += certain
        return certain

    def _unsure(self, text: str) -> int:
        """How many characters at the end may be the beginning of a stop string."""
        lengths = (
            length
            for string in self._stop
            for length in range(min(len(string) - 1, len(text)), 0, -1)
            if text.endswith(string[:length])
        )
        return max(lengths, default=0)
