"""What an account without a statement class looks like: a suggestion for whoever writes the mapping, never
more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from abax.ledger.model import Frozen, StatementClass

_C = StatementClass

_WORDS: Final[tuple[tuple[StatementClass, str], ...]] = (
    # Beginnings of words in English, German, French, Spanish, Italian and Portuguese; the first that fits.
    (
        _C.DEPRECIATION,
        r"^(?!accum).*depreciation|amorti[sz]ation exp|abschreibung|dotation|ammortament|amortizaç",
    ),
    (
        _C.FIXED_ASSETS,
        r"accumulated (dep|amo)|fixed asset|machine|vehicle|equipment|building|land\b|plant\b|"
        r"furniture|anlage(n|vermögen)|maschine|gebäude|fuhrpark|immobilis|inmoviliz|immobilizz|"
        r"imobiliz",
    ),
    (
        _C.INCOME_TAX,
        r"income tax(es)?\b|corporat\w* tax|körperschaft|gewerbesteuer|steuern vom eink|"
        r"impôts? sur les b|impuesto sobre (benef|soc)|imposte sul redd",
    ),
    (
        _C.OTHER_CURRENT_LIABILITIES,
        r"vat (payable|output|collected)|output (vat|tax)|tax payable|umsatzsteuer|tva collect|accru|"
        r"payroll|wages payable|deferred (rev|inc)|customer (deposit|advance)|lohnverb",
    ),
    (_C.OTHER_CURRENT_ASSETS, r"vat (receiv|input|recover)|input (vat|tax)|vorsteuer|tva déduct|tax receiv"),
    (_C.RECEIVABLES, r"receivable|debtor|forderung|clients?\b|créances|deudor|crediti|trade rec"),
    (
        _C.PAYABLES,
        r"accounts? payable|trade pay|creditor|verbindlichkeiten aus l|fournisseur|proveedor|fornitor|"
        r"fornecedor",
    ),
    (_C.LONG_TERM_DEBT, r"\b(bank|term|mortgage) loan"),
    (_C.CASH, r"\bcash|\bbank|kasse|banque|caisse|\bcaja|\bbanco|\bcassa|petty|giro"),
    (
        _C.INVENTORY,
        r"inventor|\bstock|raw mat|finished good|work in pro|vorräte|waren(bestand)?\b|rohstoff|"
        r"existencias|rimanenz",
    ),
    (_C.PREPAYMENTS, r"prepa(id|ym)|rechnungsabgrenz|charges constat|gastos antic|risconti"),
    (_C.CREDIT_CARDS, r"credit card|kreditkarte|carte de crédit"),
    (
        _C.LONG_TERM_DEBT,
        r"long.term (loan|debt|borrow)|mortgage|bonds?\b|darlehen|emprunt|préstamo|mutu[oi]\b|"
        r"term loan",
    ),
    (_C.SHORT_TERM_DEBT, r"overdraft|short.term (loan|debt)|current portion|kontokorrent|découvert"),
    (
        _C.RETAINED_EARNINGS,
        r"retained earn|accumulated (profit|loss|deficit)|gewinnvortrag|report à nouveau|reservas|"
        r"utili portati",
    ),
    (
        _C.EQUITY,
        r"share capital|common stock|capital\b|paid.in|treasury|dividend|equity|gezeichnetes|"
        r"eigenkapital",
    ),
    (_C.INTEREST_INCOME, r"interest (inc|earn|rev|rec)|zinsertr|intérêts reçus|proventi fin"),
    (
        _C.INTEREST_EXPENSE,
        r"interest|zinsaufw|zinsen|intérêts|intereses|interessi passiv|bank charge|finance cost",
    ),
    (
        _C.COST_OF_SALES,
        r"cost of (sales|goods|rev)|cogs|wareneinsatz|materialaufw|achats|compras|acquist|purchases",
    ),
    (_C.OTHER_INCOME, r"other (operating )?income|gain on|sonstige ertr|produits divers|otros ingres"),
    (
        _C.REVENUE,
        r"revenue|\b(goods|services?) sold|exports?\b|\bsales\b|turnover|umsatzerl|erlöse|"
        r"ventes|prestations|ventas|ingresos|ricavi|receita|income",
    ),
    (
        _C.OPERATING_EXPENSES,
        r"expens|bad debt|salar|wages|rent\b|insur|travel|office|advert|utilit|aufwand|miete|gehälter|löhne|"
        r"loyer|charges|gastos|sueldos|spese|costi|despesa|freight|repair|consult|audit|telep|fuel",
    ),
)
_TYPES: Final = {"A": "asset", "L": "liability", "O": "equity", "R": "revenue", "E": "expense"}
_BY_SIDE: Final = {
    "asset": _C.OTHER_CURRENT_ASSETS,
    "liability": _C.OTHER_CURRENT_LIABILITIES,
    "equity": _C.EQUITY,
    "revenue": _C.REVENUE,
    "income": _C.REVENUE,
    "expense": _C.OPERATING_EXPENSES,
}


class ChartAccount(Frozen):
    """An account of a source's chart."""

    code: str
    name: str
    source_type: str | None
    statement_class: StatementClass | None
    suggestion: StatementClass | None = None
    """What one without a class looks like."""
    why: str = ""


def suggested(name: str, source_type: str | None) -> tuple[StatementClass, str] | None:
    """A class that an account looks like by its name, or else by its type, and why; None where neither
    says."""
    for given, words in _WORDS:
        if found := re.search(words, name, re.IGNORECASE):
            return given, f"{found[0].strip()!r} in its name"
    kind = _TYPES.get(source_type or "", (source_type or "").lower())
    for word, given in _BY_SIDE.items():
        if word in kind:
            return given, f"its type {source_type}"
    return None


def mapping_file(accounts: Iterable[ChartAccount]) -> str:
    """A TOML mapping to fill in: a line per account, commented out, with what it looks like."""
    lines = [
        "# Account code to statement class. Take the # off a line that is right; correct one that is not.",
        f"# Classes: {', '.join(StatementClass)}",
        '# A key may also be a pattern: "66*", "4000-4999", "type:charge".',
        "[mapping]",
    ]
    return "\n".join([*lines, *(_to_fill_in(account) for account in accounts), ""])


def _to_fill_in(account: ChartAccount) -> str:
    """One line of a mapping file, commented out."""
    given = f'"{account.suggestion.value}"' if account.suggestion else '""'
    said = [f"{account.name} ({account.source_type or 'no type'})", *filter(None, [account.why])]
    line = f"# {json.dumps(account.code, ensure_ascii=False)} = {given}  # {'; '.join(said)}"
    return "".join(letter if letter.isprintable() else " " for letter in line)
