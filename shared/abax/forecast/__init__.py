"""Forecasts of a close: every line, what its backtest says, and statements that obey the hard checks.

::

    series ─► methods, backtest, choose ─► together (reconcile) ─► rules ─► three ─► statements
                                                   rehearsal, two_views ──┘          ├─► checks, bridge
                                                                                     └─► whatif, alerts

Cash to come from open items and deals is another way: ``days_to_pay``, ``deals``, ``cash``, ``hindsight``.
"""

from abax.forecast.statements import forecast_package

__all__ = ["forecast_package"]
