"""Who is who: lines that may name a party, the addresses below them, and what speaks for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from math import exp
from typing import TYPE_CHECKING, Final

from abax.documents import identifiers, lexicon, titles, whose
from abax.documents.candidates import Surroundings
from abax.documents.contracts import Address, DocumentType, Subtype
from abax.documents.spans import Label, Seg, Sight, Value

if TYPE_CHECKING:
    from abax.documents.fields import Fields

LINES_BELOW: Final = 7
"""Lines of an address at most."""
SIDES: Final[dict[DocumentType, tuple[str, str | None]]] = {
    DocumentType.PURCHASE_ORDER: ("buyer", "seller"),
    DocumentType.GOODS_RECEIPT: ("buyer", "seller"),
    DocumentType.PAYMENT_ADVICE: ("payer", "payee"),
    DocumentType.ACCOUNT_STATEMENT: ("issuer", "holder"),
    DocumentType.JOURNAL_VOUCHER: ("company", None),
    DocumentType.MASTER_DATA_FORM: ("party", None),
}
"""Who writes a document, and to whom; all other types go from seller to buyer."""
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "seller": ("seller",),
    "buyer": ("buyer", "invoicee"),
    "payer": ("payer",),
    "payee": ("payee", "seller"),
    "issuer": ("seller", "bank_name"),
    "holder": ("holder", "buyer"),
    "company": ("company",),
    "party": ("party", "company", "seller", "buyer"),
    "ship_to": ("ship_to",),
    "tax_representative": ("tax_representative",),
}
"""Headings that announce a party of a contract."""
HEADED: Final = ("payee", "tax_representative", "invoicee")
"""Parties that only a heading can name."""
PARTY_KINDS: Final = (*lexicon.PARTIES, "bank_name")
_POSTCODE: Final = re.compile(
    r"(?P<pl>(?:(?<![\w/.-])|(?<=\bPL-))\d{2}-\d{3}(?![\w/-]))|(?P<gb>\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b)"
    r"|(?P<nl>(?<!\d)\d{4}\s?[A-Z]{2}\b)|(?P<us>\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b)"
    r"|(?P<pt>(?<![\w/-])\d{4}-\d{3}(?![\w/-]))"
    r"|(?P<led>\b(?:A|B|D|F|I|E|L|S|N|AT|BE|CH|CZ|DE|DK|EE|ES|FI|FR|IT|LT|LU|LV|NL|NO|SE|SI|SK)-(?:\d{4,5}|\d{3}\s\d{2})\b(?!-))"
    r"|(?P<five>(?<![\d/-])(?<!HRB\s)(?<!HRA\s)\d{5}(?![\d/-]))"
    r"|(?P<se>(?<!\d)(?<!\d\s)\d{3}\s\d{2}(?![\d\s]*\d))|(?P<four>(?<![\d/-])(?<!\d\.)(?<!\d\s)\d{4}(?![\d/-]|\s\d))"
    r"|(?P<ca>\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b)|(?P<ie>\b[AC-FHKNPRTV-Y]\d[\dW]\s[A-Z\d]{4}\b)"
    r"|(?P<six>(?<!\d)\d{6}(?!\d))"
)
_LEADS: Final = {
    "D": "DE",
    "F": "FR",
    "A": "AT",
    "I": "IT",
    "E": "ES",
    "B": "BE",
    "L": "LU",
    "S": "SE",
    "N": "NO",
}
"""Countries by the one letter before a postcode."""
_SEPARATORS: Final = re.compile(
    r"\s*[\u00b7\u2022|\u2219*\u25cf\u25aa]\s*|\s+[-\u2013\u2014]\s+|\s*,\s*|\s{3,}"
)
_STREET: Final = re.compile(
    r"(?:str\.|stra\u00dfe|strasse|weg|platz|allee|gasse|ring|damm|ufer|street|road|avenue|lane|drive|way|court|square"
    r"|\brue\b|\bavenue\b|\bboulevard\b|\bbd\b|\bplace\b|\bquai\b|\bcalle\b|\bc/|\bavda\b|\bpaseo\b|\bplaza\b|\bvia\b"
    r"|\bviale\b|\bpiazza\b|\bcorso\b|straat|laan|\bplein|gracht|kade|\bul\.|\bal\.|\baleja\b|\bplac\b|\bjalan\b|\brd\b"
    r"|\bst\b|\bave\b|\bblvd\b|\blot\b|\bjln\b|p\.?\s?o\.?\s?box|postfach|carrer|polígono|rua\b|vej\b|gatan\b)",
    re.IGNORECASE,
)
_TITLES: Final = re.compile(
    r"^(?:herrn?|frau|firma|fa\.|mr|mrs|ms|messrs\.?|m\.|mme|"
    r"sr\.?|sra\.?|spett\.?(?:le)?|sig\.?|dhr\.?|mevr\.?|sz\. ?p\.|an)[.:]?$",
    re.IGNORECASE,
)
_HOUSE: Final = re.compile(r"\s\d{1,4}\s?[a-zA-Z]?$")
"""The number of a house at the end of a line."""
_NAME_MARKS: Final = re.compile(r"[^\W\d_]{2,}")


@dataclass(slots=True)
class Line:
    """A line that may be a party's name. ``start`` is where it begins in its segment: after a label."""

    seg: Seg
    start: int
    end: int
    text: str
    features: list[float] = field(default_factory=list)
    extra: Seg | None = None
    """The next segment, where the name goes on in it."""
    heads: dict[str, float] = field(default_factory=dict)
    """Kinds of heading beside or above it, with their strength."""
    attention: bool = False
    """The next line says to whom within this firm."""
    owned: bool = False
    """The next line says whose firm this is."""
    writes: float = 0.0
    """How much on the page speaks for it to name the writer, whatever the layout."""
    written: float = 0.0
    """How much speaks for it to name who is written to."""


