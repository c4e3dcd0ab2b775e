"""Cash to come as a drawing of its own, an SVG file: where cash stands, and what comes and goes.

::

    position  ── line, with the band that holds 80 % of outcomes, the floor dashed
    flows     ── a bar up for receipts, a hatched one down for payments, by period

It needs no page around it and no colour: what differs, differs in lightness and pattern. Each mark names its
value, and a title and a description stand for the whole where nobody can see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from abax.money import ZERO
from abax.report import numbers
from abax.report.drawing import axis

WIDTH: Final = 860
LEFT, RIGHT = 74, 16
HEAD, UPPER, GAP, LOWER, FOOT = 62, 190, 26, 150, 44
"""Heights, from the top: heading and legend, position, blank, flows, names of the periods."""
HEIGHT: Final = HEAD + UPPER + GAP + LOWER + FOOT
MOST_LABELS: Final = 14

_STYLE: Final = Markup("""
    svg { font: 12px system-ui, 'Liberation Sans', Arial, sans-serif; fill: #1a1a1a; background: #fff }
    .head { font-size: 16px; font-weight: 600 } .quiet { fill: #555 }
    .tick { text-anchor: end; fill: #555; font-size: 11px } .label { text-anchor: middle; font-size: 11px }
    .grid { stroke: #ddd; fill: none } .zero { stroke: #666; fill: none }
    .band { fill: #d4d9df; stroke: none } .line { fill: none; stroke: #12395c; stroke-width: 2.2 }
    .dot { fill: #12395c } .floor { stroke: #8a1c1c; stroke-width: 1.6; stroke-dasharray: 7 4; fill: none }
    .in { fill: #2f6f9f } .out { fill: url(#hatch); stroke: #333; stroke-width: 1 }
    .below { fill: #fff; stroke: #8a1c1c; stroke-width: 2.4 } .warn { fill: #8a1c1c }""")
_HATCH: Final = Markup(
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="5" height="5" fill="#fff"/>'
    '<path d="M0 0V5" stroke="#333" stroke-width="2"/></pattern></defs>'
)


@dataclass(frozen=True)
class Panel:
    """A part of the drawing with a value axis of its own."""

    top: int
    height: int
    low: Decimal
    high: Decimal
    ticks: Sequence[Decimal]

    @classmethod
    def over(cls, values: Sequence[Decimal], top: int, height: int) -> Panel:
        """One that shows all values and zero, between round numbers."""
        scale = axis(values)
        return cls(top, height, scale.low, scale.high, scale.ticks)

    def y(self, value: Decimal) -> float:
        """Height on the drawing, downwards."""
        return round(self.top + float((self.high - value) / (self.high - self.low)) * self.height, 1)


@dataclass(frozen=True)
class Period:
    """What is drawn of one."""

    label: str
    end: str
    receipts: Decimal
    payments: Decimal
    position: Decimal
    low: Decimal
    high: Decimal


def cash_chart(found: Mapping[str, Any]) -> str:
    """A prediction of cash to come (``workflow.cashflow.predict``) as one SVG document, its currencies one
    below the other, the books' own first."""
    home = found["currency"]
    order = sorted(found["currencies"], key=lambda currency: (currency != home, currency))
    parts = [
        Markup('<g transform="translate(0 {})">{}</g>').format(
            HEIGHT * place, _drawn(found, currency, found["currencies"][currency])
        )
        for place, currency in enumerate(order)
    ]
    described = " ".join(_described(currency, found["currencies"][currency]) for currency in order)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" '
            'role="img" aria-labelledby="cash-t cash-d">'
            '<title id="cash-t">{2}</title><desc id="cash-d">{3}</desc>'
            "<style>{4}</style>{5}<rect width='{0}' height='{1}' fill='#fff'/>{6}</svg>\n"
        ).format(
            WIDTH,
            HEIGHT * len(order),
            _title(found),
            described,
            _STYLE,
            _HATCH,
            Markup("").join(parts),
        )
    )


def _title(found: Mapping[str, Any]) -> str:
    return f"{found['company']}: cash to come from {found['as_of']}"


def _described(currency: str, view: Mapping[str, Any]) -> str:
    rows = _periods(view)
    if not rows:
        return f"{currency}: nothing."
    last, least = rows[-1], min(rows, key=lambda row: row.position)
    alerts = view["alerts"]
    told = (
        f" Below the floor of {alerts[0]['floor']} first at the end of {alerts[0]['label']}."
        if alerts
        else ""
    )
    return (
        f"{currency}: from {view['opening']} to {last.position} at the end of {last.label} ({last.low} to "
        f"{last.high}); lowest {least.position} at the end of {least.label}.{told}"
    )


def _periods(view: Mapping[str, Any]) -> list[Period]:
    names = ("receipts", "payments", "position", "low", "high")
    return [
        Period(row["label"], row["end"], *(Decimal(row[name]) for name in names)) for row in view["periods"]
    ]


def _drawn(found: Mapping[str, Any], currency: str, view: Mapping[str, Any]) -> Markup:
    rows = _periods(view)
    opening = Decimal(view["opening"])
    floor = None if view["floor"] is None else Decimal(view["floor"])
    shown = [opening, *(value for row in rows for value in (row.low, row.high))]
    upper = Panel.over([*shown, *([] if floor is None else [floor])], HEAD, UPPER)
    flows = [value for row in rows for value in (row.receipts, row.payments)]
    lower = Panel.over(flows, HEAD + UPPER + GAP, LOWER)
    marks = [
        _heading(f"{_title(found)}, {currency}", floor is not None),
        _grid(upper),
        _grid(lower),
        _position(rows, opening, upper, view, currency),
        *(_flows(slot, len(rows), row, lower, currency) for slot, row in enumerate(rows)),
        _labels(rows),
    ]
    if floor is not None:
        marks.insert(3, _floor(floor, upper, currency))
    return Markup("").join(marks)


def _heading(title: str, has_floor: bool) -> Markup:
    swatches = [
        Markup('<path class="line" d="M{} {}h26"/>'),
        Markup('<rect class="band" x="{}" y="{}" width="26" height="12" transform="translate(0 -6)"/>'),
        Markup('<rect class="in" x="{}" y="{}" width="26" height="12" transform="translate(0 -6)"/>'),
        Markup('<rect class="out" x="{}" y="{}" width="26" height="12" transform="translate(0 -6)"/>'),
    ]
    words = ["cash at the end", "80 % of outcomes", "receipts", "payments"]
    if has_floor:
        swatches.append(Markup('<path class="floor" d="M{} {}h26"/>'))
        words.append("floor; a ring: may be below")
    drawn = [Markup('<text class="head" x="{}" y="24">{}</text>').format(LEFT, title)]
    for place, (swatch, word) in enumerate(zip(swatches, words, strict=True)):
        x = LEFT + place * 150
        drawn.append(swatch.format(x, 44))
        drawn.append(Markup('<text class="quiet" x="{}" y="48">{}</text>').format(x + 32, word))
    return Markup("").join(drawn)


def _grid(panel: Panel) -> Markup:
    return Markup("").join(
        Markup('<path class="{}" d="M{} {}H{}"/><text class="tick" x="{}" y="{}">{}</text>').format(
            "grid" if tick else "zero",
            LEFT,
            panel.y(tick),
            WIDTH - RIGHT,
            LEFT - 8,
            panel.y(tick) + 4,
            numbers.tick(tick),
        )
        for tick in panel.ticks
    )


def _x(slot: int, count: int) -> float:
    """The middle of a period's share of the width."""
    return round(LEFT + (slot + 0.5) * (WIDTH - LEFT - RIGHT) / max(count, 1), 1)


def _position(
    rows: Sequence[Period], opening: Decimal, panel: Panel, view: Mapping[str, Any], currency: str
) -> Markup:
    count = len(rows)
    start = (float(LEFT), panel.y(opening))
    middle = [start, *((_x(slot, count), panel.y(row.position)) for slot, row in enumerate(rows))]
    upper = [start, *((_x(slot, count), panel.y(row.high)) for slot, row in enumerate(rows))]
    lower = [(_x(slot, count), panel.y(row.low)) for slot, row in enumerate(rows)]
    at_risk = {one["label"]: one["probability"] for one in view["alerts"]}
    drawn = [
        Markup('<polygon class="band" points="{}"/>').format(_points([*upper, *reversed(lower)])),
        Markup('<polyline class="line" points="{}"/>').format(_points(middle)),
    ]
    for (x, y), row in zip(middle[1:], rows, strict=True):
        chance = at_risk.get(row.label)
        low, high = numbers.compact(row.low), numbers.compact(row.high)
        words = f"{row.label}: {numbers.amount(row.position, currency)} {currency}, {low} to {high}"
        words += f"; below the floor with {chance:.0%}" if chance is not None else ""
        kind, size = ("below", 5) if chance is not None else ("dot", 2.8)
        mark = Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>')
        drawn.append(mark.format(kind, x, y, size, words))
    return Markup("").join(drawn)


def _floor(floor: Decimal, panel: Panel, currency: str) -> Markup:
    y = panel.y(floor)
    return Markup(
        '<path class="floor" d="M{} {}H{}"><title>{}</title></path>'
        '<text class="warn" x="{}" y="{}" text-anchor="end">floor {}</text>'
    ).format(
        LEFT,
        y,
        WIDTH - RIGHT,
        f"floor: {numbers.amount(floor, currency)} {currency}",
        WIDTH - RIGHT,
        y - 5,
        numbers.compact(floor),
    )


def _flows(slot: int, count: int, row: Period, panel: Panel, currency: str) -> Markup:
    half = round(0.36 * (WIDTH - LEFT - RIGHT) / max(count, 1), 1)
    drawn = []
    for value, kind, word in ((row.receipts, "in", "receipts"), (row.payments, "out", "payments")):
        top, bottom = sorted((panel.y(value), panel.y(ZERO)))
        if bottom > top:
            words = f"{word} {row.label}: {numbers.amount(value, currency)} {currency}"
            mark = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>')
            x = round(_x(slot, count) - half, 1)
            drawn.append(mark.format(kind, x, top, 2 * half, round(bottom - top, 1), words))
    return Markup("").join(drawn)


def _labels(rows: Sequence[Period]) -> Markup:
    every = -(-len(rows) // MOST_LABELS) or 1
    y = HEIGHT - FOOT + 18
    return Markup("").join(
        Markup(
            '<text class="label" x="{0}" y="{1}">{2}</text>'
            '<text class="label quiet" x="{0}" y="{3}">{4}</text>'
        ).format(_x(slot, len(rows)), y, row.label.removeprefix(row.end[:4] + "-"), y + 14, row.end[5:])
        for slot, row in enumerate(rows)
        if slot % every == 0
    )


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
