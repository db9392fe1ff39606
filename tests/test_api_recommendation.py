"""The API of recommendation: data sets in, lists with reasons that add up, figures of what was held out."""

import json
import threading
from typing import get_args

import pytest

from api import recommendation, recommendation_evaluate, recommendation_reading
from api.recommendation_evaluate_schemas import EvaluateResponse, SplitName
from api.recommendation_schemas import MAX_HISTORY, DatasetResponse, Part, RecommenderName, RecommendResponse
from core.belongings import LIFETIME_S
from core.errors import InvalidInputError, ModelLoadError, OverloadedError
from core.scenarios.recommendation.fits import HYBRID_WEIGHTS
from core.scenarios.recommendation.recommending import RECOMMENDERS, SPLITS
from core.types import Progress
from tests.fakes import FakeEngine, fake_showcase
from tests.test_api import client_of, error_of
from tests.test_api_content import events_of
from tests.test_content import until

DATASETS = "/api/recommendation/datasets"
RECOMMEND = "/api/recommendation/recommend"
EVALUATE = "/api/recommendation/evaluate"
LIKED = ["grinder-hand", "moka-pot-six"]
ITEMS = b"item,title,description\na,Alpha,first\nb,Beta,second\nc,Gamma,third\nd,Delta,\nz,Zeta,nobody's\n"


def interactions(users=12, with_times=True):
    """Half of the users take a, b and c, the other half b, c and d."""
    rows = [
        f"u{user:02},{item},{place}" if with_times else f"u{user:02},{item}"
        for user in range(users)
        for place, item in enumerate("abc" if user % 2 else "bcd")
    ]
    return "\n".join(["user,item,timestamp" if with_times else "user,item", *rows]).encode()


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


@pytest.fixture
def client(place):
    return client_of(place)


def bring(client, content=None, items=ITEMS, **fields):
    files = {"interactions": ("events.csv", interactions() if content is None else content)}
    if items is not None:
        files["items"] = ("items.csv", items)
    return client.post(DATASETS, files=files, data=fields)


def titles_of(answer):
    return [item["title"] for item in answer.json()["items"]]


# --- lists ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECOMMENDERS)
@pytest.mark.parametrize("wishes", [{}, {"diversity": 0.4, "novelty": 0.3}])
def test_the_terms_of_every_item_add_up_to_its_score(client, name, wishes):
    answer = client.post(RECOMMEND, json={"history": LIKED, "recommender": name, "k": 5, **wishes}).json()

    assert len(answer["items"]) == 5
    assert answer["recommender"] == name
    assert answer["history"] == sorted(LIKED)
    for item in answer["items"]:
        assert sum(term["value"] for term in item["terms"]) == pytest.approx(item["score"], abs=1e-5)
        assert item["id"] not in LIKED
        assert {term["item"] for term in item["terms"] if term["kind"] == "liked"} <= set(LIKED)


def test_a_list_says_what_it_was_made_with(client):
    answer = client.post(RECOMMEND, json={"history": LIKED, "k": 3}).json()

    assert answer["recommender"] == "hybrid"
    assert answer["embedders"] == [{"id": "fake-en", "tier": "starter"}]
    assert (answer["dataset"], answer["synthetic"]) == ("sample", True)
    assert "Invented products" in answer["note"]
    assert answer["request_id"]
    assert answer["elapsed_ms"] > 0
    assert {term["part"] for term in answer["items"][0]["terms"]} >= {"ease", "content"}


def test_titles_of_the_sample_are_in_the_callers_language(client):
    english = client.post(RECOMMEND, json={"history": LIKED, "recommender": "ease"})
    chinese = client.post(
        RECOMMEND, json={"history": LIKED, "recommender": "ease"}, headers={"Accept-Language": "zh-CN"}
    )

    assert [item["id"] for item in english.json()["items"]] == [
        item["id"] for item in chinese.json()["items"]
    ]
    assert all(title.isascii() for title in titles_of(english))
    assert not any(title.isascii() for title in titles_of(chinese))


def test_without_a_history_the_list_is_by_popularity_and_says_so(client):
    answer = client.post(RECOMMEND, json={"recommender": "ease"}).json()
    popular = client.post(RECOMMEND, json={"recommender": "popularity"}).json()

    assert answer["recommender"] == "popularity"
    assert answer["items"] == popular["items"]
    assert answer["embedders"] == []


