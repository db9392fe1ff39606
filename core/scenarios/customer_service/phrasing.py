"""A writer puts the cited passages into an answer of its own; what no passage says is not shown."""

import time
from collections.abc import Generator

from core.catalog import ModelSpec
from core.errors import ModelLoadError
from core.pool import ModelPool
from core.scenarios.customer_service.answering import Phrasing, Reply
from core.scenarios.customer_service.policy import Decision
from core.scenarios.customer_service.support import unsupported
from core.types import ChatMessage, GenerationItem, GenerationOptions, Tier

WRITER = "writer"
# Three sentences at most; what is longer is no answer to a customer.
OPTIONS = GenerationOptions(max_new_tokens=160, temperature=0.0)
# More passages than these would be about something else.
PASSAGES = 2

_LANGUAGES = {"en": "English", "zh": "Chinese"}
_TASK = """\
You answer customers of a company. Use only the passages, and nothing else that you know. \
Write one to three sentences in {language}. Keep numbers, names and addresses exactly as they are."""
_REQUEST = """\
Passages:
{passages}

Question: {question}"""


def writer_for(models: ModelPool, reply: Reply) -> ModelSpec | None:
    """The model that may phrase this reply: none without an answer, nor where no writer but a starter is at hand."""
    if reply.decision is not Decision.ANSWER or not models.catalog.candidates(WRITER):
        return None
    try:
        spec = models.pick(WRITER)
    except ModelLoadError:
        return None
    return None if spec.tier is Tier.STARTER else spec


def phrase(models: ModelPool, writer: ModelSpec, reply: Reply) -> Generator[str, None, Phrasing]:
    """Stream the answer in the writer's words, and return it with what no passage supports.

    Closing the generator stops the model. Raises what the pool raises.
    """
    started_s = time.perf_counter()
    written = yield from models.stream(writer, GenerationItem(messages(reply), OPTIONS))
    text = written.text.strip()
    left = unsupported(models, text, _passages(reply))
    elapsed_ms = 1000 * (time.perf_counter() - started_s)
    return Phrasing(text, left, models.use(writer, elapsed_ms))


def messages(reply: Reply) -> tuple[ChatMessage, ...]:
    """What the writer is told: its task, the cited passages and the question."""
    numbered = "\n".join(f"[{number}] {passage}" for number, passage in enumerate(_passages(reply), start=1))
    request = _REQUEST.format(passages=numbered, question=reply.question.text)
    task = _TASK.format(language=_LANGUAGES[reply.language])
    return (ChatMessage("system", task), ChatMessage("user", request))


def _passages(reply: Reply) -> list[str]:
    """What the answer rests on: the best entry, and what reaches the threshold beside it."""
    others = [match for match in reply.matches[1:PASSAGES] if match.score >= reply.policy.threshold]
    return [match.entry.answer for match in (reply.matches[0], *others)]
