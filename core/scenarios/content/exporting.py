"""Texts to take away: each file says, for people and for programs, that a machine wrote them, and which one.

The label follows what the EU AI Act (article 50) and China's measures for labelling AI-generated content ask for:
words that a reader sees, and a mark that a program finds. The mark is IPTC's digital source type.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.scenarios.content.checks import Check, Verdict
from core.scenarios.content.reviewing import review
from core.scenarios.content.variants import Variant
from core.spreadsheets import neutralised

LABELS = {"en": "AI-generated", "zh": "AI 生成"}
EDITED_LABELS = {"en": "AI-generated, edited by a person", "zh": "AI 生成，经人工修改"}
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype"
SOURCE_TYPE, EDITED_SOURCE_TYPE = (
    f"{_IPTC}/trainedAlgorithmicMedia",
    f"{_IPTC}/compositeWithTrainedAlgorithmicMedia",
)


@dataclass(frozen=True)
class Labelled:
    """A text with its label; `text` may have been edited since the model wrote it."""

    variant: Variant
    text: str
    when: datetime

    @property
    def is_edited(self) -> bool:
        return self.text != self.variant.text

    @property
    def label(self) -> str:
        """In the text's own language."""
        return (EDITED_LABELS if self.is_edited else LABELS)[self.variant.brief.language]

    @property
    def line(self) -> str:
        """The label with model, date and seed, for readers."""
        model, day = self.variant.model.model_id, self.when.astimezone(UTC).date().isoformat()
        return f"{self.label} · {model} · {day} · seed {self.variant.options.seed}"


def row_of(labelled: Labelled) -> dict[str, object]:
    """Everything about one text, as one flat row."""
    variant = labelled.variant
    brief, options, checks = variant.brief, variant.options, review(variant, labelled.text)
    return {
        "text": labelled.text,
        "ai_label": labelled.label,
        "ai_generated": True,
        "digital_source_type": EDITED_SOURCE_TYPE if labelled.is_edited else SOURCE_TYPE,
        "generated_at": labelled.when.astimezone(UTC).isoformat(timespec="seconds"),
        "model": variant.model.model_id,
        "revision": variant.revision or "",
        "seed": options.seed,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_new_tokens": options.max_new_tokens,
        "finish_reason": variant.finish_reason,
        "like": variant.like,
        "product": brief.product,
        "channel": brief.channel,
        "facts": "; ".join(brief.facts),
        "audience": brief.audience,
        "tone": brief.tone,
        "max_words": brief.max_words,
        "language": brief.language,
        "must_say": "; ".join(brief.must_say),
        "must_not_say": "; ".join(brief.must_not_say),
        "failed_checks": "; ".join(_failed(checks)),
    }


def as_csv(rows: Sequence[dict[str, object]]) -> bytes:
    """For a spreadsheet (UTF-8 with mark), no cell of which is run as a formula."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: neutralised(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        )
    return out.getvalue().encode("utf-8-sig")


def as_json(rows: Sequence[dict[str, object]]) -> bytes:
    return json.dumps({"ai_generated": True, "texts": list(rows)}, ensure_ascii=False, indent=2).encode()


def as_text(texts: Sequence[Labelled]) -> bytes:
    """Each text below the line that says who wrote it."""
    return "\n\n\n".join(f"[{each.line}]\n\n{each.text}" for each in texts).encode() + b"\n"


def as_markdown(texts: Sequence[Labelled]) -> bytes:
    """With the label in the front matter, where programs look, and as a line above each text."""
    mark = {"ai_generated": True, "digital_source_type": SOURCE_TYPE, "labels": [each.line for each in texts]}
    front = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in mark.items())
    body = "\n\n---\n\n".join(f"*{each.line}*\n\n{each.text}" for each in texts)
    return f"---\n{front}\n---\n\n{body}\n".encode()


def _failed(checks: tuple[Check, ...]) -> list[str]:
    return [check.sentence for check in checks if check.verdict is Verdict.FAIL]
