"""Sentences from templates: [a|b] picks one, {it/they} follows the number, <slots> are drawn or given."""

import random
import re
import string
import tomllib
from functools import cache
from pathlib import Path

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NUMBER = re.compile(r"\{([^{}/]*)/([^{}]*)\}")
_SLOT = re.compile(r"<(\w+)(?::(\d+)-(\d+))?>")


@cache
def table(name: str) -> dict:
    """One of the tables beside this file, as read."""
    return tomllib.loads(Path(__file__).with_name(f"writer_{name}.toml").read_text("utf-8"))


@cache
def words(name: str) -> tuple[str, ...]:
    """A list of writer_words.toml: separated by bars, or else by blanks."""
    text = table("words")[name]
    return tuple(part.replace("\n", " ") for part in (text.split("|") if "|" in text else text.split()))


def spin(
    template: str, rng: random.Random, *, plural: bool = False, slots: dict[str, str] | None = None
) -> str:
    """One reading of `template`; slots that aren't given are drawn at random."""
    while _CHOICE.search(template):
        template = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), template)
    template = _NUMBER.sub(lambda found: found[2 if plural else 1], template)
    given = slots or {}
    return _SLOT.sub(lambda found: given[found[1]] if found[1] in given else _drawn(found, rng), template)


def invented_name(rng: random.Random) -> str:
    """A name that nothing is called yet, in one of many shapes."""
    shape = rng.random()
    if shape < 0.34:
        return _suffixed(_syllables(rng), rng, 0.3)
    if shape < 0.46:
        return "".join(word.capitalize() for word in rng.sample(words("name_words"), 2))
    if shape < 0.72:
        return _suffixed(
            " ".join(word.capitalize() for word in rng.sample(words("name_words"), 2)), rng, 0.25
        )
    if shape < 0.82:
        return _suffixed(rng.choice(words("name_words")).capitalize(), rng, 0.7)
    if shape < 0.88:
        return _syllables(rng).lower() + rng.choice(["", ".io", "ly", "kit", "-go", "2"])
    if shape < 0.92:
        return "".join(rng.choices(string.ascii_uppercase, k=rng.randint(2, 4))) + rng.choice(
            ["", "-1", "-X", " 7", "-200"]
        )
    return f"{rng.choice(words('first_names'))}'s {rng.choice(words('name_words')).capitalize()}"


def noun_phrase(rng: random.Random) -> str:
    """Some thing with its article, such as "a foldable oak shelf"."""
    parts = [rng.choice(words("nouns"))]
    if rng.random() < 0.6:
        parts.insert(0, rng.choice(words("modifiers")))
    if rng.random() < 0.2:
        figure = f"{rng.randint(2, 90) * rng.choice([1, 1, 10, 100]):,}"
        return with_article(f"{figure}{rng.choice('- ')}{rng.choice(words('units'))} {' '.join(parts)}")
    if rng.random() < 0.7:
        parts.insert(0, rng.choice(words("adjectives")))
    shape = rng.random()
    if shape < 0.25:
        return f"{rng.choice(['two', 'three', 'four', str(rng.randint(2, 90))])} {_plural(' '.join(parts))}"
    if shape < 0.45:
        return _plural(" ".join(parts))
    return with_article(" ".join(parts))


def verb_phrase(rng: random.Random, *, plural: bool) -> str:
    """Something that it does, such as "lifts wet towels in seconds"."""
    verb = rng.choice(words("verbs"))
    thing = noun_phrase(rng) if rng.random() < 0.8 else rng.choice(["everything", "all of it", "the rest"])
    tail = " " + spin(rng.choice(words("tails")), rng) if rng.random() < 0.5 else ""
    return f"{_without_s(verb) if plural else verb} {thing}{tail}"


def with_article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeio8' else 'a'} {noun}"


def _syllables(rng: random.Random) -> str:
    name = rng.choice(words("starts")) + rng.choice(words("vowels"))
    if rng.random() < 0.6:
        name += rng.choice(words("middles")) + rng.choice(words("vowels"))
    return (name + rng.choice(words("middles")) + rng.choice(words("ends"))).capitalize()


def _suffixed(name: str, rng: random.Random, share: float) -> str:
    return f"{name} {spin(rng.choice(words('suffixes')), rng)}" if rng.random() < share else name


def _plural(phrase: str) -> str:
    if phrase.endswith("y") and phrase[-2] not in "aeiou":
        return phrase[:-1] + "ies"
    return phrase + ("es" if phrase.endswith(("s", "x", "ch", "sh")) else "s")


def _without_s(verb: str) -> str:
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    return verb[:-2] if verb.endswith(("shes", "ches", "sses", "xes")) else verb[:-1]


def _drawn(found: re.Match[str], rng: random.Random) -> str:
    kind, low, high = found[1], found[2], found[3]
    if kind == "n":
        number = rng.randint(int(low), int(high))
        return f"{number:,}" if number >= 2100 and rng.random() < 0.6 else str(number)
    return _DRAWN[kind](rng)


def _price(rng: random.Random) -> str:
    amount = rng.choice(
        [rng.randint(2, 99), rng.randint(100, 990), rng.randint(2, 99) + 0.99, rng.randint(1, 9) + 0.5]
    )
    figure = f"{amount:.2f}" if isinstance(amount, float) else str(amount)
    return rng.choice(
        [f"${figure}", f"${figure}", f"€{figure}", f"£{figure}", f"{figure} euros", f"{figure} dollars"]
    )


def _time(rng: random.Random) -> str:
    hour, minute = rng.randint(6, 22), rng.choice(["00", "00", "15", "30", "45"])
    short = f"{(hour - 1) % 12 + 1}{'' if minute == '00' else ':' + minute}"
    return rng.choice([f"{hour}:{minute}", f"{short} {'am' if hour < 12 else 'pm'}", f"{hour}:{minute}"])


def _date(rng: random.Random) -> str:
    day, month = rng.randint(1, 28), rng.choice(words("months"))
    return rng.choice(
        [
            f"{day} {month}",
            f"{month} {day}",
            f"{rng.choice(words('weekdays'))}, {day} {month}",
            f"{day} {month} {rng.randint(2024, 2029)}",
            rng.choice(words("weekdays")),
        ]
    )


def _code(rng: random.Random) -> str:
    return rng.choice(words("name_words")).upper() + rng.choice(["", str(rng.randint(5, 90))])


def _host(rng: random.Random) -> str:
    ending = rng.choice([".com", ".org", ".io", ".example", ".co.uk"])
    return "".join(rng.choice(words("name_words")) for _ in range(2)) + ending


def _person(rng: random.Random) -> str:
    return f"{rng.choice(words('first_names'))} {rng.choice(words('last_names'))}"


_DRAWN = {
    "price": _price,
    "time": _time,
    "date": _date,
    "day": lambda rng: rng.choice(words("weekdays")),
    "city": lambda rng: rng.choice(words("cities")),
    "colour": lambda rng: rng.choice(words("colours")),
    "material": lambda rng: rng.choice(words("materials")),
    "name": lambda rng: rng.choice([_person(rng), invented_name(rng), rng.choice(words("last_names"))]),
    "host": _host,
    "CODE": _code,
    "tag": lambda rng: "".join(word.capitalize() for word in rng.sample(words("name_words"), 2)),
}
