"""Sample pictures for the examples, drawn by this program: synthetic, and free of anybody's rights."""

import io

from PIL import Image

from core.scenarios.images.drawings import draw

# What each example of the page shows.
EXAMPLES = {"car": "automobile", "ship": "ship", "cat": "cat", "orange": "orange", "pattern": "stripes"}
# A small labelled set for the table and the confusion matrix, and classes to teach.
LABELLED, OF_EACH = ("airplane", "automobile", "cat", "ship", "truck"), 4
TAUGHT, EXAMPLES_OF_EACH = ("orange", "lemon", "carton"), 5
Files = list[tuple[str, bytes]]


def example_files(example_id: str) -> Files:
    """The picture of an example, or all labelled pictures for the one called "many", as PNG files with names."""
    if example_id == "many":
        return labelled_files()
    return [(f"drawn-{EXAMPLES[example_id]}.png", _png(EXAMPLES[example_id], 1))]


def labelled_files() -> Files:
    """Pictures in folders that say what they show."""
    return [(f"{kind}/drawn-{seed}.png", _png(kind, seed)) for kind in LABELLED for seed in range(OF_EACH)]


def taught_files() -> dict[str, Files]:
    """Five pictures each of three classes."""
    return {
        kind: [(f"drawn-{kind}-{seed}.png", _png(kind, seed)) for seed in range(EXAMPLES_OF_EACH)]
        for kind in TAUGHT
    }


def _png(kind: str, seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(draw(kind, seed)).save(buffer, "PNG")
    return buffer.getvalue()
