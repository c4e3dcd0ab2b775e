"""SAP's books: company codes, charts, partners, rates, cost and profit centres, totals, and postings."""

# ruff: noqa: SIM300  (columns in capitals are no constants)

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from abax.erp.dialects import DateOf, Joined, Text, Unpadded
from abax.erp.sap.items import items_of
from abax.erp.sap.lines import CONTROL, WAYS, Lines
from abax.erp.sap.opening import FIRST, LEFT_OUT, Opening
from abax.erp.sap.reader import (
    CONTROLS,
    MASTER,
    PARTNERS,
    SLASH,
    TEXTS,
    ZERO,
    Reader,
    given,
    headers,
    nothing,
    optional,
    prefixed,
    said,
)
from abax.erp.sap.totals import Totals
from abax.erp.sap.variants import Variants
from abax.erp.source import Declaration, Found, Query
from abax.ledger.model import Company, StatementClass

_C = StatementClass
CLASSES: Final[dict[str, StatementClass]] = {
    "recon:D": _C.RECEIVABLES,
    "recon:K": _C.PAYABLES,
    "recon:A": _C.FIXED_ASSETS,
    "cash": _C.CASH,
    "retained": _C.RETAINED_EARNINGS,
    "secondary": _C.OPERATING_EXPENSES,
}
"""Reconciliation accounts of customers, vendors and assets; cash accounts; the account that results are
carried forward to; secondary cost elements, which come to nil in a company. Of other accounts SAP says only
what group they were created in, or where a financial statement version has them: a mapping settles those."""

NO_VERSION: Final = "none"
"""Of financial statements."""
SELLING: Final = "M"
"""The rate type at which SAP translates postings."""
RESULT_CARRIED: Final = "BIL"
"""Of T030: where each kind of result account is carried forward to."""

RATES: Final = {
    "TCURR": ("MANDT", "KURST", "FCURR", "TCURR", "GDATU", "UKURS"),
    "TCURF": ("MANDT", "KURST", "FCURR", "TCURR", "GDATU", "FFACT", "TFACT"),
}
CENTRES: Final = {
    "cost_center": {
        "CSKS": ("MANDT", "KOKRS", "KOSTL", "DATAB", "DATBI"),
        "CSKT": ("MANDT", "SPRAS", "KOKRS", "KOSTL", "DATBI", "KTEXT", "LTEXT"),
    },
    "profit_center": {
        "CEPC": ("MANDT", "KOKRS", "PRCTR", "DATAB", "DATBI"),
        "CEPCT": ("MANDT", "SPRAS", "KOKRS", "PRCTR", "DATBI", "KTEXT", "LTEXT"),
    },
}


MAIL: Final = {"ADR6": ("CLIENT", "ADDRNUMBER", "SMTP_ADDR")}
"""E-mail addresses, by the address of a master record."""
NAMES: Final = {
    "segment": ("FAGL_SEGMT", "MANDT", "LANGU", "SEGMENT", "NAME"),
    "business_area": ("TGSBT", "MANDT", "SPRAS", "GSBER", "GTEXT"),
    "functional_area": ("TFKBT", "MANDT", "SPRAS", "FKBER", "FKBTX"),
}
"""By dimension: a table of texts, its client, language, key and text."""


