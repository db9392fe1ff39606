"""Medical-image triage without weights: the gate, the bands, the order, the guard, what is kept and what is not."""

import csv
import io
import logging
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.calibration import Calibration, OperatingPoint
from core.database_tables import TRIAGE
from core.errors import InferenceError, InputTooLargeError, InvalidInputError
from core.limits import MAX_STUDIES, MIN_TRIAGE_PX
from core.pictures.dicom import StrippedTag
from core.pictures.names import clean_name
from core.scenarios.triage import audit, export, gate, phantoms
from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.degenerate import check_copies, check_scores
from core.scenarios.triage.findings import UNMEASURED, default_point, rule, score_of
from core.scenarios.triage.measuring import Share, measure, read_labels
from core.scenarios.triage.pdf import Report, as_pdf
from core.scenarios.triage.receiving import WORKING_PX, receive, studies_in
from core.scenarios.triage.studies import Band, Part, Priority, Reading, Spread, Study, packed
from core.scenarios.triage.triaging import heat, triage
from core.scenarios.triage.uncertainty import COPIES, copies
from core.scenarios.triage.worklist import worklist
from core.streaming import outcome_of
from core.types import ImageScores, ModelUse, Tier
from tests.fake_classifier import GREYS, LABELS, FakeClassifier
from tests.fakes import fake_showcase, load_fake

ROOT = Path(__file__).parent.parent
LOW = OperatingPoint("sensitive", 0.2, 0.99, (0.97, 1.0), 0.8, (0.75, 0.85), "a test set")
MIDDLE = OperatingPoint("balanced", 0.5, 0.95, (0.92, 0.97), 0.9, (0.86, 0.93), "a test set")
HIGH = OperatingPoint("specific", 0.8, 0.9, (0.86, 0.93), 0.97, (0.94, 0.99), "a test set")
CALIBRATION = Calibration(not_sure=(0.4, 0.6), operating_points=(LOW, MIDDLE, HIGH))
RULE = rule(CALIBRATION)


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


def x_ray(label="bacterial", *, size_px=128):
    """A grey picture with contrast whose mean is what a FakeClassifier takes for this label."""
    grey = GREYS[label]
    ramp = np.linspace(grey - 60, grey + 60, size_px).round().astype(np.uint8)
    return np.repeat(np.tile(ramp, (size_px, 1))[:, :, None], 3, axis=2)


def png(pixels, *, name="a.png"):
    return name, packed(pixels)


def run(models, files):
    done = []
    for _ in triage(models, receive(files), done=done):
        pass
    return done


def reading(score=0.9, *, spread=None, parts=(("bacterial", 0.6), ("viral", 0.3)), energy=1.0):
    use = ModelUse("fake-chest-xray", Tier.STARTER, "CPU", 1.0)
    scores = spread or (score,) * COPIES
    return Reading(score, tuple(Part(*part) for part in parts), 1, Spread(tuple(scores)), energy, use, "abc")


def study(score=0.9, *, name="x.png", spread=None, **more):
    return Study(name, png=packed(x_ray()), reading=reading(score, spread=spread), **more)


# --- the gate -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pixels", "code", "words"),
    [
        (x_ray(size_px=MIN_TRIAGE_PX - 1), "too small", f"at least {MIN_TRIAGE_PX}"),
        (np.zeros((128, 128, 3), np.uint8), "too dark", "at least 60"),
        (np.full((128, 128, 3), 240, np.uint8), "too bright", "at most 200"),
        (np.full((128, 128, 3), 128, np.uint8), "no contrast", "at least 40"),
        (phantoms.landscape(), "colour", "X-rays are grey"),
    ],
)
def test_pictures_that_no_model_should_see_are_refused_with_the_reason(place, pixels, code, words):
    (found,) = run(place.models, [png(pixels)])

    assert found.refusal.code == code
    assert words in str(found.refusal.error)
    assert found.png
    assert found.reading is None
    assert place.models.device is None


