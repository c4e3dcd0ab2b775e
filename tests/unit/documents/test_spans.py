"""What stands on a document: its currency."""

from __future__ import annotations

import pytest
from abax.documents import spans

from tests.unit.documents.made import reading_of


@pytest.mark.parametrize(
    ("text", "language", "currency"),
    [
        ("Via Tiburtina 12\n00132 ROMA (RM)\nTotale € 122,00\n00132 ROMA (RM)", "it", "EUR"),
        ("GENZANO DI ROMA RM\nTotale 122,00", "it", None),
        ("Price (RM)\nTotal  RM 12.00", "en", "MYR"),
        ("Rate $10.00\nTotal $20.00\nAmount Due (CAD)", "en", "CAD"),
        ("Rate $10.00\nTotal $20.00", "en", "USD"),
        ("GST 5% (123456789RT0001) $1.00\nTotal $21.00", "en", "CAD"),
        ("RFC: PNO140213K45\nTotal $ 20.00", "es", "MXN"),
    ],
)
def test_a_province_is_no_currency_and_a_dollar_is_of_the_country_that_is_named(
    text: str, language: str, currency: str | None
) -> None:
    assert spans.look(reading_of(text, language)).currency == currency
