"""The triage page through the shell, with classifiers that have no weights."""

import csv
import io
from dataclasses import replace
from functools import partial

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx

from components import triage_arriving, triage_export, triage_list, triage_sheet
from core import demos
from core.limits import MAX_STUDIES
from core.locales import translations
from core.scenarios.triage import export, phantoms
from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.studies import Priority
from tests.dicom_files import dicom_file
from tests.fake_classifier import LABELS
from tests.fakes import load_fake
from tests.test_api_triage import CALIBRATION, NAME, png
from tests.test_triage import Constant

DEMO = demos.MEDICAL_TRIAGE
KEY = DEMO.key
SECTIONS = ("how-it-works", "how-good", "use-it", "business", "export")


@pytest.fixture
def open_triage(open_page, tmp_path):
    """The page; its model has operating points."""
    folder = tmp_path / "fake-chest-xray"
    folder.mkdir()
    (folder / "calibration.json").write_text(CALIBRATION)
    return partial(open_page, DEMO.demo_id)


def words(app):
    """Everything that is said in running text on the page, without the escapes of Markdown."""
    elements = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(str(element.value) for element in elements).replace("\\", "").replace("\u2060", "")


def bring(app, *files):
    uploads = [(name, content, "application/octet-stream") for name, content in files]
    app.file_uploader(key=f"{KEY}_files").set_value(uploads)
    return app.button(key=f"{KEY}_submit").click().run()


def rows(app):
    return next(table.value for table in app.dataframe if "priority" in table.value).to_dict("records")


def choose_section(app, section):
    return app.segmented_control(key=f"{KEY}_section").set_value(section).run()


def worklist(app):
    return app.session_state[f"{KEY}_worklist"]


def test_pictures_become_a_worklist_with_the_most_urgent_open(open_triage, place):
    app = bring(
        open_triage(), png("normal", name="n.png"), png("viral", name="v.png"), ("t.png", b"no picture")
    )

    assert not app.exception
    assert not app.error
    assert [row["name"] for row in rows(app)] == ["v.png", "t.png", "n.png"]
    assert [row["priority"] for row in rows(app)] == [["urgent"], ["needs a person"], ["routine"]]
    said = words(app)
    assert "**v.png**" in said
    assert "Pneumonia-like opacity: likely" in said
    assert "8 copies of the picture score" in said
    assert "Check: with the hottest" in said
    assert CAVEAT in said
    assert "Nothing is ever left out." in said


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("example", DEMO.examples, ids=lambda example: example.example_id)
def test_an_example_is_one_click(open_triage, language, example):
    app = open_triage(language=language)
    app.button(key=f"{KEY}_example_{example.example_id}").click().run()

    assert not app.exception
    assert not app.error
    assert len(rows(app)) == len(phantoms.EXAMPLES[example.text])
    assert worklist(app).is_synthetic


def test_a_phantom_says_that_its_score_means_nothing(open_triage):
    app = open_triage()
    app.button(key=f"{KEY}_example_opacity").click().run()

    assert "its score means nothing clinically" in words(app)


def test_a_refused_picture_is_shown_with_its_reason(open_triage):
    app = bring(open_triage(), ("photo.png", phantoms.samples("refused")[0][1]))

    assert not app.error
    assert "X-rays are grey" in words(app)
    assert "A person has to look at it." in words(app)


def test_another_operating_point_orders_again_without_asking_the_model(open_triage, place):
    app = bring(open_triage(), png("normal", name="n.png"), png("viral", name="v.png"))
    asked = len(place.models._residents.get("fake-chest-xray").engine.asked)
    app.segmented_control(key=f"{KEY}_point").set_value("never").run()

    assert not app.exception
    assert ["urgent"] not in [row["priority"] for row in rows(app)]
    assert len(place.models._residents.get("fake-chest-xray").engine.asked) == asked
    assert "sensitivity 0.0 % (0.0 – 10.0 %)" in words(app)


def test_an_operating_point_in_the_link_is_taken(open_triage):
    app = open_triage(**{f"{KEY}_point": "never"})

    assert app.segmented_control(key=f"{KEY}_point").value == "never"


def test_every_verdict_shown_is_in_the_audit_trail_once_and_without_names(open_triage, place, tmp_path):
    app = bring(open_triage(), png("viral", name=NAME), ("x.dcm", dicom_file(PatientName="Mustermann^Erika")))
    app.run()
    assert [(row.front, row.operating_point) for row in place.store.triage_rows()] == [
        ("pages", "balanced")
    ] * 2
    app.segmented_control(key=f"{KEY}_point").set_value("never").run()

    points = [row.operating_point for row in place.store.triage_rows()]
    assert points == ["never"] * 2 + ["balanced"] * 2
    assert {row.study_id for row in place.store.triage_rows()} == {
        study.study_id for study in worklist(app).done
    }
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Mustermann" not in written
    assert b"IDAT" not in written


