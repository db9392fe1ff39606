"""What a refusal tells a program: when it makes sense to ask again."""

import pytest

from api.failures import headers_of
from core.errors import DeadlineError, InvalidInputError, ModelLoadError, OverloadedError, RateLimitedError


@pytest.mark.parametrize(
    ("error", "retry_after"),
    [
        (OverloadedError("Try again in about {seconds} s.", seconds=17), "17"),
        (OverloadedError("Try again soon."), "2"),
        (RateLimitedError("Try again in {retry_after_s} s.", retry_after_s=31), "31"),
        (ModelLoadError("No answer within {seconds} s.", seconds=60), "5"),
    ],
)
def test_a_program_is_told_to_wait_as_long_as_the_sentence_says(error, retry_after):
    assert headers_of(error) == {"Retry-After": retry_after}


@pytest.mark.parametrize(
    "error", [DeadlineError("Too late: {seconds} s.", seconds=30), InvalidInputError("No.")]
)
def test_what_does_not_get_better_by_waiting_names_no_time(error):
    assert headers_of(error) == {}
