"""What travels with a request: its caller, its deadline, and the way to tell its visitor that they wait."""

import threading
import time
from contextvars import copy_context

import pytest

from api.calls import Calls
from api.visitors import Visitor
from core import visits
from core.errors import DeadlineError, OverloadedError
from core.scenarios.translation.translating import TranslationRequest, translate
from core.types import EmbeddingItem, TranslationItem
from core.visits import Waiting
from tests.fakes import FakeEngine, FakeTranslator, fake_showcase

WAIT_S = 10


class Noting(FakeEngine):
    """Notes the texts that it is really asked for."""

    def __init__(self, device):
        super().__init__(device)
        self.seen = []

    def predict(self, items):
        self.seen.append([item.text for item in items])
        return super().predict(items)


class NotingTranslator(FakeTranslator, Noting):
    def predict(self, items):
        self.seen.append([item.text for item in items])
        return super().predict(items)


@pytest.fixture
def make_place(tmp_path):
    places = []

    def make(model_id="fake-en", engine=Noting, **settings):
        engines = []

        def load(spec, folder, device):
            engines.append(engine(device))
            return engines[-1]

        places.append((fake_showcase(tmp_path, load=load, **settings), engines))
        places[-1][0].models.load(model_id).wait(WAIT_S)
        return places[-1][0], engines[0]

    yield make
    for place, engines in places:
        for engine in engines:
            engine.may_answer.set()
        place.close()


def ask(models, caller, *texts, role="embedder-en", **visit):
    with visits.visiting(caller, **visit):
        return models.predict_many(role, [EmbeddingItem(text) for text in texts])


def in_background(work, *args, **options):
    """Run it on a thread; the list will hold what it gave or raised."""
    ended = []

    def run():
        try:
            ended.append(work(*args, **options))
        except (DeadlineError, OverloadedError) as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def hold(models, engine, caller="somebody", count=1):
    """Keep the model busy with `count` items of `caller`: the first runs, the others wait."""
    engine.may_answer.clear()
    engine.was_asked.clear()
    threads = [in_background(ask, models, caller, "held")[0]]
    assert engine.was_asked.wait(WAIT_S)
    if count > 1:
        threads.append(in_background(ask, models, caller, *["more"] * (count - 1))[0])
    until(lambda: models.role_status("embedder-en").queue_size == count - 1)
    return threads


def until(holds):
    give_up_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < give_up_s
        threading.Event().wait(0.001)


def test_what_is_not_answered_when_the_request_ends_is_not_computed(make_place):
    place, engine = make_place()
    threads = hold(place.models, engine)

    with pytest.raises(DeadlineError):
        ask(place.models, "hasty", "too late", "too late as well", deadline_s=0.1)
    assert place.models.role_status("embedder-en").queue_size == 2
    assert place.models.waiting("embedder-en").queued == 0
    engine.may_answer.set()
    ask(place.models, "next", "after it")
    for thread in threads:
        thread.join(WAIT_S)

    assert engine.seen == [["held"], ["after it"]]


def test_a_request_whose_time_is_over_asks_no_model_any_more(make_place):
    place, engine = make_place()

    with visits.visiting("slow", deadline_s=0.01):
        until(lambda: visits.current().is_over)
        with pytest.raises(DeadlineError):
            place.models.predict("embedder-en", EmbeddingItem("in vain"))
    ask(place.models, "next", "next")

    assert engine.seen == [["next"]]


def test_the_deadline_of_a_request_to_the_api_reaches_its_models(make_place):
    place, _engine = make_place(deadline_s=7.0)
    calls, seen = Calls(place), []
    visitor = Visitor("203.0.113.7", is_local=False, request_id="-")

    def work(_showcase):
        seen.append(visits.current())

    calls.start(visitor, work, given_up=threading.Event(), deadline_s=place.limits.deadline_s).result(WAIT_S)
    calls.start(visitor, work, given_up=threading.Event()).result(WAIT_S)
    calls.close()

    assert [visit.caller for visit in seen] == ["203.0.113.7"] * 2
    assert 0 < seen[0].ends_s - time.monotonic() <= 7.0
    assert seen[1].ends_s == float("inf")
    assert visits.current().caller == ""