def test_a_user_of_the_data_set_is_their_history(client):
    dataset = bring(client).json()["id"]
    body = {"dataset": dataset, "recommender": "ease", "k": 2}

    by_user = client.post(RECOMMEND, json={**body, "user": "u01"}).json()
    by_history = client.post(RECOMMEND, json={**body, "history": ["c", "b", "a", "a"]}).json()

    assert by_user["history"] == ["a", "b", "c"]
    assert by_user["items"] == by_history["items"]
    assert by_user["items"][0]["title"] == "Delta"


def test_a_user_with_more_items_than_a_list_is_made_for_is_refused(client, monkeypatch):
    monkeypatch.setattr("core.scenarios.recommendation.dataset.MAX_USER_HISTORY", 2)
    body = {"dataset": bring(client).json()["id"], "user": "u01"}

    assert "has 3 items; 2 are the most" in error_of(
        client.post(RECOMMEND, json=body), 413, "input_too_large"
    )


def test_excluded_items_do_not_come_back(client):
    first = client.post(RECOMMEND, json={"history": LIKED, "k": 2}).json()["items"]

    body = {"history": LIKED, "k": 2, "exclude": [first[0]["id"]]}
    again = client.post(RECOMMEND, json=body).json()["items"]

    assert again[0]["id"] == first[1]["id"]


def test_the_weights_of_the_hybrid_can_be_chosen(client):
    alone = client.post(RECOMMEND, json={"history": LIKED, "recommender": "ease"}).json()
    body = {"history": LIKED, "recommender": "hybrid", "weights": {"ease": 0.5}}
    weighted = client.post(RECOMMEND, json=body).json()

    assert [item["id"] for item in weighted["items"]] == [item["id"] for item in alone["items"]]
    assert {term["part"] for term in weighted["items"][0]["terms"]} <= {"ease", None}
    assert weighted["weights"] == {"popularity": 0, "content": 0, "ease": 0.5}
    assert alone["weights"] is None


def test_what_many_liked_items_add_is_one_term_beyond_the_largest(client):
    history = [item["id"] for item in client.post(RECOMMEND, json={"k": 20}).json()["items"]]
    body = {"history": history, "recommender": "ease", "k": 1, "max_terms": 3}

    item = client.post(RECOMMEND, json=body).json()["items"][0]

    assert [term["kind"] for term in item["terms"]][:4] == ["liked"] * 3 + ["rest"]
    assert sum(term["value"] for term in item["terms"]) == pytest.approx(item["score"], abs=1e-5)


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"user": "nobody"}, 404, "not_found", '"nobody"'),
        ({"history": ["unicorn"]}, 404, "not_found", '"unicorn"'),
        ({"history": LIKED, "exclude": ["unicorn"]}, 404, "not_found", '"unicorn"'),
        ({"dataset": "nope"}, 404, "not_found", "Nothing is kept"),
        ({"dataset": ""}, 404, "not_found", "Nothing is kept"),
        ({"user": "nobody", "history": LIKED}, 422, "invalid_input", "not both"),
        ({"recommender": "oracle"}, 422, "invalid_input", "popularity, content"),
        ({"k": 0}, 422, "invalid_input", "1 or more"),
        ({"k": 101}, 422, "invalid_input", "100 or less"),
        ({"k": "many"}, 422, "invalid_input", "number"),
        ({"diversity": 1.1}, 422, "invalid_input", "1 or less"),
        ({"novelty": -0.1}, 422, "invalid_input", "0 or more"),
        ({"history": "moka"}, 422, "invalid_input", "list"),
        ({"history": ["a"] * (MAX_HISTORY + 1)}, 422, "invalid_input", f"more than {MAX_HISTORY}"),
        ({"history": [None]}, 422, "invalid_input", "history[0]"),
        ({"history": ["nul\0"]}, 422, "invalid_input", "history[0]"),
        ({"history": LIKED, "weights": {"ease": 0}}, 422, "invalid_input", "above 0"),
        ({"history": LIKED, "weights": {"als": 1}}, 422, "invalid_input", "popularity, content, ease"),
        ({"history": LIKED, "weights": {"oracle": 1}}, 422, "invalid_input", "weights"),
        ({"history": LIKED, "weights": {"ease": 2}}, 422, "invalid_input", "1 or less"),
        ({"surprise": 1}, 422, "invalid_input", "no field surprise"),
    ],
)
def test_what_cannot_be_recommended_gets_a_sentence(client, body, status, code, words):
    answer = client.post(RECOMMEND, json=body)

    message = error_of(answer, status, code)
    assert words in message
    assert message.endswith(".")


