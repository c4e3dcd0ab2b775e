"""The fields of a contract being filled: which value was chosen for each, and what else it could be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Any, Final

from abax.documents import (
    blocks,
    boxes,
    candidates,
    codes,
    identifiers,
    issuing,
    labelled,
    numbering,
    parties,
    ranker,
    spans,
    whose,
)
from abax.documents.boxes import Pair
from abax.documents.candidates import Candidate
from abax.documents.contracts import CONTRACT, Box, DocumentType, Evidence, Subtype
from abax.documents.extract import Alternative
from abax.documents.pages import Reading, Word
from abax.documents.spans import Seg, Value

LEAST: Final = 0.35
"""A value is taken from this chance on."""
LEAST_DATE: Final = 0.12
"""Every business document has a date of its own."""
LABELLED: Final = 0.6
"""The chance that a telling label right beside a value is right."""
SHOWN: Final = 0.02
"""An alternative is told from this chance on."""
_TRADE: Final = (
    "totals.gross",
    "totals.due",
    "totals.net",
    "totals.tax",
    "totals.lines",
    "totals.allowances",
    "totals.charges",
    "totals.prepaid",
    "totals.rounding",
)
_UNPRICED: Final = (DocumentType.DELIVERY_NOTE, DocumentType.GOODS_ISSUE, DocumentType.GOODS_RECEIPT)
_AMOUNTS: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.PAYMENT_ADVICE: ("total",),
    DocumentType.ACCOUNT_STATEMENT: ("opening_balance", "closing_balance"),
    DocumentType.JOURNAL_VOUCHER: ("total_debit", "total_credit"),
    DocumentType.MASTER_DATA_FORM: (),
    DocumentType.UNKNOWN: (),
}
_DATES: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.PAYMENT_ADVICE: ("issue_date", "payment_date"),
    DocumentType.ACCOUNT_STATEMENT: ("issue_date", "period_start", "period_end"),
    DocumentType.JOURNAL_VOUCHER: ("issue_date", "posting_date"),
    DocumentType.MASTER_DATA_FORM: ("issue_date", "effective"),
    DocumentType.RECEIPT: ("issue_date",),
    DocumentType.UNKNOWN: ("issue_date",),
}
_CODES: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.PAYMENT_ADVICE: ("number", "reference", "account_number"),
    DocumentType.ACCOUNT_STATEMENT: ("number", "account_number"),
    DocumentType.JOURNAL_VOUCHER: ("number",),
    DocumentType.MASTER_DATA_FORM: ("number", "tax_number", "registration", "account_number"),
    DocumentType.RECEIPT: ("number", "tax_number"),
    DocumentType.UNKNOWN: ("number",),
}


class Fields:
    """Values by path, with evidence and alternatives."""

    def __init__(self, reading: Reading, type_: DocumentType, subtype: Subtype = Subtype.STANDARD) -> None:
        self.reading = reading
        self.type = type_
        self.subtype = subtype
        self.family = "receipt" if type_ is DocumentType.RECEIPT else "business"
        self.sight = spans.look(reading)
        self.around = candidates.Surroundings(self.sight)
        self.values: dict[str, Any] = {}
        self.evidence: dict[str, Evidence] = {}
        self.alternatives: dict[str, tuple[Alternative, ...]] = {}
        self.ranked: dict[str, list[Candidate]] = {}
        self.in_lines: set[int] = set()
        """Words that stand in lines."""
        self.roles = parties.roles(type_, parties.buyer_writes(self.sight, type_, subtype))
        self.writer = self.roles[0][1]
        """The path of who writes the document."""
        self.addressee = next((path for role, path, _ in self.roles if role == "addressee"), None)
        self.sides = self.writer, self.addressee
        self.columns = blocks.Columns(self.sight)
        self.marks = whose.Marks(self.sight, self.columns)
        self.heads = parties.heads_of(self.sight)
        self.housed: set[int] = set()
        """Segments that are of a party's address."""
        self.homes: dict[str, Seg] = {}
        """The last line of each party's address."""

    def put(
        self,
        path: str,
        value: Any,
        confidence: float,
        method: str,
        words: Sequence[Word] = (),
        page: int | None = None,
        text: str = "",
    ) -> None:
        """Choose a value; the words are where it stands."""
        if value is None or value == "" or path in self.values:
            return
        self.values[path] = value
        self.evidence[path] = Evidence(
            method=method,
            confidence=max(0.0, min(1.0, confidence)),
            text=text or " ".join(word.text for word in words),
            page=page,
            box=spans.box_of(words) if words else None,
        )

    def put_value(
        self, path: str, value: Any, chosen: Value, confidence: float, method: str = "ranker"
    ) -> None:
        """Choose what stands in a segment."""
        words = chosen.seg.words_of(chosen.start, chosen.end)
        self.put(path, value, confidence, method, words, chosen.seg.page, chosen.text)

    def drop(self, path: str) -> None:
        """Take a choice back."""
        self.values.pop(path, None)
        self.evidence.pop(path, None)

    def contract(self) -> dict[str, Any]:
        """The values as the contract nests them."""
        found: dict[str, Any] = {"type": self.type, "subtype": self.subtype}
        names = _names_of(self.type)
        for path, value in self.values.items():
            if re.split(r"[.\[]", path)[0] in names:
                _nest(found, path, value)
        nested: dict[str, Any] = _closed(found)
        return nested