def test_the_first_reason_counts(place):
    (found,) = run(place.models, [png(np.zeros((50, 50, 3), np.uint8))])

    assert found.refusal.code == "too small"


def test_a_few_coloured_marks_are_no_colour_picture():
    pixels = x_ray()
    pixels[:10, :20] = (250, 20, 20)

    assert gate.refuse_colour(pixels) is None


def test_a_picture_of_another_kind_is_refused_by_what_it_is():
    labels = LABELS["picture-kind"]
    for number, label in enumerate(labels):
        refusal = gate.refuse_kind(
            ImageScores(labels, np.eye(len(labels))[number], energy=5.0), Calibration()
        )

        assert (refusal is None) == (label == gate.CHEST)


def test_a_picture_unlike_anything_learned_is_refused_by_its_energy():
    labels = LABELS["picture-kind"]
    scores = ImageScores(labels, np.eye(len(labels))[labels.index(gate.CHEST)], energy=1.0)

    assert gate.refuse_kind(scores, Calibration(unknown_below=0.5)) is None
    assert "unlike" in str(gate.refuse_kind(scores, Calibration(unknown_below=1.5)).error)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (("CT", "CHEST", ""), "no X-ray picture"),
        (("CR", "HAND", ""), "another part of the body"),
        (("DX", "CHEST", "LATERAL"), "no view from the front"),
        (("DX", "CHEST", "PA"), ""),
        (("", "", ""), ""),
    ],
)
def test_what_a_dicom_file_says_of_itself_is_believed(tags, words):
    refusal = gate.refuse_tags(*tags)

    assert words in str(refusal.error) if words else refusal is None


# --- files --------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_keeps_its_place_and_says_why(place):
    found = run(place.models, [png(x_ray()), ("broken.png", b"\x89PNG\r\n\x1a\nnot"), png(x_ray())])

    assert [each.refusal and each.refusal.code for each in found] == [None, "unreadable", None]
    assert str(found[1].refusal.error)


def test_large_pictures_are_shrunk_for_work(place):
    (found,) = receive([png(np.repeat(x_ray(size_px=600), 2, axis=1))])

    assert min(found.pixels.shape[:2]) == WORKING_PX
    assert (found.width_px, found.height_px) == (1200, 600)


def test_too_many_pictures_are_refused_before_the_model_is_asked(place):
    with pytest.raises(InputTooLargeError, match=str(MAX_STUDIES)):
        next(studies_in([png(x_ray(size_px=32))] * (MAX_STUDIES + 1)))
    with pytest.raises(InvalidInputError, match="at least one"):
        receive([])


# --- scores, bands, order -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "part"), [("bacterial", "bacterial"), ("viral", "viral")])
def test_the_finding_is_the_sum_of_its_two_patterns(place, label, part):
    (found,) = run(place.models, [png(x_ray(label))])

    assert found.reading.score == pytest.approx(sum(each.score for each in found.reading.parts))
    assert {each.name for each in found.reading.parts} == {"bacterial", "viral"}
    assert found.reading.parts[0].name == part
    assert LABELS["chest-xray"][found.reading.target] == part
    assert found.reading.score > 0.5
    assert found.reading.model.model_id == "fake-chest-xray"


def test_labels_without_a_normal_one_are_a_mistake_of_ours():
    with pytest.raises(ValueError, match="normal"):
        score_of(ImageScores(("a", "b"), np.array([0.5, 0.5]), energy=1.0))


def test_bands_reach_from_the_threshold_to_the_models_own_band():
    assert [rule(CALIBRATION, "balanced").band(score) for score in (0.39, 0.4, 0.59, 0.6)] == [
        *(Band.UNLIKELY, Band.NOT_SURE, Band.NOT_SURE, Band.LIKELY)
    ]
    assert (rule(CALIBRATION, "sensitive").low, rule(CALIBRATION, "sensitive").high) == (0.2, 0.6)
    assert (rule(CALIBRATION, "specific").low, rule(CALIBRATION, "specific").high) == (0.4, 0.8)


