"""The address below a party's name, or behind it in its line."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from abax.documents import blocks, identifiers, labelled_addresses, lexicon, postcodes, towns
from abax.documents.blocks import Columns
from abax.documents.contracts import Address
from abax.documents.spans import Label, Seg, Sight

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
    contact = blocks.contact_in(columns.above(seg)) if blocks.has_legal_form(line.text) else None
    pieces: list[tuple[str, Seg]]
    behind = list(_segments(seg.text[line.end :]))
    if any(postcodes.POSTCODE.search(text) or postcodes.STREET.search(text) for text in behind):
        pieces = [(text, seg) for text in behind]
        after = columns.below(seg)
        if re.search(r"\d{4}$", behind[-1]) and after is not None and not any(map(str.isdigit, after.text)):
            pieces[-1] = f"{behind[-1]} {after.text}", seg
        return Postal(*_parse(pieces), contact)
    told = labelled_addresses.told(blocks.lines_below(line.extra or seg, columns))
    if told is not None:
        return Postal(*told, contact)
    pieces = []
    at: Seg | None = line.extra or seg
    for _ in range(blocks.LINES_BELOW):
        at = (columns.below(at) or columns.further(at)) if at is not None else None
        if at is None:
            break
        if len(pieces) < 2 and (person := blocks.contact_in(at)) is not None:
            contact = person
            continue
        if not pieces and (remitted := _remitted(at)) is not None:
            return Postal(remitted.address, remitted.segs, contact)
        ended = _ends_address(at, bool(pieces))
        if ended and not _before_ids(at):
            if not pieces and _is_id(at):
                continue
            break
        text = _before_ids(at) or at.text
        if not pieces and _BETWEEN.match(text):
            continue
        if at.labels and at.labels[0].start <= 1 and blocks.is_closed(at.labels[0]):
            text = text[at.labels[0].end :].strip(" :=")
        pieces += [(piece, at) for piece in _segments(text)]
        if ended or (len(pieces) > 1 and lexicon.plain(text) in lexicon.countries()):
            break
    return Postal(*_parse(pieces), contact)


def _remitted(seg: Seg) -> Postal | None:
    """Where a firm wants to be paid, right under its name: ``Remit to: PO Box 671140, Dallas TX 75267``."""
    label = seg.labels[0] if seg.labels and seg.labels[0].start <= 1 else None
    if (
        label is None
        or not {"payee", "seller"} & set(label.kinds)
        or ":" not in seg.text[label.end : label.end + 2]
    ):
        return None
    return alone(seg, label.end)


def alone(seg: Seg, start: int) -> Postal | None:
    """An address without a name in a line, behind its label: ``Leveringsadres Brink 56, Deventer``."""
    text = postcodes.led_in(seg.text[start:].strip(" ,;:"))
    address, segs = _parse([(piece, seg) for piece in _segments(text)])
    if address.city and address.street:
        return Postal(address, segs)
    place = postcodes.PLACE.fullmatch(text)
    return Postal(Address(text=text, street=place[1], city=place[2]), [seg]) if place is not None else None


def unclaimed(sight: Sight, columns: Columns, name: str, claimed: Container[int]) -> Postal | None:
    """The first address on the first page that is nobody's yet: with a street, and no heading over it."""
    for row in sight.rows:
        if row.page != sight.rows[0].page:
            return None
        for seg in row.segs:
            if id(seg) in claimed or not postcodes.POSTCODE.search(seg.text):
                continue
            found = _around(seg, columns, lexicon.plain(name), claimed)
            if found is not None:
                return found
    return None


def _around(seg: Seg, columns: Columns, name: str, claimed: Container[int]) -> Postal | None:
    """The address that a line with a postcode ends, by itself or with the lines over it."""
    lines = [seg]
    pieces = list(_segments(seg.text))
    if len(pieces) < 2 and "," not in seg.text:
        while len(lines) < _OVER and (above := columns.above(lines[0])) is not None:
            if id(above) in claimed or _ends_address(above, True) or _names(above, name):
                break
            lines.insert(0, above)
    if any(
        value.type in ("amount", "date") for value in seg.values if value.currency or value.type == "date"
    ):
        return None
    if any(set(label.kinds) & set(blocks.PARTY_KINDS) for label in _over(lines[0], columns)):
        return None
    below = columns.below(seg)
    if below is not None and lexicon.plain(below.text) in lexicon.countries():
        lines.append(below)
    address, segs = _parse([(piece, line) for line in lines for piece in _segments(line.text)])
    street = address.street or ""
    telling = re.search(r"\d", street) or postcodes.is_street(street) or postcodes.STREET.search(street)
    named = re.match(r"[^\W\d_a-z][^\W\d_]{2}", address.city or "") is not None
    return Postal(address, segs) if named and address.postcode and telling else None