@lru_cache(maxsize=32)
def _names_of(type_: DocumentType) -> frozenset[str]:
    """The fields that a type's contract has."""
    return frozenset(type(CONTRACT.validate_python({"type": type_})).model_fields)


def _nest(found: dict[str, Any], path: str, value: Any) -> None:
    at: Any = found
    steps = re.findall(r"[^.\[\]]+", path)
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if after is None:
            at[int(step) if step.isdigit() else step] = value
        else:
            at = at.setdefault(int(step) if step.isdigit() else step, {})


def _closed(part: Any) -> Any:
    """Parts by number become tuples."""
    if not isinstance(part, dict):
        return part
    if part and all(isinstance(key, int) for key in part):
        return tuple(_closed(part[key]) for key in sorted(part))
    return {key: _closed(value) for key, value in part.items()}


def filled(fields: Fields) -> None:
    """Choose a value for every field of the document's type that has one."""
    from abax.documents import banking, lining, naming, periods, terms

    pairs = boxes.pairs_of(fields.sight)
    _codes(fields, pairs)
    _dates(fields, pairs)
    if "period_end" in _DATES.get(fields.type, candidates.FIELDS["date"]):
        periods.fill_period(fields)
    if fields.type in _OWED:
        periods.fill_due(fields, pairs)
    _in_order(fields)
    if fields.type is not DocumentType.UNKNOWN:
        naming.fill(fields)
    banking.fill(fields)
    lining.fill(fields)
    _amounts(fields)
    lining.fill_taxes(fields)
    lining.fill_adjustments(fields)
    terms.fill(fields, pairs)
    _plain_fields(fields)


# ---------------------------------------------------------------- ranked fields


def _scored(fields: Fields, kind: str, names: Sequence[str]) -> dict[str, list[tuple[float, Candidate]]]:
    """The likeliest candidates of each field."""
    found = candidates.candidates_of(kind, fields.sight, fields.around, fields.type)
    if kind == "amount":
        found = _no_lines(fields, found)
    model = ranker.chosen(f"{fields.family}_{kind}")
    names = [name for name in names if name in model.fields]
    scores = model.scores([one.features for one in found], names)
    ranked = {
        name: list(candidates.top(found, _labelled(name, found, scores[:, place], fields)))
        for place, name in enumerate(names)
    }
    for name, best in ranked.items():
        _others(fields, name, [(score, one) for score, one in best if score >= SHOWN])
    return ranked


