"""Text generation at an OpenAI-compatible endpoint (vLLM, Ollama, a provider): each answer on its own connection.

The key is known to the client only: what it raises is told in our own words, without its cause.
"""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import openai
from openai.types.chat import ChatCompletionChunk

from core.catalog import ModelSpec
from core.device import Device
from core.engines._growing_text import StopStrings
from core.engines._openai_failures import BROKEN_OFF, NO_ANSWER, explained
from core.errors import N_, InferenceError, ModelLoadError
from core.types import Generation, GenerationItem, Step

# To connect is quick or hopeless; the first token may wait for the endpoint's own queue.
CONNECT_S = 3.0
READ_S = 60.0
# Tries again (with growing pauses) before the first token of an answer; after it, never.
RETRIES = 2
# The client would otherwise take a key from the environment that is meant for somebody else.
NO_KEY = "no-key-was-set"
# Statuses of an endpoint that has no list of its models.
NO_LIST = (404, 405, 501)


class OpenAIChatEngine:
    """A model elsewhere as core.remote_streams.RemoteWriter: GenerationItem in, Steps out, at the end a Generation."""

    def __init__(self, client: openai.AsyncOpenAI, spec: ModelSpec, remote_name: str) -> None:
        self._client = client
        self._secret = client.api_key
        self._spec = spec
        self._remote_name = remote_name
        host = urlsplit(spec.endpoint).hostname
        self.device = Device("remote", host or "remote", "", budget_mb=0.0)

    async def stream(self, item: GenerationItem) -> AsyncIterator[Step]:
        """The text as it comes; closing this closes the connection. Raises a DemoError for every failure."""
        answer = _Answer(item)
        with explained(self._spec, secret=self._secret):
            chunks = await self._ask(item)
        async with chunks:
            with explained(self._spec, secret=self._secret, is_midway=True):
                async for chunk in chunks:
                    yield Step(answer.add(chunk))
                    if answer.is_stopped:
                        break
        yield answer.end(self._spec)

    async def aclose(self) -> None:
        await self._client.close()

    def close(self) -> None:
        """The connections were closed on their own thread."""

    async def _ask(self, item: GenerationItem) -> openai.AsyncStream[ChatCompletionChunk]:
        options = item.options
        return await self._client.chat.completions.create(
            model=self._remote_name,
            messages=[{"role": message.role, "content": message.content} for message in item.messages],
            max_tokens=options.max_new_tokens,
            temperature=options.temperature,
            top_p=options.top_p,
            seed=options.seed,
            stop=list(options.stop) or openai.omit,
            stream=True,
            stream_options={"include_usage": True},
        )


class _Answer:
    """One answer as its chunks come in."""

    def __init__(self, item: GenerationItem) -> None:
        # The endpoint is asked to stop as well, but not every one does.
        self._gate = StopStrings(item.options.stop)
        self._reason: str | None = None
        self._tokens = 0

    @property
    def is_stopped(self) -> bool:
        return self._gate.is_stopped

    def add(self, chunk: object) -> str:
        """The text that is new. The client checks no chunk's shape: what is missing counts as empty."""
        choices = getattr(chunk, "choices", None) or [None]
        content = getattr(getattr(choices[0], "delta", None), "content", None)
        self._reason = getattr(choices[0], "finish_reason", None) or self._reason
        counted = getattr(getattr(chunk, "usage", None), "completion_tokens", None)
        # Until the endpoint counts for us, a chunk is about a token.
        self._tokens = counted or self._tokens + bool(content)
        return self._gate.pass_on(content) if isinstance(content, str) else ""

    def end(self, spec: ModelSpec) -> Step:
        """The last step. Raises InferenceError when the endpoint broke off, or gave no answer at all."""
        if not self._reason and not self.is_stopped:
            message = BROKEN_OFF if self._gate.text else NO_ANSWER
            raise InferenceError(message, model=spec.title)
        rest = self._gate.finish()
        reason = "length" if self._reason == "length" else "stop"
        return Step(rest, Generation(self._gate.text, reason, self._tokens))


def connect(spec: ModelSpec, *, api_key: str | None) -> OpenAIChatEngine:
    """Call the endpoint and see that it lets us in; without a name, its first model is taken.

    Raises ModelLoadError, so that another model can serve instead.
    """
    settings = {
        "base_url": spec.endpoint,
        "api_key": api_key or NO_KEY,
        "max_retries": RETRIES,
        "timeout": httpx2.Timeout(READ_S, connect=CONNECT_S),
    }
    with explained(spec, secret=settings["api_key"], kind=ModelLoadError):
        names = _names(settings)
    if not (remote_name := spec.remote_name or next(iter(names), None)):
        raise ModelLoadError(_NO_MODELS)
    return OpenAIChatEngine(openai.AsyncOpenAI(**settings), spec, remote_name)


def _names(settings: dict) -> list[str]:
    """What the endpoint says that it serves; some serve without saying."""
    with openai.OpenAI(**settings | {"max_retries": 0}) as client:
        try:
            return [model.id for model in client.models.list().data or []]
        except openai.APIStatusError as failure:
            if failure.status_code in NO_LIST:
                return []
            raise


_NO_MODELS = N_("The endpoint does not say which models it has. Set VITRINE_LLM_MODEL to the name of one.")
