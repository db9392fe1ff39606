"""Facts of invented briefs: drawn from the tables, written as people write them in a brief, said as sentences."""

import random
import re
from dataclasses import dataclass
from functools import cache

from training._writer_spin import noun_phrase, spin, table, verb_phrase

PRONOUNS = {False: ("It", "it", "it", "Its"), True: ("They", "they", "them", "Their")}
COUNTABLE = re.compile(r"^(a|an|the) ")


@dataclass(frozen=True)
class Fact:
    """`form` says how `text` can be used: np, vp, adj, base, sent, kv or what; `key` is there for kv alone."""

    form: str
    text: str
    key: str = ""


@dataclass(frozen=True)
class Subject:
    """What is written about: as in the brief, as in a sentence, its kind, its number and a noun for it."""

    name: str
    spoken: str
    kind: str
    plural: bool
    noun: str
    """Empty when the name says it already."""


@cache
def category_lines(index: int) -> tuple[tuple[str, str], ...]:
    """The facts of a category, (form, template) each, its own twice as likely as those of its kind."""
    category = table("categories")["category"][index]
    own = category["facts"].strip().splitlines()
    shared = table("categories")["shared"].get(category["kind"], "").strip().splitlines()
    return tuple(tuple(line.split(" ", 1)) for line in own + own + shared)


def draw_fact(index: int, plural: bool, rng: random.Random, wild: tuple[Fact, ...] = ()) -> Fact:
    """A fact that suits the category, or any fact at all: what people will type was not foreseen either."""
    chance = rng.random()
    if chance < 0.13:
        return Fact("np", noun_phrase(rng))
    if chance < 0.22:
        return Fact("vp", verb_phrase(rng, plural=plural))
    if chance < 0.36 and wild:
        return rng.choice(wild)
    if chance < 0.42:
        index = rng.randrange(len(table("categories")["category"]))
        plural = table("categories")["category"][index].get("number") == "pl"
    form, template = rng.choice(category_lines(index))
    text = spin(template, rng, plural=plural)
    if form == "kv":
        key, text = text.split(": ", 1)
        return Fact("kv", text, key)
    return Fact(form, text)


def briefed(fact: Fact, subject: Subject, rng: random.Random) -> str:
    """The fact as somebody would put it into a brief."""
    it, lower, _, _ = PRONOUNS[subject.plural]
    text = fact.text
    if fact.form in ("np", "what"):
        text = rng.choices([COUNTABLE.sub("", text), text], [3, 1])[0]
    if fact.form == "kv":
        text = rng.choices([f"{fact.key}: {text}", f"{fact.key} {text}"], [9, 1])[0]
    if fact.form == "vp":
        text = rng.choices([text, f"{lower} {text}", f"{subject.name} {text}"], [16, 3, 1])[0]
    if fact.form == "adj":
        text = rng.choices([text, f"{lower} {'are' if subject.plural else 'is'} {text}"], [9, 1])[0]
    if fact.form == "base":
        text = rng.choices([text, f"you can {text}", f"lets you {text}"], [4, 3, 2 - 2 * subject.plural])[0]
    if rng.random() < 0.6 and not text.startswith(subject.name):
        text = capital(text)
    if fact.form == "sent" and rng.random() < 0.3:
        text += "."
    return text


def group(facts: list[Fact], rng: random.Random) -> list[Fact]:
    """Neighbours of one form made one: "free parking and a quiz"."""
    joined: list[Fact] = []
    sizes: list[int] = []
    most = rng.choice([1, 2, 2, 3])
    for fact in facts:
        same = joined and fact.form == joined[-1].form and fact.form in ("np", "vp", "adj", "base")
        if same and sizes[-1] < most:
            sizes[-1] += 1
            joined[-1] = Fact(fact.form, f"{joined[-1].text}\n{fact.text}")
        else:
            joined.append(fact)
            sizes.append(1)
    return [Fact(fact.form, _enumerated(fact.text), fact.key) for fact in joined]


def fact_slots(fact: Fact) -> dict[str, str]:
    """What the templates for facts may refer to."""
    is_one = COUNTABLE.match(fact.text) is not None or not re.match(r"\d|\w+s\b|\w+ \w+s\b", fact.text)
    plural_key = fact.key.endswith("s") and fact.key != "address"
    return {
        "X": fact.text,
        "S": capital(fact.text),
        "K": capital(fact.key),
        "k": fact.key,
        "IS": "are" if plural_key else "is",
        "THERE": "There is" if is_one else "There are",
        "there": "there is" if is_one else "there are",
    }


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _enumerated(text: str) -> str:
    *others, last = text.split("\n")
    return f"{', '.join(others)} and {last}" if others else last
