"""Image classification without weights: labels, verdicts, reasons, taught classes, tables and figures."""

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from core import belongings
from core.belongings import rows_of
from core.errors import InvalidInputError, ModelLoadError, NotFoundError, OverloadedError
from core.limits import MAX_CLASSES, MAX_EXAMPLES, MAX_PICTURES
from core.pictures import uploads
from core.pictures.archives import Refused
from core.pictures.decoding import Picture
from core.scenarios.images import confusion, folders, samples, table, teaching
from core.scenarios.images.chunks import CHUNK
from core.scenarios.images.classify import Classifier, classify, explain
from core.scenarios.images.drawings import DRAWERS, draw
from core.scenarios.images.labels import KNOWN, is_translated, normalised
from core.scenarios.images.models import models_here, needed_px, pick_model
from core.scenarios.images.results import Verdict
from core.scenarios.images.taught import Taught
from core.scenarios.images.teaching import fit, teach
from core.streaming import outcome_of
from tests.fake_classifier import LABELS, painted
from tests.fakes import FakeClassifier, fake_showcase

EVERYDAY = LABELS["image-classifier"]
KNOWN_ABOVE = {"unknown_below": 0.0}


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


@pytest.fixture
def models(place):
    return place.models


def calibrate(tmp_path, **values):
    (tmp_path / "fake-vision").mkdir()
    (tmp_path / "fake-vision" / "calibration.json").write_text(json.dumps(values))


def picture(pixels, name="picture.png"):
    height, width = pixels.shape[:2]
    return Picture(name, pixels, width, height)


def of_label(label, labels=EVERYDAY, name="picture.png"):
    return picture(painted(label, labels), name)


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def look(models, pictures, classifier=None):
    steps = classify(models, classifier or Classifier(pick_model(models)), pictures, thumbnails=True)
    return [each for step in steps for each in step]


def black():
    return np.zeros((64, 64, 3), dtype=np.uint8)


# --- labels and verdicts ------------------------------------------------------------------------------------------


def test_a_picture_gets_labels_best_first_with_who_said_it(models):
    (found,) = look(models, [of_label("cat")])

    assert found.best.name == "cat"
    assert found.best.score > 0.9
    scores = [label.score for label in found.labels]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)
    assert (found.model.model_id, found.model.device) == ("fake-vision", "CPU")
    assert found.thumbnail.startswith("data:image/jpeg;base64,")
    assert (found.width_px, found.height_px) == (64, 64)


@pytest.mark.parametrize(
    ("pixels", "verdict"), [(painted("dog", EVERYDAY), Verdict.KNOWN), (black(), Verdict.UNKNOWN)]
)
def test_what_resembles_nothing_learned_is_unknown(tmp_path, models, pixels, verdict):
    calibrate(tmp_path, **KNOWN_ABOVE)

    (found,) = look(models, [picture(pixels)])

    assert found.verdict is verdict
    assert found.unknown_below == 0.0
    assert (found.likeness < 0) == (verdict is Verdict.UNKNOWN)


def test_without_a_measured_threshold_nothing_is_called_known(models):
    (found,) = look(models, [picture(black())])

    assert found.verdict is Verdict.UNCHECKED
    assert found.unknown_below is None


@pytest.mark.parametrize(("seen_px", "needed"), [(None, 1024), (32, 160), (96, 288), (600, 1024)])
def test_pictures_are_as_fine_as_the_model_needs_them(tmp_path, models, seen_px, needed):
    calibrate(tmp_path, resolution_px=seen_px)

    assert needed_px(models, pick_model(models)) == needed


def test_many_pictures_come_a_few_at_a_time_in_order_with_the_refused_among_them(models):
    refused = Refused("notes.txt", InvalidInputError("No."))
    names = [f"{number}.png" for number in range(CHUNK + 3)]
    pictures = [of_label("ship", name=name) for name in names]
    pictures.insert(2, refused)

    steps = [step for step in classify(models, Classifier(pick_model(models)), iter(pictures)) if step]

    assert [len(step) for step in steps] == [CHUNK, 4]
    assert steps[0][2] is refused
    assert [each.name for step in steps for each in step if each is not refused] == names


