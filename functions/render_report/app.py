"""Writes the report of a close, and marks the close as done."""

from abax.handlers import step_handler

handler = step_handler("render_report", "report", "finish", "publish")
