"""Restaurants of e2e-restaurants as briefs, the human texts in several guises, and restaurants made by rule."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.scenarios.content.brief import Brief
from training._writer_samples import Sample, count_words
from training._writer_slots import ATTRIBUTES, FOODS, PLACES, RATINGS, slots_invented, slots_said
from training._writer_spin import invented_name, table

KEYS = {
    "eatType": "type",
    "food": "food",
    "priceRange": "price range",
    "customer_rating": "customer rating",
    "area": "area",
    "familyFriendly": "family friendly",
    "near": "near",
}
PRICES = ["cheap", "moderate", "high", "less than £20", "£20-25", "more than £30"]


@dataclass(frozen=True)
class Restaurant:
    """One list of attributes with a text that somebody wrote for it."""

    name: str
    values: dict[str, str]
    text: str
    mr: str


def read_restaurants(folder: Path, split: str) -> list[Restaurant]:
    frame = pd.read_csv(folder / "e2e-restaurants" / "e2e_clean.csv.gz", keep_default_na=False)
    return [
        Restaurant(row["name"], {key: row[key] for key in ATTRIBUTES if row[key]}, row["text"], row["mr"])
        for row in frame[frame.split == split].to_dict("records")
    ]


def restaurant_brief(name: str, values: dict[str, str], *, max_words: int = 50) -> Brief:
    """The brief that asks for a restaurant's text, facts in the order given."""
    facts = tuple(f"{KEYS[key]}: {value}" for key, value in values.items())
    return Brief(name, facts=facts, tone="plain", max_words=max_words)


def clean_samples(folder: Path, rng: random.Random) -> list[Sample]:
    """The human texts of train that say all and only their attributes, each in four guises with other values."""
    samples = []
    for found in read_restaurants(folder, "train"):
        if not all(slots_said(found.values, found.name, found.text).values()):
            continue
        if slots_invented(found.values, found.name, found.text):
            continue
        for changes in range(4):
            samples.append(
                _varied(found, rng) if changes else _sample(found.name, found.values, found.text, rng)
            )
    return samples


def ruled_sample(rng: random.Random) -> Sample:
    """A restaurant and a text both made by rule: every value is as frequent as every other."""
    name = _restaurant_name(rng)
    values = {
        "eatType": rng.choice(PLACES),
        "food": rng.choice(FOODS),
        "priceRange": rng.choice(PRICES),
        "customer_rating": rng.choice(RATINGS),
        "area": rng.choice(["riverside", "city centre"]),
        "familyFriendly": rng.choice(["yes", "no"]),
        "near": _restaurant_name(rng),
    }
    kept = rng.sample(ATTRIBUTES, rng.randint(2, 7))
    values = {key: values[key] for key in ATTRIBUTES if key in kept}
    return _sample(name, values, _ruled_text(name, values, rng), rng)


def _sample(name: str, values: dict[str, str], text: str, rng: random.Random) -> Sample:
    keys = list(values)
    if rng.random() < 0.5:
        rng.shuffle(keys)
    words = count_words(text)
    limit = max(words, rng.choice([30, 40, 50, 50, 60])) if rng.random() < 0.8 else words + rng.randint(0, 5)
    return Sample(restaurant_brief(name, {key: values[key] for key in keys}, max_words=limit), text)


def _varied(found: Restaurant, rng: random.Random) -> Sample:
    """The same text about another restaurant: name, neighbour, food and type replaced where they stand literally."""
    values, text = dict(found.values), found.text
    name = _restaurant_name(rng)
    text = text.replace(found.name, name)
    if "near" in values:
        other = _restaurant_name(rng)
        text, values["near"] = text.replace(values["near"], other), other
    food = values.get("food")
    if food and re.search(rf"{food} (?:food|cuisine|dishes)", text):
        values["food"] = rng.choice(FOODS)
        spoken = values["food"] if values["food"] != "Fast food" else "fast"
        text = re.sub(
            rf"{food} (?:cuisine|dishes)" if spoken == "fast" else food,
            f"{spoken} food" if spoken == "fast" else spoken,
            text,
        )
        text = text.replace(f"{food} food", f"{spoken} food")
    place = values.get("eatType")
    if place and len(re.findall(place, text)) == 1:
        values["eatType"] = rng.choice(PLACES)
        text = text.replace(place, values["eatType"])
    ok = all(slots_said(values, name, text).values()) and not slots_invented(values, name, text)
    return _sample(name, values, text, rng) if ok else _sample(found.name, found.values, found.text, rng)


def _restaurant_name(rng: random.Random) -> str:
    name = invented_name(rng)
    shape = rng.random()
    if shape < 0.35:
        return f"The {name}"
    if shape < 0.6:
        return f"{name} {rng.choice(['Café', 'Arms', 'Kitchen', 'Bistro', 'House', 'Inn', 'Bar', 'Grill', 'Hotel'])}"
    if shape < 0.7:
        return f"Café {name}"
    return name


def _ruled_text(name: str, values: dict[str, str], rng: random.Random) -> str:
    """Each attribute as a predicate, two or three of them to a sentence."""
    keys = list(values)
    rng.shuffle(keys)
    if "eatType" in keys:
        keys.remove("eatType")
        start = f"{name} is a {values['eatType']}"
        predicates = [_predicate(key, values[key], rng) for key in keys]
        if not predicates:
            return start + "."
        sentences = [f"{start} {rng.choice(['that', 'which'])} {_joined(predicates[:2])}."]
        predicates = predicates[2:]
    else:
        predicates = [_predicate(key, values[key], rng) for key in keys]
        sentences = [f"{name} {_joined(predicates[:2])}."]
        predicates = predicates[2:]
    while predicates:
        size = rng.choice([1, 2, 3])
        sentences.append(f"{rng.choice(['It', 'It', 'It', name, 'The place'])} {_joined(predicates[:size])}.")
        predicates = predicates[size:]
    return " ".join(sentences)


def _predicate(key: str, value: str, rng: random.Random) -> str:
    spoken = table("slots")["ruled"][key]
    return rng.choice(spoken[value] if value in spoken else spoken[""]).replace("{v}", value)


def _joined(predicates: list[str]) -> str:
    return predicates[0] if len(predicates) == 1 else f"{', '.join(predicates[:-1])} and {predicates[-1]}"
