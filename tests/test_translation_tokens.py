"""Protected tokens: on a thousand made-up sentences and translators of the worst kind, every one comes out whole."""

import random
import re
import string
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.scenarios.translation import tokens
from core.scenarios.translation.drafts import Draft
from core.scenarios.translation.glossary import Term
from core.scenarios.translation.masking import Masks
from core.scenarios.translation.segments import MAX_SENTENCE_CHARS, split
from core.scenarios.translation.tokens import are_whole, check_tokens, find_tokens, has_words
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from core.types import Hypothesis
from tests.fakes import FakeTranslator, fake_showcase

MASKS = Masks("<x{n}>", 10)
MARK = re.compile(r"<x(\d)>")
GLOSSARY = (Term("server", "服务器"), Term("塔", "tower"), Term("cloud server", "云服务器"))
TOKENS = [
    *("{name}", "{{ user.name }}", "{0}", "{}", "${HOME}", "%s", "%d", "%(count)d", "%1$s", "%.2f", "%%"),
    *("<b>", "</b>", "<br/>", '<a href="https://a.example/?q=1&r=2">', "&amp;", "&#39;", "<!-- note -->"),
    *(
        "https://example.com/path?x=1#frag",
        "http://a.example:8080/",
        "www.example.org",
        "ftp://f.example/a.zip",
    ),
    *(
        "jane.doe@example.com",
        "a+b@mail.example.co.uk",
        "`pip install x`",
        "user_id",
        "v2.1.0",
        "GPT-4",
        "5G",
    ),
    *(
        "1,234.56",
        "12%",
        "$3.50",
        "2024-05-03",
        "12:30",
        "3/4",
        "-5",
        "+86",
        "0",
        "100",
        "25°C",
        "¥99",
        "1.5",
    ),
    *("😀", "👍🏽", "👨‍👩‍👧", "🇨🇳", "❤️", "1️⃣", "→"),
]
EN = ["the", "old", "server", "is", "tall", "and", "pays", "cloud server", "One", "two", "we", "Restart"]
ZH = ["塔", "很高", "我们", "重启", "云服务器", "和", "在", "然后", "一座", "两个"]
ENDS = {"en": (".", "!", "?", ""), "zh": ("。", "！", "？", "")}


@st.composite
def sentences(draw, language):
    """Words and tokens in any order, with the blanks and commas of the language."""
    words = EN if language == "en" else ZH
    parts = draw(
        st.lists(st.one_of(st.sampled_from(words), st.sampled_from(TOKENS)), min_size=1, max_size=18)
    )
    gaps = (" ", " ", ", ", " (") if language == "en" else ("", "", "，", " ")
    text = "".join(part + draw(st.sampled_from(gaps)) for part in parts)
    return text.strip() + draw(st.sampled_from(ENDS[language]))


def keep(text, target, rng):
    return [f"译「{text}」" if target == "zh" else f"In English: {text}"]


def drop_marks(text, target, rng):
    return [MARK.sub("", keep(text, target, rng)[0])]


def drop_one(text, target, rng):
    return [MARK.sub("", keep(text, target, rng)[0], count=1)]


def repeat_marks(text, target, rng):
    return [MARK.sub(r"<x\1><x\1>", keep(text, target, rng)[0])]


def reorder_marks(text, target, rng):
    marks = MARK.findall(text)
    rng.shuffle(marks)
    return [MARK.sub(lambda match: f"<x{marks.pop()}>", keep(text, target, rng)[0])]


def shout(text, target, rng):
    return [keep(text, target, rng)[0].upper()]


def spread(text, target, rng):
    return [MARK.sub(r"< x \1 >", keep(text, target, rng)[0])]


def widen(text, target, rng):
    return ["".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)]


def invent(text, target, rng):
    """Numbers, tags and marks of its own, right beside what it was given."""
    noise = ["7", "<x3>", "{name}", "%s", "12%", "<b>", "https://evil.example", "😀", "v2", "."]
    return ["".join(part + rng.choice(noise) for part in re.split(r"(\W)", text))]


