"""Every query of the ERPs whose servers cannot run here, as their real databases will be sent it.

The text for each dialect lies in ``tests/golden/sql``; it is parsed by a parser of that dialect where there
is one (SQL Server and Oracle; none is known for HANA), and must not hold what the dialect does not know. What
the queries find is tested elsewhere, on tables of the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import pytest
import sqlglot
from abax.erp import Source, open_source
from abax.erp.source import completed, marks, marks_by_year
from abax.ledger.model import Company
from sqlalchemy import Select, create_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter
from sqlglot import exp

from tests.golden.files import assert_golden
from tests.support.scenario import dynamics, oracle_ebs, sap
from tests.support.scenario.history import history

URLS: Final = {
    "mssql": "mssql+pytds://u:p@h/d",
    "oracle": "oracle+oracledb://u:p@h",
    "hana": "hana+hdbcli://u:p@h",
}
PARSERS: Final = {"mssql": "tsql", "oracle": "oracle"}

FORBIDDEN: Final = {
    "mssql": r"\bLIMIT\b|\|\||::|\btrue\b|\bfalse\b|\binterval\b|\bIS (NOT )?TRUE\b|= 1 = 1",
    "oracle": r"\bLIMIT\b|\bTOP \d|::|(=|<>|!=) ''|\btrue\b|\bfalse\b|\) AS \"?\w+\"? (ON|WHERE|GROUP|JOIN)",
    "hana": r"::|\bILIKE\b|\bIS (NOT )?TRUE\b|\bTOP \d+ \d",
}
"""What is in no query of the dialect: other dialects' words, and in Oracle comparisons with an empty text,
which is null there."""

CASES: Final = {
    "sap_s4": (sap, {"shape": "s4"}, ("hana",)),
    "sap_bseg": (sap, {"shape": "bseg"}, ("hana", "oracle")),
    "sap_flexa": (sap, {"shape": "flexa"}, ("mssql", "hana")),
    "sap_bsis": (sap, {"shape": "bsis"}, ("mssql", "oracle")),
    "oracle_ebs": (oracle_ebs, {}, ("oracle",)),
    "dynamics": (dynamics, {}, ("mssql",)),
}
SPAN: Final = (date(2024, 1, 1), date(2024, 12, 31))


@pytest.fixture(scope="module", params=sorted(CASES))
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Mapping[str, Select[Any]]]]:
    """The name of a case, and the queries of its declaration."""
    writer, variant, _ = CASES[request.param]
    tables = writer.write(history(), **variant)
    url = tables.sqlite(tmp_path_factory.mktemp(request.param) / "books.sqlite")
    with open_source(url, settings=writer.SETTINGS) as source:
        yield request.param, queries(source, source.company(writer.COMPANY))


def queries(source: Source, company: Company) -> Mapping[str, Select[Any]]:
    """All that is ever asked: what is read, and what tells one state from the next."""
    books = source.books
    asked = {
        "companies": books.companies(),
        "periods": books.periods(company),
        **source.master(company),
        "journal_lines": books.journal_lines(company, *SPAN),
        "settlements": books.settlements(company, *SPAN),
        "items": books.items(company, *SPAN),
        "item_settlements": books.item_settlements(company, *SPAN),
        "lines_by_year": marks_by_year(books.posted_lines(company), "posting_date", company.calendar),
        "chart": marks(completed("accounts", books.accounts(company))),
    }
    return {name: query for name, query in asked.items() if query is not None}


@contextmanager
def dialect_of(kind: str) -> Iterator[Dialect]:
    engine = create_engine(URLS[kind])
    yield engine.dialect
    engine.dispose()


def compiled(asked: Mapping[str, Select[Any]], kind: str) -> dict[str, str]:
    """Each query as text, its values written into it."""
    with dialect_of(kind) as dialect:
        return {
            name: str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
            for name, query in asked.items()
        }


def bare(sql: str) -> str:
    """With every text that is not empty as ``'x'``, and without quoted names."""
    return re.sub(r"'(?:[^']|'')+'", "'x'", re.sub(r"\[[^\]]*\]|\"[^\"]*\"", "name", sql))


def test_nothing_is_grouped_by_a_parameter(case: tuple[str, Mapping[str, Select[Any]]]) -> None:
    """Which servers take for something else than the same parameter among the columns."""
    name, asked = case
    for what, query in asked.items():
        for part in visitors.iterate(query):
            for clause in getattr(part, "_group_by_clauses", ()):
                bound = [inner for inner in visitors.iterate(clause) if isinstance(inner, BindParameter)]
                assert not bound, (name, what, str(clause))


def odd_in(tree: exp.Expr, kind: str) -> list[str]:
    """What parses, and SQL Server refuses all the same: sums over subqueries, and order within a subquery."""
    if kind != "mssql":
        return []
    sums = [node for node in tree.find_all(exp.AggFunc) if node.find(exp.Select)]
    ordered = [
        node
        for node in tree.find_all(exp.Select)
        if node is not tree and node.args.get("order") and not node.args.get("limit")
    ]
    return [node.sql("tsql") for node in (*sums, *ordered)]


def test_queries_compile_for_the_real_databases(case: tuple[str, Mapping[str, Select[Any]]]) -> None:
    name, asked = case
    for kind in CASES[name][2]:
        texts = compiled(asked, kind)
        for what, sql in texts.items():
            found = re.search(FORBIDDEN[kind], bare(sql), re.IGNORECASE)
            assert not found, (kind, what, found, sql)
            if kind in PARSERS:
                [tree] = sqlglot.parse(sql, read=PARSERS[kind])
                assert tree is not None
                assert odd_in(tree, kind) == [], (kind, what)
        written = "\n\n".join(f"-- {what}\n{sql};" for what, sql in texts.items())
        assert_golden(f"sql/{name}.{kind}.sql", written + "\n")
