"""Books out of ERP databases: what each ERP keeps where, and one way to read them all."""

from abax.erp.extract import extract_master, extract_year
from abax.erp.opened import Source
from abax.erp.registry import open_source
from abax.erp.source import YearSummary

__all__ = ["Source", "YearSummary", "extract_master", "extract_year", "open_source"]