def test_an_unknown_operating_point_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidInputError, match="sensitive, balanced, specific"):
        rule(CALIBRATION, "best")


def test_a_model_that_nobody_measured_says_so():
    assert rule(Calibration()).point == UNMEASURED
    assert default_point(CALIBRATION) == MIDDLE


def test_the_worklist_has_everything_in_the_order_that_it_says(place):
    refused = receive([png(np.zeros((128, 128, 3), np.uint8), name="black.png")])
    studies = [
        study(0.1, name="routine"),
        *refused,
        study(0.5, name="not sure"),
        study(0.97, name="most urgent"),
        study(0.3, name="soon", spread=(0.3,) * (COPIES - 1) + (0.45,)),
        study(0.8, name="urgent"),
    ]

    entries = worklist(studies, rule(CALIBRATION))

    names = ["most urgent", "urgent", "not sure", "black.png", "soon", "routine"]
    assert [entry.study.name for entry in entries] == names
    priorities = ["urgent", "urgent", "needs a person", "needs a person", "soon", "routine"]
    assert [entry.priority for entry in entries] == priorities


def test_copies_that_disagree_make_a_score_not_sure():
    shaky = study(0.9, spread=(0.9,) * (COPIES - 2) + (0.2, 0.3))

    (entry,) = worklist([shaky], rule(CALIBRATION))

    assert (entry.band, entry.priority) == (Band.NOT_SURE, Priority.PERSON)


def test_another_operating_point_decides_again_without_the_model(place):
    (found,) = run(place.models, [png(x_ray("viral"))])
    asked = len(place.models._residents.get("fake-chest-xray").engine.asked)
    strict = Calibration(operating_points=(OperatingPoint("never", 2.0, 0, (0, 0), 1, (1, 1), "none"),))

    assert worklist([found], rule(CALIBRATION))[0].priority is Priority.URGENT
    assert worklist([found], rule(strict))[0].priority is Priority.ROUTINE
    assert len(place.models._residents.get("fake-chest-xray").engine.asked) == asked


# --- uncertainty and the heat map ---------------------------------------------------------------------------


def test_copies_are_the_same_for_the_same_seed_and_are_never_mirrored():
    pixels = phantoms.phantom(1, opacity=True)
    first, again, other = copies(pixels), copies(pixels), copies(pixels, seed=1)

    assert len(first) == COPIES
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    half = pixels.shape[1] // 2
    ramp = np.zeros((128, 128, 3), np.uint8)
    ramp[:, 64:] = 200
    assert all(copy[:, 64:].mean() > copy[:, :64].mean() for copy in copies(ramp))
    assert half == 256


def test_a_study_and_its_copies_are_one_request(place):
    (found,) = run(place.models, [png(x_ray())])

    assert len(found.reading.spread.scores) == COPIES
    assert found.reading.spread.lowest <= found.reading.spread.highest
    assert len(place.models._residents.get("fake-chest-xray").engine.asked) == COPIES + 1


def test_the_heat_map_explains_the_likeliest_part(place):
    (found,) = run(place.models, [png(x_ray("viral"))])

    answer = heat(place.models, found)

    assert answer.saliency is not None
    assert place.models._residents.get("fake-chest-xray").engine.asked[-1].target == found.reading.target


# --- degenerate output --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "energy"),
    [
        ([np.nan, 0.5, 0.5], 1.0),
        ([0.0, 0.0, 0.0], 1.0),
        ([1.5, -0.5, 0.0], 1.0),
        ([0.5, 0.5], 1.0),
        ([0.2, 0.3, 0.5], np.inf),
    ],
)
def test_what_is_no_set_of_probabilities_is_an_error_and_not_0_percent(scores, energy):
    with pytest.raises(InferenceError, match="no set of probabilities"):
        check_scores(ImageScores(("normal", "bacterial", "viral"), np.array(scores), energy))


class Constant(FakeClassifier):
    """Says the same whatever it is shown."""

    def predict(self, items):
        answers = super().predict(items)
        return [answers[0]] * len(items)