def _no_lines(fields: Fields, found: list[Candidate]) -> list[Candidate]:
    """Amounts of lines are no totals, where there are several lines."""
    if "lines[1].net_amount" not in fields.values and "lines[1].gross_amount" not in fields.values:
        return found
    told = {value for path, value in fields.values.items() if path.startswith("lines[")}
    return [one for one in found if one.value.value not in told or not _in_line(one.value, fields)] or found


def _in_line(value: Value, fields: Fields) -> bool:
    return id(value.seg.words_of(value.start, value.end)[0]) in fields.in_lines


def _labelled(name: str, found: Sequence[Candidate], scores: Any, fields: Fields) -> list[float]:
    """Scores, where a telling label right beside a value counts even if no ranker has learned it."""
    result = []
    in_cents = sum(_is_in_cents(one) for one in found) >= _TELLING
    told = name in _TOLD and any(one.related.left.get(name, 0.0) >= 0.95 for one in found)
    for one, score in zip(found, scores, strict=True):
        score = float(score)
        if told and not one.related.left.get(name) and not one.related.above.get(name):
            score *= 0.3
        if name == "number" and re.fullmatch(r"\d{1,3}", one.value.text) and _in_brackets(one):
            score *= 0.1
        label = one.related.label
        strength = one.related.left.get(name, 0.0)
        if strength >= 0.95 and label is not None and name in label.kinds and label.kinds[0] == name:
            telling = label.length > candidates.GENERIC or label.start <= 1
            score = max(score, LABELLED + 0.002 * min(label.length, 40) if telling else 0.0)
        if name == "number" and (in_party(one, fields) or _REGISTER.fullmatch(one.value.seg.text)):
            score *= 0.2
        if name == "number" and identifiers.is_tax_id(one.value.text, fields.sight.language):
            score *= 0.1
        if isinstance(one.value.value, Decimal):
            score += 1e-4 * one.value.seg.row / len(fields.sight.rows)
            places = -int(one.value.value.as_tuple().exponent)
            if places not in (0, 2) or (in_cents and places == 0 and not one.value.currency):
                score *= 0.3
        result.append(score)
    return issuing.weighed(found, result, fields.sight) if name == "issue_date" else result


def _is_in_cents(one: Candidate) -> bool:
    return isinstance(one.value.value, Decimal) and one.value.value.as_tuple().exponent == -2


_REGISTER: Final = re.compile(r"\W*[A-Z]{3} ?\d{10}\W*")
"""A Polish cash register by the number that its maker gave it."""
_TELLING: Final = 3
"""Amounts in cents, beside which a number without them is a quantity, a day or a postcode."""
_TOLD: Final = frozenset({"totals.due", "totals.prepaid", "totals.rounding", "totals.lines"})
"""Where a label says so, nothing without it is meant."""


def _in_brackets(one: Candidate) -> bool:
    text, value = one.value.seg.text, one.value
    return text[: value.start].rstrip().endswith("(") and text[value.end :].lstrip().startswith(")")


def in_party(one: Candidate, fields: Fields) -> bool:
    """A bare ``Number:`` below a party's heading is what that party is known by."""
    label = one.related.label
    if label is None or label.length > candidates.GENERIC:
        return False
    return any(
        head.seg.row < one.value.seg.row
        and blocks.is_under(label.seg, head.seg, fields.sight)
        and (one.value.seg.y0 - head.seg.y1) < 6 * fields.sight.height
        and head.seg.page == one.value.seg.page
        and set(head.kinds) & {"seller", "buyer", "ship_to"}
        for head in fields.heads
    )


def _others(fields: Fields, path: str, ranked: Iterable[tuple[float, Candidate]]) -> None:
    listed = []
    for score, one in ranked:
        value = one.value
        words = value.seg.words_of(value.start, value.end)
        listed.append(
            Alternative(
                value=str(value.value),
                evidence=Evidence(
                    method="ranker",
                    confidence=min(1.0, score),
                    text=value.text,
                    page=value.seg.page,
                    box=spans.box_of(words),
                ),
            )
        )
    if listed:
        fields.alternatives[path] = tuple(listed)


