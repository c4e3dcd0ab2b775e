"""SAP's open items as of any day, its chart, partners, centres and rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.erp import Source, open_source
from abax.erp.sap.reader import Reader
from abax.erp.scratch import encoder
from abax.ledger import Ledger, aged

from tests.support.scenario.sap_tables import AREA, COMPANY, Books, Post, inverted
from tests.unit.erp.sap_company import (
    ALL_SHAPES,
    CUSTOMER,
    VENDOR,
    begun,
    company,
    ledger_of,
    moved,
    sqlite,
    told,
)

WITHOUT_INDEXES = "bseg alone"
"""ECC where BSEG is a table, and the indexes are not granted."""
WAYS = (*ALL_SHAPES, WITHOUT_INDEXES)
Opened = dict[str, tuple[Decimal, int]]
"""Residual and bucket by document."""


def of_way(way: str, currency: str = "EUR") -> Books:
    return company("bseg" if way == WITHOUT_INDEXES else way, currency)


def written(books: Books, way: str) -> Books:
    books.finish()
    for name in ("BSID", "BSAD", "BSIK", "BSAK") if way == WITHOUT_INDEXES else ():
        books.tables.drop(name)
    return books


def opened(ledger: Ledger, report: str, day: date) -> Opened:
    return {item.entry_name: (item.residual, item.bucket) for item in aged(ledger, report, day).items}


def owed(amount: str, day: date, **more: Any) -> Post:
    """An item of the customer's."""
    given = {"partner": CUSTOMER, "baseline": day, **more}
    return Post("1200", Decimal(amount), **given)


# --- open items ---


@pytest.mark.parametrize("way", WAYS)
def test_what_was_cleared_later_was_open(way: str, tmp_path: Path) -> None:
    books = of_way(way)
    first, paid = date(2024, 3, 1), date(2024, 5, 10)
    sold = owed("100", first, terms=(30, 0, 0), due=date(2024, 3, 31), cleared=paid)
    books.document(1, first, sold, Post("4000", Decimal(-100)))
    books.document(2, paid, Post("1000", Decimal(100)), owed("-100", paid, due=paid, cleared=paid))
    books.document(
        3, date(2024, 4, 2), owed("40", date(2024, 4, 2), due=date(2024, 4, 2)), Post("4000", Decimal(-40))
    )
    with ledger_of(written(books, way), tmp_path) as ledger:
        whole, rest = Decimal(100), {"3": (Decimal(40), 2)}
        assert opened(ledger, "aged_receivables", date(2024, 2, 28)) == {}
        assert opened(ledger, "aged_receivables", date(2024, 3, 31)) == {"1": (whole, 0)}
        assert opened(ledger, "aged_receivables", date(2024, 5, 9)) == {
            "1": (whole, 2),
            "3": (Decimal(40), 2),
        }
        assert opened(ledger, "aged_receivables", paid) == rest
        assert [row.partner for row in aged(ledger, "aged_receivables", paid).partners] == ["Kunde Eins"]


@pytest.mark.parametrize("way", WAYS)
def test_an_item_that_is_cleared_before_its_own_day_is_open_on_none(way: str, tmp_path: Path) -> None:
    books = of_way(way)
    late = date(2024, 6, 1)
    books.document(1, late, owed("10", late, due=late, cleared=date(2024, 5, 1)), Post("4000", Decimal(-10)))
    found = told(written(books, way), tmp_path)
    [item], [part] = found.items, found.cleared
    assert item["posting_date"] == part["settled_on"] == late
    assert (item["item_id"], item["amount"]) == (part["item_id"], part["amount"])


@pytest.mark.parametrize("way", WAYS)
def test_a_part_that_is_paid_is_due_with_its_invoice(way: str, tmp_path: Path) -> None:
    books = of_way(way)
    first, due = date(2024, 3, 1), date(2024, 3, 31)
    invoice = books.document(
        1, first, owed("100", first, terms=(10, 20, 30), due=due), Post("4000", Decimal(-100))
    )
    part = owed("-30", date(2024, 4, 5), invoice=(*invoice, 1), due=due)
    books.document(2, date(2024, 4, 5), Post("1000", Decimal(30)), part)
    items = told(written(books, way), tmp_path).items
    assert [(item["amount"], item["due_date"]) for item in items] == [(100, due), (-30, due)]


