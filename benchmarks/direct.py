"""The bare model calls behind an answer: a scenario's own inputs, given to the engine without a queue or a server.

`python -m benchmarks.direct` reads a line of JSON, `[case, number]`, and writes the milliseconds that the engines took.
"""

import json
import sys
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from benchmarks import inputs
from core.catalog import ModelSpec
from core.pictures.decoding import decode_picture
from core.scenarios.content.variants import write_variants
from core.scenarios.embedding import embed, pick_embedders
from core.scenarios.images.classify import Classifier, classify
from core.scenarios.images.models import pick_model
from core.scenarios.translation.translating import TranslationRequest, finish, translate
from core.scenarios.triage.receiving import receive
from core.scenarios.triage.triaging import triage
from core.settings import Settings
from core.showcase import build
from core.types import Generation, GenerationItem, GenerationOptions


class Direct:
    """A pool that calls the engines without a queue, and counts the time that they take.

    All on one thread, as scenarios have threads of their own, and two that compute would slow each other down.
    """

    def __init__(self, models: Any) -> None:
        self._models = models
        self.spent_s = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._models, name)

    def predict(self, role: str | ModelSpec, item: Any) -> Any:
        return self.predict_many(role, [item])[0]

    def predict_many(self, role: str | ModelSpec, items: list, **_ignored: object) -> list:
        return self._computed(self._engine(role).predict, items)

    def predicting(
        self, role: str | ModelSpec, items: list, **_ignored: object
    ) -> Generator[str, None, list]:
        yield from ()
        return self.predict_many(role, items)

    def stream(self, role: str | ModelSpec, item: GenerationItem) -> Generator[str, None, Generation]:
        engine, row = self._engine(role), 0
        self._computed(engine.join, {row: item})
        while True:
            step = self._computed(engine.step).get(row)
            if step and step.text:
                yield step.text
            if step and step.end is not None:
                self._computed(engine.leave, [row])
                return step.end

    def _engine(self, role: str | ModelSpec) -> Any:
        spec = role if isinstance(role, ModelSpec) else self._models.pick(role)
        self._models.load(spec.model_id).wait(None)
        return self._models._residents.get(spec.model_id).engine

    def _computed(self, call: Callable[..., Any], *given: object) -> Any:
        return self._models._computing.run(self._timed, call, *given)

    def _timed(self, call: Callable[..., Any], *given: object) -> Any:
        began_s = time.perf_counter()
        try:
            return call(*given)
        finally:
            self.spent_s += time.perf_counter() - began_s


def question(models: Direct, number: int) -> None:
    asked = inputs.question(number)
    embed(models, asked, pick_embedders(models, ("embedder-en", "embedder-zh")))


def picture(models: Direct, number: int) -> None:
    decoded = decode_picture(inputs.picture(number), "picture.jpg")
    finish(classify(models, Classifier(pick_model(models)), [decoded]))


def translation(models: Direct, number: int) -> None:
    finish(translate(models, TranslationRequest(inputs.PARAGRAPH, source="en", target="zh")))


def writing(models: Direct, number: int) -> None:
    options = GenerationOptions(max_new_tokens=inputs.NEW_TOKENS, seed=number)
    finish(write_variants(models, inputs.BRIEF, options, 1))


def studies(models: Direct, number: int) -> None:
    finish(triage(models, receive([("study.png", inputs.study(number))]), done=[]))


CASES = {
    "question": question,
    "picture": picture,
    "translate": translation,
    "write": writing,
    "triage": studies,
}


def main() -> None:
    place = build(Settings(models="starter", warm_up=False))
    models = Direct(place.models)
    calls = {name: partial(case, models) for name, case in CASES.items()}
    print("ready", flush=True)
    for line in sys.stdin:
        case, number = json.loads(line)
        models.spent_s = 0.0
        calls[case](number)
        print(1000 * models.spent_s, flush=True)


if __name__ == "__main__":
    main()
