"""What is decided about an invented brief before its first sentence: subject, facts, limits, phrases."""

import hashlib
import random
import re
from dataclasses import dataclass, field
from functools import cache

from core.scenarios.content.brief import CHANNELS, TONES
from training._writer_facts import PRONOUNS, Fact, Subject, capital, draw_fact
from training._writer_samples import count_words
from training._writer_spin import invented_name, noun_phrase, spin, table, with_article, words

CHANNEL_SHARES = {
    "product-description": 30,
    "announcement": 20,
    "email": 20,
    "social-post": 17,
    "tagline": 13,
}
LIMITS = {
    "product-description": [15, 20, 25, 30, 40, 40, 50, 60, 60, 80, 100, 120, 150],
    "announcement": [20, 25, 30, 40, 50, 60, 60, 80, 100, 120, 150],
    "email": [40, 50, 60, 60, 70, 80, 100, 120, 150],
    "social-post": [12, 15, 20, 25, 30, 30, 40, 50, 60],
    "tagline": [6, 8, 8, 10, 10, 12, 12, 15, 20],
}


@dataclass
class Draft:
    """All that is decided before the first sentence."""

    subject: Subject
    channel: str
    tone: str
    audience: str
    limit: int
    facts: list[Fact]
    must: list[str]
    forbidden: list[str]
    rng: random.Random
    said: list[str] = field(default_factory=list)
    """The openings used, so that no template is used twice in a text."""

    def line(self, templates: str, slots: dict[str, str] | None = None) -> str:
        """A sentence by one of the templates that suits tone, audience and forbidden words; "" if none does."""
        for _ in range(12):
            template = self._template(templates)
            if not template or (not self.audience and "<AUD>" in template) or template in self.said:
                continue
            text = self._filled(template, slots or {})
            if not any(says(word, text) for word in self.forbidden):
                if "<X>" not in template and "<S>" not in template:
                    self.said.append(template)
                return text
        return ""

    def _template(self, templates: str) -> str:
        own, general = _by_tone(templates, self.tone)
        chosen = own if own and (not general or self.rng.random() < 0.55) else general
        return self.rng.choice(chosen) if chosen else ""

    def _filled(self, template: str, slots: dict[str, str]) -> str:
        it, lower, them, its = PRONOUNS[self.subject.plural]
        own = {"P": self.subject.spoken, "p": self.subject.name, "AUD": self.audience}
        text = spin(template, self.rng, plural=self.subject.plural, slots=own | slots)
        return self.sentence(text)

    def sentence(self, text: str) -> str:
        """With a capital, unless the product's own name stands first, and with a full stop."""
        text = re.sub(r"(?<=[.!?] )(our|the|we|it|they|you)\b", lambda found: capital(found[0]), text)
        if not text.startswith(self.subject.name):
            text = capital(text)
        return text if text[-1:] in ".!?:…" else text + "."


def new_draft(rng: random.Random, wild: tuple[Fact, ...], held_out: bool) -> Draft:
    categories = table("categories")["category"]
    index = rng.choice([i for i, c in enumerate(categories) if c.get("held_out", False) == held_out])
    subject = _subject(categories[index], rng, held_out)
    channel = rng.choices(list(CHANNEL_SHARES), list(CHANNEL_SHARES.values()))[0]
    limit = (
        rng.choice(LIMITS[channel])
        if rng.random() < 0.8
        else rng.randint(6 if channel == "tagline" else 18, 150)
    )
    facts = _facts(index, subject, limit, channel, rng, wild)
    audience = spin(rng.choice(table("phrases")["audiences"]["who"].strip().splitlines()), rng)
    return Draft(
        subject=subject,
        channel=channel,
        tone=rng.choice(list(TONES)) if rng.random() < 0.95 else "",
        audience=audience if rng.random() < 0.6 else "",
        limit=limit,
        facts=facts,
        must=_must(facts, channel, limit, rng),
        forbidden=[],
        rng=rng,
    )


def is_common(word: str) -> bool:
    """Whether it ties sentences together, so that nobody would forbid it."""
    return word.lower() in words("common")


def says(phrase: str, text: str) -> bool:
    """Whether the phrase stands in the text as whole words, in either case."""
    if phrase.lower() not in text.lower():
        return False
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


