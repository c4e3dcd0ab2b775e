"""A first honest forecast: income-statement lines and cash, twelve months ahead, with their errors shown."""

from abax.forecast.statements import forecast_package

__all__ = ["forecast_package"]
