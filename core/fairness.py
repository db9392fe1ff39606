"""Fair shares of what is scarce: callers take turns, and leave room for those who come later."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Protocol


class Queued(Protocol):
    """Something that waits, and can be given up."""

    caller: str
    weight: int
    """How many places it takes of those that are worked on at once."""

    def cancelled(self) -> bool: ...


def has_room(*, own: int, taken: int, limit: int, caller: str) -> bool:
    """Whether `caller`, who has `own` of the `taken` places, may have one more of `limit`.

    Nobody holds more places than are free: one caller alone takes half of them, n greedy ones 1/(n+1) each, and as
    much stays free for whoever comes next (Choudhury and Hahne 1998, "Dynamic queue length thresholds"). The process
    itself, "", is only bound by the limit.
    """
    return taken < limit and (not caller or own < limit - taken)


class Turns:
    """Who waits: callers in turn, those of one caller in the order in which they came."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Queued]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Queued]:
        return (each for line in self._lines.values() for each in line)

    def add(self, one: Queued) -> None:
        line = self._lines.get(one.caller)
        if line is None:
            line = self._lines[one.caller] = deque()
        line.append(one)
        self._size += 1

    def take(self, most: int) -> list[Queued]:
        """The next ones, of `most` places: one of each caller, the rest from the one whose turn it is, then the next.

        So nobody waits for more than a batch or two, and most of what is worked on together is of one kind: a batch
        of short and long sentences from two documents takes longer than one of each. Only the last one may take more
        places than are left.
        """
        taken: list[Queued] = []
        callers = len(self._lines)
        while self._lines and most > 0:
            caller, line = next(iter(self._lines.items()))
            of_this = 1 if len(taken) < callers else len(line)
            while of_this and most > 0:
                taken.append(line.popleft())
                most, of_this = most - taken[-1].weight, of_this - 1
            self._end_turn(caller, line)
        self._size -= len(taken)
        return taken

    def count(self, caller: str) -> int:
        return len(self._lines.get(caller, ()))

    def ahead_of(self, caller: str) -> int:
        """How many of others are taken before the last one of `caller`; before a new one where none waits.

        One by one, that is; what is taken together may be in another order.
        """
        rounds, is_before, ahead = max(1, self.count(caller)), True, 0
        for other, line in self._lines.items():
            if other == caller:
                is_before = False
            else:
                ahead += min(len(line), rounds if is_before else rounds - 1)
        return ahead

    def forget_cancelled(self) -> None:
        """Free the places of those who gave up."""
        left = [each for each in self if not each.cancelled()]
        if len(left) < self._size:
            self._lines, self._size = OrderedDict(), 0
            for each in left:
                self.add(each)

    def _end_turn(self, caller: str, line: deque[Queued]) -> None:
        if line:
            self._lines.move_to_end(caller)
        else:
            del self._lines[caller]