@cache
def _by_tone(templates: str, tone: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The templates for this tone alone, and those for any."""
    lines = [line.split(": ", 1) for line in templates.strip().splitlines()]
    own = tuple(line[1] for line in lines if _is_toned(line) and tone in line[0].split(","))
    return own, tuple(": ".join(line) for line in lines if not _is_toned(line))


def _is_toned(line: list[str]) -> bool:
    return len(line) == 2 and all(tone in TONES for tone in line[0].split(","))


def _subject(category: dict, rng: random.Random, held_out: bool) -> Subject:
    noun = rng.choice(category["nouns"].split("|"))
    plural = category.get("number") == "pl"
    shape = rng.random()
    if shape > 0.82:  # "Spring book fair", "foldable desk lamp"
        extra = rng.choice(
            [
                rng.choice(words("adjectives")),
                rng.choice(words("modifiers")),
                rng.choice(words("name_words")),
                "",
            ]
        )
        name = f"{extra} {noun}".strip()
        name = rng.choice([name, capital(name), " ".join(capital(word) for word in name.split())])
        return Subject(name, f"{rng.choice(['our', 'our', 'the'])} {name}", category["kind"], plural, "")
    name = invented_name(rng)
    while _is_held_out(name) != held_out:
        name = invented_name(rng)
    if shape > 0.42 and "'s " not in name:
        name = f"{name} {noun if rng.random() < 0.7 else ' '.join(capital(w) for w in noun.split())}"
        return Subject(name, f"the {name}" if rng.random() < 0.75 else name, category["kind"], plural, "")
    # A bare name tells nobody whether it is one or many.
    return Subject(name, name, category["kind"], plural, noun)


def _is_held_out(name: str) -> bool:
    return hashlib.md5(name.lower().encode()).hexdigest()[0] == "0"


def _facts(
    index: int, subject: Subject, limit: int, channel: str, rng: random.Random, wild: tuple[Fact, ...]
) -> list[Fact]:
    room = {"tagline": rng.choice([0, 1, 1, 2]), "social-post": limit // 10, "email": (limit - 15) // 9}
    most = max(1, min(8, room.get(channel, limit // 8)))
    count = rng.randint(max(0, min(2, most - 1)), most)
    facts: dict[str, Fact] = {}
    if subject.noun and rng.random() < (0.4 if not subject.plural else 1.0):
        facts["what"] = Fact("what", _what(subject, rng))
    while len(facts) < count:
        fact = draw_fact(index, subject.plural, rng, wild)
        facts.setdefault(fact.key or fact.text, fact)
    chosen = list(facts.values())
    if rng.random() < 0.5:
        rng.shuffle(chosen)
    return chosen


def _what(subject: Subject, rng: random.Random) -> str:
    phrase = subject.noun
    if rng.random() < 0.6:
        phrase = f"{rng.choice(words('adjectives'))} {phrase}"
    if rng.random() < 0.2:
        phrase = f"{rng.choice(words('modifiers'))} {phrase}"
    return phrase if subject.plural else with_article(phrase)


def _must(facts: list[Fact], channel: str, limit: int, rng: random.Random) -> list[str]:
    """Phrases that have to be said; short texts have room for one."""
    if rng.random() < 0.5 or limit < 8:
        return []
    found: list[str] = []
    for _ in range(1 if channel == "tagline" or limit < 30 else rng.choice([1, 1, 2, 2, 3])):
        shape, must = rng.random(), table("phrases")["must"]
        if shape < 0.4:
            phrase = spin(rng.choice(must["sentences"].strip().splitlines()), rng)
        elif shape < 0.62:
            phrase = spin(rng.choice(must["phrases"].strip().splitlines()), rng)
        elif shape < 0.78 and facts:
            phrase = _part(rng.choice(facts).text, rng)
        elif shape < 0.84 and facts:
            phrase = re.sub(r"^(a|an|the) ", "", rng.choice(facts).text)
        elif shape < 0.9:
            phrase = re.sub(r"^(a|an|the) ", "", noun_phrase(rng))
        else:
            phrase = _slogan(rng)
        if count_words(phrase) < 8 and count_words(phrase) < limit / 2:
            found.append(rng.choice([phrase, phrase, capital(phrase)]))
    return list(dict.fromkeys(found))


def _part(fact: str, rng: random.Random) -> str:
    """A word or a few neighbouring ones of a fact, such as "offline" or "14 days"."""
    parts = fact.split()
    first = rng.randrange(len(parts))
    part = " ".join(parts[first : first + rng.choice([1, 1, 2, 3])]).strip(",.")
    return fact if is_common(part) else part


def _slogan(rng: random.Random) -> str:
    one, two = rng.sample(words("adjectives"), 2)
    noun, other = rng.sample(words("nouns"), 2)
    return rng.choice(
        [
            f"{one} {noun}, {two} {other}",
            f"less {noun}, more {other}",
            f"{one} and {two}",
            f"{one} by nature",
            f"the {one} {noun}",
        ]
    )


assert set(CHANNEL_SHARES) == set(CHANNELS)
