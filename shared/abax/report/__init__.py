"""The report of a close: as a page, as a workbook, as data, and in the terminal."""

from abax.report.chart_files import write_charts
from abax.report.html import render_html
from abax.report.json_ import render_json
from abax.report.lines import LineIndex, line_index
from abax.report.xlsx import render_xlsx

__all__ = ["LineIndex", "line_index", "render_html", "render_json", "render_xlsx", "write_charts"]
