"""Which English word pieces a Chinese piece translates to: IBM Model 1 (Brown et al., 1993) on token sets."""

import numpy as np
from scipy import sparse

NULL = 0  # the id of a piece that no text contains ([PAD]): it explains the words that translate nothing
ITERATIONS = 6


def align(chinese: list[list[int]], english: list[list[int]], shape: tuple[int, int]) -> sparse.csr_matrix:
    """P(English piece | Chinese piece), a sparse matrix (Chinese ids, English ids) whose rows sum to one."""
    pair, zh, en = _cooccurrences(chinese, english)
    keys, cell = np.unique(zh.astype(np.int64) * shape[1] + en, return_inverse=True)
    rows, columns = keys // shape[1], keys % shape[1]
    target = np.unique(pair.astype(np.int64) * shape[1] + en, return_inverse=True)[1]
    probability = np.ones(len(keys))
    for _ in range(ITERATIONS):
        weight = probability[cell]
        weight /= np.bincount(target, weight)[target]
        counts = np.bincount(cell, weight)
        probability = counts / np.bincount(rows, counts, minlength=shape[0])[rows]
    return sparse.csr_matrix((probability, (rows, columns)), shape)


def translated_embeddings(
    alignment: sparse.csr_matrix, english: np.ndarray, *, min_probability: float = 0.04
) -> np.ndarray:
    """For each Chinese piece the mean embedding of its likely translations; zeros where there is none."""
    likely = alignment.copy()
    likely.data[likely.data < min_probability] = 0
    weights = np.asarray(likely.sum(axis=1))
    return (likely @ english / np.maximum(weights, 1e-9)).astype(np.float32)


def _cooccurrences(
    chinese: list[list[int]], english: list[list[int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every (pair number, Chinese piece, English piece) of the pairs, NULL among the Chinese pieces."""
    zh_sets = [[NULL, *set(ids)] for ids in chinese]
    en_sets = [list(set(ids)) for ids in english]
    sizes = np.array([len(zh) * len(en) for zh, en in zip(zh_sets, en_sets, strict=True)])
    pair = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    zh = np.concatenate([np.repeat(zh, len(en)) for zh, en in zip(zh_sets, en_sets, strict=True)])
    en = np.concatenate([np.tile(en, len(zh)) for zh, en in zip(zh_sets, en_sets, strict=True)])
    return pair, zh.astype(np.int32), en.astype(np.int32)
