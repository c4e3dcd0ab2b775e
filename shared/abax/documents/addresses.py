"""The address below a party's name, or behind it in its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from abax.documents import blocks, identifiers, lexicon, postcodes, whose
from abax.documents.blocks import Columns
from abax.documents.contracts import Address
from abax.documents.spans import Seg, Sight

if TYPE_CHECKING:
    from abax.documents.parties import Line


@dataclass(slots=True)
class Postal:
    """An address with the segments that it was read from."""

    address: Address
    segs: list[Seg]
    contact: tuple[str, Seg] | None = None
    """To whom within the firm."""


def postal(line: Line, sight: Sight, columns: Columns) -> Postal:
    """The address below a name, or behind it in its line."""
    seg = line.seg
    rest = seg.text[line.end : _first_id(seg, line.end)].strip(" ,;\u00b7\u2022|-\u2013")
    pieces: list[tuple[str, Seg]] = []
    contact = blocks.contact_in(columns.above(seg)) if blocks.has_legal_form(line.text) else None
    if rest and (postcodes.POSTCODE.search(rest) or postcodes.STREET.search(rest)):
        pieces = [(piece, seg) for piece in postcodes.SEPARATORS.split(rest) if piece]
    else:
        at: Seg | None = line.extra or seg
        for _ in range(blocks.LINES_BELOW):
            at = (columns.below(at) or columns.further(at)) if at is not None else None
            if at is None:
                break
            if _ends_address(at, bool(pieces)):
                if rest := _before_ids(at):
                    pieces += [(piece, at) for piece in postcodes.SEPARATORS.split(rest) if piece]
                break
            text = _before_ids(at) or at.text
            if len(pieces) < 2 and (person := blocks.contact_in(at)) is not None:
                contact = person
                continue
            if not pieces and _BETWEEN.match(text):
                continue
            if at.labels and at.labels[0].start <= 1 and blocks.is_closed(at.labels[0]):
                text = text[at.labels[0].end :].strip(" :=")
            if text:
                pieces.append((text, at))
            if len(pieces) > 1 and lexicon.plain(text) in lexicon.countries():
                break
    found = _parse(pieces)
    found.contact = contact
    return found


_BETWEEN: Final = re.compile(
    r"^\W*(?:(?:co\.?|br|reg\w*|roc|company)[\s.]*(?:reg\w*|no|nr)?[\s.]*(?:no)?\W*)?\(?[A-Z]{0,3}\s?\d{4,}[\w\s-]{0,4}\)?\W*$"
    r"|^\W*(?:formerly|licensee|dimiliki|owned by|operated by|trading as|a division of|\(formerly)\b",
    re.IGNORECASE,
)
"""What may stand between a name and its address: a number in a register, what it was called before."""


def _first_id(seg: Seg, start: int) -> int:
    """Where, after a name, the first label or number begins that is no part of an address."""
    marks = [label.start for label in seg.labels if label.start > start + 3 and label.kinds[0] in whose.OWN]
    marks += [v.start for v in seg.values if v.start > start and v.type in ("vat", "email", "iban", "phone")]
    return min(marks, default=len(seg.text))


def _before_ids(seg: Seg) -> str:
    """What of an address a line has before its first label or number of another kind."""
    marks = [label.start for label in seg.labels if label.start > 5 and label.kinds[0] not in _HOUSING]
    marks += [value.start for value in seg.values if value.type in ("vat", "email", "iban", "phone")]
    if not marks or blocks.is_title([lexicon.plain(word.text) for word in seg.words]):
        return ""
    text = seg.text[: min(marks)].strip(" ,;:\u00b7\u2022|/\u2013-")
    code = postcodes.postcode_in(text)
    return text if code is not None and re.search(r"[^\W\d_]{3}", text.replace(code.group(), "")) else ""


_HOUSING: Final = frozenset({"street", "city", "postcode", "country", "references.project"})
"""Kinds of label that words of an address may be."""


def _ends_address(seg: Seg, begun: bool) -> bool:
    if blocks.is_title([lexicon.plain(word.text) for word in seg.words]) or _NUMBERED.search(seg.text):
        return True
    if any(value.type == "date" for value in seg.values):
        return True
    if seg.labels and seg.labels[0].start <= 1 and _HOUSE_NO.match(seg.text):
        return False
    kinds = {kind for label in seg.labels if label.start <= 1 for kind in label.kinds}
    if kinds & {"street", "city", "postcode", "country"}:
        return False
    if any(label.whole for label in seg.labels) and not begun and kinds & set(blocks.PARTY_KINDS):
        return True
    if kinds and (
        any(blocks.is_closed(label) for label in seg.labels) or any(label.whole for label in seg.labels)
    ):
        return True
    if (
        kinds
        & {"phone", "fax", "vat_id", "tax_number", "registration", "email", "web", "iban", "number.invoice"}
        and seg.values
    ):
        return True
    return any(value.type in ("email", "iban", "vat") for value in seg.values) or "www." in seg.text.lower()


_HOUSE_NO: Final = re.compile(
    r"^(?:no|n|nr|lot|unit|pt)\b\.?,?\s?\d+[\w-]*\b(?:[\s,&/-]|$)(?!\s*$)", re.IGNORECASE
)
"""``No. 59 Jalan Permas``: the number of a house, not of a document."""
_NUMBERED: Final = re.compile(
    r"\b(?:no|nr|n[\u00b0\u00ba]|num|number|nummer|num[e\u00e9]ro|ref)\b\.?\s*[:#]?\s*(?=[\w/.-]*\d)[\w.]+(?:[-/][\w.]+){2,}",
    re.IGNORECASE,
)
"""A document's number, such as ``JV No. JV-2026-03-118``: no house has one of so many parts."""


