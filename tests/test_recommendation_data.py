"""Shops out of CSV files: what is read, and that each thing that is wrong is refused with its place."""

import contextlib
import csv
import io
import random

import numpy as np
import pytest

from core.errors import InputTooLargeError, InvalidInputError, NotFoundError
from core.scenarios.recommendation import csv_places, csv_table, reading
from core.scenarios.recommendation.reading import read_dataset
from core.scenarios.recommendation.sample import sample_dataset
from core.streaming import outcome_of
from core.types import Progress

LINES = ["user_id,item_id,rating,timestamp", "ann,lamp,5,100", "bob,sofa,2,300", "ann,sofa,4.5,200"]


def read(content, items=None, **options):
    content = content.encode() if isinstance(content, str) else content
    items = items.encode() if isinstance(items, str) else items
    return outcome_of(read_dataset(content, items, name="mine", **options))


def taken(dataset):
    """Who took what, by id."""
    found = dataset.interactions
    return {
        (user, found.items[item])
        for row, user in enumerate(found.users)
        for item in found.history(row).tolist()
    }


def test_every_row_counts_as_taken_and_times_are_known():
    dataset = read("\n".join(LINES))

    assert taken(dataset) == {("ann", "lamp"), ("bob", "sofa"), ("ann", "sofa")}
    assert dataset.interactions.times.tolist() == [100, 200, 300]
    assert (dataset.user_count, dataset.item_count, dataset.interaction_count) == (2, 2, 3)
    assert dataset.items.titles == ("lamp", "sofa")
    assert not dataset.is_synthetic


def test_only_what_is_rated_well_enough_counts_where_that_is_asked_for():
    assert taken(read("\n".join(LINES), min_rating=4)) == {("ann", "lamp"), ("ann", "sofa")}
    assert taken(read("user,item,rating\na,x,\nb,y,3", min_rating=1)) == {("b", "y")}


def test_a_pair_that_comes_again_counts_once_with_its_last_time():
    dataset = read("user,item,time\na,x,5\na,x,9\na,x,7\n")

    assert dataset.interaction_count == 1
    assert dataset.interactions.times.tolist() == [9]


@pytest.mark.parametrize(
    "content",
    [
        "userId;movieId\nann;lamp\n",
        "customer id\tSKU\nann\tlamp\n",
        '"user","item"\r\n"ann","lamp"\r\n',
        "item,price,user\nlamp,5,ann\n",
        "\n\nuser,item\n\n ann , lamp \n\n",
        "user,item\rann,lamp\r",
        "user,item\nann,lamp",
        "用户,商品\nann,lamp",
        "id,user,item\n17,ann,lamp",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_separators_line_ends_encodings_and_names_of_columns_are_found(content, encoding):
    assert taken(read(content.encode(encoding))) == {("ann", "lamp")}


def test_a_mark_that_comes_twice_is_no_part_of_a_name():
    assert taken(read("\ufeff\ufeffuser,item\nann,lamp")) == {("ann", "lamp")}


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("0", 0),
        ("1717171717", 1717171717),
        ("1970-01-02", 86400),
        ("1970-01-01 00:01", 60),
        ("1970-01-01T00:01:30", 90),
        ("1970-01-01T00:00:00.5Z", 0.5),
        ("1970-01-01T01:00:00+01:00", 0),
    ],
)
def test_times_are_seconds_or_dates(cell, seconds):
    assert read(f"user,item,date\na,x,{cell}\n").interactions.times.tolist() == [seconds]
    mixed = read(f"user,item,date\na,x,{cell}\nb,x,7\nc,x,1970-01-02\n")
    assert mixed.interactions.times.tolist() == [seconds, 7, 86400]


def test_the_catalogue_brings_texts_and_items_that_nobody_took():
    items = (
        'item,title,description,genres\nsofa,"A sofa, large",Soft.,home\nrug,Rug,,\nlamp,,,\nrug,Other,,\n'
    )

    dataset = read("\n".join(LINES), items)

    assert dataset.items.ids == dataset.interactions.items == ("lamp", "rug", "sofa")
    assert dataset.items.titles == ("lamp", "Rug", "A sofa, large")
    assert dataset.items.texts == ["lamp", "Rug", "A sofa, large. Soft."]
    assert dataset.items.categories == ("", "", "home")
    assert dataset.interactions.popularity.tolist() == [1, 0, 2]


def test_texts_are_plain_and_bounded_and_formulas_stay_text():
    items = f"item,title,description\nlamp,'=SUM(A1),a\tb\nsofa,{'long ' * 200},=1+1\n"

    dataset = read("\n".join(LINES), items)

    assert dataset.items.titles[0] == "=SUM(A1)"
    assert len(dataset.items.titles[1]) == 300
    assert dataset.items.descriptions == ("a b", "=1+1")


