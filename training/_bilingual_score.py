"""How good a student is: translation retrieval, and how close it comes to the teacher's vectors."""

import numpy as np

from training._bilingual_data import Pairs


def retrieval(questions: np.ndarray, answers: np.ndarray) -> float:
    """The share of rows whose nearest answer (cosine, unit vectors) is their own."""
    nearest = np.concatenate([(part @ answers.T).argmax(1) for part in np.array_split(questions, 8)])
    return round(float((nearest == np.arange(len(questions))).mean()), 4)


def scores(pairs: Pairs, zh: np.ndarray, en: np.ndarray, teacher: np.ndarray) -> dict[str, float]:
    """Top-1 both ways with the student on both sides and with the teacher in English; per source; mean cosines.

    `any_*` counts every translation in the split as right: many Chinese sentences occur with several English ones.

    Per source, the right answer is still sought among all of the split.
    """
    results = {
        "en_to_zh": retrieval(en, zh),
        "zh_to_en": retrieval(zh, en),
        "teacher_en_to_zh": retrieval(teacher, zh),
        "zh_to_teacher_en": retrieval(zh, teacher),
        "any_en_to_zh": _any_translation(pairs, (en @ zh.T).argmax(1), np.arange(len(pairs))),
        "any_zh_to_en": _any_translation(pairs, np.arange(len(pairs)), (zh @ en.T).argmax(1)),
        "cosine_zh": round(float((zh * teacher).sum(1).mean()), 4),
        "cosine_en": round(float((en * teacher).sum(1).mean()), 4),
    }
    for source in sorted(set(pairs.source)):
        rows = [i for i, name in enumerate(pairs.source) if name == source]
        results[f"en_to_zh {source}"] = round(float(((en[rows] @ zh.T).argmax(1) == rows).mean()), 4)
        results[f"zh_to_en {source}"] = round(float(((zh[rows] @ en.T).argmax(1) == rows).mean()), 4)
    return results


def _any_translation(pairs: Pairs, zh: np.ndarray, en: np.ndarray) -> float:
    """The share of (Chinese row, English row) whose texts stand side by side somewhere in the split."""
    known = set(zip(pairs.zh, pairs.en, strict=True))
    return round(
        float(np.mean([(pairs.zh[i], pairs.en[j]) in known for i, j in zip(zh, en, strict=True)])), 4
    )