@pytest.mark.parametrize("way", ["bsis", WITHOUT_INDEXES])
def test_a_part_is_due_with_the_last_invoice_of_that_number_where_no_year_is_said(
    way: str, tmp_path: Path
) -> None:
    books = of_way(way)
    for year, days in ((2023, 10), (2024, 20), (2025, 90)):
        first = date(year, 3, 1)
        books.document(1, first, owed("100", first, terms=(days, 0, 0)), Post("4000", Decimal(-100)))
    part = owed("-30", date(2024, 4, 5), invoice=("0000000001", 2024, 1))
    books.document(2, date(2024, 4, 5), Post("1000", Decimal(30)), part)
    written(books, way)
    for name in ("BSEG",) if way == WITHOUT_INDEXES else ("BSID", "BSAD", "BSIK", "BSAK"):
        books.tables.drop(name, "REBZJ", "REBZZ", "SGTXT")
    items = told(books, tmp_path).items
    assert [item["due_date"] for item in items if item["document"] == "2"] == [date(2024, 3, 21)]
    assert len(items) == 4


@pytest.mark.parametrize("way", [way for way in WAYS if way != "s4"])
@pytest.mark.parametrize(
    ("terms", "more", "due"),
    [
        ((30, 0, 0), {}, date(2024, 3, 31)),
        ((14, 21, 0), {}, date(2024, 3, 22)),
        ((14, 21, 45), {}, date(2024, 4, 15)),
        ((0, 0, 0), {}, date(2024, 3, 1)),
        ((30, 0, 0), {"baseline": None}, date(2024, 3, 31)),
        ((30, 0, 0), {"amount": "-50"}, date(2024, 3, 1)),
        ((30, 0, 0), {"amount": "-50", "invoice": "V"}, date(2024, 3, 31)),
    ],
)
def test_items_are_due_by_their_terms(
    way: str, terms: tuple[int, int, int], more: dict[str, Any], due: date, tmp_path: Path
) -> None:
    """Net after the last term that is given; a credit without an invoice at once, unless it says V."""
    books, day = of_way(way), date(2024, 3, 1)
    given = {"baseline": day, "terms": terms, **more}
    amount = given.pop("amount", "50")
    books.document(1, day, owed(amount, day, **given), Post("4000", -Decimal(amount)))
    mirrored = Post("3300", -Decimal(amount), partner=VENDOR, **given)
    books.document(2, day, mirrored, Post("6000", Decimal(amount)))
    items = told(written(books, way), tmp_path).items
    assert [(item["document"], item["due_date"]) for item in items] == [("1", due), ("2", due)]


def test_payables_are_credits(tmp_path: Path) -> None:
    for way in WAYS:
        books, day = of_way(way), date(2024, 3, 1)
        bill = Post("3300", Decimal(-80), partner=VENDOR, baseline=day, due=day)
        books.document(1, day, bill, Post("6000", Decimal(80)))
        with ledger_of(written(books, way), tmp_path / way) as ledger:
            assert opened(ledger, "aged_payables", date(2024, 3, 11)) == {"1": (Decimal(-80), 1)}
            assert ledger.rows("SELECT partner_id, name FROM partners") == [("K:0000000002", "Vendor Two")]


@pytest.mark.parametrize("way", WAYS)
def test_noted_and_parked_items_are_not_open_and_special_ones_are(way: str, tmp_path: Path) -> None:
    books, day = of_way(way), date(2024, 3, 1)
    books.account("1250", "Down payments", True, "D")
    books.document(
        1, day, Post("1000", Decimal(60)), Post("1250", Decimal(-60), partner=CUSTOMER, special="A", due=day)
    )
    for number, status in ((2, "S"), (3, "V"), (4, "W")):
        books.document(number, day, owed("5", day), status=status)
    [item] = told(written(books, way), tmp_path).items
    assert (item["document"], item["amount"], item["due_date"]) == ("1", -60, day)


@pytest.mark.parametrize("way", WAYS)
def test_items_have_the_decimals_of_the_company_s_currency(way: str, tmp_path: Path) -> None:
    books, day = of_way(way, "JPY"), date(2024, 3, 1)
    books.document(1, day, owed("9000", day, due=day), Post("4000", Decimal(-9000)))
    cleared = date(2024, 4, 1)
    books.document(2, day, owed("70", day, due=day, cleared=cleared), Post("4000", Decimal(-70)))
    found = told(written(books, way), tmp_path)
    assert [item["amount"] for item in found.items] == [9000, 70]
    assert [(part["amount"], part["settled_on"]) for part in found.cleared] == [(70, cleared)]