def test_pictures_are_read_only_as_they_are_looked_at(models):
    read = []

    def reading():
        for number in range(10 * CHUNK):
            read.append(number)
            yield of_label("ship")

    steps = classify(models, Classifier(pick_model(models)), reading())
    while not next(steps):
        pass
    steps.close()

    assert len(read) == CHUNK


def test_every_picture_that_is_read_is_heard_of_and_so_is_waiting_for_it(models):
    arriving = [None, of_label("ship"), None, of_label("cat")]

    steps = [len(step) for step in classify(models, Classifier(pick_model(models)), iter(arriving))]

    assert steps[-5:] == [0, 0, 0, 0, 2]


def test_nothing_is_said_before_the_model_is_there_but_the_caller_may_leave(tmp_path):
    engine = []

    def load(spec, folder, device):
        engine.append(FakeClassifier(device))
        return engine[-1]

    place = fake_showcase(tmp_path, load=load)
    steps = classify(place.models, Classifier(pick_model(place.models)), [of_label("cat")])
    found = [step for step in steps if step]

    assert len(found) == 1
    place.close()
    assert engine[0].is_closed


# --- labels of one's own ------------------------------------------------------------------------------------------


def test_labels_of_the_visitors_own_are_chosen_from(models):
    spec = pick_model(models, own_labels=True)
    labels = ("cup", "bottle", "book")

    (found,) = look(models, [of_label("bottle", labels)], Classifier(spec, labels))

    assert found.best.name == "bottle"
    assert found.verdict is Verdict.UNCHECKED


@pytest.mark.parametrize(
    "labels", [(), ("cup",), ("cup", "cup"), ("a" * 61, "b"), tuple(map(str, range(51)))]
)
def test_too_few_too_many_or_too_long_labels_are_refused(models, labels):
    spec = pick_model(models, own_labels=True)

    with pytest.raises(InvalidInputError):
        Classifier(spec, labels)


def test_a_model_with_labels_of_its_own_takes_no_others(models):
    with pytest.raises(InvalidInputError, match="Fake vision knows its own labels"):
        Classifier(pick_model(models), ("cup", "book"))


def test_without_a_model_for_own_labels_the_sentence_says_which_to_load(models):
    models.choice._is_there = lambda spec: spec.model_id != "fake-zero-shot"

    with pytest.raises(ModelLoadError, match="Fake zero-shot"):
        pick_model(models, own_labels=True)
    assert [spec.model_id for spec in models_here(models)] == ["fake-vision", "fake-grocery"]


def test_only_image_models_can_be_asked_for(models):
    with pytest.raises(NotFoundError, match="no image model fake-writer"):
        pick_model(models, "fake-writer")
    models.choice._is_there = lambda spec: False
    with pytest.raises(ModelLoadError, match="not on this machine"):
        pick_model(models, "fake-grocery")


# --- where it looked ----------------------------------------------------------------------------------------------


def bright_corner(label="cat"):
    pixels = painted(label, EVERYDAY)
    pixels[32:, 32:] = np.minimum(pixels[32:, 32:].astype(int) + 40, 255)
    return pixels


def test_an_explanation_names_the_label_the_place_and_the_check(models):
    reason = explain(models, Classifier(pick_model(models)), picture(bright_corner()))

    assert reason.label.name == "cat"
    assert reason.seen.shape == (32, 32, 3)
    assert reason.saliency.shape == (8, 8)
    assert reason.saliency[4:, 4:].min() == 1.0
    assert len(reason.check.random_drops) == 20


def test_another_label_can_be_explained(models):
    reason = explain(models, Classifier(pick_model(models)), of_label("cat"), label="dog")

    assert reason.label.name == "dog"
    assert reason.label.score < 0.5
    engine = models._residents.get("fake-vision").engine
    assert EVERYDAY.index("dog") in {item.target for item in engine.asked}


def test_labels_of_the_visitors_own_are_explained_too(models):
    labels = ("cup", "book")
    spec = pick_model(models, own_labels=True)

    reason = explain(models, Classifier(spec, labels), of_label("cup", labels), label="book")

    assert reason.label.name == "book"
    engine = models._residents.get("fake-zero-shot").engine
    assert {item.labels for item in engine.asked} == {labels}


def test_taught_classes_have_no_explanation(models):
    taught = learn(models, examples())

    assert explain(models, Classifier(pick_model(models), taught=taught), picture(black())) is None


# --- classes of one's own -----------------------------------------------------------------------------------------