def babble(text, target, rng):
    return ["".join(rng.choice(string.printable + "塔楼<x0>") for _ in range(rng.randrange(60)))]


def glue(text, target, rng):
    return [text.replace(" ", "")]


def nothing(text, target, rng):
    return [""]


def no_answer(text, target, rng):
    return []


TRANSLATORS = [
    *(keep, drop_marks, drop_one, repeat_marks, reorder_marks, shout, spread, widen, invent, babble, glue),
    *(nothing, no_answer),
]


def translated(draft, translator, masks, seed):
    """What the scenario makes of this translator's answers: the first way that works, else the source."""
    rng = random.Random(seed)
    for way in draft.ways(masks):
        answers = [translator(text, draft.target, rng) for text in way.texts]
        if all(answers) and (found := draft.ranked(way.candidates(answers))):
            return found[0], type(way).__name__
    return draft.text, "source"


@pytest.mark.parametrize(("source", "target"), [("en", "zh"), ("zh", "en")])
@given(data=st.data())
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_token_comes_out_whole_whatever_the_translator_does(source, target, data):
    text = data.draw(sentences(source))
    translator = data.draw(st.sampled_from(TRANSLATORS))
    masks = data.draw(st.sampled_from([MASKS, None]))
    wanted = Counter(token.text for token in find_tokens(text))

    for draft in (Draft(text, source, target), Draft(text, source, target, GLOSSARY)):
        target_text, _ = translated(draft, translator, masks, seed=len(text))

        found = Counter(token.text for token in find_tokens(target_text))
        assert {token: found[token] for token in wanted} == wanted
        assert all(check.is_whole for check in check_tokens(text, target_text))


@pytest.mark.parametrize("translator", TRANSLATORS)
def test_a_whole_text_keeps_its_tokens_through_the_pool(tmp_path, translator):
    class Bad(FakeTranslator):
        def predict(self, items):
            answers = [translator(item.text, item.target, random.Random(7)) for item in items]
            return [tuple(Hypothesis(text, 0.0) for text in each) for each in answers]

    place = fake_showcase(tmp_path, load=lambda spec, folder, device: Bad(device))
    text = (
        "Hi {name}, pay $3.50 at https://a.example/x by 12:30 😀. <b>The server</b> is %s.\n\nNothing here!"
    )
    request = TranslationRequest(text, target="zh", glossary=GLOSSARY, alternatives=2)

    translation = finish(translate(place.models, request))
    place.close()

    assert all(check.is_whole for check in translation.checks)
    assert len(translation.checks) == 8
    assert all(are_whole(text, each) for each in (translation.text, *translation.alternatives))
    assert [check.term.source for check in translation.terms] == ["server"]


@pytest.mark.parametrize("translator", [keep, spread, shout])
def test_a_translator_that_keeps_its_marks_keeps_the_terms(translator):
    draft = Draft("The cloud server of {name} is old.", "en", "zh", GLOSSARY)

    text, way = translated(draft, translator, MASKS, seed=0)

    assert way == "Marked"
    assert "云服务器" in text
    assert "{name}" in text


def test_a_translator_that_loses_marks_is_asked_for_the_pieces():
    draft = Draft("Pay {amount} before 12:30, or call us.", "en", "zh")

    text, way = translated(draft, drop_marks, MASKS, seed=0)

    assert way == "Plain"
    assert are_whole(draft.text, text)