class Stuck(FakeClassifier):
    """Lets the copies differ, but has one answer for every study."""

    first = None

    def predict(self, items):
        answers = super().predict(items)
        if len(items) > 1 and self.labels == LABELS["chest-xray"]:
            self.first = self.first or answers
            return self.first
        return answers


@pytest.mark.parametrize("kind", [Constant, Stuck])
def test_a_model_that_always_says_the_same_is_an_error(tmp_path, kind):
    def load(spec, folder, device):
        engine = load_fake(spec, folder, device)
        return kind(device, engine.labels) if spec.roles == ("chest-xray",) else engine

    place = fake_showcase(tmp_path, load=load)

    with pytest.raises(InferenceError, match="one and the same answer"):
        run(place.models, [png(x_ray("bacterial")), png(x_ray("viral"))])
    place.close()


def test_the_same_picture_twice_may_have_the_same_answer(place):
    found = run(place.models, [png(x_ray()), png(x_ray())])

    assert found[0].reading.score == found[1].reading.score


def test_no_picture_is_unpacked_twice_while_a_worklist_is_read(place, monkeypatch):
    unpacked, pixels = [], Study.pixels.fget
    monkeypatch.setattr(
        Study, "pixels", property(lambda study: unpacked.append(study.study_id) or pixels(study))
    )

    found = run(place.models, [png(x_ray()) for _number in range(4)])

    assert unpacked == [study.study_id for study in found]


def test_a_model_that_repeats_itself_is_found_out_after_a_stop_too(tmp_path):
    place = fake_showcase(tmp_path, load=stuck)
    received, done = receive([png(x_ray("bacterial")), png(x_ray("viral"))]), []
    steps = triage(place.models, received, done=done)
    while not done:
        next(steps)
    steps.close()

    with pytest.raises(InferenceError, match="one and the same answer"):
        outcome_of(triage(place.models, received, done=done))
    place.close()


def stuck(spec, folder, device):
    engine = load_fake(spec, folder, device)
    return Stuck(device, engine.labels) if spec.roles == ("chest-xray",) else engine


def test_saturated_scores_are_told_apart_by_their_energy():
    pictures = [x_ray("bacterial"), x_ray("viral")]
    one = ImageScores(("normal", "bacterial", "viral"), np.array([0.0, 1.0, 0.0]), energy=20.0)
    other = ImageScores(one.labels, one.scores, energy=21.0)

    check_copies(pictures, [one, other])
    with pytest.raises(InferenceError):
        check_copies(pictures, [one, one])


# --- what is kept, and what is not --------------------------------------------------------------------------

NAME = "Erika_Mustermann_1964-08-12.png"


