"""Writers at an OpenAI-compatible endpoint: a real server on loopback that streams, hangs, refuses and dies."""

import logging
import threading

import pytest

from core.catalog import Catalog
from core.device import Device
from core.endpoint import MODEL_ID, with_endpoint
from core.engines import openai_chat
from core.errors import (
    DeadlineError,
    DemoError,
    InferenceError,
    InvalidInputError,
    ModelLoadError,
    OverloadedError,
)
from core.pool import ModelPool
from core.settings import Settings
from core.showcase import _load_checked
from core.types import ChatMessage, Generation, GenerationItem, GenerationOptions, Tier
from tests.fake_endpoint import KEY, MODEL, Answer, FakeEndpoint
from tests.fakes import FakeWriter, fake_catalog

WAIT_S = 10


@pytest.fixture
def endpoint():
    endpoint = FakeEndpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    """The client's pauses between tries are its own; here they would only be waited for."""
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.02)


@pytest.fixture
def make_pool(endpoint, tmp_path):
    pools = []

    def make(*, key=KEY, url=None, model=MODEL, timeout_s=WAIT_S):
        settings = Settings(llm_base_url=url or endpoint.url, llm_api_key=key, llm_model=model)

        def load(spec, folder, device):
            if spec.endpoint:
                return _load_checked(spec, folder, device, api_key=settings.llm_api_key)
            return FakeWriter(device)

        pool = ModelPool(
            with_endpoint(fake_catalog(), settings),
            locate=lambda spec: tmp_path,
            download=None,
            load=load,
            detect_device=lambda: Device("cpu", "CPU", "float32", budget_mb=1000.0),
            timeout_s=timeout_s,
        )
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()


def item(text="Write about a lamp.", **options):
    return GenerationItem((ChatMessage("user", text),), GenerationOptions(**options))


def read(pool, asked=None):
    """What was streamed, and the answer or the DemoError that ended it."""
    pieces = []
    steps = pool.stream(pool.catalog.spec(MODEL_ID), asked or item())
    while True:
        try:
            pieces.append(next(steps))
        except StopIteration as end:
            return "".join(pieces), end.value
        except DemoError as error:
            return "".join(pieces), error


def test_the_endpoint_is_the_first_choice_for_writing_once_it_is_set():
    catalog = with_endpoint(fake_catalog(), Settings(llm_base_url="http://llm.example:8000/v1"))
    spec = catalog.candidates("writer")[0]

    assert (spec.tier, spec.title) == (Tier.REMOTE, "llm.example")
    assert with_endpoint(fake_catalog(), Settings()) == fake_catalog()


def test_settings_keep_the_key_to_themselves():
    settings = Settings.read({"VITRINE_LLM_BASE_URL": "https://llm.example/v1/", "VITRINE_LLM_API_KEY": KEY})

    assert (settings.llm_base_url, settings.llm_api_key) == ("https://llm.example/v1", KEY)
    assert KEY not in repr(settings)


@pytest.mark.parametrize("address", ["llm.example/v1", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused_at_the_start(address):
    with pytest.raises(ValueError, match="VITRINE_LLM_BASE_URL"):
        Settings.read({"VITRINE_LLM_BASE_URL": address})


def test_text_streams_from_the_endpoint(endpoint, make_pool):
    pool = make_pool()

    text, answer = read(pool, item(max_new_tokens=9, temperature=0.5, top_p=0.8, seed=3, stop=("END",)))

    assert text == "Hello big world"
    assert answer == Generation("Hello big world", "stop", 42)
    asked = endpoint.requests[0]
    assert asked["messages"] == [{"role": "user", "content": "Write about a lamp."}]
    options = [asked[name] for name in ("model", "max_tokens", "temperature", "top_p", "seed", "stop")]
    assert options == [MODEL, 9, 0.5, 0.8, 3, ["END"]]
    status = pool.role_status("writer")
    assert (status.spec.tier, status.device) == (Tier.REMOTE, "127.0.0.1")


def test_whole_answers_are_predicted_side_by_side(endpoint, make_pool):
    answers = make_pool().predict_many("writer", [item(str(number)) for number in range(8)])

    assert [answer.text for answer in answers] == ["Hello big world"] * 8
    assert sorted(request["messages"][0]["content"] for request in endpoint.requests) == list("01234567")


def test_without_a_name_the_first_model_of_the_endpoint_is_taken(endpoint, make_pool):
    read(make_pool(model=None))

    assert endpoint.requests[0]["model"] == MODEL


def test_an_endpoint_without_a_list_serves_the_model_that_is_named(endpoint, make_pool):
    endpoint.models = None

    assert read(make_pool())[0] == "Hello big world"
    assert isinstance(read(make_pool(model=None))[1], ModelLoadError)


def test_tokens_are_counted_by_chunks_where_the_endpoint_does_not_count(endpoint, make_pool):
    endpoint.answers = [Answer(counts_tokens=False, finish_reason="length")]

    assert read(make_pool())[1] == Generation("Hello big world", "length", 3)


def test_a_stop_string_that_the_endpoint_ignores_ends_the_text(endpoint, make_pool):
    endpoint.answers = [Answer(words=("one ", "two E", "ND three"))]

    assert read(make_pool(), item(stop=("END",))) == ("one two ", Generation("one two ", "stop", 3))


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Answer(status=429, headers={"Retry-After-Ms": "1"}), "429"),
        (Answer(status=500), "500"),
        (Answer(status=503), "503"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_passing_failure_is_tried_again(endpoint, make_pool, failure, words):
    endpoint.answers = [failure, failure]

    assert read(make_pool())[0] == "Hello big world"
    assert endpoint.tries == 3


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(status=401), ModelLoadError, "did not let us in"),
        (Answer(status=404), ModelLoadError, "does not know"),
        (Answer(status=400, message="context is 4096 tokens"), InvalidInputError, "context is 4096 tokens"),
        (Answer(status=422, message="no such model", is_plain=True), InvalidInputError, "no such model"),
        (Answer(status=429, headers={"Retry-After-Ms": "1", "Retry-After": "7"}), OverloadedError, "in 7 s"),
        (Answer(status=500), ModelLoadError, "status 500"),
        (Answer(body=b"<html>Welcome to nginx</html>"), InferenceError, "no answer"),
        (Answer(body=b"data: {broken\n\n"), InferenceError, "no answer"),
        (
            Answer(body=b'data: [1, 2]\n\ndata: {"choices": [{}]}\n\ndata: [DONE]\n\n'),
            InferenceError,
            "no answer",
        ),
        (Answer(body=b"\xff\xfe\x00"), InferenceError, "no answer"),
        (Answer(words=(), finish_reason=None), InferenceError, "no answer"),
    ],
)
def test_every_failure_is_a_sentence_without_the_key(endpoint, make_pool, caplog, capfd, answer, kind, words):
    caplog.set_level(logging.DEBUG)
    endpoint.answers = [answer] * 3

    text, error = read(make_pool())

    assert text == ""
    assert type(error) is kind
    assert words in str(error)
    assert KEY not in str(error) + repr(error) + repr(error.params) + caplog.text + "".join(
        capfd.readouterr()
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(dies_after=2), "broke off in the middle"),
        (Answer(error_after=2), "the model broke"),
        (Answer(words=("Hello", " big"), finish_reason=None), "broke off in the middle"),
    ],
)
def test_what_was_written_stays_when_the_endpoint_dies_in_mid_stream(endpoint, make_pool, answer, words):
    endpoint.answers = [answer]

    text, error = read(make_pool())

    assert text == "Hello big"
    assert isinstance(error, InferenceError)
    assert words in str(error)
    assert KEY not in str(error)
    assert endpoint.tries == 1