def examples(count=5, names=("red", "blue"), labels=("cat", "truck")):
    """Pictures of two colours, each a little different."""
    rng = np.random.default_rng(0)
    for name, label in zip(names, labels, strict=True):
        for _number in range(count):
            grain = rng.integers(-12, 13, size=(64, 64, 3))
            yield name, picture(np.clip(painted(label, EVERYDAY) + grain, 0, 255).astype(np.uint8))


def learn(models, named, total=10):
    return outcome_of(teach(models, pick_model(models), named, total=total))


def test_five_pictures_of_each_class_teach_it(models):
    taught = learn(models, examples())

    assert (taught.names, taught.counts, taught.model_id) == (("red", "blue"), (5, 5), "fake-vision")
    assert (taught.held_out.right, taught.held_out.total) == (10, 10)
    assert taught.held_out.is_one_by_one
    (found,) = look(models, [of_label("truck")], Classifier(pick_model(models), taught=taught))
    assert found.best.name == "blue"
    assert [label.name for label in found.labels] == ["blue", "red"]
    assert sum(label.score for label in found.labels) == pytest.approx(1)


def test_a_model_that_takes_labels_can_be_taught_too(models):
    spec = pick_model(models, own_labels=True)
    taught = outcome_of(teach(models, spec, examples(), total=10))

    (found,) = look(models, [of_label("truck")], Classifier(spec, taught=taught))

    assert found.best.name == "blue"
    assert all(item.labels for item in models._residents.get(spec.model_id).engine.asked)


def test_a_picture_far_from_all_examples_is_unknown(models):
    taught = learn(models, examples())
    classifier = Classifier(pick_model(models), taught=taught)

    (near, far) = look(models, [next(examples())[1], of_label("frog")], classifier)

    assert near.verdict is Verdict.KNOWN
    assert far.verdict is Verdict.UNKNOWN
    assert far.likeness < far.unknown_below <= near.likeness


def test_classes_that_look_the_same_are_not_told_apart_and_the_figure_says_so(models):
    taught = learn(models, examples(labels=("cat", "cat")))

    assert taught.held_out.accuracy < 0.8


def test_three_classes_and_more_work_and_many_examples_are_left_out_in_groups():
    rng = np.random.default_rng(1)
    owners = np.repeat(np.arange(3), 40)
    vectors = rng.normal(size=(120, 8)) + 4 * np.eye(8)[owners]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    taught = outcome_of(fit(("a", "b", "c"), vectors, owners, model_id="x"))

    assert (taught.held_out.rounds, taught.held_out.total) == (20, 120)
    assert taught.held_out.accuracy > 0.95
    assert taught.weights.shape == (3, 8)


def test_classes_of_large_features_count_as_more_than_a_row_an_example():
    taught = outcome_of(fit(("a", "b"), np.eye(1000)[:40], np.repeat([0, 1], 20), model_id="x"))

    assert taught.size_bytes == 8 * (40 + 2) * 1000 + 8 * 2
    assert rows_of(taught.size_bytes) == 165


def test_learning_can_be_stopped_between_its_rounds(monkeypatch):
    real, fitted = teaching._logistic, []
    monkeypatch.setattr(teaching, "_logistic", lambda *args: fitted.append(args) or real(*args))
    vectors = np.eye(2).repeat(20, axis=0)

    steps = fit(("a", "b"), vectors, np.repeat(np.arange(2), 20), model_id="x")
    seen = [next(steps) for _round in range(3)]
    steps.close()

    assert [(step.done, step.total, step.unit) for step in seen] == [(n, 41, "rounds") for n in range(3)]
    assert len(fitted) == 2


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ((), "2 to 20 classes"),
        (examples(names=("red", "red")), "these are 1"),
        (examples(count=1), "red has 1"),
        (examples(names=("red", " ")), "a name"),
        (examples(names=("red", "b" * 61)), "under 60 characters"),
        (examples(count=MAX_EXAMPLES + 1), "at most 50 pictures"),
        (((str(n), of_label("cat")) for n in range(MAX_CLASSES + 1)), "these are"),
    ],
)
def test_what_cannot_be_taught_is_refused_with_a_sentence(models, named, words):
    with pytest.raises(InvalidInputError, match=words):
        learn(models, named)


