"""Translation by a writer: what it is asked, what is made of its answers, and that everything else stays."""

import pytest

from core.catalog import Catalog
from core.device import Device
from core.endpoint import with_endpoint
from core.pool import ModelPool
from core.scenarios.translation.glossary import Term
from core.scenarios.translation.prompting import prompts_of, translation_of
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from core.settings import Settings
from core.showcase import _load_checked
from core.types import Generation, TranslationItem
from tests.fake_endpoint import KEY, MODEL, Answer, FakeEndpoint
from tests.tiny_writers import writer_spec


class Speaker:
    """Answers the last paragraph of a prompt with `say(paragraph, seed)`."""

    def __init__(self, device, say):
        self.device, self.say, self.asked = device, say, []

    def predict(self, items):
        self.asked += items
        return [
            Generation(self.say(item.messages[-1].content.split("\n\n", 1)[1], item.options.seed), "stop", 1)
            for item in items
        ]

    def close(self):
        pass


@pytest.fixture
def translated(tmp_path):
    """Translate a text with a writer that speaks as told; gives the translation and what was asked."""
    pools = []

    def translated(text, say, **options):
        speaker = Speaker(Device("cpu", "CPU", "float32", budget_mb=1000.0), say)
        spec = writer_spec(roles=("writer", "translator-en-zh", "translator-zh-en"), mask="<x{n}>")
        pool = ModelPool(
            Catalog((spec,)),
            locate=lambda spec: tmp_path,
            download=None,
            load=lambda spec, folder, device: speaker,
            detect_device=lambda: speaker.device,
        )
        pools.append(pool)
        request = TranslationRequest(text, **{"source": "en", "target": "zh"} | options)
        return finish(translate(pool, request)), speaker.asked

    yield translated
    for pool in pools:
        pool.close()


def test_a_writer_is_asked_in_words_and_marks_come_back_as_tokens(translated):
    translation, asked = translated("Pay {price} now.", lambda text, seed: f"译：{text}")

    assert translation.text == "译：Pay {price} now."
    assert asked[0].messages[-1].content.endswith("\n\nPay <x0> now.")
    assert "from English to Simplified Chinese" in asked[0].messages[-1].content
    assert len(asked) == 1
    assert translation.model.model_id == "tiny-writer"


def test_terms_of_the_glossary_go_in_as_marks(translated):
    translation, _ = translated(
        "The server is old.", lambda text, seed: f"译：{text}", glossary=(Term("server", "服务器"),)
    )

    assert "服务器" in translation.text
    assert [check.respected for check in translation.terms] == [1]


def test_a_writer_that_loses_its_marks_is_asked_for_the_pieces(translated):
    translation, _ = translated("Pay {price} now.", lambda text, seed: "付钱" if "<x" in text else "现在")

    assert "{price}" in translation.text
    assert all(check.is_whole for check in translation.checks)


def test_alternatives_are_drawn_with_seeds_of_their_own(translated):
    translation, asked = translated("Good day.", lambda text, seed: f"好{seed}", alternatives=2)

    assert (translation.text, translation.alternatives) == ("好0", ("好1", "好2"))
    assert [(item.options.seed, item.options.temperature > 0) for item in asked] == [
        (0, False),
        (1, True),
        (2, True),
    ]


@pytest.mark.parametrize(
    ("answer", "translation"),
    [
        ("你好。", "你好。"),
        ("<think>Let me see.\n\nWell.</think>\n\n你好。", "你好。"),
        ("<think>I never end", ""),
        ("“你好。”", "你好。"),
        ('"你好。"', "你好。"),
        ("你好。\n\nNote: this is polite.", "你好。"),
        ("", ""),
    ],
)
def test_the_translation_is_taken_out_of_the_answer(answer, translation):
    item = TranslationItem("Hello.", "en", "zh")

    assert translation_of(item, Generation(answer, "stop", 1)) == translation


def test_quotation_marks_of_the_text_itself_stay():
    item = TranslationItem('"Hello."', "en", "zh")

    assert translation_of(item, Generation('"你好。"', "stop", 1)) == '"你好。"'


def test_the_room_for_an_answer_grows_with_the_text():
    short, long = (prompts_of(TranslationItem("a" * n, "en", "zh"))[0].options for n in (10, 300))

    assert short.max_new_tokens < long.max_new_tokens


def test_an_endpoint_translates_too(tmp_path):
    endpoint = FakeEndpoint()
    endpoint.answers = [Answer(words=("你好", "，世界", "。"))]
    settings = Settings(llm_base_url=endpoint.url, llm_api_key=KEY, llm_model=MODEL)
    pool = ModelPool(
        with_endpoint(Catalog(()), settings),
        locate=lambda spec: tmp_path,
        download=None,
        load=lambda spec, folder, device: _load_checked(spec, folder, device, api_key=KEY),
        detect_device=lambda: Device("cpu", "CPU", "float32", budget_mb=1000.0),
    )

    translation = finish(translate(pool, TranslationRequest("Hello world.", target="zh", source="en")))
    pool.close()
    endpoint.close()

    assert translation.text == "你好，世界。"
    assert translation.model.tier == "remote"
    assert endpoint.requests[0]["temperature"] == 0