@dataclass(slots=True)
class Postal:
    """An address with the segments that it was read from."""

    address: Address
    segs: list[Seg]
    contact: tuple[str, Seg] | None = None
    """To whom within the firm."""


class Columns:
    """Which segment stands above and below which."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self._h = sight.height

    def below(self, seg: Seg) -> Seg | None:
        """The next line of the same block."""
        return self._next(seg, 1)

    def above(self, seg: Seg) -> Seg | None:
        """The line before in the same block."""
        return self._next(seg, -1)

    def further(self, seg: Seg) -> Seg | None:
        """The next line below, over a blank as high as a line, where it reads like an address."""
        found = self._next(seg, 1, 3.0)
        if found is not None and (_STREET.search(found.text) or _POSTCODE.search(found.text)):
            return found
        return None

    def over_blank(self, seg: Seg) -> Seg | None:
        """The next line below, over a blank as high as a line."""
        return self._next(seg, 1, 3.0)

    def _next(self, seg: Seg, step: int, reach: float = 1.6) -> Seg | None:
        rows = self.sight.rows
        place = seg.row + step
        tried = 0
        while 0 <= place < len(rows) and rows[place].page == seg.page and tried < 4:
            for other in rows[place].segs:
                gap = other.y0 - seg.y1 if step > 0 else seg.y0 - other.y1
                if gap > reach * max(self._h, min(seg.height, other.height)):
                    return None
                if self.aligned(seg, other):
                    return other
            place += step
            tried += 1
        return None

    def aligned(self, one: Seg, other: Seg) -> bool:
        """They start, end or are centred together."""
        reach = 0.8 * self._h
        centre = abs((one.x0 + one.x1) - (other.x0 + other.x1)) / 2
        return abs(one.x0 - other.x0) < reach or centre < 1.2 * reach or abs(one.x1 - other.x1) < 0.3 * reach


def lines_of(sight: Sight, marks: whose.Marks | None = None) -> list[Line]:
    """Lines that may name a party, with features."""
    columns = Columns(sight)
    marks = marks or whose.Marks(sight, columns)
    texts = Counter(lexicon.plain(seg.text) for seg in sight.segs)
    mails = " ".join(str(value.value) for value in sight.values if value.type == "email").lower()
    mails += " ".join(re.findall(r"www\.[\w.-]+", " ".join(seg.text for seg in sight.segs).lower()))
    heads = heads_of(sight)
    found: list[Line] = []
    headings = _heading_rows(sight)
    for seg in sight.segs:
        if seg.row in headings or _no_name(seg):
            continue
        for line in _variants(seg, sight, columns):
            line.heads = _headed(line, heads, sight)
            below = columns.below(line.seg) if line.extra is None else None
            line.attention = below is not None and _ATTENTION.match(below.text) is not None
            line.owned = below is not None and _OWNED.match(below.text) is not None
            line.writes, line.written = marks.writes(line), marks.is_written_to(line)
            line.features = _features(line, len(found), sight, columns, texts, mails)
            found.append(line)
    _place(found)
    return found


def _place(lines: Sequence[Line]) -> None:
    """Add to the features how each line's block stands to the other blocks with an address."""
    blocks: list[Seg] = []
    for line in lines:
        if line.features[_WITHIN] <= 4 and all(line.seg is not seg for seg in blocks):
            blocks.append(line.seg)
    for line in lines:
        seg = line.seg
        others = [one for one in blocks if one is not seg and one.page == seg.page]
        beside = [one for one in others if abs(one.y0 - seg.y0) < 5 * (seg.height or 1.0)]
        line.features += [
            float(line.features[_WITHIN] <= 4),
            float(sum(one.y0 < seg.y0 for one in others)),
            float(len(others)),
            float(any(one.x0 > seg.x1 for one in beside)),
            float(any(one.x1 < seg.x0 for one in beside)),
            line.writes,
            line.written,
        ]


_WITHIN: Final = 18
"""Where the features say how many lines below a postcode stands."""


def _heading_rows(sight: Sight) -> frozenset[int]:
    """Rows of three words and more that are headings of a table or of a form's boxes: without a value, and at
    least half of them known as labels or as names of columns."""
    found = set()
    for place, row in enumerate(sight.rows):
        if len(row.segs) < 3 or any(value.type in ("amount", "date") for value in row.values):
            continue
        known = sum(
            lexicon.plain(seg.text) in lexicon.columns() or any(label.whole for label in seg.labels)
            for seg in row.segs
        )
        if 2 * known >= len(row.segs) and not any(has_legal_form(seg.text) for seg in row.segs):
            found.add(place)
    return frozenset(found)