REFUSED = {
    "ann,lamp": "line 3: the header has 4 columns and this row 2, so column 3 is missing",
    "ann,lamp,5,100,x": "line 3: the header has 4 columns and this row 5, so there is none for cell 5",
    "ann,lamp,good,100": 'line 3, column "rating": "good" is no number',
    "ann,lamp,inf,100": 'line 3, column "rating": "inf" is no number',
    "ann,lamp,nan,100": 'line 3, column "rating": "nan" is no number',
    "ann,lamp,5,": 'line 3, column "timestamp": "" is no time',
    "ann,lamp,5,31/12/2024": 'line 3, column "timestamp": "31/12/2024" is no time',
    "ann,lamp,5,2024-13-01": 'line 3, column "timestamp": "2024-13-01" is no time',
    "ann,lamp,5,nan": 'line 3, column "timestamp": "nan" is no time',
    " ,lamp,5,100": 'line 3, column "user_id": the cell is empty',
    "ann,,5,100": 'line 3, column "item_id": the cell is empty',
    f"ann,{'x' * 101},5,100": 'line 3, column "item_id": the id "xxxx',
    'ann,"lamp,5,100': "line 3: the row that begins here cannot be read: a quotation mark is never closed",
    f"ann,{'x' * 200_000},5,100": "line 3: the row that begins here has a cell of more than 128 KB. Shorten it.",
    '"an\nn",lamp,5,100': 'line 3, column "user_id": the id goes on in the next line',
    'ann,"la\rmp",5,100': 'line 3, column "item_id": the id goes on in the next line',
}


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: line[:30])
@pytest.mark.parametrize("more", [0, 20_000], ids=["small", "large"])
def test_a_broken_row_is_refused_with_line_and_column(line, more, monkeypatch):
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 4096)
    content = [LINES[0], LINES[1], line, *LINES[2:], *[LINES[3]] * more]

    with pytest.raises(InvalidInputError) as refused:
        read("\n".join(content))

    assert REFUSED[line] in str(refused.value)
    assert str(refused.value).startswith("interactions.csv")


def test_the_line_is_right_far_down_and_below_blank_lines_and_cells_with_line_breaks(monkeypatch):
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 1000)
    rows = ["", "note,user,item,rating", *['"two\nlines",a,x,1', ""] * 3000, "n,b,y,oops", "n,b,y,2"]

    with pytest.raises(InvalidInputError, match=r'line 9003, column "rating": "oops"'):
        read("\n".join(rows))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "interactions.csv is empty"),
        (b" \n \n", "interactions.csv is empty"),
        (b"user,item", "has a header but no rows"),
        (b"user,item\n\n  \n", "has a header but no rows"),
        (b"when,what\n1,2\n", "are: when, what. Needed are one of users and one of items"),
        (b"user,user,item\na,b,c\n", 'two columns "user"'),
        (b"user,item" + b"," * 70_000 + b"\na,b\n", "first line of interactions.csv has more than 64 KB"),
        (
            b'user,item,"' + b"x" * 200_000 + b'"\na,b,c\n',
            "first line of interactions.csv has more than 64 KB",
        ),
        (b"user,item\na,\x00\x01\x02\x03\n", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (("user,item\n" + "é,ü\n" * 50).encode() + b"a,\xff\n", "unreadable byte"),
    ],
)
def test_a_file_that_is_no_table_is_refused(content, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        read(content)


def test_a_rating_is_asked_for_where_there_is_none_or_none_is_enough():
    with pytest.raises(InvalidInputError, match="no column of ratings"):
        read("user,item\na,b\n", min_rating=3)
    with pytest.raises(InvalidInputError, match="No row of interactions.csv has a rating of 9 or more"):
        read("\n".join(LINES), min_rating=9)


def test_what_is_wrong_in_the_catalogue_is_said_of_the_catalogue():
    for items, sentence in (
        ("title\nLamp\n", "The columns of items.csv are: title. Needed is one of items"),
        ("item,title\nlamp\n", "items.csv, line 2: the header has 2 columns and this row 1"),
        ("item,title\n,Lamp\n", 'items.csv, line 2, column "item": the cell is empty'),
    ):
        with pytest.raises(InvalidInputError, match=sentence):
            read("\n".join(LINES), items)


def test_what_is_too_large_is_refused_with_the_number(monkeypatch):
    monkeypatch.setattr(reading, "MAX_INTERACTIONS", 2)
    with pytest.raises(InputTooLargeError, match="more than 2 interactions"):
        read("\n".join(LINES))
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MAX_CATALOGUE_ITEMS", 1)
    with pytest.raises(InputTooLargeError, match="2 different items; 1 is the most"):
        read("\n".join(LINES))
    monkeypatch.setattr(reading, "MAX_INTERACTIONS_BYTES", 2**20)
    with pytest.raises(InputTooLargeError, match="has 2 MB; 1 MB is the most"):
        read(b"x" * (2**20 + 1))


def test_the_line_is_looked_for_step_by_step_also_among_blank_ones(monkeypatch):
    monkeypatch.setattr(csv_places, "ROWS_PER_STEP", 100)
    steps = read_dataset(b"user,item\n" + b"\n" * 10_000 + b"a,\n", name="mine")
    seen = []

    with pytest.raises(InvalidInputError, match="line 10002"):
        seen.extend(steps)
    # `extend` keeps what came before the refusal.
    assert sum(step.unit == "rows" for step in seen) == 100


def test_titles_lose_what_is_not_seen_or_turns_the_words_around_them():
    items = "item,title\nlamp,\u202egnp.exe\u202c\u200b\nsofa,\u200b\u2060\n"
    dataset = read("\n".join(LINES), items)

    assert dataset.items.titles == ("gnp.exe", "sofa")


def test_progress_is_in_bytes_and_never_goes_back(monkeypatch):
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 4096)
    content = "\n".join([LINES[0], *[LINES[1]] * 5000]).encode()

    steps = list(read_dataset(content, name="mine"))

    assert all(isinstance(step, Progress) and step.unit == "bytes" for step in steps)
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert len(set(done)) > 5


