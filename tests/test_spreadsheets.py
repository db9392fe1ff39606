"""CSV files read by their columns."""

import pytest

from core.errors import InputTooLargeError, InvalidInputError
from core.spreadsheets import Row, read_columns


def read(content):
    return read_columns(content, ("a", "b"), max_mb=1, missing="Name a and b.")


def test_columns_are_found_wherever_they_stand_and_rows_know_their_line():
    content = b'b,other,a\r\n1,x,"two\r\nlines"\r\n\r\n2,y\r\n3,z,c,more\r\n'

    assert read(content) == [Row(3, ("two\r\nlines", "1")), Row(5, ("", "2")), Row(6, ("c", "3"))]


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"a,c\n1,2\n", InvalidInputError, "Name a and b."),
        (b"", InvalidInputError, "Name a and b."),
        (b'a,b\n1,2\n"x"y,2\n', InvalidInputError, "Line 3 of the file cannot be read as CSV"),
        (b"a,b\n" + b"1,2\n" * 300_000, InputTooLargeError, "under 1 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(content, kind, words):
    with pytest.raises(kind, match=words):
        read(content)