def _chosen(
    fields: Fields, path: str, ranked: Sequence[tuple[float, Candidate]], least: float = LEAST
) -> None:
    if ranked and ranked[0][0] >= least:
        score, one = ranked[0]
        fields.put_value(path, one.value.value, one.value, score)
        fields.alternatives[path] = fields.alternatives.get(path, ())[1:]
        if not fields.alternatives[path]:
            del fields.alternatives[path]


def _dates(fields: Fields, pairs: Sequence[Pair]) -> None:
    from abax.documents import periods

    issued = periods.told_issue(pairs)
    if issued is not None:
        fields.put_value("issue_date", issued.value, issued, 0.9, "text")

    names = _DATES.get(fields.type, candidates.FIELDS["date"][:5])
    if fields.type in _ORDERED:
        names = tuple(name for name in names if name != "due_date")
    for name, ranked in _scored(fields, "date", names).items():
        if name == "due_date":
            ranked = [one for one in ranked if not periods.is_of_something_else(one[1].value)]
        known = name == "issue_date" and fields.type is not DocumentType.UNKNOWN
        _chosen(fields, name, ranked, LEAST_DATE if known else LEAST)
        if name in ("payment_date", "posting_date") and name not in fields.values:
            told = periods.told_by_label(pairs, name)
            if told is not None:
                fields.put_value(name, told.value, told, LABELLED, "text")


def _in_order(fields: Fields) -> None:
    """No period ends before it begins."""
    start, end = fields.values.get("period_start"), fields.values.get("period_end")
    if start and end and start > end:
        fields.drop("period_start")
        fields.drop("period_end")


def _codes(fields: Fields, pairs: Sequence[Pair]) -> None:
    from abax.documents import references

    names = _CODES.get(fields.type, candidates.FIELDS["code"])
    own = candidates.OWN_NUMBER.get(fields.type, ())
    ranked = _scored(fields, "code", [name for name in names if name not in own])
    number = ranked.pop("number", [])
    _told_number(fields, pairs)
    _chosen(fields, "number", number)
    _number_beside(fields, pairs)
    if fields.type is not DocumentType.UNKNOWN:
        references.fill(fields, pairs)
    headings = blocks.heading_rows(fields.sight)
    for name, best in ranked.items():
        if name in ("tax_number", "registration", "account_number"):
            fields.ranked[name] = [one for score, one in best if score >= LEAST]
        elif name == "references.preceding":
            _preceding(fields, best)
        elif name == "buyer.identifier":
            free = [one for one in best if not references.is_of_a_bank(fields.sight, one[1].value.seg)]
            _chosen(fields, name, free)
        else:
            free = [one for one in best if not _is_of_else(fields, name, one[1], headings)]
            _chosen(fields, name, [one for one in free if _is_announced(name, *one)])
        if name in ("tax_number", "registration", "account_number"):
            fields.alternatives.pop(name, None)


def _preceding(fields: Fields, ranked: Sequence[tuple[float, Candidate]]) -> None:
    """The document that this one corrects or settles: its number, and its date where that follows."""
    for score, one in ranked:
        value, seg = one.value, one.value.seg
        if score < LEAST or value.value == fields.values.get("number"):
            continue
        after = (day for day in seg.values if day.type == "date" and 0 <= day.start - value.end < 25)
        day = next(after, None)
        told = (str(value.value), day.value if day else None)
        fields.put_value("references.preceding[0]", told, value, score)
        return


def _is_announced(name: str, score: float, one: Candidate) -> bool:
    """A label of its kind stands by it, or the ranker is sure without one. What a buyer refers to by asks for
    a label that says whose reference it is, and never stands behind one of a person."""
    related = one.related
    if len(one.value.text) < _SHORTEST:
        return False
    kind = name.removeprefix("terms.") if name == "terms.mandate" else name
    told = max(related.left.get(kind, 0.0), related.above.get(kind, 0.0)) >= _BY_LABEL
    if name == "references.buyer_reference":
        label = related.label
        if label is not None and blocks.ATTENTION.match(label.seg.text):
            return False
        named = label is not None and codes.is_named(label.seg.text[: label.end])
        return score >= _SURE or (told and named)
    return told or score >= LABELLED


