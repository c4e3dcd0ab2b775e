"""The forecast balance sheets as they would have been: the plan made at every earlier origin, and its errors.

At an origin the income statement is what its reconciled forecast was there, every rule (days outstanding,
investment, repayment, dividends) is drawn from the months before it alone, and cash is what the cash flow
leaves. So the errors of cash are those of all that it is made of, at once and as they go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from abax.forecast.rules import plan_of
from abax.forecast.three import Past, balances_ahead
from abax.forecast.together import Errors
from abax.money import ZERO, rounded


def rehearse(
    past: Past, horizon: int, flows: Mapping[str, Errors], own: Mapping[str, Errors]
) -> dict[str, dict[int, list[float]]]:
    """Errors of every figure and total of the balance sheet, by origin and month ahead.

    ``flows`` and ``own`` are the errors of the income statement's figures and of the balances with a forecast
    of their own. Nothing is expected of a line at an origin at which it was not tried: it was not there yet.
    """
    found: dict[str, dict[int, list[float]]] = {}
    for back in _origins(flows):
        known = len(past.months) - back
        then, ahead = past.until(known), past.months[known : known + horizon]
        stop = known + len(ahead)
        earned = {
            line: _said(values[known:stop], flows.get(line, {}), back, past.currency)
            for line, values in past.flows.items()
        }
        standing = {
            line: _said(past.positions[line][known:stop], errors, back, past.currency)
            for line, errors in own.items()
            if back in errors
        }
        plan, _ = plan_of(then, ahead, earned, standing)
        said = dict(_with_totals(past, balances_ahead(then, plan)))
        came = {line: values[known:stop] for line, values in past.positions.items()}
        for line, actual in _with_totals(past, came):
            found.setdefault(line, {})[back] = [
                float(true - value) for true, value in zip(actual, said[line], strict=True)
            ]
    return found


def _origins(flows: Mapping[str, Errors]) -> list[int]:
    """Those of the line that was tried at most."""
    tried = sorted((list(errors) for errors in flows.values()), key=len)
    return sorted(tried[-1], reverse=True) if tried else []


def _said(actual: Sequence[Decimal], errors: Errors, back: int, currency: str) -> list[Decimal]:
    """What was forecast: what came, less what it was off by."""
    if back not in errors:
        return [ZERO] * len(actual)
    return [
        rounded(value - Decimal(repr(error)), currency)
        for value, error in zip(actual, errors[back], strict=True)
    ]


def _with_totals(
    past: Past, figures: Mapping[str, Sequence[Decimal]]
) -> Iterator[tuple[str, Sequence[Decimal]]]:
    yield from figures.items()
    for total, parts in past.shape.sums(1).items():
        yield total, [sum(column, ZERO) for column in zip(*(figures[part] for part in parts), strict=True)]