def test_the_audit_trail_has_the_verdict_and_neither_name_nor_pixels(place, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("vitrine").propagate = True
    files = [png(x_ray(), name=NAME), (NAME, b"broken"), png(phantoms.landscape(), name=NAME)]

    entries = worklist(run(place.models, files), rule(CALIBRATION))
    audit.record(place.store, entries, rule(CALIBRATION), front="api", request_id="r1")

    rows = place.store.triage_rows()
    assert [row.priority for row in reversed(rows)] == [entry.priority.value for entry in entries]
    newest = rows[-1]
    assert (newest.request_id, newest.front, newest.operating_point) == ("r1", "api", "balanced")
    assert (newest.model_id, newest.band, newest.threshold) == ("fake-chest-xray", "likely", 0.5)
    assert newest.score == pytest.approx(entries[0].study.reading.score)
    assert {row.refusal for row in rows} == {"", "unreadable", "colour"}
    assert set(TRIAGE.columns.keys()) == {
        *("id", "created", "request_id", "study_id", "front", "model_id", "revision"),
        *("operating_point", "threshold", "score", "band", "priority", "refusal"),
    }
    place.store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert NAME.encode() not in written
    assert b"IDAT" not in written
    assert "Mustermann" not in caplog.text
    assert "Mustermann" not in repr(entries)


def test_exports_name_no_file_unless_asked_to_and_carry_the_banner():
    entries = worklist([study(0.9, name=NAME), study(0.1, name="=1+1.png")], rule(CALIBRATION))

    plain = export.as_csv(export.rows(entries, rule(CALIBRATION), with_names=False)).decode("utf-8-sig")
    named = export.as_csv(export.rows(entries, rule(CALIBRATION), with_names=True)).decode("utf-8-sig")

    assert NAME not in plain
    assert NAME in named
    assert "'=1+1.png" in named
    rows = list(csv.DictReader(io.StringIO(plain)))
    assert {row["caveat"] for row in rows} == {CAVEAT}
    assert [row["priority"] for row in rows] == ["urgent", "routine"]
    assert rows[0]["sensitivity"] == "0.95"


def test_samples_say_that_they_are_synthetic_without_their_names_too():
    entries = worklist([study(0.9), study(0.1)], rule(CALIBRATION))

    drawn = export.rows(entries, rule(CALIBRATION), with_names=False, is_synthetic=True)
    taken = export.rows(entries, rule(CALIBRATION), with_names=False)

    assert [row["origin"] for row in drawn] == ["synthetic", "synthetic"]
    assert [row["origin"] for row in taken] == ["", ""]


def test_stripped_tags_are_named_in_the_export_without_their_values():
    tags = [StrippedTag("(0010,0010)", "PatientName"), StrippedTag("(0011,1001)", "")]
    (row,) = export.rows(
        worklist([study(stripped=tuple(tags))], rule(CALIBRATION)), rule(CALIBRATION), with_names=False
    )

    assert row["stripped_tags"] == "PatientName; (0011,1001)"


def test_the_pdf_has_the_banner_on_every_page_and_reads_chinese():
    from pypdf import PdfReader

    rows = [(str(number), "肺炎样阴影 <b>&", "x" * 40) for number in range(80)]
    report = Report(
        "研究演示，不是医疗器械", "工作清单", ("note",), ("a", "b", "c"), (0.2, 0.4, 0.4), rows, "{number}"
    )

    pages = PdfReader(io.BytesIO(as_pdf(report))).pages

    assert len(pages) > 1
    assert all("研究演示，不是医疗器械" in page.extract_text() for page in pages)
    assert "肺炎样阴影 <b>&" in pages[0].extract_text()


# --- synthetic samples and words ----------------------------------------------------------------------------


def test_phantoms_are_the_same_for_a_seed_and_differ_by_their_opacity():
    with_it, without = phantoms.phantom(3, opacity=True), phantoms.phantom(3, opacity=False)

    assert np.array_equal(without, phantoms.phantom(3, opacity=False))
    assert with_it.shape == without.shape == (512, 512, 3)
    assert gate.refuse_light(without) is None
    assert gate.refuse_colour(without) is None
    assert np.abs(with_it.astype(int) - without).mean() > 1


@pytest.mark.parametrize("example_id", ["worklist", "opacity", "clear", "refused"])
def test_every_sample_is_a_png_that_says_it_is_synthetic(example_id):
    for name, content in phantoms.samples(example_id):
        assert name.startswith("synthetic-")
        assert Image.open(io.BytesIO(content)).format == "PNG"


def test_no_text_of_ours_speaks_of_a_diagnosis():
    files = [
        *(ROOT / "core" / "scenarios" / "triage").glob("*.py"),
        *(ROOT / "components").glob("triage_*.py"),
        *(ROOT / "api").glob("triage*.py"),
        *(ROOT / "pages").glob("medical_triage*.py"),
        ROOT / "core" / "demos.py",
    ]
    for path in files:
        assert not re.search("diagnos", path.read_text(encoding="utf-8"), re.IGNORECASE), path


# --- the visitor's own labels -------------------------------------------------------------------------------


def test_own_labels_are_measured_at_the_operating_point_without_a_model():
    studies = [study(0.9, name="a"), study(0.3, name="b"), study(0.1, name="c"), study(0.7, name="d")]
    labels = read_labels("file,finding\na,1\nb,yes\nc,0\nd,否\nelsewhere,1\n".encode())

    measured = measure(studies, labels, rule(CALIBRATION))
    sensitive = measure(studies, labels, rule(CALIBRATION, "sensitive"))

    assert (measured.sensitivity.hits, measured.sensitivity.total) == (1, 2)
    assert (measured.specificity.hits, measured.specificity.total) == (1, 2)
    assert measured.auc == pytest.approx(0.75)
    assert (measured.missed, measured.to_a_person, measured.unlabelled) == (1, 0, 0)
    assert sensitive.sensitivity.value == 1.0
    assert sensitive.to_a_person == 1


def test_a_label_that_cannot_be_read_is_named_by_its_line_in_the_file():
    content = b'file,finding,note\na.png,1,"two\nlines"\n\n\nb.png,maybe,\n'

    with pytest.raises(InvalidInputError, match="Line 6 of the table"):
        read_labels(content)


def test_intervals_are_wilsons():
    low, high = Share(81, 263).interval

    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I.
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert np.isnan(Share(0, 0).interval).all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,finding\na,1\n", "columns file and finding"),
        (b"file,finding\na,maybe\n", "Line 2"),
        (b'file,finding\n"a,1\n', "cannot be read as CSV"),
        (b"file,finding\nother,1\n", "None of the file names"),
    ],
)
def test_labels_that_cannot_be_used_are_a_sentence(content, words):
    with pytest.raises(InvalidInputError, match=words):
        measure([study(name="a")], read_labels(content), rule(CALIBRATION))


