"""What stands behind labels: VAT ids, telephone numbers, texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from abax.documents import blocks, identifiers, lexicon
from abax.documents.candidates import Surroundings
from abax.documents.spans import Label, Seg, Sight, Value

if TYPE_CHECKING:
    from abax.documents.fields import Fields


def vat_values(sight: Sight, around: Surroundings) -> Iterator[tuple[Value, float]]:
    """VAT ids by their shape, and by their label where they lack the country."""
    yield from _national(sight)
    for value in sight.values:
        if value.type == "vat" and not _is_part(value):
            yield value, 0.9 if value.unsure else 0.97
        elif value.type == "code" and " " not in value.text and sum(c.isdigit() for c in value.text) >= 7:
            related = around.of(value)
            if related.left.get("vat_id", 0.0) >= 0.7:
                yield value, 0.85
    for seg in sight.segs:
        for label in seg.labels:
            if "vat_id" in label.kinds:
                yield from ((value, 0.85) for value in _in_groups(seg, label))


def _is_part(value: Value) -> bool:
    """A part's number with the shape of a VAT id of few digits: without a label they say little."""
    text, seg = str(value.value), value.seg
    labels = [*seg.labels, *(seg.left.labels if seg.left is not None else ())]
    if any({"vat_id", "tax_number"} & set(label.kinds) for label in labels):
        return False
    return text.startswith("RO") and (value.unsure or len(text) < _TELLING)


_TELLING: Final = 8
"""Letters of a Romanian VAT id that tells by itself that it is one."""


def _national(sight: Sight) -> Iterator[tuple[Value, float]]:
    """VAT ids by what their country calls them, which may stand in the line above."""
    for seg in sight.segs:
        if not any(map(str.isdigit, seg.text)):
            continue
        above = "" if seg.labels else _over(sight, seg)
        text = f"{above} {seg.text}" if above else seg.text
        begin = len(text) - len(seg.text)
        for one in identifiers.find_national_vat_ids(text, sight.language):
            start, end = one.start - begin, one.end - begin
            if start >= 0 and not any(
                v.type == "vat" and v.start < end and start < v.end for v in seg.values
            ):
                words = seg.words_of(start, end)
                x0, x1 = words[0].x0, words[-1].x1
                yield Value("vat", one.value, seg.text[start:end], seg, start, end, x0, x1), 0.92


def _over(sight: Sight, seg: Seg) -> str:
    """The label of a VAT id that stands alone right above, from the same left edge."""
    for row in reversed(sight.rows[max(0, seg.row - 3) : seg.row]):
        for other in row.segs:
            if row.page == seg.page and abs(other.x0 - seg.x0) < sight.height and other.labels:
                whole = other.labels[0].whole and "vat_id" in other.labels[0].kinds
                return other.text if whole and seg.y0 - other.y1 < 2 * sight.height else ""
    return ""


def _in_groups(seg: Seg, label: Label) -> Iterator[Value]:
    """A VAT id without its country, printed in groups: ``VAT Reg No 287 9195 91``."""
    found = behind(seg, label)
    match = _GROUPS.match(found[2]) if found else None
    if found is None or match is None:
        return
    where, start, _ = found
    words = match.group().split()
    for count in range(min(len(words), 5), 1, -1):
        text = " ".join(words[:count])
        if identifiers.national_vat(text) is not None:
            end = start + len(text)
            if not any(one.type == "vat" and one.start < end and start < one.end for one in where.values):
                printed = where.words_of(start, end)
                yield Value("code", text, text, where, start, end, printed[0].x0, printed[-1].x1)
            return


_GROUPS: Final = re.compile(r"[\dA-Z][\dA-Z]*(?:[ .-][\dA-Z]+)+")
_LANDS: Final = {
    "en": "GB",
    "pl": "PL",
    "it": "IT",
    "es": "ES",
    "nl": "NL",
    "pt": "PT",
    "de": "DE",
    "fr": "FR",
}
_LAND_OF_LABEL: Final = {
    "nip": "PL", "piva": "IT", "partitaiva": "IT", "cif": "ES", "nif": "ES", "ustidnr": "DE", "cvr": "DK",
    "btwnr": "NL", "btw": "NL", "btwid": "NL", "btwtva": "BE", "uid": "AT", "vatregno": "GB",
}  # fmt: skip
"""Countries whose name for the number is their own."""


