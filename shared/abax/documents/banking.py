"""Bank accounts and terms of payment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from abax.documents import identifiers, labelled, lexicon, parties
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.pages import Word
from abax.documents.spans import Seg, Sight, Value

_DAYS: Final = re.compile(
    r"(?P<days>\d{1,3})\s*(?:-\s*)?(?:days?|tagen?|tage|jours?|d[i\u00ed]as?|giorni|gg|dagen|dni|tag\(e\))",
    re.IGNORECASE,
)
_PERCENT: Final = re.compile(r"(?P<percent>\d{1,2}(?:[.,]\d{1,2})?)\s?%")
_EARLY: Final = re.compile(
    r"skonto|discount|escompte|descuento|pronto pago|sconto|korting|skonta|rabat|cash disc", re.IGNORECASE
)
_NET: Final = re.compile(
    r"net|netto|ohne abzug|rein|zahlbar|payable|payment|due|paiement|r\u00e8glement|pago|pagamento|betal|"
    r"\u00fcberweis|begleich|within|innerhalb|innert|binnen|entro|plazo|virement|bonifico|transfer|strictly|"
    r"p\u0142atn|termin|zahlung|terms|vencimiento|\u00e9ch\u00e9ance|scadenza|factura|fattura|invoice|rechnung",
    re.IGNORECASE,
)


def fill(fields: Fields) -> None:
    """Accounts by their IBAN, else by their number."""
    if fields.type in (DocumentType.JOURNAL_VOUCHER, DocumentType.UNKNOWN):
        return
    single = fields.type is DocumentType.ACCOUNT_STATEMENT
    seen: list[str] = []
    hidden = list(_hidden(fields.sight))
    parted = {id(seg) for _, seg, _ in hidden}
    for value in fields.sight.values:
        if value.type != "iban" or str(value.value) in seen or (single and seen):
            continue
        if value.unsure and id(value.seg) in parted:
            continue  # the beginning of one that goes on in the next row
        if value.unsure and not _is_said(fields, value):
            continue
        path = "account" if single else f"bank_accounts[{len(seen)}]"
        seen.append(str(value.value))
        fields.put_value(f"{path}.iban", value.value, value, 0.7 if value.unsure else 0.97, "text")
        _beside(fields, path, value)
    for iban, seg, words in hidden:
        if iban not in seen and not (single and seen):
            path = "account" if single else f"bank_accounts[{len(seen)}]"
            seen.append(iban)
            fields.put(f"{path}.iban", iban, 0.9, "text", words, seg.page, " ".join(w.text for w in words))
    if not seen:
        for one in fields.ranked.get("account_number", ())[:1]:
            path = "account" if single else "bank_accounts[0]"
            fields.put_value(f"{path}.account_number", str(one.value.value), one.value, 0.75)
            _beside(fields, path, one.value)


def _is_said(fields: Fields, value: Value) -> bool:
    """A label says that it is an account: beside it, above it, or at the end of the row before."""
    related = fields.around.of(value)
    if related.left.get("iban") or related.above.get("iban"):
        return True
    before = fields.sight.rows[value.seg.row - 1] if value.seg.row else None
    return (
        before is not None
        and value.start == 0
        and value.seg.left is None
        and lexicon.plain(before.segs[-1].words[-1].text) == "iban"
    )


def _hidden(sight: Sight) -> Iterator[tuple[str, Seg, Sequence[Word]]]:
    """Accounts that end in the row below, and Polish ones, which are printed without their country."""
    for row, after in pairwise(sight.rows):
        if row.page == after.page and after.y0 - row.y1 < 1.2 * sight.height:
            yield from _parted(row.segs[-1], after.segs[0])
    if sight.language != "pl":
        return
    for seg in sight.segs:
        for match in _POLISH.finditer(seg.text):
            iban = "PL" + match.group().replace(" ", "")
            if identifiers.iban_is_valid(iban):
                yield iban, seg, seg.words_of(*match.span())


_POLISH: Final = re.compile(r"(?<![A-Z\d] )(?<![A-Z\d])\d{2}(?: ?\d{4}){6}(?!\d)")


def _parted(seg: Seg, below: Seg) -> Iterator[tuple[str, Seg, Sequence[Word]]]:
    joined = f"{seg.text} {below.text}"
    end = len(seg.text)
    for found in identifiers.find_ibans(joined):
        if found.valid and found.start < end < found.end:
            words = (*seg.words_of(found.start, end), *below.words_of(0, found.end - end - 1))
            yield found.value, seg, words


def _beside(fields: Fields, path: str, iban: Value) -> None:
    """BIC, bank and holder that stand near an account."""
    near = list(_near(fields, iban.seg))
    bics = [v for seg in near for v in seg.values if v.type == "bic" and v is not iban]
    bics = [v for v in bics if not str(v.value).startswith("IBAN")]
    labelled = [v for v in bics if _is_bic(fields, v)]
    for value in [*labelled, *(v for v in bics if not v.unsure)][:1]:
        fields.put_value(f"{path}.bic", value.value, value, 0.95 if labelled else 0.7, "text")
    for name, kinds in (("bank_name", ("bank_name",)), ("holder", ("holder",))):
        for seg in near:
            found = _named(seg, kinds)
            if found:
                where, start, text = found
                fields.put(
                    f"{path}.{name}",
                    text,
                    0.8,
                    "text",
                    where.words_of(start, start + len(text)),
                    where.page,
                    text,
                )
                break
    if f"{path}.bank_name" not in fields.values:
        _bank_by_its_name(fields, path, iban)


def _is_bic(fields: Fields, value: Value) -> bool:
    """A label says so; in prose it need not stand alone: ``IBAN DE85 …, BIC COBADEFF``."""
    related = fields.around.of(value)
    before = lexicon.plain(value.seg.text[: value.start])
    return "bic" in related.left or "bic" in related.above or before.endswith(("bic", "swift", "swiftbic"))


def _bank_by_its_name(fields: Fields, path: str, iban: Value) -> None:
    """``Sparkasse Musterstadt Ost`` in the line of the account or the one beside it."""
    for seg in _near(fields, iban.seg, 1):
        taken = [(label.start, label.end) for label in seg.labels] + [(v.start, v.end) for v in seg.values]
        for match in _BANK.finditer(seg.text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken if (first, last) != (start, end)):
                start = max([last for first, last in taken if first <= start < last], default=start)
                end = min([first for first, _ in taken if first > start], default=end)
            name = seg.text[start:end].strip(" ,;:-\u2013\u2014")
            if len(name) >= _SHORTEST and _BANK.fullmatch(name):
                start = seg.text.find(name)
                words = seg.words_of(start, start + len(name))
                fields.put(f"{path}.bank_name", name, 0.7, "text", words, seg.page, name)
                return


_BANK: Final = re.compile(
    r"(?:[A-Z\u00c0-\u017d][\w.&'\u2019-]*\s){0,3}?"
    r"(?:\w*(?:[bB]ank(?:en)?|[sS]parkasse|Raiffeisen\w*|Bankas)|Banque|Cr\u00e9dit|Caisse|Banca|Banco|Cassa|Caixa)"
    r"\b(?!\s*(?:details|account|transfer|:))"
    r"(?:\s(?:eG|AG|SA|S\.A\.|(?!IBAN|BIC|SWIFT|BLZ)[A-Z\u00c0-\u017d][\w.&'\u2019-]*"
    r"|(?:of|de|du|des|di|della|del|y|et|und|e|i)(?=\s[A-Z]))){0,5}"
)
_SHORTEST: Final = 6
"""``Bank`` alone names none."""


def _named(seg: Seg, kinds: tuple[str, ...]) -> tuple[Seg, int, str] | None:
    for label in seg.labels:
        if set(label.kinds) & set(kinds):
            found = labelled.behind(seg, label)
            if found and re.search(r"[^\W\d_]{3}", found[2]) and "iban" not in lexicon.plain(found[2])[:4]:
                text = re.split(r"\s+(?:IBAN|BIC|SWIFT|Konto|BLZ)\b|\s[|\u00b7\u2022]\s", found[2])[0].strip(
                    " ,;"
                )
                return found[0], found[1], text
    return None


def _near(fields: Fields, seg: Seg, most: int = 3) -> Iterator[Seg]:
    rows = fields.sight.rows
    for step in (step for step in (0, 1, -1, 2, -2, 3, -3) if abs(step) <= most):
        place = seg.row + step
        if not 0 <= place < len(rows) or rows[place].page != seg.page:
            continue
        if abs(rows[place].y0 - seg.y0) < 8 * fields.sight.height:
            yield from rows[place].segs


def terms(fields: Fields) -> None:
    """Days, discounts, means and the text of the terms."""
    if fields.type in parties.SIDES and fields.type not in (
        DocumentType.PURCHASE_ORDER,
        DocumentType.MASTER_DATA_FORM,
    ):
        return
    if fields.type is DocumentType.RECEIPT:
        _asked(fields, ("card", "cash"))
    if fields.type in (DocumentType.UNKNOWN, DocumentType.RECEIPT):
        return
    for seg in fields.sight.segs:
        if any(letter.isdigit() for letter in seg.text):
            _american(fields, seg)
            _days(fields, seg)
    found = labelled.text_behind(fields.sight, ("terms.text",))
    if found:
        seg, start, _ = found
        text = seg.text[start:].strip(" ,;")
        if not re.fullmatch(r"[\d./-]+", text):
            fields.put(
                "terms.text", text, 0.7, "text", seg.words_of(start, start + len(text)), seg.page, text
            )
    else:
        _terms_in_prose(fields)
    _means(fields)


def _means(fields: Fields) -> None:
    """How to pay: what a label says, else what the sentence about the account asks for."""
    found = labelled.text_behind(fields.sight, ("terms.means",))
    if found:
        seg, start, text = found
        words = seg.words_of(start, start + len(text))
        known = _means_word(text)
        if known or len(text) < _LONG:
            fields.put("terms.means", known or text, 0.75, "text", words, seg.page, text)
            return
    _asked(fields, tuple(_ASKED))


_LONG: Final = 30


def _asked(fields: Fields, names: Sequence[str]) -> None:
    """The first of these ways to pay that a sentence speaks of."""
    for name in names:
        for seg in fields.sight.segs:
            asked = _ASKED[name].search(seg.text)
            if asked is not None and (name != "credit transfer" or "bank_accounts[0].iban" in fields.values):
                words = seg.words_of(*asked.span())
                fields.put("terms.means", name, 0.7, "text", words, seg.page, asked.group())
                return


def _means_word(text: str) -> str | None:
    """The way to pay that a text begins with, by its name in the lexicon."""
    bare = lexicon.plain(text)
    known = [word for word in lexicon.means() if bare.startswith(word)]
    return lexicon.means()[max(known, key=len)] if known else None


_ASKED: Final = {
    "direct debit": re.compile(
        r"abgebucht|abbuchen wir|ziehen wir|lastschrift\w* ein|eingezogen|by direct debit|prélevé"
        r"|domiciliad|addebit\w+ (?:su|sul)|geïncasseerd|automatisch af",
        re.IGNORECASE,
    ),
    "card": re.compile(
        r"\b(?:visa|master ?card|maestro|amex|girocard|ec-?karte|kreditkarte|carte bancaire|bancomat|pinpas"
        r"|gepind|tarjeta|kart[a\u0105] p\u0142atnicz\w*|pagamento elettronico"
        r"|card ending in|credit card|debit card)\b"
        r"|\b(?:PIN|CB|KARTA)\b",
        re.IGNORECASE,
    ),
    "credit transfer": re.compile(
        r"\b(?:überweis\w*|virement|bonifico|transferencia|przelew\w*|overmak\w*|over te maken"
        r"|bank transfer|by bacs|by transfer)\b",
        re.IGNORECASE,
    ),
    "cash": re.compile(
        r"\b(?:cash|bar (?:gegeben|bezahlt|erhalten)|barzahlung|contant"
        r"|got\u00f3wk\w+|efectivo|esp\u00e8ces|contanti)\b",
        re.IGNORECASE,
    ),
}


def _terms_in_prose(fields: Fields) -> None:
    """The row that tells days or discounts, where no label announces the terms."""
    told = next(
        (path for path in ("terms.net_days", "terms.discounts[0].days") if path in fields.evidence), None
    )
    if told is None:
        return
    wanted = fields.evidence[told]
    for seg in fields.sight.segs:
        if (
            seg.page == wanted.page
            and wanted.box is not None
            and seg.y0 <= wanted.box.y0 <= seg.y1
            and (seg.x0 <= wanted.box.x0 <= seg.x1 and len(seg.words) > 3)
            and _PAYABLE.match(seg.text)
        ):
            fields.put("terms.text", seg.text, 0.6, "text", seg.words, seg.page, seg.text)
            return


_PAYABLE: Final = re.compile(
    r"\W*(?:zahl|pay|r\u00e8gl|regl|paie|pag|betal|p\u0142at|netto|net\b|due|f\u00e4llig|termin"
    r"|\d{1,3} (?:tag|day|jour|d[i\u00ed]as))",
    re.IGNORECASE,
)
"""How a line that tells the terms begins."""


def _days(fields: Fields, seg: Seg) -> None:
    text = seg.text
    labels = [*seg.labels, *(seg.left.labels if seg.left is not None else ())]
    told = any("terms" in kind or kind == "due_date" for label in labels for kind in label.kinds)
    if not (told or _EARLY.search(text) or _NET.search(text)):
        return
    for clause in re.split(r"(?<=[^\d]),\s|;|\boder\b|\bor\b|\bou\b|\bo\b|\bof\b|\blub\b", text):
        days, percent = _DAYS.search(clause), _PERCENT.search(clause)
        words = seg.words_of(text.find(clause), text.find(clause) + len(clause))
        if days and percent and _EARLY.search(text):
            count = sum(
                1 for path in fields.values if re.fullmatch(r"terms\.discounts\[\d+\]\.percent", path)
            )
            if count < 3 and not _told(fields, percent):
                base = f"terms.discounts[{count}]"
                rate = Decimal(percent["percent"].replace(",", "."))
                fields.put(f"{base}.percent", rate, 0.8, "text", words, seg.page, percent.group())
                fields.put(f"{base}.days", int(days["days"]), 0.8, "text", words, seg.page, days.group())
        elif days and not percent and int(days["days"]) <= 180:
            fields.put("terms.net_days", int(days["days"]), 0.8, "text", words, seg.page, days.group())


def _american(fields: Fields, seg: Seg) -> None:
    """``Net 45``, ``2% 10 Net 30``."""
    told = _AMERICAN.search(seg.text)
    if told is None:
        return
    words = seg.words_of(*told.span())
    fields.put("terms.net_days", int(told["net"]), 0.85, "text", words, seg.page, told.group())
    if told["percent"]:
        rate = Decimal(told["percent"].replace(",", "."))
        fields.put("terms.discounts[0].percent", rate, 0.8, "text", words, seg.page, told.group())
        fields.put("terms.discounts[0].days", int(told["days"]), 0.8, "text", words, seg.page, told.group())


_AMERICAN: Final = re.compile(
    r"(?:(?P<percent>\d(?:[.,]\d)?)\s?%\s?/?\s?(?P<days>\d{1,2}),?\s*)?"
    r"\bnet\s?(?P<net>\d{1,3})\b(?!\s?[%.,\d])",
    re.IGNORECASE,
)


def _told(fields: Fields, percent: re.Match[str]) -> bool:
    rate = Decimal(percent["percent"].replace(",", "."))
    return any(value == rate for path, value in fields.values.items() if path.endswith(".percent"))
