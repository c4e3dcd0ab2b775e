"""The evaluation keeps the same issuers apart as the training."""

from __future__ import annotations

from abax.documents.datasets import is_kept_out
from hypothesis import given, settings
from hypothesis import strategies as st

from training.adapters.examples import split_of


@settings(deadline=None)
@given(st.text(), st.integers(0, 4), st.integers(2, 9))
def test_an_issuer_is_judged_where_it_was_not_learnt_from(issuer: str, fold: int, folds: int) -> None:
    assert is_kept_out(issuer, fold, folds) == (split_of(issuer, fold, folds) == "test")
    assert is_kept_out(issuer) == (split_of(issuer) == "test")
