"""Reads a company's books out of its ERP: plans a close, extracts it year by year, and holds all years to one
moment. For a group it plans the closes of all members."""

from abax.handlers import step_handler

handler = step_handler("extract_erp", "plan", "extract", "settle", "plan_group", reads_erps=True)
