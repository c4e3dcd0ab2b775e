"""Cash to come, drawn."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from abax.report.cash_chart import Panel, cash_chart

SVG = "{http://www.w3.org/2000/svg}"


def row(label: str, receipts: str, payments: str, position: str) -> dict[str, str]:
    low, high = str(Decimal(position) - 50), str(Decimal(position) + 50)
    known = {"receipts": receipts, "payments": payments, "position": position, "low": low, "high": high}
    return {"label": label, "start": "2026-12-01", "end": "2026-12-06", **known}


def prediction(**views: Any) -> dict[str, Any]:
    return {"company": "A & <B>", "currency": "EUR", "as_of": "2026-11-30", "currencies": views}


def view(floor: str | None = None, alerts: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    rows = [row("2026-W49", "300", "-100", "700"), row("2026-W50", "0", "-400", "300")]
    return {"opening": "500", "floor": floor, "periods": rows, "alerts": alerts}


def drawn(found: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(cash_chart(found))


def of_class(root: ElementTree.Element, tag: str, name: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(f"{SVG}{tag}") if one.get("class") == name]


def titles(root: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}title")]


def test_receipts_payments_and_the_position_are_there_with_their_values() -> None:
    root = drawn(prediction(EUR=view()))
    bars = {kind: len(of_class(root, "rect", kind)) - 1 for kind in ("in", "out")}  # less the legend's
    assert bars == {"in": 1, "out": 2}
    [line], [band] = of_class(root, "polyline", "line"), of_class(root, "polygon", "band")
    assert len(str(line.get("points")).split()) == 3 and len(str(band.get("points")).split()) == 5
    told = " ".join(titles(root))
    assert "A & <B>: cash to come from 2026-11-30" in told and "receipts 2026-W49" in told
    described = next(root.iter(f"{SVG}desc")).text
    assert described == (
        "EUR: from 500 to 300 at the end of 2026-W50 (250 to 350); lowest 300 at the end of 2026-W50."
    )


def test_payments_are_told_from_receipts_without_any_colour() -> None:
    text = cash_chart(prediction(EUR=view()))
    assert ".out { fill: url(#hatch)" in text and 'id="hatch"' in text


def test_a_floor_is_drawn_and_periods_at_risk_are_ringed() -> None:
    at_risk = ({"label": "2026-W50", "floor": "400", "probability": 0.93},)
    root = drawn(prediction(EUR=view("400", at_risk)))
    assert len(of_class(root, "path", "floor")) == 2  # one of them the legend's
    [ring] = of_class(root, "circle", "below")
    assert "below the floor with 93%" in str(ring[0].text)
    assert not of_class(drawn(prediction(EUR=view())), "path", "floor")


def test_currencies_stand_below_one_another_the_books_own_first() -> None:
    root = drawn(prediction(CHF=view(), EUR=view()))
    heads = [one.text for one in of_class(root, "text", "head")]
    assert [str(head)[-3:] for head in heads] == ["EUR", "CHF"]


def test_nothing_to_come_is_a_drawing_too() -> None:
    empty: dict[str, Any] = {"opening": "0", "floor": None, "periods": [], "alerts": []}
    assert drawn(prediction(EUR=empty)).tag == f"{SVG}svg"


def test_a_panel_holds_zero_and_every_value() -> None:
    panel = Panel.over([Decimal(-30), Decimal(70)], 10, 100)
    assert panel.low <= -30 and panel.high >= 70
    assert panel.y(panel.high) == 10 and panel.y(panel.low) == 110
