"""Boosted trees by scikit-learn, and their export to what numpy applies at run time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from abax.documents.ranker import Ranker
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier


def fit(
    x: NDArray[np.float32],
    targets: dict[str, NDArray[np.bool_]],
    *,
    rounds: int = 80,
    leaves: int = 12,
    depth: int = 5,
    rate: float = 0.1,
    weights: NDArray[np.float32] | None = None,
    seed: int = 0,
) -> Ranker:
    """A ranker with one model for each target. A target that is never or always true gets a constant."""
    models = []
    for target in targets.values():
        if target.sum() < 3 or (~target).sum() < 3:
            models.append(None)
            continue
        model = HistGradientBoostingClassifier(
            max_iter=rounds,
            max_leaf_nodes=leaves,
            max_depth=depth,
            learning_rate=rate,
            l2_regularization=1.0,
            min_samples_leaf=8,
            random_state=seed,
            early_stopping=False,
        )
        models.append(model.fit(x, target, sample_weight=weights))
    return _export(tuple(targets), models, depth)


def _export(
    fields: tuple[str, ...], models: Sequence[HistGradientBoostingClassifier | None], depth: int
) -> Ranker:
    trees = []
    first, base = [0], []
    for model in models:
        if model is None:
            base.append(-8.0)
        else:
            base.append(float(model._baseline_prediction.ravel()[0]))
            trees += [stage[0].nodes for stage in model._predictors]
        first.append(len(trees))
    size = max((len(nodes) for nodes in trees), default=1)
    shape = (max(len(trees), 1), size)
    feature = np.full(shape, -1, dtype=np.int16)
    threshold = np.zeros(shape, dtype=np.float32)
    left, right = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=np.int16)
    for place, nodes in enumerate(trees):
        leaf = nodes["is_leaf"].astype(bool)
        count = len(nodes)
        feature[place, :count] = np.where(leaf, -1, nodes["feature_idx"])
        threshold[place, :count] = np.where(leaf, nodes["value"], nodes["num_threshold"])
        left[place, :count] = nodes["left"]
        right[place, :count] = nodes["right"]
    return Ranker(
        fields,
        feature,
        threshold,
        left,
        right,
        np.array(first, np.int32),
        np.array(base, np.float32),
        depth + 1,
    )
