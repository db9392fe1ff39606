"""Short and long texts read together without padding: one after the other in a row, each blind to the others."""

from collections.abc import Iterator

import torch
from sentence_transformers import SentenceTransformer

# Attention grows with the square of a row: at so many tokens it adds a fifth to what MiniLM's layers take.
ROW_TOKENS = 512
# Padding of less than this share of the tokens costs less than attention in long rows does.
LEAST_PADDING = 0.25
Features = dict[str, torch.Tensor]


def can_pack(model: SentenceTransformer) -> bool:
    """Whether the model takes a mask of ours and positions from 0, and reads both ways, as BERT does."""
    config = model[0].config
    is_bert = config.model_type == "bert" and not getattr(config, "is_decoder", False)
    return is_bert and getattr(config, "_attn_implementation", "") == "sdpa"


def is_mostly_padding(features: Features) -> bool:
    """Whether packing pays for these padded texts."""
    mask = features["attention_mask"]
    tokens = int(mask.sum())
    return mask.numel() - tokens > LEAST_PADDING * tokens


def packed(features: Features) -> Iterator[Features]:
    """The padded texts, `attention_mask` (texts, tokens), as rows of about ROW_TOKENS, all of them in their order."""
    lengths = features["attention_mask"].sum(dim=1).tolist()
    start, size = 0, 0
    for place, length in enumerate(lengths):
        if size and size + length > ROW_TOKENS:
            yield _row(features, slice(start, place))
            start, size = place, 0
        size += length
    yield _row(features, slice(start, len(lengths)))


def _row(features: Features, texts: slice) -> Features:
    mask = features["attention_mask"][texts].bool()
    lengths = mask.sum(dim=1)
    owners = torch.arange(len(lengths), device=mask.device).repeat_interleave(lengths)
    names = [name for name in ("input_ids", "token_type_ids") if name in features]
    return {name: features[name][texts][mask][None] for name in names} | {
        "position_ids": (mask.cumsum(dim=1) - 1)[mask][None],
        "attention_mask": (owners[:, None] == owners)[None, None],
        # Where each text ends, for sentence-transformers' pooling.
        "cu_seq_lens_q": torch.nn.functional.pad(lengths.cumsum(0), (1, 0)),
    }