def _no_name(seg: Seg) -> bool:
    """A title, a line to a person within a firm, or a word that every form has: never a party's name."""
    words = [lexicon.plain(word.text) for word in seg.words]
    return (
        _is_title(words)
        or _ATTENTION.match(seg.text) is not None
        or _OWNED.match(seg.text) is not None
        or "".join(words) in _FORM_WORDS
        or _BOX.match(seg.text) is not None
        or seg.text.startswith("(")
        or (seg.right is not None and seg.right.text.startswith(":"))
    )


def _is_title(words: list[str]) -> bool:
    """Most of the words are a document's title."""
    title = titles.find(words, 0) if words and words[0] else None
    return title is not None and (
        title.words == len(words)
        or (2 * title.words >= len(words) and not any(word in lexicon.LEGAL_FORMS for word in words))
    )


_ATTENTION: Final = re.compile(
    r"^\W*(?:z\. ?h(?:d|nd)?\.|zu h(?:d|\u00e4nden)|attn\b|att\.|attention\b|c/o\b|t\.? ?a\.? ?v\.?\s"
    r"|\u00e0 l['\u2019]att|a l['\u2019]att|alla c\.? ?a\.|c\.a\.\s|a la atenci\u00f3n|do r\u0105k"
    r"|for the attention)",
    re.IGNORECASE,
)
"""To a person, or a place, within a firm: the line above it names who is written to."""
_OWNED: Final = re.compile(
    r"^\W*(?:inh\.|inhaber(?:in)?\b|a trading name of|trading as\b|t/a\b|titolare\b|prop\.)", re.IGNORECASE
)
"""Whose firm it is: the line above it names the firm."""
_PERSON: Final = re.compile(
    r"^(?:herrn?|hr|frau|fr|mr|mrs|ms|miss|dr|mme|mlle|monsieur|madame|sra?|sig(?:ra)?|dhr|mevr|mw|pani?)\b[.\s]\s*",
    re.IGNORECASE,
)
_BOX: Final = re.compile(r"^(?:p\.?\s?o\.?\s?box|postfach|bp|b\.p\.|apartado)\b[\s\d.]*", re.IGNORECASE)
_FORM_WORDS: Final = frozenset(
    {"page", "seite", "blatt", "pagina", "pagine", "blad", "strona", "feuille", "hoja", "foglio"}
    | {"pobox", "postfach", "original", "copy", "kopie", "duplicate", "duplikat", "copie", "copia", "kopia"}
)


def _variants(seg: Seg, sight: Sight, columns: Columns) -> Iterator[Line]:
    """A segment as a name, as it may be one: whole, its first part, without a number, over two lines."""
    whole = None
    for line in _of_segment(seg):
        yield line
        bare = _REGISTERED.sub("", line.text).rstrip(" ,-([")
        if bare != line.text and len(bare) > 3 and _NAME_MARKS.search(bare):
            yield Line(seg, line.start, line.start + len(bare), bare)
        whole = line
    if whole is None or whole.end < len(seg.text) - 1 or len(whole.text) > 50 or _all_labels(seg):
        return
    below = columns.below(seg)
    if (
        below is None
        or any(letter.isdigit() for letter in whole.text)
        or below.labels
        or len(below.text) > 50
        or _PERSON.match(whole.text)
        or _PERSON.match(below.text)
        or _no_name(below)
        or (has_legal_form(whole.text) and lexicon.plain(whole.text.split()[-1]) in lexicon.LEGAL_FORMS)
    ):
        return
    bare = _REGISTERED.sub("", below.text).rstrip(" ,-([")
    if _NAME_MARKS.search(bare) and not any(letter.isdigit() for letter in bare):
        yield Line(seg, whole.start, whole.end, f"{whole.text} {bare}", extra=below)


def _all_labels(seg: Seg) -> bool:
    """A heading such as ``Buyer (Bill to)``: nothing is in it but labels."""
    rest = seg.text
    for label in seg.labels:
        rest = rest[: label.start] + " " * (label.end - label.start) + rest[label.end :]
    return bool(seg.labels) and not _NAME_MARKS.search(rest)


_REGISTERED: Final = re.compile(
    r"\s*(?:[(\[]?\s*(?:co(?:mpany)?\.?\s*(?:reg\.?\s*)?(?:no)?\.?\s*:?\s*)?[A-Z]{0,3}\d{4,}[\s\w-]*[)\]]?"
    r"|[(\[]\s*co(?:mpany)?\.?\s*(?:reg|no)[^)]*[)\]]?)\s*.{0,3}$",
    re.IGNORECASE,
)


