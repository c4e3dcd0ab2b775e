"""From the result of the last twelve months to that of the next twelve: what each line adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from abax.ledger.model import BridgeStep, Statement
from abax.money import ZERO

YEAR: Final = 12


def bridge_of(
    past: Mapping[str, Sequence[Decimal]], statement: Statement, lines: Sequence[str]
) -> list[BridgeStep]:
    """The steps: the last result, every line of ``lines`` that changes it, the next result.

    ``past`` is the income statement's lines by month, ``statement`` that of the months ahead; ``lines``
    sum to the net result. Nothing with less than twelve months on either side.
    """
    if len(statement.periods) < YEAR or min((len(past[line]) for line in lines), default=0) < YEAR:
        return []
    before = {line: sum(past[line][-YEAR:], ZERO) for line in lines}
    rows = {row.line: row for row in statement.lines}
    after = {line: sum(rows[line].values[:YEAR], ZERO) if line in rows else ZERO for line in lines}
    steps = [
        BridgeStep(line=line, label=rows[line].label, amount=after[line] - before[line])
        for line in lines
        if line in rows and after[line] != before[line]
    ]
    first = BridgeStep(
        line="net_result", label="Net result of the last twelve months", amount=sum(before.values(), ZERO)
    )
    last = BridgeStep(
        line="net_result", label="Net result of the next twelve months", amount=sum(after.values(), ZERO)
    )
    return [first, *steps, last]
