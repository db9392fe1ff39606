"""The page of image classification through the shell, with classifiers that have no weights."""

import csv
import io
import json
from functools import partial

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx

from components import (
    images_confusion,
    images_labels,
    images_shelf,
    images_teach,
    model_cards,
    results,
)
from core import demos
from core.belongings import rows_of
from core.limits import FILES_AT_ONCE
from core.locales import translations
from core.scenarios.images import samples
from tests.fake_classifier import LABELS, painted
from tests.fuzz_pictures import drawn, saved
from tests.test_api import client_of
from tests.test_images import bright_corner, calibrate, png, zipped

DEMO = demos.IMAGE_CLASSIFICATION
KEY = DEMO.key
EVERYDAY = LABELS["image-classifier"]
SECTIONS = ("how-it-works", "how-good", "teach", "table", "confusion", "use-it", "business", "export")


@pytest.fixture
def open_images(open_page):
    return partial(open_page, DEMO.demo_id)


def words(app):
    """Everything that is said in running text on the page, without the escapes of Markdown."""
    elements = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning, *app.get("progress")]
    texts = [getattr(element, "value", "") or getattr(element.proto, "text", "") for element in elements]
    return "\n".join(map(str, texts)).replace("\\", "").replace("\u2060", "")


def bars(app):
    return [bar.proto.text.replace("\\", "") for bar in app.get("progress")]


def bring(app, *files):
    app.file_uploader(key=f"{KEY}_files").set_value(
        [(name, content, kind_of(name)) for name, content in files]
    )
    return app.run()


def kind_of(name):
    return "application/zip" if name.endswith(".zip") else "image/png"


def painting(label, name=None):
    return name or f"{label}.png", png(painted(label, EVERYDAY))


def rows_with(app, column):
    """The rows of the table that has this column."""
    return next(table.value for table in app.dataframe if column in table.value).to_dict("records")


def choose_section(app, section):
    return app.segmented_control(key=f"{KEY}_section").set_value(section).run()


def choose_model(app, model_id):
    return app.selectbox(key=f"{KEY}_model").set_value(model_id).run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_opens_without_loading_a_model(open_images, place, language):
    app = open_images(language=language)

    assert not app.exception
    assert not app.error
    assert place.models.device is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_picture_is_looked_at_as_soon_as_it_is_brought(open_images, language):
    app = bring(open_images(language=language), painting("cat"))

    assert not app.exception
    assert not app.error
    assert bars(app)[0].endswith("> 99 %")
    assert len(bars(app)) == 5
    assert "fake-vision" in words(app)


@pytest.mark.parametrize("example", [example.example_id for example in DEMO.examples])
def test_an_example_is_one_click_and_said_to_be_drawn(open_images, example):
    app = open_images()
    app.button(key=f"{KEY}_example_{example}").click().run()

    assert not app.exception
    assert not app.error
    assert "synthetic" in words(app)
    model_id = "fake-grocery" if example == "orange" else "fake-vision"
    assert app.selectbox(key=f"{KEY}_model").value == model_id


def test_a_file_that_is_no_picture_is_refused_with_a_sentence(open_images):
    app = bring(open_images(), ("scan.png", b"%PDF-1.7"))

    assert "scan.png" in app.error[0].value.replace("\\", "")
    assert "This is a PDF" in app.error[0].value
    assert not app.exception


def test_refusals_speak_the_visitors_language(open_images):
    app = choose_section(open_images(language="zh"), "teach")
    app = app.button(key=f"{KEY}_teach_submit").click().run()

    assert app.error
    assert app.error[0].value != "Give 2 to 20 classes to tell apart (these are 0)."


def test_an_unknown_picture_is_called_unknown_and_not_by_a_label(open_images, tmp_path):
    calibrate(tmp_path, unknown_below=0.0)
    app = bring(open_images(), ("black.png", png(np.zeros((64, 64, 3), dtype=np.uint8))))

    assert "### Unknown" in words(app)
    assert "Unlike anything that it learned from" in words(app)
    app = bring(app, painting("cat"))
    assert "### cat" in words(app)
    assert "Like the pictures that it learned from" in words(app)