def _is_of_else(fields: Fields, name: str, one: Candidate, headings: frozenset[int]) -> bool:
    """It is the document's number or what a side is known by, or stands in a column of goods: ``Lot``."""
    if not name.startswith("references."):
        return False
    text = str(one.value.value)
    if any(fields.values.get(path) == text for path in ("number", "buyer.identifier", "seller.identifier")):
        return True
    label = one.related.label
    if label is None or label.seg.row not in headings or name not in _OF_GOODS:
        return False
    return any(boxes.heads_list(seg) for seg in fields.sight.rows[label.seg.row].segs)


_OF_GOODS: Final = ("references.project", "references.tender", "references.goods_receipt_number")
_SHORTEST: Final = 3
"""Letters of what another document is cited by."""
_BY_LABEL: Final = 0.3
_SURE: Final = 0.85


def _told_number(fields: Fields, pairs: Sequence[Pair]) -> None:
    """A number that a label or the title itself tells goes before what rankers think."""
    if fields.type is DocumentType.UNKNOWN:
        return
    language = fields.sight.language
    told = numbering.own_number(fields.sight, fields.type)
    if told is not None and (identifiers.is_tax_id(told.text, language) or _is_a_year(told)):
        told = None
    boxed = codes.number_of(pairs, fields.type, language)
    if boxed is not None and (told is None or _is_better(boxed[0], told)):
        pair, start, text = boxed
        words = pair.seg.words_of(start, start + len(text))
        fields.put("number", text, codes.NUMBER, "text", words, pair.seg.page, text)
    if told is not None:
        fields.put("number", told.text, told.strength, "text", told.words, told.seg.page, told.text)


def _number_beside(fields: Fields, pairs: Sequence[Pair]) -> None:
    """Where nothing better is known, the number in a column of its own right of its label."""
    beside = codes.number_beside(pairs, fields.type)
    if beside is not None and fields.type is not DocumentType.UNKNOWN:
        pair, start, text = beside
        words = pair.seg.words_of(start, start + len(text))
        fields.put("number", text, LABELLED, "text", words, pair.seg.page, text)


def _is_a_year(told: numbering.Told) -> bool:
    """``Betriebskostenabrechnung 2010``: a title speaks of a year, and no label says that it is a number."""
    return not told.seg.labels and re.fullmatch(r"(?:19|20)\d{2}", told.text) is not None


def _is_better(boxed: Pair, told: numbering.Told) -> bool:
    """It stands in a box of its own, or below the label that something else stands beside."""
    if boxed.how == "below":
        return told.seg.left is not None and bool(told.seg.left.labels) and told.start == 0
    return told.strength < codes.NUMBER or boxed.text.endswith(told.text)


def _amounts(fields: Fields) -> None:
    if fields.type in _UNPRICED:
        return
    names = _AMOUNTS.get(fields.type, _TRADE)
    if not names:
        return
    ranked = _scored(fields, "amount", names)
    if "totals.gross" in ranked:
        _adding_up(fields, ranked)
    for name, best in ranked.items():
        _chosen(fields, name, best)
    net, tax, gross = (fields.values.get(f"totals.{name}") for name in ("net", "tax", "gross"))
    if net is not None and tax is not None and gross is not None and net - tax == gross and gross < 0:
        fields.values["totals.tax"] = -tax
    sign = -1 if fields.values.get("totals.gross", 0) < 0 else 1
    for name in ("totals.allowances", "totals.charges", "totals.prepaid"):
        if name in fields.values:
            fields.values[name] = sign * abs(fields.values[name])
    if fields.type in _OWED:
        _due(fields)


