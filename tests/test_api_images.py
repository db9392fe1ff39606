"""The API of image classification: files in, labels, verdicts and reasons out; classes taught and used."""

import base64
import io
import json
import threading

import numpy as np
import pytest
from PIL import Image

from api.images_schemas import ClassesResponse, ClassifyResponse
from core.belongings import rows_of
from core.limits import MAX_EXPLAINED
from core.scenarios.images.taught import Taught
from tests.fake_classifier import LABELS, FakeClassifier, painted
from tests.fakes import fake_showcase
from tests.test_api import client_of, error_of
from tests.test_images import bright_corner, calibrate, png, zipped

CLASSIFY = "/api/images/classify"
CLASSES = "/api/images/classes"
EVERYDAY = LABELS["image-classifier"]


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


@pytest.fixture
def client(place):
    return client_of(place)


def file_of(label, name=None, labels=EVERYDAY):
    return "files", (name or f"{label}.png", png(painted(label, labels)))


def test_each_file_comes_back_with_its_labels(client):
    answer = client.post(CLASSIFY, files=[file_of("cat"), file_of("ship")], data={"top_k": "2"}).json()

    first, second = answer["files"]
    assert (first["name"], first["labels"][0]["name"]) == ("cat.png", "cat")
    assert (second["name"], second["labels"][0]["name"]) == ("ship.png", "ship")
    assert len(first["labels"]) == 2
    assert first["labels"][0]["score"] > first["labels"][1]["score"]
    assert first["verdict"] == "unchecked"
    assert "error" not in first
    assert "saliency" not in first
    assert (answer["model"], answer["tier"], answer["device"]) == ("fake-vision", "starter", "CPU")
    assert answer["request_id"]


def test_what_the_model_does_not_know_is_said(tmp_path, client):
    calibrate(tmp_path, unknown_below=0.0)
    black = ("files", ("black.png", png(np.zeros((32, 32, 3), dtype=np.uint8))))

    answer = client.post(CLASSIFY, files=[file_of("cat"), black]).json()

    assert [each["verdict"] for each in answer["files"]] == ["known", "unknown"]
    assert answer["files"][1]["likeness"] < answer["files"][1]["unknown_below"]


def test_a_bad_file_is_an_item_with_its_error_in_the_callers_language(client):
    files = [file_of("cat"), ("files", ("notes.pdf", b"%PDF-1.7"))]

    answer = client.post(CLASSIFY, files=files, headers={"Accept-Language": "zh"})

    assert answer.status_code == 200
    good, bad = answer.json()["files"]
    assert good["labels"]
    assert (bad["name"], bad["labels"]) == ("notes.pdf", [])
    assert "PDF" in bad["error"]
    assert "verdict" not in bad


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("files", ("a.pdf", b"%PDF-1.7"))], "PDF"),
        ([("files", ("a.png", b"")), ("files", ("b.txt", b"hello"))], "None of the 2 files"),
        ([("files", ("a.zip", b"PK\x03\x04no"))], "archive"),
        ([], "files is missing"),
    ],
)
def test_only_bad_files_are_refused(client, files, words):
    answer = client.post(CLASSIFY, files=files, data={"top_k": "3"})

    assert words in error_of(answer, 422, "invalid_input")


def test_a_zip_takes_the_place_of_many_files(client):
    archive = zipped([(f"{label}/1.png", png(painted(label, EVERYDAY))) for label in ("cat", "dog")])

    answer = client.post(CLASSIFY, files=[("files", ("all.zip", archive))]).json()

    assert [each["name"] for each in answer["files"]] == ["cat/1.png", "dog/1.png"]
    assert [each["labels"][0]["name"] for each in answer["files"]] == ["cat", "dog"]


def test_where_the_model_looked_comes_with_its_check(client):
    files = [("files", ("cat.png", png(bright_corner())))]

    saliency = client.post(CLASSIFY, files=files, data={"saliency": "true"}).json()["files"][0]["saliency"]

    assert saliency["label"] == "cat"
    assert np.array(saliency["map"]).shape == (8, 8)
    assert len(saliency["deletion"]["random_drops"]) == 20
    kind, content = saliency["overlay"].split(",")
    assert kind == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).mode == "RGB"


def test_too_many_explanations_at_once_are_refused(client):
    files = [file_of("cat", name=f"{number}.png") for number in range(MAX_EXPLAINED + 1)]

    answer = client.post(CLASSIFY, files=files, data={"saliency": "true"})

    assert f"at most {MAX_EXPLAINED}" in error_of(answer, 413, "input_too_large")


@pytest.mark.parametrize("form", [{"labels": ["cup", "book"]}, {"labels": "cup, book"}])
def test_labels_of_ones_own_find_the_model_that_takes_them(client, form):
    files = [file_of("book", labels=("cup", "book"))]

    answer = client.post(CLASSIFY, files=files, data=form).json()

    assert answer["model"] == "fake-zero-shot"
    assert answer["files"][0]["labels"][0]["name"] == "book"


@pytest.mark.parametrize(
    ("form", "status", "code", "words"),
    [
        ({"top_k": "0"}, 422, "invalid_input", "1 or more"),
        ({"top_k": "many"}, 422, "invalid_input", "number"),
        ({"labels": "cup"}, 422, "invalid_input", "2 to 50"),
        ({"labels": ["cup", "book"], "model": "fake-vision"}, 422, "invalid_input", "knows its own labels"),
        ({"model": "fake-writer"}, 404, "not_found", "no image model"),
        ({"model": "fake-zero-shot"}, 422, "invalid_input", "2 to 50"),
        ({"classes": "nobody"}, 404, "not_found", "Nothing is kept"),
        ({"classes": "x", "labels": "a,b"}, 422, "invalid_input", "Leave out both"),
    ],
)
def test_wishes_that_cannot_be_met_get_a_sentence(client, form, status, code, words):
    answer = client.post(CLASSIFY, files=[file_of("cat")], data=form)

    assert words in error_of(answer, status, code)


