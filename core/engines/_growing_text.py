"""The text of an answer while it grows: whole characters only, and nothing after a stop string."""

from collections.abc import Callable, Sequence

# What a tokenizer shows for bytes that do not make a character, perhaps not yet.
INCOMPLETE = "\ufffd"
# Tokens decoded together. A token's text depends on what stands before it (a space that is left out at the
# beginning, the bytes of one character), so some are kept as context when the window moves on.
WINDOW = 24
CONTEXT = 6


class StopStrings:
    """Lets text through up to the first stop string, and holds back what may become one."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._strings = tuple(string for string in strings if string)
        self._held = ""
        self.text = ""
        """All that was let through."""
        self.is_stopped = False
        """A stop string came; nothing is let through any more."""

    def pass_on(self, new: str) -> str:
        """Of the text so far, what is certain and was not let through before."""
        pending, self._held = self._held + new, ""
        if self.is_stopped:
            return ""
        ends = [at for string in self._strings if (at := pending.find(string)) >= 0]
        if ends:
            self.is_stopped = True
            certain = pending[: min(ends)]
        else:
            certain = pending[: len(pending) - self._unsure(pending)]
            self._held = pending[len(certain) :]
        self.text += certain
        return certain

    def finish(self) -> str:
        """What was held back, as nothing more comes."""
        rest, self._held = self._held, ""
        self.text += rest
        return rest

    def _unsure(self, text: str) -> int:
        """How many characters at the end may be the beginning of a stop string."""
        lengths = (
            length
            for string in self._strings
            for length in range(min(len(string) - 1, len(text)), 0, -1)
            if text.endswith(string[:length])
        )
        return max(lengths, default=0)


class GrowingText:
    """Tokens in, new text out; `decode(ids)` gives the text of some tokens, without the special ones.

    Text that ends within a character is held back; half a character at the very end never comes.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._window: list[int] = []
        self._known = 0  # characters of the window's text that were given out

    def add(self, token: int) -> str:
        self._window.append(token)
        text = self._decode(self._window)
        whole = len(text.rstrip(INCOMPLETE))
        new, self._known = text[self._known : whole], max(self._known, whole)
        if len(self._window) > WINDOW and whole == len(text):
            self._window = self._window[-CONTEXT:]
            self._known = len(self._decode(self._window))
        return new
