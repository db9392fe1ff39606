"""The translation engine with tiny models of random weights: what it must do whatever the weights are."""

from dataclasses import replace

import pytest

import core.sources  # noqa: F401  (keeps transformers from asking the hub to convert a .bin)
from core.catalog import ModelSpec
from core.device import Device
from core.engines import beams, load_engine
from core.errors import ModelLoadError
from core.types import Tier, TranslationItem
from tests import tiny_models

CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
SENTENCES = [
    "the tower is tall .",
    "a tower",
    "the old tower is <x0> and <x1> .",
    "塔 很 高 。",
    "一 座 老 塔",
]


def spec_of(**more):
    return ModelSpec(
        model_id="tiny",
        roles=("translator-en-zh", "translator-zh-en"),
        task="translation",
        tier=Tier.STARTER,
        license="Apache-2.0",
        size_mb=1,
        languages=("en", "zh"),
        title="Tiny translator",
        folder="tiny",
        **more,
    )


TAGGED = spec_of(target_tag=">>{target}<< ")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translator")
    tiny_models.write_translator(folder)
    engine = load_engine(TAGGED, folder, CPU)
    yield engine
    engine.close()


def items_of(texts, n_best=1):
    languages = [("zh", "en") if "\u4e00" <= text[0] <= "\u9fff" else ("en", "zh") for text in texts]
    return [TranslationItem(text, *pair, n_best) for text, pair in zip(texts, languages, strict=True)]


def test_a_batch_gives_what_each_sentence_gives_alone(engine):
    together = engine.predict(items_of(SENTENCES, n_best=3))
    alone = [engine.predict([item])[0] for item in items_of(SENTENCES, n_best=3)]

    assert [[each.text for each in row] for row in together] == [[each.text for each in row] for row in alone]
    assert [len(row) for row in together] == [3] * len(SENTENCES)


def test_the_best_comes_first_and_none_twice(engine):
    for row in engine.predict(items_of(SENTENCES, n_best=4)):
        assert [each.score for each in row] == sorted((each.score for each in row), reverse=True)
        assert all(each.score < 0 for each in row)


def test_hypotheses_are_those_of_generate(engine, monkeypatch):
    monkeypatch.setattr(beams, "LOOP_REPEATS", 1000)
    (item,) = items_of(["the tower is tall ."], n_best=4)
    model, tokenizer = engine._model, engine._tokenizer
    inputs = tokenizer(">>zh<< the tower is tall .", return_tensors="pt", return_token_type_ids=False)
    wanted = model.generate(
        **inputs,
        num_beams=4,
        num_return_sequences=4,
        max_new_tokens=2 * inputs["input_ids"].shape[1] + 16,
        early_stopping=True,
        bad_words_ids=[[0], [2]],
        min_new_tokens=2,
    )

    (row,) = engine.predict([item])

    assert row[0].text == tokenizer.decode(wanted[0], skip_special_tokens=True).strip()


def test_the_direction_is_told_for_each_item(engine):
    to_zh, to_en = engine.predict(
        [TranslationItem("the tower", "en", "zh"), TranslationItem("the tower", "zh", "en")]
    )

    assert to_zh != to_en


def test_more_beams_of_one_caller_change_nothing_for_another(engine):
    (alone,) = engine.predict([TranslationItem("the tower", "en", "zh")])
    beside, _ = engine.predict(
        [TranslationItem("the tower", "en", "zh"), TranslationItem("塔", "zh", "en", 6)]
    )

    assert [each.text for each in alone] == [each.text for each in beside]


def test_a_text_longer_than_the_model_reads_is_translated_in_parts(engine):
    (row,) = engine.predict([TranslationItem("the tower is tall . " * 60, "en", "zh", 3)])

    assert len(row) == 1
    assert row[0].text


def test_no_phrase_is_repeated_for_ever(engine):
    for row in engine.predict(items_of(["the " * 20, "tower . " * 15, "塔 " * 20], n_best=4)):
        for hypothesis in row:
            words = hypothesis.text.split()
            for size in (1, 2, 3):
                for start in range(len(words) - 5 * size + 1):
                    phrases = {tuple(words[start + n * size : start + (n + 1) * size]) for n in range(5)}
                    assert len(phrases) > 1


def test_an_unknown_word_and_an_empty_sentence_do_no_harm(engine):
    rows = engine.predict([TranslationItem("zzz", "en", "zh"), TranslationItem("", "en", "zh")])

    assert [len(row) for row in rows] == [1, 1]


def test_a_marian_repository_translates(tmp_path):
    tiny_models.write_marian(tmp_path / "marian")
    spec = spec_of(target_tag=">>{target}<< ", language_codes={"zh": "cmn_Hans"})

    engine = load_engine(spec, tmp_path / "marian", CPU)

    item = TranslationItem("the tower is tall .", "en", "zh", 2)
    assert engine._encode(item)[0] == engine._tokenizer.convert_tokens_to_ids(">>cmn_Hans<<")
    assert len(engine.predict([item, replace(item, text="old")])[0]) == 2


def test_an_m2m100_repository_translates_in_both_directions_at_once(tmp_path):
    tiny_models.write_m2m100(tmp_path / "m2m")
    engine = load_engine(spec_of(language_codes={"en": "en", "zh": "zh"}), tmp_path / "m2m", CPU)

    items = [TranslationItem("the tower", "en", "zh"), TranslationItem("塔 很 高", "zh", "en")]
    together, alone = engine.predict(items), [engine.predict([item])[0] for item in items]

    tokenizer = engine._tokenizer
    assert [engine._prefix(item)[1] for item in items] == [
        tokenizer.get_lang_id("zh"),
        tokenizer.get_lang_id("en"),
    ]
    assert engine._encode(items[1])[0] == tokenizer.get_lang_id("zh")
    assert [row[0].text for row in together] == [row[0].text for row in alone]


def test_a_folder_with_weights_left_out_is_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    tiny_models.write_translator(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if "decoder.layers.1.fc1" not in name}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelLoadError, match="weights are missing"):
        load_engine(TAGGED, tmp_path, CPU)


def test_a_damaged_file_is_a_sentence(tmp_path):
    tiny_models.write_translator(tmp_path)
    whole = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ModelLoadError, match="Tiny translator"):
        load_engine(TAGGED, tmp_path, CPU)
