"""Terms of payment: days, discounts, how to pay, and the words that tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from abax.documents import boxes, dates, lexicon, parties
from abax.documents.boxes import Pair
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.spans import Seg, Sight

_DAY_WORDS: Final = (
    r"days?|tagen?|tage|tag\(e\)|tg\.?|jours?|jrs|d[i\u00ed]as?|giorni|gg|dagen|dgn|dni|dagar|dager|dage"
    r"|dn\u016f"
)
_DAYS: Final = re.compile(rf"(?P<days>\d{{1,3}})\s*(?:-\s*)?(?:{_DAY_WORDS})(?![^\W\d_])", re.IGNORECASE)
_PERCENT: Final = re.compile(r"(?P<percent>\d{1,2}(?:[.,]\d{1,3})?)\s?%")
_EARLY: Final = re.compile(
    r"skonto|discount|escompte|descuento|pronto pago|sconto|korting|skonta|rabat|cash disc", re.IGNORECASE
)
_NET: Final = re.compile(
    r"net|netto|ohne abzug|rein|zahlbar|payable|payment|due|paiement|r\u00e8glement|pago|pagamento|betal|"
    r"\u00fcberweis|begleich|within|innerhalb|innert|binnen|entro|plazo|virement|bonifico|transfer|strictly|"
    r"p\u0142atn|termin|zahlung|terms|vencimiento|\u00e9ch\u00e9ance|scadenza|factura|fattura|invoice"
    r"|rechnung"
    r"|ri\.?ba|confirming|recibo|lcr|przelew",
    re.IGNORECASE,
)
_AT_SIGHT: Final = re.compile(
    r"r\u00e9ception|(?:up)?on receipt|sofort|nach erhalt|al contado|comptant|a vista|ricevimento"
    r"|bij ontvangst|rein netto"
    r"|immediate|end of month|fin de mois|fine mese|d\.?f\.?(?:f\.?)?m|fin de mes|f\.?d\.?m\b|prepa(?:id"
    r"|yment)"
    r"|vorkasse|vorauskasse",
    re.IGNORECASE,
)
_LONGEST: Final = 200
"""Letters of the text of terms."""
_LONG: Final = 30
"""Letters of a way to pay that the lexicon does not know."""


def fill(fields: Fields, pairs: Sequence[Pair]) -> None:
    """Days, discounts, means and the text of the terms."""
    if fields.type in parties.SIDES and fields.type not in (
        DocumentType.PURCHASE_ORDER,
        DocumentType.MASTER_DATA_FORM,
    ):
        return
    if fields.type is DocumentType.UNKNOWN:
        return
    if fields.type is DocumentType.RECEIPT:
        _card(fields)
        _asked(fields, ("card", "cash"))
        return
    read: set[int] = set()
    for seg in fields.sight.segs:
        if any(letter.isdigit() for letter in seg.text) and id(seg) not in read:
            lines = _lines(fields.sight, seg)
            read.update(map(id, lines))
            _american(fields, seg)
            _days(fields, seg, " ".join(line.text for line in lines))
    _text(fields, pairs)
    _card(fields)
    _means(fields, pairs)
    _remittance(fields)
    _debited(fields)


def _debited(fields: Fields) -> None:
    """A creditor's id has a shape of its own; a mandate's number stands behind the word."""
    for seg in fields.sight.segs:
        for path, pattern in (("terms.creditor_id", _CREDITOR), ("terms.mandate", _MANDATE)):
            found = pattern.search(seg.text)
            if found is not None:
                words = seg.words_of(*found.span(1))
                fields.put(path, found[1], 0.9, "text", words, seg.page, found[1])


_CREDITOR: Final = re.compile(r"(?<![A-Z0-9])([A-Z]{2}\d{2}ZZZ[A-Z0-9]{6,28})(?![A-Z0-9])")
_MANDATE: Final = re.compile(
    r"(?:mandatsref\w*|mandate? ref\w*|r\u00e9f\w* (?:du |de )?mandat|\bRUM|mandaat\w*|machtigings?\w*"
    r"|(?:sepa|debit) mandate?|\bmandat)"
    r"(?:[ -]?(?:nr|no|number|nummer)\b)?\W{1,3}((?=[\w/-]*\d)[A-Z0-9][\w/-]{3,34})",
    re.IGNORECASE,
)


# ---------------------------------------------------------------- the words


def _text(fields: Fields, pairs: Sequence[Pair]) -> None:
    """What a label announces, as far as it speaks of the terms; else the sentence that asks to pay."""
    for pair in pairs:
        kinds = set(pair.kinds)
        known = kinds & {"terms.text", "terms.means"} or ("due_date" in kinds and pair.closed)
        if not known or boxes.heads_a_column(fields.sight, pair):
            continue
        lines = _lines(fields.sight, pair.seg)
        text = _in_one_sentence(_whole(pair, lines))
        if re.search(r"[^\W\d_]{2}", text) and _speaks_of_terms(text):
            _put_text(fields, text, pair.start, lines, 0.8 if "due_date" not in kinds else 0.7)
            _days_in(fields, text, pair)
            return
    _in_prose(fields)


def _put_text(fields: Fields, text: str, start: int, lines: Sequence[Seg], sure: float) -> None:
    """Put the text, which begins in the first of these lines and may end in one of the next."""
    words = list(lines[0].words_of(start, start + len(text)))
    rest = len(text) - (len(lines[0].text) - start) - 1
    for line in lines[1:]:
        if rest > 0:
            words += line.words_of(0, rest)
        rest -= len(line.text) + 1
    fields.put("terms.text", text, sure, "text", words, lines[0].page, text)


def _days_in(fields: Fields, text: str, pair: Pair) -> None:
    """The days of the text, where its line alone has not told them."""
    days = _DAYS.search(text)
    if days and not _PERCENT.search(text) and int(days["days"]) <= 180:
        fields.put("terms.net_days", int(days["days"]), 0.8, "text", pair.words, pair.seg.page, days.group())


def _speaks_of_terms(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_DAYS, _AT_SIGHT, _AMERICAN))


def _lines(sight: Sight, seg: Seg) -> list[Seg]:
    """A line and those that its sentence goes on in."""
    found = [seg]
    while len(found) < _MOST_LINES and len(found[-1].words) > 4 and not found[-1].text.rstrip().endswith("."):
        last = found[-1]
        below = next(
            (
                other
                for row in sight.rows[last.row + 1 : last.row + 3]
                if row.page == last.page and row.y0 - last.y1 < 0.9 * sight.height
                for other in row.segs
                if abs(other.x0 - last.x0) < sight.height
            ),
            None,
        )
        if below is None or not (below.text[:1].islower() or _goes_on(last.text)):
            break
        found.append(below)
    return found


_MOST_LINES: Final = 3


def _goes_on(text: str) -> bool:
    """A sentence does not end like this."""
    return (
        re.search(
            r"(?:[,\d%]|\b(?:zum|bis|am|le|el|il|op|v\u00f3\u00f3r|do|the|der|die|das|den|de|di))$", text
        )
        is not None
    )


def _whole(pair: Pair, lines: Sequence[Seg]) -> str:
    """All that stands behind the label: words such as ``netto``, which are labels too, belong to it; what a
    colon closes does not."""
    rest = pair.text
    if pair.how in ("right", "below"):
        rest = " ".join([pair.seg.text[pair.start :], *(line.text for line in lines[1:])])
    for label in pair.seg.labels:
        at = label.start - pair.start
        if at > 0 and re.match(r"\s*[:=]", pair.seg.text[label.end :]) and len(rest) > at:
            rest = rest[:at]
    return re.split(r"\s[|\u00b7\u2022]\s", rest)[0].strip(" ,;:")


def _in_one_sentence(text: str) -> str:
    """Up to the end of the sentence, and without the day on which all of it is due."""
    end = _END.search(text)
    text = text[: end.start() + 1] if end else text
    return _DUE_ON.split(text)[0].rstrip(" .,;")[:_LONGEST]


_END: Final = re.compile(
    r"(?<=[^\W\d_]{3})\.\s+(?=[A-Z\u00c0-\u017d\u00bf\u00a1])|(?<=\d)\.\s+(?=[A-Z\u00c0-\u017d][^\W\d_]{2})"
)
_DUE_ON: Final = re.compile(
    r"\s?[,;\u2013(-]\s?(?:also |d\.h\. |i\.e\. )?(?:f\u00e4llig|zahlbar bis|due|\u00e9ch\u00e9ance"
    r"|vencimiento"
    r"|scadenza|vervaldatum)\b\D{0,12}\d"
    r"|\s(?:auf unser|to our account|sur notre compte|en nuestra cuenta|sul nostro conto)\b",
    re.IGNORECASE,
)


def _in_prose(fields: Fields) -> None:
    """The sentence that tells days or discounts, or asks to pay, where no label announces the terms."""
    for seg in fields.sight.segs:
        if _PAYABLE.match(seg.text) is None or len(seg.words) < 3 or _TELLS.match(seg.text):
            continue
        lines = _lines(fields.sight, seg)
        text = _in_one_sentence(" ".join(line.text for line in lines))
        day = any(value.type == "date" for line in lines for value in line.values)
        if (_speaks_of_terms(text) or day) and not _WAS_PAID.search(text):
            _put_text(fields, text, 0, lines, 0.65)
            return


_TELLS: Final = re.compile(r"[^:\d]{3,40}:\s*\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\W*$")
"""A label and a day, and no more."""
_WAS_PAID: Final = re.compile(
    r"\b(?:paid on|bezahlt am|wurden? (?:am|bereits)|pay\u00e9e? le"
    r"|r\u00e9gl\u00e9e? le|pagad[oa] el|pagat[oa] il|betaald op"
    r"|zap\u0142acono|op\u0142acono)\b",
    re.IGNORECASE,
)
_PAYABLE: Final = re.compile(
    r"\W*(?:zahlbar|zahlung|pay(?:able|ment)? |please (?:pay|remit|transfer)|r\u00e8gl|regl|paie|paya"
    r"|pag(?:o|are|am|ad)|betal|p\u0142at|netto|net\b"
    r"|bitte (?:\u00fcberweisen|zahlen|begleichen)|wir bitten|(?:der|den) (?:rechnungs)?betrag"
    r"|rechnungsbetrag"
    r"|gelieve|(?:we|wij) verzoeken|merci de|rogamos|prosimy o|due (?:with|in)|f\u00e4llig|termin"
    r"|\d{1,3} (?:tage?n?|days?|jours?|d[i\u00ed]as|giorni|dagen|dni)\b)",
    re.IGNORECASE,
)
"""How a line that tells the terms begins."""


# ---------------------------------------------------------------- days and discounts


def _days(fields: Fields, seg: Seg, text: str) -> None:
    """Days and discounts of a sentence that begins in this line."""
    labels = [*seg.labels, *(seg.left.labels if seg.left is not None else ())]
    told = any("terms" in kind or kind == "due_date" for label in labels for kind in label.kinds)
    if not (told or _EARLY.search(text) or _NET.search(text)):
        return
    text = next((part for part in _END.split(text) if _DAYS.search(part)), text)
    if _NO_TERMS.search(text):
        return
    for clause in re.split(
        r"(?<=[^\d]),\s|,\s(?=\d{1,2}(?:[.,]\d+)?\s?%)|;|\boder\b|\bor\b|\bou\b|\bo\b|\bof\b|\blub\b", text
    ):
        days, percent = _DAYS.search(clause), _PERCENT.search(clause)
        start = max(0, seg.text.find(clause[:12]))
        words = seg.words_of(start, start + len(clause))
        if days and percent and _EARLY.search(text):
            count = sum(
                1 for path in fields.values if re.fullmatch(r"terms\.discounts\[\d+\]\.percent", path)
            )
            if count < 3 and not _told(fields, percent):
                base = f"terms.discounts[{count}]"
                rate = Decimal(percent["percent"].replace(",", "."))
                fields.put(f"{base}.percent", rate, 0.8, "text", words, seg.page, percent.group())
                fields.put(f"{base}.days", int(days["days"]), 0.8, "text", words, seg.page, days.group())
        elif days and not percent and int(days["days"]) <= 180 and not _EARLY.search(clause):
            fields.put("terms.net_days", int(days["days"]), 0.8, "text", words, seg.page, days.group())
        if percent and _CASH_DISCOUNT.search(clause):
            _until(fields, seg, clause, percent)


def _until(fields: Fields, seg: Seg, clause: str, percent: re.Match[str]) -> None:
    """``3 % Skonto bis 10.02.2026``: the day stands in the clause, or alone in the column beside it."""
    beside = () if _DAYS.search(clause) else (seg.left, seg.right)
    near = [clause, *(one.text for one in beside if one is not None and len(one.words) <= 2)]
    days = (dates.parse_date(text, fields.sight.order) for text in near)
    issued = fields.values.get("issue_date")
    day = next((one for one in days if one is not None and (not issued or one.value > issued)), None)
    rate = Decimal(percent["percent"].replace(",", "."))
    bases = [f"terms.discounts[{count}]" for count in range(3)]
    known = (base for base in bases if fields.values.get(f"{base}.percent", rate) == rate)
    base = next(known, None)
    if day is None or base is None:
        return
    fields.put(f"{base}.percent", rate, 0.8, "text", seg.words, seg.page, percent.group())
    fields.put(f"{base}.until", day.value, 0.8, "text", seg.words, seg.page, day.text)


_CASH_DISCOUNT: Final = re.compile(
    r"skonto|skonta|escompte|pronto pago|sconto cassa|cash disc|(?:early|prompt) pay"
    r"|discount[^,;]{0,30}\b(?:by|before|until|on or before)\s+\d"
    r"|korting[^,;]{0,30}\b(?:v\u00f3\u00f3r|tot)\s+\d"
    r"|sconto[^,;]{0,30}\bentro\s+\w*\s*\d|(?:by|before)\s+\d[^,;]{0,30}discount",
    re.IGNORECASE,
)
_NO_TERMS: Final = re.compile(
    r"return|retour|reklam|reclam|claim|\u00fcberf\u00e4llig|past due|overdue|r\u00fcckgabe|widerruf"
    r"|gutgeschr|teruggestort|refund"
    r"|zwrot|rimbors|rembours|reembols|notif",
    re.IGNORECASE,
)
"""Days for something else than paying."""


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


# ---------------------------------------------------------------- how to pay


def _means(fields: Fields, pairs: Sequence[Pair]) -> None:
    """How to pay: what a label says, else what the sentence about the account asks for."""
    for pair in pairs:
        known = _means_word(pair.text) or _asked_in(pair.text)
        if pair.kinds[0] != "terms.means" or (not known and boxes.heads_a_column(fields.sight, pair)):
            continue
        bare = not re.search(r"\d", pair.text) and len(pair.text) < _LONG and not _AT_SIGHT.search(pair.text)
        if known or (bare and re.search(r"[^\W\d_]{3}", pair.text)):
            fields.put("terms.means", known or pair.text, 0.75, "text", pair.words, pair.seg.page, pair.text)
            return
    if fields.type is not DocumentType.PURCHASE_ORDER:
        _asked(fields, tuple(_ASKED))


def _asked_in(text: str) -> str | None:
    return next((name for name, pattern in _ASKED.items() if pattern.search(text)), None)


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
        r"abgebucht|abbuchen wir|buchen wir|ziehen wir|per (?:sepa-?)?lastschrift|\bauto ?pay\b"
        r"|afgeschreven van|van uw rekening|addebitat\w+|pobran\w+ z |domiciliation"
        r"|lastschrift\w* ein|eingezogen|by direct debit|prélevé|prélèvement"
        r"|domiciliad|domiciliaci|addebit\w+ (?:su|sul|dirett)|geïncasseerd|automatisch(?:e)? (?:af|incasso)"
        r"|polecenie zapłaty",
        re.IGNORECASE,
    ),
    "card": re.compile(
        r"\b(?:visa|master ?card|maestro|amex|girocard|ec-?karte|kreditkarte|carte bancaire|carte bleue"
        r"|bancomat|pinpas"
        r"|gepind|tarjeta|kart[a\u0105] p\u0142atnicz\w*|pagamento elettronico|karta kredytowa"
        r"|card ending in|credit card|debit card|card payment)\b"
        r"|(?-i:\b(?:PIN|CB|KARTA)\b)",
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


def _card(fields: Fields) -> None:
    """The last digits of the card that was used, beside its name."""
    for seg in fields.sight.segs:
        for found in _MASKED.finditer(seg.text):
            near = " ".join(one.text for one in (seg.left, seg, seg.right) if one is not None)
            if _ASKED["card"].search(near) or _CARD.search(near):
                words = seg.words_of(*found.span("digits"))
                fields.put(
                    "terms.card_number", found["digits"], 0.85, "text", words, seg.page, found["digits"]
                )
                fields.put("terms.means", "card", 0.8, "text", seg.words, seg.page, seg.text)
                return


_MASKED: Final = re.compile(
    r"(?:[*xX\u2022#\u00b7.]{2,}[ -]?(?:[*xX\u2022#]{2,}[ -]?)*|\b(?:ending(?: in| with)?|endet auf"
    r"|endend auf|terminant par|terminada en"
    r"|acabada en|che termina con|eindigend op"
    r"|ko\u0144cz\u0105c\w+ si\u0119(?: na)?) ?)(?P<digits>\d{4})(?!\d)",
)
_CARD: Final = re.compile(
    r"\b(?:card|karte|carte|tarjeta|carta|kaart|kart[ay]|vpay|v pay|diners)\b",
    re.IGNORECASE,
)


def _remittance(fields: Fields) -> None:
    """What the payer is to write, where it has a form of its own or a sentence asks for it."""
    for seg, start, text, sure in _quoted(fields):
        words = seg.words_of(start, start + len(text))
        known = str(fields.values.get("terms.remittance", ""))
        if sure > _ASKED_FOR or (len(text) > len(known) and text.startswith(known)):
            fields.drop("terms.remittance")
        fields.put("terms.remittance", text, sure, "text", words, seg.page, text)
        return


def _quoted(fields: Fields) -> Iterator[tuple[Seg, int, str, float]]:
    for seg in fields.sight.segs:
        found = _BELGIAN.search(seg.text)
        if found:
            yield seg, found.start(), found.group(), 0.95
    for seg in fields.sight.segs:
        asked = _QUOTE.search(seg.text)
        if asked:
            yield seg, asked.start("code"), asked["code"].rstrip(" .,;/"), _ASKED_FOR


_ASKED_FOR: Final = 0.75


_BELGIAN: Final = re.compile(r"[+*]{3}\d{3}/\d{4}/\d{5}[+*]{3}")
_QUOTE: Final = re.compile(
    r"(?:onder vermelding van|unter angabe (?:von|der (?:rechnungs)?nummer)|verwendungszweck:?"
    r"|quoting(?: reference)?|with reference"
    r"|en indiquant|indicando|indicare|podaj\u0105c|w tytule(?: przelewu)?:?)\s*:?\s*(?:n[r\u00b0o]\.?\s*)?"
    r"(?P<code>(?=[\w/ -]*\d)(?:[A-Z]{1,4}[ -])?\d[\w./-]*(?: ?/ ?\d[\w-]*)?)",
    re.IGNORECASE,
)