_OVER: Final = 4
"""Lines of an address without a name."""


def _names(seg: Seg, name: str) -> bool:
    found = lexicon.plain(seg.text)
    return len(found) > 3 and (found in name or name in found)


def _over(seg: Seg, columns: Columns) -> Iterator[Label]:
    """Labels in a line, before it and above it."""
    for one in (seg, seg.left, columns.above(seg)):
        if one is not None:
            yield from one.labels


def _segments(text: str) -> Iterator[str]:
    """The pieces of a line that may be of an address, up to what follows its town."""
    town = False
    for piece in _rejoined(_APART.split(text)):
        bare = postcodes.led_in(piece.strip(" ,;|*\u00b7\u2022\u2013-"))
        if not bare.strip(" ."):
            continue
        if postcodes.is_foreign(bare):
            if town:
                return
            continue
        town = town or postcodes.POSTCODE.search(bare) is not None
        yield bare


def _rejoined(pieces: Sequence[str]) -> list[str]:
    """Country letters, or a postcode, and what follows behind a dash: ``L - 1855``, ``41125 - Modena``."""
    found: list[str] = []
    for piece in pieces:
        if found and re.fullmatch(r"[A-Z]{1,3}", found[-1]) and re.match(r"\d{4}", piece):
            found[-1] = f"{found[-1]}-{piece}"
        elif found and postcodes.POSTCODE.fullmatch(found[-1]) and piece[:1].isalpha():
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


_APART: Final = re.compile(
    r"\s*[\u00b7\u2022|\u2219*\u25cf\u25aa]\s*|\s+[-\u2013\u2014]\s+|\s{3,}"
    r"|(?<=[^\W\d_]{5})\.\s+(?=[A-Z\u00c0-\u00de])|(?<=\d[A-Z]{2})\.\s+|(?<=\d{4})\.\s+(?=[A-Z])"
)
"""What parts a line into pieces: signs, wide blanks, full stops that are none of a short word."""


_BETWEEN: Final = re.compile(
    r"^\W*(?:(?:co\.?|br|reg\w*|roc|company)[\s.]*(?:reg\w*|no"
    r"|nr)?[\s.]*(?:no)?\W*)?\(?[A-Z]{0,3}\s?\d{4,}[\w\s-]{0,4}\)?\W*$"
    r"|^\W*(?:formerly|licensee|dimiliki|owned by|operated by|trading as|a division of|\(formerly)\b",
    re.IGNORECASE,
)
"""What may stand between a name and its address: a number in a register, what it was called before."""


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


def _is_id(seg: Seg) -> bool:
    """Nothing but a tax id or a number of a register, which may stand right under a name."""
    code = postcodes.postcode_in(seg.text)
    if code is not None and code.lastgroup not in postcodes.VAGUE:
        return False
    return any(label.kinds[0] in ("vat_id", "tax_number", "registration") for label in seg.labels[:1])


def _ends_address(seg: Seg, begun: bool) -> bool:
    if blocks.is_title([lexicon.plain(word.text) for word in seg.words]) or _NUMBERED.search(seg.text):
        return True
    if any(value.type == "date" for value in seg.values) and not _DAY.match(seg.text):
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
_DAY: Final = re.compile(
    r"(?:calle|avenida|av\.|avda\.?|rue|via|piazza|plaza|rua|stra\u00dfe|ul\.)\s", re.IGNORECASE
)
"""A street may be called by a day: ``Calle 5 de Mayo 12``."""
_NUMBERED: Final = re.compile(
    r"\b(?:no|nr|n[\u00b0\u00ba]|num|number|nummer|num[e\u00e9]ro"
    r"|ref)\b\.?\s*[:#]?\s*(?=[\w/.-]*\d)[\w.]+(?:[-/][\w.]+){2,}",
    re.IGNORECASE,
)
"""A document's number, such as ``JV No. JV-2026-03-118``: no house has one of so many parts."""


