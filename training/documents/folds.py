"""Rankers for ``abax evaluate documents --folds``: fitted on the documents that are not judged.

The package finds this through its entry point ``abax.trainers``; it knows nothing of scikit-learn itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from abax.documents.contracts import DocumentType
from abax.documents.datasets import Case
from abax.documents.ranker import Ranker

from training.documents import examples
from training.documents.__main__ import SEED, rankers_of, weight_of
from training.documents.examples import Document, Rows

GENERATED = 600
"""Generated documents that every fold learns from too, by issuers that exist nowhere."""


def rankers(cases: Sequence[Case]) -> dict[str, Ranker]:
    """Rankers of the families of documents that the cases belong to, by the name that they ship under."""
    found: dict[str, Ranker] = {}
    for family in sorted({_family(case) for case in cases}):
        rows = [row for case in cases if _family(case) == family for row in _rows(case)]
        found |= rankers_of([*rows, *_generated(family)], family)
    return found


def _family(case: Case) -> str:
    of_till = case.contract is not None and case.contract.type is DocumentType.RECEIPT
    return "receipt" if of_till else "business"


_ROWS: dict[str, list[dict[str, Rows]]] = {}


def _rows(case: Case) -> list[dict[str, Rows]]:
    """What there is to learn from one document; kept, for all folds but one ask for it."""
    if case.name not in _ROWS:
        assert case.contract is not None
        document = Document(
            case.name,
            case.reading,
            case.contract,
            case.issuer,
            _family(case),
            dict(case.texts),
            partial=case.hidden,
        )
        _ROWS[case.name] = [examples.rows_of(document)] * weight_of(document)
    return _ROWS[case.name]


@lru_cache(maxsize=2)
def _generated(family: str) -> tuple[dict[str, Rows], ...]:
    made = examples.synthetic(GENERATED, SEED, "train")
    return tuple(examples.rows_of(one) for one in made if one.family == family)