def test_the_heat_map_comes_with_its_check_and_can_be_of_another_label(open_images):
    app = bring(open_images(), ("cat.png", png(bright_corner())))

    assert "Check: with the hottest" in words(app)
    why = next(box for box in app.selectbox if box.key.startswith(f"{KEY}_why_"))
    app = why.set_value("dog").run()
    assert "score of dog" in words(app)
    app = app.toggle(key=f"{KEY}_heat").set_value(False).run()
    assert "Check:" not in words(app)
    assert not app.exception


def test_the_strength_of_the_heat_map_changes_nothing_else(open_images, place):
    app = bring(open_images(), ("cat.png", png(bright_corner())))
    asked = len(place.models._residents.get("fake-vision").engine.asked)
    app.slider(key=f"{KEY}_opacity").set_value(20).run()

    assert len(place.models._residents.get("fake-vision").engine.asked) == asked
    assert not app.exception


def test_another_model_looks_at_the_same_pictures(open_images):
    app = bring(open_images(), painting("cat"))
    app = choose_model(app, "fake-grocery")

    assert "fake-grocery" in words(app)
    assert app.query_params[f"{KEY}_model"] == "fake-grocery"
    assert not app.exception


def test_a_deep_link_gives_the_settings_back_and_nonsense_does_nothing(open_images):
    query = {
        f"{KEY}_model": "fake-grocery",
        f"{KEY}_top_k": "3",
        f"{KEY}_mode": "camera",
        f"{KEY}_threshold": "x",
    }
    app = open_images(**query)

    assert app.selectbox(key=f"{KEY}_model").value == "fake-grocery"
    assert app.segmented_control(key=f"{KEY}_mode").value == "camera"
    assert not app.exception


def test_the_browser_is_told_how_many_labels_are_shown_at_every_run(open_images):
    app = open_images(**{f"{KEY}_top_k": "3"}).run()

    # A popover is drawn anew when it opens; without this its slider would begin at its first choice.
    slider = app.select_slider(key=f"{KEY}_top_k")
    assert slider.proto.set_value
    assert slider.value == "3"


def test_labels_of_ones_own_are_typed(open_images):
    app = choose_model(bring(open_images(), painting("cat")), "fake-zero-shot")
    assert "Type the labels" in words(app)
    app = app.text_input(key=f"{KEY}_labels").set_value("cup").run()
    assert "2 to 50" in app.error[0].value
    app = app.text_input(key=f"{KEY}_labels").set_value("cup, book，jar").run()

    assert not app.error
    assert len(bars(app)) == 3
    assert "Check: with the hottest" in words(app)


def test_without_a_model_for_own_labels_the_page_says_which_to_load(open_images, place):
    place.models.choice._is_there = lambda spec: spec.model_id != "fake-zero-shot"

    assert "Fake zero-shot" in words(open_images())


def test_without_any_model_the_page_says_what_to_do(open_images, place):
    place.models.choice._is_there = lambda spec: False
    app = open_images()

    assert "operations page" in app.error[0].value
    assert not app.exception


def test_the_camera_and_the_clipboard_bring_pictures_too(open_images):
    app = open_images()
    app.segmented_control(key=f"{KEY}_mode").set_value("paste").run()
    app.chat_input(key=f"{KEY}_paste").upload("pasted.png", png(painted("dog", EVERYDAY)), "image/png")
    app.run()
    assert "### dog" in words(app)

    app.segmented_control(key=f"{KEY}_mode").set_value("camera").run()
    app.camera_input(key=f"{KEY}_camera").set_value(
        ("shot.jpg", png(painted("ship", EVERYDAY)), "image/jpeg")
    )
    app.run()
    assert "### ship" in words(app)
    assert not app.exception


def test_many_pictures_make_a_table(open_images):
    files = [painting("cat"), painting("dog"), ("notes.png", b"hello")]
    app = choose_section(bring(open_images(), *files), "table")

    assert not app.exception
    assert [metric.value for metric in app.metric] == ["3", "2", "0", "1"]
    rows = rows_with(app, "score")
    assert [row["name"] for row in rows] == ["cat.png", "dog.png", "notes.png"]
    assert rows[0]["answer"] == "cat"
    assert rows[2]["note"]


