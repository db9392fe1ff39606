import gettext
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api import customer_service
from api.app import LazyApi, api_routes
from api.build import VERSION, build_app
from api.customer_service_schemas import AnswerResponse
from api.guard import Guard
from core import demos, locales
from core.belongings import LIFETIME_S
from core.errors import ModelLoadError
from core.scenarios.customer_service.sample import sample_knowledge_base
from tests.fakes import FakeEngine, fake_showcase

ROOT = Path(__file__).parent.parent
ANSWER = "/api/customer-service/answer"
KNOWLEDGE_BASES = "/api/customer-service/knowledge-bases"
CSV = "question,answer,language\nHow tall is the tower?,It is 324 m tall.,en\n塔有多高?,塔高 324 米。,zh\n"


def app_of(place):
    guard = Middleware(Guard, settings=place.settings)
    return Starlette(routes=api_routes(LazyApi(lambda: build_app(place))), middleware=[guard])


def client_of(place, *, peer="127.0.0.1", **headers):
    return TestClient(app_of(place), base_url="http://localhost", client=(peer, 5), headers=headers)


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    sample_knowledge_base(place.belongings).built(place.models, timeout_s=120)
    yield place
    place.models.close()


@pytest.fixture
def client(place):
    return client_of(place)


def bring(client, content=CSV, name="towers.csv"):
    return client.post(KNOWLEDGE_BASES, files={"file": (name, content)})


def error_of(response, status, code):
    """The message of an error that has the shape and the status that all errors have."""
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message"}
    assert response.json()["error"]["code"] == code
    assert response.headers["x-request-id"]
    return response.json()["error"]["message"]


# --- health and metrics -----------------------------------------------------------------------------------------


def test_live_always_answers(client):
    assert client.get("/api/health/live").json() == {"live": True}


def test_ready_says_which_models_are_missing_until_they_are_loaded(place, client):
    roles = list(demos.roles())
    before = client.get("/api/health/ready")
    place.models.warm_up(roles)
    during = client.get("/api/health/ready")
    place.ready.set()
    after = client.get("/api/health/ready")

    assert [before.status_code, during.status_code, after.status_code] == [503, 503, 200]
    assert before.json()["warm_up"] == "running"
    missing = {role["role"] for role in before.json()["roles"] if role["state"] == "unloaded"}
    # The sample may have been indexed with the embedders.
    assert missing >= set(roles) - {"embedder-en", "embedder-zh"}
    assert {role["state"] for role in after.json()["roles"]} == {"ready"}


def test_it_stays_ready_when_a_model_made_room_for_another(place, client):
    place.models.warm_up(list(demos.roles()))
    place.ready.set()
    place.models.unload(place.models.pick("embedder-en").model_id)

    answer = client.get("/api/health/ready")

    assert answer.status_code == 200
    assert "unloaded" in {role["state"] for role in answer.json()["roles"]}


def test_without_a_warm_up_models_at_hand_are_enough(tmp_path):
    answer = client_of(fake_showcase(tmp_path, warm_up=False)).get("/api/health/ready")

    assert answer.status_code == 200
    assert answer.json()["warm_up"] == "off"


def test_ready_is_503_when_a_model_failed_to_load(tmp_path):
    place = fake_showcase(tmp_path, load=no_model)
    place.models.warm_up(["embedder-en"])
    place.ready.set()

    answer = client_of(place).get("/api/health/ready")

    assert answer.status_code == 503
    assert answer.json()["roles"][0] == {
        "role": "embedder-en",
        "model": "fake-en",
        "state": "failed",
        "error": "The disk is full.",
    }


def test_the_canary_really_asks_a_question_in_both_languages(client):
    answer = client.get("/api/health/canary")

    assert answer.status_code == 200
    assert [check["language"] for check in answer.json()["checks"]] == ["en", "zh"]
    assert all(check["score"] > 0.9 for check in answer.json()["checks"])


