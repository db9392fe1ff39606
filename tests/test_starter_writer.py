"""The bundled writer: it answers a brief with a text that keeps to it."""

import hashlib
import json
from pathlib import Path

import pytest

from core.scenarios.content.samples import BRIEFS

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "models" / "starter-writer"
DATA = ROOT.parent / "shared" / "data"
MAX_FOLDER_BYTES = 35_000_000

pytestmark = pytest.mark.starters


@pytest.fixture(scope="module")
def score():
    return pytest.importorskip("training._writer_score")


@pytest.fixture(scope="module")
def writer(score):
    return score.StoredWriter(FOLDER)


@pytest.fixture(scope="module")
def reported():
    return json.loads((FOLDER / "quality.json").read_text("utf-8"))["test"]


@pytest.mark.parametrize("example_id", BRIEFS)
def test_a_text_names_the_product_of_its_brief(writer, example_id):
    brief = BRIEFS[example_id]["en"]

    text = writer.write([brief])[0]

    assert brief.product.split(",")[0].lower() in text.lower()


def test_temperature_0_gives_the_same_text_alone_and_among_others(writer):
    briefs = [example["en"] for example in BRIEFS.values()]

    together = writer.write(briefs)

    assert writer.write(briefs[:1]) == together[:1]


def test_the_tokenizer_gives_back_what_it_was_given(writer):
    text = "Subject: Café Ångström opens\n\nHi there!\nFrom 8:30, 1,250 seats, #Soon ☕"

    assert writer.tokenizer.decode(writer.tokenizer(text).input_ids) == text


def test_the_chat_template_makes_the_prompt_of_the_training(writer):
    message = [{"role": "user", "content": "Write a tagline."}]

    prompt = writer.tokenizer.apply_chat_template(message, add_generation_prompt=True, tokenize=False)

    assert prompt == "<|user|>Write a tagline.<|end|><|assistant|>"
    assert writer.tokenizer.eos_token == "<|end|>"


def test_the_folder_stays_small_and_its_weights_are_those_of_the_card():
    card = (FOLDER / "README.md").read_text("utf-8")
    weights = (FOLDER / "model.safetensors").read_bytes()

    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= MAX_FOLDER_BYTES
    assert hashlib.sha256(weights).hexdigest() in card


def test_briefs_are_kept_to_as_the_card_says(writer, score, reported):
    briefs = score.evaluation_briefs()

    measured = score.brief_scores(writer, briefs, temperature=0.0)

    assert measured["kept"] == pytest.approx(reported["briefs, temperature 0"]["kept"], abs=0.03)


@pytest.mark.skipif(
    not (DATA / "e2e-restaurants").is_dir(), reason="the evaluation data lies outside the repository"
)
def test_attributes_of_restaurants_are_said_as_the_card_says(writer, score, reported):
    restaurants = pytest.importorskip("training._writer_e2e")
    lists = list({found.mr: found for found in restaurants.read_restaurants(DATA, "test")}.values())[::15]
    briefs = [restaurants.restaurant_brief(found.name, found.values) for found in lists]

    measured = score.slot_scores(lists, writer.write(briefs))

    assert measured["slots_said"] == pytest.approx(
        reported["restaurants, temperature 0"]["slots_said"], abs=0.02
    )
