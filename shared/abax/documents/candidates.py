"""Values that may be a field, and what speaks for each: the numbers that the rankers weigh.

A feature never names a vendor, a language or a word: labels count by their kind in the lexicon, positions
by their share of the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from abax.documents import lexicon
from abax.documents.contracts import DocumentType
from abax.documents.spans import Label, Row, Seg, Sight, Value

AMOUNT_KINDS: Final = (*lexicon.AMOUNTS, "terms.text", "weight")
DATE_KINDS: Final = tuple(kind for kind in lexicon.HEADER if "date" in kind or kind == "period")
CODE_KINDS: Final = (
    *(kind for kind in lexicon.HEADER if kind not in DATE_KINDS),
    "vat_id",
    "tax_number",
    "registration",
    "iban",
    "account_number",
    "phone",
    "fax",
    "creditor_id",
    "mandate",
    "terms.remittance",
    "postcode",
    "street",
    "contact",
    "weight",
    "bank_name",
    "bic",
)
OWN_NUMBER: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.PURCHASE_ORDER: ("references.order_number",),
    DocumentType.SALES_ORDER: ("references.sales_order_number", "references.order_number"),
    DocumentType.GOODS_RECEIPT: ("references.goods_receipt_number",),
    DocumentType.GOODS_ISSUE: ("references.delivery_note_number",),
    DocumentType.DELIVERY_NOTE: ("references.delivery_note_number",),
    DocumentType.CREDIT_MEMO: ("number.credit", "number.invoice"),
    DocumentType.DEBIT_MEMO: ("number.credit", "number.invoice"),
}
"""Kinds of label that a document's own number has; invoices and all else have ``number.invoice``."""
GENERIC: Final = 8
"""A label of so few letters means something else where other words stand before it."""
REACH: Final = 7.0
"""Heights of a line that a heading may stand above its value."""
_COIN: Final = Decimal("0.05")
_STEPS: Final = tuple(Decimal(cents) / 100 for cents in (-4, -3, -2, -1, 1, 2, 3, 4))
_TOTALS: Final = {"totals.due": 1.0, "totals.gross": 0.9, "totals.any": 0.5, "totals.net": 0.2}
_JOINS: Final = re.compile(r"[\s:=|.#()\[\]*\u20ac$\u00a3-]*")
_FEATURES: Final[dict[str, tuple[str, ...]]] = {
    "amount": AMOUNT_KINDS,
    "date": DATE_KINDS,
    "code": CODE_KINDS,
}


@dataclass(slots=True)
class Related:
    """What labels stand by a value."""

    left: dict[str, float]
    above: dict[str, float]
    length: int = 0
    """Letters of the longest label to the left."""
    label: Label | None = None
    """The nearest."""


@dataclass(slots=True)
class Candidate:
    """A value, and what speaks for it."""

    value: Value
    related: Related
    features: list[float]