def test_a_dicom_file_says_what_was_left_behind(open_triage):
    app = bring(open_triage(), ("x.dcm", dicom_file(PatientName="Mustermann^Erika")))

    assert "`PatientName`" in words(app)
    assert "Mustermann" not in words(app)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Choose a file first."), ("zh", "请先选择文件")],
)
def test_nothing_to_sort_is_said_in_a_sentence(open_triage, language, sentence):
    app = open_triage(language=language)
    app.button(key=f"{KEY}_submit").click().run()

    assert any(sentence in warning.value for warning in app.warning)
    assert not app.exception


def test_too_many_pictures_are_one_sentence(open_triage, monkeypatch):
    app = bring(open_triage(), *[(f"{number}.png", b"x") for number in range(MAX_STUDIES + 1)])

    assert app.error[0].value.startswith(f"There are more than {MAX_STUDIES} pictures.")
    assert not app.exception


def test_a_model_with_one_answer_for_everything_is_an_error_and_no_result(open_triage, place, monkeypatch):
    def load(spec, folder, device):
        engine = load_fake(spec, folder, device)
        return Constant(device, engine.labels) if engine.labels == LABELS["chest-xray"] else engine

    monkeypatch.setattr(place.models, "_load_engine", load)
    app = bring(open_triage(), png("viral"), png("normal"))

    assert "one and the same answer" in app.error[0].value
    assert worklist(app).done == []
    assert not app.exception
    assert [row["score"] for row in rows(app)] in (
        [None, None],
        [pytest.approx(float("nan"), nan_ok=True)] * 2,
    )


def test_a_click_in_the_middle_keeps_what_is_finished_and_goes_on(open_triage, monkeypatch):
    """What Streamlit does to a run when somebody clicks: it raises in the middle of it."""
    real, stopped = triage_list.triage, []

    def triage(models, received, *, done):
        for step in real(models, received, done=done):
            if len(done) == 1 and not stopped:
                stopped.append(True)
                raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))
            yield step

    monkeypatch.setattr(triage_list, "triage", triage)
    app = bring(open_triage(), png("viral", name="v.png"), png("normal", name="n.png"))

    assert stopped
    assert worklist(app).is_whole
    assert [row["name"] for row in rows(app)] == ["v.png", "n.png"]


def interrupted(monkeypatch, *, stop=False):
    """Let somebody click, after the first file is read; returns the names of the files that are decoded."""
    real, decoded = triage_arriving.studies_in, []

    def studies_in(files, *, start):
        for study in real(files, start=start):
            decoded.append(study.name)
            yield study
            if decoded == [study.name]:
                if stop:
                    triage_arriving._stop(DEMO)
                raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(triage_arriving, "studies_in", studies_in)
    return decoded


def test_a_click_while_files_are_read_loses_none_and_reads_none_twice(open_triage, monkeypatch):
    decoded = interrupted(monkeypatch)
    app = bring(open_triage(), png("viral", name="v.png"), ("t.png", b"no"), png("normal", name="n.png"))

    assert decoded == ["v.png", "t.png", "n.png"]
    assert [row["name"] for row in rows(app)] == ["v.png", "t.png", "n.png"]
    assert not app.exception


def test_a_stop_while_files_are_read_sorts_nothing_and_says_so(open_triage, monkeypatch):
    decoded = interrupted(monkeypatch, stop=True)
    app = bring(open_triage(), png("viral", name="v.png"), png("normal", name="n.png"))

    assert decoded == ["v.png"]
    assert "nothing was sorted" in words(app)
    assert f"{KEY}_worklist" not in app.session_state
    assert not app.exception
    app = app.button(key=f"{KEY}_submit").click().run()
    assert len(rows(app)) == 2


def test_files_that_take_too_long_to_read_are_refused_with_a_sentence(open_triage, place):
    place.limits.page_deadline_s = 0.0
    app = bring(open_triage(), png("viral", name="v.png"))

    assert "did not come within 0 s" in app.error[0].value
    assert f"{KEY}_worklist" not in app.session_state
    assert not app.exception


def test_what_was_not_reached_waits_for_a_person_and_can_be_read_later(open_triage, monkeypatch):
    real = triage_list.triage

    def nothing(models, received, *, done):
        yield from ()

    monkeypatch.setattr(triage_list, "triage", nothing)
    app = bring(open_triage(), png("viral", name="v.png"))
    assert [row["priority"] for row in rows(app)] == [["needs a person"]]
    monkeypatch.setattr(triage_list, "triage", real)
    app.button(key=f"{KEY}_rest_1").click().run()

    assert [row["priority"] for row in rows(app)] == [["urgent"]]
    assert not app.exception


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens_with_and_without_a_worklist(open_triage, section, language):
    app = choose_section(open_triage(language=language), section)
    assert not app.exception
    assert not app.error

    app.button(key=f"{KEY}_example_opacity").click().run()
    assert not app.exception
    assert not app.error


