"""Labels by language, and how they are looked up."""

from __future__ import annotations

import pytest
from abax.documents import lexicon

LANGUAGES = {"en", "de", "fr", "es", "it", "nl", "pl"}


@pytest.mark.parametrize("table", ["HEADER", "AMOUNTS", "PARTIES", "IDS", "COLUMNS"])
def test_every_kind_is_known_in_every_language(table: str) -> None:
    lacking = {kind: LANGUAGES - set(words) for kind, words in getattr(lexicon, table).items()}
    assert {kind: gap for kind, gap in lacking.items() if gap} == {}


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("Rechnungs-Nr.:", "number.invoice"),
        ("N° de facture", "number.invoice"),
        ("Nr faktury", "number.invoice"),
        ("FECHA DE EMISIÓN", "issue_date"),
        ("Termin płatności:", "due_date"),
        ("Totale da pagare", "totals.due"),
        ("Totaal incl. BTW", "totals.gross"),
        ("USt-IdNr.", "vat_id"),
        ("P. IVA", "vat_id"),
    ],
)
def test_a_label_is_found_whatever_its_marks_case_and_accents(printed: str, kind: str) -> None:
    assert kind in lexicon.labels()[lexicon.plain(printed)]


def test_labels_hold_nothing_that_reads_as_nothing() -> None:
    assert "" not in lexicon.labels()
    assert "" not in lexicon.columns()