def _parse(pieces: Sequence[tuple[str, Seg]]) -> tuple[Address, list[Seg]]:
    """Street, postcode, city and country of the lines of an address."""
    kept: list[tuple[str, Seg]] = []
    for text, seg in pieces:
        kept.append((text.strip(" ,;."), seg))
        if lexicon.plain(text) in lexicon.countries():
            break
    lines = [text for text, _ in kept]
    place = _town_line(lines)
    if place is None:
        whole = ", ".join(lines) or None
        return Address(text=whole, street=_street_of(lines)), [seg for _, seg in kept]
    town = towns.town_of(lines[place], lines[:place])
    assert town is not None
    country, end = town.country, place + 1
    if end < len(lines) and lexicon.plain(lines[end]) in lexicon.countries():
        country = lexicon.countries()[lexicon.plain(lines[end])]
        end += 1
    above = [text for text in lines[: place - town.above] if not _no_street(text)]
    if end < len(lines) and not any(re.search(r"\d", text) for text in (*above, *town.before)):
        after = lines[end] if _street_of(lines[end : end + 1]) else None
        above, end = ([after], end + 1) if after else (above, end)
    inline = ", ".join(part for part in town.before if not _no_street(part))
    code = postcodes.postcode_in(lines[place])
    joined = (code is not None and code.lastgroup in towns.JOINED) or towns.is_malaysian(town.region)
    street, additional = _streets([*above, *([inline] if inline else [])], joined=joined)
    address = Address(
        text=", ".join(lines[:end]),
        street=street,
        additional=additional,
        city=town.city,
        postcode=town.postcode,
        region=town.region,
        country=country,
    )
    return address, [seg for _, seg in kept[:end]]


def _streets(lines: Sequence[str], *, joined: bool) -> tuple[str | None, str | None]:
    """The street among the lines over a town, and what belongs to it besides; where houses have names all of
    them are the street."""
    if joined and not any(re.match(r"c/o\b", text, re.IGNORECASE) for text in lines):
        return ", ".join(lines) or None, None
    street = next((one for one in lines if postcodes.STREET.search(one) and re.search(r"\d", one)), None)
    street = street or next((one for one in lines if re.search(r"\d", one)), None)
    street = street or (lines[-1] if lines else None)
    at = lines.index(street) if street in lines else 0
    more = [
        one for place, one in enumerate(lines) if place > at or re.search(r"\d|^c/o", one) or _ZONE.match(one)
    ]
    return street, ", ".join(one for one in more if one != street) or None


_ZONE: Final = re.compile(
    r"(?:z\.?\s?[ai]\.?c?\.?|zone|parc|p[\u00f4o]le|r[\u00e9e]sidence|immeuble|b[\u00e2a]t\w*\.?"
    r"|centre|pol\.?"
    r"|pol[\u00ed]gono|edificio|urb\w*\.?|gewerbe\w+|industrie\w+|haus|geb\u00e4ude|zona|loc\.|fraz\."
    r"|localit\u00e0"
    r"|centro|bedrijven\w+|gebouw|budynek)\s",
    re.IGNORECASE,
)
"""A place of trade or a house by its name, over the street."""


def _street_of(lines: Sequence[str]) -> str | None:
    return next((one for one in lines if postcodes.STREET.search(one) and re.search(r"\d", one)), None)


def _town_line(lines: Sequence[str]) -> int | None:
    """The line with the postcode: first one whose postcode can be nothing else."""
    for wanted in (True, False):
        for place, text in enumerate(lines):
            match = postcodes.postcode_in(text)
            if match is None or _SINCE.match(text):
                continue
            vague = match.lastgroup in postcodes.VAGUE
            sure = match.lastgroup not in ("five", "br", "pt")
            telling = not vague and (place > 0 or len(lines) == 1 or sure)
            rest = text.replace(match.group(), "")
            named = re.search(r"[^\W\d_]{2}", rest) is not None
            alone = not named and place > 0 and not vague and not rest.strip(" ,.")
            if not (named or alone) or (wanted and not telling):
                continue
            if not (wanted and postcodes.STREET.search(rest) and match.lastgroup in towns.LEADING):
                return place
    return None


def _no_street(text: str) -> bool:
    """A line between name and street that tells of the firm: its owner, its capital, its tax id."""
    return (
        blocks.OWNED.match(text) is not None
        or _FIRM.search(text) is not None
        or next(identifiers.find_vat_ids(text), None) is not None
        or next(identifiers.find_registrations(text), None) is not None
    )


_FIRM: Final = re.compile(
    r"\b(?:au capital|cap\. soc|capitale sociale|kapita\u0142|gesch\u00e4ftsf\u00fchr\w*|GF\b"
    r"|registered"
    r"|trading name|attorneys|CIF|NIF|NIP|P\.? ?IVA|(?:since|seit|sinds|depuis|desde|dal|anno)\s\d{4}$)",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(
    r"^(?:est|since|seit|depuis|dal|desde|sinds|od|gegr|fond|anno|founded)\b", re.IGNORECASE
)
