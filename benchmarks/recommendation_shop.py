"""Online Retail: what known customers buy next; hit@10 on the last weeks, hyperparameters chosen on the month before.

The protocol is that of the data set's own README: kept are lines with a quantity above 0, a customer and a product
code of five digits. Who bought before (train and val) and buys something new to them in the test part counts; all
products are ranked, those bought before left out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.recommendation_memory import peak_mb
from benchmarks.recommendation_peers import co_purchase_scores
from core.scenarios.recommendation import ease, metrics
from core.scenarios.recommendation.als import fit_als
from core.scenarios.recommendation.ease import fit_ease
from core.scenarios.recommendation.interactions import Interactions, interactions_of
from core.scenarios.recommendation.neighbours import fit_item_knn
from core.scenarios.recommendation.recommenders import Recommender, fit_popularity

K = 10
CO_PURCHASE, AIM = 0.325, 0.36
FIT_S = 10.0
REGULARIZATIONS = (50.0, 100.0, 200.0, 400.0, 800.0)
Score = Callable[[int, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Task:
    """What was bought before, and by user number what was bought afterwards for the first time.

    A product that nobody bought before has the number -1: it is to be found, but cannot be.
    """

    before: Interactions
    wanted: dict[int, list[int]]

    def lists(self, score: Score) -> dict[int, np.ndarray]:
        histories = {user: self.before.history(user) for user in self.wanted}
        return {user: metrics.top(score(user, history), K, history) for user, history in histories.items()}

    def figures(self, score: Score) -> dict[str, float]:
        lists = self.lists(score)
        found = [metrics.user_scores(lists[user], wanted, K) for user, wanted in self.wanted.items()]
        names = ("hit", "recall", "ndcg")
        measured = {name: metrics.measured([getattr(each, name) for each in found]) for name in names}
        return {f"{name}_at_10": round(each.mean, 4) for name, each in measured.items()} | {
            "hit_margin": round(measured["hit"].margin, 4)
        }


def read(data: Path) -> pd.DataFrame:
    path = data / "online-retail" / "online_retail.csv.gz"
    lines = pd.read_csv(path, dtype={"InvoiceNo": str, "StockCode": str, "CustomerID": str})
    is_product = lines["StockCode"].str.match(r"^\d{5}")
    return lines[(lines["Quantity"] > 0) & lines["CustomerID"].notna() & is_product]


def task(lines: pd.DataFrame, before: tuple[str, ...], after: str) -> Task:
    learned, later = lines[lines["split"].isin(before)], lines[lines["split"] == after]
    interactions = interactions_of(learned["CustomerID"], learned["StockCode"])
    users = {user: number for number, user in enumerate(interactions.users)}
    items = {item: number for number, item in enumerate(interactions.items)}
    wanted: dict[int, set[str]] = {}
    for user, item in zip(later["CustomerID"], later["StockCode"], strict=True):
        if user in users:
            wanted.setdefault(users[user], set()).add(item)
    bought = {user: {interactions.items[item] for item in interactions.history(user)} for user in wanted}
    new = {
        user: [items.get(item, -1) for item in sorted(each - bought[user])] for user, each in wanted.items()
    }
    return Task(interactions, {user: each for user, each in new.items() if each})


def by_history(model: Recommender) -> Score:
    return lambda user, history: model.score(history)


def choose(lines: pd.DataFrame) -> dict[str, float]:
    """hit@10 of October by EASE's regularization; the last weeks are not looked at."""
    october = task(lines, ("train",), "val")
    hits = {}
    for regularization in REGULARIZATIONS:
        model = fit_ease(october.before, regularization=regularization)
        hits[str(regularization)] = october.figures(by_history(model))["hit_at_10"]
    return hits


def shop(data: Path) -> dict[str, object]:
    lines = read(data)
    test = task(lines, ("train", "val"), "test")
    # Before anything else is fitted, since the peak never falls.
    before_mb, started_s, started_cpu_s = peak_mb(), time.perf_counter(), time.process_time()
    usual = fit_ease(test.before)
    fit_s, fit_cpu_s = time.perf_counter() - started_s, time.process_time() - started_cpu_s
    fit_mb = peak_mb() - before_mb
    hits = choose(lines)
    regularization = float(max(hits, key=hits.get))
    model = fit_ease(test.before, regularization=regularization)
    co_purchases = co_purchase_scores(test.before.matrix, shrinkage=10.0).tocsr()
    rows = {
        "ease": test.figures(by_history(model)),
        "ease, as on the page": test.figures(by_history(usual)),
        "item-knn": test.figures(by_history(fit_item_knn(test.before))),
        "als": test.figures(by_history(fit_als(test.before))),
        "popularity": test.figures(by_history(fit_popularity(test.before))),
        "co-purchase cosine": test.figures(lambda user, _: co_purchases[[user]].toarray()[0]),
    }
    items = len(test.before.items)
    return {
        "customers": len(test.wanted),
        "users": len(test.before.users),
        "items": items,
        "october_hit_at_10": hits,
        "regularization": regularization,
        "rows": rows,
        "ease_fit_s": round(fit_s, 2),
        "ease_fit_cpu_s": round(fit_cpu_s, 2),
        "ease_fit_added_peak_mb": round(fit_mb),
        "ease_memory_said_mb": round(ease.memory_mb(items)),
        "passed": rows["ease"]["hit_at_10"] >= AIM and fit_s < FIT_S,
    }
