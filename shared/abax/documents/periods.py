"""Days that sentences and pairs of dates tell: what a document covers, and until when it is to be paid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from abax.documents import dates, lexicon
from abax.documents.boxes import Pair
from abax.documents.candidates import GENERIC
from abax.documents.fields import Fields
from abax.documents.spans import Row, Seg, Sight, Value

PERIOD: Final = 0.85
SENTENCE: Final = 0.8
_LONGEST: Final = 400
"""Days of a period at most."""


def fill_period(fields: Fields) -> None:
    """Two dates with ``to`` between them, behind a label of a period or a word such as ``from``; a stay by
    its first and last day; or a month by its name behind a label."""
    told = next(_periods(fields.sight), None) or _stay(fields.sight)
    if told is None:
        _month(fields)
        return
    for path, day in zip(("period_start", "period_end"), told, strict=True):
        fields.drop(path)
        fields.put_value(path, day.value, day, PERIOD, "text")


def _periods(sight: Sight) -> Iterator[tuple[Value, Value]]:
    for seg in sight.segs:
        days = [value for value in seg.values if value.type == "date"]
        for first, last in pairwise(days):
            if _TO.fullmatch(seg.text[first.end : last.start]) and _is_told(seg, first):
                yield from _ordered(first, last)
        if days:
            yield from _from_yearless(sight, seg, days[-1])
        rest = seg.text[days[-1].end :] if days else ""
        if days and (_OPEN.search(rest) or not rest.strip()):
            below = _goes_on(sight, seg)
            if not rest.strip() and (below is None or not _UP_TO.match(below.text)):
                continue
            if not _is_told(seg, days[-1]) and not (below is not None and _is_beside_period(below)):
                continue
            after = next((value for value in below.values if value.type == "date"), None) if below else None
            if below is not None and after is not None and _TO.fullmatch(below.text[: after.start] or "-"):
                yield from _ordered(days[-1], after)


def _from_yearless(sight: Sight, seg: Seg, last: Value) -> Iterator[tuple[Value, Value]]:
    """``01.01. - 31.01.2026``, ``Jan 1 \u2013 Jan 31, 2026``: the last day alone has the year."""
    found = _YEARLESS.search(seg.text[: last.start])
    if found is None or not isinstance(last.value, date):
        return
    text, start, end = found["day"], found.start("day"), found.end("day")
    for year in (last.value.year, last.value.year - 1):
        mark = next((one for one in "./" if one in text and text[0].isdigit() and text[-1].isdigit()), " ")
        day = dates.parse_date(f"{text}{mark}{year}", sight.order)
        if day is not None and day.value < last.value:
            words = seg.words_of(start, end)
            first = Value("date", day.value, text, seg, start, end, words[0].x0, words[-1].x1)
            if _is_told(seg, first):
                yield from _ordered(first, last)
            return


def _ordered(first: Value, last: Value) -> Iterator[tuple[Value, Value]]:
    assert isinstance(first.value, date) and isinstance(last.value, date)
    if 0 < (last.value - first.value).days <= _LONGEST:
        yield first, last


def _is_told(seg: Seg, first: Value) -> bool:
    """A label of a period, or a word such as ``from`` stands before it."""
    before = seg.text[: first.start]
    if _FROM.search(before):
        return True
    labels = [label for label in seg.labels if label.end <= first.start]
    if not before.strip() and seg.left is not None:
        labels += seg.left.labels
    return any("period" in label.kinds for label in labels)


def _is_beside_period(seg: Seg) -> bool:
    return seg.left is not None and any("period" in label.kinds for label in seg.left.labels)


def _goes_on(sight: Sight, seg: Seg) -> Seg | None:
    """The line below in which a text goes on."""
    for row in sight.rows[seg.row + 1 : seg.row + 3]:
        if row.page != seg.page or row.y0 - seg.y1 > 1.3 * sight.height:
            return None
        for other in row.segs:
            if other.x0 < seg.x1 and other.x1 > seg.x0 - sight.height:
                return other
    return None


_TO: Final = re.compile(
    r"\W*(?:to|until|till|through|thru|and|bis(?: zum)?|au|et(?: le)?|al|a|hasta(?: el)?|y(?: el)?|ao"
    r"|at\u00e9|e(?: il)?"
    r"|tot(?: en met)?|t/m|t\.e\.m\.?|do(?: dnia)?|till och med|t\.o\.m\.?)?\W*",
    re.IGNORECASE,
)
_UP_TO: Final = re.compile(r"(?:to|until|through|bis|au|al|hasta|tot|t/m|do)\b", re.IGNORECASE)
_YEARLESS: Final = re.compile(
    r"(?P<day>\b\d{1,2}[./]\d{1,2}|\b[^\W\d_]{3,10}\.? \d{1,2}|\b\d{1,2}\.? [^\W\d_]{3,10})[.,]?\s*"
    r"(?:[-\u2013\u2014]|to|bis(?: zum)?|au|al|hasta(?: el)?|t/m|tot(?: en met)?|do|through)\s*$",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"^\s*(?:[-\u2013\u2014]|to|until|through|bis(?: zum)?|au|al|hasta|tot(?: en met)?|t/m|do)\s*$",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"\b(?:from|vom|von|ab|du|del|dal|van|od|okresie|between|desde|de|zeitraum|period\w*|p\u00e9riode"
    r"|periodo|per\u00edodo|okres\w*"
    r"|covering|zwischen|entre|tra|tussen|p\u0159ed|za|für|for)(?: (?:the|den|dem|le|el|il|dnia))?\W*$",
    re.IGNORECASE,
)


def _stay(sight: Sight) -> tuple[Value, Value] | None:
    """The days on which guests came and left."""
    first = _day_behind(sight, _CAME)
    last = _day_behind(sight, _LEFT)
    if first is None or last is None:
        return None
    return next(_ordered(first, last), None)


def _day_behind(sight: Sight, words: re.Pattern[str]) -> Value | None:
    for seg in sight.segs:
        for match in words.finditer(seg.text):
            day = next((v for v in seg.values if v.type == "date" and 0 <= v.start - match.end() < 12), None)
            if day is None and match.end() >= len(seg.text.rstrip()) and seg.right is not None:
                day = next((v for v in seg.right.values if v.type == "date" and v.start < 3), None)
            if day is not None:
                return day
    return None


_CAME: Final = re.compile(
    r"\b(?:anreise|arrival|arrived|check-? ?in|arriv\u00e9e|llegada|entrada|arrivo"
    r"|aankomst|przyjazd)\b[\w ]{0,6}:?",
    re.IGNORECASE,
)
_LEFT: Final = re.compile(
    r"\b(?:abreise|departure|departed|check-? ?out|d\u00e9part|salida|partenza|vertrek|wyjazd)\b[\w ]{0,6}:?",
    re.IGNORECASE,
)


def _month(fields: Fields) -> None:
    """``Leistungszeitraum: April 2026``: its first and its last day."""
    if "period_start" in fields.values or "period_end" in fields.values:
        return
    for seg in fields.sight.segs:
        for label in seg.labels:
            if label.kinds[0] != "period":
                continue
            where = seg if lexicon.plain(seg.text[label.end :]) else seg.right
            match = _MONTH.match(where.text, label.end if where is seg else 0) if where is not None else None
            month = dates.month_of(match["month"]) if match else None
            if where is None or match is None or month is None:
                continue
            start, end = dates.days_of(int(match["year"]), month)
            words = where.words_of(match.start("month"), match.end())
            for path, day in (("period_start", start), ("period_end", end)):
                fields.put(path, day, 0.75, "text", words, where.page, match.group().strip(" :"))
            return


_MONTH: Final = re.compile(r"\W*(?P<month>[^\W\d_]{3,11})\.?\s+(?:de\s+|del\s+)?(?P<year>20\d{2})\b(?!\W*\d)")


# ---------------------------------------------------------------- issued and due


def told_issue(pairs: Sequence[Pair]) -> Value | None:
    """The day in a box of its own, below a label that can mean nothing else, or beside the number."""
    for place, pair in enumerate(pairs):
        if pair.kinds[0] != "issue_date":
            continue
        numbered = place > 0 and pairs[place - 1].kinds[0].startswith("number.")
        sure = pair.how == "box" or (pair.how == "slash" and numbered)
        if sure or (pair.how == "below" and len(pair.name) > GENERIC):
            day = _first_day(pair.seg, pair.start, pair.start + 3)
            if day is not None:
                return day
    return None


def told_by_label(pairs: Sequence[Pair], kind: str) -> Value | None:
    """The day that a label of this kind alone announces."""
    days = (_first_day(one.seg, one.start, one.start + 3) for one in pairs if one.kinds == (kind,))
    return next((day for day in days if day is not None), None)


def fill_due(fields: Fields, pairs: Sequence[Pair]) -> None:
    """The day that a label or box announces, or by which a sentence asks to pay or says that it is drawn."""
    if "due_date" in fields.values:
        return
    for pair in pairs:
        if pair.kinds[0] == "due_date":
            place = pair.seg, pair.start, pair.start + len(pair.text)
            day = _first_due(*place)
            if day is not None and (pair.how != "right" or day is not _first_day(*place)):
                fields.put_value("due_date", day.value, day, SENTENCE, "text")
                return
    for seg, text, parts in _sentences(fields.sight):
        for asked in _BY.finditer(text):
            day = _day_at(parts, asked.end())
            near = text[max(0, asked.start() - 160) : asked.end() + 90]
            asks = _PAID.search(near) is not None and not (_NOT.search(near) or _EARLY.search(near))
            in_full = _IN_FULL.match(text[asked.end() :]) is not None
            if day is not None and seg.page == day.seg.page and (asks or in_full):
                fields.put_value("due_date", day.value, day, SENTENCE - 0.1, "text")
                return


def is_of_something_else(day: Value) -> bool:
    """Words beside a day say that it is past, the first of many, of a discount, or the end of an offer."""
    before = day.seg.text[max(0, day.start - _NEAR) : day.start]
    if _NOT.search(before) is not None or _SINCE.search(before) is not None:
        return True
    if _EARLY.search(_CLAUSE.split(before)[-1]) is not None:
        return True
    after = day.seg.text[day.end : day.end + _NEAR]
    if not after.strip() and not before.strip() and day.seg.right is not None:
        after = day.seg.right.text
    follows = next((one.start for one in day.seg.values if one.type == "date" and one.start > day.end), None)
    clause = _CLAUSE.split(after if follows is None else after[: follows - day.end])[0]
    return "%" in clause and _EARLY.search(clause) is not None


_NEAR: Final = 40
"""Letters before and behind a day that speak of it."""
_CLAUSE: Final = re.compile(r"[;)]|,\s|\b(?:oder|or|ou|oppure|lub|net(?:to)?|ohne abzug)\b", re.IGNORECASE)
_EARLY: Final = re.compile(
    r"(?<!ohne )(?<!without )(?<!no )(?<!sans )(?<!senza )(?<!sin )"
    r"(?:s[ck]onto|skonta|discount|escompte|descuento|pronto pago|korting)",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(
    r"\b(?:ab(?: dem)?|from|starting|d\u00e8s le|\u00e0 (?:compter|partir) du|a partir del?|a partire dal"
    r"|vanaf|pocz\u0105wszy od)\s*$",
    re.IGNORECASE,
)
"""From such a day on something else holds: ``Ihr neuer Abschlag ab 01.03.2026``."""


def _first_due(seg: Seg, start: int, end: int) -> Value | None:
    days = (value for value in seg.values if value.type == "date" and start <= value.start < end)
    return next((day for day in days if not is_of_something_else(day)), None)


def _first_day(seg: Seg, start: int, end: int) -> Value | None:
    return next((v for v in seg.values if v.type == "date" and start <= v.start < end), None)


def _sentences(sight: Sight) -> Iterator[tuple[Seg, str, list[tuple[int, Seg]]]]:
    """Lines, each with the one that it goes on in, and where either begins in the text."""
    for seg in sight.segs:
        if len(seg.words) < 2 or not any(map(str.isdigit, seg.text)):
            continue
        before = _came_from(sight, seg)
        text, parts = seg.text, [(0, seg)]
        if before is not None:
            text, parts = f"{before.text} {seg.text}", [(0, before), (len(before.text) + 1, seg)]
        yield seg, text, parts


def _came_from(sight: Sight, seg: Seg) -> Seg | None:
    """The line of prose above, from the same left edge."""
    if seg.row == 0:
        return None
    row: Row = sight.rows[seg.row - 1]
    if row.page != seg.page or seg.y0 - row.y1 > 1.2 * sight.height:
        return None
    return next((one for one in row.segs if abs(one.x0 - seg.x0) < sight.height and len(one.words) > 3), None)


def _day_at(parts: Sequence[tuple[int, Seg]], place: int) -> Value | None:
    """The date that begins right there."""
    for start, seg in parts:
        for value in seg.values:
            if value.type == "date" and 0 <= value.start + start - place <= 3:
                return value
    return None


_BY: Final = re.compile(
    r"\b(?:bis(?: sp\u00e4testens)?(?: zum| am)?|sp\u00e4testens(?: am| bis zum)?|am|zum|by|before"
    r"|no later than|on or (?:just )?(?:before|after)|on|due"
    r"|until|avant le|au plus tard le|pour le|le|antes del?|hasta el|el(?: d\u00eda)?|entro il|il"
    r"|v\u00f3\u00f3r|voor|uiterlijk(?: op)?|op|rond|omstreeks"
    r"|do(?: dnia)?|w dniu|dnia)\s+",
    re.IGNORECASE,
)
_IN_FULL: Final = re.compile(
    r"[\d./ -]{6,14}(?:ohne abzug|netto|rein netto|net\b|sans escompte)",
    re.IGNORECASE,
)
_PAID: Final = re.compile(
    r"zahl|\u00fcberw|begleich|eingezogen|abgebucht|einzug|einziehen|eingang|buchen wir|abbuch"
    r"|\bpay|paid by|\bdue\b|remit"
    r"|collect|debit|charge[d]?\b"
    r"|pr\u00e9lev|r\u00e9gl|r\u00e8gl|paie|payer|pagar|abonar|cargar|cargo|adeud|pagamento|pagare"
    r"|bonific|addebit|betal|voldoen|voldaan|schrijven"
    r"|ge\u00efncass|incass|overmak|afgeschreven|zap\u0142a|p\u0142at|wp\u0142a|pobran|obci\u0105\u017c",
    re.IGNORECASE,
)
_NOT: Final = re.compile(
    r"bezahlt (?:am|mit)|wurden? am|\bwas (?:debited|collected|paid)|a \u00e9t\u00e9|ha sido|\u00e8 stat[oa]"
    r"|auszahlung|fr\u00fchestens|scadut|\u00e9chue?s? le|r\u00e9gl\u00e9e? (?:par|le)"
    r"|paid on|pay\u00e9e? le|pagad[oa] el|pagat[oa] il|betaald op|zap\u0142acono"
    r"|op\u0142acon"
    r"|geliefert|delivered|angebot|g\u00fcltig|valid|last payment|letzte zahlung|erhalten am|received",
    re.IGNORECASE,
)
