"""The customer-service scenario with a fake embedder: decisions, context, hand-over, quality, many callers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.catalog import Catalog
from core.errors import InputTooLargeError, InvalidInputError, ModelLoadError, NotFoundError
from core.scenarios.customer_service.answering import Question, answer
from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.handover import handover_packet
from core.scenarios.customer_service.knowledge_base import IndexingError, KnowledgeBase
from core.scenarios.customer_service.policy import Decision, Policy
from core.scenarios.customer_service.quality import ask_all, curve, measure, read_questions
from core.scenarios.customer_service.sample import knowledge_base, topic_title
from core.types import Progress
from tests.fakes import FakeEngine, fake_showcase

ENTRIES = (
    Entry(
        "parcel", "It comes within three days. Ask the carrier after that.", "en", ("Where is my parcel?",)
    ),
    Entry("parcel", "三天之内送达。之后请询问承运商。", "zh", ("我的包裹在哪里？",)),
    Entry("refund", "You get the money within a week.", "en", ("When do I get my refund?",)),
    Entry("refund", "一周之内退款到账。", "zh", ("什么时候退款？",)),
)


@pytest.fixture
def place(tmp_path):
    fake = fake_showcase(tmp_path)
    yield fake
    fake.models.close()


@pytest.fixture
def company():
    return KnowledgeBase("company", ENTRIES)


@pytest.mark.parametrize(
    ("scores", "decision"),
    [
        ([], Decision.HAND_OVER),
        ([0.1], Decision.HAND_OVER),
        ([0.45, 0.1], Decision.ASK_BACK),
        ([0.6, 0.1], Decision.ANSWER),
        ([0.6, 0.59], Decision.ASK_BACK),
        ([0.95, 0.94], Decision.ANSWER),
    ],
)
def test_the_policy_answers_asks_back_or_hands_over(scores, decision):
    policy = Policy(threshold=0.5, ask_back_band=0.1, ambiguity_margin=0.03, sure=0.85)

    assert policy.decide(scores) is decision


@pytest.mark.parametrize("threshold", [0.05, 0.2, 0.5, 0.95])
def test_a_person_stays_possible_at_every_threshold(threshold):
    policy = Policy(threshold=threshold)

    assert 0 < policy.floor < threshold
    assert policy.decide([0.0]) is Decision.HAND_OVER
    assert policy.decide([policy.floor]) is Decision.ASK_BACK


def test_the_calibrated_band_decides_at_the_default_threshold():
    policy = Policy()

    assert policy.floor == pytest.approx(policy.threshold - policy.ask_back_band)


def test_a_topic_of_a_visitors_own_keeps_its_name():
    assert topic_title("my topic", "zh") == "my topic"
    assert topic_title("shipping", "zh") != topic_title("shipping", "en")


def test_a_question_is_answered_word_for_word_from_the_knowledge_base(place, company):
    reply = answer(place.models, company, Question("Where is my parcel?"))

    assert reply.decision is Decision.ANSWER
    assert reply.answer == "It comes within three days. Ask the carrier after that."
    assert reply.model.model_id == "fake-en"
    assert reply.model.elapsed_ms > 0


def test_a_chinese_question_gets_the_chinese_version(place, company):
    reply = answer(place.models, company, Question("我的包裹在哪里？"))

    assert reply.best.entry.language == "zh"
    assert reply.model.model_id == "fake-zh"


def test_the_visitor_may_wish_for_a_language(place, company):
    reply = answer(place.models, company, Question("Where is my parcel?", language="zh"))

    assert reply.best.entry.language == "zh"


def test_the_same_reply_is_decided_again_at_another_threshold(place, company):
    reply = answer(place.models, company, Question("Where is my parcel, please?"))

    assert reply.at(1.0).decision is not Decision.ANSWER
    assert reply.at(1.0).answer is None
    assert reply.at(0.0).decision is Decision.ANSWER


def test_asking_back_offers_the_best_entry_and_what_else_is_likely(place, company):
    reply = answer(place.models, company, Question("Where is my parcel, please?")).at(1.0)

    assert reply.decision is Decision.ASK_BACK
    assert reply.choices[0] == reply.best
    assert all(match.score >= reply.policy.floor for match in reply.choices[1:])
    assert reply.at(0.0).choices == ()


def test_a_follow_up_is_understood_with_the_question_before_it(place, company):
    alone = answer(place.models, company, Question("hm", threshold=0.6))
    together = answer(place.models, company, Question("hm", history=("Where is my parcel?",), threshold=0.6))

    assert alone.decision is Decision.HAND_OVER
    assert together.answer == "It comes within three days. Ask the carrier after that."


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_question_needs_no_model(place, company, text):
    with pytest.raises(InvalidInputError, match="Type a question"):
        answer(place.models, company, Question(text))
    assert place.models.device is None


def test_a_question_over_the_limit_says_both_numbers(place, company):
    with pytest.raises(InputTooLargeError, match=r"1000 characters \(this has 1001\)"):
        answer(place.models, company, Question("x" * 1001))


def test_a_threshold_outside_0_to_1_is_refused(place, company):
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        answer(place.models, company, Question("x", threshold=1.5))


def test_an_added_entry_is_found_and_the_old_knowledge_base_stays_as_it_was(place, company):
    question = Question("Do you sell umbrellas?", threshold=0.9)
    extended = company.with_entry(Entry("umbrella", "No umbrellas.", "en", ("Do you sell umbrellas?",)))

    assert answer(place.models, extended, question).answer == "No umbrellas."
    assert answer(place.models, company, question).decision is not Decision.ANSWER


def test_an_added_entry_embeds_only_what_is_new(tmp_path):
    seen = []

    class Counting(FakeEngine):
        def predict(self, items):
            seen.extend(item.text for item in items)
            return super().predict(items)

    place = fake_showcase(tmp_path, load=lambda spec, folder, device: Counting(device))
    company = KnowledgeBase("company", ENTRIES)
    for _progress in company.until_ready(place.models):
        pass
    seen.clear()
    extended = company.with_entry(Entry("umbrella", "No umbrellas.", "en", ("Umbrellas?",)))
    for _progress in extended.until_ready(place.models):
        pass

    assert sorted(seen) == ["No umbrellas.", "Umbrellas?"]
    place.models.close()


def test_a_knowledge_base_that_is_still_being_read_says_how_far_it_is(tmp_path):
    engine = []

    def load(spec, folder, device):
        engine.append(FakeEngine(device))
        engine[-1].may_answer.clear()
        return engine[-1]

    place = fake_showcase(tmp_path, load=load)
    with pytest.raises(IndexingError, match="0 of 0 texts|of 8 texts"):
        KnowledgeBase("company", ENTRIES).built(place.models, timeout_s=0.05)
    while not engine:
        threading.Event().wait(0.001)
    for one in engine:
        one.may_answer.set()
    place.models.close()


def test_a_failed_reading_is_tried_again_at_the_next_question(tmp_path):
    attempts = []

    def load(spec, folder, device):
        attempts.append(spec.model_id)
        if len(attempts) == 1:
            raise ModelLoadError("The files are damaged.")
        return FakeEngine(device)

    place = fake_showcase(tmp_path, load=load)
    company = KnowledgeBase("company", ENTRIES)

    with pytest.raises(ModelLoadError, match="damaged"):
        answer(place.models, company, Question("Where is my parcel?"))
    assert answer(place.models, company, Question("Where is my parcel?")).decision is Decision.ANSWER
    place.models.close()


def test_other_embedders_read_the_entries_anew_while_the_old_index_answers(tmp_path):
    engines = {}

    def load(spec, folder, device):
        engines[spec.model_id] = FakeEngine(device)
        if spec.model_id == "large":
            engines["large"].may_answer.clear()
        return engines[spec.model_id]

    place = fake_showcase(tmp_path, load=load)
    english = place.models.catalog.specs[0]
    large = replace(english, model_id="large", roles=("embedder-en", "embedder-zh"), space="large")
    place.models.catalog = place.models.choice._catalog = Catalog((*place.models.catalog.specs, large))
    company = KnowledgeBase("company", ENTRIES)
    assert answer(place.models, company, Question("Where is my parcel?")).model.model_id == "fake-en"

    place.models.choose("large").wait(5)
    assert answer(place.models, company, Question("Where is my parcel?")).model.model_id == "fake-en"
    building = company.prepare(place.models)
    engines["large"].may_answer.set()
    assert building.ended.wait(10)
    assert answer(place.models, company, Question("Where is my parcel?")).model.model_id == "large"
    place.models.close()


def test_reading_stops_when_nobody_waits_and_goes_on_where_it_was(tmp_path):
    engine = FakeEngine(None)
    engine.may_answer.clear()
    place = fake_showcase(tmp_path, load=lambda spec, folder, device: prepared(engine, device))
    company = KnowledgeBase("company", ENTRIES)
    waiting = company.until_ready(place.models)
    next(waiting)
    building = company._latest
    waiting.close()
    engine.may_answer.set()

    assert building.ended.wait(10)
    assert building.index is None
    assert answer(place.models, company, Question("Where is my parcel?")).decision is Decision.ANSWER
    place.models.close()


def prepared(engine, device):
    engine.device = device
    return engine


def test_an_unknown_knowledge_base_is_not_found(place):
    with pytest.raises(NotFoundError):
        knowledge_base(place.belongings, "nowhere")


def test_the_handover_packet_has_no_personal_data(place, company):
    texts = ["Where is my parcel?", "call me at +1 415 555 2671 or a@b.com about zzzz"]
    replies = [answer(place.models, company, Question(text, threshold=0.95)) for text in texts]
    packet = handover_packet(replies)

    assert "a@b.com" not in packet.as_json()
    assert "555" not in packet.as_json()
    assert "zzzz" in packet.summary
    assert packet.language == "en"
    assert len(packet.transcript) == 4


def test_sixteen_threads_get_what_one_gets(place, company):
    questions = [f"{entry.questions[0]} {number}" for number in range(64) for entry in ENTRIES]
    expected = [answer(place.models, company, Question(text)) for text in questions]

    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda text: answer(place.models, company, Question(text)), questions))
    for one, other in zip(expected, replies, strict=True):
        assert one.decision is other.decision
        assert one.best.entry == other.best.entry
        assert one.best.score == pytest.approx(other.best.score, abs=1e-5)


QUESTIONS = """language,question,kind,entry_ids
en,Where is my parcel?,answerable,parcel
en,When do I get my refund?,answerable,parcel
en,qqq www,out_of_scope,
zh,什么时候退款？,answerable,refund
"""


def test_quality_counts_by_language_and_kind(place, company):
    *steps, outcomes = ask_all(place.models, company, read_questions(QUESTIONS))
    english, chinese = measure(outcomes)

    assert [step.done for step in steps] == [1, 2, 3, 4]
    assert all(isinstance(step, Progress) for step in steps)
    assert (english.questions, english.right_entry_first) == (3, 0.5)
    assert (chinese.right_entry_first, chinese.refusal_recall) == (1.0, None)


def test_quality_at_a_threshold_of_one_refuses_everything(place, company):
    *_, outcomes = ask_all(place.models, company, read_questions(QUESTIONS))

    assert measure(outcomes, 1.0)[0].deflection == 0.0
    assert measure(outcomes, 1.0)[0].refusal_recall == 1.0


def test_the_curve_has_the_means_over_the_languages(place, company):
    *_, outcomes = ask_all(place.models, company, read_questions(QUESTIONS))
    low, high = curve(outcomes, [0.0, 1.0])

    assert (low.threshold, high.threshold) == (0.0, 1.0)
    assert high.answered_right == 0.0
    assert high.refused == 1.0


@pytest.mark.parametrize(
    ("content", "gist"),
    [
        ("a,b\n1,2\n", "needs the columns"),
        ("language,question,kind,entry_ids\nen,,answerable,x\n", "Line 2"),
        ("language,question,kind,entry_ids\nen,hello,nonsense,x\n", "answerable, ambiguous, out_of_scope"),
        ("language,question,kind,entry_ids\n", "between 1 and 2000"),
        (
            "question,kind,entry_ids,language\nhi,answerable,a\n",
            "Line 2 .* the language –; write one of en, zh",
        ),
        ("question,kind,entry_ids,language\nhi,answerable,a,fr\n", "the language fr"),
        ("language,question,kind,entry_ids\nen\n", "Line 2"),
        ('language,question,kind,entry_ids\nen,"never closed,answerable,a\n', "cannot be read as CSV"),
        (f"language,question,kind,entry_ids\nen,{'x' * 140_000},answerable,a\n", "cannot be read as CSV"),
    ],
)
def test_a_wrong_file_of_test_questions_is_a_sentence(content, gist):
    with pytest.raises(InvalidInputError, match=gist):
        read_questions(content)
