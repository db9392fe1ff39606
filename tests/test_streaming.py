"""Rows that grow together: real threads, no model."""

import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass

import pytest

from core import streaming, visits
from core.errors import DeadlineError, InvalidInputError, ModelLoadError, OverloadedError
from core.streaming import StreamBatcher
from core.types import ChatMessage, Generation, GenerationItem, GenerationOptions, Step
from core.visits import Waiting
from tests.fakes import FakeWriter, fake_showcase, fake_text

WAIT_S = 10


@dataclass(frozen=True)
class Counting:
    """Grows "0 1 2 ..." up to `length` numbers; `fails_at` is the number at which the row breaks."""

    length: int
    fails_at: int | None = None
    refused: bool = False


class Counter:
    """A step engine that counts: it waits for `may_step` before each step and notes who was in it."""

    def __init__(self, *, is_held=False):
        self.rows = {}
        self.joined = []
        self.stepped = []
        self.breaks_at_step = None
        self.may_step = threading.Semaphore(0 if is_held else 10**9)
        self.was_joined = threading.Event()

    def join(self, items):
        if any(item.refused for item in items.values()):
            raise ValueError("refused")
        self.joined.append(len(items))
        self.rows |= {row: [item, 0] for row, item in items.items()}
        self.was_joined.set()
        return {}

    def step(self):
        assert self.may_step.acquire(timeout=WAIT_S)
        self.stepped.append(set(self.rows))
        if len(self.stepped) == self.breaks_at_step:
            raise RuntimeError("out of order")
        return {row: self._grow(row) for row in self.rows}

    def leave(self, rows):
        for row in rows:
            self.rows.pop(row, None)

    def _grow(self, row):
        item, number = self.rows[row]
        self.rows[row][1] += 1
        if number == item.fails_at:
            return InvalidInputError("bad row")
        return Step(f"{number} ", end=number + 1 if number + 1 == item.length else None)


@pytest.fixture
def make_batcher():
    batchers = []

    def make(engine, **options):
        batchers.append(StreamBatcher(engine, **options))
        return batchers[-1]

    yield make
    for batcher in batchers:
        batcher.close()


def text_of(stream):
    return "".join(stream.pieces(WAIT_S))


def test_a_stream_gives_its_pieces_in_order_and_then_the_whole(make_batcher):
    stream = make_batcher(Counter()).submit(Counting(4))

    assert list(filter(None, stream.pieces(WAIT_S))) == ["0 ", "1 ", "2 ", "3 "]
    assert stream.result(0) == 4


@pytest.mark.parametrize(("turn_s", "turns"), [(3600, 1), (0, 4)])
def test_steps_follow_each_other_where_models_compute_until_their_time_is_over(
    make_batcher, monkeypatch, turn_s, turns
):
    monkeypatch.setattr(streaming, "TURN_S", turn_s)
    calls = []

    def compute(call, *given):
        calls.append(call)
        return call(*given)

    engine = Counter()
    batcher = make_batcher(engine, compute=compute)

    assert text_of(batcher.submit(Counting(4))) == "0 1 2 3 "
    assert (len(engine.stepped), len(calls)) == (4, turns)


def test_a_reader_sleeps_between_pieces_but_hears_of_the_first_and_the_last_at_once(
    make_batcher, monkeypatch
):
    monkeypatch.setattr(streaming, "GATHER_S", 3600)
    engine = Counter(is_held=True)
    pieces = make_batcher(engine).submit(Counting(4)).pieces(WAIT_S)

    engine.may_step.release()
    assert next(filter(None, pieces)) == "0 "
    engine.may_step.release(3)
    assert list(pieces) == ["1 ", "2 ", "3 "]


def test_who_comes_later_joins_between_two_steps(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine)
    first = batcher.submit(Counting(3))
    engine.was_joined.wait(WAIT_S)
    second = batcher.submit(Counting(2))
    engine.may_step.release(100)

    assert (text_of(first), text_of(second)) == ("0 1 2 ", "0 1 ")
    assert engine.stepped[:3] == [{0}, {0, 1}, {0, 1}]


