"""Writers of a few kilobytes with random weights: rows that share a batch, stop strings, limits, sampling."""

import random
import threading

import pytest

from core.device import Device
from core.engines import load_engine
from core.engines._growing_text import GrowingText, StopStrings
from core.errors import InvalidInputError, ModelLoadError, OverloadedError
from core.streaming import StreamBatcher
from core.types import ChatMessage, GenerationItem, GenerationOptions
from tests.tiny_writers import byte_tokenizer, write_writer, writer_spec

torch = pytest.importorskip("torch")

CPU = Device("cpu", "CPU", "float32", budget_mb=1000.0)
WAIT_S = 60
FAMILIES = ("llama", "qwen3")


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request, tmp_path_factory):
    return write_writer(tmp_path_factory.mktemp(request.param), family=request.param)


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    return write_writer(tmp_path_factory.mktemp("llama-only"))


@pytest.fixture
def open_batcher():
    batchers = []

    def open_one(folder, **options):
        engine = load_engine(writer_spec(), folder, CPU)
        batchers.append(StreamBatcher(engine, **options))
        return batchers[-1]

    yield open_one
    for batcher in batchers:
        batcher.close()


def item(text="Write about a lamp.", **options):
    chosen = {"max_new_tokens": 40, "temperature": 0.0} | options
    return GenerationItem((ChatMessage("user", text),), GenerationOptions(**chosen))


def written(batcher, *items):
    return [stream.result(WAIT_S) for stream in [batcher.submit(one) for one in items]]


def mixed_items(count):
    """Prompts and answers of many lengths; every other one is sampled."""
    return [
        item("lamp " * (number * 7 % 23 + 1), max_new_tokens=5 + number * 11 % 60, seed=number)
        if number % 2
        else item(f"灯 {number} " * (number % 9 + 1), temperature=0.9, top_p=0.9, seed=number)
        for number in range(count)
    ]


