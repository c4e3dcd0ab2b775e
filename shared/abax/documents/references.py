"""Numbers of other documents, and what the sides know each other by, where a label tells them in any
layout.

``Client : C4471``, ``Ihre Bestellung/Datum 4500731866 / 01.09.2026``, boxes of headings over values, ``Avoir
sur facture F-19 du 12/12/2025``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from abax.documents import codes, dates, identifiers, lexicon
from abax.documents.boxes import Pair
from abax.documents.candidates import GENERIC, OWN_NUMBER
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.spans import Seg, Sight, Value

TOLD: Final = 0.86
BARE: Final = 0.72
"""``Client: C4471``: the label names the party, and what follows can be no name."""
_CODES: Final = (
    "references.order_number",
    "references.sales_order_number",
    "references.delivery_note_number",
    "references.contract_number",
    "references.goods_receipt_number",
    "buyer.identifier",
    "seller.identifier",
)
_PARTIES: Final[dict[DocumentType, dict[str, str]]] = {
    DocumentType.PAYMENT_ADVICE: {"seller.identifier": "payee.identifier"},
    DocumentType.ACCOUNT_STATEMENT: {"buyer.identifier": "holder.identifier"},
}
"""Who is meant by a customer's or a supplier's number, where a type has other parties."""
_PARTY_NAMES: Final = frozenset(
    [
        "client",
        "kunde",
        "kundin",
        "cliente",
        "klant",
        "klient",
        "customer",
        "account",
        "mandant",
        "debitor",
        "debiteur",
        "acct",
        "member",
        "abonent",
        "abonne",
        "abonado",
        "socio",
        "lid",
        "patient",
        "compteclient",
        "kundnr",
        "kund",
    ]
)
"""Labels that name the other side by a number where no name follows."""
_ACCOUNTS: Final = frozenset(
    [
        "account",
        "accountno",
        "accountnumber",
        "acct",
        "acctno",
        "accno",
        "acno",
        "accountcode",
        "account#",
        "compteclient",
    ]
)
_BANKY: Final = re.compile(
    r"sort code|\bs/c\b|\bifsc\b|\bbsb\b|\baba\b|routing|swift|\bbic\b|\biban\b|\bbank\b|beneficiary|bank\b",
    re.IGNORECASE,
)


def fill(fields: Fields, pairs: Sequence[Pair]) -> None:
    """What labels tell in so many words; rankers choose the rest."""
    own = (*OWN_NUMBER.get(fields.type, ()), "number.invoice")
    for sure in (True, False):
        for pair in pairs:
            path = _path(pair, fields, own, sure=sure)
            code = codes.code_of(pair, whole=not sure) if path is not None else None
            if path is None or code is None or code[1] == fields.values.get("number"):
                continue
            start, text = code
            words = pair.seg.words_of(start, start + len(text))
            fields.put(path, text, TOLD if sure else BARE, "text", words, pair.seg.page, text)
    _buyer_reference(fields, pairs)
    preceding(fields, pairs)


def _buyer_reference(fields: Fields, pairs: Sequence[Pair]) -> None:
    """What a label says to be the buyer's, or on an invoice a single word behind ``Reference``."""
    for pair in pairs:
        if pair.kinds[0] != "references.buyer_reference" or not 1 < len(pair.text) <= _LONGEST:
            continue
        plain = fields.type not in _CORRECTS and codes.is_plain_reference(pair.name)
        if pair.text.startswith("PO"):
            continue  # an order's number
        if _OWN.match(pair.name) or (plain and _WORD.fullmatch(pair.text)):
            fields.put(
                "references.buyer_reference", pair.text, 0.8, "text", pair.words, pair.seg.page, pair.text
            )
            return


_LONGEST: Final = 40
_OWN: Final = re.compile(
    r"ihr|your|votre|vos|su(?:ref|numer)|vostro|vs|uw|wasz|panstwa|leitweg|buyer|kaufer|acheteur"
    r"|referencianabywcy"
)
_WORD: Final = re.compile(r"[A-Z0-9][A-Z0-9/_.-]{2,}")


def _path(pair: Pair, fields: Fields, own: Sequence[str], *, sure: bool) -> str | None:
    """The field that a label tells of: surely, or by a party's name alone."""
    kind = pair.kinds[0]
    if pair.name in _ACCOUNTS and is_of_a_bank(fields.sight, pair.seg):
        return None
    if sure:
        if kind not in _CODES or kind in own or pair.name in lexicon.units():
            return None
        if pair.how == "below" and len(pair.name) <= GENERIC and not _is_customers(pair, fields):
            return None
    elif pair.name in _PARTY_NAMES and (pair.how != "below" or _is_customers(pair, fields)):
        kind = "buyer.identifier"
    else:
        return None
    return _PARTIES.get(fields.type, {}).get(kind, kind)


def _is_customers(pair: Pair, fields: Fields) -> bool:
    """A number alone below a party's name: ``Client`` over ``C-0093``."""
    if pair.kinds[0] not in ("buyer.identifier", "buyer", "account_number"):
        return False
    if any(value.type in ("vat", "iban", "phone") for value in pair.seg.values):
        return False
    is_tax_id = identifiers.is_tax_id(pair.text, fields.sight.language)
    return _NUMBER.fullmatch(pair.text) is not None and not is_tax_id


