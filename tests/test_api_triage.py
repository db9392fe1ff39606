"""The triage API: pictures in, a worklist out; nothing of them stays."""

import io
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.limits import MAX_STUDIES
from core.scenarios.triage import phantoms
from core.scenarios.triage.caveat import CAVEAT
from core.scenarios.triage.studies import packed
from tests.dicom_files import dicom_file
from tests.fakes import fake_showcase
from tests.test_api import client_of, error_of
from tests.test_triage import Constant, load_fake, x_ray

ROOT = Path(__file__).parent.parent
STUDIES = "/api/triage/studies"
NAME = "Erika_Mustermann_1964.png"
CALIBRATION = """
{
  "not_sure": [0.4, 0.6],
  "operating_points": [
    {"point_id": "balanced", "threshold": 0.5, "sensitivity": 0.95, "sensitivity_interval": [0.92, 0.97],
     "specificity": 0.9, "specificity_interval": [0.86, 0.93], "measured_on": "a test set"},
    {"point_id": "never", "threshold": 1.5, "sensitivity": 0.0, "sensitivity_interval": [0.0, 0.1],
     "specificity": 1.0, "specificity_interval": [0.9, 1.0], "measured_on": "a test set"}
  ]
}
"""


@pytest.fixture
def place(tmp_path):
    place = fake_showcase(tmp_path)
    yield place
    place.close()


@pytest.fixture
def measured(tmp_path):
    """A chest model that has operating points."""
    folder = tmp_path / "fake-chest-xray"
    folder.mkdir()
    (folder / "calibration.json").write_text(CALIBRATION)


@pytest.fixture
def client(place):
    return client_of(place)


def send(client, *files, **fields):
    return client.post(STUDIES, files=[("files", file) for file in files], data=fields)


def studies_of(response):
    assert response.status_code == 200, response.text
    return response.json()["studies"]


def png(label="bacterial", *, name="a.png"):
    return name, packed(x_ray(label))


def test_studies_come_back_most_urgent_first_and_none_is_left_out(client, measured):
    answer = send(client, png("normal", name="n.png"), png("viral", name="v.png"), ("t.png", b"text"))

    found = studies_of(answer)
    assert [study["name"] for study in found] == ["v.png", "t.png", "n.png"]
    assert [study["priority"] for study in found] == ["urgent", "needs a person", "routine"]
    (finding,) = found[0]["findings"]
    assert (finding["name"], finding["band"]) == ("pneumonia-like opacity", "likely")
    assert finding["score"] == pytest.approx(sum(part["score"] for part in finding["parts"]), abs=1e-3)
    assert found[0]["refused"] is None
    assert found[0]["uncertainty"]["copies"] == 8
    assert (found[1]["findings"], found[1]["uncertainty"]) == ([], None)
    assert found[1]["refused"]["code"] == "unreadable"
    assert {study["caveat"] for study in found} == {CAVEAT}
    body = answer.json()
    assert body["operating_point"]["id"] == "balanced"
    assert body["operating_point"]["sensitivity_interval"] == [0.92, 0.97]
    assert (body["model"], body["tier"], body["device"]) == ("fake-chest-xray", "starter", "CPU")
    assert body["order"].startswith("Urgent first")


def test_another_operating_point_gives_another_priority(client, measured):
    (study,) = studies_of(send(client, png("viral"), operating_point="never"))

    assert study["priority"] != "urgent"
    message = error_of(send(client, png(), operating_point="best"), 422, "invalid_input")
    assert "balanced, never" in message


def test_a_model_that_nobody_measured_has_no_figures(client):
    point = send(client, png()).json()["operating_point"]

    assert (point["id"], point["threshold"], point["sensitivity"]) == ("unmeasured", 0.5, None)


def test_a_refusal_speaks_the_callers_language(client):
    files = {"files": ("photo.png", packed(phantoms.landscape()))}

    answer = client.post(STUDIES, files=files, headers={"Accept-Language": "zh"})

    (study,) = studies_of(answer)
    assert study["refused"]["code"] == "colour"
    assert study["refused"]["reason"]