def test_without_indexes_and_documents_there_are_no_items(tmp_path: Path) -> None:
    books = begun("flexa")
    books.finish().drop("BSAK")
    with open_source(books.tables.sqlite(tmp_path / "books.sqlite")) as source:
        found = source.company("Acme AG")
        assert source.books.all_items(found) is None
        assert source.books.all_item_settlements(found) is None


def test_the_net_due_date_goes_before_terms(tmp_path: Path) -> None:
    books = company("bsis")
    columns = (f"{name} varchar(50) default '0'" for name in (*books.tables.columns("BSID"), "NETDT"))
    books.tables.table("BSID", ", ".join(columns))
    books.document(
        9, date(2024, 5, 1), owed("5", date(2024, 5, 1), terms=(30, 0, 0)), Post("4000", Decimal(-5))
    )
    books.tables.rows("BSID")[-1]["NETDT"] = "20240707"
    assert [item["due_date"] for item in told(books, tmp_path).items] == [date(2024, 7, 7)]


# --- the chart ---


def accounts(books: Books, folder: Path, **settings: str) -> dict[str, tuple[str, str]]:
    with open_source(sqlite(books, folder), settings=settings) as source:
        rows = source.database.rows(source.books.accounts(source.company("Acme AG")))
    assert len({row[0] for row in rows}) == len(rows), "one row each"
    return {code: (name, kind) for _, code, name, kind in rows}


def test_accounts_are_for_what_sap_says_they_are(tmp_path: Path) -> None:
    books = company("s4")
    books.account("1010", "Cash", True, kind="C")
    books.account("9000", "Assessment", False, kind="S", group="SECC")
    books.document(1, date(2024, 1, 2), *moved("1000", "2000", "1"))
    found = accounts(books, tmp_path)
    assert {code: kind for code, (_, kind) in found.items()} == {
        "1000": "group:SAKO/balance",
        "1010": "cash",
        "1200": "recon:D",
        "2000": "group:SAKO/balance",
        "2100": "retained",
        "3300": "recon:K",
        "4000": "group:SAKO/result",
        "6000": "group:SAKO/result",
        "9000": "secondary",
    }


def test_accounts_have_one_name_in_the_best_language(tmp_path: Path) -> None:
    books = begun("bseg")
    for letter, text in (("D", "Kasse"), ("F", "Caisse")):
        books.add("SKAT", SPRAS=letter, KTOPL="INT", SAKNR="0000001000", TXT20=text, TXT50=text)
        books.add("SKAT", SPRAS=letter, KTOPL="INT", SAKNR="0000001000", TXT20="!", TXT50="!", MANDT="200")
    books.add("SKA1", KTOPL="INT", SAKNR="0000005000", KTOKS="X", XBILK="X")
    books.add("SKA1", KTOPL="INT", SAKNR="0000005500", KTOKS="X", XBILK="X")
    books.add("SKAT", SPRAS="F", KTOPL="INT", SAKNR="0000005000", TXT20="Stock")
    names = {letter: accounts(books, tmp_path / letter, language=letter) for letter in "EDF"}
    assert [names[letter]["1000"][0] for letter in "EDF"] == ["Bank", "Kasse", "Caisse"]
    assert [names[letter]["4000"][0] for letter in "EDF"] == ["Sales", "Sales", "Sales"]
    assert names["D"]["5000"][0] == "Stock"
    assert names["D"]["5500"][0] == "0000005500"


def test_a_statement_version_tells_what_other_accounts_are_for(tmp_path: Path) -> None:
    books = begun("bseg")
    for item, first, last, debit, credit in (
        ("1010", "0000001000", "0000001099", "X", " "),
        ("2010", "0000001000", "0000001099", " ", "X"),
        ("3010", "0000002000", "0000002999", " ", "X"),
    ):
        for version in ("INT", "OTHR"):
            books.add("FAGL_011ZC", VERSN=version, ERGSL=item if version == "INT" else "9", KTOPL="INT",
                      VONKT=first, BISKT=last, XSOLL=debit, XHABN=credit)  # fmt: skip
    found = accounts(books, tmp_path, fsv="INT")
    kinds = {code: kind for code, (_, kind) in found.items()}
    assert (kinds["1000"], kinds["2000"], kinds["1200"]) == ("fsv:1010", "fsv:3010", "recon:D")
    assert kinds["4000"] == "group:SAKO/result"
    with ledger_of(books, tmp_path / "mapped", {"type:fsv:1010": "cash", "type:fsv:3010": "equity",
                                                 "type:group:SAKO/result": "revenue"},
                   {"fsv": "INT"}) as ledger:  # fmt: skip
        assert ledger.accounts["0000001000"].statement_class == "cash"
        assert ledger.accounts["0000002100"].statement_class == "retained_earnings"


