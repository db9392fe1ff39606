"""Back-translations, glossaries and languages: what is said about a translation has to be true."""

import pytest

from core.errors import InputTooLargeError, InvalidInputError
from core.scenarios.translation.back_translation import check_back, differing_words
from core.scenarios.translation.glossary import Term, check_terms, checked_glossary, find_terms
from core.scenarios.translation.glossary_file import read_glossary
from core.scenarios.translation.languages import detect
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from tests.fakes import fake_showcase


@pytest.fixture
def models(tmp_path):
    place = fake_showcase(tmp_path)
    yield place.models
    place.close()


def test_a_perfect_way_back_differs_nowhere(models):
    text = "The tower is tall.\n\nIt is 300 m high and old."
    there = finish(translate(models, TranslationRequest(text, target="zh")))

    back = finish(check_back(models, there))

    assert back.text == text
    assert (back.source_spans, back.back_spans) == ((), ())
    assert back.similarity == pytest.approx(1.0)
    assert back.model.model_id == "fake-translator"


def test_differing_words_are_marked_where_they_stand(models):
    there = finish(translate(models, TranslationRequest("塔很高。它很老。", target="en")))

    back = finish(check_back(models, there))

    assert [back.text[start:end] for start, end in back.back_spans]
    assert 0 <= back.similarity < 1


def test_words_are_compared_without_case_and_punctuation():
    source, other = "The old tower, is tall.", "the tall tower is very high"

    left, right = differing_words(source, other)

    assert [source[start:end] for start, end in left] == ["old", "tall"]
    assert [other[start:end] for start, end in right] == ["tall", "very high"]


def test_chinese_is_compared_by_character():
    left, right = differing_words("这座塔很高。", "那座塔很高")

    assert (left, right) == ([(0, 1)], [(0, 1)])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The CLOUD server and the cloudy server", ["CLOUD server"]),
        ("cloud\nserver", ["cloud\nserver"]),
        ("the `cloud server` and cloud-server", []),
        ("https://cloud server", ["server"]),
    ],
)
def test_english_terms_are_whole_words_in_any_case_outside_of_tokens(text, found):
    glossary = (Term("cloud server", "云服务器"), Term("server", "服务器"))
    uses = find_terms(text, glossary[:1] if "https" not in text else glossary)

    assert [text[use.start : use.end] for use in uses] == found


def test_the_longest_term_wins_and_chinese_needs_no_word_borders():
    glossary = checked_glossary([Term("服务器", "server"), Term("云服务器", "cloud server")])

    assert [use.term.target for use in find_terms("重启云服务器和服务器。", glossary)] == [
        "cloud server",
        "server",
    ]


def test_a_term_that_is_not_there_often_enough_is_reported():
    (check,) = check_terms("A server beside a server.", "服务器旁边。", [Term("server", "服务器")])

    assert (check.wanted, check.respected, check.is_respected) == (2, 1, False)
    assert check.spans == ((0, 3),)


@pytest.mark.parametrize(
    ("terms", "error", "words"),
    [
        ([Term("a", "")], InvalidInputError, "Term 1 .* empty"),
        ([Term("a", "b"), Term("A", "c")], InvalidInputError, "two ways: b and c"),
        ([Term("a" * 101, "b")], InputTooLargeError, "101"),
        ([Term(f"t{n}", "b") for n in range(501)], InputTooLargeError, "500 terms"),
    ],
)
def test_a_glossary_that_cannot_be_used_gets_a_sentence(terms, error, words):
    with pytest.raises(error, match=words):
        checked_glossary(terms)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("g.csv", "en,zh\ncloud server,云服务器\nrefund,退款\n"),
        ("g.csv", "cloud server,云服务器\nrefund,退款\n"),
        ("g.csv", "zh;note;en\n云服务器;x;cloud server\n退款;;refund\n"),
        ("g.tsv", "source\ttarget\ncloud server\t云服务器\nrefund\t退款"),
    ],
)
def test_a_glossary_is_read_from_a_table(name, content):
    wanted = (Term("cloud server", "云服务器"), Term("refund", "退款"))

    assert read_glossary(name, content.encode()) == wanted
    assert read_glossary(name, content.encode("gb18030")) == wanted


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no terms"),
        (b"en,zh\n", "no terms"),
        (b"en,zh\nrefund\n", "Line 2"),
        (b'en,zh\n"refund,x\n', "line 2"),
        (b"\x00\x01\x02" * 100, "binary"),
        (b"a,b\n" * 300_000, "1 MB"),
        ("\n".join(f"term {n},词{n}" for n in range(600)).encode(), "500 terms"),
    ],
)
def test_a_file_that_is_no_glossary_gets_a_sentence(content, words):
    with pytest.raises(InvalidInputError, match=words):
        read_glossary("g.csv", content)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel?", "en"),
        ("Hello", "en"),
        ("OK", "en"),
        ("我的包裹在哪里？", "zh"),
        ("谢谢", "zh"),
        ("我用 Python 写 code", "zh"),
        ("在 Python 里用 async 和 await 写的代码", "zh"),
        ("Bonjour, comment allez-vous aujourd'hui ?", "fr"),
        ("こんにちは、元気ですか", "ja"),
        ("Guten Tag, wie geht es Ihnen?", "de"),
        ("Привет, как дела?", "ru"),
    ],
)
def test_the_language_is_detected_with_a_probability(text, language):
    detected = detect(text)

    assert detected.language == language
    assert 0 < detected.confidence <= 1