def test_the_canary_is_503_when_no_model_can_be_had(tmp_path):
    answer = client_of(fake_showcase(tmp_path, load=no_model)).get("/api/health/canary")

    assert error_of(answer, 503, "model_unavailable") == "The disk is full."


def test_metrics_count_requests_by_action_and_outcome(client):
    client.post(ANSWER, json={"question": "Where is my parcel?"})
    client.post(ANSWER, json={"question": " "})

    answer = client.get("/api/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'vitrine_requests_total{action="answer",front="api",outcome="ok"} 1.0' in answer.text
    assert 'vitrine_requests_total{action="answer",front="api",outcome="invalid_input"} 1.0' in answer.text


def no_model(spec, folder, device):
    raise ModelLoadError("The disk is full.")


# --- answers ----------------------------------------------------------------------------------------------------


def test_a_question_is_answered_from_the_sample_knowledge_base(client):
    answer = client.post(ANSWER, json={"question": "Where is my parcel right now?"}).json()

    best = answer["passages"][0]
    assert answer["decision"] == "answer"
    assert answer["answer"] == best["answer"]
    assert best["question"] == "Where is my parcel right now?"
    assert 0.9 < best["score"] <= 1
    assert best["answer"][slice(*best["span"])].strip()
    assert (answer["model"], answer["tier"], answer["device"]) == ("fake-en", "starter", "CPU")
    assert answer["elapsed_ms"] > 0
    assert answer["language"] == "en"
    assert [passage["score"] for passage in answer["passages"]] == sorted(
        (passage["score"] for passage in answer["passages"]), reverse=True
    )


def test_the_threshold_decides(client):
    question = {"question": "Tell me where that parcel of mine went"}
    score = client.post(ANSWER, json=question).json()["passages"][0]["score"]

    low = client.post(ANSWER, json={**question, "threshold": 0}).json()
    high = client.post(ANSWER, json={**question, "threshold": 1}).json()

    assert 0 < score < 1
    assert low["decision"] in ("answer", "ask_back")
    assert high["decision"] in ("ask_back", "hand_over")
    assert high["answer"] is None
    assert (low["threshold"], high["threshold"]) == (0, 1)


def test_the_language_can_be_chosen(client):
    answer = client.post(ANSWER, json={"question": "Where is my parcel?", "language": "zh"}).json()

    assert answer["language"] == "zh"


@pytest.mark.parametrize(
    "history",
    [
        ["How tall is the tower?"],
        [{"role": "user", "content": "How tall is the tower?"}, {"role": "assistant", "content": "Which?"}],
    ],
)
def test_a_short_question_is_understood_with_the_one_before_it(client, history):
    knowledge_base = bring(client).json()["id"]
    body = {"question": "and?", "knowledge_base": knowledge_base, "threshold": 0.6}

    alone = client.post(ANSWER, json=body).json()
    in_context = client.post(ANSWER, json={**body, "history": history}).json()

    assert alone["decision"] == "hand_over"
    assert in_context["answer"] == "It is 324 m tall."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": 3}, "question"),
        ({"question": None}, "question"),
        ({"question": "nul \0"}, "question"),
        ({"question": "?", "threshold": "high"}, "threshold"),
        ({"question": "?", "threshold": -0.1}, "threshold"),
        ({"question": "?", "threshold": 1.5}, "threshold"),
        ({"question": "?", "language": "fr"}, "language"),
        ({"question": "?", "history": "before"}, "history"),
        ({"question": "?", "history": ["a"] * 51}, "history"),
        ({"question": "?", "history": [{"role": "user"}]}, "history[0]"),
        ({"question": "?", "history": [["nested"]]}, "history[0]"),
        ({"question": "?", "treshold": 0.5}, "treshold"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_in_one_sentence(client, body, field):
    message = error_of(client.post(ANSWER, json=body), 422, "invalid_input")

    assert f"field {field} " in message
    assert message.endswith(".")


@pytest.mark.parametrize("text", [b'{"question": "\\ud800"}', b'{"question": "?", "threshold": NaN}'])
def test_json_that_is_no_text_or_no_number_is_refused(client, text):
    answer = client.post(ANSWER, content=text, headers={"content-type": "application/json"})

    error_of(answer, 422, "invalid_input")


@pytest.mark.parametrize("text", [b'{"question": "?"', b"\xff\xfe\x00", b"", b"{'a': 1}", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(client, text):
    answer = client.post(ANSWER, content=text, headers={"content-type": "application/json"})

    assert answer.status_code in (400, 422)
    error_of(answer, answer.status_code, answer.json()["error"]["code"])


@pytest.mark.parametrize("text", [b"[]", b'"?"', b"3", b"null"])
def test_json_that_is_no_object_is_refused(client, text):
    answer = client.post(ANSWER, content=text, headers={"content-type": "application/json"})

    assert "Send a JSON object" in error_of(answer, 422, "invalid_input")


def test_json_without_its_content_type_gets_told_so(client):
    answer = client.post(ANSWER, content=b'{"question": "?"}')

    assert "Content-Type: application/json" in error_of(answer, 422, "invalid_input")


def test_an_empty_and_a_long_question_are_refused(client):
    assert error_of(client.post(ANSWER, json={"question": " \n"}), 422, "invalid_input") == "Type a question."
    long = client.post(ANSWER, json={"question": "x" * 1001})
    assert "1000" in error_of(long, 413, "input_too_large")


def test_markup_in_a_question_or_an_entry_comes_back_as_text_in_json(client):
    script = "<script>alert(1)</script>"
    knowledge_base = bring(client, f"question,answer\n{script},{script}\n").json()["id"]

    answer = client.post(ANSWER, json={"question": script, "knowledge_base": knowledge_base})

    assert answer.json()["answer"] == script
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


# --- knowledge bases --------------------------------------------------------------------------------------------


def test_a_knowledge_base_is_brought_and_asked(client):
    brought = bring(client).json()

    answer = client.post(ANSWER, json={"question": "How tall is the tower?", "knowledge_base": brought["id"]})

    assert (brought["entries"], brought["questions"], brought["indexed"]) == (2, 2, True)
    assert answer.json()["answer"] == "It is 324 m tall."


def test_rows_with_the_same_answer_are_one_entry(client):
    brought = bring(client, "question,answer\nHow tall?,324 m.\nWhat height?,324 m.\n").json()

    assert (brought["entries"], brought["questions"]) == (1, 2)


def test_ids_are_unguessable_and_belong_to_one_upload(client):
    ids = {bring(client).json()["id"] for _ in range(5)}

    assert len(ids) == 5
    assert all(len(knowledge_base_id) >= 22 for knowledge_base_id in ids)


@pytest.mark.parametrize("knowledge_base", ["nope", "", "../sample", "x" * 5000])
def test_an_unknown_knowledge_base_is_not_found(client, knowledge_base):
    answer = client.post(ANSWER, json={"question": "?", "knowledge_base": knowledge_base})

    error_of(answer, 404, "not_found")


def test_a_knowledge_base_expires(tmp_path):
    now_s = [0.0]
    client = client_of(fake_showcase(tmp_path, clock=lambda: now_s[0]))
    asked = {"question": "How tall is the tower?", "knowledge_base": bring(client).json()["id"]}

    statuses = []
    for now_s[0] in (LIFETIME_S - 1, LIFETIME_S + 1, 3 * LIFETIME_S):
        statuses.append(client.post(ANSWER, json=asked).status_code)

    assert statuses == [200, 200, 404]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", ""),
        ("columns.csv", "a,b\n1,2\n"),
        ("binary.csv", bytes(range(256)) * 40),
        ("program.exe", "question,answer\na,b\n"),
        ("broken.pdf", "%PDF-1.4 nothing else"),
        ("", CSV),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_sentence(client, name, content):
    message = error_of(bring(client, content, name), 422, "invalid_input")

    assert message.endswith(".")


@pytest.mark.parametrize(
    "request_parts",
    [
        {"data": {"file": "not a file"}},
        {"files": {"other": ("a.csv", CSV)}},
        {"json": {"file": "a"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"garbage", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"garbage", "headers": {"content-type": "multipart/form-data"}},
        {"files": [("file", ("a.csv", CSV)), ("file", ("b.csv", CSV))]},
    ],
)
def test_a_bad_upload_is_the_callers_fault(client, request_parts):
    answer = client.post(KNOWLEDGE_BASES, **request_parts)

    assert answer.status_code in (400, 422)
    error_of(answer, answer.status_code, answer.json()["error"]["code"])


def test_a_client_may_keep_only_so_many(client):
    statuses = [bring(client).status_code for _ in range(21)]

    assert statuses == [200] * 20 + [429]


def test_a_knowledge_base_that_cannot_be_indexed_is_not_kept(tmp_path):
    place = fake_showcase(tmp_path, load=no_model)
    client = client_of(place)

    answers = [bring(client) for _ in range(25)]

    assert {answer.status_code for answer in answers} == {503}
    assert error_of(answers[-1], 503, "model_unavailable") == "The disk is full."


# --- models and the operator ------------------------------------------------------------------------------------


def test_models_are_listed_with_their_state(place, client):
    place.models.warm_up(["embedder-en"])

    english, chinese, *_others = client.get("/api/models").json()

    assert (english["id"], english["state"], english["device"]) == ("fake-en", "ready", "CPU")
    assert (chinese["id"], chinese["state"], chinese["device"]) == ("fake-zh", "unloaded", None)


def test_at_the_machine_itself_models_are_loaded_and_unloaded_without_a_token(place, client):
    loading = client.post("/api/models/fake-en/load")
    place.models.load("fake-en").wait(5)
    loaded = client.get("/api/models/fake-en").json()
    unloaded = client.post("/api/models/fake-en/unload")
    again = client.post("/api/models/fake-en/unload")

    assert loading.status_code == 202
    assert loaded["state"] == "ready"
    assert (unloaded.status_code, unloaded.json()["state"]) == (200, "unloaded")
    assert again.status_code == 200


@pytest.mark.parametrize("action", ["load", "unload"])
def test_an_unknown_model_is_not_found(client, action):
    message = error_of(client.post(f"/api/models/nope/{action}"), 404, "not_found")

    assert "nope" in message


def test_a_model_that_is_answering_is_not_unloaded(tmp_path):
    engines = []

    def load(spec, folder, device):
        engines.append(FakeEngine(device))
        return engines[-1]

    place = fake_showcase(tmp_path, load=load)
    place.models.warm_up(["embedder-en"])
    engines[0].may_answer.clear()
    client = client_of(place)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(client_of(place).post, ANSWER, json={"question": "Where is my parcel?"})
        engines[0].was_asked.wait(5)
        refused = client.post("/api/models/fake-en/unload")
        engines[0].may_answer.set()
        assert answer.result(10).status_code == 200

    error_of(refused, 409, "model_in_use")


OPERATOR_CALLS = [
    ("POST", "/api/models/fake-en/load"),
    ("POST", "/api/models/fake-en/unload"),
    ("GET", "/api/feedback"),
]


@pytest.mark.parametrize(("method", "path"), OPERATOR_CALLS)
def test_where_no_token_is_set_nobody_else_may_operate(place, method, path):
    elsewhere = client_of(place, peer="203.0.113.7").request(method, path)
    through_a_proxy = client_of(place).request(method, path, headers={"x-forwarded-for": "127.0.0.1"})
    pretending = client_of(place, peer="203.0.113.7").request(method, path, headers={"x-vitrine-local": "1"})

    for answer in (elsewhere, through_a_proxy, pretending):
        error_of(answer, 403, "not_allowed")


@pytest.mark.parametrize(("method", "path"), OPERATOR_CALLS)
@pytest.mark.parametrize(
    "given", [None, "Bearer", "Bearer wrong", "Basic s3cret", "s3cret", "Bearer s3cret\xe9"]
)
def test_where_a_token_is_set_it_is_asked_for_even_at_the_machine_itself(tmp_path, method, path, given):
    place = fake_showcase(tmp_path, operator_token="s3cret")
    headers = {"authorization": given.encode("latin-1")} if given else {}

    answer = client_of(place).request(method, path, headers=headers)

    error_of(answer, 401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_token_opens_from_anywhere(tmp_path):
    place = fake_showcase(tmp_path, operator_token="s3cret")
    client = client_of(place, peer="203.0.113.7", authorization="Bearer s3cret")

    assert client.post("/api/models/fake-en/load").status_code == 202
    assert client.get("/api/feedback").status_code == 200


def test_guessing_tokens_is_limited(tmp_path):
    place = fake_showcase(tmp_path, operator_token="s3cret", rate_limit_per_min=3)
    client = client_of(place)

    statuses = [client.get("/api/feedback").status_code for _ in range(4)]

    assert statuses == [401, 401, 401, 429]


# --- feedback ---------------------------------------------------------------------------------------------------


def test_feedback_is_stored_without_personal_data_and_read_by_the_operator(client):
    given = {
        "demo": "customer-service",
        "kind": "correction",
        "rating": 0,
        "question": "Where is my parcel? I am jane.doe@example.com",
        "answer": "In the van.",
        "model": "minilm",
        "reason": "=1+1",
    }

    stored = client.post("/api/feedback", json=given)
    (row,) = client.get("/api/feedback").json()

    assert stored.status_code == 200
    assert row["id"] == stored.json()["id"]
    assert (row["demo"], row["kind"], row["rating"], row["model_id"]) == (
        "customer-service",
        "correction",
        0,
        "minilm",
    )
    assert "jane.doe" not in json.dumps(row)


def test_feedback_is_exported_for_a_spreadsheet_without_running_formulas(client):
    client.post("/api/feedback", json={"demo": "customer-service", "rating": 1, "reason": "=1+1"})

    answer = client.get("/api/feedback?format=csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    assert "'=1+1" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"demo": "nope", "rating": 1},
        {"demo": "customer-service"},
        {"demo": "customer-service", "rating": 2},
        {"demo": "customer-service", "rating": 6, "kind": "csat"},
        {"demo": "customer-service", "rating": 0, "kind": "csat"},
        {"demo": "customer-service", "rating": 1, "kind": "love"},
        {"demo": "customer-service", "rating": 1, "reason": "x" * 8001},
    ],
)
def test_feedback_that_says_nothing_is_refused(client, body):
    error_of(client.post("/api/feedback", json=body), 422, "invalid_input")


@pytest.mark.parametrize("limit", ["0", "x", "10001"])
def test_the_number_of_rows_has_bounds(client, limit):
    assert "limit" in error_of(client.get(f"/api/feedback?limit={limit}"), 422, "invalid_input")


# --- limits, deadlines, failures --------------------------------------------------------------------------------


def test_too_many_requests_a_minute_are_refused_with_the_time_to_wait(tmp_path):
    place = fake_showcase(tmp_path, rate_limit_per_min=2)
    client = client_of(place)

    answers = [client.get("/api/models") for _ in range(3)]
    someone_else = client_of(place, peer="203.0.113.7").get("/api/models")
    health = [client.get("/api/health/live").status_code for _ in range(5)]

    assert "2 times a minute" in error_of(answers[2], 429, "rate_limited")
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert someone_else.status_code == 200
    assert health == [200] * 5


def test_forwarded_addresses_of_strangers_do_not_get_around_the_limit(tmp_path):
    client = client_of(fake_showcase(tmp_path, rate_limit_per_min=2), peer="203.0.113.7")

    statuses = [
        client.get("/api/models", headers={"x-forwarded-for": f"1.1.1.{turn}"}).status_code
        for turn in range(3)
    ]

    assert statuses == [200, 200, 429]


def test_an_ipv6_customer_is_one_caller_whatever_the_last_half_of_the_address(tmp_path):
    place = fake_showcase(tmp_path, rate_limit_per_min=2)

    statuses = [
        client_of(place, peer=f"2001:db8::{turn}").get("/api/models").status_code for turn in range(1, 4)
    ]

    assert statuses == [200, 200, 429]


class Moody(FakeEngine):
    """An engine that can be told to fail in a way that nobody expects."""

    is_broken = False

    def predict(self, items):
        if self.is_broken:
            raise RuntimeError("secret detail")
        return super().predict(items)


@pytest.fixture
def moody(tmp_path):
    """A showcase with a deadline of 0.2 s whose sample is indexed, and its English engine."""
    engines = {}

    def load(spec, folder, device):
        return engines.setdefault(spec.model_id, Moody(device))

    place = fake_showcase(tmp_path, load=load, deadline_s=0.2)
    client = client_of(place)
    sample_knowledge_base(place.belongings).built(place.models, timeout_s=60)
    place.models.warm_up(["embedder-en"])
    yield client, engines["fake-en"]
    engines["fake-en"].may_answer.set()


def test_an_answer_that_does_not_come_in_time_is_504(moody):
    client, engine = moody
    engine.may_answer.clear()

    answer = client.post(ANSWER, json={"question": "Where is my parcel?"})

    assert "Try again" in error_of(answer, 504, "deadline_exceeded")


def test_a_bug_gives_the_id_and_nothing_else(moody, caplog):
    client, engine = moody
    engine.is_broken = True

    with caplog.at_level("ERROR", logger="vitrine.api"):
        answer = client.post(ANSWER, json={"question": "Where is my parcel?"})

    assert answer.headers["x-request-id"] in error_of(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_a_knowledge_base_that_is_still_being_read_is_503(tmp_path, monkeypatch):
    monkeypatch.setattr(customer_service, "INDEXING_S", 0)
    may_load = threading.Event()

    def load(spec, folder, device):
        may_load.wait()
        return FakeEngine(device)

    client = client_of(fake_showcase(tmp_path, load=load, deadline_s=0.1))
    brought = bring(client).json()
    answer = client.post(ANSWER, json={"question": "?", "knowledge_base": brought["id"]})
    may_load.set()

    assert brought["indexed"] is False
    assert error_of(answer, 503, "model_unavailable").endswith(".")
    assert answer.headers["retry-after"] == "5"


def test_sixteen_callers_at_once_get_what_one_gets(place, client):
    questions = ["Where is my parcel?", "我的包裹在哪里?", "Can I return it?", "How do I reset it?"] * 16
    alone = [outcome(client, question) for question in questions]
    clients = threading.local()

    def ask(question):
        if not hasattr(clients, "mine"):
            clients.mine = TestClient(client.app, base_url="http://localhost", client=("127.0.0.1", 5))
        return outcome(clients.mine, question)

    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(ask, questions))

    for one, other in zip(alone, together, strict=True):
        assert one[:2] == other[:2]
        assert one[2] == pytest.approx(other[2], abs=1e-5)


def outcome(client, question):
    answer = client.post(ANSWER, json={"question": question}).json()
    best = answer["passages"][0]
    return answer["decision"], best["entry_id"], best["score"]


# --- addresses, languages, the document ---------------------------------------------------------------------------


def test_an_unknown_address_is_not_found(client):
    for path in ("/api/nope", "/api/customer-service", "/api/docs/assets/..%2f..%2fREADME.md"):
        error_of(client.get(path), 404, "not_found")


def test_another_method_is_told_which_ones_there_are(client):
    answer = client.delete("/api/feedback")

    assert "GET, POST" in error_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


def test_messages_are_in_the_language_of_the_caller(client, monkeypatch):
    class Chinese(gettext.NullTranslations):
        def gettext(self, message):
            return "缺少字段 {field}。" if message == "The field {field} is missing." else message

    monkeypatch.setattr(locales, "translations", lambda language: Chinese() if language == "zh" else gettext)
    answer = client.post(ANSWER, json={}, headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})

    assert error_of(answer, 422, "invalid_input") == "缺少字段 question。"
    assert error_of(client.post(ANSWER, json={}), 422, "invalid_input") == "The field question is missing."


def test_a_page_of_another_site_may_not_ask(client):
    answer = client.post(ANSWER, json={"question": "?"}, headers={"origin": "http://evil.example"})

    error_of(answer, 403, "foreign_origin")


def test_the_document_has_every_route_with_its_errors_and_examples(client):
    document = client.get("/api/openapi.json").json()
    operations = {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }

    assert set(operations) == {
        "GET /api/health/live",
        "GET /api/health/ready",
        "GET /api/health/canary",
        "GET /api/metrics",
        "GET /api/models",
        "GET /api/models/{model_id}",
        "POST /api/models/{model_id}/load",
        "POST /api/models/{model_id}/unload",
        "POST /api/customer-service/knowledge-bases",
        "POST /api/customer-service/answer",
        "POST /api/translation/translate",
        "POST /api/translation/files",
        "POST /api/content/generate",
        "POST /api/content/batches",
        "GET /api/content/batches/{batch_id}",
        "DELETE /api/content/batches/{batch_id}",
        "POST /api/images/classify",
        "POST /api/images/classes",
        "POST /api/triage/studies",
        "POST /api/recommendation/datasets",
        "GET /api/recommendation/datasets/{dataset_id}",
        "DELETE /api/recommendation/datasets/{dataset_id}",
        "POST /api/recommendation/recommend",
        "POST /api/recommendation/evaluate",
        "POST /api/feedback",
        "GET /api/feedback",
    }
    limited = [
        operation for name, operation in operations.items() if "health" not in name and "metrics" not in name
    ]
    for operation in limited:
        for status in ("422", "429", "500"):
            content = operation["responses"][status]["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
            assert content["example"]["error"]["message"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert all(operation["summary"] for operation in operations.values())


def test_the_examples_of_the_document_work(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]

    for path, name in ((ANSWER, "AnswerRequest"), ("/api/feedback", "FeedbackRequest")):
        assert client.post(path, json=schemas[name]["example"]).status_code == 200
    assert AnswerResponse.model_validate(schemas["AnswerResponse"]["example"])


def test_the_documentation_page_fetches_nothing_from_elsewhere(client):
    page = client.get("/api/docs")
    assets = [part.split('"')[0] for part in page.text.split("docs/assets/")[1:]]

    assert client.get("/api", follow_redirects=False).headers["location"] == "/api/docs"
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "//" not in page.text.replace("<!doctype html>", "")
    assert len(assets) == 4
    for name in assets:
        asset = client.get(f"/api/docs/assets/{name}")
        assert asset.status_code == 200
        if name == "start.js":
            assert "http" not in asset.text
        if name.endswith(".css"):
            assert "@import" not in asset.text
            assert all(part.lstrip("\"'").startswith("data:") for part in asset.text.split("url(")[1:])


def test_the_version_is_the_projects():
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_fastapi_is_not_imported_until_it_is_needed():
    code = (
        "import sys; sys.path.insert(0, '.'); import api.app, api.guard; api.app.routes();"
        "print([name for name in ('fastapi', 'pydantic', 'torch') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