# --- partners, centres, rates ---


def rows_of(url: str, name: str, **settings: str) -> list[tuple[Any, ...]]:
    with open_source(url, settings=settings) as source:
        return sorted(source.database.rows(getattr(source.books, name)(source.company("Acme AG"))), key=repr)


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_partners_of_the_group_are_told_by_their_company(shape: str, tmp_path: Path) -> None:
    books = begun(shape)
    books.company("2000", "Sister AG", RCOMP="G2")
    books.tables.rows("KNA1")[0]["VBUND"] = "G2"
    books.add("KNA1", KUNNR="0000000009", NAME1="Nobody sold to")
    books.add("T880", RCOMP="G2", NAME1="Sister")
    books.add("T880", RCOMP="G7", NAME1="Stranger")
    assert rows_of(sqlite(books, tmp_path), "partners") == [
        ("D:0000000001", "Kunde Eins", "2000"),
        ("V:G2", "Sister", "2000"),
        ("V:G7", "Stranger", None),
    ]


def test_centres_are_named_as_long_as_they_are_valid(tmp_path: Path) -> None:
    books = begun("bseg")
    for area, begin, end, texts in (
        (AREA, "20200101", "20231231", {"E": "Old sales", "D": "Alter Vertrieb"}),
        (AREA, "20240101", "99991231", {"D": "Vertrieb"}),
        ("9000", "20200101", "99991231", {"E": "Of another area"}),
    ):
        key: dict[str, Any] = {"KOKRS": area, "KOSTL": "0000000100", "DATBI": end}
        books.add("CSKS", DATAB=begin, **key)
        for letter, text in texts.items():
            books.add("CSKT", SPRAS=letter, KTEXT="short", LTEXT=text, **key)
    books.add("CEPC", KOKRS=AREA, PRCTR="PC1", DATAB="20200101", DATBI="99991231")
    centre, profit = "cost_center:1000/0000000100", "profit_center:1000/PC1"
    days = [("2020-01-01", "2023-12-31"), ("2024-01-01", "9999-12-31"), ("2020-01-01", "9999-12-31")]
    assert rows_of(sqlite(books, tmp_path), "dimensions") == [
        (centre, "cost_center", "100", "Old sales", None, *days[0]),
        (centre, "cost_center", "100", "Vertrieb", None, *days[1]),
        (profit, "profit_center", "PC1", "PC1", None, *days[2]),
    ]
    assert rows_of(sqlite(books, tmp_path / "D"), "dimensions", language="D")[0][3] == "Alter Vertrieb"


def test_segments_and_areas_are_named(tmp_path: Path) -> None:
    books = begun("s4")
    for letter, text in (("E", "Retail"), ("D", "Handel")):
        books.add("FAGL_SEGMT", LANGU=letter, SEGMENT="S1", NAME=text)
        books.add("FAGL_SEGMT", LANGU=letter, SEGMENT="S1", NAME="Of another client", MANDT="200")
    books.add("TGSBT", SPRAS="D", GSBER="0001", GTEXT="Norden")
    books.add("TFKBT", SPRAS="E", FKBER="0100", FKBTX=" ")
    assert rows_of(sqlite(books, tmp_path), "dimensions", language="D") == [
        ("business_area:0001", "business_area", "0001", "Norden", None, None, None),
        ("functional_area:0100", "functional_area", "0100", "0100", None, None, None),
        ("segment:S1", "segment", "S1", "Handel", None, None, None),
    ]


def rate(books: Books, source: str, target: str, day: date, value: str, kind: str = "M") -> None:
    books.add("TCURR", KURST=kind, FCURR=source, TCURR=target, GDATU=inverted(day), UKURS=Decimal(value))