def _of_segment(seg: Seg) -> Iterator[Line]:
    text = seg.text
    start = 0
    if seg.labels and seg.labels[0].start <= 1:
        label = seg.labels[0]
        rest = text[label.end :]
        if re.match(r"\s*[:=]|\s{2}", rest) or (not label.whole and set(label.kinds) & {"bank_name"}):
            start = label.end
    elif (colon := text.find(": ")) > 0 and colon < 20:
        start = colon + 1
    start += len(text[start:]) - len(text[start:].lstrip(" :=|*#\u00b7"))
    whole = text[start:].strip(" ,;")
    if whole.endswith(":"):
        return
    if not _NAME_MARKS.search(whole) or _is_label(seg, start) or _labelled_otherwise(seg, start):
        return
    first = _first_piece(text[start:])
    if first != text[start:] and len(first) > 3 and _NAME_MARKS.search(first):
        yield Line(seg, start, start + len(first), first.strip())
    if len(whole) <= 90:
        yield Line(seg, start, start + len(whole), whole)


def _first_piece(text: str) -> str:
    """Up to the first mark that ends a name; a comma before a legal form does not: ``Kestrel, Inc.``"""
    ends = [(match.start(), match.end()) for match in _PIECES.finditer(text)] + [(len(text), len(text))]
    for (start, end), (following, _) in pairwise(ends):
        if start > 0 and lexicon.plain(text[end:following]) not in lexicon.LEGAL_FORMS:
            return text[:start]
    return text


_PIECES: Final = re.compile(r"\s*[\u00b7\u2022|\u2219\u25cf\u25aa]\s*|\s+[-\u2013\u2014]\s+|,\s")


def _labelled_otherwise(seg: Seg, start: int) -> bool:
    """Its label says that it is something else than a name."""
    label = None
    if start and seg.labels and seg.labels[0].start <= 1:
        label = seg.labels[0]
    elif (
        seg.left is not None
        and seg.left.labels
        and (seg.left.labels[-1].whole or _closed(seg.left.labels[-1]))
    ):
        label = seg.left.labels[-1]
    if label is None or set(label.kinds) & set(PARTY_KINDS):
        return label is not None and label.kinds[0] == "contact"
    return "contact" not in label.kinds or not has_legal_form(seg.text)


def _is_label(seg: Seg, start: int) -> bool:
    return start == 0 and _all_labels(seg) and not has_legal_form(seg.text)


def has_legal_form(text: str) -> bool:
    """A word after the first is a legal form: ``GmbH``, ``Ltd``."""
    return any(lexicon.plain(word) in lexicon.LEGAL_FORMS for word in text.split()[1:])


def heads_of(sight: Sight) -> list[Label]:
    """Labels that announce a party."""
    return [
        label
        for seg in sight.segs
        for label in seg.labels
        if set(label.kinds) & set(PARTY_KINDS)
        and (label.whole or (label.start <= 1 and (_closed(label) or _all_labels(seg))))
    ]


def _closed(label: Label) -> bool:
    return re.match(r"\s*[:=]|\s*$", label.seg.text[label.end :]) is not None


def _headed(line: Line, heads: Sequence[Label], sight: Sight) -> dict[str, float]:
    """Headings that announce the line: before it, to its left, or above it."""
    seg = line.seg
    found: dict[str, float] = {}
    nearest: dict[str, float] = {}
    for head in heads:
        other = head.seg
        if other is seg and head.end <= line.start:
            strength = 1.0
        elif other.row == seg.row and other.x1 <= seg.x0 and other.page == seg.page:
            strength = 0.95 if other is seg.left else 0.5
        elif other.page == seg.page and other.row < seg.row and _under(seg, other, sight):
            lines = (seg.y0 - other.y1) / (1.3 * sight.height)
            if lines > 9 or _interrupted(line, head, heads):
                continue
            strength = 0.9 / (1 + 0.1 * max(0.0, lines)) * (0.4 if _has_its_own(head) else 1.0)
        else:
            continue
        if lexicon.plain(other.text[head.start : head.end]) in _CARRIED:
            strength *= 0.55
        for kind in head.kinds:
            if kind in PARTY_KINDS and strength > nearest.get(kind, 0.0):
                nearest[kind] = strength
        if lexicon.plain(other.text[head.start : head.end]) in _BILLED:
            nearest["invoicee"] = max(strength, nearest.get("invoicee", 0.0))
    best = max((strength for kind, strength in nearest.items() if kind not in _BARE), default=0.0)
    for kind, strength in nearest.items():
        found[kind] = strength if strength == best or kind in _BARE else 0.6 * strength
    return found


def _has_its_own(head: Label) -> bool:
    """The name that it announces stands behind it, so that what is below it is something else."""
    behind = head.seg.text[head.end :]
    if _all_labels(head.seg):
        return False
    return _NAME_MARKS.search(behind) is not None


_BILLED: Final = frozenset(
    {"rechnungsempfanger", "abweichenderrechnungsempfanger", "rechnungsanschrift", "billto", "billtoaddress"}
    | {"invoiceto", "facturea", "adressedefacturation", "factuuradres", "indirizzodifatturazione"}
)
"""Headings of who gets the invoice: beside a buyer's that is somebody apart."""
_CARRIED: Final = frozenset({"shipper", "consignor", "versender", "shipfrom", "dispatchedfrom"})
"""Headings of who sends goods: on a carrier's invoice that is not the seller."""


_NO_OTHERS: Final = {"seller": ("payee", "holder")}
"""Headings that name the seller as well as anybody else."""
_BARE: Final = frozenset({"party", "company"})
"""Labels that say that a name follows, not whose."""