def test_pieces_are_joined_as_the_language_writes():
    draft = Draft("Click <b>here</b> to see {count} more.", "en", "zh")
    pieces = draft.ways(None)[-1]

    assert pieces.texts == ["Click", "here", "to see", "more."]
    assert (
        pieces.candidates([["点击"], ["这里。"], ["查看"], ["更多。"]])[0]
        == "点击<b>这里</b>查看{count}更多。"
    )

    draft = Draft("点击<b>这里</b>查看{count}条消息。", "zh", "en")
    pieces = draft.ways(None)[-1]
    assert pieces.candidates([["Click"], ["here."], ["to see"], ["messages."]])[0] == (
        "Click <b>here</b> to see {count} messages."
    )

    draft = Draft("Bring {a}, {b} and {c}.{d}!", "en", "zh")
    assert draft.ways(None)[-1].candidates([["带"], ["和"]])[0] == "带{a}，{b}和{c}.{d}！"
    draft = Draft("请带{a}、{b}（{c}）。", "zh", "en")
    assert draft.ways(None)[-1].candidates([["Bring"]])[0] == "Bring {a}, {b} ({c})."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Visit https://a.example/b, then (www.c.example).", ["https://a.example/b", "www.c.example"]),
        ("访问https://a.example/b。然后", ["https://a.example/b"]),
        ("共5本，12%是新的", ["5", "12%"]),
        ("on the 21st of May, 2nd place, 10kg", ["10"]),
        ("100% sure, 50%discount", ["100%", "50%"]),
        ("a < b and c > d", []),
        ("e-mail me at x@y.example.", ["x@y.example"]),
        ("3-5 people, 2024-05-03, 12:30:15, 1.2.3", ["3-5", "2024-05-03", "12:30:15", "1.2.3"]),
        ("well-known don't {weird", []),
    ],
)
def test_what_is_a_token_and_what_is_not(text, found):
    assert [token.text for token in find_tokens(text)] == found


@given(
    text=st.text(
        alphabet=st.sampled_from("ab Z.:/-_@<>&;{}%$#`0٣３*\ufe0f\u20e3😀🇩→☃‼wtps()+€^,é中"), max_size=12
    )
    | st.text(max_size=6)
    | st.sampled_from(TOKENS)
)
@settings(max_examples=2000, deadline=None)
def test_what_a_quick_look_passes_over_has_no_tokens(text):
    assert tokens._HINT.search(text) or not tokens._PATTERN.search(text)


@given(text=st.text(alphabet=st.sampled_from("aB c.,。！?\n\t{}<>%51塔很\u3000😀\x0b-*#"), max_size=400))
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_and_gaps_are_the_text(language, text):
    whole = split(text, language)

    rebuilt = "".join(sentence.gap + sentence.text for sentence in whole.sentences) + whole.tail
    assert rebuilt == text
    assert all(sentence.text.strip() for sentence in whole.sentences)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "tower "), ("en", "tower"), ("zh", "塔"), ("zh", "塔，")]
)
def test_long_sentences_are_cut_and_tokens_are_not(language, word):
    text = word * 200 + "https://a.example/" + "x" * 500 + word * 200

    whole = split(text, language)

    limit = MAX_SENTENCE_CHARS[language]
    assert all(len(each.text) <= limit or "https://" in each.text for each in whole.sentences)
    assert sum("https://a.example/" + "x" * 500 in each.text for each in whole.sentences) == 1


def test_sentences_with_many_tokens_are_cut_between_them():
    text = "See " + ", ".join(f"{{name{n}}} and <b>that</b>" for n in range(20)) + "."

    whole = split(text, "en")

    assert "".join(each.gap + each.text for each in whole.sentences) == text
    assert all(len(find_tokens(each.text)) <= 10 for each in whole.sentences)
    assert all(len(each.text) > 40 for each in whole.sentences[:-1])


def test_finding_tokens_in_hostile_text_takes_linear_time():
    for hostile in (
        "<a" * 50_000,
        "{" * 100_000,
        "a." * 50_000 + "@",
        "1,1" * 50_000,
        "%(" * 50_000,
        "`" * 100_000,
    ):
        assert has_words(hostile) in (True, False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<p>Hello there. 🎉</p>", "Hello there."),
        ("🎉 We won! ", "We won!"),
        ("- <b>All of it</b>", "All of it"),
        ("<b>Item</b> one", "<b>Item</b> one"),
        ("<p><b>Hi</b> you</p>", "<b>Hi</b> you"),
        ("<br/>", "<br/>"),
        ("It costs 5", "It costs 5"),
    ],
)
def test_tags_and_emoji_at_the_edges_are_kept_from_the_translator(text, sentence):
    parts = split(text, "en")

    assert parts.sentences[0].text == sentence
    assert parts.joined([each.text for each in parts.sentences], "en") == text
