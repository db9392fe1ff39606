"""What a visitor takes along: the call for the API with the current input, and the sentences as a file."""

from components.translation_jobs import Job
from core.demos import Demo
from core.scenarios.translation.results import Translation
from core.scenarios.translation.translating import TranslationOptions


def body(demo: Demo, job: Job | None, options: TranslationOptions) -> dict:
    """The body of the call that gives the same translation."""
    request = job.work.request if job else None
    used = request or options
    text = request.text if request else demo.examples[0].text
    document: dict = {"texts": [text], "target": used.target}
    if used.source:
        document["source"] = used.source
    if used.alternatives:
        document["alternatives"] = used.alternatives
    if used.glossary:
        document["glossary"] = [{"source": term.source, "target": term.target} for term in used.glossary]
    return document


def rows(job: Job | None) -> list[dict]:
    """The sentences of the translation as rows for a file."""
    return _rows(job.work.so_far()) if job else []


def _rows(translation: Translation) -> list[dict]:
    model_id = translation.model.model_id if translation.model else ""
    return [
        {
            "source": segment.source,
            "target": segment.target,
            "alternatives": list(segment.alternatives),
            "from_memory": segment.from_memory,
            "tokens_whole": all(check.is_whole for check in segment.checks),
            "source_language": translation.source,
            "target_language": translation.target,
            "model": model_id,
        }
        for segment in translation.segments
    ]
