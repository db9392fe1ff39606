"""What a shop and all that may be learned from it take of the memory."""

from core.scenarios.recommendation.dataset import Dataset
from core.scenarios.recommendation.ease import fits_in_memory
from core.scenarios.recommendation.index import MIN_ITEMS

# Of Belongings.
ROW_BYTES = 2048
# The shop itself, and the train parts of two evaluations.
COPIES = 3
DIMENSIONS = 384
FACTORS = 64
NEIGHBOURS = 100
ID_BYTES = 60


def rows_of(dataset: Dataset) -> int:
    """An estimate from above for the starter embedder, in rows as Belongings counts them."""
    items, interactions = dataset.item_count, dataset.interaction_count
    texts = dataset.items
    known = sum(map(len, texts.titles)) + sum(map(len, texts.descriptions)) + 4 * ID_BYTES * items
    own = known + ID_BYTES * dataset.user_count + 4 * DIMENSIONS * items
    learned = 16 * interactions + 4 * FACTORS * items + 12 * min(NEIGHBOURS, items) * items
    if fits_in_memory(items):
        learned += 4 * items**2
    # The index of a large catalogue has a byte a number; its vectors have two.
    indexed = (FACTORS + DIMENSIONS) * items if items > MIN_ITEMS else 0
    own -= 2 * DIMENSIONS * items if items > MIN_ITEMS else 0
    return 1 + (own + indexed + (COPIES if items <= MIN_ITEMS else 1) * learned) // ROW_BYTES
