"""Writes the report of a close, or of a group's, and marks it as done."""

from abax.handlers import step_handler

handler = step_handler("render_report", "report", "finish", "publish")