def test_teaching_is_heard_of_while_it_waits_for_pictures(models):
    waiting = (each for pair in zip([None] * 10, examples(), strict=True) for each in pair)

    taught = learn(models, waiting)

    assert taught.counts == (5, 5)


def test_teaching_says_how_far_it_is(models):
    steps = [step for step in teach(models, pick_model(models), examples(), total=10) if step.done]

    assert [step.done for step in steps if step.unit == "pictures"] == [8, 8, 8, 10]
    assert [step.done for step in steps if step.unit == "rounds"] == list(range(1, 12))
    assert {step.total for step in steps if step.unit == "rounds"} == {11}
    assert steps[-1].fraction == 1


def test_taught_classes_are_kept_bounded_and_forgotten(tmp_path):
    now = [0.0]
    place = fake_showcase(tmp_path, clock=lambda: now[0])
    taught = learn(place.models, examples())
    ids = [place.belongings.keep(taught, owner="me", rows=10) for _ in range(belongings.MAX_PER_OWNER)]

    assert place.belongings.get(ids[0], Taught) is taught
    with pytest.raises(OverloadedError):
        place.belongings.keep(taught, owner="me", rows=10)
    now[0] = belongings.LIFETIME_S + 1
    with pytest.raises(NotFoundError):
        place.belongings.get(ids[0], Taught)
    place.close()


# --- uploads with folders -----------------------------------------------------------------------------------------