def test_those_who_wait_join_together(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=4)
    first = batcher.submit(Counting(1))
    engine.was_joined.wait(WAIT_S)
    rest = [batcher.submit(Counting(2)) for _ in range(6)]
    engine.may_step.release(100)

    assert [text_of(stream) for stream in [first, *rest]] == ["0 ", *["0 1 "] * 6]
    assert engine.joined == [1, 4, 2]


def test_a_cancelled_row_is_in_no_further_step(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine)
    stays, goes = batcher.submit(Counting(50)), batcher.submit(Counting(50))
    engine.may_step.release(3)
    numbers = iter(goes.pieces(WAIT_S))
    assert next(filter(None, numbers)) == "0 "

    goes.cancel()
    under_way = len(engine.stepped) + 1
    engine.may_step.release(100)

    assert text_of(stays).startswith("0 1 2 3 ")
    assert all(1 not in rows for rows in engine.stepped[under_way:])
    assert not engine.rows


def test_a_row_that_waits_can_be_cancelled(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=1)
    first, waiting, last = (batcher.submit(Counting(2)) for _ in range(3))

    waiting.cancel()
    engine.may_step.release(100)

    assert (text_of(first), text_of(last)) == ("0 1 ", "0 1 ")
    assert sum(engine.joined) == 2


def test_a_row_that_fails_fails_alone_and_keeps_what_it_wrote(make_batcher):
    batcher = make_batcher(Counter())
    good, bad = batcher.submit(Counting(5)), batcher.submit(Counting(5, fails_at=2))

    assert text_of(bad) == "0 1 "
    with pytest.raises(InvalidInputError):
        bad.result(0)
    assert text_of(good) == "0 1 2 3 4 "


def test_a_row_that_cannot_join_does_not_keep_the_others_out(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine)
    first = batcher.submit(Counting(1))
    engine.was_joined.wait(WAIT_S)
    streams = [batcher.submit(Counting(2, refused=number == 1)) for number in range(3)]
    engine.may_step.release(100)

    assert [text_of(stream) for stream in [first, *streams]] == ["0 ", "0 1 ", "", "0 1 "]
    with pytest.raises(ValueError, match="refused"):
        streams[1].result(0)


def test_a_failing_step_ends_its_rows_and_the_next_ones_are_served(make_batcher):
    engine = Counter()
    engine.breaks_at_step = 2
    batcher = make_batcher(engine)
    broken = batcher.submit(Counting(5))

    assert text_of(broken) == "0 "
    with pytest.raises(RuntimeError, match="out of order"):
        broken.result(0)
    assert text_of(batcher.submit(Counting(2))) == "0 1 "


def test_a_full_queue_refuses_with_the_number_that_waits(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=1, max_queue_size=2)
    streams = [batcher.submit(Counting(1))]
    engine.was_joined.wait(WAIT_S)
    streams += [batcher.submit(Counting(1)) for _ in range(2)]

    with pytest.raises(OverloadedError) as refusal:
        batcher.submit(Counting(1))
    engine.may_step.release(100)

    assert refusal.value.params["waiting"] == 2
    assert [text_of(stream) for stream in streams] == ["0 "] * 3


def test_a_cancelled_place_in_the_queue_is_free_again(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=1, max_queue_size=1)
    first = batcher.submit(Counting(1))
    engine.was_joined.wait(WAIT_S)
    batcher.submit(Counting(1)).cancel()
    second = batcher.submit(Counting(1))
    engine.may_step.release(100)

    assert (text_of(first), text_of(second)) == ("0 ", "0 ")


def test_background_rows_let_every_visitor_go_first(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=1)
    first = batcher.submit(Counting(1))
    engine.was_joined.wait(WAIT_S)
    ended = []
    background = batcher.submit(Counting(1), background=True)
    visitors = [batcher.submit(Counting(1)) for _ in range(2)]
    for name, stream in (("background", background), ("visitor", visitors[0]), ("visitor", visitors[1])):
        stream.add_done_callback(lambda _, name=name: ended.append(name))
    engine.may_step.release(100)

    for stream in (first, background, *visitors):
        stream.result(WAIT_S)
    assert ended == ["visitor", "visitor", "background"]