def test_own_labels_are_measured_against_the_worklist(open_triage):
    app = choose_section(
        bring(open_triage(), png("viral", name="v.png"), png("normal", name="n.png")), "how-good"
    )
    labels = ("labels.csv", b"file,finding\nv.png,1\nn.png,0\n", "text/csv")
    app.file_uploader(key=f"{KEY}_labels").set_value(labels).run()

    assert not app.exception
    assert [metric.value for metric in app.metric[:3]] == ["100.0 %", "100.0 %", "1.000"]
    assert "1 of 1; 95 % interval 20.7 to 100.0 %" in words(app)


def test_exports_are_offered_with_the_banner(open_triage):
    app = choose_section(bring(open_triage(), png("viral", name=NAME)), "export")

    assert "The banner stands in every row" in words(app)
    app.checkbox(key=f"{KEY}_with_names").check().run()
    assert not app.exception


def test_a_thumb_names_the_study_by_its_random_id(open_triage, place):
    app = bring(open_triage(), png("viral", name=NAME))
    app.feedback(key=f"{KEY}_feedback_{MAX_STUDIES}_thumb").set_value(1).run()

    (row,) = place.store.feedback()
    assert row.question == f"study {worklist(app).done[0].study_id}"
    assert "Mustermann" not in row.question + row.answer


def test_the_document_says_what_was_measured_at_the_operating_point(open_triage, monkeypatch):
    reports, as_pdf = [], triage_export.as_pdf
    monkeypatch.setattr(triage_export, "as_pdf", lambda report: reports.append(report) or as_pdf(report))

    choose_section(bring(open_triage(), png("viral", name=NAME)), "export")

    assert "on a test set: sensitivity 95.0 %" in " ".join(reports[-1].notes)
    assert NAME not in " ".join(cell for row in reports[-1].rows for cell in row)


def test_the_document_names_the_weights_that_read_and_says_what_is_synthetic(open_triage, monkeypatch, place):
    reports, as_pdf = [], triage_export.as_pdf
    monkeypatch.setattr(triage_export, "as_pdf", lambda report: reports.append(report) or as_pdf(report))
    spec = place.models.catalog.spec("fake-chest-xray")
    monkeypatch.setitem(spec.sha256, "model.safetensors", "0123456789abcdef")

    app = choose_section(bring(open_triage(), png("viral", name=NAME)), "export")
    notes = " ".join(reports[-1].notes)
    assert "Read by fake-chest-xray (starter), revision" in notes
    assert "weights with SHA-256 0123456789ab…" in notes
    assert "synthetic" not in notes

    app.button(key=f"{KEY}_example_opacity").click().run()
    assert "All pictures here are synthetic" in " ".join(reports[-1].notes)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_spreadsheet_speaks_the_visitors_language(open_triage, monkeypatch, language):
    sheets, as_csv = [], triage_sheet.as_csv
    monkeypatch.setattr(
        triage_sheet, "as_csv", lambda *args, **options: sheets.append(as_csv(*args, **options)) or sheets[-1]
    )
    app = choose_section(open_triage(language=language), "export")
    app.button(key=f"{KEY}_example_opacity").click().run()

    text = translations(language).gettext
    (row,) = csv.DictReader(io.StringIO(sheets[-1].decode("utf-8-sig")))
    assert len(row) == len(export.COLUMNS)
    assert row[text("Origin")] == text("synthetic: drawn by a program")
    assert row[text("Priority")] in {text(each.value) for each in Priority}
    assert row[text("Finding")] == text("Pneumonia-like opacity")
    assert row[text("Caveat")] == text(CAVEAT)
    assert not app.exception


def test_the_operator_sees_and_exports_the_verdicts(open_triage, open_page, place):
    bring(open_triage(), png("viral"))
    app = open_page("operations")
    app.text_input(key="operations_token").set_value("open sesame")
    app.button(key="operations_sign_in_submit").click().run()
    app.segmented_control(key="operations_table").set_value("triage").run()

    assert not app.exception
    (row,) = next(table.value for table in app.dataframe if "study_id" in table.value).to_dict("records")
    assert (row["front"], row["priority"], row["band"]) == ("pages", "urgent", "likely")
    assert row["caveat"] == CAVEAT


def test_without_a_model_the_page_says_so(open_triage, place, monkeypatch):
    catalog = place.models.catalog
    specs = tuple(
        replace(spec, memory_mb=1e9) if "chest-xray" in spec.roles else spec for spec in catalog.specs
    )
    monkeypatch.setattr(place.models.choice, "_catalog", replace(catalog, specs=specs))
    app = open_triage()

    assert app.error[0].value.startswith("No model for this page")
    assert not app.exception
