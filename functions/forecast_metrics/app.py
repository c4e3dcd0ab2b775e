"""Forecasts the statement lines and cash twelve months ahead."""

from abax.handlers import step_handler

handler = step_handler("forecast_metrics", "forecast")
