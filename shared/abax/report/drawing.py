"""The pencils that charts are drawn with: axes, bars, lines and areas as SVG. Colours and dashes are classes
of the page's style; a mark names its value, and a drawing has a title and a description."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from markupsafe import Markup, escape

from abax.money import ZERO
from abax.report import numbers


@dataclass(frozen=True)
class Frame:
    """Size of a drawing, and the room around what is plotted for words."""

    width: int = 560
    height: int = 270
    left: int = 58
    right: int = 12
    top: int = 12
    bottom: int = 30

    @property
    def floor(self) -> int:
        """Where the plot ends, downwards."""
        return self.height - self.bottom


FRAME: Final = Frame()


@dataclass(frozen=True)
class Chart:
    """A drawing with its heading and legend (class of the swatch → words)."""

    name: str
    title: str
    svg: Markup
    legend: Sequence[tuple[str, str]] = ()
    note: str = ""
    wide: bool = False
    width: int = FRAME.width
    height: int = FRAME.height


@dataclass(frozen=True)
class Axis:
    """A value axis: where values lie, and the round numbers at which lines are drawn."""

    low: Decimal
    high: Decimal
    ticks: list[Decimal]
    frame: Frame = FRAME

    def y(self, value: Decimal) -> float:
        """Height on the drawing, downwards."""
        return round(float(self.frame.top + (1 - self.share(value)) * (self.frame.floor - self.frame.top)), 1)

    def x(self, value: Decimal) -> float:
        """Place on the drawing where values lie along it."""
        room = self.frame.width - self.frame.left - self.frame.right
        return round(float(self.frame.left + self.share(value) * room), 1)

    def share(self, value: Decimal) -> Decimal:
        """Of the axis that lies below ``value``."""
        return (value - self.low) / (self.high - self.low)


def axis(values: Iterable[Decimal], steps: int = 4, frame: Frame = FRAME) -> Axis:
    """An axis over ``values`` and zero, from one round number to another."""
    found = [ZERO, *values]
    low, high = min(found), max(found)
    if low == high:
        high = low + 1
    step = _round_step((high - low) / steps)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    ticks = [step * place for place in range(int(first), int(last) + 1)]
    return Axis(ticks[0], ticks[-1], ticks, frame)


@dataclass(frozen=True)
class Slots:
    """Equal shares of the drawing's width."""

    count: int
    frame: Frame = FRAME

    @property
    def width(self) -> float:
        """Of one share."""
        return (self.frame.width - self.frame.left - self.frame.right) / max(self.count, 1)

    def x(self, slot: float) -> float:
        """The middle of a share."""
        return round(self.frame.left + (slot + 0.5) * self.width, 1)


def svg(
    name: str,
    title: str,
    described: str,
    marks: Iterable[Markup],
    frame: Frame = FRAME,
    kind: str = "chart",
) -> Markup:
    """The whole drawing."""
    return Markup(
        '<svg class="{6}" viewBox="0 0 {0} {1}" role="img" aria-labelledby="chart-{2}-t chart-{2}-d">'
        '<title id="chart-{2}-t">{3}</title><desc id="chart-{2}-d">{4}</desc>{5}</svg>'
    ).format(frame.width, frame.height, name, title, described, Markup("").join(marks), kind)


def grid(scale: Axis) -> Markup:
    """Lines at the axis' round numbers, which stand before them."""
    frame = scale.frame
    rows = Markup("").join(
        Markup('<path class="{}" d="M{} {}H{}"/><text class="tick" x="{}" y="{}">{}</text>').format(
            "grid" if tick else "zero",
            frame.left,
            scale.y(tick),
            frame.width - frame.right,
            frame.left - 8,
            scale.y(tick) + 4,
            numbers.tick(tick),
        )
        for tick in scale.ticks
    )
    return Markup("<g>{}</g>").format(rows)


def bar(x: float, half: float, scale: Axis, value: Decimal, kind: str, title: str) -> Markup:
    """A standing bar around ``x``, from zero to ``value``."""
    top, bottom = sorted((scale.y(value), scale.y(ZERO)))
    return Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>'
    ).format(kind, round(x - half, 1), top, round(2 * half, 1), round(bottom - top, 1), title)


def polyline(points: Sequence[tuple[float, float]], kind: str) -> Markup:
    """A line through points; a dot where there is one alone."""
    if len(points) == 1:
        return dot(*points[0], kind, "")
    return Markup('<polyline class="{}" points="{}"/>').format(kind, _places(points))


def polygon(points: Sequence[tuple[float, float]], kind: str) -> Markup:
    """An area inside points."""
    return Markup('<polygon class="{}" points="{}"/>').format(kind, _places(points))


def dot(x: float, y: float, kind: str, title: str) -> Markup:
    """A point that names its value."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="3"><title>{}</title></circle>').format(
        kind, x, y, title
    )


def caption(x: float, words: str, kind: str = "label", frame: Frame = FRAME) -> Markup:
    """Words below the plot."""
    return text(x, frame.height - 9, words, kind)


def text(x: float, y: float, words: str, kind: str) -> Markup:
    """Words anywhere."""
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, x, y, words)


def short(name: str, most: int = 22) -> Markup:
    """A name that fits before a row."""
    return escape(name if len(name) <= most else name[: most - 1].rstrip() + "…")


def _places(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _round_step(least: Decimal) -> Decimal:
    """The least of 1, 2, 2.5, 5 times a power of ten that is not below ``least``."""
    power = Decimal(1).scaleb(least.adjusted())
    return next(
        power * factor
        for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
        if power * factor >= least
    )
