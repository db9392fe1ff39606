"""What a machine checks of a text, and that each check can fail."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.scenarios.content.brief import Brief
from core.scenarios.content.checks import Verdict, check_text, passes
from core.scenarios.content.comparing import difference
from core.scenarios.content.lengths import length_of
from core.scenarios.content.phrases import occurrences
from core.scenarios.content.readability import readability, syllables
from core.scenarios.content.unsupported import unsupported

LAMP = Brief(
    "Lumora lamp",
    facts=("Dims to 1 %", "Lasts 25,000 hours", "A two-year warranty"),
    audience="students in Porto",
)
# A machine that does other work as well is slow now and then.
property_of = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EASY = "The lamp is on. You can read. It is warm."


def check(text, brief, name):
    return next(check for check in check_text(text, brief) if check.name == name)


def marked(text, brief, name):
    return [text[start:end] for start, end in check(text, brief, name).spans]


def invented(text, brief=LAMP):
    return [text[start:end] for start, end in unsupported(text, brief)]


# --- length -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "length"),
    [
        ("It's a state-of-the-art lamp, 1,000 hours!", "en", 6),
        ("", "en", 0),
        ("🎉 — …", "en", 0),
        ("这是一盏台灯。", "zh", 6),
        ("搭配 Apple HomeKit 使用，续航 12 小时。", "zh", 11),
    ],
)
def test_length_counts_words_and_in_chinese_characters(text, language, length):
    assert length_of(text, language) == length


def test_a_text_that_is_too_long_fails():
    assert check("one two three four", Brief("x", max_words=4), "length").verdict is Verdict.PASS
    assert check("one two three four five", Brief("x", max_words=4), "length").verdict is Verdict.FAIL


def test_an_empty_text_fails():
    assert not passes(check_text(" \n ", LAMP))


def test_an_email_needs_a_subject():
    email = Brief("x", channel="email")

    assert check("Subject: News\n\nHello.", email, "subject").verdict is Verdict.PASS
    assert check("**主题：** 新品\n你好", replace(email, language="zh"), "subject").verdict is Verdict.PASS
    assert check("Hello, the subject is news.", email, "subject").verdict is Verdict.FAIL
    assert check("Subject:\n", email, "subject").verdict is Verdict.FAIL
    assert all(each.name != "subject" for each in check_text("Hello.", Brief("x")))


# --- phrases ----------------------------------------------------------------------------------------------------


def test_what_must_be_said_is_found_whatever_its_case_and_spaces():
    brief = Brief("x", must_say=("Made in Porto", "25,000 hours"))
    text = "made  in\nPORTO to last."

    assert marked(text, brief, "must_say") == ["made  in\nPORTO"]
    assert check(text, brief, "must_say").sentence == "Does not say “25,000 hours”."
    assert check(text + " 25,000 hours", brief, "must_say").verdict is Verdict.PASS


def test_what_must_not_be_said_is_not_looked_for_inside_words():
    brief = Brief("x", must_not_say=("art",))

    assert check("Start now, be smart.", brief, "must_not_say").verdict is Verdict.PASS
    assert marked("It is Art.", brief, "must_not_say") == ["Art"]
    assert check("It is Art.", brief, "must_not_say").verdict is Verdict.FAIL


def test_chinese_phrases_are_found_without_spaces_around_them():
    assert occurrences("限时", "现在限时优惠") == [(2, 4)]
    assert occurrences("AI灯", "新款AI灯上市") == [(2, 5)]


@property_of
@given(st.text(min_size=1, max_size=20), st.text(max_size=30), st.text(max_size=30))
def test_a_phrase_is_found_between_spaces(phrase, before, after):
    text = f"{before} {phrase} {after}"

    found = [" ".join(text[start:end].split()) for start, end in occurrences(phrase, text)]
    assert not phrase.split() or any(each.casefold() == " ".join(phrase.split()).casefold() for each in found)


# --- language ---------------------------------------------------------------------------------------------------


def test_the_wrong_language_fails_and_is_marked():
    assert check("A warm lamp.", LAMP, "language").verdict is Verdict.PASS
    assert check("一盏温暖的灯", LAMP, "language").verdict is Verdict.FAIL
    assert marked("灯光灯", LAMP, "language") == ["灯", "光", "灯"]
    assert check("A warm lamp.", Brief("灯", language="zh"), "language").verdict is Verdict.FAIL
    assert check("123 !", LAMP, "language").verdict is Verdict.FAIL


# --- numbers and names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "It lasts 25000 hours, or 25 000, or 25,000.0.",
        "Our two-year warranty is a 2 year one.",
        "The lamp dims to 1%.",
        "Lumora's lamp is for students. Porto loves the Lumora Lamps.",
        "I think I'll read. One of the best.",
        "1. Dims to 1 %.\n2. Lasts long.\n 3) Bright.",
        "Brighten Every Evening With Light",
    ],
)
def test_what_the_brief_gives_is_supported(text):
    assert invented(text) == []


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("It lasts 26,000 hours.", ["26,000"]),
        ("Praised by Forbes and sold in London.", ["Forbes", "London"]),
        ("A three-year warranty for 9.99 dollars.", ["three-year", "9.99"]),
        ("Yours for ９９ dollars.", ["９９"]),
        ("Only 25,00 left.", ["25,00"]),
        ("2.5 stars\n30 of them", ["2.5", "30"]),
        ("Made In Berlin.", ["Berlin"]),
    ],
)
def test_what_the_brief_does_not_give_is_marked(text, made_up):
    assert invented(text) == made_up
    assert check(text, LAMP, "unsupported").verdict is Verdict.FAIL


def test_in_chinese_latin_words_and_numbers_are_looked_at():
    brief = Brief("智能台灯", language="zh", facts=("续航十小时", "支持 HomeKit"))

    assert invented("支持HomeKit，续航10小时。", brief) == []
    assert invented("支持 Alexa，续航12小时。", brief) == ["Alexa", "12"]


@property_of
@given(st.integers(0, 10**9))
def test_a_number_is_the_same_in_any_spelling(number):
    brief = Brief("lamp", facts=(f"{number} hours",))

    assert invented(f"it has {number:,} hours and {number}.00 more", brief) == []
    assert invented(f"it has {number + 1:,} hours", brief) == [f"{number + 1:,}"]


@property_of
@given(st.text(max_size=300), st.sampled_from(["en", "zh"]))
def test_any_text_can_be_checked(text, language):
    brief = Brief("Lumora", language=language, must_say=("a",), must_not_say=("b",), tone="plain")

    for each in check_text(text, brief):
        assert each.sentence
        assert all(0 <= start < end <= len(text) for start, end in each.spans)


# --- facts ------------------------------------------------------------------------------------------------------


def test_facts_that_are_left_out_are_named():
    text = "The Lumora lamp dims down to 1 %, with a warranty of two years."
    noted = check(text, LAMP, "facts")

    assert (noted.verdict, noted.sentence) == (
        Verdict.NOTE,
        "Mentions 2 of 3 facts; not “Lasts 25,000 hours”.",
    )
    assert check(text + " It lasts 25,000 hours.", LAMP, "facts").sentence == "Mentions all 3 facts."
    brief = Brief("台灯", language="zh", facts=("保修两年", "采用再生铝"))
    assert check("这盏灯保修两年。", brief, "facts").sentence == "Mentions 1 of 2 facts; not “采用再生铝”."


# --- reading level ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("lamp", 1),
        ("table", 2),
        ("pages", 2),
        ("wanted", 2),
        ("liked", 1),
        ("idea", 3),
        ("information", 4),
        ("I'm", 1),
    ],
)
def test_syllables_are_counted(word, count):
    assert syllables(word) == count


def test_reading_ease_tells_plain_from_academic_english():
    hard = "Notwithstanding considerable methodological heterogeneity, comprehensive evaluations demonstrated efficacy."

    assert readability(EASY).ease > 90
    assert readability(hard).ease < 10
    assert readability(EASY).grade < 3 < 12 < readability(hard).grade
    assert readability("12 !") is None


def test_only_a_plain_tone_has_a_limit_on_reading_ease():
    hard = (
        3 * "Considerable methodological heterogeneity notwithstanding, evaluations demonstrated efficacy. "
    )
    easy = 3 * EASY

    assert check(hard, Brief("x"), "reading").verdict is Verdict.NOTE
    assert check(hard, Brief("x", tone="plain"), "reading").verdict is Verdict.FAIL
    assert check(easy, Brief("x", tone="plain"), "reading").verdict is Verdict.PASS
    assert all(each.name != "reading" for each in check_text("Tasky.", Brief("x", tone="plain")))


# --- differences ------------------------------------------------------------------------------------------------


def test_differing_words_are_marked_in_both_texts():
    first, second = "A warm lamp for readers.", "A bright warm lamp, for students."
    found = difference(first, second)

    assert [first[start:end] for start, end in found.first] == ["readers"]
    assert [second[start:end] for start, end in found.second] == ["bright", ",", "students"]
    assert 0.5 < found.same < 1


@property_of
@given(st.text(max_size=80), st.text(max_size=80))
def test_what_is_not_marked_is_the_same_in_both_texts(first, second):
    def rest(text, spans):
        kept = [each for at, each in enumerate(text) if not any(start <= at < end for start, end in spans)]
        return "".join("".join(kept).split())

    found = difference(first, second)
    assert rest(first, found.first).casefold() == rest(second, found.second).casefold()
    assert difference(first, first).same == 1