def test_closing_ends_who_grows_and_who_waits():
    engine = Counter()
    batcher = StreamBatcher(engine, max_rows=1)
    growing, waiting = batcher.submit(Counting(10**9)), batcher.submit(Counting(10**9))
    next(filter(None, growing.pieces(WAIT_S)))

    batcher.close()

    for stream in (growing, waiting):
        text_of(stream)
        with pytest.raises(CancelledError):
            stream.result(0)
    with pytest.raises(CancelledError):
        batcher.submit(Counting(1))
    assert not engine.rows


def test_who_waits_is_told_when_nothing_can_be_computed_any_more(make_batcher, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda told: None)

    def compute(call, *given):
        raise RuntimeError("cannot schedule new futures after shutdown")

    batcher = make_batcher(Counter(), compute=compute)
    stream = batcher.submit(Counting(4))

    assert text_of(stream) == ""
    assert stream.cancelled()


def test_many_threads_with_many_rows_each_get_their_own(make_batcher):
    batcher = make_batcher(Counter(), max_rows=5, max_queue_size=1000)
    wrong = []

    def ask(seed):
        lengths = [1 + (seed * 7 + number) % 13 for number in range(40)]
        streams = [batcher.submit(Counting(length)) for length in lengths]
        for length, stream in zip(lengths, streams, strict=True):
            if text_of(stream) != "".join(f"{number} " for number in range(length)):
                wrong.append(length)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_what_ran_and_how_long_it_waited_is_observed(make_batcher):
    seen = []
    batcher = make_batcher(Counter(), observe=lambda *observed: seen.append(observed))

    batcher.submit(Counting(3)).result(WAIT_S)
    batcher.close()

    assert [size for size, _, _ in seen] == [1]
    assert all(waited_s >= 0 and ran_s >= 0 for _, waited_s, ran_s in seen)


# --- many callers -----------------------------------------------------------------------------------------------


def submit(batcher, caller, *lengths):
    with visits.visiting(caller):
        return [batcher.submit(Counting(length)) for length in lengths]


def test_one_text_does_not_wait_behind_five_hundred_of_another_caller(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=2, max_queue_size=2000)
    ended = []
    heavy = submit(batcher, "heavy", *[1] * 500)
    engine.was_joined.wait(WAIT_S)
    light = submit(batcher, "light", 1)[0]
    light.add_done_callback(lambda _: ended.append(sum(stream.done() for stream in heavy)))
    engine.may_step.release(10**6)

    assert text_of(light) == "0 "
    assert ended[0] <= 4
    assert {text_of(stream) for stream in heavy} == {"0 "}


def test_who_wants_many_texts_is_refused_before_the_others_are(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=1, max_queue_size=8)
    running = submit(batcher, "x", 1)
    engine.was_joined.wait(WAIT_S)
    waiting = submit(batcher, "heavy", 1, 1, 1, 1)

    with pytest.raises(OverloadedError, match="4 of your requests are waiting already"):
        submit(batcher, "heavy", 1)
    waiting += submit(batcher, "light", 1)
    engine.may_step.release(100)

    assert {text_of(stream) for stream in running + waiting} == {"0 "}


def test_a_caller_can_ask_where_their_texts_stand(make_batcher):
    engine = Counter(is_held=True)
    batcher = make_batcher(engine, max_rows=2)
    streams = submit(batcher, "heavy", 1, 1, 1, 1)
    while len(engine.rows) < 2:
        threading.Event().wait(0.001)
    streams += submit(batcher, "light", 1)

    with visits.visiting("light"):
        light = batcher.waiting()
    with visits.visiting("heavy"):
        heavy = batcher.waiting()
    assert (light.queued, light.ahead, light.seconds) == (1, 3, 1.0)
    assert (heavy.queued, heavy.ahead, heavy.seconds) == (2, 1, 1.5)
    engine.may_step.release(100)
    assert {text_of(stream) for stream in streams} == {"0 "}


