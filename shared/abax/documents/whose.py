"""Whose a name or a number is, by what the page itself says of it, in any layout.

Rankers learn where writers and addressees stand on the documents that they saw. What holds on any paper is
weighed here: who is paid prints account, register and mail domain beside the name or repeats the name in the
foot; who is written to stands under a sender's line or a form of address, above an attention line, and has an
address without any of that. A tax id in a party's own block is that party's; all others are the writer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from abax.documents import lexicon
from abax.documents.spans import Label, Seg, Sight, Value

if TYPE_CHECKING:
    from abax.documents.blocks import Columns
    from abax.documents.parties import Line

BLOCK: Final = 8
"""Lines of a party's block at most, without its first."""
OWN: Final[dict[str, float]] = {
    "iban": 2.0,
    "bic": 2.0,
    "account_number": 1.2,
    "bank_name": 1.5,
    "creditor_id": 2.0,
    "registration": 1.5,
    "web": 1.2,
    "email": 1.0,
    "phone": 0.8,
    "fax": 0.8,
    "tax_number": 0.6,
    "vat_id": 0.4,
}
"""What speaks for a writer where it stands in a block, by kind of label or value."""
HOUSED: Final = 0.7
"""What an address and nothing else under a name says of its being written to."""
FOOT: Final = 0.82
ABOVE: Final = 100
"""Steps that a line over a name counts more than any under another."""
_SHORT: Final = 6
"""Letters of a name that is looked for elsewhere."""
_MOST: Final = 4.0
_POSTCODE: Final = re.compile(
    r"(?<![\d/.-])\d{4,6}(?![\d/.-])|\b\d{2}-\d{3}\b|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"
    r"|\b[A-CEGHJ-NPR-TVXY]\d[A-Z][\s-]?\d[A-Z]\d\b|\b[AC-FHKNPRTV-Y]\d[\dW]\s?(?=\d*[A-Z])[\dAC-Y]{4}\b"
    r"|(?<![\d/.-])\d{4}-\d{3}(?![\d/.-])"
)
_PARTED: Final = re.compile(r"\s[\u00b7\u2022|\u2219\u25cf\u25aa*\u2013\u2014-]\s|,\s")
_WEB: Final = re.compile(r"\bwww\.|https?:", re.IGNORECASE)
_ADDRESSED: Final = re.compile(
    r"^\W*(?:herrn?|frau|firma|fa\.|an(?: die| das| den)?|messrs\.?|spett\.?(?:\s?le|abile)?|egr\.? sig\.?|"
    r"gent\.?(?:\s?ma|ile)?|dhr\.?|mevr\.?|aan(?: de| het)?|sz\.? ?p\.?|monsieur|madame|mme|m\."
    r"|se\u00f1or(?:es)?|sres?\.)\W*$",
    re.IGNORECASE,
)


