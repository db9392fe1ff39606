"""Callers take turns, and nobody takes the room that newcomers need."""

from concurrent.futures import Future
from contextlib import ExitStack

import pytest

from core.errors import OverloadedError, RateLimitedError
from core.fairness import Turns, has_room
from core.limits import MAX_CONCURRENT, Limits
from core.settings import Settings


class One(Future):
    def __init__(self, caller, number, weight=1):
        super().__init__()
        self.caller, self.number, self.weight = caller, number, weight


def line_of(**counts):
    turns = Turns()
    for caller, count in counts.items():
        for number in range(count):
            turns.add(One(caller, number))
    return turns


def taken(turns, most=1):
    while turns:
        yield " ".join(f"{one.caller}{one.number}" for one in turns.take(most))


def test_callers_are_served_one_by_one_each_in_their_own_order():
    assert list(taken(line_of(a=4, b=1, c=2))) == ["a0", "b0", "c0", "a1", "c1", "a2", "a3"]


def test_a_batch_has_one_of_each_and_is_filled_up_by_those_whose_turn_it_is():
    assert list(taken(line_of(a=9, b=5, c=1), most=4)) == [
        "a0 b0 c0 a1",
        "b1 a2 b2 b3",
        "a3 b4 a4 a5",
        "a6 a7 a8",
    ]
    assert list(taken(line_of(a=2, b=1, c=2), most=2)) == ["a0 b0", "c0 a1", "c1"]
    assert line_of(a=2).take(0) == []


def test_what_takes_many_places_leaves_fewer_for_the_rest_of_the_batch():
    turns = line_of(b=3)
    for number in range(3):
        turns.add(One("a", number, weight=4))

    assert list(taken(turns, most=8)) == ["b0 a0 b1 b2 a1", "a2"]


def test_what_takes_more_places_than_there_are_is_taken_alone():
    turns = Turns()
    for number in range(2):
        turns.add(One("a", number, weight=16))

    assert list(taken(turns, most=8)) == ["a0", "a1"]


def test_who_comes_back_has_their_turn_after_those_who_wait():
    turns = line_of(a=3, b=1)
    assert turns.take(1)[0].caller == "a"
    turns.add(One("c", 0))

    assert list(taken(turns)) == ["b0", "a1", "c0", "a2"]


@pytest.mark.parametrize("caller", ["a", "b", "c", "newcomer"])
def test_ahead_is_what_is_really_taken_before(caller):
    turns = line_of(a=4, b=1, c=2)
    turns.take(1)
    ahead = turns.ahead_of(caller)
    if caller == "newcomer":
        turns.add(One(caller, 0))

    order = [name[:-1] for name in taken(turns)]
    last = max(place for place, name in enumerate(order) if name == caller)
    assert ahead == sum(name != caller for name in order[:last])


def test_who_gave_up_leaves_and_the_others_keep_their_turns():
    turns = line_of(a=2, b=2, c=1)
    for one in list(turns):
        if one.caller == "b" or one.number == 1:
            one.cancel()
    turns.forget_cancelled()

    assert (len(turns), turns.count("b")) == (2, 0)
    assert list(taken(turns)) == ["a0", "c0"]


@pytest.mark.parametrize("greedy", [1, 2, 5, 20])
def test_however_many_are_greedy_a_newcomer_finds_room(greedy):
    limit, own = 256, dict.fromkeys(range(greedy), 0)
    for _ in range(limit):
        for caller in own:
            taken = sum(own.values())
            own[caller] += has_room(own=own[caller], taken=taken, limit=limit, caller=str(caller))

    assert limit - sum(own.values()) >= limit // (greedy + 1) - 1
    assert max(own.values()) - min(own.values()) <= 1
    assert has_room(own=0, taken=sum(own.values()), limit=limit, caller="newcomer")


def test_the_process_itself_may_fill_the_line():
    assert has_room(own=255, taken=255, limit=256, caller="")
    assert not has_room(own=256, taken=256, limit=256, caller="")


def test_one_caller_cannot_take_every_place_of_the_process():
    limits = Limits(Settings(rate_limit_per_min=None))
    with ExitStack() as under_way:
        for _ in range(MAX_CONCURRENT // 2):
            under_way.enter_context(limits.admitted("greedy"))

        with pytest.raises(OverloadedError, match=f"{MAX_CONCURRENT // 2} of your requests"):
            ask(limits, "greedy")
        ask(limits, "another")
    assert limits.under_way == 0


def test_who_has_used_up_the_bucket_goes_on_as_soon_as_a_request_has_flowed_in():
    limits = Limits(Settings(rate_limit_per_min=120))

    with pytest.raises(RateLimitedError) as refusal:
        ask(limits, "one", times=200)

    assert refusal.value.params == {"limit": 120, "retry_after_s": 1}


def ask(limits, caller, times=1):
    for _ in range(times):
        with limits.admitted(caller):
            pass