def test_a_refusal_is_in_the_callers_language(client):
    answer = client.post(RECOMMEND, json={"k": 0}, headers={"Accept-Language": "zh"})

    assert not error_of(answer, 422, "invalid_input").isascii()


@pytest.mark.parametrize(
    "text",
    [b'{"history": ["\\ud800"]}', b'{"diversity": NaN}', b'{"history": ' + b"[" * 50_000, b"[]", b"\xff"],
)
def test_json_that_makes_no_sense_is_refused(client, text):
    for path in (RECOMMEND, EVALUATE):
        answer = client.post(path, content=text, headers={"content-type": "application/json"})

        assert answer.status_code in (400, 422)
        error_of(answer, answer.status_code, answer.json()["error"]["code"])


def test_a_huge_body_is_refused_before_it_is_read(client):
    answer = client.post(RECOMMEND, json={"history": ["x" * 1000] * 400})

    error_of(answer, 413, "input_too_large")


# --- data sets --------------------------------------------------------------------------------------------------


def test_a_data_set_is_brought_looked_at_and_forgotten(client):
    brought = bring(client)
    path = f"{DATASETS}/{brought.json()['id']}"
    looked = client.get(path)
    client.post(RECOMMEND, json={"dataset": brought.json()["id"], "user": "u00", "recommender": "item-knn"})
    states = {name: each["state"] for name, each in client.get(path).json()["recommenders"].items()}
    dropped = client.delete(path)

    assert brought.status_code == 200
    counts = ("users", "items", "interactions", "has_times", "synthetic")
    assert [brought.json()[name] for name in counts] == [12, 5, 36, True, False]
    assert {each["state"] for each in looked.json()["recommenders"].values()} == {"not fitted"}
    assert states["item-knn"] == "ready"
    assert states["als"] == "not fitted"
    assert (dropped.status_code, dropped.content) == (204, b"")
    error_of(client.get(path), 404, "not_found")
    error_of(client.delete(path), 404, "not_found")
    error_of(client.post(RECOMMEND, json={"dataset": brought.json()["id"]}), 404, "not_found")


def test_the_sample_can_be_looked_at_but_not_forgotten(client):
    sample = client.get(f"{DATASETS}/sample").json()

    assert sample["synthetic"] is True
    assert sample["expires_in_s"] is None
    assert sample["items"] >= 200
    error_of(client.delete(f"{DATASETS}/sample"), 404, "not_found")


def test_items_are_optional_and_times_too(client):
    brought = bring(client, interactions(with_times=False), items=None).json()

    assert (brought["items"], brought["has_times"]) == (4, False)
    answer = client.post(RECOMMEND, json={"dataset": brought["id"], "user": "u01", "recommender": "ease"})
    assert titles_of(answer) == ["d"]


def test_low_ratings_can_be_left_out(client):
    rated = b"user,item,rating\nu1,a,5\nu1,b,2\nu2,a,4\n"

    assert bring(client, rated, items=None, min_rating="4").json()["interactions"] == 2
    assert bring(client, rated, items=None).json()["interactions"] == 3


