"""The bundled bilingual embedder: a Chinese text lands beside its English translation."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "models" / "starter-bilingual"
DATA = ROOT.parent / "shared" / "data"
MAX_FOLDER_BYTES = 20_000_000
TRANSLATIONS = [
    ("The library closes at nine.", "图书馆九点关门。"),
    ("My sister plays the violin very well.", "我姐姐小提琴拉得很好。"),
    ("It will probably snow tomorrow.", "明天可能会下雪。"),
    ("A man is riding a bicycle along the beach.", "一个男人在海滩上骑自行车。"),
    ("Two dogs are playing in the grass.", "两只狗在草地上玩耍。"),
    ("I have never eaten anything this delicious.", "我从来没吃过这么好吃的东西。"),
    ("He is looking for a new job.", "他正在找新工作。"),
    ("The train was an hour late.", "火车晚点了一个小时。"),
    ("The function returns a list of integers.", "该函数返回一个整数列表。"),
    ("How do I connect to the database?", "如何连接数据库？"),
    ("The file could not be opened.", "无法打开文件。"),
    ("Please write down your name and address.", "请写下你的姓名和地址。"),
    ("The doctor told me to drink more water.", "医生让我多喝水。"),
    ("Children under six get in free.", "六岁以下儿童免费入场。"),
    ("This bag is much too heavy.", "这个包太重了。"),
    ("What does this word mean?", "这个词是什么意思？"),
    ("They got married last summer.", "他们去年夏天结婚了。"),
    ("The price of oil keeps rising.", "油价不断上涨。"),
    ("There is a red car in front of the house.", "房子前面有一辆红色的车。"),
    ("Can you recommend a good restaurant nearby?", "你能推荐附近一家好餐厅吗？"),
]
PARAPHRASES = [
    ("我把密码弄丢了，进不了系统", "如何重置密码？"),
    ("想把买的东西寄回去", "如何退货？"),
    ("包裹走到哪儿了", "如何跟踪我的订单？"),
    ("能刷信用卡吗", "你们接受哪些支付方式？"),
    ("公司报销需要票据", "如何获取发票？"),
    ("周日几点关门", "你们的营业时间是几点？"),
]

pytestmark = pytest.mark.starters


@pytest.fixture(scope="module")
def student():
    return SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)


def embed(model, texts):
    return model.encode(list(texts), batch_size=64, normalize_embeddings=True)


def test_each_sentence_is_nearest_to_its_own_translation_both_ways(student):
    english, chinese = (embed(student, texts) for texts in zip(*TRANSLATIONS, strict=True))

    nearest = english @ chinese.T

    assert (nearest.argmax(1) == np.arange(len(TRANSLATIONS))).mean() >= 0.95
    assert (nearest.argmax(0) == np.arange(len(TRANSLATIONS))).mean() >= 0.95


def test_most_questions_find_the_entry_that_says_the_same_in_other_words(student):
    asked, entries = (embed(student, texts) for texts in zip(*PARAPHRASES, strict=True))

    assert ((asked @ entries.T).argmax(1) == np.arange(len(PARAPHRASES))).sum() >= 5


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(student):
    together = embed(student, ["退款", "How long does delivery take to a small village in the mountains?"])
    alone = embed(student, ["退款"])

    assert together.shape == (2, 384)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together[:1], alone, atol=1e-5)


def test_the_folder_stays_small_and_its_weights_are_those_of_the_card():
    card = (FOLDER / "README.md").read_text("utf-8")
    weights = (FOLDER / "model.safetensors").read_bytes()

    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= MAX_FOLDER_BYTES
    assert hashlib.sha256(weights).hexdigest() in card


@pytest.mark.skipif(
    not (DATA / "en-zh-parallel").is_dir(), reason="the evaluation data lies outside the repository"
)
def test_the_quality_on_the_card_is_reproduced(student):
    read_pairs = pytest.importorskip("training._bilingual_data").read_pairs
    scores = pytest.importorskip("training._bilingual_score")
    reported = json.loads((FOLDER / "quality.json").read_text("utf-8"))["test"]
    pairs = read_pairs(DATA, "test")

    chinese, english = embed(student, pairs.zh), embed(student, pairs.en)

    for name, measured in (
        ("en_to_zh", scores.retrieval(english, chinese)),
        ("zh_to_en", scores.retrieval(chinese, english)),
    ):
        assert measured == pytest.approx(reported[name], abs=0.005)