def _interrupted(line: Line, head: Label, heads: Sequence[Label]) -> bool:
    """Another heading stands between them in the same column."""
    return any(
        head.seg.row < other.seg.row < line.seg.row
        and other.seg.page == head.seg.page
        and abs(other.seg.x0 - head.seg.x0) < 8
        and set(other.kinds) & {"seller", "buyer", "ship_to", "payee"}
        for other in heads
    )


def _under(seg: Seg, head: Seg, sight: Sight) -> bool:
    reach = 2.0 * sight.height
    first = seg.left if seg.left and seg.left.labels else seg
    return (
        abs(first.x0 - head.x0) < reach
        or abs(seg.x0 - head.x0) < reach
        or (head.x0 - reach < seg.x0 < head.x1)
    )


def own_strength(line: Line, role: str) -> float:
    """How strongly a heading announces the line as this party."""
    return max((line.heads.get(kind, 0.0) for kind in KINDS[role]), default=0.0)


def by_heading(line: Line, role: str, score: float) -> float:
    """A ranker's score with what the headings say: one that announces this party outweighs the place."""
    own = own_strength(line, role)
    others = max(
        (
            s
            for kind, s in line.heads.items()
            if kind not in (*KINDS[role], *_NO_OTHERS.get(role, ()), *_BARE)
        ),
        default=0.0,
    )
    named = "party" in line.heads or "company" in line.heads
    if _INITIALS.match(line.text) and not _is_housed(line):
        return 0.05 * score
    if own >= 0.5 and own >= others:
        if not name_like(line):
            return 0.5 * score
        telling = min(0.97, 0.5 + 0.4 * own + 0.1 * named)
        return max(score, telling if has_legal_form(line.text) or _is_housed(line) else UNHOUSED * own)
    if others >= 0.5 and others > own:
        return 0.15 * score
    return score


_INITIALS: Final = re.compile(r"^(?:(?:Hr|Fr|Mr|Ms|Mrs|Dr)\.\s|[A-Z]\.\s?)+[A-Z][\w'\u2019-]+,?$")
"""A clerk: ``D. Kessler``."""
UNHOUSED: Final = 0.4
"""A heading announces a name that has neither a legal form nor an address: it may be a clerk's."""


def _is_housed(line: Line) -> bool:
    """An address stands below it, or behind it in its line."""
    return line.features[_WITHIN] <= 4 or _POSTCODE.search(line.seg.text[line.end :]) is not None


def by_page(line: Line, role: str, score: float) -> float:
    """A ranker's score with what the page says of the name elsewhere, and of the lines below it."""
    if role not in ("writer", "addressee") or not name_like(line):
        return score
    lean = line.writes - max(0.0, line.written - whose.HOUSED)
    lean = lean if role == "writer" else line.written - line.writes
    odds = score / max(1e-6, 1 - score) * exp(PAGE * lean)
    return odds / (1 + odds)


PAGE: Final = 0.5
"""What a point of ``whose`` adds to the logarithm of the odds."""


def by_next_line(line: Line, role: str, score: float) -> float:
    """A ranker's score with what the line below says: ``Attn`` stands below who is written to."""
    if line.attention and name_like(line):
        return max(score, ATTENDED) if role == "addressee" else 0.2 * score
    return min(0.9, OWNED * score) if line.owned and name_like(line) else score


ATTENDED: Final = 0.6
OWNED: Final = 4.0


def name_like(line: Line) -> bool:
    """It has the looks of a name, not of a street, a city or a title."""
    text = line.text
    digits = sum(letter.isdigit() for letter in text)
    return (
        digits * 4 < len(text)
        and not (_HOUSE.search(text) and line.features[_WITHIN] <= 2)
        and not _POSTCODE.search(text)
        and line.extra is None
        and _TITLES.match(text) is None
    )


def role_features(line: Line, role: str) -> list[float]:
    """The features of a line as the name of this party."""
    own = own_strength(line, role)
    others = max(
        (s for kind, s in line.heads.items() if kind not in (*KINDS[role], "party", "company")), default=0.0
    )
    named = max(line.heads.get("party", 0.0), line.heads.get("company", 0.0))
    return [own, others, own - others, named, *line.features]


def _below(seg: Seg, columns: Columns) -> list[Seg]:
    """The lines of the same column under a line, ``LINES_BELOW`` at most."""
    found: list[Seg] = []
    while len(found) < LINES_BELOW and (under := columns.below(found[-1] if found else seg)) is not None:
        found.append(under)
    return found


