"""Forecasts the statements of a close twelve months ahead."""

from abax.handlers import forecasting, step_handler

handler = step_handler("forecast_metrics", "forecast", context_of=forecasting)
