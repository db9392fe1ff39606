"""A matcher that reads from a text which attributes of a restaurant it says, checked on the human texts."""

import re
from functools import cache

from training._writer_spin import table

ATTRIBUTES = ["eatType", "food", "priceRange", "customer_rating", "area", "familyFriendly", "near"]
FOODS = ["English", "Chinese", "Japanese", "French", "Indian", "Italian", "Fast food"]
PLACES = ["coffee shop", "pub", "restaurant"]
RATINGS = ["low", "average", "high", "1 out of 5", "3 out of 5", "5 out of 5"]


def slots_said(values: dict[str, str], name: str, text: str) -> dict[str, bool]:
    """For each attribute of the list, and the name, whether `text` says it with its value."""
    found = {key: _says(key, value, text) for key, value in values.items()}
    return found | {"name": name.lower() in text.lower()}


def slots_invented(values: dict[str, str], name: str, text: str) -> list[str]:
    """The attributes that the text says though the list has none, or says with another value as well."""
    plain = _without_names(values, name, text)
    invented = []
    for key in ATTRIBUTES:
        others = [value for value in _other_values(key) if value != values.get(key)]
        if any(_says(key, other, plain) for other in others if not _overlaps(key, other, values.get(key))):
            invented.append(key)
    return invented


def _says(key: str, value: str, text: str) -> bool:
    if key == "familyFriendly" and value == "yes" and _says(key, "no", text):
        return False
    return re.search(_pattern(key, value), text, re.IGNORECASE) is not None


@cache
def _pattern(key: str, value: str) -> str:
    """What says this value: by the table, or for names the value itself as whole words."""
    spoken = table("slots")
    if value not in spoken.get(key, {}):
        return rf"(?<!\w){re.escape(value)}(?!\w)"
    pattern = "|".join(spoken[key][value])
    for name, part in spoken["parts"].items():
        pattern = pattern.replace(f"<{name}>", part)
    return pattern


def _other_values(key: str) -> list[str]:
    return {
        "eatType": PLACES,
        "food": FOODS,
        "priceRange": ["cheap", "high", "£20-25", "moderate"],
        "customer_rating": RATINGS,
        "area": ["riverside", "city centre"],
        "familyFriendly": ["yes", "no"],
    }.get(key, [])


def _overlaps(key: str, other: str, own: str | None) -> bool:
    """Whether people say both values with the same words, so that one can't be told from the other."""
    if own is None:
        return False
    if key == "eatType":
        return other == "restaurant"  # said of any place to eat
    kin = {
        "priceRange": [{"cheap", "less than £20"}, {"moderate", "£20-25"}, {"high", "more than £30"}],
        "customer_rating": [{"low", "1 out of 5"}, {"average", "3 out of 5"}, {"high", "5 out of 5"}],
    }
    return any({other, own} <= group for group in kin.get(key, []))


def _without_names(values: dict[str, str], name: str, text: str) -> str:
    """The text without proper names, which may say "Café" or "Indian" themselves."""
    for proper in (values.get("near", ""), name):
        if proper:
            text = re.sub(re.escape(proper), "there", text, flags=re.IGNORECASE)
    return text
