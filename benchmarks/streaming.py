"""Eight sessions streaming from one writer at once, against the same model's own `generate`, call after call.

Tokens per second in all, the time to the first token alone and in company, and how many steps a stopped text
still takes. The peers get the same prompts, options and number format, in turns with ours.
"""

import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from benchmarks.reports import Row, Spread, arguments, report
from core.catalog import Catalog, ModelSpec
from core.engines.text_generation import TextGenerationEngine
from core.pool import ModelPool
from core.scenarios.content.brief import Brief, messages
from core.sources import BUNDLED
from core.types import GenerationItem, GenerationOptions, Tier

SESSIONS = 8
ROUNDS = 5
NEW_TOKENS = 100
# Far more than a round needs, so that the company is still writing when the newcomer has its first token.
COMPANY_TOKENS = 400
PRODUCTS = ("lamp", "notebook", "city bicycle", "tea kettle", "backpack", "desk chair", "radio", "raincoat")
FACTS = ("comes in three colours", "is repaired free of charge for two years", "weighs little")


@dataclass
class Heard:
    """What one session got, and when the first of it came."""

    first_s: float = 0.0
    tokens: int = 0


class Ours:
    """The writer behind the pool, as pages and API use it."""

    def __init__(self, folder: Path) -> None:
        self.spec = ModelSpec(
            model_id="writer",
            roles=("writer",),
            task="text-generation",
            tier=Tier.STARTER,
            license="-",
            size_mb=sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 2**20,
            languages=("en",),
            title=folder.name,
            folder=folder.name,
            max_batch_size=SESSIONS,
        )
        self.models = ModelPool(Catalog((self.spec,)), locate=lambda spec: folder, download=lambda spec: None)
        self.models.load("writer").wait(None)

    @property
    def engine(self) -> TextGenerationEngine:
        return self.models._residents.get("writer").engine

    def read(self, item: GenerationItem, heard: Heard) -> None:
        began_s = time.perf_counter()
        steps = self.models.stream(self.spec, item)
        while True:
            try:
                piece = next(steps)
            except StopIteration as end:
                heard.tokens = end.value.tokens
                return
            heard.first_s = heard.first_s or (time.perf_counter() - began_s if piece else 0.0)

    def together(self, items: list[GenerationItem]) -> tuple[float, list[Heard]]:
        """Tokens per second of as many threads as items, all at once, and what each of them heard."""
        heard = [Heard() for _ in items]
        threads = [threading.Thread(target=self.read, args=pair) for pair in zip(items, heard, strict=True)]
        elapsed_s = timed(lambda: [*(thread.start() for thread in threads), *(t.join() for t in threads)])
        return sum(one.tokens for one in heard) / elapsed_s, heard

    def first_token_s(self, item: GenerationItem) -> float:
        """How long one session waits for its first piece; then it leaves."""
        began_s = time.perf_counter()
        steps = self.models.stream(self.spec, item)
        while not next(steps):
            pass
        elapsed_s = time.perf_counter() - began_s
        steps.close()
        return elapsed_s

    def in_company(self, company: list[GenerationItem], newcomer: GenerationItem) -> float:
        """The newcomer's wait for its first piece while the company writes."""
        streams = [self.models.stream(self.spec, item) for item in company]
        for stream in streams:
            while not next(stream):
                pass
        waited_s = self.first_token_s(newcomer)
        for stream in streams:
            stream.close()
        return waited_s

    def steps_after_stop(self, item: GenerationItem) -> int:
        """In how many steps that begin after the stop a stopped row still takes part."""
        engine, began = self.engine, []
        step = engine.step
        engine.step = lambda: (began.append((time.perf_counter(), set(engine._rows))), step())[1]
        stays, goes = (self.models.stream(self.spec, item) for _ in range(2))
        for stream in (stays, goes):
            while not next(stream):
                pass
        newest = max(engine._rows)
        goes.close()
        stopped_s = time.perf_counter()
        for _ in range(20):
            next(stays)
        stays.close()
        del engine.step
        return sum(at_s > stopped_s and newest in rows for at_s, rows in began)


def generate_one_by_one(
    model: PreTrainedModel, prompts: list[list[int]], options: GenerationOptions
) -> float:
    """Tokens per second of a `generate` call per prompt, one after the other."""
    tokens = 0

    def run() -> None:
        nonlocal tokens
        for prompt in prompts:
            ids = torch.tensor([prompt])
            written = _generate(model, ids, torch.ones_like(ids), options)
            tokens += written.shape[1] - len(prompt)

    elapsed_s = timed(run)
    return tokens / elapsed_s