def rates(books: Books, folder: Path, **settings: str) -> list[str]:
    """As they are stored: currency, day and rate."""
    encode = encoder("fx_rates")
    return sorted(encode(row).decode().strip() for row in rows_of(sqlite(books, folder), "rates", **settings))


def test_rates_are_read_as_they_are_quoted(tmp_path: Path) -> None:
    books = begun("bseg")
    rate(books, "USD", "EUR", date(2024, 1, 1), "0.9")
    rate(books, "USD", "EUR", date(2024, 2, 29), "0.8")
    rate(books, "USD", "EUR", date(2024, 1, 1), "5", kind="P")
    rate(books, "EUR", "USD", date(2024, 1, 1), "7")
    rate(books, "EUR", "GBP", date(2024, 1, 1), "0.8")
    rate(books, "CHF", "EUR", date(2024, 1, 1), "-1.25")
    rate(books, "JPY", "EUR", date(2019, 1, 1), "0.5")
    rate(books, "JPY", "EUR", date(2024, 1, 1), "0.5")
    rate(books, "IDR", "EUR", date(2024, 1, 1), "-20")
    for currency, day, many in (("JPY", date(1990, 1, 1), 10), ("JPY", date(2020, 1, 1), 100),
                                ("IDR", date(1990, 1, 1), 1000)):  # fmt: skip
        books.add("TCURF", KURST="M", FCURR=currency, TCURR="EUR", GDATU=inverted(day), FFACT=many, TFACT=1)
    assert rates(books, tmp_path) == [
        '"CHF","2024-01-01",0.800000000000',
        '"GBP","2024-01-01",1.250000000000',
        '"IDR","2024-01-01",0.000050000000',
        '"JPY","2019-01-01",0.050000000000',
        '"JPY","2024-01-01",0.005000000000',
        '"USD","2024-01-01",0.900000000000',
        '"USD","2024-02-29",0.800000000000',
    ]
    assert rates(books, tmp_path / "P", rate_type="P") == ['"USD","2024-01-01",5.000000000000']
    books.tables.drop("TCURR")
    assert rates(books, tmp_path / "none") == []


# --- what happens where a trap is not seen ---


def _any_language(reader: Reader, name: str, keys: Any, columns: Any, language: str = "") -> Any:
    return reader.table(name)


@pytest.mark.parametrize(
    ("way", "place", "wrong"),
    [
        ("bseg", "reader.Reader.texts", _any_language),
        ("bsis", "items.dated", lambda text: text),
        ("bseg", "items.is_credit", lambda rows: rows.c.SHKZG == "X"),
        ("bsis", "items.NOT_POSTED", ("-",)),
    ],
)
def test_a_trap_that_is_not_seen_changes_what_is_told(
    way: str, place: str, wrong: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def read(folder: str) -> object:
        books, day = of_way(way), date(2024, 3, 1)
        books.add("SKAT", SPRAS="D", KTOPL="INT", SAKNR="0000001000", TXT20="Kasse", TXT50="Kasse")
        invoice = books.document(1, day, owed("100", day, terms=(30, 0, 0)), Post("4000", Decimal(-100)))
        books.document(2, day, owed("-30", day, invoice=(*invoice, 1)), Post("1000", Decimal(30)))
        books.document(3, day, owed("5", day), status="S")
        with open_source(sqlite(books, tmp_path / folder)) as source:
            return _all_of(source)

    right = read("right")
    monkeypatch.setattr(f"abax.erp.sap.{place}", wrong)
    assert read("wrong") != right


def _all_of(source: Source) -> list[list[tuple[Any, ...]]]:
    found, books = source.company("Acme AG"), source.books
    queries = (books.accounts(found), books.all_items(found), books.all_item_settlements(found))
    return [sorted(source.database.rows(query), key=repr) for query in queries if query is not None]


def test_companies_are_those_with_documents_and_a_currency_may_be_missing(tmp_path: Path) -> None:
    books = begun("bseg")
    books.company("0001", "Template")
    books.company("3000", "No currency", WAERS=" ")
    books.document(1, date(2024, 1, 1), *moved("1000", "2000", "1"), company="3000")
    with open_source(sqlite(books, tmp_path)) as source:
        found = {row.company_id: (row.name, row.currency) for row in source.companies()}
    assert found == {COMPANY: ("Acme AG", "EUR"), "3000": ("No currency", "")}