class Marks:
    """What a document's page says of the names on it."""

    def __init__(self, sight: Sight, columns: Columns) -> None:
        self.sight = sight
        self._columns = columns
        self._blocks: dict[int, list[Seg]] = {}
        self._plain = [(lexicon.plain(seg.text), seg) for seg in sight.segs]
        self._joined = "\n".join(text for text, _ in self._plain)
        self._senders = {id(below): seg for seg, below in self._sender_lines()}
        self._sending = {id(seg) for seg in self._senders.values()}
        self._paid = {
            row
            for value in sight.values
            if value.type == "iban"
            for row in range(value.seg.row - 1, value.seg.row + 2)
        }
        self._telling = [(text, seg) for text, seg in self._plain if self.tells(seg)]
        self._told = "\n".join(text for text, _ in self._telling)

    def block(self, seg: Seg) -> list[Seg]:
        """The lines under one, in its column, up to a blank."""
        known = self._blocks.get(id(seg))
        if known is None:
            known = self._blocks[id(seg)] = list(self._under(seg))
        return known

    def _under(self, seg: Seg) -> Iterator[Seg]:
        at = seg
        for _ in range(BLOCK):
            below = self._columns.below(at)
            if below is None or _is_prose(below.text):
                return
            yield below
            at = below

    def over(self, seg: Seg) -> list[Seg]:
        """Numbers between a party's heading and its name: ``GLN``, ``Number``."""
        found: list[Seg] = []
        at = self._columns.above(seg)
        while at is not None and len(found) < 3 and any(map(str.isdigit, at.text)) and at.labels:
            found.append(at)
            at = self._columns.above(at)
        return found

    def ids(self, seg: Seg) -> list[Seg]:
        """The lines under one, and those with a party's numbers that follow after a blank."""
        found = list(self.block(seg))
        while len(found) < 2 * BLOCK:
            after = self._columns.over_blank(found[-1] if found else seg)
            if after is None or not any(label.kinds[0] in OWN for label in after.labels):
                break
            found.append(after)
        return found

    def _sender_lines(self) -> Iterator[tuple[Seg, Seg]]:
        """Name and address in one line, right above the lines of another address: the line over a window."""
        for seg in self.sight.segs:
            match = _POSTCODE.search(seg.text)
            if match is None or len(_PARTED.findall(seg.text)) < 2 or any(map(str.isdigit, seg.text[:6])):
                continue
            for row in self.sight.rows[seg.row + 1 : seg.row + 4]:
                if row.page != seg.page or row.y0 - seg.y1 > 4.5 * self.sight.height:
                    break
                below = next((one for one in row.segs if abs(one.x0 - seg.x0) < self.sight.height), None)
                if below is None:
                    continue
                if any(_POSTCODE.search(one.text) for one in self.block(below)[:5]):
                    yield seg, below
                break

    def sends(self, line: Line) -> bool:
        """It begins the line over a window, which stands right above another party's address."""
        return id(line.seg) in self._sending and line.start == 0

    def writes(self, line: Line) -> float:
        """How much speaks for a line to name the writer."""
        kinds = _kinds_of([line.seg, *self.block(line.extra or line.seg)])
        found = sum(OWN[kind] for kind in kinds) * (1.0 if self._leads(line) else 0.3)
        if self.sends(line):
            found += 2.5
        elif id(line.seg) in self._senders:
            found -= 2.0
        return min(_MOST, found + self.echoes(line))

    def _leads(self, line: Line) -> bool:
        """It is the first of its block: what is above is no part of it."""
        above = self._columns.above(line.seg)
        return (
            above is None
            or id(above) in self._sending
            or any(label.whole for label in above.labels)
            or _ADDRESSED.match(above.text) is not None
            or not 0.83 < above.height / (line.seg.height or 1.0) < 1.2
        )

    def tells(self, seg: Seg) -> bool:
        """A name that stands there is the writer's."""
        return id(seg) in self._sending or seg.row in self._paid or self.sight.rows[seg.row].depth > FOOT

    def echoes(self, line: Line) -> float:
        """The name stands elsewhere, too: in the foot, by an account, in a sender's line."""
        name = lexicon.plain(line.text)
        if len(name) < _SHORT or name not in self._told or self._joined.count(name) < 2:
            return 0.0
        found = 0.0
        for text, seg in self._telling:
            if seg is line.seg or name not in text:
                continue
            row = self.sight.rows[seg.row]
            if id(seg) in self._sending:
                found = max(found, 2.5)
            if row.depth > FOOT:
                found = max(found, 1.5)
            if seg.row in self._paid and seg.row != line.seg.row:
                found = max(found, 2.0)
        return found

    def is_written_to(self, line: Line) -> float:
        """How much speaks for a line to name the addressee."""
        seg = line.seg
        found = 0.0
        above = self._columns.above(seg)
        if above is not None and _ADDRESSED.match(above.text):
            found += 2.0
        if id(seg) in self._senders and line.start == 0:
            found += 2.5
        if line.attention:
            found += 2.0
        block = self.block(line.extra or seg)
        housed = any(_POSTCODE.search(one.text) for one in block[:5])
        if housed and self._leads(line) and not _kinds_of([seg, *block]) & _TELLING:
            found += HOUSED
        return min(_MOST, found)


