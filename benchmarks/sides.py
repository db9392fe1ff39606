"""How each server is asked for an answer, a label, a translation, a text: a method for each case, of its name."""

import json
import time
from collections.abc import Callable, Iterator

from benchmarks import inputs
from benchmarks.asking import AskError, Line, Reply, events

CASES = {
    "question": "Question → answer",
    "picture": "Classify a picture",
    "translate": "Translate a paragraph",
    "write": f"Stream a text of up to {inputs.NEW_TOKENS} tokens",
}
Ask = Callable[[Line, int], Reply]
"""Ask one thing over this line and read the whole answer; the number says which of several inputs."""


class Vitrine:
    """The routes of Vitrine's API."""

    @staticmethod
    def question(line: Line, number: int) -> Reply:
        body = {"question": inputs.question(number)}
        return _whole(lambda: line.post_json("/api/customer-service/answer", body).read())

    @staticmethod
    def picture(line: Line, number: int) -> Reply:
        content, path = inputs.picture(number), "/api/images/classify"
        return _whole(lambda: line.post_file(path, content, field="files", name="picture.jpg").read())

    @staticmethod
    def triage(line: Line, number: int) -> Reply:
        content, path = inputs.study(number), "/api/triage/studies"
        return _whole(lambda: line.post_file(path, content, field="files", name="study.png").read())

    @staticmethod
    def translate(line: Line, number: int) -> Reply:
        body = {"texts": [inputs.PARAGRAPH], "source": "en", "target": "zh"}
        return _whole(lambda: line.post_json("/api/translation/translate", body).read())

    @staticmethod
    def write(line: Line, number: int) -> Reply:
        brief = inputs.BRIEF
        asked = {"product": brief.product, "facts": list(brief.facts), "max_words": brief.max_words}
        body = asked | {"max_new_tokens": inputs.NEW_TOKENS, "seed": number, "stream": True}
        return _growing(line, _vitrine_pieces(line, body))


class Gradio:
    """The queue that Gradio's own clients ask."""

    @staticmethod
    def question(line: Line, number: int) -> Reply:
        return _whole(lambda: _last(_gradio(line, "chat", [inputs.question(number)])))

    @staticmethod
    def picture(line: Line, number: int) -> Reply:
        return _whole(lambda: _last(_gradio_picture(line, inputs.picture(number))))

    @staticmethod
    def translate(line: Line, number: int) -> Reply:
        return _whole(lambda: _last(_gradio(line, "translate", [inputs.PARAGRAPH])))

    @staticmethod
    def write(line: Line, number: int) -> Reply:
        return _growing(line, _grown(_gradio(line, "write", [inputs.prompt(), inputs.NEW_TOKENS])))


class FastAPI:
    """The routes of the plain FastAPI server."""

    @staticmethod
    def question(line: Line, number: int) -> Reply:
        return _whole(lambda: line.post_json("/answer", {"text": inputs.question(number)}).read())

    @staticmethod
    def picture(line: Line, number: int) -> Reply:
        content = inputs.picture(number)
        return _whole(lambda: line.post_file("/classify", content, field="file", name="picture.jpg").read())

    @staticmethod
    def translate(line: Line, number: int) -> Reply:
        return _whole(lambda: line.post_json("/translate", {"text": inputs.PARAGRAPH}).read())

    @staticmethod
    def write(line: Line, number: int) -> Reply:
        body = {"text": inputs.prompt(), "max_new_tokens": inputs.NEW_TOKENS}
        return _growing(line, _plain_pieces(line, body))


SIDES = {"vitrine": Vitrine, "gradio": Gradio, "fastapi": FastAPI}


def ask_of(server: str, case: str) -> Ask:
    """How a server of this name is asked; gradio-tuned is asked as gradio is."""
    return getattr(SIDES[server.partition("-")[0]], case)


def _whole(ask: Callable[[], object]) -> Reply:
    """The reply to what is answered in one go."""
    began_s = time.perf_counter()
    ask()
    took_s = time.perf_counter() - began_s
    return Reply(took_s, took_s)


def _growing(line: Line, pieces: Iterator[str]) -> Reply:
    """The reply to what comes piece by piece; `pieces` asks when it is first read."""
    began_s, first_s, chars = time.perf_counter(), 0.0, 0
    for piece in pieces:
        first_s = first_s or (time.perf_counter() - began_s if piece else 0.0)
        chars += len(piece)
        line.chars += len(piece)
    return Reply(first_s, time.perf_counter() - began_s, chars)


def _vitrine_pieces(line: Line, body: dict) -> Iterator[str]:
    for event, data in events(line.post_json("/api/content/generate", body)):
        if event == "error":
            raise AskError(f"vitrine: {data}")
        if event == "piece":
            yield data["text"]


def _plain_pieces(line: Line, body: dict) -> Iterator[str]:
    response = line.post_json("/write", body)
    while piece := response.read1():
        yield piece.decode(errors="replace")


def _gradio(line: Line, name: str, values: list) -> Iterator[object]:
    """The values of an answer as they grow."""
    event_id = json.load(line.post_json(f"/gradio_api/call/{name}", {"data": values}))["event_id"]
    for event, data in events(line.get(f"/gradio_api/call/{name}/{event_id}")):
        if event == "error":
            raise AskError(f"gradio: {data}")
        if event in ("generating", "complete") and data:
            yield data[0]


def _gradio_picture(line: Line, content: bytes) -> Iterator[object]:
    """Upload, then ask: two steps, as in the browser."""
    path = json.load(line.post_file("/gradio_api/upload", content, field="files", name="picture.jpg"))[0]
    yield from _gradio(line, "classify", [{"path": path, "meta": {"_type": "gradio.FileData"}}])


def _grown(texts: Iterator[str]) -> Iterator[str]:
    """What is new in each of the texts so far."""
    length = 0
    for text in texts:
        yield text[length:]
        length = len(text)


def _last(values: Iterator[object]) -> object:
    found = list(values)
    if not found:
        raise AskError("gradio: the stream ended without an answer")
    return found[-1]