def test_where_places_are_free_nobody_waits(make_batcher):
    assert make_batcher(Counter()).waiting() == Waiting(0, 0, 0.0)


# --- through the pool -------------------------------------------------------------------------------------------


def item(text="hello big world", **options):
    return GenerationItem((ChatMessage("user", text),), GenerationOptions(**options))


@pytest.fixture
def place(tmp_path):
    engines = []

    def load(spec, folder, device):
        engines.append(FakeWriter(device))
        return engines[-1]

    place = fake_showcase(tmp_path, load=load)
    place.models.load("fake-writer").wait(WAIT_S)
    yield place.models, engines[0]
    engines[0].may_step.set()
    place.close()


def drained(steps):
    pieces = []
    while True:
        try:
            pieces.append(next(steps))
        except StopIteration as end:
            return "".join(pieces), end.value


def test_the_pool_streams_the_pieces_and_returns_the_whole(place):
    models, _ = place

    text, whole = drained(models.stream("writer", item(seed=7)))

    assert text == fake_text(item(seed=7))
    assert whole == Generation("Draft 7: hello big world", "stop", 5)


def test_a_stream_that_has_nothing_new_says_so_again_and_again(place):
    models, engine = place
    engine.may_step.clear()
    steps = models.stream("writer", item())

    assert [next(steps) for _ in range(3)] == ["Draft", "", ""]
    steps.close()


def test_closing_the_stream_frees_the_row_and_the_model(place):
    models, engine = place
    steps = models.stream("writer", item("word " * 500, max_new_tokens=400))
    assert next(steps) == "Draft"
    assert not models.unload("fake-writer")

    steps.close()

    assert drained(models.stream("writer", item()))[1].finish_reason == "stop"
    assert not engine.rows
    assert models.unload("fake-writer")


def test_a_stream_that_never_begins_ends_at_the_deadline(tmp_path):
    place = fake_showcase(tmp_path, deadline_s=0.3)
    place.models.load("fake-writer").wait(WAIT_S)
    engine = place.models._residents.get("fake-writer").engine
    engine.may_step.clear()

    with pytest.raises(DeadlineError):
        drained(place.models.stream("writer", item()))
    engine.may_step.set()
    place.close()


def test_a_stream_waits_for_its_model_without_holding_its_reader(tmp_path):
    may_load = threading.Event()

    def load(spec, folder, device):
        may_load.wait(WAIT_S)
        return FakeWriter(device)

    place = fake_showcase(tmp_path, load=load)
    steps = place.models.stream("writer", item())

    assert [next(steps), next(steps)] == ["", ""]
    may_load.set()
    assert drained(steps)[1].text == fake_text(item())
    place.close()


def test_whole_answers_are_predicted_side_by_side(place):
    models, _ = place
    items = [item(f"text {number}") for number in range(20)]

    answers = models.predict_many("writer", items)
    behind = models.predict_many("writer", items, background=True)

    assert [answer.text for answer in answers] == [fake_text(asked) for asked in items]
    assert behind == answers


def test_who_waits_for_whole_answers_does_not_hear_of_each_piece(place, monkeypatch):
    monkeypatch.setattr("core.batchers.TICK_S", 3600)
    models, _ = place
    models.predict_many("writer", [])

    assert list(models.predicting("writer", [item(f"text {number}") for number in range(20)])) == []


def test_closing_the_pool_tells_those_who_read(tmp_path):
    class Endless(FakeWriter):
        def step(self):
            return dict.fromkeys(self.rows, Step("on and "))

    place = fake_showcase(tmp_path, load=lambda spec, folder, device: Endless(device))
    place.models.load("fake-writer").wait(WAIT_S)
    steps = place.models.stream("writer", item())
    assert next(steps) == "Draft"

    place.close()

    with pytest.raises(ModelLoadError, match="unloaded while you waited"):
        drained(steps)
