"""Printed values as what they mean, in whatever way they are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents import answering
from abax.documents.contracts import DocumentType, TradeDocument
from abax.documents.identifiers import IBAN_LENGTHS, iban_is_valid
from abax.documents.meaning import Ways, meaning
from hypothesis import given, settings
from hypothesis import strategies as st

INVOICE = DocumentType.SUPPLIER_INVOICE
MONEY = st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2)
SIGNS = ("€", "EUR", "$", "zł", "CHF", "")


def printed(value: Decimal, mark: str, parting: str) -> str:
    text = f"{value:,.2f}"
    return text.translate({ord(","): parting, ord("."): mark})


@settings(deadline=None)
@given(MONEY, st.sampled_from([(",", "."), (",", " "), (".", ","), (".", "'"), (",", "\u00a0"), (".", "")]))
def test_an_amount_is_read_in_any_way_of_writing_it(value: Decimal, way: tuple[str, str]) -> None:
    mark, parting = way
    ways = Ways(mark=mark)
    text = printed(value, mark, parting)
    for sign in SIGNS:
        for shown in (f"{sign} {text}".strip(), f"{text} {sign}".strip(), f"{sign}{text}"):
            assert meaning("totals.gross", Decimal, shown, ways) == value
    for shown in (f"-{text}", f"{text}-", f"({text})", f"\u2212{text}", f"- {text}", f"-{text} €"):
        assert meaning("totals.gross", Decimal, shown, ways) == -value


@settings(deadline=None)
@given(st.integers(0, 4999))
def test_a_rate_is_read_with_its_sign_of_percent_and_its_name(hundredths: int) -> None:
    rate = Decimal(hundredths) / 100
    for text in (f"{rate:.2f}%", f"{rate:.2f} %", f"{rate:.2f}", f"MwSt {rate:.2f} %", f"{rate:.2f} % VAT"):
        assert meaning("taxes[0].rate", Decimal, text.replace(".", ","), Ways(mark=",")) == rate
        assert meaning("lines[0].tax_rate", Decimal, text, Ways(mark=".")) == rate


@settings(deadline=None)
@given(
    st.sampled_from(sorted(IBAN_LENGTHS)), st.integers(10**14, 10**15 - 1), st.sampled_from(["", " ", "-"])
)
def test_an_iban_is_read_in_groups_or_not(country: str, account: int, parting: str) -> None:
    body = f"{account:0{IBAN_LENGTHS[country] - 4}d}"[: IBAN_LENGTHS[country] - 4]
    digits = "".join(str(int(letter, 36)) for letter in f"{body}{country}00")
    iban = f"{country}{98 - int(digits) % 97:02d}{body}"
    assert iban_is_valid(iban)
    groups = parting.join(iban[at : at + 4] for at in range(0, len(iban), 4))
    assert meaning("bank_accounts[0].iban", str, groups, Ways()) == iban
    assert meaning("bank_accounts[0].iban", str, f"IBAN: {groups}", Ways()) == iban


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2069, 12, 31)))
def test_a_day_is_read_in_the_order_of_the_document(day: date) -> None:
    for order, forms in {
        "dmy": ("%d.%m.%Y", "%d/%m/%y", "%d-%m-%Y", "%d %b %Y"),
        "mdy": ("%m/%d/%Y", "%m/%d/%y", "%B %d, %Y"),
        "ymd": ("%Y-%m-%d", "%y/%m/%d"),
    }.items():
        for form in forms:
            assert meaning("issue_date", date, day.strftime(form), Ways(order=order)) == day


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("seller.vat_id", "DE 136 695 976", "DE136695976"),
        ("seller.vat_id", "USt-IdNr. DE136695976", "DE136695976"),
        ("seller.vat_id", "525-000-10-03", "PL5250001003"),
        ("buyer.vat_id", "NL 8225.06.133 B01", "NL822506133B01"),
        ("bank_accounts[0].bic", "COBA DE FF XXX", "COBADEFFXXX"),
        ("currency", "€", "EUR"),
        ("currency", "12,50 zł", "PLN"),
        ("currency", "$", "CAD"),
        ("currency", "Betrag", None),
        ("seller.address.country", "Deutschland", "DE"),
        ("seller.address.country", "at", "AT"),
        ("seller.address.country", "Nowhere", None),
        ("lines[0].position", "1.", "1"),
        ("lines[0].item_number", "A-7:", "A-7"),
        ("seller.name", "Nordlicht\u00a0 GmbH", "Nordlicht GmbH"),
    ],
)
def test_a_text_with_a_form_of_its_own_is_read_in_it(path: str, text: str, value: str | None) -> None:
    assert meaning(path, str, text, Ways(currency="CAD")) == value


@pytest.mark.parametrize(
    ("path", "kind", "text", "value"),
    [
        ("terms.net_days", int, "30 Tage", 30),
        ("terms.net_days", int, "sofort", None),
        ("terms.net_days", int, "2,5", None),
        ("lines[0].quantity", Decimal, "12 Stk", Decimal(12)),
        ("lines[0].net_amount", Decimal, "12,50 A", Decimal("12.50")),
        ("lines[0].tax_rate", Decimal, "steuerfrei", Decimal(0)),
        ("lines[0].tax_rate", Decimal, "99 %", None),
        ("entries[0].amount", Decimal, "12,50 S", Decimal("-12.50")),
        ("entries[0].amount", Decimal, "12,50 H", Decimal("12.50")),
        ("entries[0].balance", Decimal, "12,50 H", Decimal("12.50")),
        ("totals.gross", Decimal, "many", None),
        ("issue_date", date, "soon", None),
        ("lines[0].adjustments", tuple, "5", None),
    ],
)
def test_a_number_is_read_with_what_stands_beside_it(path: str, kind: type, text: str, value: object) -> None:
    assert meaning(path, kind, text, Ways(mark=",")) == value


def test_misread_letters_are_digits_where_words_come_from_ocr() -> None:
    assert meaning("totals.gross", Decimal, "1O.5O", Ways(recognised=True)) == Decimal("10.50")


def test_tax_rows_and_lines_are_typed_and_what_multiplies_decides_what_a_mark_is() -> None:
    found = answering.typed(
        INVOICE,
        {
            "lines[0].quantity": "1.000",
            "lines[0].unit_price": "3,50 €",
            "lines[0].net_amount": "3,50 €",
            "lines[1].quantity": "2.000",
            "lines[1].unit_price": "0,01",
            "lines[1].net_amount": "20,00-",
            "taxes[0].rate": "19 %",
            "taxes[0].base": "-16,50 €",
            "taxes[0].amount": "(3,14)",
            "seller.vat_id": "ATU 6378 1204",
            "terms.discounts[0].percent": "2%",
        },
    )
    assert isinstance(found, TradeDocument)
    assert [line.quantity for line in found.lines] == [Decimal(1), Decimal(2000)]
    assert found.lines[1].net_amount == Decimal("-20.00")
    [tax] = found.taxes
    assert (tax.rate, tax.base, tax.amount) == (Decimal(19), Decimal("-16.50"), Decimal("-3.14"))
    assert found.seller.vat_id == "ATU63781204"