class Surroundings:
    """Labels beside and above the values of one document."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self._reach = REACH * sight.height
        self._known: dict[int, tuple[Value, Related]] = {}

    def of(self, value: Value) -> Related:
        """The labels that may say what a value is."""
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        related = Related({}, {})
        self._left(value, related)
        self._above(value, related)
        self._known[id(value)] = value, related  # the value too, so that no other gets its id
        return related

    def _left(self, value: Value, related: Related) -> None:
        strength = 1.0
        seg: Seg | None = value.seg
        end = value.start
        for _ in range(4):
            if seg is None or strength < 0.05:
                return
            labels = [label for label in seg.labels if label.end <= end]
            if seg is not value.seg and not labels:
                strength *= 0.4 if seg.values else 0.6 if _JOINS.fullmatch(seg.text) is None else 1.0
            for label in reversed(labels):
                between = seg.text[label.end : end]
                if any(
                    other.start >= label.end and other.end <= end
                    for other in seg.values
                    if other is not value
                ):
                    strength *= 0.35
                elif _JOINS.fullmatch(between) is None and not _only_labels(seg, label.end, end):
                    strength *= 0.7
                sure = strength * (0.4 if label.lead > 2 and label.length <= GENERIC else 1.0)
                for kind in label.kinds:
                    related.left[kind] = max(related.left.get(kind, 0.0), sure)
                if related.label is None:
                    related.label, related.length = label, label.length
                strength *= 0.8
            if any(other.end <= end for other in seg.values if other is not value) and labels:
                strength *= 0.35
            seg = seg.left
            end = len(seg.text) if seg else 0

    def _above(self, value: Value, related: Related) -> None:
        rows = self.sight.rows
        strength = 1.0
        top = value.seg.y0
        slack = 1.5 * self.sight.height
        for place in range(value.seg.row - 1, -1, -1):
            row = rows[place]
            if row.page != value.seg.page or top - row.y1 > self._reach or strength < 0.05:
                return
            over = [seg for seg in row.segs if seg.x0 < value.x1 + slack and seg.x1 > value.x0 - slack]
            if not over:
                continue
            hit = False
            for seg in over:
                for label in seg.labels:
                    if label.x0 < value.x1 + slack and label.x1 > value.x0 - slack:
                        hit = True
                        for kind in label.kinds:
                            related.above[kind] = max(related.above.get(kind, 0.0), strength)
                        if related.label is None:
                            related.label = label
            strength *= 0.5 if hit else 0.8 if any(seg.values for seg in over) else 0.4


def _only_labels(seg: Seg, start: int, end: int) -> bool:
    text = seg.text
    for label in seg.labels:
        if start <= label.start and label.end <= end:
            text = text[: label.start] + " " * (label.end - label.start) + text[label.end :]
    return _JOINS.fullmatch(text[start:end]) is not None


def candidates_of(
    kind: str, sight: Sight, surroundings: Surroundings, type_: DocumentType
) -> list[Candidate]:
    """All candidates of a category: ``amount``, ``date`` or ``code``."""
    values = [value for value in sight.values if value.type == kind]
    if kind == "code":
        values = _distinct(values)
    context = _Context(sight, values, type_)
    found = []
    for place, value in enumerate(values):
        related = surroundings.of(value)
        one = Candidate(value, related, [])
        if kind != "code" or worth_weighing(one, sight):
            one.features = context.features(kind, place, value, related)
            found.append(one)
    return found


def worth_weighing(one: Candidate, sight: Sight) -> bool:
    """A code that has a label, or stands in the upper part of the first page."""
    if one.related.left or one.related.above:
        return True
    row = sight.rows[one.value.seg.row]
    return row.depth < 0.45 and row.page == sight.rows[0].page and len(one.value.text) >= 3


def _distinct(values: Sequence[Value]) -> list[Value]:
    seen: set[tuple[int, int, int]] = set()
    kept = []
    for value in values:
        key = (id(value.seg), value.start, value.end)
        if key not in seen:
            seen.add(key)
            kept.append(value)
    return kept


_BELOW: Final = 300
"""So many values below another are weighed with it: a long list would take the square of its length."""


def _most_after(values: Sequence[Value]) -> list[Decimal]:
    """For each place, the largest size of the amounts behind it; below zero where there are none."""
    most = [Decimal(-1)]
    for value in reversed(values[1:]):
        size = abs(value.value) if isinstance(value.value, Decimal) else Decimal(-1)
        most.append(max(most[-1], size))
    return most[::-1]


class _Context:
    """What is known of all values of a category when one is weighed."""

    def __init__(self, sight: Sight, values: Sequence[Value], type_: DocumentType) -> None:
        self.sight = sight
        self.values = values
        self.own = OWN_NUMBER.get(type_, ("number.invoice",))
        self.counts = Counter(value.value for value in values)
        self.pages = max((row.page for row in sight.rows), default=1)
        self.first_page = min((row.page for row in sight.rows), default=1)
        self.total_rows = max(len(sight.rows), 1)
        money = [value for value in values if value.type == "amount" and isinstance(value.value, Decimal)]
        self.sums = _Sums([value.value for value in money if _is_money(value)])  # type: ignore[misc]
        days = sorted({value.value for value in values if value.type == "date"})
        self.earliest = days[0] if days else None
        self.latest = days[-1] if days else None
        self.endings: Counter[str] = Counter()
        """How many codes end in a text."""
        for code in (str(value.value) for value in values if value.type == "code"):
            self.endings.update(code[start:] for start in range(len(code) + 1))
        self.last_at = {value.value: place for place, value in enumerate(values)}
        self.first_at = {value.value: place for place, value in reversed(list(enumerate(values)))}
        self.most_after = _most_after(values)
        self.first_day = next((value.value for value in values if value.type == "date"), None)

    def features(self, kind: str, place: int, value: Value, related: Related) -> list[float]:
        kinds = _FEATURES[kind]
        left = [related.left.get(name, 0.0) for name in kinds]
        above = [related.above.get(name, 0.0) for name in kinds]
        more: list[float] = getattr(self, f"_{kind}")(place, value, related)
        return left + above + self._common(place, value, related, kinds) + more

    def _common(self, place: int, value: Value, related: Related, kinds: Sequence[str]) -> list[float]:
        seg = value.seg
        row: Row = self.sight.rows[seg.row]
        page = self.sight.pages[seg.page]
        width = page.width or 1.0
        before = seg.text[: value.start]
        return [
            row.depth,
            float(seg.page == self.first_page),
            float(seg.page == self.pages),
            (self.total_rows - seg.row) / self.total_rows,
            value.x0 / width,
            value.x1 / width,
            seg.height / (self.sight.height or 1.0),
            float(related.length),
            max((strength for name, strength in related.left.items() if name not in kinds), default=0.0),
            max((strength for name, strength in related.above.items() if name not in kinds), default=0.0),
            float(value.end - value.start >= len(seg.text) - 2),
            float(sum(1 for other in row.values if other.type == value.type)),
            float(self.counts[value.value]),
            float(min(place, 30)),
            float(min(len(self.values) - place - 1, 30)),
            max((related.left.get(name, 0.0) for name in self.own), default=0.0),
            max((related.above.get(name, 0.0) for name in self.own), default=0.0),
            float(
                before.rstrip().endswith((":", "#", "=")) or (not before.strip() and _ends_in_colon(seg.left))
            ),
        ]

    def _amount(self, place: int, value: Value, related: Related) -> list[float]:
        amount = value.value
        assert isinstance(amount, Decimal)
        size = abs(amount)
        places = max(0, -int(amount.as_tuple().exponent))
        return [
            float(places),
            float(value.currency is not None),
            float(amount < 0),
            float(amount == 0),
            float(self.sums.rank(size)),
            float(size == self.sums.largest),
            float(size / self.sums.largest) if self.sums.largest else 0.0,
            float(size in self.sums.wholes),
            float(size in self.sums.nets),
            float(size in self.sums.taxes),
            float(self.last_at[amount] > place),
            float(self.first_at[amount] < place),
            float(any(other.type == "percent" for other in self.sight.rows[value.seg.row].values)),
            float(self._sums_column(place, value)),
            float(places == 0),
            float(self.tendered(place, size)),
            float(self.sums.rounded(size)),
            float(self.sums.unrounded(size)),
            float(self.most_after[place] <= size),
            max((weight * related.left.get(name, 0.0) for name, weight in _TOTALS.items()), default=0.0),
        ]

    def tendered(self, place: int, size: Decimal) -> bool:
        """Cash given less change, both printed below it, makes it."""
        below = self.values[place + 1 : place + 1 + _BELOW]
        later = {abs(other.value) for other in below}  # type: ignore[arg-type]
        return any(given > size and given - size in later for given in later)

    def _sums_column(self, place: int, value: Value) -> bool:
        """The amounts right above it in its column add up to it."""
        total = Decimal(0)
        for other in reversed(self.values[max(0, place - 60) : place]):
            if other.seg.page != value.seg.page or abs(other.x1 - value.x1) > self.sight.height:
                continue
            assert isinstance(other.value, Decimal)
            total += other.value
            if total == value.value and total != other.value:
                return True
        return False

    def _date(self, place: int, value: Value, related: Related) -> list[float]:
        from datetime import date

        text = value.seg.text
        day, first = value.value, self.first_day
        assert isinstance(day, date) and isinstance(first, date)
        after, before = text[value.end : value.end + 12], text[max(0, value.start - 12) : value.start]
        return [
            float(place == 0),
            float(day == self.earliest),
            float(day == self.latest),
            float(
                re.search(r"\d{1,2}:\d{2}", text) is not None
                or (
                    value.seg.right is not None
                    and re.match(r"\d{1,2}:\d{2}", value.seg.right.text) is not None
                )
            ),
            float(_is_span(after) or _span_beside(value.seg.right)),
            float(_is_span(before) or _span_beside(value.seg.left)),
            float(max(-400, min(400, (day - first).days))),
            float(value.unsure),
        ]

    def _code(self, place: int, value: Value, related: Related) -> list[float]:
        text = str(value.value)
        digits = sum(letter.isdigit() for letter in text)
        letters = sum(letter.isalpha() for letter in text)
        return [
            float(len(text)),
            float(digits),
            float(letters),
            float(len(text) - digits - letters),
            float(" " in text),
            float(re.fullmatch(r"(?:19|20)\d{2}", text) is not None),
            float(self.sight.rows[value.seg.row].depth < 0.5 and value.seg.height > 1.25 * self.sight.height),
            float(value.start == 0),
            float(text.upper() == text),
            float(re.fullmatch(r"\d+[.,]\d{2}", text) is not None),
            float(self.endings[text] > 1),
        ]


def _ends_in_colon(seg: Seg | None) -> bool:
    return seg is not None and seg.text.rstrip().endswith((":", "#", "="))


def _is_span(text: str) -> bool:
    return (
        re.search(r"[-\u2013\u2014]|\b(?:to|until|bis|au|al|hasta|tot|t/m|do|a|through)\b", text) is not None
    )


def _span_beside(seg: Seg | None) -> bool:
    return seg is not None and len(seg.text) < 6 and _is_span(seg.text)


def _is_money(value: Value) -> bool:
    assert isinstance(value.value, Decimal)
    return value.value.as_tuple().exponent == -2 or value.currency is not None


class _Sums:
    """Which amounts of a document are net, tax and gross of one another."""

    def __init__(self, amounts: Sequence[Decimal]) -> None:
        sizes = sorted({abs(amount) for amount in amounts}, reverse=True)[:60]
        self._ranks = {size: place for place, size in enumerate(sizes)}
        self.largest = sizes[0] if sizes else Decimal(0)
        present = set(sizes)
        self.wholes: set[Decimal] = set()
        self.nets: set[Decimal] = set()
        self.taxes: set[Decimal] = set()
        for larger, smaller in combinations(sizes, 2):
            rest = larger - smaller
            if rest in present and 0 < rest < smaller and Decimal("0.02") < rest / smaller < Decimal("0.30"):
                self.wholes.add(larger)
                self.nets.add(smaller)
                self.taxes.add(rest)

    def rank(self, size: Decimal) -> int:
        """0 for the largest."""
        return self._ranks.get(size, len(self._ranks))

    def rounded(self, size: Decimal) -> bool:
        """It is another amount, rounded to the coins that there are."""
        return size % _COIN == 0 and any(size + step in self._ranks for step in _STEPS)

    def unrounded(self, size: Decimal) -> bool:
        """Rounded to the coins that there are it is another amount."""
        return size % _COIN != 0 and any(
            size + step in self._ranks for step in _STEPS if (size + step) % _COIN == 0
        )


def top(
    candidates: Sequence[Candidate], scores: Sequence[float], count: int = 4
) -> Iterator[tuple[float, Candidate]]:
    """The likeliest candidates of different values, with their scores."""
    seen: set[object] = set()
    for score, candidate in sorted(zip(scores, candidates, strict=True), key=lambda pair: -pair[0]):
        if candidate.value.value not in seen:
            seen.add(candidate.value.value)
            yield score, candidate
        if len(seen) >= count:
            return


FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "amount": (
        "totals.gross",
        "totals.due",
        "totals.net",
        "totals.tax",
        "totals.lines",
        "totals.allowances",
        "totals.charges",
        "totals.prepaid",
        "totals.rounding",
        "total",
        "opening_balance",
        "closing_balance",
        "total_debit",
        "total_credit",
    ),
    "date": (
        "issue_date",
        "due_date",
        "delivery_date",
        "period_start",
        "period_end",
        "payment_date",
        "posting_date",
        "effective",
    ),
    "code": (
        "number",
        "references.order_number",
        "references.sales_order_number",
        "references.contract_number",
        "references.delivery_note_number",
        "references.goods_receipt_number",
        "references.project",
        "references.tender",
        "references.buyer_reference",
        "references.preceding",
        "buyer.identifier",
        "seller.identifier",
        "tax_number",
        "registration",
        "account_number",
        "terms.mandate",
        "terms.remittance",
        "reference",
    ),
}
"""What the rankers choose values for, by category. ``tax_number`` and ``registration`` are of any party."""
