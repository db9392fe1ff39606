"""Many threads ask the API at once, in both languages; each answer must be the one a lone caller gets."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from statistics import median, quantiles

from benchmarks import reports, servers
from benchmarks.questions import Answered, Caller, RefusedError, questions
from benchmarks.reports import Row

TOLERANCE = 1e-5
# A fixed order, so that two runs ask the same.
SEED = 7


def ask_alone(url: str, asked: list[str]) -> dict[str, Answered]:
    """The answers of a single caller, one question after the other."""
    with Caller(url) as caller:
        return {question: caller.ask(question) for question in asked}


def ask_together(url: str, shares: list[list[str]]) -> list[tuple[str, Answered | str]]:
    """The answers of one thread per share, all at once; a failure comes back as its message."""
    with ThreadPoolExecutor(len(shares)) as threads:
        return [pair for pairs in threads.map(lambda share: _ask_share(url, share), shares) for pair in pairs]


def _ask_share(url: str, share: list[str]) -> list[tuple[str, Answered | str]]:
    with Caller(url) as caller:
        return [(question, _ask(caller, question)) for question in share]


def _ask(caller: Caller, question: str) -> Answered | str:
    try:
        return caller.ask(question)
    except (RefusedError, OSError) as error:
        return repr(error)


def compare(alone: dict[str, Answered], together: list[tuple[str, Answered | str]]) -> dict[str, object]:
    """Errors, answers that differ, and the largest difference of a score."""
    answered = [(alone[question], reply) for question, reply in together if isinstance(reply, Answered)]
    errors = [reply for _, reply in together if isinstance(reply, str)]
    for message in sorted(set(errors))[:5]:
        print(f"error: {message}")
    times_ms = [many.elapsed_ms for _, many in answered] or [float("inf")]
    differences = [
        abs(a - b) for one, many in answered for a, b in zip(one.scores, many.scores, strict=False)
    ]
    return {
        "errors": len(errors),
        "other_decision": sum(one.decision != many.decision for one, many in answered),
        "other_entry": sum(one.entry_ids[:1] != many.entry_ids[:1] for one, many in answered),
        "other_passages": sum(one.entry_ids != many.entry_ids for one, many in answered),
        "largest_score_difference": max(differences, default=0.0),
        "p50_ms": round(median(times_ms), 1),
        "p95_ms": round(quantiles(times_ms, n=20)[-1] if len(times_ms) > 1 else times_ms[0], 1),
    }


def main() -> None:
    parser = reports.arguments(__doc__)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--questions", type=int, default=250, help="questions per thread")
    options = parser.parse_args()
    pool = questions()
    random.Random(SEED).shuffle(pool)
    total = options.threads * options.questions
    asked = list(islice(cycle(pool), total))
    shares = [asked[start : start + options.questions] for start in range(0, total, options.questions)]
    with servers.vitrine(VITRINE_RATE_LIMIT="off") as server:
        server.wait_for("/api/health/ready")
        alone = ask_alone(server.url, list(dict.fromkeys(asked)))
        started_s = time.perf_counter()
        together = ask_together(server.url, shares)
        elapsed_s = time.perf_counter() - started_s
    figures = compare(alone, together)
    is_same = not (figures["errors"] or figures["other_decision"] or figures["other_entry"])
    figures["passed"] = is_same and figures["largest_score_difference"] <= TOLERANCE
    setup = {"threads": options.threads, "asked": total, "different_questions": len(alone)}
    figures = setup | figures | {"answers_per_s": round(total / elapsed_s, 1)}
    for name, value in figures.items():
        print(f"{name:26}{value}")
    row = Row(
        f"{options.threads} threads with {options.questions} questions each: the answers that a lone caller gets",
        f"{figures['errors']} errors, {figures['other_decision']} other decisions, "
        f"{figures['other_entry']} other entries, scores within {figures['largest_score_difference']:.1e}; "
        f"{figures['answers_per_s']:g} answers/s",
        "",
        "0, 0, 0, 1e-5",
        figures["passed"],
    )
    reports.report("concurrency", figures, save=options.save, rows=[row])


if __name__ == "__main__":
    main()