@pytest.mark.starters
def test_the_starters_read_phantoms_and_score_those_with_an_opacity_higher():
    from core.settings import Settings
    from core.showcase import build

    if not (ROOT / "assets" / "models" / "starter-chest-xray" / "model.safetensors").exists():
        pytest.skip("the starter for chest X-rays is not in this checkout")
    place = build(Settings(database_url="sqlite://", models="starter", warm_up=False, deadline_s=300))

    found = {each.name: each for each in run(place.models, phantoms.samples("worklist"))}
    place.close()

    scores = {name: each.reading.score for name, each in found.items() if each.reading}
    codes = {each.refusal.code for each in found.values() if each.refusal}
    with_it = [score for name, score in scores.items() if "opacity" in name]
    without = [score for name, score in scores.items() if "opacity" not in name]
    assert (len(with_it), len(without), codes) == (2, 2, {"colour", "too dark", "too small"})
    assert min(with_it) > max(without) + 0.2


def test_labels_find_their_pictures_as_an_exported_worklist_writes_them():
    names = (f"{'1.2.840.' * 14}png", "=1+1.png")
    shown = [clean_name(name) for name in names]
    rows = export.rows(worklist([study(name=name) for name in shown], RULE), RULE, with_names=True)
    written = list(csv.DictReader(io.StringIO(export.as_csv(rows).decode("utf-8-sig"), newline="")))

    as_files = read_labels(f"file,finding\n{names[0]},1\nward/{names[1]},0\n".encode())
    as_exported = read_labels(("file,finding\n" + "".join(f"{row['name']},1\n" for row in written)).encode())

    assert set(as_files) == set(as_exported) == set(shown)


def test_the_table_says_why_a_picture_was_not_read_also_when_the_work_was_stopped():
    (row,) = export.rows(worklist([Study("a.png", png=packed(x_ray()))], RULE), RULE, with_names=False)

    assert row["not_read_because"] == "Not reached before the work was stopped."
    assert row["priority"] == "needs a person"


def test_the_table_has_no_figures_of_a_model_that_nobody_measured():
    unmeasured = rule(Calibration())

    (row,) = export.rows(worklist([study()], unmeasured), unmeasured, with_names=False)

    assert (row["sensitivity"], row["specificity"]) == ("", "")
