"""The visible page against the XML: what a person sees must be what a machine books.

Every value of the XML that stands on the page gets its page and box. What the page shows otherwise is told:
a differing total or account most of all, since that is how one invoice is made to look like another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from abax.documents.contracts import Evidence, Line, TradeDocument, fields_of
from abax.documents.einvoice.sight import Sight, Spot, words_of
from abax.documents.extract import Difference, Extraction
from abax.documents.pages import PageSource, Reading
from abax.documents.rules.keys import plain_id

_FEW_WORDS: Final = 15
"""A page with fewer was not read, or shows nothing; it cannot contradict."""
_NEAR: Final = 3
"""Rows around a line's amount in which its words are looked for."""
_CODES: Final = (
    "number",
    "seller.vat_id",
    "seller.tax_number",
    "seller.registration",
    "seller.identifier",
    "seller.address.postcode",
    "buyer.vat_id",
    "buyer.identifier",
    "buyer.address.postcode",
    "references.order_number",
    "references.sales_order_number",
    "references.contract_number",
    "references.delivery_note_number",
    "references.buyer_reference",
    "terms.remittance",
    "terms.mandate",
    "terms.creditor_id",
    "terms.debited_account",
    "currency",
)
_NAMES: Final = (
    "seller.name",
    "seller.address.street",
    "seller.address.city",
    "seller.contact",
    "buyer.name",
    "buyer.address.street",
    "buyer.address.city",
    "payee.name",
    "ship_to.name",
)
_DATES: Final = ("issue_date", "due_date", "delivery_date", "period_start", "period_end")
_TOTALS: Final = ("due", "gross", "net", "tax", "prepaid", "lines", "allowances", "charges", "rounding")
_MUST_SHOW: Final = ("due", "gross")
"""Totals that every page shows."""
_MAY_SHOW: Final = ("net", "tax")
"""Totals that a page shows rightly, if it shows them."""

_OTHER_SUMS: Final = frozenset(
    {"totals.lines", "totals.allowances", "totals.charges", "totals.prepaid", "totals.rounding"}
)
"""What a label may stand for besides that makes it say too little."""
_CONDITIONS: Final = (
    "skonto",
    "discount",
    "escompte",
    "sconto",
    "korting",
    "descuento",
    "desconto",
    "rabat",
    "upust",
    "%",
)
"""A row with one of these says what would be paid, not what is due."""


def compare(extraction: Extraction, reading: Reading) -> Extraction:
    """The same extraction with boxes of what the pages show of it, and with its differences from them."""
    contract = extraction.contract
    if not isinstance(contract, TradeDocument):
        return extraction
    view = _View(contract, Sight(reading))
    view.look()
    if view.sight.words < _FEW_WORDS:
        note = "the pages show too little text to be compared with the XML"
        return extraction.model_copy(update={"findings": (*extraction.findings, note)})
    found = tuple(view.differences())
    # What was recognised may be misread: that something is nowhere to be seen is a note then.
    recognised = any(page.source is PageSource.OCR for page in reading.pages)
    differences = tuple(one for one in found if one.box is not None) if recognised else found
    unseen = tuple(_told(one) for one in found if one not in differences)
    told = tuple(_told(one) for one in differences)
    return extraction.model_copy(
        update={
            "evidence": _with_boxes(extraction.evidence, view.spots),
            "findings": (*extraction.findings, *view.notes(), *unseen, *told),
            "differences": (*extraction.differences, *differences),
        }
    )


def _told(one: Difference) -> str:
    where = f" (page {one.page})" if one.page else ""
    shown = f"the page shows {one.visible}{where}" if one.visible else "the page shows nothing of it"
    return f"{one.path}: the XML says {one.xml}, {shown}"


def _with_boxes(evidence: dict[str, Evidence], spots: dict[str, Spot]) -> dict[str, Evidence]:
    found = dict(evidence)
    for path, spot in spots.items():
        if path in found:
            found[path] = found[path].model_copy(update={"page": spot.page, "box": spot.box})
    return found