def test_archives_and_dicom_files_are_taken_too(client):
    packed_files = io.BytesIO()
    with zipfile.ZipFile(packed_files, "w") as archive:
        archive.writestr("one.png", packed(x_ray("viral")))
        archive.writestr("folder/two.png", packed(x_ray("normal")))
    ramp = np.tile(np.linspace(1000, 3100, 128), (128, 1)).astype(np.uint16)

    found = studies_of(
        send(
            client,
            ("all.zip", packed_files.getvalue()),
            ("x.dcm", dicom_file(ramp, PatientName="Mustermann^Erika")),
        )
    )

    assert sorted(study["name"] for study in found) == ["one.png", "two.png", "x.dcm"]
    (dicom,) = [study for study in found if study["name"] == "x.dcm"]
    assert dicom["refused"] is None
    assert "PatientName" in dicom["stripped_tags"]


def test_no_file_and_too_many_are_refused(client):
    error_of(client.post(STUDIES), 422, "invalid_input")
    error_of(send(client, *[png()] * (MAX_STUDIES + 1)), 413, "input_too_large")
    packed_files = io.BytesIO()
    with zipfile.ZipFile(packed_files, "w") as archive:
        for number in range(MAX_STUDIES + 1):
            archive.writestr(f"{number}.png", b"x")
    error_of(send(client, ("all.zip", packed_files.getvalue())), 413, "input_too_large")


def test_a_model_with_one_answer_for_everything_is_an_error(tmp_path):
    def load(spec, folder, device):
        engine = load_fake(spec, folder, device)
        return Constant(device, engine.labels) if spec.roles == ("chest-xray",) else engine

    place = fake_showcase(tmp_path, load=load)

    message = error_of(send(client_of(place), png()), 500, "inference_failed")

    assert "one and the same answer" in message
    place.close()


def test_names_and_pixels_reach_neither_the_database_nor_the_log_nor_a_disk(
    place, tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.DEBUG)
    rolled = []
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile, "rollover", lambda self: rolled.append(self), raising=True
    )
    noise = np.random.default_rng(0).integers(0, 255, (1200, 1200), dtype=np.uint8)
    large = packed(np.repeat(noise[:, :, None], 3, axis=2))
    tags = {"PatientName": "Mustermann^Erika", "PatientID": "4711-0815"}
    assert len(large) > 2**20

    answer = send(
        client_of(place), (NAME, large), (NAME, b"broken"), ("x.dcm", dicom_file(**tags)), png(name=NAME)
    )

    assert len(studies_of(answer)) == 4
    assert rolled == []
    rows = place.store.triage_rows()
    assert {row.study_id for row in rows} == {study["study_id"] for study in studies_of(answer)}
    assert {row.request_id for row in rows} == {answer.json()["request_id"]}
    assert {row.front for row in rows} == {"api"}
    place.store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"IDAT" not in written
    for secret in (NAME, "Mustermann", "4711-0815"):
        assert secret.encode() not in written
        assert secret not in caplog.text
    assert "4711-0815" not in answer.text


@pytest.mark.parametrize("spelling", ["multipart/form-data", "Multipart/Form-Data"])
def test_uploads_stay_in_memory_whatever_the_case_of_their_type(client, monkeypatch, spelling):
    rolled = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rolled.append)
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.png"\r\n\r\n'
    body = head + bytes(2 * 2**20) + b"\r\n--b--\r\n"

    answer = client.post(STUDIES, content=body, headers={"Content-Type": f"{spelling}; boundary=b"})

    assert [study["name"] for study in studies_of(answer)] == ["x.png"]
    assert rolled == []


def test_the_pages_uploads_stay_in_memory(tmp_path):
    # In a process of its own: building the API sets the same, and the pages must not depend on that.
    code = (
        "import streamlit_app, starlette.formparsers as parsers; "
        "assert parsers.MultiPartParser.spool_max_size > 2**30"
    )
    environment = {**os.environ, "VITRINE_DATABASE_URL": f"sqlite:///{tmp_path / 'vitrine.db'}"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, timeout=120)


def test_the_example_of_the_document_has_the_shape_of_a_reply(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]

    answer = send(client, png()).json()

    example = schemas["TriageResponse"]["example"]
    assert answer.keys() == example.keys()
    # The document leaves out what is null in an example.
    assert answer["studies"][0].keys() - {"refused"} == example["studies"][0].keys()
    assert answer["operating_point"].keys() == example["operating_point"].keys()
