"""Reading uploads ends with the deadline of their request, whatever is in them."""

import io
from threading import BoundedSemaphore

import pytest
from fastapi import UploadFile

from api import images_reading
from api.calls import Calls
from core.deadlines import Deadline
from core.errors import DeadlineError
from tests.fakes import fake_showcase

PAST, LATER = -1.0, 60.0


def test_pictures_are_read_one_by_one_and_the_room_is_free_again():
    room = BoundedSemaphore(1)

    assert list(Deadline(LATER).one_by_one(iter("abc"), room)) == ["a", "b", "c"]
    assert room.acquire(blocking=False)


def test_who_waits_for_others_to_read_hears_of_it_and_is_served_in_the_end():
    room = BoundedSemaphore(1)
    room.acquire()
    pictures = Deadline(LATER).in_turn(iter("ab"), room)

    waited = next(pictures)
    room.release()

    assert [waited, *pictures] == [None, "a", "b"]


def test_pages_and_api_read_in_the_same_turn(tmp_path):
    place = fake_showcase(tmp_path)
    calls = Calls(place)

    assert calls.reading is place.limits.reading
    calls.close()
    place.close()


def test_no_more_is_read_after_the_deadline():
    left = iter("abc")

    with pytest.raises(DeadlineError):
        next(Deadline(PAST).one_by_one(left, BoundedSemaphore(1)))

    assert "".join(left) == "bc"


def test_who_waits_for_others_to_read_waits_no_longer_than_the_deadline():
    room = BoundedSemaphore(1)
    room.acquire()

    with pytest.raises(DeadlineError):
        next(Deadline(PAST).one_by_one(iter("abc"), room))


def test_the_deadline_holds_for_pictures_that_are_all_refused_too():
    files = [UploadFile(io.BytesIO(b"no picture"), filename=f"cup/{number}.png") for number in range(5)]
    refused, turns = [], {"reading": BoundedSemaphore(1), "deadline": Deadline(PAST)}

    with pytest.raises(DeadlineError):
        list(images_reading.named(files, [], refused, **turns, needed_px=160))

    assert refused == []