_ORDERED: Final = (*_UNPRICED, DocumentType.PURCHASE_ORDER, DocumentType.SALES_ORDER)
"""What is due on these is a delivery, no payment."""
_OWED: Final = (
    DocumentType.SUPPLIER_INVOICE,
    DocumentType.CUSTOMER_INVOICE,
    DocumentType.CREDIT_MEMO,
    DocumentType.DEBIT_MEMO,
)


def _due(fields: Fields) -> None:
    """What is owed, where no label tells it: the whole, less what was paid before."""
    gross = fields.values.get("totals.gross")
    if gross is None or "totals.due" in fields.values:
        return
    due = gross - fields.values.get("totals.prepaid", 0) + _rounding(fields)
    found = fields.evidence["totals.gross"]
    shown = next(
        (v for v in reversed(list(fields.sight.values)) if v.type == "amount" and v.value == due), None
    )
    if shown is not None:
        fields.put_value("totals.due", due, shown, 0.9 * found.confidence, "rule")
    else:
        fields.put("totals.due", due, 0.6 * found.confidence, "rule")


def _rounding(fields: Fields) -> Decimal:
    """What is rounded, where the whole has not got it in it."""
    names = ("net", "tax", "rounding", "gross")
    net, tax, rounding, gross = (fields.values.get(f"totals.{name}", Decimal(0)) for name in names)
    return Decimal(0) if net + tax + rounding == gross else rounding


def _adding_up(fields: Fields, ranked: dict[str, list[tuple[float, Candidate]]]) -> None:
    """Choose net, tax and gross together: what adds up is likelier than each by itself says."""
    nets, taxes, wholes = (ranked.get(f"totals.{name}", [])[:4] for name in ("net", "tax", "gross"))
    best: tuple[float, tuple[Any, Any, Any]] | None = None
    for net, tax, whole in product(nets, taxes, wholes):
        values: list[Any] = [one[1].value.value for one in (net, tax, whole)]
        if values[0] + values[1] != values[2] or (net[1] is whole[1] and values[1] != 0):
            continue
        if values[1] == 0 and not _is_said(tax[1], "totals.tax"):
            continue
        weight = (net[0] + 0.02) * (tax[0] + 0.02) * (whole[0] + 0.02)
        if best is None or weight > best[0]:
            best = weight, (net, tax, whole)
    if best is None or best[0] < 0.003:
        return
    for name, (score, one) in zip(("net", "tax", "gross"), best[1], strict=True):
        path = f"totals.{name}"
        sure = 1 - (1 - score) * 0.5
        fields.put_value(path, one.value.value, one.value, max(score, min(sure, 0.97)))
        left = tuple(a for a in fields.alternatives.get(path, ()) if a.value != str(one.value.value))
        fields.alternatives.pop(path, None)
        if left:
            fields.alternatives[path] = left


def _is_said(one: Candidate, kind: str) -> bool:
    """A label of this kind stands beside it or above it."""
    return max(one.related.left.get(kind, 0.0), one.related.above.get(kind, 0.0)) >= LABELLED


# ---------------------------------------------------------------- what needs no ranking


_FREE: Final[dict[str, tuple[str, ...]]] = {
    "buyer.contact": (),
    "seller.contact": ("contact",),
    "prepared_by": ("prepared_by",),
    "approved_by": ("approved_by",),
    "terms.remittance": ("terms.remittance",),
    "references.project": ("references.project",),
    "references.buyer_reference": ("references.buyer_reference",),
    "terms.mandate": ("mandate",),
    "terms.creditor_id": ("creditor_id",),
}