def test_files_with_damage_anywhere_are_read_or_refused_with_a_sentence():
    rng = random.Random(5)
    items = "item,title,description\n" + "".join(f'i{n},"T ""{n}""",d\n' for n in range(30))
    rows = [LINES[0], *(f'u{n % 7},"i{n % 30}",{n % 5},2024-01-{n % 28 + 1:02}' for n in range(60))]
    whole = "\n".join(rows).encode()

    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(broken))
            broken[place : place + rng.randint(0, 6)] = rng.choice(
                [b'"', b",", b"\n", b"\x00", b"\xff", b"\r", b";", "é".encode(), b"=1+1", b"9" * 400, b""]
            )
        with contextlib.suppress(InvalidInputError):
            assert read(bytes(broken), items if rng.random() < 0.3 else None).interaction_count > 0


def test_any_table_that_a_spreadsheet_writes_comes_back_as_it_was():
    rng = random.Random(6)
    texts = ["plain", 'say "hi"', "a,b;c", "tab\there", "two\nlines", "=1+1", "灯，很亮", "  padded "]
    pairs = {(f"user {rng.randint(1, 9)}, Mr", f'item "{rng.randint(1, 30)}"') for _ in range(99)}
    for dialect in ("excel", "excel-tab", "unix"):
        out = io.StringIO(newline="")
        writer = csv.writer(out, dialect)
        writer.writerow(["user", "item", "note"])
        writer.writerows([user, item, rng.choice(texts)] for user, item in pairs)

        assert taken(read(out.getvalue())) == pairs


def test_ids_have_numbers_and_unknown_ones_are_refused():
    dataset = sample_dataset()

    for number, item in enumerate(dataset.interactions.items):
        assert dataset.number(item) == number
    assert dataset.user(dataset.interactions.users[7]) == 7
    assert dataset.numbers(["lamp-arc-brass", "lamp-arc-brass"]).tolist() == [
        dataset.number("lamp-arc-brass")
    ]
    with pytest.raises(NotFoundError, match='no item "zeppelin" among the 235 items'):
        dataset.number("zeppelin")
    with pytest.raises(NotFoundError, match='no user "nobody" among the 800 users'):
        dataset.user("nobody")


def test_the_sample_has_texts_in_both_languages_in_the_order_of_its_items():
    dataset = sample_dataset()

    assert dataset.is_synthetic
    for language in ("en", "zh"):
        assert dataset.shown(language).ids == dataset.interactions.items
        assert all(dataset.shown(language).titles)
    assert dataset.shown("en").titles != dataset.shown("zh").titles


def test_items_sort_as_python_sorts_strings():
    ids = ["z", "é", "𝄞", "灯", "Z", "10", "9", "﹏"]

    dataset = read("user,item\n" + "".join(f"u,{item}\n" for item in ids))

    assert list(dataset.interactions.items) == sorted(ids)
    assert np.array_equal(dataset.numbers(ids), np.arange(len(ids)))