class Sap(Declaration):
    """One client's books. A company is a company code, an account its ten digits."""

    erp = "sap"
    classes: Mapping[str, StatementClass] = CLASSES

    def __init__(self, found: Found, way: str) -> None:
        super().__init__(found)
        self.settings = {**found.settings, "lines": way}
        self._reader = Reader(found, self._table)
        self._variants = Variants(self._reader)
        self.lines: Lines = WAYS[way](self._reader)
        self._items = items_of(self._reader, self.lines)
        self._totals = Totals(self._reader)
        self._opening = Opening(self._reader, self.lines, self._totals)
        self._opens = found.settings.get("opening", LEFT_OUT) == FIRST

    # --- master data ---

    def companies(self) -> Query:
        """The company codes that have documents: every client holds templates beside them."""
        code, header = self._table("T001"), headers(self._schema, self._table)
        documents = select(header.c.BUKRS).where(self._reader.mine(header), header.c.BUKRS == code.c.BUKRS)
        ends = self._variants.year_ends
        month, day = ({variant: end[part] for variant, end in ends.items()} for part in (0, 1))
        return (
            select(
                code.c.BUKRS.label("company_id"),
                func.coalesce(said(code.c.BUTXT), code.c.BUKRS).label("name"),
                said(code.c.WAERS).label("currency"),
                (case(month, value=code.c.PERIV, else_=12) if ends else literal_column("12")).label(
                    "fiscal_year_end_month"
                ),
                (case(day, value=code.c.PERIV, else_=31) if ends else literal_column("31")).label(
                    "fiscal_year_end_day"
                ),
            )
            .where(self._reader.mine(code), documents.exists())
            .order_by(code.c.BUKRS)
        )

    def periods(self, company: Company) -> Query | None:
        """By the fiscal-year variant; special periods lie in the last normal one."""
        known = self._variants.periods(company)
        if not known:
            return None
        rows = [
            select(
                literal_column(str(year)).label("year"),
                literal_column(str(period)).label("period"),
                DateOf(literal_column(f"'{start:%Y%m%d}'")).label("start_date"),
                DateOf(literal_column(f"'{end:%Y%m%d}'")).label("end_date"),
            )
            for year, period, start, end in known
        ]
        parts = [union_all(*rows[at : at + _MOST]).subquery(f"part{at}") for at in range(0, len(rows), _MOST)]
        whole = union_all(*[select(part) for part in parts]).subquery("periods")
        return select(whole)

    def accounts(self, company: Company) -> Query:
        """The company code's chart of accounts, named in the language asked for or else in another."""
        code, account = self._table("T001"), self._table("SKA1")
        of_chart = and_(account.c.MANDT == code.c.MANDT, account.c.KTOPL == code.c.KTOPL)
        rows, own, names = code.join(account, of_chart), None, []
        if self._reader.has(CONTROLS, *MASTER[CONTROLS]):
            own = self._table(CONTROLS)
            rows = rows.outerjoin(own, and_(self._reader.of(company, own), own.c.SAKNR == account.c.SAKNR))
        if self._reader.has(TEXTS, *MASTER[TEXTS]):
            text = self._reader.texts(TEXTS, ("KTOPL", "SAKNR"), ("TXT50", "TXT20"))
            names = [said(text.c.TXT50), said(text.c.TXT20)]
            same = and_(text.c.KTOPL == account.c.KTOPL, text.c.SAKNR == account.c.SAKNR)
            rows = rows.outerjoin(text, same)
        return (
            select(
                account.c.SAKNR.label("account_id"),
                Unpadded(account.c.SAKNR).label("code"),
                (func.coalesce(*names, account.c.SAKNR) if names else account.c.SAKNR).label("name"),
                self._account_type(account, own).label("source_type"),
            )
            .select_from(rows)
            .where(self._reader.of(company, code))
        )

    def partners(self, company: Company) -> Query:
        """Customers (D), vendors (K) and trading partners (V). Which of them are companies of the group is
        told by the company that the master record names."""
        parts = []
        for kind, name in zip(CONTROL, PARTNERS, strict=True):
            if self._reader.has(name, *MASTER[name]):
                parts.append(self._partners(company, self._table(name), kind, CONTROL[kind][0], "VBUND"))
            elif self._items:
                parts.append(_unnamed(kind, self._items.partners(company, kind)))
        if self._schema.has("T880", "MANDT", "RCOMP", "NAME1"):
            parts.append(self._partners(company, self._table("T880"), "V", "RCOMP", "RCOMP"))
        if not parts:
            nobody = [nothing().label(name) for name in ("partner_id", "name", "group_company")]
            return select(*nobody).where(literal_column("1") == literal_column("0"))
        found = union_all(*parts).subquery("all_partners")
        return select(found)

    def addresses(self, company: Company) -> Query | None:
        """Those kept with the addresses of the customers and vendors that have items."""
        parts = []
        for kind, name in zip(CONTROL, PARTNERS, strict=True):
            if (
                self._items
                and self._reader.has(name, *MASTER[name], "ADRNR")
                and not self._schema.missing(MAIL)
            ):
                master, mail, key = self._table(name), self._table("ADR6", f"mail_{kind}"), CONTROL[kind][0]
                same = and_(mail.c.CLIENT == master.c.MANDT, mail.c.ADDRNUMBER == master.c.ADRNR)
                parts.append(
                    select(
                        prefixed(f"{kind}:", master.c[key], of=master.c[key]).label("partner_id"),
                        mail.c.SMTP_ADDR.label("email"),
                    )
                    .select_from(master.join(mail, same))
                    .where(self._reader.mine(master), given(master.c.ADRNR), given(mail.c.SMTP_ADDR))
                    .where(master.c[key].in_(self._items.partners(company, kind)))
                )
        return select(union_all(*parts).subquery("of_both")).distinct() if parts else None

    def rates(self, company: Company) -> Query:
        """Rates of the translation type, into the company's currency or else out of it. A negative rate is
        quoted the other way round; both are for as many units as the ratios say."""
        pairs = self._quoted_rates()
        mine = company.currency
        into = select(
            pairs.c.FCURR.label("currency"),
            pairs.c.GDATU,
            pairs.c.into_units.label("functional_units"),
            pairs.c.from_units.label("foreign_units"),
            ZERO.label("preference"),
        ).where(pairs.c.TCURR == mine, pairs.c.FCURR != mine)
        out_of = select(
            pairs.c.TCURR, pairs.c.GDATU, pairs.c.from_units, pairs.c.into_units, literal_column("1")
        ).where(pairs.c.FCURR == mine, pairs.c.TCURR != mine)
        both = union_all(into, out_of).subquery("both_ways")
        turn = func.row_number().over(
            partition_by=[both.c.currency, both.c.GDATU], order_by=both.c.preference
        )
        ranked = select(both, turn.label("turn")).subquery("ranked")
        day = DateOf(Text(literal_column("99999999") - cast(ranked.c.GDATU, Integer)))
        return select(
            ranked.c.currency, day.label("rate_date"), ranked.c.functional_units, ranked.c.foreign_units
        ).where(ranked.c.turn == 1)

    def dimensions(self, company: Company) -> Query | None:
        """Cost and profit centres of the company code's controlling area, each as long as it is valid; and
        what segments, business areas and functional areas are called."""
        parts = [
            self._centres(company, dimension, *tables)
            for dimension, tables in CENTRES.items()
            if not self._schema.missing(tables)
        ]
        named = {kind: table for kind, table in NAMES.items() if self._schema.has(*table)}
        parts += [self._names(dimension, *table) for dimension, table in named.items()]
        if not parts:
            return None
        found = union_all(*parts).subquery("centres")
        return select(found)

    def balances(self, company: Company) -> Query | None:
        """The totals that SAP keeps by account and year."""
        return self._totals.by_year(company, self._opening.first_year(company) if self._opens else "")

    # --- the year's tables ---

    def posted_lines(self, company: Company) -> Query:
        """From the tables that can be read."""
        return self._opened(company, self.lines.posted(company))

    def journal_lines(self, company: Company, start: date, end: date) -> Query:
        """Of all days, with a condition first that indexes can serve."""
        found = self._opened(company, self.lines.posted(company, (start, end))).subquery("every_day")
        return select(found).where(found.c.posting_date.between(start, end))

    def all_items(self, company: Company) -> Query | None:
        """Customers' and vendors' items."""
        return self._items.all(company) if self._items else None

    def all_item_settlements(self, company: Company) -> Query | None:
        """Their clearing."""
        return self._items.settlements(company) if self._items else None

    # --- parts ---

    def _opened(self, company: Company, lines: Query) -> Query:
        """With the balances that the books begin with, where they are asked for."""
        entry = self._opening.entry(company) if self._opens else None
        return lines if entry is None else select(union_all(entry, lines).subquery("with_opening"))

    def _account_type(self, account: Any, own: Any) -> ColumnElement[Any]:
        """What SAP says an account is for, from the surest to the vaguest."""
        kinds: list[Any] = []
        if self._schema.has("T030", "MANDT", "KTOPL", "KTOSL", "KONTS"):
            rule = self._table("T030")
            heads = select(rule.c.KONTS).where(
                self._reader.mine(rule), rule.c.KTOPL == account.c.KTOPL, rule.c.KTOSL == RESULT_CARRIED
            )
            kinds.append((account.c.SAKNR.in_(heads), "retained"))
        if own is not None:
            kinds.append((said(own.c.MITKZ).is_not(None), Joined(literal_column("'recon:'"), own.c.MITKZ)))
        if "GLACCOUNT_TYPE" in account.c:
            kinds.append((account.c.GLACCOUNT_TYPE == "C", "cash"))
            kinds.append((account.c.GLACCOUNT_TYPE == "S", "secondary"))
        item = self._statement_item(account)
        if item is not None:
            kinds.append((item.is_not(None), Joined(literal_column("'fsv:'"), item)))
        side = case((account.c.XBILK == "X", "/balance"), else_="/result")
        group = Joined(literal_column("'group:'"), func.coalesce(said(optional(account, "KTOKS")), ""), side)
        return case(*kinds, else_=group) if kinds else group

    def _statement_item(self, account: Any) -> ColumnElement[Any] | None:
        """The item of the financial statement version that has the account; that of its debit balance where
        there are two."""
        version = self.settings.get("fsv", NO_VERSION)
        if version == NO_VERSION or not self._schema.has("FAGL_011ZC", "VERSN"):
            return None
        item = self._table("FAGL_011ZC")
        fits = and_(
            self._reader.mine(item),
            item.c.VERSN == version,
            item.c.KTOPL == account.c.KTOPL,
            account.c.SAKNR.between(item.c.VONKT, item.c.BISKT),
        )
        debit, either = (
            select(func.min(item.c.ERGSL)).where(fits, *more).correlate(account).scalar_subquery()
            for more in ((item.c.XSOLL == "X",), ())
        )
        return func.coalesce(debit, either)

    def _partners(self, company: Company, master: Any, kind: str, key: str, group: str) -> Query:
        code = self._table("T001", "group_code")
        in_group = (
            select(func.min(code.c.BUKRS))
            .where(
                self._reader.mine(code), master.c[group] == code.c.RCOMP, said(master.c[group]).is_not(None)
            )
            .correlate(master)
            .scalar_subquery()
            if "RCOMP" in code.c and group in master.c
            else nothing()
        )
        found = select(
            prefixed(f"{kind}:", master.c[key], of=master.c[key]).label("partner_id"),
            func.coalesce(said(master.c.NAME1), Unpadded(master.c[key])).label("name"),
            in_group.label("group_company"),
        ).where(self._reader.mine(master))
        if kind in CONTROL and self._items:
            return found.where(master.c[key].in_(self._items.partners(company, kind)))
        return found

    def _quoted_rates(self) -> Any:
        """Rates with the ratios that hold on their day, as so many units from and into."""
        if self._schema.missing(RATES):
            return _no_rates()
        rate, ratio = self._table("TCURR"), self._table("TCURF")
        key = ("MANDT", "KURST", "FCURR", "TCURR")
        holds = and_(*[ratio.c[name] == rate.c[name] for name in key], ratio.c.GDATU >= rate.c.GDATU)
        turn = func.row_number().over(
            partition_by=[rate.c.FCURR, rate.c.TCURR, rate.c.GDATU], order_by=ratio.c.GDATU
        )
        each = (
            select(
                rate.c.FCURR,
                rate.c.TCURR,
                rate.c.GDATU,
                rate.c.UKURS,
                _units(ratio.c.FFACT).label("ffact"),
                _units(ratio.c.TFACT).label("tfact"),
                turn.label("turn"),
            )
            .select_from(rate.outerjoin(ratio, holds))
            .where(
                self._reader.mine(rate),
                self.settings.get("rate_type", SELLING) == rate.c.KURST,
                rate.c.UKURS != 0,
            )
            .subquery("rates_with_ratios")
        )
        direct = each.c.UKURS > 0
        return (
            select(
                each.c.FCURR,
                each.c.TCURR,
                each.c.GDATU,
                case((direct, each.c.UKURS * each.c.tfact), else_=each.c.tfact).label("into_units"),
                case((direct, each.c.ffact), else_=-each.c.UKURS * each.c.ffact).label("from_units"),
            )
            .where(each.c.turn == 1)
            .subquery("quoted_rates")
        )

    def _names(self, dimension: str, name: str, _: str, language: str, key: str, text: str) -> Query:
        """Values that are called the same at all times."""
        rows = self._reader.texts(name, [key], [text], language)
        always = DateOf(nothing())
        return select(
            Joined(literal_column(f"'{dimension}:'"), rows.c[key]).label("value_id"),
            literal_column(f"'{dimension}'").label("dimension"),
            rows.c[key].label("code"),
            func.coalesce(said(rows.c[text]), rows.c[key]).label("name"),
            nothing().label("parent_id"),
            always.label("valid_from"),
            always.label("valid_to"),
        )

    def _centres(self, company: Company, dimension: str, name: str, text_name: str) -> Query:
        """Centres with the text of the same days, or else of the next to come, in the best language."""
        centre, text = self._table(name), self._table(text_name)
        key = CENTRES[dimension][name][2]
        same = and_(
            *[text.c[column] == centre.c[column] for column in ("MANDT", "KOKRS", key)],
            text.c.DATBI >= centre.c.DATBI,
        )
        turn = func.row_number().over(
            partition_by=[centre.c.KOKRS, centre.c[key], centre.c.DATBI],
            order_by=[text.c.DATBI, *self._reader.best_language(text.c.SPRAS)],
        )
        area = self._reader.controlling_area(company)
        mine = [self._reader.mine(centre), *([centre.c.KOKRS == area] if area else [])]
        each = (
            select(
                *[centre.c[column] for column in ("KOKRS", key, "DATAB", "DATBI")],
                func.coalesce(said(text.c.LTEXT), said(text.c.KTEXT)).label("best_text"),
                turn.label("turn"),
            )
            .select_from(centre.outerjoin(text, same))
            .where(*mine)
            .subquery(f"{name}_with_text")
        )
        return select(
            Joined(literal_column(f"'{dimension}:'"), each.c.KOKRS, SLASH, each.c[key]).label("value_id"),
            literal_column(f"'{dimension}'").label("dimension"),
            Unpadded(each.c[key]).label("code"),
            func.coalesce(each.c.best_text, Unpadded(each.c[key])).label("name"),
            nothing().label("parent_id"),
            DateOf(each.c.DATAB).label("valid_from"),
            DateOf(each.c.DATBI).label("valid_to"),
        ).where(each.c.turn == 1)


_MOST: Final = 300
"""Terms of one union: SQLite takes no more than 500."""


def _units(factor: Any) -> ColumnElement[Any]:
    """How many units a rate is for: one where nothing is said."""
    return func.coalesce(func.nullif(factor, 0), 1)


def _unnamed(kind: str, keys: Query) -> Query:
    """Partners that go by their keys."""
    [key] = keys.subquery(f"keys_{kind}").c
    return select(
        prefixed(f"{kind}:", key, of=key).label("partner_id"),
        Unpadded(key).label("name"),
        nothing().label("group_company"),
    ).distinct()


def _no_rates() -> Any:
    columns = ("FCURR", "TCURR", "GDATU", "into_units", "from_units")
    return (
        select(*[nothing().label(name) for name in columns])
        .where(literal_column("1") == literal_column("0"))
        .subquery("quoted_rates")
    )