def test_an_endpoint_that_says_nothing_ends_at_the_deadline(endpoint, make_pool):
    endpoint.answers = [Answer(holds_after=0)]
    pool = make_pool(timeout_s=0.3)
    pool.load(MODEL_ID).wait(WAIT_S)

    text, error = read(pool)

    assert (text, type(error)) == ("", DeadlineError)
    assert endpoint.was_left.wait(WAIT_S)


def test_an_endpoint_that_is_silent_too_long_is_left(endpoint, make_pool, monkeypatch):
    monkeypatch.setattr(openai_chat, "READ_S", 0.2)
    monkeypatch.setattr(openai_chat, "RETRIES", 0)
    endpoint.answers = [Answer(holds_after=1)]

    text, error = read(make_pool())

    assert (text, type(error)) == ("Hello", InferenceError)


def test_closing_the_stream_closes_the_connection(endpoint, make_pool):
    endpoint.answers = [Answer(holds_after=1)]
    steps = make_pool().stream("writer", item())
    assert "Hello" in iter(lambda: next(steps), None)

    steps.close()

    assert endpoint.was_left.wait(WAIT_S)


def test_a_stream_that_hangs_does_not_hold_the_others(endpoint, make_pool):
    pool = make_pool()
    endpoint.answers = [Answer(holds_after=1)]
    hanging = pool.stream("writer", item())
    assert "Hello" in iter(lambda: next(hanging), None)

    others = []
    threads = [threading.Thread(target=lambda: others.append(read(pool)[0])) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    endpoint.release.set()

    assert others == ["Hello big world"] * 12
    assert "".join(hanging) == " big world"


def test_closing_the_pool_leaves_the_endpoint(endpoint, make_pool):
    pool = make_pool()
    endpoint.answers = [Answer(holds_after=1)]
    steps = pool.stream("writer", item())
    assert "Hello" in iter(lambda: next(steps), None)

    pool.close()

    with pytest.raises(ModelLoadError, match="unloaded"):
        list(steps)
    assert endpoint.was_left.wait(WAIT_S)


def test_where_nobody_listens_another_writer_serves_and_the_reason_is_told(make_pool):
    pool = make_pool(url="http://127.0.0.1:9/v1")

    answer = pool.predict("writer", item())
    error = read(pool)[1]

    assert answer.text.startswith("Draft")
    assert isinstance(error, ModelLoadError)
    assert "cannot be reached at 127.0.0.1:9" in str(error)


def test_a_wrong_key_is_told_when_the_model_is_loaded(endpoint, make_pool):
    error = read(make_pool(key="sk-wrong"))[1]

    assert isinstance(error, ModelLoadError)
    assert "VITRINE_LLM_API_KEY" in str(error)
    assert "sk-wrong" not in str(error) + repr(error.params)


def test_no_key_of_somebody_else_is_sent(endpoint, make_pool, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")

    read(make_pool(key=None))

    assert endpoint.keys == [f"Bearer {openai_chat.NO_KEY}"]


def test_the_spec_of_an_endpoint_takes_no_memory_and_names_one_place():
    spec = with_endpoint(Catalog(()), Settings(llm_base_url="http://llm.example/v1")).specs[0]

    assert spec.budget_mb == 0
    assert KEY not in repr(spec)
