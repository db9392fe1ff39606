"""What was said in a session's conversation, and what is still to be asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from core.demos import Demo
from core.scenarios.customer_service.answering import Reply
from core.scenarios.customer_service.policy import Decision

# Older turns are dropped: a session must not grow without end.
MAX_TURNS = 50
# Questions that wait while one is being answered; more clicks than this are not meant.
MAX_WAITING = 5


@dataclass(frozen=True)
class Turn:
    """A reply, under a number that no other turn of the session ever gets."""

    turn_id: int
    reply: Reply
    is_escalated: bool = False
    """The visitor said that none of the choices is what they mean."""

    @property
    def needs_person(self) -> bool:
        return self.is_escalated or self.reply.decision is Decision.HAND_OVER

    def at(self, threshold: float) -> "Turn":
        """The same turn, decided again at another threshold."""
        return replace(self, reply=self.reply.at(threshold))


def turns(demo: Demo) -> list[Turn]:
    """The turns of this conversation, oldest first, as they were decided when asked."""
    return st.session_state.setdefault(f"{demo.key}_turns", [])


def questions(demo: Demo) -> tuple[str, ...]:
    """What was asked in this conversation, oldest first."""
    return tuple(turn.reply.question.text for turn in turns(demo))


def add(demo: Demo, reply: Reply) -> None:
    """Append a reply to the conversation."""
    kept, turn_id = turns(demo), _next(f"{demo.key}_turn_id")
    kept.append(Turn(turn_id, reply))
    del kept[:-MAX_TURNS]


def escalate(demo: Demo, turn_id: int) -> None:
    """Note that the choices of this turn did not help."""
    kept = turns(demo)
    kept[:] = [replace(turn, is_escalated=True) if turn.turn_id == turn_id else turn for turn in kept]


def clear(demo: Demo) -> None:
    """Begin a new conversation: nothing said or asked so far belongs to it."""
    turns(demo).clear()
    _waiting(demo).clear()
    _next(f"{demo.key}_conversation")


def conversation(demo: Demo) -> int:
    """The number of this conversation within the session."""
    return st.session_state.get(f"{demo.key}_conversation", 0)


def ask_next(demo: Demo, text: str | None) -> None:
    """Put a question, where there is one, behind those that wait."""
    if text and len(_waiting(demo)) < MAX_WAITING:
        _waiting(demo).append(text)


def next_question(demo: Demo) -> str | None:
    """The question to answer now; it waits until `asking` has ended."""
    return next(iter(_waiting(demo)), None)


@contextmanager
def asking(demo: Demo) -> Iterator[None]:
    """Answer the question that is next; when another click ends the run before, the next run asks it again."""
    # Both are plain lists from here on: looking into the session once more would end this run as well.
    waiting, kept = _waiting(demo), turns(demo)
    before, is_answered = kept[-1:], True
    try:
        yield
    except RerunException:
        is_answered = kept[-1:] != before
        raise
    finally:
        if is_answered:
            del waiting[:1]


def _waiting(demo: Demo) -> list[str]:
    return st.session_state.setdefault(f"{demo.key}_waiting", [])


def _next(counter: str) -> int:
    """One more than the last number of this counter of the session."""
    number = st.session_state[counter] = st.session_state.get(counter, 0) + 1
    return number
