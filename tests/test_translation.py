"""Translations of whole texts: what goes in, what comes out, and what stays whatever the translator does."""

import pytest

from core.errors import InputTooLargeError, InvalidInputError
from core.limits import MAX_TRANSLATION_CHARS
from core.scenarios.translation.glossary import Term
from core.scenarios.translation.translating import TranslationOptions, TranslationRequest, finish, translate
from core.scenarios.translation.translating import translate_texts as translate_all
from core.types import Progress
from tests.fakes import fake_showcase


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


@pytest.fixture
def models(place):
    return place.models


def translated(models, text, target="zh", **options):
    return finish(translate(models, TranslationRequest(text, target=target, **options)))


def test_a_sentence_is_translated_with_the_model_that_did_it(models):
    translation = translated(models, "The tower is tall.")

    assert translation.text == "译「The tower is tall.」"
    assert (translation.source, translation.target) == ("en", "zh")
    assert translation.model.model_id == "fake-translator"
    assert translation.detected.language == "en"
    assert translation.detected.confidence > 0.9


def test_the_same_language_needs_no_model(models):
    translation = translated(models, "The tower is tall.", target="en")

    assert translation.text == "The tower is tall."
    assert translation.model is None


def test_sentences_keep_their_paragraphs(models):
    text = "# Title here\n\nThe first one. The second one.\n\n- An item\n- Another item\n\n"

    translation = translated(models, text)

    assert translation.text == (
        "# 译「Title here」\n\n译「The first one.」译「The second one.」\n\n- 译「An item」\n- 译「Another item」\n\n"
    )


def test_tokens_come_out_whole_and_are_reported(models):
    translation = translated(models, "Hi {name}, pay $3.50 at https://a.example/x?y=1 by 12:30 😀.")

    assert translation.text == "译「Hi {name}, pay $3.50 at https://a.example/x?y=1 by 12:30 😀.」"
    assert [(check.token, check.kind, check.is_whole) for check in translation.checks] == [
        ("{name}", "placeholder", True),
        ("$3.50", "number", True),
        ("https://a.example/x?y=1", "url", True),
        ("12:30", "number", True),
        ("😀", "emoji", True),
    ]


def test_a_term_is_respected_and_its_place_known(models):
    glossary = (Term("cloud server", "云服务器"), Term("absent", "缺席"))

    translation = translated(models, "A Cloud Server runs. Restart it.", glossary=glossary)

    (check,) = translation.terms
    start, end = check.spans[0]
    assert check.is_respected
    assert translation.text[start:end] == "云服务器"


def test_alternatives_are_whole_texts(models):
    translation = translated(models, "The tower is tall. It is old.", alternatives=2)

    assert translation.alternatives == (
        "另译「The tower is tall.」另译「It is old.」",
        "又译「The tower is tall.」又译「It is old.」",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type a text"),
        (" \n\t ", "Type a text"),
        ("😀🎉", "no words"),
        ("12 34 {name}", "no words"),
        ("Bonjour, comment allez-vous aujourd'hui ?", "French"),
        ("nul \x00 inside", "Character 5"),
        ("half \ud83d a pair", "Character 6"),
    ],
)
def test_what_cannot_be_translated_gets_a_sentence(models, text, words):
    with pytest.raises(InvalidInputError, match=words):
        translated(models, text)


def test_a_million_characters_are_refused_with_both_numbers(models):
    with pytest.raises(InputTooLargeError, match=f"{MAX_TRANSLATION_CHARS} characters .this has 1000000."):
        translated(models, "a" * 1_000_000)


def test_control_characters_stay_where_they_are(models):
    assert translated(models, "One thing\x0bAnother thing").text == "译「One thing」\x0b译「Another thing」"


def test_progress_counts_sentences(models):
    text = " ".join(f"This is sentence number {n}." for n in range(50))
    steps = list(translate(models, TranslationRequest(text, target="zh")))

    assert steps[-1] == Progress(50, 50, "sentences")
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_texts_of_a_document_are_translated_together(models):
    texts = ["The tower.", "", "42", "塔很高。", "The tower."]

    translations = finish(translate_all(models, texts, TranslationOptions(target="zh")))

    assert [each.text for each in translations] == [
        "译「The tower.」",
        "",
        "42",
        "塔很高。",
        "译「The tower.」",
    ]