def generate_as_one_batch(
    model: PreTrainedModel, prompts: list[list[int]], options: GenerationOptions
) -> float:
    """Tokens per second of one `generate` call for all, padded on the left: nobody may come later or leave."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    ends = _ends(model)
    tokens = 0

    def run() -> None:
        nonlocal tokens
        written = _generate(model, ids, mask, options)[:, width:].tolist()
        tokens = sum(_length(row, ends) for row in written)

    elapsed_s = timed(run)
    return tokens / elapsed_s


def _generate(
    model: PreTrainedModel, ids: torch.Tensor, mask: torch.Tensor, options: GenerationOptions
) -> torch.Tensor:
    torch.manual_seed(options.seed)
    return model.generate(
        ids,
        attention_mask=mask,
        do_sample=True,
        temperature=options.temperature,
        top_p=options.top_p,
        top_k=0,
        max_new_tokens=options.max_new_tokens,
        pad_token_id=0,
    )


def _ends(model: PreTrainedModel) -> set[int]:
    ends = model.generation_config.eos_token_id
    return {ends} if isinstance(ends, int) else set(ends or ())


def _length(row: list[int], ends: set[int]) -> int:
    """The tokens up to the first end token, which counts."""
    return next((at + 1 for at, token in enumerate(row) if token in ends), len(row))


def timed(call: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    call()
    return time.perf_counter() - began_s


def items(count: int, *, new_tokens: int, first_seed: int = 0) -> list[GenerationItem]:
    briefs = [Brief(product, facts=FACTS[: 1 + number % 3]) for number, product in enumerate(PRODUCTS)]
    return [
        GenerationItem(
            messages(briefs[number % len(briefs)]),
            GenerationOptions(max_new_tokens=new_tokens, seed=first_seed + number),
        )
        for number in range(count)
    ]


def measure(folder: Path) -> dict[str, object]:
    ours = Ours(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    asked = items(SESSIONS, new_tokens=NEW_TOKENS)
    prompts = [ours.engine._prompts.read(item)[0] for item in asked]
    speeds: dict[str, list[float]] = {"together": [], "one_by_one": [], "padded_batch": []}
    waits: dict[str, list[float]] = {"alone": [], "in_company": [], "all_at_once": []}
    ours.together(asked)
    generate_one_by_one(model, prompts[:1], asked[0].options)
    for number in range(ROUNDS):
        speeds["one_by_one"].append(generate_one_by_one(model, prompts, asked[0].options))
        speed, heard = ours.together(asked)
        speeds["together"].append(speed)
        waits["all_at_once"] += [one.first_s for one in heard]
        speeds["padded_batch"].append(generate_as_one_batch(model, prompts, asked[0].options))
        company = items(SESSIONS - 1, new_tokens=COMPANY_TOKENS, first_seed=100 * number)
        for item in asked:
            waits["alone"].append(ours.first_token_s(item))
            waits["in_company"].append(ours.in_company(company, item))
    per_s = {name: round(statistics.median(values), 1) for name, values in speeds.items()}
    pairs = zip(speeds["together"], speeds["one_by_one"], strict=True)
    ratios = Spread.of([ours / theirs for ours, theirs in pairs])
    first_ms = {name: round(1000 * statistics.median(values), 1) for name, values in waits.items()}
    steps = max(ours.steps_after_stop(asked[0]) for _ in range(ROUNDS))
    ours.models.close()
    return {
        "model": folder.name,
        "parameters_m": round(sum(weight.numel() for weight in model.parameters()) / 1e6, 1),
        "torch_threads": torch.get_num_threads(),
        "prompt_tokens": [len(prompt) for prompt in prompts],
        "tokens_per_s": per_s,
        "ratio_to_one_by_one": ratios.median,
        "ratios_to_one_by_one": asdict(ratios),
        "ratio_to_padded_batch": round(per_s["together"] / per_s["padded_batch"], 2),
        "first_token_ms": first_ms,
        "first_token_ratio": round(first_ms["in_company"] / first_ms["alone"], 2),
        "steps_after_stop": steps,
    }


def rows(figures: dict) -> list[Row]:
    """The lines of the table."""
    per_s, first_ms = figures["tokens_per_s"], figures["first_token_ms"]
    ratio, first_ratio = figures["ratio_to_one_by_one"], figures["first_token_ratio"]
    steps, padded = figures["steps_after_stop"], figures["ratio_to_padded_batch"]
    return [
        Row(
            f"{SESSIONS} sessions stream at once, tokens/s against `generate` one by one (one padded batch)",
            f"{ratio:g} times ({padded:g}): {per_s['together']:g} against {per_s['one_by_one']:g}",
            str(Spread(**figures["ratios_to_one_by_one"])),
            "3 times",
            ratio >= 3,
        ),
        Row(
            "The same: first token in company against alone (all beginning at once)",
            f"{first_ratio:g} times: {first_ms['in_company']:g} against {first_ms['alone']:g} ms "
            f"({first_ms['all_at_once']:g} ms)",
            "",
            "2 times",
            first_ratio <= 2,
        ),
        Row("The same: steps of a text after stop was pressed", f"{steps}", "", "at most 1", steps <= 1),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--model", type=Path, default=BUNDLED / "starter-writer", help="a model's folder")
    options = parser.parse_args()
    figures = measure(options.model)
    for name, value in figures.items():
        print(f"{name:24}{value}")
    passed = (
        figures["ratio_to_one_by_one"] >= 3
        and figures["first_token_ratio"] <= 2
        and figures["steps_after_stop"] == 0
    )
    report("streaming", {**figures, "passed": passed}, save=options.save, rows=rows(figures))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