def vat_text(value: Value, fields: Fields) -> str:
    """A VAT id with its country's letters, where label, language or its check digits tell the country."""
    if value.type == "vat":
        return str(value.value)
    label = fields.around.of(value).label
    named = _LAND_OF_LABEL.get(lexicon.plain(label.seg.text[label.start : label.end])) if label else None
    for country in (named, _LANDS.get(fields.sight.language or ""), None):
        found = identifiers.national_vat(value.text, country) if country else None
        if found and (country == named or identifiers.vat_is_valid(found)):
            return found
    return identifiers.national_vat(value.text) or re.sub(r"[\s./-]", "", value.text)


def numbers_behind(sight: Sight, kind: str) -> Iterator[tuple[Label | None, Value]]:
    """Texts behind labels of a kind, such as telephone numbers."""
    for seg in sight.segs:
        for label in seg.labels:
            if kind not in label.kinds:
                continue
            found = behind(seg, label)
            if found and sum(letter.isdigit() for letter in found[2]) >= 6:
                where, start, text = found
                phone = next(identifiers.find_phones(text), None)
                if phone:
                    first = start + phone.start
                    words = where.words_of(first, start + phone.end)
                    yield (
                        label,
                        Value(
                            kind,
                            phone.value,
                            phone.value,
                            where,
                            first,
                            start + phone.end,
                            words[0].x0,
                            words[-1].x1,
                        ),
                    )


def behind(seg: Seg, label: Label) -> tuple[Seg, int, str] | None:
    rest = seg.text[label.end :]
    stop = next((one.start for one in seg.labels if one.start >= label.end), len(seg.text))
    rest = seg.text[label.end : stop]
    text = rest.lstrip(" :.=#|-")
    if text.strip():
        return seg, label.end + len(rest) - len(text), text.strip(" ,;|")
    if seg.right is not None and not (
        seg.right.labels and seg.right.labels[0].start <= 1 and seg.right.labels[0].whole
    ):
        text = seg.right.text.lstrip(" :=")
        return (seg.right, len(seg.right.text) - len(text), text.strip(" ,;")) if text else None
    return None


def text_behind(sight: Sight, kinds: Sequence[str]) -> tuple[Seg, int, str] | None:
    """The text behind the first label of these kinds that is closed by a colon or stands by itself; what is a
    heading itself is none."""
    headings = blocks.heading_rows(sight)
    for seg in sight.segs:
        if seg.row in headings:
            continue
        for label in seg.labels:
            if label.kinds[0] in kinds and label.start <= 1 and (label.whole or blocks.is_closed(label)):
                found = behind(seg, label)
                colon = seg.text[label.end : label.end + 2].strip() == ":"
                heading = found is not None and lexicon.plain(found[2]) in lexicon.columns() and not colon
                if found and not heading and 1 < len(found[2]) <= 80:
                    return found
    return None


def in_name_of(seg: Seg) -> tuple[Seg, int, int, str] | None:
    """The name of an account's holder within a line: ``NL91 ABNA … t.n.v. Studio Lichtval``."""
    told = _NAME_OF.search(seg.text)
    if told is None:
        return None
    name = told["name"].rstrip()
    return seg, told.start("name"), told.start("name") + len(name), name


_NAME_OF: Final = re.compile(
    r"(?<!\w)(?:t\.\s?n\.\s?v\.|tnv|ten name van|op naam van|lautend auf|intestato a|a nombre de|au nom de"
    r"|in the name of|na rzecz)\s+(?P<name>[^\W\d_a-z][^,;|\d]{2,60}?)"
    r"(?=$|[,;|]|\s[\u00b7\u2022\u2013\u2014-]\s|(?<=[^\W\d_]{3})\.(?:\s|$)"
    r"|\s(?:te|o\.v\.v|onder|IBAN|BIC|SWIFT|with|bei|chez|presso|en|\d))",
)


def nearest_head(value: Value, fields: Fields) -> str | None:
    """The party whose heading stands nearest above a value in its column."""
    best: tuple[float, str] | None = None
    first = value.seg.left if value.seg.left is not None and value.seg.left.labels else value.seg
    for head in fields.heads:
        away = value.seg.y0 - head.seg.y1
        if head.seg.page != value.seg.page or away < 0 or not blocks.is_under(first, head.seg, fields.sight):
            continue
        for kind in head.kinds:
            if kind in ("seller", "buyer", "ship_to") and (best is None or away < best[0]):
                best = away, kind
    return best[1] if best else None