_NUMBER: Final = re.compile(r"[A-Z]{0,4}[-/. ]?\d[\d ./-]{2,17}")


def is_of_a_bank(sight: Sight, seg: Seg) -> bool:
    """An account to pay to: a bank or its code stands beside it, or above it or below."""
    near = sight.rows[max(0, seg.row - 1) : seg.row + 2]
    return any(
        row.page == seg.page and _BANKY.search(other.text)
        for row in near
        for other in row.segs
        if row.number == seg.row or (other.x0 < seg.x1 and other.x1 > seg.x0)
    )


# ---------------------------------------------------------------- documents that this one corrects


def preceding(fields: Fields, pairs: Sequence[Pair]) -> None:
    """The invoice that a memo or a correction speaks of: its number, and its date where that follows."""
    if "references.preceding[0]" in fields.values:
        return
    for seg, start, text in _spoken_of(fields):
        if text == fields.values.get("number"):
            continue
        after = (day for day in seg.values if day.type == "date" and 0 <= day.start - start - len(text) < 25)
        day = next(after, None) or _day_beside(fields, seg)
        words = seg.words_of(start, start + len(text))
        told = (text, day.value if day else None)
        fields.put("references.preceding[0]", told, TOLD, "text", words, seg.page, text)
        return
    for pair in pairs if fields.type in _CORRECTS else ():
        code = codes.code_of(pair, whole=True) if codes.is_plain_reference(pair.name) else None
        if code is not None and code[1] != fields.values.get("number"):
            words = pair.seg.words_of(code[0], code[0] + len(code[1]))
            fields.put(
                "references.preceding[0]", (code[1], None), BARE, "text", words, pair.seg.page, code[1]
            )
            return


def _day_beside(fields: Fields, seg: Seg) -> Value | None:
    """The date in the next box, headed ``du`` or ``vom``."""
    right = seg.right
    head = fields.columns.above(right) if right is not None else None
    if right is None or head is None or lexicon.plain(head.text) not in _OF:
        return None
    return next((value for value in right.values if value.type == "date" and value.start == 0), None)


_OF: Final = frozenset({"du", "vom", "del", "of", "dated", "van", "zdnia", "defecha", "datefacture"})
_CORRECTS: Final = (DocumentType.CREDIT_MEMO, DocumentType.DEBIT_MEMO)


def _spoken_of(fields: Fields) -> Iterator[tuple[Seg, int, str]]:
    corrects = fields.type in _CORRECTS or fields.subtype.value in ("correction", "reminder")
    if not corrects:
        return
    for seg in fields.sight.segs:
        for match in _INVOICE_BEFORE.finditer(seg.text):
            code = match["code"].rstrip(".,;:-/")
            if not codes.AMOUNT.match(code) and dates.parse_date(code) is None:
                yield seg, match.start("code"), code
        if _INVOICE_LABEL.fullmatch(seg.text.strip(" :")):
            for where in (seg.right, fields.columns.below(seg)):
                found = codes.CODE.match(where.text) if where is not None else None
                if where is None or found is None or codes.AMOUNT.match(found.group()):
                    continue
                if dates.parse_date(found.group()) is None:
                    yield where, 0, found.group().rstrip(".,;:-/")
                    break


_INVOICE: Final = (
    r"(?:rechnung\w*|invoice|facture|factura|fattura|factuur\w*|faktur[a-z\u0119\u0105]*|fatura|inv\b\.?)"
)
_TO: Final = (
    r"(?:zu|gegen|f\u00fcr|betreff\w*|bezug|storn\w*|korr\w*|urspr\w*|against|to|for|re|ref\w*|original"
    r"|corr\w*|credit\w*"
    r"|sur|sobre|concern\w*|annul\w*|avoir|rif|rett\w*|storno|relat\w*|rect\w*|abono|origin\w*|betreft"
    r"|betref\w*"
    r"|inzake|op|do|dot\w*|kory\w*|oryg\w*|your|ihre\w*|unsere\w*|votre|notre|su|nuestra|vs|vostra|ns"
    r"|nostra|uw|onze|of|de la)"
)
_FIRST: Final = (
    r"(?:d'origine|d\u2019origine|originale?|originaria|rectificada|corregida|corrig\u00e9e|rectifi\u00e9e"
    r"|pierwotn\w+|korygowan\w+)"
)
_INVOICE_BEFORE: Final = re.compile(
    rf"(?:\b{_TO}\b\W*(?:[^\W\d_]+\W+){{0,3}}?{_INVOICE}|\b{_INVOICE}\W+{_FIRST})\W*(?:(?:n[or]?|num\w*|number|nummer|numer|nr)\b\W*"
    rf"|n[\u00b0\u00ba]\W*|#\W*)?"
    r"(?P<code>(?:[A-Z]{1,4} )?(?=[\w./-]*\d)[^\W_][\w./-]*)",
    re.IGNORECASE,
)
_INVOICE_LABEL: Final = re.compile(
    rf"\W*{_TO}\b\W*(?:[^\W\d_]+\W+){{0,2}}?{_INVOICE}\W*(?:n[or]?|num\w*|number|nummer|numer|nr"
    rf"|n[\u00b0\u00ba])?\W*",
    re.IGNORECASE,
)