def zipped(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_folder_of_a_picture_stays_with_its_name():
    small = png(np.zeros((8, 8, 3), dtype=np.uint8))
    archive = zipped(
        [
            ("set/cup/1.png", small),
            ("__MACOSX/set/cup/._1.png", b"x"),
            ("set/cup/notes.txt", b"hello"),
            ("set/jar/1.png", small),
            ("1.png", small),
        ]
    )
    files = [
        ("mug/a.png", small),
        ("set.zip", archive),
        ("plain.png", small),
        ("broken.zip", b"PK\x03\x04no"),
    ]

    names = [each.name for each in folders.read_with_folders(files)]

    assert names == [
        "mug/a.png", "cup/1.png", "cup/notes.txt", "jar/1.png", "1.png", "plain.png", "broken.zip",
    ]  # fmt: skip
    assert uploads.count(files) == 8
    assert next(folders.read_with_folders(files, start=3)).name == "jar/1.png"
    assert next(folders.read_with_folders(files[:1] + files[2:3], start=1)).name == "plain.png"


def test_a_picture_is_opened_again_without_decoding_those_before_it(monkeypatch):
    archive = zipped([(f"cup/{number}.png", png(np.zeros((4, 4, 3), np.uint8))) for number in range(9)])
    decoded, decode = [], uploads.decode_picture
    monkeypatch.setattr(
        uploads,
        "decode_picture",
        lambda content, name, **needed: decoded.append(name) or decode(content, name, **needed),
    )

    assert next(folders.read_with_folders([("set.zip", archive)], start=7)).name == "cup/7.png"
    assert decoded == ["7.png"]


def test_no_more_pictures_are_read_than_the_limit():
    small = png(np.zeros((4, 4, 3), dtype=np.uint8))

    read = list(folders.read_with_folders([(f"{number}.png", small) for number in range(MAX_PICTURES + 5)]))

    assert len(read) == MAX_PICTURES + 1
    assert isinstance(read[-1], Refused)
    assert uploads.count([("a.png", small)] * 500) == MAX_PICTURES


# --- tables and figures -------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_picture_and_says_why_one_was_refused(models):
    seen = look(models, [of_label("cat", name="a.png"), Refused("b.txt", InvalidInputError("No picture."))])

    first, second = table.rows(seen)

    assert (first["name"], first["label_1"], first["verdict"]) == ("a.png", "cat", "unchecked")
    assert first["score_1"] > first["score_2"] > first["score_3"]
    assert (first["model"], first["error"]) == ("fake-vision", "")
    assert second == {"name": "b.txt", "verdict": "", "error": "No picture."}


def outcome(truth, answer, score=0.9, *, unknown=False):
    return confusion.Outcome("x", truth, answer, score, unknown)


def test_precision_recall_and_f1_follow_from_the_matrix():
    found = [outcome("cat", "cat"), outcome("cat", "dog"), outcome("dog", "dog"), outcome("dog", "dog", 0.3)]

    counted = confusion.confusion(found, 0.5)

    assert counted.labels == ("cat", "dog")
    assert counted.counts.tolist() == [[1, 1, 0], [0, 1, 1]]
    assert (counted.total, counted.answered, counted.right) == (4, 3, 2)
    cat, dog = counted.quality()
    assert (cat.precision, cat.recall, cat.f1) == (1.0, 0.5, pytest.approx(2 / 3))
    assert (dog.precision, dog.recall, dog.f1) == (0.5, 0.5, 0.5)
    assert counted.macro_f1() == pytest.approx((2 / 3 + 0.5) / 2)


def test_the_figures_agree_with_scikit_learn():
    from sklearn.metrics import precision_recall_fscore_support

    rng = np.random.default_rng(2)
    names = np.array(["a", "b", "c"])
    truths, answers = names[rng.integers(3, size=200)], names[rng.integers(3, size=200)]
    found = [outcome(truth, answer) for truth, answer in zip(truths, answers, strict=True)]

    ours = confusion.confusion(found, 0.0).quality()

    for number, figures in enumerate(precision_recall_fscore_support(truths, answers, labels=names)[:3]):
        assert [(each.precision, each.recall, each.f1)[number] for each in ours] == pytest.approx(figures)


def test_unknown_pictures_count_as_not_sure_at_every_threshold():
    counted = confusion.confusion([outcome("cat", "cat", unknown=True)], 0.0)

    assert counted.counts.tolist() == [[0, 1]]
    assert counted.quality()[0].precision is None
    assert counted.macro_f1() == 0.0


def test_what_a_picture_shows_comes_from_its_folder_or_from_the_visitor(models):
    seen = look(
        models,
        [
            of_label("cat", name="Cat/1.png"),
            of_label("dog", name="2.png"),
            of_label("dog", name="3.png"),
            of_label("ship", name="猫/4.png"),
            of_label("ship", name="granny_smith/5.png"),
        ],
    )

    found = confusion.outcomes(seen, spellings={"猫": "cat"})

    assert [(each.truth, each.answer) for each in found] == [
        ("cat", "cat"),
        ("cat", "ship"),
        ("Granny Smith", "ship"),
    ]
    said = confusion.outcomes(seen, ["cat", "frog", "", "猫", ""], spellings={"猫": "cat"})
    assert [(each.name, each.truth) for each in said] == [
        ("Cat/1.png", "cat"),
        ("2.png", "frog"),
        ("猫/4.png", "cat"),
    ]


def test_pictures_of_one_name_each_have_what_was_said_of_them(models):
    seen = look(models, [of_label("cat", name="photo.png"), of_label("dog", name="photo.png")])

    found = confusion.outcomes(seen, ["cat", "dog"])

    assert [(each.truth, each.answer) for each in found] == [("cat", "cat"), ("dog", "dog")]


def test_any_word_of_a_label_with_several_names_is_that_label(models):
    labels = ("tabby, tabby cat", "collie")
    spec = pick_model(models, own_labels=True)
    seen = look(models, [of_label(labels[0], labels, name="Tabby-Cat/1.png")], Classifier(spec, labels))

    (found,) = confusion.outcomes(seen)

    assert found.truth == found.answer == "tabby, tabby cat"


# --- labels and samples -------------------------------------------------------------------------------------------


def test_the_labels_of_the_bundled_models_can_be_translated():
    assert len(KNOWN) == 91
    assert is_translated("Granny Smith")
    assert not is_translated("Files")
    assert normalised("Granny-Smith ") == normalised("granny_smith")


@pytest.mark.parametrize("kind", DRAWERS)
def test_a_drawing_is_the_same_for_the_same_seed_and_another_for_another(kind):
    assert draw(kind, 3).shape == (192, 192, 3)
    assert (draw(kind, 3) == draw(kind, 3)).all()
    assert (draw(kind, 3) != draw(kind, 4)).any()


def test_the_samples_are_pictures_with_folders_that_are_labels():
    read = list(folders.read_with_folders(samples.labelled_files()))

    assert len(read) == 20
    assert all(isinstance(each, Picture) for each in read)
    assert {folders.folder_of(each.name) for each in read} <= set(EVERYDAY)
    assert [len(files) for files in samples.taught_files().values()] == [5, 5, 5]
