"""Translation for programs: texts with their checks, and whole files."""

import time
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Response, UploadFile

from api.calls import CallDep
from api.documented import errors
from api.schemas import Text
from api.translation_schemas import (
    ChecksOut,
    DetectedOut,
    Language,
    TermOut,
    TokenOut,
    TranslateRequest,
    TranslateResponse,
    TranslationOut,
)
from core.deadlines import Deadline
from core.errors import N_, InputTooLargeError
from core.limits import MAX_TRANSLATION_CHARS
from core.scenarios.translation import files
from core.scenarios.translation.files.translating import GrowingDocument
from core.scenarios.translation.glossary_file import read_glossary
from core.scenarios.translation.results import Translation
from core.scenarios.translation.translating import TranslationOptions, finish, translate_texts
from core.scenarios.translation.words import require_text
from core.showcase import Showcase

router = APIRouter(prefix="/translation", tags=["translation"])
MEDIA_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
FILE = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
File_ = Annotated[UploadFile, File(description=f"{', '.join(files.SUFFIXES)}; 5 MB at most.")]
Glossary = Annotated[
    Text, Form(max_length=100_000, description="CSV: a term, a comma and its translation on each line.")
]


@router.post("/translate", summary="Translate texts", responses=errors(400, 413, 503, 504))
async def translate(asked: TranslateRequest, call: CallDep) -> TranslateResponse:
    """Translate between English and Chinese; say of each protected token and term what became of it."""
    return await call.run("translate", _translate, asked, call.visitor.request_id)


@router.post(
    "/files",
    summary="Translate a file",
    responses=errors(400, 413, 503, 504) | FILE,
    response_class=Response,
    form_limits={"max_files": 1, "max_fields": 8},
)
async def translate_file(
    file: File_,
    call: CallDep,
    target: Annotated[Language, Form()],
    source: Annotated[Language | None, Form()] = None,
    glossary: Glossary = "",
    model: Annotated[Text | None, Form(description="An id from GET /api/models.")] = None,
) -> Response:
    """The same file in the other language, its structure kept. Headers say which model did it."""
    terms = read_glossary("glossary.csv", glossary.encode()) if glossary.strip() else ()
    options = TranslationOptions(target=target, source=source, glossary=terms, model_id=model)
    return await call.run("translate-file", _translate_file, file, options, call.calls.reading)


def _translate(place: Showcase, asked: TranslateRequest, request_id: str) -> TranslateResponse:
    started_s = time.perf_counter()
    total = sum(map(len, asked.texts))
    if total > MAX_TRANSLATION_CHARS:
        message = N_("Keep the texts under {limit} characters together (these have {count}).")
        raise InputTooLargeError(message, limit=MAX_TRANSLATION_CHARS, count=total)
    for text in asked.texts:
        require_text(text, MAX_TRANSLATION_CHARS)
    translations = finish(
        Deadline(place.limits.deadline_s).steps(translate_texts(place.models, asked.texts, asked.options()))
    )
    use = next((each.model for each in translations if each.model), None)
    return TranslateResponse(
        translations=[_translation(each) for each in translations],
        model=use and use.model_id,
        tier=use and use.tier,
        device=use and use.device,
        elapsed_ms=round(1000 * (time.perf_counter() - started_s), 3),
        request_id=request_id,
    )


def _translate_file(
    place: Showcase, file: UploadFile, options: TranslationOptions, reading: object
) -> Response:
    with reading:
        document = files.read(file.filename or "", file.file.read())
    growing = GrowingDocument.begin(document, options)
    finish(Deadline(place.limits.deadline_s).steps(growing.steps(place.models)))
    with reading:
        content = growing.written()
    name = quote(growing.file_name)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    if growing.model:
        headers |= {
            "X-Model": growing.model.model_id,
            "X-Model-Tier": growing.model.tier,
            "X-Model-Device": growing.model.device,
            "X-Elapsed-Ms": f"{growing.model.elapsed_ms:.3f}",
        }
    return Response(content, media_type=MEDIA_TYPES.get(document.kind, MEDIA_TYPES["txt"]), headers=headers)


def _translation(translation: Translation) -> TranslationOut:
    return TranslationOut(
        text=translation.text,
        alternatives=list(translation.alternatives),
        checks=_checks(translation),
        source=translation.source,
        detected=DetectedOut(
            language=translation.detected.language, confidence=translation.detected.confidence
        ),
    )


def _checks(translation: Translation) -> ChecksOut:
    tokens = [TokenOut(token=each.token, kind=each.kind, whole=each.is_whole) for each in translation.checks]
    terms = [
        TermOut(
            source=check.term.source,
            target=check.term.target,
            respected=check.is_respected,
            spans=list(check.spans),
        )
        for check in translation.terms
    ]
    return ChecksOut(tokens=tokens, terms=terms)