def _plain_fields(fields: Fields) -> None:
    """Currency, language and texts behind their labels."""
    sight = fields.sight
    if sight.currency and fields.type not in (
        *_UNPRICED,
        DocumentType.MASTER_DATA_FORM,
        DocumentType.UNKNOWN,
    ):
        seg = next((seg for seg in sight.segs if _names_currency(seg, sight.currency)), None)
        words = seg.words if seg else ()
        fields.put("currency", sight.currency, 0.95, "text", words, seg.page if seg else None, sight.currency)
    elif fields.type in (*parties.SIDES, *INVOICE_LIKE) and fields.type not in (
        *_UNPRICED,
        DocumentType.MASTER_DATA_FORM,
    ):
        fields.put("currency", _currency_of_country(fields), 0.6, "rule")
    if fields.reading.language:
        fields.put("language", fields.reading.language, 0.97, "rule")
    trade = fields.type not in _AMOUNTS
    voucher = fields.type is DocumentType.JOURNAL_VOUCHER
    for name, kinds in _FREE.items():
        path = "buyer.contact" if name == "seller.contact" and fields.writer == "buyer" else name
        if not kinds or path in fields.values:
            continue
        if path in ("prepared_by", "approved_by") and not voucher:
            continue
        if path not in ("prepared_by", "approved_by") and not trade:
            continue
        found = labelled.text_behind(sight, kinds)
        if found and (path != "references.buyer_reference" or _is_theirs(found[0], found[1], fields)):
            seg, start, text = found
            title = blocks.PERSON.match(text) if name == "seller.contact" else None
            start, text = (start + title.end(), text[title.end() :]) if title else (start, text)
            fields.put(path, text, 0.7, "text", seg.words_of(start, start + len(text)), seg.page, text)


def _is_theirs(seg: Seg, start: int, fields: Fields) -> bool:
    """The label says whose reference it is, or it is the only one of an invoice: ``Ihr Zeichen``, ``Your
    ref``, ``Reference``."""
    before = seg.text[:start] if start else seg.left.text if seg.left is not None else ""
    plain = codes.is_plain_reference(before) and fields.type in INVOICES
    return codes.is_named(before) or plain


INVOICES: Final = (DocumentType.SUPPLIER_INVOICE, DocumentType.CUSTOMER_INVOICE)
INVOICE_LIKE: Final = (
    DocumentType.SUPPLIER_INVOICE,
    DocumentType.CUSTOMER_INVOICE,
    DocumentType.CREDIT_MEMO,
    DocumentType.DEBIT_MEMO,
    DocumentType.SALES_ORDER,
    DocumentType.RECEIPT,
)
_MONEY_OF: Final = {
    "GB": "GBP",
    "CH": "CHF",
    "LI": "CHF",
    "PL": "PLN",
    "CZ": "CZK",
    "HU": "HUF",
    "SE": "SEK",
    "NO": "NOK",
    "DK": "DKK",
    "RO": "RON",
    "US": "USD",
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "MY": "MYR",
    "SG": "SGD",
    "IN": "INR",
    "CN": "CNY",
    "JP": "JPY",
    "MX": "MXN",
    "BR": "BRL",
    "TR": "TRY",
    "ZA": "ZAR",
    "AE": "AED",
}
_HOME: Final = {"pl": "PLN", "de": "EUR", "fr": "EUR", "es": "EUR", "it": "EUR", "nl": "EUR"}


def _currency_of_country(fields: Fields) -> str | None:
    """What is paid with where the writer is, for documents that name no currency."""
    writer = fields.writer
    ibans = [str(value) for path, value in fields.values.items() if path.endswith(".iban")]
    told = [fields.values.get(f"{writer}.vat_id"), fields.values.get(f"{writer}.address.country"), *ibans]
    for said in told:
        country = str(said or "")[:2]
        if country in _MONEY_OF:
            return _MONEY_OF[country]
        if country in identifiers.IBAN_LENGTHS:
            return "EUR"
    return _HOME.get(fields.sight.language or "")


def _names_currency(seg: Seg, currency: str) -> bool:
    from abax.documents.amounts import currency_of

    return any(value.currency == currency for value in seg.values) or any(
        currency_of(word.text) == currency for word in seg.words
    )


def box_of(words: Sequence[Word]) -> Box:
    """Around words."""
    return spans.box_of(words)
