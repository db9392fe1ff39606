"""Eight visitors at once translate and write: Vitrine's API beside a plain Gradio interface around the same models."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import reports, servers
from core.scenarios.content.brief import Brief, messages

MODELS = servers.ROOT / "assets" / "models"
PYTHON = servers.ROOT / ".venv-bench" / "bin" / "python"
SENTENCES = (
    "I have never been to that city before.",
    "The man in the red shirt is standing near the window.",
    "Could you tell me where the next station is?",
    "She bought two books and a cup of coffee.",
    "We will meet again tomorrow morning at the office.",
    "A small dog runs across the green field.",
)
FACTS = ("battery lasts 12 hours", "waterproof", "made of recycled aluminium")


@dataclass(frozen=True)
class Reply:
    """One answer: when its first text came, when it was whole, and how much it was."""

    first_s: float
    whole_s: float
    text: str


def main() -> None:
    parser = reports.arguments(__doc__)
    parser.add_argument("--python", type=Path, default=PYTHON, help="with requirements-bench.txt installed")
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    settings = {"VITRINE_RATE_LIMIT": "off", "VITRINE_MODELS": "starter"}
    with servers.vitrine(**settings) as ours, servers.gradio(options.python, MODELS) as theirs:
        ours.wait_for("/api/health/ready", timeout_s=300)
        theirs.wait_for("/config", timeout_s=120)
        cases = {
            "translate": (lambda n: _translate(ours.url, n), lambda n: _gradio_translate(theirs.url, n)),
            "write": (lambda n: _write(ours.url, n), lambda n: _gradio_write(theirs.url, n)),
        }
        figures = {}
        for name, (mine, peer) in cases.items():
            rounds = [
                {"vitrine": _together(mine, options.visitors), "gradio": _together(peer, options.visitors)}
                for _ in range(options.rounds + 1)
            ][1:]  # the first loads and warms up
            figures |= {f"{name}_{key}": value for key, value in _summary(rounds).items()}
    print(json.dumps(figures, indent=1))
    reports.report("against_gradio", {"visitors": options.visitors, **figures}, save=options.save)


def _together(ask: Callable[[int], Reply], visitors: int) -> dict[str, float]:
    """One round: every visitor asks once, all at the same time."""
    began_s = time.perf_counter()
    with ThreadPoolExecutor(visitors) as threads:
        replies = list(threads.map(ask, range(visitors)))
    took_s = time.perf_counter() - began_s
    return {
        "chars_per_s": sum(len(reply.text) for reply in replies) / took_s,
        "first_s": median(reply.first_s for reply in replies),
        "whole_s": median(reply.whole_s for reply in replies),
    }


def _summary(rounds: list[dict[str, dict[str, float]]]) -> dict[str, float]:
    """Medians of each side, and the median of the rounds' ratios."""
    summary = {}
    for key in ("chars_per_s", "first_s", "whole_s"):
        for side in ("vitrine", "gradio"):
            summary[f"{side}_{key}"] = round(median(each[side][key] for each in rounds), 3)
    ratios = [each["vitrine"]["chars_per_s"] / each["gradio"]["chars_per_s"] for each in rounds]
    return summary | {
        "ratio": round(median(ratios), 2),
        "lowest_ratio": round(min(ratios), 2),
        "highest_ratio": round(max(ratios), 2),
    }


def _translate(url: str, visitor: int) -> Reply:
    body = {"texts": [SENTENCES[visitor % len(SENTENCES)]], "source": "en", "target": "zh"}
    began_s = time.perf_counter()
    with _post(f"{url}/api/translation/translate", body) as response:
        text = json.load(response)["translations"][0]["text"]
    took_s = time.perf_counter() - began_s
    return Reply(took_s, took_s, text)


def _write(url: str, visitor: int) -> Reply:
    body = {"product": "Lumora lamp", "facts": FACTS, "max_words": 60, "seed": visitor, "stream": True}
    began_s, first_s, text = time.perf_counter(), 0.0, ""
    with _post(f"{url}/api/content/generate", body) as response:
        for event, data in _events(response):
            first_s = first_s or time.perf_counter() - began_s
            text += data.get("text", "") if event == "piece" else ""
    return Reply(first_s, time.perf_counter() - began_s, text)


def _gradio_translate(url: str, visitor: int) -> Reply:
    return _gradio(url, "translate", [SENTENCES[visitor % len(SENTENCES)]])


def _gradio_write(url: str, visitor: int) -> Reply:
    prompt = messages(Brief("Lumora lamp", facts=FACTS))[0].content
    return _gradio(url, "write", [prompt, 70])


def _gradio(url: str, name: str, values: list) -> Reply:
    began_s, first_s, text = time.perf_counter(), 0.0, ""
    with _post(f"{url}/gradio_api/call/{name}", {"data": values}) as response:
        event_id = json.load(response)["event_id"]
    with urllib.request.urlopen(f"{url}/gradio_api/call/{name}/{event_id}", timeout=300) as response:
        for event, data in _events(response):
            if event in ("generating", "complete") and data:
                first_s, text = first_s or time.perf_counter() - began_s, data[0]
    return Reply(first_s, time.perf_counter() - began_s, text)


def _post(url: str, body: dict) -> urllib.request.addinfourl:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    return urllib.request.urlopen(request, timeout=300)


def _events(response: urllib.request.addinfourl) -> Iterator[tuple[str, dict | list]]:
    """The server-sent events of a response: (name, data)."""
    name = ""
    for line in response:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


if __name__ == "__main__":
    main()
