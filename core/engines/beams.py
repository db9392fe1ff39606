"""Beam search over a batch of sentences whose rows leave as soon as they are done.

`generate` of transformers keeps every row until the longest is finished and computes the cross-attention of each
beam; here a batch shrinks while it runs. The hypotheses are those of `generate` with the same beams.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache, PreTrainedModel

# A phrase of up to LOOP_TOKENS may come so often in a row; more is a translator that has lost its way.
LOOP_REPEATS = 4
LOOP_TOKENS = 6
# Rows that are done stay until they are this share of the batch: leaving means to copy the others.
SHARE_DONE = 0.2
NEVER = -1e9


@dataclass
class _Row:
    """One sentence: how long it may become, and the hypotheses that have ended, with their mean scores."""

    limit: int
    ended: list[tuple[float, list[int]]] = field(default_factory=list)
    is_done: bool = False


@torch.inference_mode()
def search(
    model: PreTrainedModel, inputs: dict[str, Tensor], prefix: Tensor, *, limits: list[int], beams: int
) -> list[list[tuple[float, list[int]]]]:
    """For each row, up to `beams` hypotheses as (mean log-probability, tokens without prefix and end), best first.

    `inputs` are input_ids and attention_mask (rows, length); `prefix` (rows, n) is what the decoder starts with;
    a hypothesis has at most `limits[row]` tokens.
    """
    return _Search(model, inputs, prefix, limits, beams).run()


class _Search:
    """The state of one search: `live` are the rows still in the batch, each with `beams` hypotheses."""

    def __init__(
        self, model: PreTrainedModel, inputs: dict[str, Tensor], prefix: Tensor, limits: list[int], beams: int
    ) -> None:
        self.model, self.beams = model, beams
        self.rows = [_Row(limit) for limit in limits]
        self.live = list(range(len(limits)))
        self.end = model.generation_config.eos_token_id
        self.banned = sorted({model.config.pad_token_id, model.generation_config.decoder_start_token_id})
        self.mask = inputs["attention_mask"]
        self.hidden = model.get_encoder()(**inputs).last_hidden_state
        self.cache = EncoderDecoderCache(
            DynamicCache(config=model.config.get_text_config(decoder=True)),
            DynamicCache(config=model.config.get_text_config(decoder=True)),
        )
        self.prefix = prefix.shape[1]
        self.tokens = prefix
        self.scores = torch.zeros(len(limits), 1, device=prefix.device)

    def run(self) -> list[list[tuple[float, list[int]]]]:
        logits = self._forward(self.tokens)
        while self.live:
            self._extend(logits)
            if self.live:
                logits = self._forward(self.tokens[:, -1:])
        return [sorted(row.ended, key=lambda each: each[0], reverse=True)[: self.beams] for row in self.rows]

    def _forward(self, tokens: Tensor) -> Tensor:
        output = self.model(
            decoder_input_ids=tokens,
            encoder_outputs=(self.hidden,),
            attention_mask=self.mask,
            past_key_values=self.cache,
            use_cache=True,
        )
        return output.logits[:, -1].float()

    def _extend(self, logits: Tensor) -> None:
        """One token more for every hypothesis; those that end here are kept, and rows that are done leave."""
        rows, width = len(self.live), len(self.tokens) // len(self.live)
        log_probs = logits.log_softmax(-1)
        log_probs[:, self.banned] = NEVER
        if self.tokens.shape[1] == self.prefix:
            log_probs[:, self.end] = NEVER  # no sentence translates into nothing
        self._ban_loops(log_probs)
        vocabulary = log_probs.shape[-1]
        total = (log_probs + self.scores.view(-1, 1)).view(rows, -1)
        best, index = total.topk(min(2 * self.beams, total.shape[1]), dim=1)
        parent, token = index // vocabulary, index % vocabulary
        going = self._sort_out(best.tolist(), parent.tolist(), token.tolist(), width)
        self._go_on(best, parent, token, torch.tensor(going, device=best.device), width)

    def _sort_out(
        self, best: list[list[float]], parent: list[list[int]], token: list[list[int]], width: int
    ) -> list[list[int]]:
        """Keep what has ended; for each row, which of the candidates go on."""
        length = self.tokens.shape[1] - self.prefix + 1
        going = []
        for place, number in enumerate(self.live):
            row, onward = self.rows[number], []
            for rank, score in enumerate(best[place]):
                ends = token[place][rank] == self.end
                if (ends or length >= row.limit) and rank < self.beams and not row.is_done:
                    written = self.tokens[place * width + parent[place][rank], self.prefix :].tolist()
                    row.ended.append((score / length, written if ends else [*written, token[place][rank]]))
                if not ends and len(onward) < self.beams:
                    onward.append(rank)
            row.is_done = row.is_done or len(row.ended) >= self.beams or length >= row.limit
            going.append(onward)
        return going

    def _go_on(self, best: Tensor, parent: Tensor, token: Tensor, going: Tensor, width: int) -> None:
        """The chosen candidates become the hypotheses, in a smaller batch where enough rows are done."""
        done = [place for place, number in enumerate(self.live) if self.rows[number].is_done]
        leave = len(done) == len(self.live) or len(done) > SHARE_DONE * len(self.live)
        stay = [place for place in range(len(self.live)) if not (leave and place in done)]
        kept = torch.tensor(stay, device=best.device, dtype=torch.long)
        going = going[kept]
        parents = (kept.view(-1, 1) * width + parent[kept].gather(1, going)).flatten()
        self.tokens = torch.cat((self.tokens[parents], token[kept].gather(1, going).view(-1, 1)), 1)
        self.scores = best[kept].gather(1, going)
        self.cache.self_attention_cache.reorder_cache(parents)
        if len(parents) != len(self.mask):
            # All hypotheses of a row look at the same source: which one does not matter, only how many.
            sources = (kept.view(-1, 1) * width).expand(-1, self.beams).flatten()
            self.cache.cross_attention_cache.reorder_cache(sources)
            self.mask, self.hidden = self.mask[sources], self.hidden[sources]
        self.live = [self.live[place] for place in stay]

    def _ban_loops(self, log_probs: Tensor) -> None:
        """Make impossible the token that would go on with a phrase repeated LOOP_REPEATS times in a row."""
        written = self.tokens[:, self.prefix :]
        for size in range(1, LOOP_TOKENS + 1):
            if written.shape[1] < size * LOOP_REPEATS:
                return
            last = written[:, -size * LOOP_REPEATS :].view(len(written), LOOP_REPEATS, size)
            loops = (last == last[:, :1]).all(-1).all(-1)
            if loops.any():
                log_probs[loops, last[loops, 0, 0]] = NEVER
