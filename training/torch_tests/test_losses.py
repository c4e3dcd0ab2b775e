"""The loss that keeps no logits is torch's own."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from training.adapters.losses import CHUNK, frozen_cross_entropy


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, 2 * CHUNK + 3])
def test_loss_and_gradient_are_those_of_cross_entropy(count: int) -> None:
    torch.manual_seed(count)
    matrix = torch.randn(97, 16)
    wanted = torch.randint(97, (count,))
    ours = torch.randn(count, 16, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    (frozen_cross_entropy(ours, matrix, wanted).sum() / 7).backward()
    loss = functional.cross_entropy(theirs @ matrix.T, wanted, reduction="none")
    (loss.sum() / 7).backward()
    torch.testing.assert_close(frozen_cross_entropy(ours, matrix, wanted), loss)
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)