def test_a_translation_that_nobody_waits_for_leaves_the_line(make_place):
    place, engine = make_place("fake-translator", NotingTranslator)
    role = "translator-en-zh"
    engine.may_answer.clear()
    item = TranslationItem("held", "en", "zh")
    thread, _ = in_background(place.models.predict, role, item)
    assert engine.was_asked.wait(WAIT_S)

    with visits.visiting("leaving"):
        steps = translate(place.models, TranslationRequest("For nobody.", source="en", target="zh"))
        next(steps)
        assert place.models.waiting(role).queued == 1
        steps.close()
        assert place.models.waiting(role).queued == 0
    engine.may_answer.set()
    place.models.predict(role, TranslationItem("next", "en", "zh"))
    thread.join(WAIT_S)

    assert engine.seen == [["held"], ["next"]]


def test_a_request_longer_than_the_line_goes_through_it_bit_by_bit(make_place):
    place, _engine = make_place()
    texts = [f"text {number}" for number in range(1000)]

    vectors = ask(place.models, "alone", *texts)

    assert len(vectors) == 1000
    assert (vectors[-1] == ask(place.models, "alone", texts[-1])[0]).all()


def test_the_rest_of_a_long_request_is_not_computed_when_its_caller_has_left(make_place):
    has_left = threading.Event()

    class Last(Noting):
        def predict(self, items):
            has_left.set()
            return super().predict(items)

    place, engine = make_place(engine=Last)

    with pytest.raises(DeadlineError):
        ask(place.models, "leaving", *["text"] * 1000, given_up=has_left)

    assert sum(map(len, engine.seen)) < 1000


def test_the_second_request_of_a_greedy_caller_is_refused_and_others_are_served(make_place):
    place, engine = make_place()
    threads = hold(place.models, engine)
    thread, ended = in_background(ask, place.models, "greedy", *["much"] * 1000)
    with visits.visiting("greedy"):
        until(lambda: place.models.waiting("embedder-en").queued == 128)

    with pytest.raises(OverloadedError, match="128 of your requests are waiting already"):
        ask(place.models, "greedy", "and more")
    other, answers = in_background(ask, place.models, "modest", "one")
    until(lambda: place.models.role_status("embedder-en").queue_size == 129)
    engine.may_answer.set()
    for each in (*threads, other, thread):
        each.join(WAIT_S)

    assert len(answers[0]) == 1
    assert len(ended[0]) == 1000
    assert "one" in engine.seen[1]


def test_who_waits_hears_where_they_stand_and_that_it_is_over(make_place):
    place, engine = make_place()
    threads = hold(place.models, engine, count=3)
    told = []

    def tell(line):
        told.append(line)
        engine.may_answer.set()

    ask(place.models, "visitor", "question", tell=tell)
    for thread in threads:
        thread.join(WAIT_S)

    assert (told[0].queued, told[0].ahead) == (1, 2)
    assert told[-1] == Waiting()


def test_only_the_thread_of_the_visitor_is_told():
    told = []
    with visits.visiting("visitor", tell=told.append):
        thread = threading.Thread(target=copy_context().run, args=(visits.tell, Waiting))
        thread.start()
        thread.join(WAIT_S)
        assert told == []
        visits.tell(Waiting)
    assert told == [Waiting()]


def test_a_visitor_who_leaves_while_they_wait_gives_up_their_items(make_place):
    class Left(BaseException):
        pass

    def leave(line):
        raise Left

    place, engine = make_place()
    threads = hold(place.models, engine)
    with pytest.raises(Left):
        ask(place.models, "visitor", "for nobody", tell=leave)
    engine.may_answer.set()
    ask(place.models, "next", "next")
    for thread in threads:
        thread.join(WAIT_S)

    assert engine.seen == [["held"], ["next"]]
