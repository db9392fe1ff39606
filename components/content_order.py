"""What the form asks for: as an order for this page, and as a call of the API."""

import re
import secrets
from collections.abc import Callable
from dataclasses import asdict

import streamlit as st

from components.content_board import Order
from core.demos import Demo
from core.scenarios.content.brief import Brief
from core.scenarios.content.samples import sample_brief
from core.scenarios.content.variants import tokens_for
from core.types import GenerationOptions

_SEPARATORS = re.compile("[;；\n]")


def order(demo: Demo, model_id: str | None) -> Order:
    """What the form asks for now, as it is: the scenario checks it."""
    given = _given(demo)
    brief = Brief(
        given("product"),
        channel=given("channel"),
        facts=tuple(given("facts").split("\n")),
        audience=given("audience"),
        tone=given("tone"),
        max_words=int(given("max_words")),
        language=given("language"),
        must_say=tuple(_SEPARATORS.split(given("must_say"))),
        must_not_say=tuple(_SEPARATORS.split(given("must_not_say"))),
    )
    seed = given("seed")
    options = GenerationOptions(
        max_new_tokens=tokens_for(brief),
        temperature=given("temperature"),
        seed=secrets.randbelow(10**6) if seed is None else int(seed),
    )
    return Order(brief, options, int(given("variants")), model_id=model_id)


def body(demo: Demo, model_id: str | None) -> dict:
    """The body that asks the API for what the form asks for now, or for an example while the form is empty.

    Without a seed where that is random.
    """
    wanted = order(demo, model_id)
    is_filled = wanted.brief.product.strip()
    brief = asdict(wanted.brief if is_filled else sample_brief(demo.examples[0].example_id, "en"))
    lists = {name: _filled(value) for name, value in brief.items() if isinstance(value, tuple)}
    fields = {name: value for name, value in (brief | lists).items() if value}
    fields |= {"variants": wanted.n, "temperature": wanted.options.temperature}
    seed = _given(demo)("seed")
    return fields | ({} if seed is None else {"seed": seed}) | ({"model": model_id} if model_id else {})


def _filled(lines: tuple[str, ...]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _given(demo: Demo) -> Callable[[str], object]:
    return lambda name: st.session_state.get(f"{demo.key}_{name}", "")