class _View:
    """One invoice and what its pages show."""

    def __init__(self, contract: TradeDocument, sight: Sight) -> None:
        self.contract = contract
        self.sight = sight
        self.spots: dict[str, Spot] = {}
        self.values = fields_of(contract)
        self.known = {abs(value) for value in self.values.values() if isinstance(value, Decimal)}

    def look(self) -> None:
        """Find all that stands on the pages."""
        for path in _CODES:
            self._keep(path, self.sight.code(str(self.values[path])) if path in self.values else None)
        for path in _NAMES:
            self._keep(path, self.sight.name(str(self.values[path])) if path in self.values else None)
        for path in _DATES:
            self._keep(
                path, _labelled(self.sight.dates.get(self.values.get(path, date.min), []), path, last=False)
            )
        for name in _TOTALS:
            self._keep_amount(f"totals.{name}", f"totals.{name}")
        for place in range(len(self.contract.taxes)):
            self._keep_amount(f"taxes[{place}].amount", "totals.tax")
            self._keep_amount(f"taxes[{place}].base", "totals.net")
        for place, account in enumerate(self.contract.bank_accounts):
            for name in ("iban", "account_number", "bic"):
                if value := getattr(account, name):
                    self._keep(f"bank_accounts[{place}].{name}", self.sight.code(value))
        self._look_for_lines()

    def _keep(self, path: str, spot: Spot | None) -> None:
        if spot is not None:
            self.spots[path] = spot

    def _keep_amount(self, path: str, kind: str) -> None:
        value = self.values.get(path)
        if value:
            self._keep(path, _labelled(self.sight.amounts.get(abs(value), []), kind, last=True))

    def _look_for_lines(self) -> None:
        after, taken = 0, set[int]()
        for place, line in enumerate(self.contract.lines):
            spot = self._line_amount(line, after, taken)
            if spot is not None:
                taken.add(spot.row)
                self.spots[f"lines[{place}].net_amount"] = spot
                after = spot.row
                self._look_around(place, line, spot.row)
            elif line.description:
                found = self.sight.name(line.description)
                self._keep(f"lines[{place}].description", found)

    def _line_amount(self, line: Line, after: int, taken: set[int]) -> Spot | None:
        """Where the line's amount stands: beside the line's words, below the line before, and in no row that
        is another line's."""
        if line.net_amount is None:
            return None
        wanted = words_of(line.description or "") | words_of(line.item_number or "")

        def fits(spot: Spot) -> tuple[float, bool, int]:
            rows = self.sight.rows[max(0, spot.row - _NEAR) : spot.row + _NEAR + 1]
            near = frozenset[str]().union(*(words_of(row.text) for row in rows))
            share = len(wanted & near) / len(wanted) if wanted else 0.0
            is_total = any(kind.startswith("totals.") for kind in spot.kinds)
            return (share - 0.5 * is_total - 0.2 * (spot.row < after), spot.row >= after, -spot.row)

        spots = self.sight.amounts.get(abs(line.net_amount), [])
        return max((spot for spot in spots if spot.row not in taken), key=fits, default=None)

    def _look_around(self, place: int, line: Line, row: int) -> None:
        near = range(row - _NEAR, row + _NEAR + 1)
        if line.description:
            self._keep(f"lines[{place}].description", self.sight.name(line.description, within=near))
        for name in ("item_number", "buyer_item_number", "standard_item_number"):
            if value := getattr(line, name):
                self._keep(f"lines[{place}].{name}", self.sight.name(value, within=near, least=1.0))
        for name in ("quantity", "unit_price", "tax_rate"):
            value = getattr(line, name)
            spots = self.sight.amounts.get(abs(value), []) if value is not None else []
            close = [spot for spot in spots if abs(spot.row - row) <= 1]
            if close:
                self.spots[f"lines[{place}].{name}"] = min(close, key=lambda spot: abs(spot.row - row))

    def notes(self) -> Iterator[str]:
        """What is worth knowing, and no difference: accounts that the XML does not name."""
        own = self._own_accounts()
        if own & set(self.sight.ibans) or not own:
            for number in self.sight.ibans:
                if number not in own:
                    yield f"the page shows account {number}, which the XML does not name"

    def _own_accounts(self) -> set[str]:
        numbers = [account.iban for account in self.contract.bank_accounts]
        return {plain_id(number) for number in (*numbers, self.contract.terms.debited_account) if number}

    def differences(self) -> Iterator[Difference]:
        """What the pages show otherwise."""
        yield from self._different_accounts()
        yield from self._different_totals()
        yield from self._different_number()
        yield from self._different_date()
        yield from self._different_seller()
        yield from self._different_lines()

    def _different_accounts(self) -> Iterator[Difference]:
        seen, own = self.sight.ibans, self._own_accounts()
        if not seen or not own or own & set(seen):
            return
        number, spot = next(iter(seen.items()))
        path = "bank_accounts[0].iban" if self.contract.bank_accounts else "terms.debited_account"
        yield _difference(path, ", ".join(sorted(own)), number, spot)

    def _different_totals(self) -> Iterator[Difference]:
        for name in (*_MUST_SHOW, *_MAY_SHOW):
            value = getattr(self.contract.totals, name)
            if value is None or not self.sight.amounts:
                continue
            there = abs(value) in self.sight.amounts
            said = None if there and name in _MAY_SHOW else self._said_otherwise(f"totals.{name}")
            if said is not None:
                yield _difference(f"totals.{name}", f"{value:f}", said.text, said)
            elif value and name in _MUST_SHOW and not there:
                yield Difference(path=f"totals.{name}", xml=f"{value:f}", visible=self._largest())

    def _said_otherwise(self, kind: str) -> Spot | None:
        """An amount that is labelled as this total, and is none that the XML has."""
        others = [
            spot
            for shown, spots in self.sight.amounts.items()
            for spot in spots
            if shown and shown not in self.known and self._labels_total(spot, kind)
        ]
        return others[-1] if others else None

    def _labels_total(self, spot: Spot, kind: str) -> bool:
        """Whether a spot says a total and nothing else: no discount for paying early, no rate, no date."""
        row = self.sight.rows[spot.row].text.casefold()
        named = kind in spot.kinds and not _OTHER_SUMS & set(spot.kinds)
        return named and _has_cents(spot.text) and not any(word in row for word in _CONDITIONS)

    def _largest(self) -> str:
        amounts = [
            value for value, spots in self.sight.amounts.items() if any(_has_cents(one.text) for one in spots)
        ]
        return f"amounts up to {max(amounts):f}" if amounts else ""

    def _different_number(self) -> Iterator[Difference]:
        if self.contract.number and "number" not in self.spots:
            yield Difference(path="number", xml=self.contract.number, visible="")

    def _different_date(self) -> Iterator[Difference]:
        issued = self.contract.issue_date
        if issued is None or issued in self.sight.dates or not self.sight.dates:
            return
        labelled = [
            (day, spot)
            for day, spots in self.sight.dates.items()
            for spot in spots
            if "issue_date" in spot.kinds
        ]
        if labelled:
            yield _difference("issue_date", issued.isoformat(), labelled[0][1].text, labelled[0][1])
        else:
            yield Difference(path="issue_date", xml=issued.isoformat(), visible="")

    def _different_seller(self) -> Iterator[Difference]:
        name = self.contract.seller.name
        found = any(path in self.spots for path in ("seller.name", "seller.vat_id", "seller.tax_number"))
        if name and not found:
            yield Difference(path="seller.name", xml=name, visible="")

    def _different_lines(self) -> Iterator[Difference]:
        """Where the page shows most lines' amounts: those lines that it shows with another."""
        lines = [
            (place, line)
            for place, line in enumerate(self.contract.lines)
            if line.net_amount and line.parent is None and line.role != "information"
        ]
        absent = [(place, line) for place, line in lines if f"lines[{place}].net_amount" not in self.spots]
        if not absent or len(absent) * 2 > len(lines):
            return
        for place, line in absent:
            named = self.spots.get(f"lines[{place}].description")
            shown = self.sight.rows[named.row].text if named else ""
            path = f"lines[{place}].net_amount"
            xml = f"{line.net_amount:f}"
            yield (
                _difference(path, xml, shown, named) if named else Difference(path=path, xml=xml, visible="")
            )


def _difference(path: str, xml: str, visible: str, spot: Spot) -> Difference:
    return Difference(path=path, xml=xml, visible=visible, page=spot.page, box=spot.box)


def _labelled(spots: list[Spot], kind: str, *, last: bool) -> Spot | None:
    """The one that its label fits best; of several, the last or the first."""
    if not spots:
        return None
    ordered = list(reversed(spots)) if last else spots
    return max(ordered, key=lambda spot: (kind in spot.kinds) - (bool(spot.kinds) and kind not in spot.kinds))


def _has_cents(text: str) -> bool:
    return any(mark in text for mark in ".,")