def _features(
    line: Line, order: int, sight: Sight, columns: Columns, texts: Counter[str], mails: str
) -> list[float]:
    seg, text = line.seg, line.text
    width = sight.pages[seg.page].width or 1.0
    words = text.split()
    letters = [letter for letter in text if letter.isalpha()]
    below = _below(line.extra or seg, columns)
    above = columns.above(seg)
    within = next((place for place, other in enumerate(below[:5], 1) if _POSTCODE.search(other.text)), 9)
    around = [seg, *below[:5]]
    plain = lexicon.plain(text)
    core = lexicon.plain(words[0]) if words else ""
    row = sight.rows[seg.row]
    return [
        row.depth,
        float(min(seg.page, 5)),
        seg.x0 / width,
        seg.x1 / width,
        abs((seg.x0 + seg.x1) / 2 / width - 0.5),
        seg.height / (sight.height or 1.0),
        float(min(order, 40)),
        float(any(lexicon.plain(word) in lexicon.LEGAL_FORMS for word in words[1:])),
        sum(letter.isupper() for letter in letters) / max(len(letters), 1),
        sum(letter.isdigit() for letter in text) / max(len(text), 1),
        float(len(words)),
        float(len(letters)),
        float(":" in text),
        float(bool(seg.labels)),
        float(_STREET.search(text) is not None),
        float(_POSTCODE.search(text) is not None),
        float(
            bool(below)
            and (_STREET.search(below[0].text) is not None or re.search(r"\d", below[0].text) is not None)
        ),
        float(bool(below) and _POSTCODE.search(below[0].text) is not None),
        float(within),
        float(any(value.type == "vat" for other in around for value in other.values)),
        float(len(core) > 3 and core in mails) + float(len(plain) > 4 and plain[:8] in mails),
        float(texts[lexicon.plain(seg.text)]),
        float(seg.row < 6),
        float(above is not None),
        float(len(below)),
        float(line.end < len(seg.text) - 1),
        float(above is not None and bool(above.labels)),
        float(len(seg.values)),
        float(row.depth > 0.85),
        float(seg.height >= 1.3 * sight.height),
        float(_TITLES.match(words[0]) is not None if words else 0.0),
        0.0 if above is None else (seg.y0 - above.y1) / (sight.height or 1.0),
        (seg.x1 - seg.x0) / width,
        float(text.endswith(".")),
        float(line.extra is not None),
        float(bool(below) and has_legal_form(below[0].text)),
        float(bool(words) and lexicon.plain(words[-1]) in lexicon.LEGAL_FORMS and len(words) > 1),
        float(line.extra is None and _REGISTERED.search(text) is not None),
        float(order == 0),
        float(bool(below) and 0.85 < below[0].height / (seg.height or 1.0) < 1.18),
        sum(word.islower() for word in words) / max(len(words), 1),
    ]


def postal(line: Line, sight: Sight, columns: Columns) -> Postal:
    """The address below a name, or behind it in its line."""
    seg = line.seg
    rest = seg.text[line.end : _first_id(seg, line.end)].strip(" ,;\u00b7\u2022|-\u2013")
    pieces: list[tuple[str, Seg]] = []
    contact = contact_in(columns.above(seg)) if has_legal_form(line.text) else None
    if rest and (_POSTCODE.search(rest) or _STREET.search(rest)):
        pieces = [(piece, seg) for piece in _SEPARATORS.split(rest) if piece]
    else:
        at: Seg | None = line.extra or seg
        for _ in range(LINES_BELOW):
            at = (columns.below(at) or columns.further(at)) if at is not None else None
            if at is None:
                break
            if _ends_address(at, bool(pieces)):
                if rest := _before_ids(at):
                    pieces += [(piece, at) for piece in _SEPARATORS.split(rest) if piece]
                break
            text = _before_ids(at) or at.text
            if len(pieces) < 2 and (person := contact_in(at)) is not None:
                contact = person
                continue
            if not pieces and _BETWEEN.match(text):
                continue
            if at.labels and at.labels[0].start <= 1 and _closed(at.labels[0]):
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
    if not marks or _is_title([lexicon.plain(word.text) for word in seg.words]):
        return ""
    text = seg.text[: min(marks)].strip(" ,;:\u00b7\u2022|/\u2013-")
    code = _postcode_in(text)
    return text if code is not None and re.search(r"[^\W\d_]{3}", text.replace(code.group(), "")) else ""


_HOUSING: Final = frozenset({"street", "city", "postcode", "country", "references.project"})
"""Kinds of label that words of an address may be."""


def contact_in(seg: Seg | None) -> tuple[str, Seg] | None:
    """A person's name, without its title, in a line to a person: ``Attn Ms Orla Brandt``."""
    if seg is None:
        return None
    told = _ATTENTION.match(seg.text)
    text = seg.text[told.end() :] if told else seg.text
    if told is not None and "c/o" in told.group().lower():
        return None
    text = text.strip(" .:,;")
    title = _PERSON.match(text)
    if told is None and (title is None or has_legal_form(text)):
        return None
    name = text[title.end() :].strip() if title else text
    return (name, seg) if _NAME_MARKS.search(name) and not any(map(str.isdigit, name)) else None


def _ends_address(seg: Seg, begun: bool) -> bool:
    if _is_title([lexicon.plain(word.text) for word in seg.words]) or _NUMBERED.search(seg.text):
        return True
    if any(value.type == "date" for value in seg.values):
        return True
    if seg.labels and seg.labels[0].start <= 1 and _HOUSE_NO.match(seg.text):
        return False
    kinds = {kind for label in seg.labels if label.start <= 1 for kind in label.kinds}
    if kinds & {"street", "city", "postcode", "country"}:
        return False
    if any(label.whole for label in seg.labels) and not begun and kinds & set(PARTY_KINDS):
        return True
    if kinds and (any(_closed(label) for label in seg.labels) or any(label.whole for label in seg.labels)):
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
    postcode, city, named, region = _city_of(kept[city_at][0])
    kept = kept[:end]
    streets = [text for text, _ in kept[:city_at] if not _no_street(text)]
    before = _SEPARATORS.split(kept[city_at][0])
    inline = [piece for piece in before[:-1] if piece and not _postcode_in(piece)]
    if not streets or any(_STREET.search(piece) and re.search(r"\d", piece) for piece in inline):
        streets += [piece for piece in inline if not _no_street(piece)]
    street = next((text for text in streets if _STREET.search(text) and re.search(r"\d", text)), None)
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


