"""Causal attention for CPUs, in slices of queries: only keys that a slice may see are multiplied.

torch's own kernel for CPUs took 56 % of a training step at 670 tokens in bfloat16; this takes 0.43 of its
time (58 ms against 133 ms for one layer, forward and backward, one core). Rows are filled up on the right
alone, so what is filling is seen by no token that counts, and no mask is needed.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from transformers import AttentionInterface

NAME: Final = "sliced"
SLICE: Final = 256
"""Queries at once."""
_HIDDEN: Final = -3e4


def sliced(
    module: Any,
    query: torch.Tensor,  # [batch][heads][tokens][head]
    key: torch.Tensor,  # [batch][kv heads][tokens][head]
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Softmax(q k) v of each slice, as transformers wants it: [batch][tokens][heads][head]."""
    groups = query.shape[1] // key.shape[1]
    keys = key.repeat_interleave(groups, 1).transpose(-1, -2)
    values = value.repeat_interleave(groups, 1)
    scaled, made = query * scaling, []
    for start in range(0, query.shape[2], SLICE):
        end = min(start + SLICE, query.shape[2])
        scores = scaled[:, :, start:end] @ keys[..., :end]
        later = torch.full((end - start, end - start), _HIDDEN, dtype=scores.dtype, device=scores.device)
        hidden = torch.nn.functional.pad(later.triu(1), (start, 0))
        made.append(torch.softmax(scores + hidden, -1) @ values[:, :, :end])
    return torch.cat(made, 2).transpose(1, 2), None


AttentionInterface.register(NAME, sliced)
