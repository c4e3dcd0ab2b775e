"""Reads a company's books out of its ERP: plans a close, then extracts it year by year."""

from abax.handlers import step_handler

handler = step_handler("extract_erp", "plan", "extract")
