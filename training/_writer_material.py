"""How much of what the writer reads: the mixture of samples for training, and those kept for validation."""

import random
from pathlib import Path

from training._writer_e2e import clean_samples, ruled_sample
from training._writer_grammar import grammar_sample
from training._writer_public import plain_samples, post_samples, reply_samples, tagline_samples, wild_facts
from training._writer_samples import Sample

RULED = 45_000
RULED_RESTAURANTS = 12_000
PLAIN = 4_000  # stretches; the rest would cost time that briefs need more


def training_samples(folder: Path, seed: int) -> list[Sample]:
    """All that is learned from; reads the train splits only."""
    rng = random.Random(seed)
    wild = wild_facts(folder)
    samples = [grammar_sample(rng, wild) for _ in range(RULED)]
    samples += [ruled_sample(rng) for _ in range(RULED_RESTAURANTS)]
    samples += clean_samples(folder, rng)
    for _ in range(2):
        samples += tagline_samples(folder, "train", rng) + post_samples(folder, "train", rng)
    samples += reply_samples(folder, "train", rng)
    return samples + rng.sample(plain_samples(folder, "train"), PLAIN)


def validation_samples(folder: Path, seed: int) -> list[Sample]:
    """Briefs by rule with names and categories that training never sees."""
    rng = random.Random(seed)
    return [grammar_sample(rng, held_out=True) for _ in range(240)]