@pytest.mark.parametrize(
    ("content", "items", "words"),
    [
        (b"", None, ""),
        (b"user,item\n", None, ""),
        (b"a,b\n1,2\n", None, "user"),
        (b"user,item,rating\nu1,a,5\nu2,b,lots\n", None, "line 3"),
        (b"user,item\nu1,a\nu2,b,c,d\n", None, "line 3"),
        (b"\x00\x01\x02" * 500, None, ""),
        (b"%PDF-1.7 nothing else", None, ""),
        (interactions(), b"title\nAlpha\n", "item"),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_sentence_and_is_not_kept(place, client, content, items, words):
    message = error_of(bring(client, content, items), 422, "invalid_input")

    assert words in message
    assert message.endswith(".")
    assert place.belongings._items == {}


@pytest.mark.parametrize(
    "request_parts",
    [
        {"data": {"interactions": "not a file"}},
        {"files": {"other": ("a.csv", b"user,item\n1,2\n")}},
        {"files": {"interactions": ("a.csv", b"user,item\n1,2\n")}, "data": {"min_rating": "NaN"}},
        {"files": {"interactions": ("a.csv", b"user,item\n1,2\n")}, "data": {"items": "text"}},
        {"files": [("interactions", (f"{number}.csv", b"user,item\n1,2\n")) for number in range(3)]},
        {"content": b"garbage", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"json": {"interactions": "a"}},
    ],
)
def test_a_bad_upload_is_the_callers_fault(client, request_parts):
    answer = client.post(DATASETS, **request_parts)

    assert answer.status_code in (400, 422)
    error_of(answer, answer.status_code, answer.json()["error"]["code"])


def test_an_upload_that_is_too_large_is_refused(tmp_path):
    place = fake_showcase(tmp_path, max_request_mb=0.5)

    answer = bring(client_of(place), b"user,item\n" + b"u1,item\n" * 100_000)

    error_of(answer, 413, "input_too_large")
    place.close()


def test_a_data_set_expires(tmp_path):
    now_s = [0.0]
    place = fake_showcase(tmp_path, clock=lambda: now_s[0])
    client = client_of(place)
    path = f"{DATASETS}/{bring(client).json()['id']}"

    statuses = []
    for now_s[0] in (LIFETIME_S - 1, LIFETIME_S + 1, 3 * LIFETIME_S):
        statuses.append(client.get(path).status_code)

    assert statuses == [200, 200, 404]
    place.close()


def test_a_client_may_keep_only_so_many(client):
    statuses = [bring(client, b"user,item\nu1,a\n", items=None).status_code for _ in range(21)]

    assert statuses == [200] * 20 + [429]


@pytest.fixture
def slow(monkeypatch):
    """Files that are read only once `go` is set, and what they say then; nobody waits for them."""

    class Slow:
        go = threading.Event()
        read = staticmethod(recommendation.read_dataset)

    def read_slowly(*args, **kwargs):
        while not Slow.go.wait(0.02):
            yield Progress(1, 5, "bytes")
        return (yield from Slow.read(*args, **kwargs))

    monkeypatch.setattr(recommendation, "READING_S", 0.05)
    monkeypatch.setattr(recommendation, "read_dataset", read_slowly)
    yield Slow
    Slow.go.set()


def test_what_takes_long_to_read_is_polled_and_then_used_under_its_id(client, slow):
    begun = bring(client)
    path, dataset = f"{DATASETS}/{begun.json()['id']}", {"dataset": begun.json()["id"]}
    until(lambda: client.get(path).json()["progress"] == {"done": 1, "total": 5, "unit": "bytes"})
    too_early = [
        client.post(RECOMMEND, json=dataset),
        client.post(EVALUATE, json={**dataset, "recommenders": ["ease"]}),
    ]
    slow.go.set()
    until(lambda: client.get(path).json()["state"] == "ready")

    assert begun.status_code == 202
    assert (begun.json()["state"], begun.json()["users"]) == ("reading", None)
    for answer in too_early:
        assert "1 of 5 bytes" in error_of(answer, 503, "not_ready")
        assert int(answer.headers["retry-after"]) > 0
    assert client.get(path).json()["users"] == 12
    assert client.post(RECOMMEND, json={**dataset, "user": "u01"}).status_code == 200
    assert client.delete(path).status_code == 204
    error_of(client.get(path), 404, "not_found")


def test_a_file_that_is_found_broken_late_says_so_when_it_is_looked_at(client, slow, monkeypatch):
    def broken(*args, **kwargs):
        raise InvalidInputError("Line 5,000,000 is broken.")
        yield

    monkeypatch.setattr(slow, "read", broken)
    path = f"{DATASETS}/{bring(client).json()['id']}"
    slow.go.set()
    until(lambda: client.get(path).status_code != 200)

    assert error_of(client.get(path), 422, "invalid_input") == "Line 5,000,000 is broken."
    error_of(client.post(RECOMMEND, json={"dataset": path.rpartition("/")[2]}), 422, "invalid_input")
    assert client.delete(path).status_code == 204


def test_what_is_forgotten_while_it_is_read_is_not_read_on(place, client, slow):
    path = f"{DATASETS}/{bring(client).json()['id']}"
    jobs = recommendation_reading.readings(place.belongings)._jobs
    assert len(jobs) == 1

    assert client.delete(path).status_code == 204

    until(lambda: len(jobs) == 0)


def test_only_so_many_files_are_read_at_once_and_one_caller_leaves_room_for_others(place, client, slow):
    half = recommendation_reading.MAX_READINGS // 2
    answers = [bring(client) for _ in range(half + 1)]

    assert [each.status_code for each in answers] == [202] * half + [429]
    assert bring(client_of(place, peer="203.0.113.7")).status_code == 202
    # "Try again in a minute."
    assert answers[-1].headers["retry-after"] == "60"


def test_files_are_read_when_those_of_others_leave_room(place, client):
    for _ in range(2):
        place.limits.reading.acquire()
    threading.Timer(0.2, lambda: [place.limits.reading.release() for _ in range(2)]).start()

    assert bring(client).status_code == 200


# --- fitting ----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(tmp_path, monkeypatch):
    """A client of embedders that do not answer before `go` is set; nobody waits for them."""
    monkeypatch.setattr(recommendation, "FITTING_S", 0.1)
    go = threading.Event()

    def load(spec, folder, device):
        engine = FakeEngine(device)
        engine.may_answer = go
        return engine

    place = fake_showcase(tmp_path, load=load)
    client = client_of(place)
    client.go = go
    yield client
    go.set()
    place.close()


def test_a_long_fit_goes_on_in_the_background(waiting):
    dataset = bring(waiting).json()["id"]
    body = {"dataset": dataset, "user": "u01", "recommender": "content"}
    path = f"{DATASETS}/{dataset}"

    early = waiting.post(RECOMMEND, json=body)
    during = waiting.get(path).json()["recommenders"]["content"]
    waiting.go.set()
    until(lambda: waiting.get(path).json()["recommenders"]["content"]["state"] == "ready")
    late = waiting.post(RECOMMEND, json=body)

    assert "content is still learning" in error_of(early, 503, "not_ready")
    assert during["state"] == "fitting"
    assert during["progress"]["unit"] == "items"
    assert late.status_code == 200
    assert titles_of(late)


def test_a_fit_that_failed_says_why(tmp_path):
    def no_model(spec, folder, device):
        raise ModelLoadError("The disk is full.")

    place = fake_showcase(tmp_path, load=no_model)
    client = client_of(place)
    dataset = bring(client).json()["id"]

    answer = client.post(RECOMMEND, json={"dataset": dataset, "user": "u01", "recommender": "content"})
    state = client.get(f"{DATASETS}/{dataset}").json()["recommenders"]["content"]

    assert error_of(answer, 503, "model_unavailable") == "The disk is full."
    assert (state["state"], state["error"]) == ("failed", "The disk is full.")
    place.close()


# --- evaluation -------------------------------------------------------------------------------------------------


def evaluate(client, **body):
    body = {"dataset": bring(client).json()["id"], "k": 2, "split": "leave-last-out", **body}
    return client.post(EVALUATE, json=body)


def test_recommenders_are_measured_side_by_side(client):
    answer = evaluate(client, recommenders=["ease", "popularity", "ease"]).json()

    assert [row["recommender"] for row in answer["rows"]] == ["ease", "popularity"]
    row = answer["rows"][0]
    assert row["users"] == 12
    for name in ("precision", "recall", "ndcg", "map", "hit"):
        assert 0 <= row[name]["mean"] <= 1
        assert row[name]["margin"] >= 0
    assert row["precision"]["mean"] == pytest.approx(row["recall"]["mean"] / 2)
    assert 0 < row["coverage"] <= 1
    assert (answer["k"], answer["split"], answer["seed"], answer["synthetic"]) == (
        2,
        "leave-last-out",
        42,
        False,
    )


def test_the_sample_is_measured_and_called_synthetic(client):
    answer = client.post(EVALUATE, json={"recommenders": ["popularity", "item-knn"], "seed": 7}).json()

    popularity, knn = answer["rows"]
    assert knn["ndcg"]["mean"] > popularity["ndcg"]["mean"]
    assert answer["synthetic"] is True
    assert "Invented products" in answer["note"]


def test_the_same_seed_gives_the_same_figures_and_another_does_not(client):
    body = {"recommenders": ["item-knn"]}

    first, again, other = [
        client.post(EVALUATE, json={**body, "seed": seed}).json()["rows"] for seed in (3, 3, 4)
    ]

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "recommenders is missing"),
        ({"recommenders": []}, 422, "recommenders"),
        ({"recommenders": ["oracle"]}, 422, "one of"),
        ({"recommenders": ["ease"] * 7}, 422, "more than 6"),
        ({"recommenders": ["ease"], "split": "random"}, 422, "one of"),
        ({"recommenders": ["ease"], "seed": -1}, 422, "0 or more"),
        ({"recommenders": ["ease"], "k": 101}, 422, "100 or less"),
        ({"recommenders": ["ease"], "dataset": "nope"}, 404, "Nothing is kept"),
        ({"recommenders": ["hybrid"], "weights": {"ease": 0}}, 422, "above 0"),
    ],
)
@pytest.mark.parametrize("is_stream", [True, False])
def test_what_cannot_be_measured_gets_a_sentence(client, body, status, words, is_stream):
    answer = client.post(EVALUATE, json={**body, "stream": is_stream})

    assert words in error_of(answer, status, answer.json()["error"]["code"])