def _postcode_in(text: str) -> re.Match[str] | None:
    """The postcode of a line: of several numbers the one that is most surely one, else the last."""
    found = [one for one in _POSTCODE.finditer(text) if not _OTHER_NUMBER.search(text[: one.start()])]
    return max(found, key=lambda one: (one.lastgroup not in _VAGUE, one.start()), default=None)


_OTHER_NUMBER: Final = re.compile(
    r"(?:\b(?:tel\w*|fon|fax|mob\w*|t|f|ph|phone|hr[ab]|siret|siren|rcs|kvk|cif|nif|nip|gln|vat|box|postfach)\b"
    r"\.?:?|\+)\s*[\d\s./()+-]*$",
    re.IGNORECASE,
)
"""What stands before digits that are no postcode."""
_VAGUE: Final = frozenset({"four", "six", "se"})
"""Shapes that other numbers have, too."""


def _street_of(kept: Sequence[tuple[str, Seg]]) -> str | None:
    return next((text for text, _ in kept if _STREET.search(text) and re.search(r"\d", text)), None)


def _city_line(kept: Sequence[tuple[str, Seg]]) -> int | None:
    for wanted in (True, False):
        for place, (text, _) in enumerate(kept):
            match = _postcode_in(text)
            if match is None or _SINCE.match(text):
                continue
            telling = match.lastgroup not in _VAGUE and (place > 0 or len(kept) == 1)
            rest = text.replace(match.group(), "")
            if (
                re.search(r"[^\W\d_]{2}", rest)
                and (telling or not wanted)
                and not (_STREET.search(rest) and wanted)
            ):
                return place
    return None


def _with_towns(kept: list[tuple[str, Seg]]) -> list[tuple[str, Seg]]:
    """A postcode in a line of its own belongs to the town above it."""
    found: list[tuple[str, Seg]] = []
    for text, seg in kept:
        code = _postcode_in(text)
        alone = (
            code is not None
            and code.lastgroup not in _VAGUE
            and lexicon.plain(text) == lexicon.plain(code.group())
        )
        if alone and found and _postcode_in(found[-1][0]) is None and not _STREET.search(found[-1][0]):
            found[-1] = (f"{found[-1][0]} {text}", seg)
        else:
            found.append((text, seg))
    return found