def _is_prose(text: str) -> bool:
    """A line of a sentence: many words, most of them small."""
    words = text.split()
    return len(words) >= _SENTENCE and 2 * sum(word[:1].islower() for word in words) > len(words)


_SENTENCE: Final = 8
_TELLING: Final = frozenset({"iban", "bic", "bank_name", "registration", "web", "email", "phone", "fax"})


def _kinds_of(segs: Sequence[Seg]) -> set[str]:
    """What a writer prints of itself, in these lines."""
    found = set()
    for seg in segs:
        for label in seg.labels:
            kind = label.kinds[0]
            if kind in OWN and (seg.values or seg.right is not None) and not _names_other_side(label):
                found.add(kind)
        for value in seg.values:
            if value.type in ("iban", "email") or (value.type == "bic" and not value.unsure):
                found.add(value.type)
        if _WEB.search(seg.text):
            found.add("web")
    return found


def _names_other_side(head: Label) -> bool:
    """The label says that it is of the other side: ``Ihre``, ``Customer``, ``nabywcy``."""
    said = re.split(r"(?<=[^\W\d_]{4})\.\s", head.seg.text[: head.end])[-1]
    words = [lexicon.plain(word) for word in re.split(r"[\s./-]+", said) if word]
    return _YOURS.match(said) is not None or any(word in _YOUR for word in words)


_YOURS: Final = re.compile(r"\W*v[/.]", re.IGNORECASE)
"""``V/N.º Contrib.``, but not the end of ``B.V.``"""
_YOUR: Final = frozenset(
    {
        "ihre",
        "ihr",
        "your",
        "votre",
        "vos",
        "su",
        "sus",
        "vostra",
        "vostro",
        "vs",
        "uw",
        "customer",
        "buyer",
    }
    | {
        "kunden",
        "kunde",
        "cliente",
        "comprador",
        "klant",
        "nabywcy",
        "panstwa",
        "klienta",
        "acheteur",
        "client",
    }
    | {"acquirente", "afnemer", "kaufer", "empfanger", "destinataire"}
)


def owner(
    value: Value, label: Label | None, owners: dict[str, Line], sides: tuple[str, str | None], marks: Marks
) -> str | None:
    """Whose a value is: whom its line names; the addressee's where its label says so; else theirs in whose
    block it stands, in the same line or under the name; else the writer's. ``sides`` are the paths of writer
    and addressee."""
    writer, other = sides
    text = lexicon.plain(value.seg.text)
    named = [path for path, line in owners.items() if _is_named(lexicon.plain(line.text), text)]
    if len(named) == 1:
        return named[0]
    if label is not None and other in owners and _names_other_side(label):
        return other
    steps = {path: _steps(value.seg, line, marks) for path, line in owners.items()}
    near = {path: count for path, count in steps.items() if count is not None}
    if near:
        return min(near, key=lambda path: (near[path], path != writer))
    return writer if writer in owners else None


def _is_named(name: str, text: str) -> bool:
    return len(name) >= _SHORT and name in text


def _steps(seg: Seg, line: Line, marks: Marks) -> int | None:
    """How many lines a value stands under a name in its block; None outside of it."""
    if seg.page != line.seg.page:
        return None
    for steps, member in enumerate([line.seg, *marks.ids(line.extra or line.seg)]):
        if member is seg or (member.right is seg and _only_label(member)):
            return steps
    for steps, member in enumerate(marks.over(line.seg)):
        if member is seg or (member.right is seg and _only_label(member)):
            return ABOVE + steps
    return None


def standing(seg: Seg, line: Line, marks: Marks) -> int:
    """How surely a place is of a writer's: 0 in the block of its name, 1 in a foot, by an account or beside
    its name, 2 anywhere else."""
    if _steps(seg, line, marks) is not None:
        return 0
    name = lexicon.plain(line.text)
    return 1 if marks.tells(seg) or name in lexicon.plain(marks.sight.rows[seg.row].text) else 2


def _only_label(seg: Seg) -> bool:
    return any(label.whole for label in seg.labels)
