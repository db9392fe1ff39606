"""Briefs with their texts, made by rule from the tables; nothing is said that isn't in the brief."""

import random
import re

from core.scenarios.content.brief import Brief
from core.scenarios.content.checks import check_text, passes
from training._writer_draft import Draft, is_common, new_draft, says
from training._writer_facts import Fact, Subject, briefed, capital, fact_slots, group
from training._writer_samples import Sample, count_words
from training._writer_spin import table, with_article


def grammar_sample(rng: random.Random, wild: tuple[Fact, ...] = (), *, held_out: bool = False) -> Sample:
    """One brief with its text, which passes the page's own checks.

    `held_out` takes the categories and the names that training never sees.
    """
    while True:
        sample = _sample(rng, wild, held_out)
        if passes(check_text(sample.text, sample.brief)):
            return sample


def _sample(rng: random.Random, wild: tuple[Fact, ...], held_out: bool) -> Sample:
    draft = new_draft(rng, wild, held_out)
    draft.forbidden = _forbidden(draft)
    text = _written(draft)
    brief = Brief(
        product=_product(draft.subject, rng),
        channel=draft.channel,
        facts=tuple(briefed(fact, draft.subject, rng) for fact in draft.facts),
        audience=capital(draft.audience) if rng.random() < 0.2 else draft.audience,
        tone=draft.tone,
        max_words=max(draft.limit, count_words(text)),
        must_say=tuple(draft.must),
        must_not_say=tuple(draft.forbidden),
    )
    return Sample(brief, text)


def _product(subject: Subject, rng: random.Random) -> str:
    """The product as the brief names it; now and then with what it is: "Tasky, a to-do app"."""
    if subject.noun and not subject.plural and rng.random() < 0.12:
        return f"{subject.name}, {with_article(subject.noun)}"
    return subject.name


def _forbidden(draft: Draft) -> list[str]:
    """Words that this very text would otherwise say, and some that briefs often forbid."""
    rng = draft.rng
    if rng.random() < 0.4:
        return []
    kept = " ".join(
        [draft.subject.name, draft.audience, *draft.must, *(f"{f.key} {f.text}" for f in draft.facts)]
    )
    text = _written(draft)
    draft.said.clear()
    usual = table("phrases")["forbidden"]["words"].split()
    own = [word.lower() for word in re.findall(r"[A-Za-z][a-z']{2,}", text)]
    count = rng.choice([1, 1, 2, 2, 3])
    chosen = [rng.choice(own if own and rng.random() < 0.75 else usual) for _ in range(count)]
    return [word for word in dict.fromkeys(chosen) if not is_common(word) and not says(word, kept)]


def _written(draft: Draft) -> str:
    """The text of a draft; says as many facts as fit, and every phrase that must be said."""
    if draft.channel == "tagline":
        return _with_musts(draft, [_tagline(draft)], end="")
    facts = group(draft.facts, draft.rng)
    for dropped in range(len(facts) + 4):
        draft.said.clear()
        extras = max(0, 4 - dropped) if dropped else draft.rng.choice([2, 3, 4])
        kept = facts[: len(facts) - max(0, dropped - 3)]
        text = _email(draft, kept, extras) if draft.channel == "email" else _post(draft, kept, extras)
        if count_words(text) <= draft.limit * 0.97:
            return text
    return text


def _tagline(draft: Draft) -> str:
    templates = table("phrases")["tagline"]
    usable = [
        fact for fact in group(draft.facts[:2], draft.rng) if fact.form in ("np", "vp", "adj", "base", "what")
    ]
    for fact in usable:
        form = "np" if fact.form == "what" else fact.form
        line = draft.line(templates[form], fact_slots(fact))
        if line and count_words(line) <= draft.limit:
            return line.rstrip(".") if draft.rng.random() < 0.3 else line
    line = draft.line(templates["other"]) or draft.subject.name
    return draft.sentence(draft.subject.name) if count_words(line) > draft.limit else line


def _post(draft: Draft, facts: list[Fact], extras: int) -> str:
    """A description, an announcement or a social post: opening, facts, what must be said, an invitation."""
    phrases = table("phrases")[draft.channel]
    opening, facts = _opening(draft, phrases["open"], facts)
    parts = [opening]
    if extras >= 4 and "second" in phrases:
        parts.append(draft.line(phrases["second"]))
    parts += [_said(draft, fact) for fact in facts]
    end = _ending(draft, phrases["close"], extras)
    return _with_musts(draft, [part for part in parts if part], end)


