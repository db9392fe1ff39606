"""Briefs and plain English from published texts: software-taglines, us-gov-blog-posts, bitext-customer-support.

A brief's facts are taken from the text itself, so that nothing is said that the brief doesn't give.
"""

import random
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from core.scenarios.content.brief import Brief
from core.scenarios.content.checks import check_text, passes
from training._writer_draft import says
from training._writer_facts import Fact, capital
from training._writer_samples import Sample, count_words
from training._writer_spin import invented_name

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
PERSONAL = re.compile(
    r"\b(I|he|she|his|her|they|their|them|we|our|us|you|your|it|its|this|that|these|those)\b", re.I
)
PLAIN_CHARS = 600  # of a stretch of plain English
LIMITS = [25, 30, 40, 50, 60, 80, 100, 120, 150]
STOPS = (
    "be|do|get|go|see|the|date|become|have|say|its|their|a|an|which|this|our|your|all|our|those|these|some"
)


def read(folder: Path, name: str, split: str) -> pd.DataFrame:
    path = {
        "software-taglines": "software_taglines.csv.gz",
        "us-gov-blog-posts": "us_gov_posts.csv.gz",
        "bitext-customer-support": "bitext_customer_support.csv.gz",
    }[name]
    frame = pd.read_csv(folder / name / path, keep_default_na=False)
    return frame[frame.split == split]


def tagline_samples(folder: Path, split: str, rng: random.Random) -> list[Sample]:
    """Each product twice: its description joined from the parts that the brief lists, and once under another name."""
    samples = []
    for row in read(folder, "software-taglines", split).itertuples():
        text = row.description.strip().rstrip(".")
        parts = [part for part in re.split(r", (?:and )?|\. | with (?:an? )?| \(|\)", text) if part.strip()]
        for name in (row.name, row.name, invented_name(rng)):
            if name != row.name and says(row.name, text):
                continue
            facts = parts if name == row.name or rng.random() < 0.5 else [text]
            facts = rng.sample(facts, len(facts)) if rng.random() < 0.4 else facts
            said = (
                text
                if says(name, text)
                else rng.choice([f"{name}: {text}", f"{name}. {text}", f"{text}: {name}"])
            )
            channel = (
                "tagline" if count_words(said) <= 15 else rng.choice(["product-description", "social-post"])
            )
            limit = max(count_words(said), rng.choice([12, 15, 20, 30, 40]))
            brief = Brief(
                name, channel, tuple(facts), tone=rng.choice(["plain", "professional"]), max_words=limit
            )
            samples.append(Sample(brief, said + "."))
    return [sample for sample in samples if _keeps(sample)]


def post_samples(folder: Path, split: str, rng: random.Random) -> list[Sample]:
    """Announcements that say a title and the sentences of its summary."""
    samples = []
    for row in read(folder, "us-gov-blog-posts", split).itertuples():
        summary = SENTENCE.split(row.summary.strip())
        if row.summary_complete not in (True, "True") or not 3 <= count_words(row.summary) <= 90:
            continue
        opening = rng.choice(
            [f"{row.title}.", f"Now here: {row.title}.", f"Introducing {row.title}.", f"{row.title}"]
        )
        mark = "" if row.title[-1] in "?!." else opening[len(opening.rstrip(".")) :]
        text = (
            opening.rstrip(".") + (mark or ("" if row.title[-1] in "?!" else ":")) + " " + " ".join(summary)
        )
        facts = tuple(s.rstrip(".") if rng.random() < 0.5 else s for s in summary)
        channel = rng.choice(["announcement", "announcement", "product-description"])
        limit = max(count_words(text), rng.choice(LIMITS))
        samples.append(Sample(Brief(row.title, channel, facts, tone="professional", max_words=limit), text))
    return [sample for sample in samples if _keeps(sample)]


def reply_samples(folder: Path, split: str, rng: random.Random) -> list[Sample]:
    """E-mails from the answers of a support desk; sentences with blanks to fill in are left out."""
    samples = []
    for row in read(folder, "bitext-customer-support", split).itertuples():
        sentences = [s for s in SENTENCE.split(" ".join(row.response.split())) if _is_whole(s)]
        if not 2 <= len(sentences) <= 6:
            continue
        name = invented_name(rng)
        topic = row.intent.replace("_", " ")
        greeting = rng.choice(["Hello,", "Dear customer,", "Good day,"])
        sign = rng.choice(["Kind regards,", "Best regards,"])
        text = f"Subject: {capital(topic)}\n\n{greeting}\n\n{' '.join(sentences)}\n\n{sign}\nThe {name} team"
        facts = (f"topic: {topic}", *(s.rstrip(".") for s in sentences))
        limit = max(count_words(text), rng.choice(LIMITS))
        samples.append(Sample(Brief(name, "email", facts, "customers", "professional", limit), text))
    return [sample for sample in samples if _keeps(sample)]


def plain_samples(folder: Path, split: str) -> list[Sample]:
    """The posts as stretches of whole paragraphs, to be read without a brief."""
    samples = []
    for body in read(folder, "us-gov-blog-posts", split).body:
        stretch = ""
        for paragraph in body.split("\n\n"):
            if stretch and len(stretch) + len(paragraph) > PLAIN_CHARS:
                samples.append(Sample(None, stretch))
                stretch = ""
            stretch = f"{stretch}\n\n{paragraph}".strip()[:PLAIN_CHARS]
        if stretch:
            samples.append(Sample(None, stretch))
    return samples


def wild_facts(folder: Path) -> tuple[Fact, ...]:
    """What the training posts say one can do, and short sentences of theirs, as facts about anything."""
    found = set()
    bodies = read(folder, "us-gov-blog-posts", "train").body
    verbs = Counter(verb for body in bodies for verb in re.findall(r"\bcan ([a-z]{2,}[a-xz])\b", body))
    for body in bodies:
        for phrase in re.findall(
            rf"\b(?:you can|can|to) ((?!(?:{STOPS})\b)[a-z]{{3,}} (?:[a-z-]+ ){{1,5}}[a-z-]{{3,}})(?=[.;])",
            body,
        ):
            if verbs[phrase.split()[0]] >= 5 and not PERSONAL.search(phrase):
                found.add(Fact("base", phrase))
        for sentence in SENTENCE.split(body):
            if (
                5 <= count_words(sentence) <= 13
                and re.fullmatch(r"[A-Z][\w ,'%$-]+\.", sentence)
                and not PERSONAL.search(sentence)
            ):
                found.add(Fact("sent", sentence[:-1]))
    for text in read(folder, "software-taglines", "train").description:
        for phrase in re.findall(
            r"(?:allows you to|lets you|you to|used to|easily) ([a-z]{3,} [a-z -]{5,50})(?=[.,])", text
        ):
            found.add(Fact("base", phrase))
    return tuple(sorted(found, key=lambda fact: fact.text))


def _is_whole(sentence: str) -> bool:
    return "{" not in sentence and not re.search(r"\b\d\. |:$", sentence) and 4 <= count_words(sentence) <= 35


def _keeps(sample: Sample) -> bool:
    return passes(check_text(sample.text, sample.brief))
