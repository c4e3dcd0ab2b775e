"""The rankers' trees, walked all at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from abax.documents.ranker import Ranker, shipped


def walked(ranker: Ranker, row: np.ndarray, field: int) -> float:
    """The chance that one row has, its trees walked node by node."""
    total = float(ranker.base[field])
    for tree in range(ranker.first[field], ranker.first[field + 1]):
        node = 0
        while (asked := int(ranker.feature[tree, node])) >= 0:
            goes_left = row[asked] <= ranker.threshold[tree, node]
            node = int(ranker.left[tree, node] if goes_left else ranker.right[tree, node])
        total += float(ranker.threshold[tree, node])
    return 1 / (1 + math.exp(-total))


@pytest.mark.parametrize("name", ["business_amount", "business_date", "receipt_code"])
def test_all_rows_at_once_score_as_each_node_by_node(name: str) -> None:
    ranker = shipped(name)
    many = np.random.default_rng(7)
    rows = many.integers(0, 3, (5, int(ranker.feature.max()) + 1)).astype(np.float32)
    scores = ranker.scores(rows.tolist(), ranker.fields)
    for field in range(len(ranker.fields)):
        for place, row in enumerate(rows):
            assert scores[place, field] == pytest.approx(walked(ranker, row, field))


def test_no_rows_have_no_scores() -> None:
    ranker = shipped("business_date")
    assert ranker.scores([], ranker.fields).shape == (0, len(ranker.fields))