def _parse(pieces: Sequence[tuple[str, Seg]]) -> Postal:
    """Street, postcode, city and country of the lines of an address."""
    kept: list[tuple[str, Seg]] = []
    for text, seg in pieces:
        kept.append((text.strip(" ,;"), seg))
        if lexicon.plain(text) in lexicon.countries():
            break
    kept = _with_towns(kept)
    city_at = _city_line(kept)
    if city_at is None:
        text = ", ".join(text for text, _ in kept)
        return Postal(Address(text=text or None, street=_street_of(kept)), [seg for _, seg in kept])
    end = city_at + 1
    country = None
    if end < len(kept) and lexicon.plain(kept[end][0]) in lexicon.countries():
        country = lexicon.countries()[lexicon.plain(kept[end][0])]
        end += 1
    postcode, city, named, region = postcodes.city_of(kept[city_at][0])
    kept = kept[:end]
    streets = [text for text, _ in kept[:city_at] if not _no_street(text)]
    before = postcodes.SEPARATORS.split(kept[city_at][0])
    inline = [piece for piece in before[:-1] if piece and not postcodes.postcode_in(piece)]
    if not streets or any(postcodes.STREET.search(piece) and re.search(r"\d", piece) for piece in inline):
        streets += [piece for piece in inline if not _no_street(piece)]
    street = next(
        (text for text in streets if postcodes.STREET.search(text) and re.search(r"\d", text)), None
    )
    street = street or next((text for text in streets if re.search(r"\d", text)), None)
    street = street or (streets[-1] if streets else None)
    at = streets.index(street) if street in streets else 0
    more = [text for place, text in enumerate(streets) if place > at or re.search(r"\d|^c/o", text)]
    additional = ", ".join(text for text in more if text != street) or None
    whole = ", ".join(text for text, _ in kept)
    address = Address(
        text=whole,
        street=street,
        additional=additional,
        city=city,
        postcode=postcode,
        region=region,
        country=country or named,
    )
    return Postal(address, [seg for _, seg in kept])


def _street_of(kept: Sequence[tuple[str, Seg]]) -> str | None:
    return next((text for text, _ in kept if postcodes.STREET.search(text) and re.search(r"\d", text)), None)


def _city_line(kept: Sequence[tuple[str, Seg]]) -> int | None:
    for wanted in (True, False):
        for place, (text, _) in enumerate(kept):
            match = postcodes.postcode_in(text)
            if match is None or _SINCE.match(text):
                continue
            telling = match.lastgroup not in postcodes.VAGUE and (place > 0 or len(kept) == 1)
            rest = text.replace(match.group(), "")
            if (
                re.search(r"[^\W\d_]{2}", rest)
                and (telling or not wanted)
                and not (postcodes.STREET.search(rest) and wanted)
            ):
                return place
    return None


def _with_towns(kept: list[tuple[str, Seg]]) -> list[tuple[str, Seg]]:
    """A postcode in a line of its own belongs to the town above it."""
    found: list[tuple[str, Seg]] = []
    for text, seg in kept:
        code = postcodes.postcode_in(text)
        alone = (
            code is not None
            and code.lastgroup not in postcodes.VAGUE
            and lexicon.plain(text) == lexicon.plain(code.group())
        )
        if (
            alone
            and found
            and postcodes.postcode_in(found[-1][0]) is None
            and not postcodes.STREET.search(found[-1][0])
        ):
            found[-1] = (f"{found[-1][0]} {text}", seg)
        else:
            found.append((text, seg))
    return found


def _no_street(text: str) -> bool:
    """A line between name and street that tells of the firm: its owner, its capital, its tax id."""
    return (
        blocks.OWNED.match(text) is not None
        or _FIRM.search(text) is not None
        or next(identifiers.find_vat_ids(text), None) is not None
        or next(identifiers.find_registrations(text), None) is not None
    )


_FIRM: Final = re.compile(
    r"\b(?:au capital|cap\. soc|capitale sociale|kapita\u0142|gesch\u00e4ftsf\u00fchr\w*|GF\b|registered"
    r"|trading name|attorneys|CIF|NIF|NIP|P\.? ?IVA)",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(
    r"^(?:est|since|seit|depuis|dal|desde|sinds|od|gegr|fond|anno|founded)\b", re.IGNORECASE
)
