"""The documents written by hand say what their truth says they say."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from abax.documents import identifiers
from abax.documents.contracts import DocumentType, fields_of

from tests.support.hand_documents import BLIND, SECOND, HandDocument, documents

ALL = [*documents(), *documents(BLIND), *documents(SECOND)]

UNPRINTED = {"type", "subtype", "language", "currency", "role", "action"}
"""Told by words, signs and boxes, not spelled out."""
DERIVED = (".base", "totals.due", "totals.tax", "adjustments[0].amount")
"""Worked out of printed values where the page does not print them."""


def text_of(document: HandDocument) -> str:
    """What the page shows."""
    html = re.sub(r"<(style|title)>.*?</\1>", " ", document.html.read_text(), flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", html))


def is_shown(value: Any, path: str, text: str) -> bool:
    """Whether the letters and digits of a value stand on the page."""
    digits = re.sub(r"\D", "", text)
    letters = re.sub(r"[\W_]", "", text).casefold()
    match value:
        case Decimal():
            forms = {re.sub(r"\D", "", f"{abs(form):f}") for form in (value, value.normalize())}
            return any(form in digits for form in forms)
        case date():
            forms = {f"{value:{form}}" for form in ("%d%m%Y", "%m%d%Y", "%Y%m%d", "%d%m%y", "%m%d%y")}
            return any(form in digits for form in forms) or str(value.day) in text
        case str():
            plain = re.sub(r"[\W_]", "", value).casefold()
            return plain in letters or (path.endswith(("vat_id", "iban")) and plain[2:] in letters)
        case tuple():
            return is_shown(value[0], path, text)
        case _:
            return str(value) in text


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_each_value_of_the_truth_stands_on_the_page(document: HandDocument) -> None:
    text = text_of(document)
    unseen = {
        path: value
        for path, value in fields_of(document.contract).items()
        if path not in UNPRINTED
        and not path.endswith((".country", ".means", ".is_charge", *DERIVED))
        and not is_shown(value, path, text)
    }
    assert unseen == {}


def test_the_account_numbers_have_right_check_digits() -> None:
    ibans = [
        (document.name, value)
        for document in ALL
        for path, value in fields_of(document.contract).items()
        if path.endswith("iban")
    ]
    assert len(ibans) >= 28
    assert [(name, iban) for name, iban in ibans if not identifiers.iban_is_valid(iban)] == []


def test_net_and_tax_make_the_gross_total() -> None:
    for document in ALL:
        totals = getattr(document.contract, "totals", None)
        if totals and None not in (totals.net, totals.tax, totals.gross):
            rounding = totals.rounding or Decimal(0)
            assert totals.net + totals.tax + rounding == totals.gross, document.name


def test_they_are_of_all_types_and_of_many_languages() -> None:
    found = documents()
    assert {document.contract.type for document in found} == set(DocumentType)
    assert {document.contract.language for document in found} >= {"de", "en", "es", "fr", "it", "nl", "pl"}
    assert len(found) >= 60