def _no_street(text: str) -> bool:
    """A line between name and street that tells of the firm: its owner, its capital, its tax id."""
    return (
        _OWNED.match(text) is not None
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


def _city_of(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    """Postcode, city, country and region of ``DE 80333 M\u00fcnchen`` or ``London SW1B 3BN``."""
    parts = [part for part in re.split(r"\s*,\s*", text) if part]
    told = _postcode_in(text)
    code = told.group() if told is not None else ""
    piece = next((part for part in parts if code and code in part), text)
    match = _postcode_in(piece)
    if match is None:
        return None, text, None, None
    postcode, region = match.group(), None
    country = None
    if match.lastgroup == "us":
        letters, postcode = postcode[:2], postcode[3:]
        if match.start() == 0 and letters in _PREFIXES:
            country = letters
        else:
            region = letters
    elif match.lastgroup == "led":
        letters, _, digits = postcode.partition("-")
        country = _LEADS.get(letters, letters)
        postcode = postcode if country in ("LT", "LV") else digits
    before, after = piece[: match.start()].strip(" ,-"), piece[match.end() :].strip(" ,-")
    prefix = re.fullmatch(r"([A-Z]{1,2})", before)
    if prefix:
        country = _LEADS.get(before, before if len(before) == 2 else None)
        before = ""
    after, named = _without_country(after)
    before, named_before = _without_country(before)
    province = re.search(r"\s*\(([A-Z]{2})\)$|\s([A-Z]{2})$", after)
    if province and match.lastgroup == "five":
        region, after = province.group(1) or province.group(2), after[: province.start()].strip()
    city = after if after and not re.fullmatch(r"\d+", after) else before
    place = parts.index(piece) if piece in parts else 0
    ahead = parts[place - 1] if place else ""
    if city and city == before and ahead and not any(map(str.isdigit, ahead)) and not _STREET.search(ahead):
        city, region = ahead, region or before
    if not city:
        rest = [part for part in parts if part != piece]
        city = (ahead if ahead and not any(map(str.isdigit, ahead)) else "") or (rest[-1] if rest else "")
    if len(parts) > 1 and lexicon.plain(parts[-1]) in lexicon.countries():
        country = country or lexicon.countries()[lexicon.plain(parts[-1])]
    city = re.split(r"\s[\u2013\u2014\u00b7|/-]\s|\s{2,}", city)[0]
    return postcode, city.strip(" ,") or None, country or named or named_before, region


_PREFIXES: Final = frozenset(lexicon.COUNTRIES)


def _without_country(text: str) -> tuple[str, str | None]:
    parts = re.split(r"\s*[,(-]\s*", text.rstrip(")"))
    if len(parts) > 1 and lexicon.plain(parts[-1]) in lexicon.countries():
        return text[: text.rfind(parts[-1])].rstrip(" ,(-"), lexicon.countries()[lexicon.plain(parts[-1])]
    return text, None


def alike(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1."""
    first, second = lexicon.plain(one), lexicon.plain(other)
    return 1.0 if first == second else SequenceMatcher(None, first, second).ratio()


def buyer_writes(sight: Sight, type_: DocumentType, subtype: Subtype) -> bool:
    """A self-billed invoice, or a debit note of a buyer to its supplier: it speaks of ``your invoice``."""
    if type_ is DocumentType.DEBIT_MEMO:
        return any(_TO_SUPPLIER.search(seg.text) for seg in sight.segs)
    return subtype is Subtype.SELF_BILLED


_TO_SUPPLIER: Final = re.compile(
    r"\b(?:your (?:tax )?invoice|our (?:po|(?:purchase )?order)|ihre[rn]? rechnung|unsere bestell"
    r"|votre facture"
    r"|notre commande|su factura|nuestro pedido|vostra fattura|vs\.? fattura|nostro ordine|uw factuur"
    r"|onze (?:bestelling|order)|państwa faktur|nasze zamówienie|supplier code|lieferantennr)",
    re.IGNORECASE,
)


def roles(type_: DocumentType, buyer_writes: bool = False) -> list[tuple[str, str, bool]]:
    """The parties of a type of document: the role that the ranker knows, its path in the contract, and
    whether it is who writes the document."""
    writer, addressee = SIDES.get(type_, ("seller", "buyer"))
    if buyer_writes and (writer, addressee) == ("seller", "buyer"):
        writer, addressee = "buyer", "seller"
    found = [("writer", writer, True)]
    if addressee:
        found.append(("addressee", addressee, False))
    if writer in ("seller", "buyer"):
        found += [(path, path, False) for path in ("ship_to", *HEADED)]
    return found


def lines_of_name(sight: Sight, line: Line) -> Iterator[Line]:
    """Other places that print the same name."""
    wanted = lexicon.plain(line.text)
    for seg in sight.segs:
        if seg is line.seg:
            continue
        place = seg.text.find(line.text)
        if place >= 0:
            yield Line(seg, place, place + len(line.text), line.text)
        elif lexicon.plain(seg.text).startswith(wanted) and len(wanted) > 5:
            end = min(len(seg.text), len(line.text) + 2)
            yield Line(seg, 0, end, seg.text[:end])


def vat_values(sight: Sight, around: Surroundings) -> Iterator[tuple[Value, float]]:
    """VAT ids by their shape, and by their label where they lack the country."""
    for value in sight.values:
        if value.type == "vat":
            yield value, 0.9 if value.unsure else 0.97
        elif value.type == "code" and " " not in value.text and sum(c.isdigit() for c in value.text) >= 7:
            related = around.of(value)
            if related.left.get("vat_id", 0.0) >= 0.7:
                yield value, 0.85
    for seg in sight.segs:
        for label in seg.labels:
            if "vat_id" in label.kinds:
                yield from ((value, 0.85) for value in _in_groups(seg, label))


def _in_groups(seg: Seg, label: Label) -> Iterator[Value]:
    """A VAT id without its country, printed in groups: ``VAT Reg No 287 9195 91``."""
    found = _behind(seg, label)
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


def labelled(sight: Sight, kind: str) -> Iterator[tuple[Label | None, Value]]:
    """Texts behind labels of a kind, such as telephone numbers."""
    for seg in sight.segs:
        for label in seg.labels:
            if kind not in label.kinds:
                continue
            found = _behind(seg, label)
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


def _behind(seg: Seg, label: Label) -> tuple[Seg, int, str] | None:
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
    headings = _heading_rows(sight)
    for seg in sight.segs:
        if seg.row in headings:
            continue
        for label in seg.labels:
            if label.kinds[0] in kinds and label.start <= 1 and (label.whole or _closed(label)):
                found = _behind(seg, label)
                colon = seg.text[label.end : label.end + 2].strip() == ":"
                heading = found is not None and lexicon.plain(found[2]) in lexicon.columns() and not colon
                if found and not heading and 1 < len(found[2]) <= 80:
                    return found
    return None


def nearest_head(value: Value, fields: Fields) -> str | None:
    """The party whose heading stands nearest above a value in its column."""
    best: tuple[float, str] | None = None
    first = value.seg.left if value.seg.left is not None and value.seg.left.labels else value.seg
    for head in fields.heads:
        away = value.seg.y0 - head.seg.y1
        if head.seg.page != value.seg.page or away < 0 or not _under(first, head.seg, fields.sight):
            continue
        for kind in head.kinds:
            if kind in ("seller", "buyer", "ship_to") and (best is None or away < best[0]):
                best = away, kind
    return best[1] if best else None