@pytest.mark.parametrize("is_stream", [True, False])
def test_leave_last_out_needs_times(client, is_stream):
    dataset = bring(client, interactions(with_times=False)).json()["id"]
    body = {"dataset": dataset, "recommenders": ["ease"], "split": "leave-last-out", "stream": is_stream}

    assert "times" in error_of(client.post(EVALUATE, json=body), 422, "invalid_input")


def test_users_with_too_few_items_cannot_be_measured(client):
    dataset = bring(client, b"user,item\nu1,a\nu2,b\n").json()["id"]

    answer = client.post(EVALUATE, json={"dataset": dataset, "recommenders": ["popularity"]})

    error_of(answer, 422, "invalid_input")


def test_a_stream_tells_its_progress_and_ends_with_the_figures(client):
    body = {"recommenders": ["popularity", "ease"], "split": "leave-last-out"}
    dataset = bring(client).json()["id"]

    answer = client.post(EVALUATE, json={**body, "dataset": dataset, "stream": True})
    whole = client.post(EVALUATE, json={**body, "dataset": dataset}).json()

    *steps, (name, done) = events_of(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert name == "done"
    assert {step[0] for step in steps} == {"progress"}
    assert steps[-1][1]["unit"] == "users"
    assert EvaluateResponse.model_validate(done).rows == EvaluateResponse.model_validate(whole).rows


def test_measuring_that_takes_too_long_is_504_and_says_how_to_go_on(tmp_path):
    go = threading.Event()

    def load(spec, folder, device):
        engine = FakeEngine(device)
        engine.may_answer = go
        return engine

    place = fake_showcase(tmp_path, load=load)
    client = client_of(place)
    dataset = bring(client).json()["id"]
    place.limits.deadline_s = 0.3

    body = {"dataset": dataset, "recommenders": ["popularity"], "split": "leave-last-out"}
    answer = client.post(EVALUATE, json=body)

    assert "stream" in error_of(answer, 504, "deadline_exceeded")
    go.set()
    place.close()


def test_only_so_many_evaluations_run_at_once_and_each_gives_its_place_back(client, monkeypatch):
    monkeypatch.setattr(recommendation_evaluate, "MAX_EVALUATIONS", 1)
    statuses = [evaluate(client, recommenders=["popularity"]).status_code for _ in range(3)]
    monkeypatch.setattr(
        recommendation_evaluate, "evaluate_all", lambda *args, **kwargs: _asks(client, statuses)
    )
    evaluate(client, recommenders=["popularity"], stream=True)

    assert statuses == [200, 200, 200, 429]


def test_one_caller_leaves_room_for_the_evaluations_of_others():
    running = recommendation_evaluate._Running()
    with running.one_more("greedy"), running.one_more("greedy"):
        with pytest.raises(OverloadedError, match="2 evaluations are running"), running.one_more("greedy"):
            pass
        with running.one_more("other"):
            pass
    with running.one_more("greedy"):
        pass


def _asks(client, statuses):
    """An evaluation in the middle of which somebody else asks for one."""
    statuses.append(client.post(EVALUATE, json={"recommenders": ["popularity"]}).status_code)
    raise InvalidInputError("That was all.")
    yield


# --- the document -----------------------------------------------------------------------------------------------


def test_the_examples_of_the_document_work_and_have_the_shape_of_the_answers(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    recommended = client.post(RECOMMEND, json=schemas["RecommendRequest"]["example"])
    evaluated = client.post(EVALUATE, json=schemas["EvaluateRequest"]["example"])
    answers = {
        "DatasetResponse": (DatasetResponse, bring(client)),
        "RecommendResponse": (RecommendResponse, recommended),
        "EvaluateResponse": (EvaluateResponse, evaluated),
    }

    for name, (model, answer) in answers.items():
        assert answer.status_code == 200
        assert answer.json().keys() >= schemas[name]["example"].keys()  # which leaves out what is null
        assert model.model_validate(schemas[name]["example"])
        assert json.dumps(schemas[name]["example"])


def test_the_choices_of_the_document_are_those_of_the_scenario():
    assert get_args(RecommenderName) == RECOMMENDERS
    assert get_args(SplitName) == SPLITS
    assert set(get_args(Part)) == {*HYBRID_WEIGHTS, "als"}