def _email(draft: Draft, facts: list[Fact], extras: int) -> str:
    phrases = table("phrases")["email"]
    subject = draft.line(phrases["subject"]).rstrip(".") or draft.subject.name
    greeting = draft.line(phrases["greeting"]).rstrip(".") or "Hello,"
    opening = draft.line(phrases["open"]) or draft.sentence(draft.subject.name)
    body = [part for part in [opening, *(_said(draft, fact) for fact in facts)] if part]
    text = _with_musts(draft, body, "")
    end = _ending(draft, phrases["close"], extras)
    sign = draft.line(phrases["sign"]).rstrip(".") or "Yours,"
    sender = draft.line(phrases["sender"]).rstrip(".")
    parts = [f"Subject: {subject}", greeting, text, end, f"{sign}\n{sender}".strip()]
    return "\n\n".join(part for part in parts if part)


def _opening(draft: Draft, templates: str, facts: list[Fact]) -> tuple[str, list[Fact]]:
    """The first sentence; what the product is may be told in it, together with the next fact."""
    first = facts[0] if facts else None
    if first and first.form == "what" and draft.rng.random() < 0.7:
        verb = "are" if draft.subject.plural else "is"
        text, rest = f"{draft.subject.spoken} {verb} {first.text}", facts[1:]
        if rest and rest[0].form in ("np", "vp", "adj") and draft.rng.random() < 0.6:
            link = {"np": "with", "vp": "that", "adj": f"that {verb}"}[rest[0].form]
            text, rest = f"{text} {link} {rest[0].text}", rest[1:]
        if not any(says(word, text) for word in draft.forbidden):
            return draft.sentence(text), rest
    return draft.line(templates) or draft.sentence(draft.subject.name), facts


def _said(draft: Draft, fact: Fact) -> str:
    """A sentence that says the fact, as it stands if no other is allowed."""
    templates = table("phrases")["facts"][fact.form]
    if fact.form == "kv" and fact.key in table("phrases")["keys"] and draft.rng.random() < 0.75:
        templates = (
            table("phrases")["keys"][fact.key].replace("|", "\n")
            if "[" not in table("phrases")["keys"][fact.key]
            else _split(table("phrases")["keys"][fact.key])
        )
    plain = f"{fact.key}: {fact.text}" if fact.key else fact.text
    return draft.line(templates, fact_slots(fact)) or draft.sentence(plain)


def _split(alternatives: str) -> str:
    """Alternatives of a table line on a line each; bars within brackets stay."""
    return re.sub(r"\|(?![^\[]*\])", "\n", alternatives)


def _ending(draft: Draft, templates: str, extras: int) -> str:
    parts = []
    if extras >= 3 and draft.rng.random() < 0.8:
        parts.append(draft.line(templates))
    if extras >= 2 and draft.rng.random() < 0.6:
        parts.append(draft.line(_split(table("phrases")["calls"][draft.subject.kind])))
    tag = re.sub(r"[^\w]", "", draft.subject.name)
    if (
        draft.channel == "social-post"
        and extras
        and draft.rng.random() < 0.5
        and count_words(draft.subject.name) < 3
    ):
        parts.append(f"#{tag}")
    return " ".join(part for part in parts if part)


def _with_musts(draft: Draft, parts: list[str], end: str) -> str:
    """The parts as one paragraph, with each phrase that must be said and isn't yet put in between or last."""
    lone_name = draft.channel == "tagline"
    for phrase in draft.must:
        if says(phrase, " ".join([*parts, end])):
            continue
        if phrase.startswith("#"):
            end = f"{end} {phrase}".strip()
            continue
        where = len(parts) if lone_name or draft.rng.random() < 0.6 else draft.rng.randint(1, len(parts))
        parts.insert(where, _must_sentence(draft, phrase))
    return " ".join([*parts, end] if end else parts)


def _must_sentence(draft: Draft, phrase: str) -> str:
    mark = "!" if draft.tone in ("friendly", "playful") and draft.rng.random() < 0.4 else "."
    if phrase[0].islower() and draft.rng.random() < 0.35:
        text = f"{draft.rng.choice(['In short', 'Also', 'In a word', 'Remember', 'That means', 'Think'])}: {phrase}"
        if not any(says(word, text) for word in draft.forbidden):
            return text + mark
    return capital(phrase) + ("" if phrase[-1] in ".!?" else mark)