def test_the_picture_to_show_is_chosen_among_many(open_images):
    app = bring(open_images(), painting("cat"), painting("dog"))
    app = app.selectbox(key=f"{KEY}_chosen_1").set_value(1).run()

    assert "### dog" in words(app)
    assert not app.exception


def labelled_zip():
    entries = [("cat/1.png", "cat"), ("cat/2.png", "dog"), ("dog/1.png", "dog"), ("dog/2.png", "dog")]
    return "set.zip", zipped([(name, png(painted(label, EVERYDAY))) for name, label in entries])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_folders_say_what_is_right_and_the_figures_follow(open_images, language):
    app = choose_section(bring(open_images(language=language), labelled_zip()), "confusion")

    assert not app.exception
    assert [metric.value for metric in app.metric] == ["4", "100 %", "75 %", "0.73"]
    rows = rows_with(app, "recall")
    assert [row["pictures"] for row in rows] == [2, 2]
    assert sorted(row["recall"] for row in rows) == [0.5, 1.0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_spreadsheets_speak_the_visitors_language_and_programs_read_english(
    open_images, monkeypatch, language
):
    files = {}
    monkeypatch.setattr(
        results.st, "download_button", lambda label, content, name, *_, **__: files.update({name: content})
    )
    app = choose_section(bring(open_images(language=language), labelled_zip(), ("scan.png", b"no")), "export")

    text = translations(language).gettext
    assert not app.exception
    rows = list(csv.DictReader(io.StringIO(files["pictures.csv"].decode("utf-8-sig"))))
    document = json.loads(files["pictures.json"])
    assert rows[0][text("Name")] == document[0]["name"]
    assert rows[0][text("Label {number}").format(number=1)] == text(document[0]["label_1"])
    assert rows[0][text("Verdict")] == text("not checked")
    assert document[0]["verdict"] == "unchecked"
    assert rows[-1][text("Why not")]
    assert (rows[-1][text("Why not")] == document[-1]["error"]) is (language == "en")
    choose_section(app, "confusion")
    assert text("Precision") in files["confusion.csv"].decode("utf-8-sig")
    assert "precision" in json.loads(files["confusion.json"])[0]


def test_uploads_of_one_name_are_labelled_each_by_itself(open_images, monkeypatch):
    def labelled(rows, **options):
        return [row | {"truth": truth} for row, truth in zip(rows, ("cat", "dog"), strict=True)]

    monkeypatch.setattr(images_confusion.st, "data_editor", labelled)
    brought = bring(open_images(), painting("cat", "photo.png"), painting("dog", "photo.png"))
    app = choose_section(brought, "confusion")

    assert not app.exception
    assert [metric.value for metric in app.metric] == ["2", "100 %", "100 %", "1.00"]


def test_a_higher_threshold_answers_less(open_images):
    app = choose_section(bring(open_images(), labelled_zip()), "confusion")
    app = app.select_slider(key=f"{KEY}_threshold").set_value("0.95").run()

    assert not app.exception
    assert app.query_params[f"{KEY}_threshold"] == "0.95"


def test_a_click_while_it_looks_loses_nothing(open_images, monkeypatch):
    real = images_shelf.classify

    def clicked(*args, **options):
        for step in real(*args, **options):
            yield step
            if step:
                monkeypatch.setattr(images_shelf, "classify", real)
                raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(images_shelf, "classify", clicked)
    app = bring(open_images(), *(painting("cat", f"{number}.png") for number in range(12)))

    assert not app.exception
    shelf = app.session_state[f"{KEY}_shelf"]
    assert [each.name for each in shelf.seen] == [f"{number}.png" for number in range(12)]


def test_reading_ends_with_the_deadline_and_the_rest_can_be_looked_at(open_images, place):
    place.limits.page_deadline_s = 0.0
    app = bring(open_images(), painting("cat"), painting("ship"))

    assert "did not come within 0 s" in app.error[0].value
    place.limits.page_deadline_s = 60.0
    app = app.button(key=f"{KEY}_look_again").click().run()

    assert not app.exception
    assert not app.error
    assert len(app.session_state[f"{KEY}_shelf"].seen) == 2


def test_what_was_found_before_a_stop_is_kept_and_the_rest_can_be_looked_at(open_images, monkeypatch):
    real = images_shelf.classify

    def stopped(*args, **options):
        for step in real(*args, **options):
            yield step
            if step:
                monkeypatch.setattr(images_shelf, "classify", real)
                images_shelf._stop(get_script_run_ctx().session_state[f"{KEY}_shelf"])
                raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(images_shelf, "classify", stopped)
    app = bring(open_images(), *(painting("cat", f"{number}.png") for number in range(10)))
    assert "Stopped after 8 pictures" in words(app)
    app = app.button(key=f"{KEY}_look_again").click().run()

    assert not app.exception
    assert len(app.session_state[f"{KEY}_shelf"].seen) == 10


def test_a_page_waits_for_those_who_read_and_says_so_in_the_end(open_images, place):
    app = bring(open_images(), painting("cat"), painting("ship"))
    place.limits.deadline_s = 0.0
    for _ in range(FILES_AT_ONCE):
        place.limits.reading.acquire()
    app = next(box for box in app.selectbox if "_chosen_" in box.key).set_value(1).run()

    assert "did not come within 0 s" in app.error[0].value
    assert not app.exception


def test_teaching_can_be_stopped_and_says_so(open_images, monkeypatch):
    real = images_teach.teach

    def stopped(*args, **options):
        for step in real(*args, **options):
            yield step
            monkeypatch.setattr(images_teach, "teach", real)
            images_teach._say_stopped_next(DEMO)
            raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(images_teach, "teach", stopped)
    app = choose_section(open_images(), "teach")
    app = app.button(key=f"{KEY}_teach_sample").click().run()

    assert "nothing was learned" in words(app)
    assert not app.exception
    app = app.button(key=f"{KEY}_teach_sample").click().run()
    assert app.metric[0].value == "3"


def teach_two(app):
    app = choose_section(app, "teach")
    for number, (name, label) in enumerate((("red", "cat"), ("blue", "truck"))):
        app.text_input(key=f"{KEY}_teach_name_{number}").set_value(name)
        pictures = [
            (f"{n}.png", png(painted(label, EVERYDAY, size_px=32 + n)), "image/png") for n in range(5)
        ]
        app.file_uploader(key=f"{KEY}_teach_files_{number}").set_value(pictures)
    return app.button(key=f"{KEY}_teach_submit").click().run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_classes_are_taught_and_looked_for_from_then_on(open_images, language, place):
    app = teach_two(bring(open_images(language=language), painting("truck")))

    assert not app.exception
    assert not app.error
    assert app.selectbox(key=f"{KEY}_model").value == "taught"
    assert "10 / 10" in [metric.value for metric in app.metric]
    (kept,) = place.belongings._items.values()
    assert kept.rows == rows_of(kept.value.size_bytes)
    assert bars(app)[0].startswith("blue")


def test_classes_can_be_forgotten(open_images):
    app = teach_two(bring(open_images(), painting("truck")))
    app = app.button(key=f"{KEY}_teach_forget").click().run()

    assert not app.exception
    assert app.selectbox(key=f"{KEY}_model").value == "fake-vision"


def test_expired_classes_are_said_and_the_model_takes_over(open_images, place):
    app = teach_two(bring(open_images(), painting("truck")))
    place.belongings.drop(app.session_state[f"{KEY}_classes_id"])
    app.run()

    assert "have expired after 24 hours" in words(app)
    assert app.selectbox(key=f"{KEY}_model").value == "fake-vision"
    assert not app.exception


def test_too_few_pictures_to_teach_are_refused_with_a_sentence(open_images):
    app = choose_section(open_images(), "teach")
    app.text_input(key=f"{KEY}_teach_name_0").set_value("red")
    app = app.button(key=f"{KEY}_teach_submit").click().run()

    assert "2 to 20 classes" in app.error[0].value
    assert not app.exception


def test_drawn_classes_and_a_zip_of_folders_teach_too(open_images):
    app = choose_section(open_images(), "teach")
    app = app.button(key=f"{KEY}_teach_sample").click().run()
    assert app.metric[0].value == "3"

    entries = [
        (f"{kind}/{name}", content)
        for kind, files in samples.taught_files().items()
        for name, content in files
    ]
    app.file_uploader(key=f"{KEY}_teach_zip").set_value(("set.zip", zipped(entries[:10]), "application/zip"))
    app = app.button(key=f"{KEY}_teach_from_zip").click().run()
    assert app.metric[0].value == "2"
    assert not app.exception


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens_before_and_after_a_picture(open_images, language):
    app = open_images(language=language)
    for section in SECTIONS:
        assert not choose_section(app, section).exception

    app = bring(app, painting("cat"), ("broken.png", b""))
    for section in SECTIONS:
        app = choose_section(app, section)
        assert not app.exception


def test_the_figures_of_the_starters_card_are_shown(open_images, tmp_path, monkeypatch):
    figures = {
        "pictures": 10000,
        "accuracy": 0.94,
        "interval": [0.935, 0.945],
        "calibration_error": 0.012,
        "confusion": [[9, 1], [0, 10]],
        "unknown_auroc": {"fashion-mnist": 0.97},
        "coarse": {"pictures": 50, "accuracy": 0.8, "interval": [0.7, 0.9]},
    }
    folder = tmp_path / "fake-vision"
    folder.mkdir()
    (folder / "quality.json").write_text(json.dumps({"test": figures}))
    (folder / "config.json").write_text(json.dumps({"id2label": {"0": "cat", "1": "dog"}}))
    monkeypatch.setattr(model_cards, "MODELS", tmp_path)
    app = choose_section(open_images(), "how-good")

    assert not app.exception
    assert [tuple(row.values()) for row in rows_with(app, "Figure")] == [
        ("Right label first", "94.0 % of 10,000 pictures (95 % interval 93.5 to 94.5)"),
        ("Scores are off by (expected calibration error)", "0.012"),
        ("unknown auroc · fashion-mnist", "97.0 %"),
        ("Right kind of product first", "80.0 % of 50 pictures (95 % interval 70.0 to 90.0)"),
    ]
    assert len(app.get("vega_lite_chart")) == 1


def test_a_thumb_is_stored_without_the_picture_and_its_name(open_images, place):
    app = bring(open_images(), painting("cat", "my-passport.png"))
    app.feedback(key=f"{KEY}_feedback_1000_thumb").set_value(1).run()

    (row,) = place.store.feedback()
    assert (row.demo, row.rating, row.model_id) == (DEMO.demo_id, 1, "fake-vision")
    assert "cat" in row.answer
    assert "passport" not in f"{row.question}{row.answer}"


def test_the_call_to_copy_names_the_model_and_the_file(open_images):
    app = choose_section(bring(open_images(), painting("cat", "it's a cat.png")), "use-it")
    curl = app.code[0].value

    assert "/api/images/classify" in curl
    assert "model=fake-vision" in curl
    assert "'files=@it'\"'\"'s a cat.png'" in curl
    compile(app.code[1].value, "example", "exec")


def test_a_name_that_looks_like_markup_stays_text(open_images):
    app = bring(open_images(), painting("cat", "![x](http:) :red[a] $b$.png"))

    assert not app.exception
    assert "![x]" not in "".join(element.value for element in app.markdown)


def test_a_score_that_was_rounded_to_certainty_is_not_called_certain():
    assert [images_labels.percent(share) for share in (1.0, 0.996, 0.93, 0.001, 0.0)] == [
        "> 99 %", "> 99 %", "93 %", "< 1 %", "< 1 %",
    ]  # fmt: skip


def test_the_model_is_shown_the_same_pixels_as_by_the_api_and_the_visitor_more(open_images, place, tmp_path):
    calibrate(tmp_path, resolution_px=32)
    photo = saved(drawn("RGB", 640, 640), "JPEG", quality=90)

    app = bring(open_images(), ("photo.jpg", photo))
    engine = place.models._residents.get("fake-vision").engine
    on_the_page = [item.pixels for item in engine.asked if item.pixels.shape != (32, 32, 3)]
    client_of(place).post("/api/images/classify", files=[("files", ("photo.jpg", photo))])

    assert not app.exception
    assert len(on_the_page) > 1
    for pixels in on_the_page:
        assert pixels.shape == (160, 160, 3)
        assert np.array_equal(pixels, engine.asked[-1].pixels)
    assert app.session_state[f"{KEY}_shelf"].picture(0).pixels.shape == (640, 640, 3)
