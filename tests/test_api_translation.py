"""The translation API: texts and files in, translations and what was checked about them out."""

import pytest

from core.limits import MAX_TRANSLATION_CHARS
from tests.fakes import FakeTranslator, fake_showcase
from tests.test_api import client_of, error_of

TRANSLATE = "/api/translation/translate"
FILES = "/api/translation/files"


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


@pytest.fixture
def client(place):
    return client_of(place)


def test_texts_come_back_translated_and_checked(client):
    body = {
        "texts": ["Hi {name}, the cloud server is ready.", "塔很高。"],
        "target": "zh",
        "alternatives": 1,
        "glossary": [{"source": "cloud server", "target": "云服务器"}],
    }

    answer = client.post(TRANSLATE, json=body).json()

    first, second = answer["translations"]
    assert first["text"] == "译「Hi {name}, the 云服务器 is ready.」"
    assert first["alternatives"] == ["另译「Hi {name}, the 云服务器 is ready.」"]
    assert first["checks"]["tokens"] == [{"token": "{name}", "kind": "placeholder", "whole": True}]
    (term,) = first["checks"]["terms"]
    (start, end), *_ = term["spans"]
    assert term["respected"]
    assert first["text"][start:end] == "云服务器"
    assert first["detected"]["language"] == "en"
    assert (second["text"], second["source"]) == ("塔很高。", "zh")
    assert (answer["model"], answer["tier"], answer["device"]) == ("fake-translator", "starter", "CPU")
    assert answer["elapsed_ms"] > 0
    assert answer["request_id"]


def test_texts_in_the_target_language_need_no_model(client):
    answer = client.post(TRANSLATE, json={"texts": ["塔很高。"], "target": "zh"}).json()

    assert (answer["model"], answer["tier"], answer["device"]) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"texts": [], "target": "zh"}, 422, "invalid_input", "texts"),
        ({"texts": ["Hi there"] * 65, "target": "zh"}, 422, "invalid_input", "64 items"),
        ({"texts": ["Hi there"]}, 422, "invalid_input", "target is missing"),
        ({"texts": ["Hi there"], "target": "fr"}, 422, "invalid_input", "en, zh"),
        ({"texts": ["Hi there"], "target": "zh", "alternatives": 9}, 422, "invalid_input", "5 or less"),
        ({"texts": ["Hi there"], "target": "zh", "model": "none"}, 422, "invalid_input", "no model none"),
        ({"texts": ["😀"], "target": "zh"}, 422, "invalid_input", "no words"),
        ({"texts": ["Bonjour, comment allez-vous ?"], "target": "zh"}, 422, "invalid_input", "French"),
        ({"texts": ["a" * 10_001] * 2, "target": "zh"}, 413, "input_too_large", f"{MAX_TRANSLATION_CHARS}"),
        ({"texts": ["a" * 300_000], "target": "zh"}, 413, "input_too_large", "256 KB"),
        (
            {"texts": ["Hi there"], "target": "zh", "glossary": [{"source": "a", "target": ""}]},
            *(422, "invalid_input", "empty side"),
        ),
    ],
)
def test_what_cannot_be_translated_gets_a_sentence(client, body, status, code, words):
    assert words in error_of(client.post(TRANSLATE, json=body), status, code)


def test_a_file_comes_back_in_the_other_language(client):
    content = b"Hello {name}.\n\nThe refund takes 5 days.\n"
    form = {"target": "zh", "glossary": "refund,退款"}

    answer = client.post(FILES, data=form, files={"file": ("notes é.txt", content)})

    assert answer.status_code == 200, answer.text
    assert answer.text == "译「Hello {name}.」\n\n译「The 退款 takes 5 days.」\n"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''notes%20%C3%A9.zh.txt"
    assert answer.headers["x-model"] == "fake-translator"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("name", "content", "form", "status"),
    [
        ("notes.txt", b"Hello there", {}, 422),
        ("notes.exe", b"Hello there", {"target": "zh"}, 422),
        ("notes.txt", b"", {"target": "zh"}, 422),
        ("notes.docx", b"PK no zip", {"target": "zh"}, 422),
        ("notes.txt", b"Hello there", {"target": "zh", "glossary": '"open'}, 422),
        ("notes.txt", b"a b\n" * 2_000_000, {"target": "zh"}, 413),
    ],
)
def test_a_file_that_cannot_be_translated_gets_a_sentence(client, name, content, form, status):
    answer = client.post(FILES, data=form, files={"file": (name, content)})

    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_work_that_takes_too_long_ends_with_its_deadline(tmp_path):
    engines = []

    def load(spec, folder, device):
        engine = FakeTranslator(device)
        engine.may_answer.clear()
        engines.append(engine)
        return engine

    place = fake_showcase(tmp_path, load=load, deadline_s=0.3)

    error_of(
        client_of(place).post(TRANSLATE, json={"texts": ["Hi there"], "target": "zh"}),
        504,
        "deadline_exceeded",
    )
    for engine in engines:
        engine.may_answer.set()
    place.close()


def test_the_examples_of_the_document_work(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]

    answer = client.post(TRANSLATE, json=schemas["TranslateRequest"]["example"])

    assert answer.status_code == 200
    assert answer.json().keys() == schemas["TranslateResponse"]["example"].keys()