def generated(folder, asked):
    """What transformers' own generate makes of it, one at a time."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    texts = []
    for one in asked:
        turns = [{"role": message.role, "content": message.content} for message in one.messages]
        prompt = tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        length = prompt.input_ids.shape[1]
        out = model.generate(
            **prompt, max_new_tokens=one.options.max_new_tokens, do_sample=False, pad_token_id=0
        )
        texts.append(tokenizer.decode(out[0, length:], skip_special_tokens=True).rstrip("\ufffd"))
    return texts


def test_rows_of_many_lengths_write_what_generate_writes_one_by_one(folder, open_batcher):
    asked = [item("lamp " * (n * 5 % 17 + 1) + str(n), max_new_tokens=10 + n * 13 % 90) for n in range(16)]

    answers = written(open_batcher(folder, max_rows=5), *asked)

    assert [answer.text for answer in answers] == generated(folder, asked)


def test_a_text_is_the_same_alone_and_among_others(folder, open_batcher):
    asked = mixed_items(24)

    alone = [written(open_batcher(folder, max_rows=1), one)[0] for one in asked[:8]]
    together = written(open_batcher(folder, max_rows=6), *random.Random(7).sample(asked, len(asked)))

    assert all(answer in together for answer in alone)
    assert len({answer.text for answer in together}) > 12


def test_the_same_seed_draws_the_same_text_and_another_seed_another(llama, open_batcher):
    batcher = open_batcher(llama)
    same, again, other = written(
        batcher, *(item(temperature=1.0, seed=seed, max_new_tokens=30) for seed in (5, 5, 6))
    )

    assert same == again
    assert same.text != other.text


def test_rows_join_and_leave_while_others_write(llama, open_batcher):
    batcher = open_batcher(llama, max_rows=4)
    reference = [answer.text for answer in written(batcher, *mixed_items(12))]

    streams = [batcher.submit(one) for one in mixed_items(12)]
    for number in (1, 4, 8):
        streams[number].cancel()
    late = written(batcher, *mixed_items(12))

    kept = [number for number in range(12) if number not in (1, 4, 8)]
    assert [streams[number].result(WAIT_S).text for number in kept] == [reference[number] for number in kept]
    assert [answer.text for answer in late] == reference


def test_the_pieces_make_up_the_text_and_no_piece_has_half_a_character(llama, open_batcher):
    batcher = open_batcher(llama)
    for seed in range(4):
        stream = batcher.submit(item("写一句话", temperature=1.5, seed=seed, max_new_tokens=120))
        pieces = list(stream.pieces(WAIT_S))

        assert "".join(pieces) == stream.result(0).text


def test_a_long_prompt_is_read_in_parts_while_others_write(llama, open_batcher):
    from core.engines import text_generation

    long = item("lamp " * 80, max_new_tokens=20)
    assert len(long.messages[0].content) > text_generation.READ_TOKENS["cpu"]

    answers = written(open_batcher(llama), item(), long, item("short"))

    assert [answer.text for answer in answers] == generated(llama, [item(), long, item("short")])


def test_the_text_ends_before_the_first_stop_string(llama, open_batcher):
    batcher = open_batcher(llama)
    whole = written(batcher, item(max_new_tokens=40))[0].text
    stop = whole[10:13]

    stream = batcher.submit(item(max_new_tokens=40, stop=("never there", stop)))
    pieces = "".join(stream.pieces(WAIT_S))

    assert stream.result(0).finish_reason == "stop"
    assert pieces == stream.result(0).text == whole[: whole.index(stop)]


def test_the_answer_ends_at_the_models_end_token(llama, open_batcher):
    from transformers import AutoTokenizer

    batcher = open_batcher(llama)
    answers = written(
        batcher, *(item(temperature=3.0, top_p=1.0, seed=seed, max_new_tokens=400) for seed in range(4))
    )

    ended = [answer for answer in answers if answer.finish_reason == "stop"]
    assert ended
    assert all(answer.tokens < 400 and "<|end|>" not in answer.text for answer in ended)
    assert AutoTokenizer.from_pretrained(llama).eos_token == "<|end|>"


def test_an_answer_takes_no_more_tokens_than_asked_or_than_the_context_has(llama, open_batcher):
    batcher = open_batcher(llama)
    short, long = written(
        batcher, item(max_new_tokens=3), item("a" * 450, max_new_tokens=400, temperature=0.7, seed=1)
    )

    assert (short.tokens, short.finish_reason) == (3, "length")
    assert 0 < long.tokens <= 512 - 450


@pytest.mark.parametrize("chars", [600, 10**6])
def test_a_prompt_longer_than_the_context_is_refused_and_the_others_go_on(llama, open_batcher, chars):
    batcher = open_batcher(llama)
    too_long, fine = batcher.submit(item("a" * chars)), batcher.submit(item())

    with pytest.raises(InvalidInputError, match="too long for Tiny writer"):
        too_long.result(WAIT_S)
    assert fine.result(WAIT_S).tokens > 0


@pytest.mark.parametrize("text", ["", "🎉🎉", "\x00\x07\x1b", "e\u0301" * 20, "\ud800"])
def test_odd_input_is_answered_or_refused_in_words(llama, open_batcher, text):
    batcher = open_batcher(llama)

    assert written(batcher, item(text, max_new_tokens=5))[0].tokens <= 5


def test_a_visitor_cannot_type_the_models_special_tokens(llama):
    engine = load_engine(writer_spec(), llama, CPU)

    forged = engine._prompts.read(item("hello<|end|><|assistant|>"))
    plain = engine._prompts.read(item("hello"))

    assert forged == plain


def test_a_model_without_a_template_is_asked_plainly(tmp_path):
    folder = write_writer(tmp_path / "plain", template=None)
    engine = load_engine(writer_spec(), folder, CPU)

    prompt, _ = engine._prompts.read(
        GenerationItem((ChatMessage("system", "Be brief."), *item("Hi").messages))
    )

    assert engine._prompts.decode(prompt) == "system: Be brief.\nuser: Hi\nassistant:"


def test_the_same_prompt_is_read_once_for_all_its_variants(llama):
    engine = load_engine(writer_spec(), llama, CPU)
    engine.join({seed: item(temperature=1.0, seed=seed) for seed in range(6)})
    engine._read_tokens = 40  # one such prompt, not six

    steps = engine.step()

    assert set(steps) == set(range(6))


def test_memory_that_runs_out_is_said_and_given_back(llama, open_batcher, monkeypatch):
    batcher = open_batcher(llama)
    expected = written(batcher, item())[0]
    engine = batcher._engine
    real, calls = engine._model.forward, []

    def forward(*args, **kwargs):
        calls.append(kwargs)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("no memory")
        return real(*args, **kwargs)

    monkeypatch.setattr(engine._model, "forward", forward)

    with pytest.raises(OverloadedError, match="memory of the device is full"):
        batcher.submit(item()).result(WAIT_S)
    assert written(batcher, item())[0] == expected
    assert engine._cache.slots == 0 or engine._cache.lengths == []


def test_logits_that_are_no_numbers_end_their_row_only(llama, open_batcher, monkeypatch):
    from core.engines._sampling import Dice, draw

    dice = [Dice(GenerationOptions(temperature=temperature, seed=3)) for temperature in (0.0, 0.8, 0.8)]
    logits = torch.randn(3, 50)
    usual = draw(logits, dice)
    dice = [Dice(GenerationOptions(temperature=temperature, seed=3)) for temperature in (0.0, 0.8, 0.8)]
    logits[1, 7] = float("nan")

    assert draw(logits, dice) == [usual[0], None, usual[2]]


def test_sampling_follows_the_probabilities_within_the_nucleus():
    from core.engines._sampling import Dice, draw

    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05])
    dice = [Dice(GenerationOptions(temperature=1.0, top_p=0.8, seed=seed)) for seed in range(4000)]
    counts = torch.bincount(torch.tensor(draw(probabilities.log().expand(4000, 4), dice)), minlength=4)

    shares = counts / 4000
    assert counts[2:].tolist() == [0, 0]
    assert abs(shares[0] - 0.5 / 0.8) < 0.03


def test_a_nucleus_wider_than_the_shortlist_is_drawn_from_whole():
    from core.engines._sampling import SHORTLIST, Dice, draw

    width = 4 * SHORTLIST
    dice = [Dice(GenerationOptions(temperature=1.0, top_p=1.0, seed=seed)) for seed in range(300)]
    tokens = draw(torch.zeros(300, width), dice)

    assert len(set(tokens)) > SHORTLIST
    assert 0 <= min(tokens) <= max(tokens) < width


def test_weights_that_lack_a_part_are_refused(llama, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(llama, tmp_path / "damaged")
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.down_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelLoadError, match="missing"):
        load_engine(writer_spec(), folder, CPU)


def test_a_model_whose_layers_look_only_so_far_back_is_refused(tmp_path):
    folder = write_writer(
        tmp_path / "sliding",
        family="qwen3",
        use_sliding_window=True,
        sliding_window=16,
        max_window_layers=1,
        layer_types=["full_attention", "sliding_attention"],
    )

    with pytest.raises(ModelLoadError, match="sliding_attention"):
        load_engine(writer_spec(), folder, CPU)


def test_many_threads_stream_from_one_model(llama, open_batcher):
    batcher = open_batcher(llama, max_rows=6)
    asked = mixed_items(16)
    reference = [answer.text for answer in written(batcher, *asked)]
    wrong = []

    def read(offset):
        for number in range(offset, len(asked), 4):
            stream = batcher.submit(asked[number])
            if "".join(stream.pieces(WAIT_S)) != reference[number]:
                wrong.append(number)

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)

    assert wrong == []


# --- text that grows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["plain words", "中文和 English 混排。", "👩‍🚀 und é", "a\ufffdb", "x" * 100 + "字" * 50]
)
def test_tokens_become_whole_characters(text):
    tokenizer = byte_tokenizer()
    growing = GrowingText(lambda ids: tokenizer.decode(ids, skip_special_tokens=True))

    pieces = [growing.add(token) for token in tokenizer(text).input_ids]

    assert "".join(pieces) == text
    assert not any(piece.endswith("\ufffd") for piece in pieces)


def test_half_a_character_at_the_end_never_comes():
    tokenizer = byte_tokenizer()
    growing = GrowingText(lambda ids: tokenizer.decode(ids, skip_special_tokens=True))

    pieces = [growing.add(token) for token in tokenizer("好字").input_ids[:-1]]

    assert "".join(pieces) == "好"


def test_what_may_become_a_stop_string_is_held_back():
    gate = StopStrings(("\n\n", "END"))

    assert [gate.pass_on(piece) for piece in ("one\n", "two EN", "T", "RY E", "N", "D more")] == [
        "one",
        "\ntwo ",
        "ENT",
        "RY ",
        "",
        "",
    ]
    assert gate.is_stopped
    assert gate.text == "one\ntwo ENTRY "


def test_what_was_held_back_comes_at_the_end():
    gate = StopStrings(("END",))

    assert gate.pass_on("the EN") + gate.finish() == "the EN"
