"""Reading uploads ends with the deadline of their request, whatever is in them."""

import io
from threading import BoundedSemaphore

import pytest
from fastapi import UploadFile

from api import images_reading
from api.deadlines import Deadline
from core.errors import DeadlineError

PAST, LATER = -1.0, 60.0


def test_pictures_are_read_one_by_one_and_the_room_is_free_again():
    room = BoundedSemaphore(1)

    assert list(Deadline(LATER).one_by_one(iter("abc"), room)) == ["a", "b", "c"]
    assert room.acquire(blocking=False)


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
    refused = []

    with pytest.raises(DeadlineError):
        list(images_reading.named(files, [], refused, reading=BoundedSemaphore(1), deadline=Deadline(PAST)))

    assert refused == []