def test_without_a_model_for_own_labels_the_answer_says_so(place, client):
    place.models.choice._is_there = lambda spec: spec.model_id != "fake-zero-shot"

    answer = client.post(CLASSIFY, files=[file_of("cat")], data={"labels": "cup,book"})

    assert "Fake zero-shot" in error_of(answer, 503, "model_unavailable")


# --- teaching ---------------------------------------------------------------------------------------------------


def taught_files(count=5):
    return [
        ("files", (f"{name}/{number}.png", png(painted(label, EVERYDAY, size_px=32 + number))))
        for name, label in (("red", "cat"), ("blue", "truck"))
        for number in range(count)
    ]


def test_classes_are_taught_by_folders_and_used_by_their_id(client):
    taught = client.post(CLASSES, files=taught_files()).json()

    assert [(each["name"], each["pictures"]) for each in taught["classes"]] == [("red", 5), ("blue", 5)]
    assert taught["held_out"] == {"right": 10, "total": 10, "rounds": 10}
    assert taught["expires_in_s"] == 86400
    answer = client.post(CLASSIFY, files=[file_of("truck")], data={"classes": taught["id"]}).json()
    assert [label["name"] for label in answer["files"][0]["labels"]] == ["blue", "red"]
    assert answer["files"][0]["verdict"] == "known"


def test_taught_classes_count_by_the_memory_they_take(client, place):
    classes_id = client.post(CLASSES, files=taught_files()).json()["id"]

    kept = place.belongings.get(classes_id, Taught)
    assert place.belongings._items[classes_id].rows == rows_of(kept.size_bytes)


def test_classes_are_taught_by_a_label_for_each_file_or_by_a_zip(client):
    files = [file_of(label, name=f"{number}.png") for label in ("cat", "dog") for number in range(2)]
    by_labels = client.post(CLASSES, files=files, data={"labels": ["a", "a", "b", "b"]}).json()
    archive = zipped([(name, content) for _field, (name, content) in taught_files(2)])
    by_zip = client.post(CLASSES, files=[("files", ("set.zip", archive))]).json()

    assert [each["name"] for each in by_labels["classes"]] == ["a", "b"]
    assert [each["name"] for each in by_zip["classes"]] == ["red", "blue"]


def test_what_cannot_be_used_for_teaching_is_said(client):
    files = [*taught_files(), ("files", ("red/notes.txt", b"hello"))]

    taught = client.post(CLASSES, files=files).json()

    assert [each["name"] for each in taught["refused"]] == ["red/notes.txt"]


@pytest.mark.parametrize(
    ("files", "form", "words"),
    [
        ([file_of("cat"), file_of("dog")], {}, "no folder"),
        ([file_of("cat"), file_of("dog")], {"labels": ["a"]}, "1 labels came with 2 files"),
        ([file_of("cat"), file_of("dog")], {"labels": ["a", "b"]}, "a has 1"),
        (taught_files()[:5], {}, "these are 1"),
        ([("files", ("a/1.txt", b"hello"))], {}, "no picture"),
        (taught_files(), {"model": "fake-chest-xray"}, "no image model"),
    ],
)
def test_what_cannot_be_taught_gets_a_sentence(client, files, form, words):
    answer = client.post(CLASSES, files=files, data=form)

    assert answer.status_code in (404, 422)
    assert words in answer.json()["error"]["message"]


def test_taught_classes_expire(tmp_path):
    now = [0.0]
    place = fake_showcase(tmp_path, clock=lambda: now[0])
    client = client_of(place)
    taught = client.post(CLASSES, files=taught_files()).json()
    now[0] = taught["expires_in_s"] + 1

    answer = client.post(CLASSIFY, files=[file_of("cat")], data={"classes": taught["id"]})

    assert error_of(answer, 404, "not_found")
    place.close()


# --- the frame --------------------------------------------------------------------------------------------------


def test_work_that_takes_too_long_ends_with_its_deadline(tmp_path):
    engines = []

    def load(spec, folder, device):
        engine = FakeClassifier(device)
        engine.may_answer.clear()
        engines.append(engine)
        return engine

    place = fake_showcase(tmp_path, load=load, deadline_s=0.3)

    error_of(client_of(place).post(CLASSIFY, files=[file_of("cat")]), 504, "deadline_exceeded")
    for engine in engines:
        engine.may_answer.set()
    place.close()


def test_many_callers_at_once_each_get_their_own_answer(client):
    labels, answers = list(EVERYDAY) * 2, {}

    def ask(number):
        files = [file_of(labels[number])]
        answers[number] = client.post(CLASSIFY, files=files).json()["files"][0]["labels"][0]["name"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(labels))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [answers[number] for number in range(len(labels))] == labels


def test_the_examples_of_the_document_have_the_shape_of_the_answers(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]

    classified = client.post(CLASSIFY, files=[file_of("cat")]).json()
    taught = client.post(CLASSES, files=taught_files()).json()

    assert classified.keys() == schemas["ClassifyResponse"]["example"].keys()
    assert taught.keys() == schemas["ClassesResponse"]["example"].keys()
    assert ClassifyResponse.model_validate(schemas["ClassifyResponse"]["example"])
    assert ClassesResponse.model_validate(schemas["ClassesResponse"]["example"])
    assert json.dumps(schemas["ClassifyResponse"]["example"])
