"""Orders read from their text, in seven languages and any form, and held against the quote."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from abax.writing.services import context_of, write
from abax.writing.services.contracts import OrderAnalysis, OrderLine
from abax.writing.services.order_matching import matched
from abax.writing.services.order_reading import read_order

TODAY = "2026-11-22"


def read(text: str, quote: dict[str, Any] | None = None, **more: Any) -> OrderAnalysis:
    found = write("order", context_of("order", {"today": TODAY, "text": text, "quote": quote, **more}))
    assert isinstance(found, OrderAnalysis)
    return found


def lines(text: str) -> list[tuple[str, str, str, str, str]]:
    """Code, description, quantity, unit and price of each line."""
    return [
        (one.code, one.description, str(one.quantity), one.unit, str(one.unit_price or ""))
        for one in read(text).order.lines
    ]


# --- reading


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Please deliver 10 pcs A-100 at 12.50 EUR and 5 pcs B-200 at 3.00 EUR by 1 December 2026.",
            [("A-100", "", "10", "pcs", "12.50"), ("B-200", "", "5", "pcs", "3.00")],
        ),
        (
            "Please deliver 10 pcs A-100 at 12.50 EUR and 5 pcs B-200 at 3.00",
            [("A-100", "", "10", "pcs", "12.50"), ("B-200", "", "5", "pcs", "3.00")],
        ),
        ("We hereby order 10 A-100 and 5 B-200.", [("A-100", "", "10", "", ""), ("B-200", "", "5", "", "")]),
        (
            "Bitte senden Sie uns 3 Kartons Papier A4 zum Preis von 19,90 € je Karton und 12 Rollen "
            "Klebeband für 2,10 €/Rolle.",
            [("", "Papier A4", "3", "Kartons", "19.90"), ("", "Klebeband", "12", "Rollen", "2.10")],
        ),
        (
            "Nous commandons 4 pièces réf. AB-12 armoire basse au prix unitaire de 249,00 € et 2 boîtes de "
            "vis à 5,00 €.",
            [("AB-12", "armoire basse", "4", "pièces", "249.00"), ("", "vis", "2", "boîtes", "5.00")],
        ),
        (
            "Por favor, envíen 12 cajas de papel A4 a 3,50 EUR la caja y 5 uds de tóner por 40,00 EUR.",
            [("", "papel A4", "12", "cajas", "3.50"), ("", "tóner", "5", "uds", "40.00")],
        ),
        (
            "Vi preghiamo di inviarci 6 pz di trapano a 89,00 EUR cadauno.",
            [("", "trapano", "6", "pz", "89.00")],
        ),
        (
            "Graag leveren: 8 stuks boormachine à € 99,00 en 20 stuks schroeven à € 0,10.",
            [("", "boormachine", "8", "stuks", "99.00"), ("", "schroeven", "20", "stuks", "0.10")],
        ),
        (
            "Prosimy o dostawę: 40 szt. Wiertło stalowe po 3,20 PLN oraz 10 szt. Piła po 15,00 PLN.",
            [("", "Wiertło stalowe", "40", "szt", "3.20"), ("", "Piła", "10", "szt", "15.00")],
        ),
    ],
)
def test_a_sentence_gives_every_line_that_it_orders(text: str, wanted: list[Any]) -> None:
    assert lines(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "A-100 Drill: 10 pcs, 12.50 EUR each; B-200 Saw: 5 pcs at EUR 3.00",
            [("A-100", "Drill", "10", "pcs", "12.50"), ("B-200", "Saw", "5", "pcs", "3.00")],
        ),
        ("- A-100 x 10 @ 12.50", [("A-100", "", "10", "", "12.50")]),
        ("Art.-Nr. 4711 Schrauben M8x40, 500 Stück, 0,12 EUR/Stk", [
            ("4711", "Schrauben M8x40", "500", "Stück", "0.12")]),
        ("Drill, quantity: 10, unit price: 12.50 EUR", [("", "Drill", "10", "", "12.50")]),
        ("10 Stk A-100 Bohrer 8 mm à 12,50 EUR = 125,00 EUR", [
            ("A-100", "Bohrer 8 mm", "10", "Stk", "12.50")]),
        ("10 Stk. A-100, zusammen 125,00 EUR", [("A-100", "", "10", "Stk", "12.50")]),
        ("2 Stk FB-300 Förderband zu je 20.000,00 EUR", [("FB-300", "Förderband", "2", "Stk", "20000.00")]),
        ("100 pcs screws at 5.20 EUR per 100", [("", "screws", "100", "pcs", "0.052")]),
        ("2 x 5 kg Mehl zu 4,00 EUR", [("", "5 kg Mehl", "2", "", "4.00")]),
        ("2 x Tischplatte 40 x 60 cm zu 30,00 EUR", [("", "Tischplatte 40 x 60 cm", "2", "", "30.00")]),
        ("We need 50 m hose at 3 EUR per m and 2 kg nails.", [
            ("", "hose", "50", "m", "3.00"), ("", "nails", "2", "kg", "")]),
        ("3 tables (TB-2) à 340 € pièce", [("TB-2", "tables", "3", "", "340.00")]),
        ("100 unidades del artículo TR-8 (tornillo 8 mm) a 0,15 €/ud", [
            ("TR-8", "tornillo 8 mm", "100", "unidades", "0.15")]),
        ("We'd like to order the saw FB-300 (2 units, 20,000 EUR each) and installation (1 x 3,000 EUR).", [
            ("", "saw FB-300", "2", "units", "20000.00"), ("", "installation", "1", "", "3000.00")]),
        ("Beste Mara, graag 15 dozen printpapier voor € 4,25 per doos en 2 toners voor € 62,00 per stuk.", [
            ("", "printpapier", "15", "dozen", "4.25"), ("", "toners", "2", "", "62.00")]),
        ("1) 250 x hex bolt M10x60, art. no. HB-1060, unit price EUR 0.34", [
            ("HB-1060", "hex bolt M10x60", "250", "", "0.34")]),
        ("Item 00010 Material 100234 Ball bearing 6204  Qty 40 EA  Price 3.15 EUR", [
            ("100234", "Ball bearing 6204", "40", "EA", "3.15")]),
        ("Please deliver to our warehouse 10 pcs A-100 and 5 pcs B-200", [
            ("A-100", "", "10", "pcs", ""), ("B-200", "", "5", "pcs", "")]),
        ("twelve pieces of saw blade fine at EUR 19.50 each", [
            ("", "saw blade fine", "12", "pieces", "19.50")]),
    ],
)  # fmt: skip
def test_quantity_article_and_price_stand_in_any_order(text: str, wanted: list[Any]) -> None:
    assert lines(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Pos\tArtikel\tBezeichnung\tMenge\tEinzelpreis\tGesamt\n1\tA-100\tBohrer 8 mm\t10\t12,50\t125,00\n"
        "2\tB-200\tSägeblatt\t5\t3,00\t15,00\nSumme\t\t\t\t\t140,00",
        "A-100 | Bohrer 8 mm | 10 | 12,50 | 125,00\nB-200 | Sägeblatt | 5 | 3,00 | 15,00",
        "1   A-100   Bohrer 8 mm   10   12,50 EUR\n2   B-200   Sägeblatt     5    3,00 EUR",
        "Artikel | Menge | Preis | Bezeichnung\nA-100 | 10 | 12,50 | Bohrer 8 mm\n"
        "B-200 | 5 | 3,00 | Sägeblatt",
    ],
)
def test_a_table_is_read_by_its_headings_or_its_arithmetic(text: str) -> None:
    found = read(text)
    assert [(one.code, one.description, one.quantity, one.unit_price) for one in found.order.lines] == [
        ("A-100", "Bohrer 8 mm", Decimal(10), Decimal("12.50")),
        ("B-200", "Sägeblatt", Decimal(5), Decimal("3.00")),
    ]
    assert (found.value, found.unread, found.differences) == (Decimal("140.00"), (), ())


def test_a_day_behind_several_lines_is_that_of_the_order() -> None:
    found = read("Please deliver 10 pcs A-100 at 12.50 EUR and 5 pcs B-200 at 3.00 EUR by 1 December.")
    assert str(found.order.deliver_by) == "2026-12-01"
    assert [one.deliver_by for one in found.order.lines] == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "Please deliver to 4 Market Street.",
        "Our store opens at gate 4.",
        "We need an answer within 3 days.",
        "Bitte stornieren Sie 5 Stk A-100.",
        "We met 2 people of yours on 3 November 2026 at 10 o'clock.",
    ],
)
def test_a_number_that_orders_nothing_is_no_line(text: str) -> None:
    assert lines(text) == []


def test_a_signature_is_not_told_as_something_that_was_not_understood() -> None:
    found = read("10 pcs A-100\nKind regards\nTel. +49 30 1234567\nDE89 3704 0044 0532 0130 00")
    assert (found.unread, found.confidence) == ((), 0.8)


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("10 pcs A-100 at 12.50 EUR = 130.00 EUR", "10 pcs A-100 at 12.50 EUR = 130.00 EUR"),
        ("10 pcs A-100 at 12.50 EUR\n5 pcs B-200 at 3.00 USD", "5 pcs B-200 at 3.00 USD"),
        ("Send 10 pcs A-100 and one spare belt", "10 pcs A-100 and one spare belt"),
        ("10 pcs A-100\n2 % Skonto bei Zahlung in 14 Tagen", "2 % Skonto bei Zahlung in 14 Tagen"),
    ],
)
def test_what_contradicts_itself_or_is_not_understood_is_told_and_lowers_confidence(
    text: str, unread: str
) -> None:
    found = read(text)
    assert (found.unread, found.confidence, found.accept) == ((unread,), 0.5, False)
    assert f"not understood: {unread}" in found.notes


# --- comparing

QUOTE = {
    "number": "AN-118",
    "lines": [
        {"code": "A-100", "description": "Drill 8 mm", "quantity": 10, "unit_price": "12.50"},
        {"description": "FB-300 Förderband", "quantity": 2, "unit_price": "20000"},
    ],
}


def test_a_price_that_differs_is_seen_wherever_the_article_number_stands() -> None:
    found = read("2 Stk FB-300 Förderband zu je 21.000,00 EUR\n10 Stk A-100 zu 12,00 EUR", QUOTE)
    assert [(one.what, one.ordered, one.offered, one.serious) for one in found.differences] == [
        ("unit_price", "21000.00", "20000", False),
        ("unit_price", "12.00", "12.50", True),
    ]


def test_lines_that_agree_with_the_quote_can_be_accepted() -> None:
    found = read("2 Stk FB-300 Förderband zu je 20.000,00 EUR und 10 Stk A-100 zu 12,50 EUR", QUOTE)
    assert (found.differences, found.accept) == ((), True)


@pytest.mark.parametrize(
    ("ordered", "offered", "same"),
    [
        ({"code": "a100"}, {"code": "A-100"}, True),
        ({"code": "FB-300"}, {"description": "FB-300 conveyor"}, True),
        ({"description": "conveyor belt FB-300"}, {"code": "FB-300"}, True),
        ({"description": "drills 8 mm"}, {"description": "Drill, 8 mm, steel"}, True),
        ({"description": "Schrauben"}, {"description": "Schraube verzinkt"}, True),
        ({"description": "Drill 10 mm"}, {"description": "Drill 8 mm"}, False),
        ({"code": "A-101", "description": "Drill steel"}, {"code": "A-100", "description": "Drill"}, False),
        ({"description": "Glue"}, {"description": "Paper"}, False),
    ],
)
def test_articles_are_the_same_by_number_or_by_words_and_size(
    ordered: dict[str, str], offered: dict[str, str], same: bool
) -> None:
    mine, theirs = (OrderLine.model_validate({"quantity": 1, **one}) for one in (ordered, offered))
    assert matched([mine], [theirs])[0] == [theirs if same else None]


def test_words_that_fit_two_lines_equally_well_fit_none() -> None:
    offered = [OrderLine(description=f"Drill {kind}", quantity=Decimal(1)) for kind in ("steel", "wood")]
    pairs, left = matched([OrderLine(description="Drill", quantity=Decimal(1))], offered)
    assert (pairs, left) == ([None], offered)


def test_another_article_number_under_the_same_words_is_told() -> None:
    found = read("10 pcs A-101 Drill 8 mm at 12.50 EUR", {"lines": QUOTE["lines"][:1]})  # type: ignore[index]
    assert [(one.what, one.ordered, one.offered, one.serious) for one in found.differences] == [
        ("code", "A-101", "A-100", True)
    ]
    assert "article A-101 ordered, A-100 offered" in found.text


@pytest.mark.parametrize(
    ("text", "what", "ordered", "value"),
    [
        ("10 pcs A-100 at 12.50 EUR\nRabatt 10 %", "discount", "10", "125.00"),
        ("10 pcs A-100 at 12.50 EUR less 10 %", "line_discount", "10", "112.50"),
        ("10 pièces A-100 à 12,50 EUR\nRemise de 5 %", "discount", "5", "125.00"),
        ("10 szt. A-100 po 12,50 EUR\nRabat: 3%", "discount", "3", "125.00"),
    ],
)
def test_a_discount_that_was_not_offered_is_told(text: str, what: str, ordered: str, value: str) -> None:
    found = read(text, {"lines": QUOTE["lines"][:1]})  # type: ignore[index]
    [one] = found.differences
    assert (one.what, one.ordered, one.offered, one.serious) == (what, ordered, "", True)
    assert (found.value, found.accept) == (Decimal(value), False)
    assert f"{ordered} %" in found.text


def test_a_total_less_the_discount_is_no_contradiction() -> None:
    assert read("10 pcs A-100 at 12.50 EUR\nDiscount 10 %\nTotal EUR 112.50").differences == ()
    assert [one.what for one in read("10 pcs A-100 at 12.50 EUR\nTotal EUR 112.50").differences] == ["sum"]


def test_in_another_currency_quantities_are_compared_and_prices_are_said_not_to_be() -> None:
    found = read("12 pcs A-100 at 5.00 USD", {"lines": QUOTE["lines"][:1]})  # type: ignore[index]
    assert [one.what for one in found.differences] == ["currency", "quantity"]
    assert "Prices in USD and EUR are not compared; quantities are." in found.text


def test_a_sign_of_several_currencies_is_that_of_the_quote() -> None:
    found = read("10 pcs A-100 at $12.50", {"currency": "CAD", "lines": QUOTE["lines"][:1]})  # type: ignore[index]
    assert (found.currency, found.differences) == ("CAD", ())


def test_an_order_that_refers_to_another_quote_says_so() -> None:
    found = read("Wir bestellen laut Angebot AN-117 vom 3.11.2026: 10 Stk A-100 zu 12,50 EUR", QUOTE)
    first = found.differences[0]
    assert (first.what, first.ordered, first.offered) == ("quote", "AN-117", "AN-118")
    assert found.order.dated is None


def test_a_line_as_long_as_none_of_an_order_is_not_read_but_told() -> None:
    found = read_order("1 | 2 | 3 | " * 4000 + "\n10 pcs A-100\n" + "7 | 8 | " * 200)
    assert [one.code for one in found.order.lines] == ["A-100"]
    assert [len(one) <= 1600 for one in found.unread] == [True, True]
