"""The bundled translator: what its card says is what it does."""

import hashlib
import json
import re
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "models" / "starter-translator"
DATA = ROOT.parent / "shared" / "data"
MAX_FOLDER_BYTES = 40_000_000
SAMPLE = 150  # as quality.json was made with
MASKED = [
    ("zh", "Open <x0> now."),
    ("zh", "I live in <x0>."),
    ("zh", "Do you know <x0>?"),
    ("zh", "I met <x0> and <x1> yesterday."),
    ("zh", "This is <x0>."),
    ("en", "我住在<x0>。"),
    ("en", "你认识<x0>吗？"),
    ("en", "昨天我见到了<x0>和<x1>。"),
    ("en", "这是<x0>。"),
    ("en", "请把<x0>发到<x1>。"),
]

pytestmark = pytest.mark.starters


@pytest.fixture(scope="module")
def translator():
    model = AutoModelForSeq2SeqLM.from_pretrained(FOLDER, dtype=torch.float32, local_files_only=True)
    return model.eval(), AutoTokenizer.from_pretrained(FOLDER, local_files_only=True)


def translate(translator, texts, into):
    model, tokenizer = translator
    inputs = tokenizer([f">>{into}<< {text}" for text in texts], return_tensors="pt", padding=True)
    with torch.inference_mode():
        ids = model.generate(**inputs, num_beams=4, max_new_tokens=60)
    return tokenizer.batch_decode(ids, skip_special_tokens=True)


def masks_of(text):
    return sorted(re.findall(r"<x\d>", text))


def test_each_direction_answers_in_its_own_language(translator):
    [chinese] = translate(translator, ["I like music."], "zh")
    [english] = translate(translator, ["我喜欢音乐。"], "en")

    assert "音乐" in chinese
    assert not re.search("[A-Za-z]", chinese)
    assert "music" in english


def test_masks_come_out_as_often_as_they_went_in(translator):
    answers = [(text, *translate(translator, [text], into)) for into, text in MASKED]

    lost = [(text, answer) for text, answer in answers if masks_of(answer) != masks_of(text)]

    assert len(lost) <= 1, lost  # the card gives 97 % into English


def test_padding_does_not_change_a_translation(translator):
    short, long = (
        "I like music.",
        "My sister, who lives in a small town by the sea, plays the violin very well.",
    )

    assert translate(translator, [short, long], "zh")[0] == translate(translator, [short], "zh")[0]


def test_the_tokenizer_gives_back_what_it_read():
    tokenizer = AutoTokenizer.from_pretrained(FOLDER, local_files_only=True)
    texts = [
        "Don't worry, it costs $3.50 (only today)!",
        "使用Python 3.12，“很简单”。",
        "去<x0>买票，𠮷野家😀",
    ]

    ids = tokenizer(texts).input_ids

    assert tokenizer.batch_decode(ids, skip_special_tokens=True) == texts
    assert all(row[-1] == tokenizer.eos_token_id and tokenizer.unk_token_id not in row for row in ids)


def test_the_folder_stays_small_and_the_card_tells_of_these_weights_and_figures():
    card = (FOLDER / "README.md").read_text("utf-8")
    reported = json.loads((FOLDER / "quality.json").read_text("utf-8"))
    weights = (FOLDER / "model.safetensors").read_bytes()

    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= MAX_FOLDER_BYTES
    assert hashlib.sha256(weights).hexdigest() in card
    for source, figures in reported["test"].items():
        if "pairs" in figures and source != "sample":
            row = next(line for line in card.splitlines() if line.startswith(f"| {source} |"))
            for direction in ("en_to_zh", "zh_to_en"):
                assert f" {figures[direction]['bleu']:.1f} / {figures[direction]['chrf']:.1f} |" in row
    assert all(signature in card for signature in reported["signatures"].values())


@pytest.mark.skipif(
    not (DATA / "en-zh-parallel").is_dir(), reason="the evaluation data lies outside the repository"
)
def test_the_quality_on_a_sample_of_the_test_split_is_reproduced():
    score = pytest.importorskip("training._translator_score")
    read_pairs = pytest.importorskip("training._bilingual_data").read_pairs
    reported = json.loads((FOLDER / "quality.json").read_text("utf-8"))["test"]["sample"]

    measured = score.quality(FOLDER, score.sample(read_pairs(DATA, "test"), "tatoeba", SAMPLE))["tatoeba"]

    assert measured["pairs"] == reported["pairs"]
    for direction in ("en_to_zh", "zh_to_en"):
        assert measured[direction]["bleu"] == pytest.approx(reported[direction]["bleu"], abs=1)
