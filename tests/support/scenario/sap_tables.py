"""SAP's tables, and what posting a document writes into them, by shape of installation.

========  =====================================================================================
bseg      ECC on a database where BSEG is a table; classic general ledger
bsis      ECC where it is a cluster; classic general ledger, so that the new one's tables are empty
flexa     ECC where it is a cluster, with the new general ledger in use
s4        S/4HANA
========  =====================================================================================

Texts are never null: a field that is not filled in is one blank, a date eight zeros. Amounts are stored with
two decimals whatever their currency has.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from tests.support.scenario.tables import TableSet, Value

CLIENT, COMPANY, CHART, AREA, LEADING = "100", "1000", "INT", "1000", "0L"
RETAINED: Final = "0000002100"
DECIMALS: Final = {"JPY": 0, "KRW": 0, "KWD": 3}
POSTED: Final = (" ", "A", "B", "L", "U")

_DOCUMENT: Final = "MANDT:3 BUKRS:4 BELNR:10 GJAHR:4 BUZEI:3 "
_TERMS: Final = "ZFBDT:d ZTERM:4 ZBD1T:# ZBD2T:# ZBD3T:# REBZG:10 REBZJ:4 REBZZ:3 REBZT:1 "
_AMOUNTS: Final = "SHKZG:1 DMBTR:# WRBTR:# DMBE2:# "
_ITEM: Final = (
    f"{_DOCUMENT}UMSKS:1 UMSKZ:1 AUGDT:d AUGBL:10 ZUONR:18 BUDAT:d BLDAT:d CPUDT:d WAERS:5 XBLNR:16 BLART:2 "
    f"MONAT:2 BSCHL:2 {_AMOUNTS}SGTXT:50 SAKNR:10 HKONT:10 {_TERMS}PRCTR:10 KOSTL:10 VBUND:6 XNEGP:1 BSTAT:1 "
)
_PERIODS: Final = " ".join(f"{kind}{number:02d}:#" for kind in ("TSL", "HSL") for number in range(1, 17))
_TOTAL: Final = f"RYEAR:4 RLDNR:2 RRCTY:1 RVERS:3 RACCT:10 DRCRK:1 RTCUR:5 RBUSA:4 TSLVT:# HSLVT:# {_PERIODS}"

_COLUMNS: Final = {
    "T000": "MANDT:3 MTEXT:25 ORT01:25 MWAER:5",
    "T001": "MANDT:3 BUKRS:4 BUTXT:25 ORT01:25 LAND1:3 WAERS:5 SPRAS:1 KTOPL:4 PERIV:2 RCOMP:6",
    "T002": "SPRAS:1 LASPEZ:1 LAISO:2",
    "T009": "MANDT:3 PERIV:2 XKALE:1 XJABH:1 ANZBP:3 ANZSP:2",
    "T009B": "MANDT:3 PERIV:2 BDATJ:4 BUMON:2 BUTAG:2 POPER:3 RELJR:2",
    "T030": "MANDT:3 KTOPL:4 KTOSL:3 BWMOD:4 KOMOK:3 BKLAS:4 KONTS:10 KONTH:10",
    "T880": "MANDT:3 RCOMP:6 NAME1:30 CNTRY:3 CURR:5",
    "TKA02": "MANDT:3 BUKRS:4 GSBER:4 KOKRS:4",
    "TCURX": "CURRKEY:5 CURRDEC:#",
    "TCURR": "MANDT:3 KURST:4 FCURR:5 TCURR:5 GDATU:8 UKURS:# FFACT:# TFACT:#",
    "TCURF": "MANDT:3 KURST:4 FCURR:5 TCURR:5 GDATU:8 FFACT:# TFACT:#",
    "SKA1": "MANDT:3 KTOPL:4 SAKNR:10 XBILK:1 GVTYP:2 KTOKS:4 BILKT:10 SAKAN:10 XLOEV:1 XSPEB:1",
    "SKAT": "MANDT:3 SPRAS:1 KTOPL:4 SAKNR:10 TXT20:20 TXT50:50 MCOD1:25",
    "SKB1": "MANDT:3 BUKRS:4 SAKNR:10 WAERS:5 MITKZ:1 XOPVW:1 XKRES:1 FSTAG:4 XINTB:1",
    "KNA1": "MANDT:3 KUNNR:10 NAME1:35 NAME2:35 LAND1:3 ORT01:35 PSTLZ:10 STCEG:20 VBUND:6 ADRNR:10",
    "LFA1": "MANDT:3 LIFNR:10 NAME1:35 NAME2:35 LAND1:3 ORT01:35 PSTLZ:10 STCEG:20 VBUND:6 ADRNR:10",
    "ADR6": "CLIENT:3 ADDRNUMBER:10 PERSNUMBER:10 CONSNUMBER:3 SMTP_ADDR:241",
    "CSKS": "MANDT:3 KOKRS:4 KOSTL:10 DATBI:d DATAB:d BUKRS:4 GSBER:4 KOSAR:1 VERAK:20 PRCTR:10 KHINR:12",
    "CSKT": "MANDT:3 SPRAS:1 KOKRS:4 KOSTL:10 DATBI:d KTEXT:20 LTEXT:40",
    "CEPC": "MANDT:3 PRCTR:10 DATBI:d KOKRS:4 DATAB:d VERAK:20 KHINR:12 BUKRS:4 SEGMENT:10 LOCK_IND:1",
    "CEPCT": "MANDT:3 SPRAS:1 PRCTR:10 DATBI:d KOKRS:4 KTEXT:20 LTEXT:40",
    "FAGL_SEGMT": "MANDT:3 LANGU:1 SEGMENT:10 NAME:50",
    "TGSBT": "MANDT:3 SPRAS:1 GSBER:4 GTEXT:30",
    "TFKBT": "MANDT:3 SPRAS:1 FKBER:16 FKBTX:25",
    "FAGL_011ZC": "MANDT:3 VERSN:4 ERGSL:10 KTOPL:4 VONKT:10 BISKT:10 XSOLL:1 XHABN:1",
    "BKPF": "MANDT:3 BUKRS:4 BELNR:10 GJAHR:4 BLART:2 BLDAT:d BUDAT:d MONAT:2 CPUDT:d XBLNR:16 STBLG:10 "
    "STJAH:4 BKTXT:25 WAERS:5 KURSF:# HWAER:5 BSTAT:1 AWTYP:5 AWKEY:20 TCODE:20 USNAM:12 LDGRP:4 RLDNR:2 "
    "XREVERSAL:1 BVORG:16",
    "BSEG": f"{_DOCUMENT}AUGDT:d AUGBL:10 BSCHL:2 KOART:1 UMSKZ:1 UMSKS:1 {_AMOUNTS}PSWBT:# PSWSL:5 ZUONR:18 "
    f"SGTXT:50 VBUND:6 KOKRS:4 KOSTL:10 XNEGP:1 SAKNR:10 HKONT:10 KUNNR:10 LIFNR:10 XBILK:1 GVTYP:2 {_TERMS}"
    "PRCTR:10 GSBER:4 SEGMENT:10 FKBER:16",
    "BSIS": f"{_DOCUMENT}HKONT:10 AUGDT:d AUGBL:10 ZUONR:18 BUDAT:d BLDAT:d WAERS:5 XBLNR:16 BLART:2 MONAT:2 "
    f"BSCHL:2 {_AMOUNTS}SGTXT:50 KOSTL:10 PRCTR:10 XOPVW:1 BSTAT:1 XNEGP:1 VBUND:6",
    "BSID": f"{_ITEM}KUNNR:10",
    "BSIK": f"{_ITEM}LIFNR:10",
    "FAGLFLEXA": "RCLNT:3 RYEAR:4 DOCNR:10 RLDNR:2 RBUKRS:4 DOCLN:6 RTCUR:5 RRCTY:1 RVERS:3 RACCT:10 "
    "RCNTR:10 PRCTR:10 RFAREA:16 RBUSA:4 KOKRS:4 SEGMENT:10 RASSC:6 TSL:# HSL:# KSL:# WSL:# DRCRK:1 POPER:3 "
    "RWCUR:5 GJAHR:4 BUDAT:d BELNR:10 BUZEI:3 BSTAT:1",
    "FAGLFLEXT": f"RCLNT:3 RBUKRS:4 {_TOTAL}",
    "GLT0": f"RCLNT:3 BUKRS:4 {_TOTAL}",
}
_COLUMNS_OF_S4: Final = {
    "SKA1": f"{_COLUMNS['SKA1']} GLACCOUNT_TYPE:1",
    "FINSC_LD_CMP": "MANDT:3 BUKRS:4 RLDNR:2 PERIV:2",
    "FINSC_LEDGER_REP": "MANDT:3 RLDNR:2 RLDNR_PERS:2",
    "ACDOCA": "RCLNT:3 RLDNR:2 RBUKRS:4 GJAHR:4 BELNR:10 DOCLN:6 RYEAR:4 BUDAT:d BLDAT:d BLART:2 BUZEI:3 "
    "POPER:3 PERIV:2 FISCYEARPER:7 KTOPL:4 RACCT:10 RCNTR:10 PRCTR:10 RFAREA:16 RBUSA:4 SEGMENT:10 KOKRS:4 "
    "KOART:1 DRCRK:1 TSL:# RTCUR:5 WSL:# RWCUR:5 HSL:# RHCUR:5 KSL:# RKCUR:5 KUNNR:10 LIFNR:10 UMSKZ:1 "
    "NETDT:d AUGDT:d AUGBL:10 XREVERSED:1 XTRUEREV:1 BSTAT:1 LINETYPE:5 GLACCOUNT_TYPE:1 RASSC:6 SGTXT:50",
}
SHAPES: Final = {
    "bseg": (),
    "bsis": ("BSEG",),
    "flexa": ("BSEG",),
    "s4": ("BSEG", "BSIS", "BSAS", "BSID", "BSAD", "BSIK", "BSAK"),
}
"""What an installation of each shape has not."""


@dataclass(frozen=True)
class Post:
    """A line of a document: debit positive, in the company's and in the document's currency."""

    account: str
    amount: Decimal
    foreign: Decimal | None = None
    partner: str = ""
    """``D`` and a customer's key, ``K`` and a vendor's."""
    due: date | None = None
    terms: tuple[int, int, int] = (0, 0, 0)
    baseline: date | None = None
    invoice: tuple[str, int, int] | str | None = None
    """The item that it belongs to: document, year, line."""
    cleared: date | None = None
    centre: str = ""
    profit_centre: str = ""
    trading_partner: str = ""
    text: str = ""
    special: str = ""
    negative: bool = False


@dataclass(frozen=True)
class Fiscal:
    """A fiscal-year variant of twelve months."""

    name: str = "K4"
    first_month: int = 1
    by_start: bool = False
    """Whether years are named after the calendar year in which they begin."""

    def of(self, day: date) -> tuple[int, int]:
        """Fiscal year and period of a day."""
        later = day.month >= self.first_month
        begun = day.year if later else day.year - 1
        named = begun if self.by_start or self.first_month == 1 else begun + 1
        return named, (day.month - self.first_month) % 12 + 1


_TotalKey = tuple[str, str, int, str, str]
"""Company code, ledger, fiscal year, account, debit or credit; beside it the year's periods, from 000 on."""


