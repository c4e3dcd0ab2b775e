"""Tables of figures: no figure is ever cut."""

import io
from decimal import Decimal

from abax.report.tables import figures, money, show
from rich.console import Console


def test_figures_stay_whole_in_a_window_that_is_too_narrow_for_them() -> None:
    console = Console(file=io.StringIO(), width=40)
    table = figures("Wide", *(f"column {number}" for number in range(6)))
    amount = Decimal("-1234567890.12")
    table.add_row("A label that is longer than it may be", *[money(amount, "EUR")] * 6)
    show(console, table)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert printed.count("(1,234,567,890.12)") == 6 and "…" not in printed
    assert console.width == 40


def test_nothing_is_a_dash_and_a_loss_is_red() -> None:
    assert str(money(Decimal("0.00"), "EUR")) == "–"
    assert money(Decimal(-1), "EUR").style == "red"
    assert str(money(Decimal(1000), "JPY")) == "1,000"