class Books:
    """One client's tables, being filled."""

    def __init__(self, shape: str, currency: str = "EUR", fiscal: Fiscal | None = None) -> None:
        self.shape, self.currency, self.fiscal = shape, currency, fiscal or Fiscal()
        self.tables = TableSet()
        self._totals: dict[_TotalKey, list[Decimal]] = {}
        columns = {**_COLUMNS, "BSAS": _COLUMNS["BSIS"], "BSAD": _COLUMNS["BSID"], "BSAK": _COLUMNS["BSIK"]}
        if shape == "s4":
            columns |= _COLUMNS_OF_S4
        for name, spelt in columns.items():
            if name not in SHAPES[shape]:
                self.tables.table(name, ", ".join(_column(part) for part in spelt.split()))

    def add(self, name: str, **values: Value) -> None:
        """A row, of this client unless it says another."""
        keys = [column for column in ("MANDT", "RCLNT") if column in self.tables.columns(name)]
        row: dict[str, Value] = dict.fromkeys(keys, CLIENT)
        self.tables.add(name, **(row | values))

    # --- master data ---

    def company(self, code: str, name: str, client: str = CLIENT, **more: Value) -> None:
        """A company code."""
        row = {"WAERS": self.currency, "KTOPL": CHART, "PERIV": self.fiscal.name, **more}
        self.add("T001", MANDT=client, BUKRS=code, BUTXT=name, **row)
        self.add("TKA02", MANDT=client, BUKRS=code, KOKRS=AREA)

    def variant(self) -> None:
        """The fiscal-year variant, as customizing has it, beside another."""
        self.add("T009", PERIV="K4", XKALE="X", ANZBP="012", ANZSP="04")
        self.add("T009B", PERIV="ZZ", BDATJ="0000", BUMON="06", BUTAG="30", POPER="012", RELJR="0")
        if self.fiscal.first_month == 1:
            return
        self.add("T009", PERIV=self.fiscal.name, ANZBP="012", ANZSP="04")
        for month in range(1, 13):
            year, period = self.fiscal.of(date(2023, month, 1))
            day, shift = monthrange(2024, month)[1], year - 2023
            self.add("T009B", PERIV=self.fiscal.name, BDATJ="0000", BUMON=f"{month:02d}", BUTAG=f"{day:02d}",
                     POPER=f"{period:03d}", RELJR=f"{shift:+d}" if shift else "0")  # fmt: skip

    def account(
        self, code: str, name: str, balance: bool, recon: str = "", kind: str = "", group: str = "SAKO"
    ) -> None:
        """An account of the chart and of company code 1000."""
        key = padded(code)
        more = {"GLACCOUNT_TYPE": kind or ("X" if balance else "P")} if self.shape == "s4" else {}
        self.add("SKA1", KTOPL=CHART, SAKNR=key, XBILK="X" if balance else " ",
                 GVTYP=" " if balance else "X", KTOKS=group, **more)  # fmt: skip
        self.add("SKAT", SPRAS="E", KTOPL=CHART, SAKNR=key, TXT20=name[:20], TXT50=name)
        self.add("SKB1", BUKRS=COMPANY, SAKNR=key, MITKZ=recon or " ", XKRES="X")

    def decimals(self) -> None:
        """Currencies that have not two decimals."""
        for code, decimals in DECIMALS.items():
            self.add("TCURX", CURRKEY=code, CURRDEC=decimals)

    # --- documents ---

    def document(
        self,
        number: int | str,
        day: date,
        *posts: Post,
        period: int | None = None,
        year: int | None = None,
        status: str = " ",
        ledgers: Sequence[str] = (LEADING,),
        company: str = COMPANY,
        client: str = CLIENT,
        currency: str = "",
        **header: Value,
    ) -> tuple[str, int]:
        """Post a document; its number and fiscal year."""
        fiscal_year, month = self.fiscal.of(day)
        year, period = year or fiscal_year, month if period is None else period
        key = str(number).rjust(10, "0")
        head: dict[str, Value] = {
            "MANDT": client,
            "BUKRS": company,
            "BELNR": key,
            "GJAHR": str(year),
            "BLART": "SA",
            "BUDAT": dats(day),
            "BLDAT": dats(day),
            "CPUDT": dats(day),
            "MONAT": f"{period:02d}",
            "WAERS": currency or self.currency,
            "HWAER": self.currency,
            "BSTAT": status,
            **header,
        }
        self.tables.add("BKPF", **head)
        for place, post in enumerate(posts, 1):
            row = self._line(head, place, post)
            if self.shape == "bseg":
                self._into("BSEG", row)
            if self.shape != "s4":
                self._index(head, row, post)
            for ledger in ledgers:
                self._in_ledger(head, place, period, ledger, post)
        return key, year

    def finish(self) -> TableSet:
        """Write totals of what was posted since the last time, with what is carried forward to each year."""
        totals, self._totals = self._totals, {}
        years = {year for _, _, year, _, _ in totals}
        carried: dict[tuple[str, str, int, str], Decimal] = defaultdict(Decimal)
        for (company, ledger, year, account, _), moved in totals.items():
            into = account if account < "0000004000" else RETAINED
            for later in (other for other in years if other > year):
                carried[company, ledger, later, into] += sum(moved)
        classic = self.shape in ("bseg", "bsis")
        for (company, ledger, year, account, side), moved in sorted(totals.items()):
            if not classic or ledger == LEADING:
                self._total((company, ledger, year, account, side), moved)
        for (company, ledger, year, account), amount in sorted(carried.items()):
            if not classic or ledger == LEADING:
                opened = [amount] + [Decimal(0)] * 16
                self._total((company, ledger, year, account, "S"), opened)
            if self.shape == "s4":
                self._carry_forward(company, ledger, year, account, amount)
        return self.tables

    # --- how a document is kept ---

    def _line(self, head: dict[str, Value], place: int, post: Post) -> dict[str, Value]:
        """All columns that any table of documents has."""
        invoice = post.invoice if isinstance(post.invoice, tuple) else (post.invoice or " ", 0, 0)
        currency = str(head["WAERS"])
        foreign = post.amount if post.foreign is None else post.foreign
        sign = post.amount or foreign
        side, key = post.partner[:1], post.partner[1:]
        terms = dict(zip(("ZBD1T", "ZBD2T", "ZBD3T"), post.terms, strict=True))
        return {
            **{name: head[name] for name in ("MANDT", "BUKRS", "BELNR", "GJAHR", "BUDAT", "BLDAT", "BLART")},
            **{name: head[name] for name in ("MONAT", "WAERS", "BSTAT")},
            "XBLNR": head.get("XBLNR", " "),
            "BUZEI": f"{place:03d}",
            "HKONT": padded(post.account),
            "KOART": side or "S",
            "SHKZG": "H" if sign < 0 else "S",
            "SGTXT": post.text or " ",
            "DMBTR": stored(abs(post.amount), self.currency),
            "WRBTR": stored(abs(foreign), currency),
            "DMBE2": Decimal("1.23"),
            "PSWBT": Decimal("4.56"),
            "PSWSL": "XXX",
            "KUNNR": key if side == "D" else " ",
            "LIFNR": key if side == "K" else " ",
            **terms,
            "ZFBDT": dats(post.baseline),
            "AUGDT": dats(post.cleared),
            "VBUND": post.trading_partner or " ",
            "AUGBL": "1" if post.cleared else " ",
            "UMSKZ": post.special or " ",
            "REBZG": invoice[0],
            "REBZJ": str(invoice[1] or "0000"),
            "REBZZ": f"{invoice[2]:03d}",
            "KOSTL": padded(post.centre) if post.centre else " ",
            "PRCTR": post.profit_centre or " ",
            "KOKRS": AREA if post.centre or post.profit_centre else " ",
            "XNEGP": "X" if post.negative else " ",
        }

    def _into(self, name: str, row: dict[str, Value]) -> None:
        self.tables.add(name, **{c: value for c, value in row.items() if c in self.tables.columns(name)})

    def _index(self, head: dict[str, Value], row: dict[str, Value], post: Post) -> None:
        """Open items here, cleared ones there. Of what is not posted, only items are kept."""
        open_in, cleared_in = {"D": ("BSID", "BSAD"), "K": ("BSIK", "BSAK")}.get(
            post.partner[:1], ("BSIS", "BSAS")
        )
        if head["BSTAT"] in (" ", "A", "B") or post.partner:
            self._into(cleared_in if post.cleared else open_in, row)

    def _in_ledger(self, head: dict[str, Value], place: int, period: int, ledger: str, post: Post) -> None:
        """The ledger's own row, where the shape has them, and its total."""
        foreign = post.amount if post.foreign is None else post.foreign
        side = "H" if (post.amount < 0) != post.negative else "S"
        if self.shape in ("s4", "flexa") and head["BSTAT"] in POSTED:
            row = self._ledger_row(head, place, period, ledger, post)
            amount, document = stored(post.amount, self.currency), stored(foreign, str(head["WAERS"]))
            row |= {"HSL": amount, "WSL": document, "TSL": document, "KSL": Decimal("9.87"), "DRCRK": side}
            self._into("ACDOCA" if self.shape == "s4" else "FAGLFLEXA", row)
        if head["BSTAT"] in POSTED and head["MANDT"] == CLIENT:
            key = (str(head["BUKRS"]), ledger, int(str(head["GJAHR"])), padded(post.account), side)
            moved = self._totals.setdefault(key, [Decimal(0)] * 17)
            moved[period] += stored(post.amount, self.currency)

    def _ledger_row(
        self, head: dict[str, Value], place: int, period: int, ledger: str, post: Post
    ) -> dict[str, Value]:
        side, key = post.partner[:1], post.partner[1:]
        return {
            "RCLNT": head["MANDT"],
            "RBUKRS": head["BUKRS"],
            "RLDNR": ledger,
            "RYEAR": head["GJAHR"],
            **{name: head[name] for name in ("GJAHR", "BELNR", "BUDAT", "BLDAT", "BLART", "BSTAT")},
            "DOCNR": head["BELNR"],
            "DOCLN": f"{place:06d}",
            "BUZEI": f"{place:03d}",
            "POPER": f"{period:03d}",
            "RRCTY": "0",
            "RVERS": "001",
            "RACCT": padded(post.account),
            "RWCUR": head["WAERS"],
            "RTCUR": head["WAERS"],
            "RHCUR": self.currency,
            "RKCUR": "USD",
            "RCNTR": padded(post.centre) if post.centre else " ",
            "PRCTR": post.profit_centre or " ",
            "KOKRS": AREA,
            "RASSC": post.trading_partner or " ",
            "SGTXT": post.text or " ",
            "KOART": side or "S",
            "KUNNR": key if side == "D" else " ",
            "LIFNR": key if side == "K" else " ",
            "NETDT": dats(post.due),
            "AUGDT": dats(post.cleared),
            "UMSKZ": post.special or " ",
        }

    def _total(self, key: _TotalKey, moved: list[Decimal]) -> None:
        company, ledger, year, account, side = key
        classic = self.shape in ("bseg", "bsis")
        name, code = ("GLT0", "BUKRS") if classic else ("FAGLFLEXT", "RBUKRS")
        values: dict[str, Value] = {"HSLVT": moved[0]}
        values |= {f"HSL{period:02d}": moved[period] for period in range(1, 17)}
        self.add(name, RYEAR=str(year), RLDNR="00" if classic else ledger, RRCTY="0", RVERS="001",
                 RACCT=account, DRCRK=side, **{code: company}, **values)  # fmt: skip

    def _carry_forward(self, company: str, ledger: str, year: int, account: str, amount: Decimal) -> None:
        begins = date(year, self.fiscal.first_month, 1)
        self.add("ACDOCA", RLDNR=ledger, RBUKRS=company, GJAHR=str(year), RYEAR=str(year), POPER="000",
                 BELNR="B000000001", DOCLN=account[-6:], BUDAT=dats(begins), BSTAT="C", RACCT=account,
                 DRCRK="S" if amount > 0 else "H", HSL=amount, RHCUR=self.currency, RWCUR=self.currency,
                 WSL=amount)  # fmt: skip


def padded(code: str) -> str:
    """A key of digits as it is stored."""
    return code.rjust(10, "0") if code.isdigit() else code


def dats(day: date | None) -> str:
    """A date as it is stored."""
    return f"{day:%Y%m%d}" if day else "00000000"


def inverted(day: date) -> str:
    """A date as rates have it."""
    return str(99_999_999 - int(dats(day)))


def stored(amount: Decimal, currency: str) -> Decimal:
    """An amount as it is stored: with two decimals, whatever its currency has."""
    return amount.scaleb(DECIMALS.get(currency, 2) - 2)


def _column(part: str) -> str:
    name, kind = part.split(":")
    if kind == "#":
        return f"{name} numeric(23,5) default 0"
    return f"{name} varchar(8) default '00000000'" if kind == "d" else f"{name} varchar({kind}) default ' '"
