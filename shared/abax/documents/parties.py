"""Who is who: lines that may name a party, and what speaks for each."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp
from typing import Final

from abax.documents import blocks, identifiers, lexicon, postcodes, whose
from abax.documents.blocks import Columns
from abax.documents.contracts import DocumentType, Subtype
from abax.documents.spans import Label, Seg, Sight

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
_TITLES: Final = re.compile(
    r"^(?:herrn?|frau|firma|fa\.|mr|mrs|ms|messrs\.?|m\.|mme|"
    r"sr\.?|sra\.?|spett\.?(?:le)?|sig\.?|dhr\.?|mevr\.?|sz\. ?p\.|an)[.:]?$",
    re.IGNORECASE,
)
_HOUSE: Final = re.compile(r"\s\d{1,4}\s?[a-zA-Z]?$")
"""The number of a house at the end of a line."""


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
    glued: bool = False
    """The next segment is but the end of the name: a legal form, ``& Co. KG``."""
    attention: bool = False
    """The next line says to whom within this firm."""
    owned: bool = False
    """The next line says whose firm this is."""
    writes: float = 0.0
    """How much on the page speaks for it to name the writer, whatever the layout."""
    written: float = 0.0
    """How much speaks for it to name who is written to."""


def lines_of(sight: Sight, marks: whose.Marks | None = None) -> list[Line]:
    """Lines that may name a party, with features."""
    columns = Columns(sight)
    marks = marks or whose.Marks(sight, columns)
    texts = Counter(lexicon.plain(seg.text) for seg in sight.segs)
    mails = " ".join(str(value.value) for value in sight.values if value.type == "email").lower()
    mails += " ".join(re.findall(r"www\.[\w.-]+", " ".join(seg.text for seg in sight.segs).lower()))
    heads = heads_of(sight)
    over = _over_blocks(heads, columns)
    others = _other_headings(heads, over, sight, columns)
    found: list[Line] = []
    headings = blocks.heading_rows(sight)
    ends: set[int] = set()
    for seg in sight.segs:
        if id(seg) in others or id(seg) in ends or _no_name(seg):
            continue
        if seg.row in headings and not _over_address(seg, columns):
            continue
        for line in _variants(seg, sight, columns):
            if line.glued:
                ends.add(id(line.extra))
            line.heads = _headed(line, heads, sight, over)
            below = columns.below(line.seg) if line.extra is None else None
            line.attention = below is not None and blocks.ATTENTION.match(below.text) is not None
            line.owned = below is not None and blocks.OWNED.match(below.text) is not None
            line.writes, line.written = marks.writes(line), marks.is_written_to(line)
            line.features = _features(line, len(found), sight, columns, texts, mails)
            found.append(line)
    _place(found)
    return found


def _place(lines: Sequence[Line]) -> None:
    """Add to the features how each line's block stands to the other blocks with an address."""
    housed: dict[int, list[Seg]] = {}
    known: set[int] = set()
    for line in lines:
        if line.features[_WITHIN] <= 4 and id(line.seg) not in known:
            known.add(id(line.seg))
            housed.setdefault(line.seg.page, []).append(line.seg)
    for members in housed.values():
        members.sort(key=_top)
    for line in lines:
        seg = line.seg
        page = housed.get(seg.page, [])
        reach = 5 * (seg.height or 1.0)
        near = page[
            bisect_right(page, seg.y0 - reach, key=_top) : bisect_left(page, seg.y0 + reach, key=_top)
        ]
        beside = [one for one in near if one is not seg]
        line.features += [
            float(line.features[_WITHIN] <= 4),
            float(bisect_left(page, seg.y0, key=_top)),
            float(len(page) - (id(seg) in known)),
            float(any(one.x0 > seg.x1 for one in beside)),
            float(any(one.x1 < seg.x0 for one in beside)),
            line.writes,
            line.written,
        ]


def _top(seg: Seg) -> float:
    return seg.y0


_NUMBERED: Final = 16
"""Where they say that the line below is a street or has a number."""
_WITHIN: Final = 18
"""Where the features say how many lines below a postcode stands."""


def _over_address(seg: Seg, columns: Columns) -> bool:
    """It is no label itself, and stands over an address, in a row of labels of other columns."""
    if seg.labels or lexicon.plain(seg.text) in lexicon.columns():
        return False
    if seg.left is not None:
        return bool(seg.left.labels) and _is_its_own(seg, seg.left.labels[-1], columns)
    below = blocks.lines_below(seg, columns)[:3]
    return any(
        (code := postcodes.postcode_in(one.text)) is not None
        and code.lastgroup != "four"
        and one.left is None
        and not any(value.currency for value in one.values)
        for one in below
    )


def _no_name(seg: Seg) -> bool:
    """A title, a line to a person within a firm, or a word that every form has: never a party's name."""
    words = [lexicon.plain(word.text) for word in seg.words]
    return (
        blocks.is_title(words)
        or blocks.ATTENTION.match(seg.text) is not None
        or blocks.OWNED.match(seg.text) is not None
        or "".join(words) in _FORM_WORDS
        or _BOX.match(seg.text) is not None
        or blocks.COUNTY.match(seg.text) is not None
        or seg.text.startswith("(")
        or (seg.right is not None and seg.right.text.startswith(":"))
    )


_BOX: Final = re.compile(r"^(?:p\.?\s?o\.?\s?box|postfach|bp|b\.p\.|apartado)\b[\s\d.]*", re.IGNORECASE)
_FORM_WORDS: Final = frozenset(
    {"page", "seite", "blatt", "pagina", "pagine", "blad", "strona", "feuille", "hoja", "foglio"}
    | {"freundlichegrusse", "mitfreundlichengrussen", "kindregards", "yourssincerely", "cordialement"}
    | {"cordialisaluti", "saludos", "metvriendelijkegroet", "zpowazaniem", "vielendank", "thankyou"}
    | {
        "adress",
        "adresse",
        "address",
        "anschrift",
        "adres",
        "indirizzo",
        "direccion",
        "postadress",
        "kontakt",
    }
    | {"telefon", "telephone", "telefono", "phone", "epost", "email", "internet", "web"}
    | {"pobox", "postfach", "original", "copy", "kopie", "duplicate", "duplikat", "copie", "copia", "kopia"}
)


def _variants(seg: Seg, sight: Sight, columns: Columns) -> Iterator[Line]:
    """A segment as a name, as it may be one: whole, its first part, without a number, over two lines."""
    whole = None
    under = columns.below(seg)
    if _is_repeated(seg, under):
        return
    goes_on = under is not None and (_goes_on(under.text) or _is_begun(seg, under))
    if under is not None and goes_on and (end := _wrapped(seg, under, columns)) is not None:
        yield end
        return
    for line in _of_segment(seg, columns):
        yield line
        bare = _REGISTERED.sub("", line.text).rstrip(" ,-([")
        if bare != line.text and len(bare) > 3 and blocks.NAME_MARKS.search(bare):
            yield Line(seg, line.start, line.start + len(bare), bare)
        whole = line
    if whole is None or whole.end < len(seg.text) - 1 or len(whole.text) > 50 or blocks.is_all_labels(seg):
        return
    if (
        under is None
        or any(letter.isdigit() for letter in whole.text)
        or under.labels
        or len(under.text) > 50
        or blocks.PERSON.match(whole.text)
        or blocks.PERSON.match(under.text)
        or _no_name(under)
        or _of_two_kinds(seg, under)
        or (
            blocks.has_legal_form(whole.text) and lexicon.plain(whole.text.split()[-1]) in lexicon.LEGAL_FORMS
        )
    ):
        return
    bare = _REGISTERED.sub("", under.text).rstrip(" ,-([")
    if blocks.NAME_MARKS.search(bare) and not any(letter.isdigit() for letter in bare):
        yield Line(seg, whole.start, whole.end, f"{whole.text} {bare}", extra=under)


def _is_begun(seg: Seg, under: Seg) -> bool:
    """The name goes on below: so far it says only what kind of body it is, or ends in a small word."""
    text = seg.text.strip(" ,;")
    *first, last = text.split() or [""]
    ends = last in _LINKS and 2 <= len(first) <= 5 and first[0] not in _LINKS
    named = ends and all(word[:1].isupper() or word in _LINKS for word in first)
    if not named and _BODY.fullmatch(text) is None:
        return False
    return not (
        under.labels
        or any(map(str.isdigit, text + under.text))
        or not under.text[:1].isupper()
        or len(under.text.split()) > 5
        or postcodes.STREET.search(under.text)
        or _no_name(under)
    )


_BODY: Final = re.compile(
    r"(?:\w+\s)?(?:(?:stockwerk|wohnungs)?eigent\u00fcmergemeinschaft|(?:einwohner|kirch|orts)?gemeinde"
    r"|syndicat des copropri\u00e9taires|office de tourisme|comunidad de propietarios|ayuntamiento"
    r"|condominio|comune|vereniging van eigenaars|wsp\u00f3lnota mieszkaniowa"
    r"|sp\u00f3\u0142dzielnia mieszkaniowa|gmina)",
    re.IGNORECASE,
)
"""Bodies that are called by a place or a house."""


def _of_two_kinds(seg: Seg, under: Seg) -> bool:
    """Two names rather than one: in letters of two sizes, or a sign in capitals over a firm's full name."""
    if not blocks.has_legal_form(under.text):
        return seg.height > _LARGER * under.height
    full = len(under.text.split()) > 2 and under.text[:1].isupper()
    return full and seg.text.isupper() and not under.text.isupper() and " " in seg.text.strip()


_LARGER: Final = 1.35


def _wrapped(seg: Seg, under: Seg, columns: Columns) -> Line | None:
    """A name that is wrapped before its last words."""
    lines = [line for line in _of_segment(seg, columns) if line.end >= len(seg.text.rstrip(" ,;"))]
    if not lines or blocks.has_legal_form(lines[-1].text.split()[0] + " " + lines[-1].text.split()[-1]):
        return None
    line = lines[-1]
    return Line(seg, line.start, line.end, f"{line.text} {under.text.strip(' ,;')}", extra=under, glued=True)


def _goes_on(text: str) -> bool:
    """It cannot be a name by itself: only legal forms and initials, or it begins with ``&``."""
    words = text.strip(" ,;").split()
    if not 1 <= len(words) <= 5 or any(map(str.isdigit, text)):
        return False
    plain = [lexicon.plain(word) for word in words]
    forms = [word in lexicon.LEGAL_FORMS or word == "co" for word in plain]
    joins = words[0] in ("&", "+", "und", "and", "et") and len(words) > 1
    small = all(form or len(word) <= 1 for form, word in zip(forms, plain, strict=True))
    return (small and (any(forms) or "&" in words)) or (joins and any(forms))


def _is_repeated(seg: Seg, below: Seg | None) -> bool:
    """A firm's sign, which the line below repeats in full."""
    sign = lexicon.plain(seg.text)
    if below is None or len(sign) < 5 or any(map(str.isdigit, sign)):
        return False
    return len(below.text) > len(seg.text) + 2 and lexicon.plain(below.text).startswith(sign)


_REGISTERED: Final = re.compile(
    r"\s*(?:[(\[]?\s*(?:co(?:mpany)?\.?\s*(?:reg\.?\s*)?(?:no)?\.?\s*:?\s*)?[A-Z]{0,3}\d{4,}[\s\w-]*[)\]]?"
    r"|[(\[]\s*co(?:mpany)?\.?\s*(?:reg|no)[^)]*[)\]]?)\s*.{0,3}$",
    re.IGNORECASE,
)


def _of_segment(seg: Seg, columns: Columns) -> Iterator[Line]:
    text = seg.text
    start = 0
    if seg.labels and seg.labels[0].start <= 1:
        label = seg.labels[0]
        rest = text[label.end :]
        if re.match(r"\s*[:=]|\s{2}", rest) or (
            not label.whole and "bank_name" in label.kinds and label.length > _BANK
        ):
            start = label.end
    elif (colon := text.find(": ")) > 0 and colon < 20:
        start = colon + 1
    start += len(text[start:]) - len(text[start:].lstrip(" :=|*#\u00b7"))
    whole = text[start:].strip(" ,;")
    if whole.endswith(":") or _BOX.match(whole):
        return
    if (
        not blocks.NAME_MARKS.search(whole)
        or _is_label(seg, start)
        or _labelled_otherwise(seg, start, columns)
    ):
        return
    first = _first_piece(text[start:])
    if first != text[start:] and len(first) > 3 and blocks.NAME_MARKS.search(first):
        yield Line(seg, start, start + len(first), first.strip())
    told = _TOLD.match(text[start + len(first) :]) is not None and blocks.has_legal_form(first)
    if len(whole) <= 90 and not told:
        yield Line(seg, start, start + len(whole), whole)


_BANK: Final = 6
"""``Banco``, ``Banque`` and the like begin a bank's name; longer labels announce it."""


def _first_piece(text: str) -> str:
    """Up to the first mark that ends a name; a comma before a legal form does not: ``Kestrel, Inc.``"""
    ends = [(match.start(), match.end()) for match in _PIECES.finditer(text)] + [(len(text), len(text))]
    for (start, end), (following, _) in pairwise(ends):
        goes_on = lexicon.plain(text[end:following].split(" ")[0]) in lexicon.LEGAL_FORMS
        if "." in text[start:end] and (goes_on or not _ends_in_form(text[:start])):
            continue
        if start > 0 and lexicon.plain(text[end:following]) not in lexicon.LEGAL_FORMS:
            return text[:start]
    return text


def _ends_in_form(text: str) -> bool:
    """Its last word is a legal form, and no short word such as that of ``(Co. Reg. No: 12)``."""
    last = text.split()[-1]
    return lexicon.plain(last) in lexicon.LEGAL_FORMS - {"co"} and not last.startswith("(")


_PIECES: Final = re.compile(
    r"\s*[\u00b7\u2022|\u2219\u25cf\u25aa]\s*|\s+[-\u2013\u2014]\s+|,\s|(?<=\w{2})\.\s+(?=[A-Z\u00c0-\u00de]\w)"
    r"|\s+(?=(?:au capital|capitale? social|cap\. soc|con sede|registered (?:in|office)|inscrita)\b)",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(
    r"\.?\s+(?:au capital|capitale? social|cap\. soc|con sede|registered|inscrita|iscritta)\b", re.IGNORECASE
)
"""What a firm's foot tells behind its name."""


def _labelled_otherwise(seg: Seg, start: int, columns: Columns) -> bool:
    """Its label says that it is something else than a name, and its value is not what stands below."""
    label = None
    if start and seg.labels and seg.labels[0].start <= 1:
        label = seg.labels[0]
    elif seg.left is not None and seg.left.labels and _leads_on(seg.left.labels[-1]):
        label = seg.left.labels[-1]
    if label is None or set(label.kinds) & set(blocks.PARTY_KINDS):
        return label is not None and label.kinds[0] == "contact"
    aside = start == 0 or "contact" in label.kinds
    if aside and "contact" not in label.kinds and _is_its_own(seg, label, columns):
        return False
    forms = [word for word in seg.text.split()[1:] if lexicon.plain(word) in lexicon.LEGAL_FORMS]
    return not (aside and any(not word.islower() for word in forms))


def _is_its_own(seg: Seg, label: Label, columns: Columns) -> bool:
    """It begins an address beside a column of labels that have their values below them."""
    under = columns.below(label.seg)
    if under is None or under.labels or not under.values or label.seg is seg:
        return False
    return any(
        (code := postcodes.postcode_in(one.text)) is not None and code.lastgroup not in postcodes.VAGUE
        for one in blocks.lines_below(seg, columns)[:4]
    )


def _leads_on(label: Label) -> bool:
    """What it announces stands in the next segment: nothing is behind it in its own."""
    return label.whole or not label.seg.text[label.end :].strip(" :=.#")


def _is_label(seg: Seg, start: int) -> bool:
    return start == 0 and blocks.is_all_labels(seg) and not blocks.has_legal_form(seg.text)


def heads_of(sight: Sight) -> list[Label]:
    """Labels that announce a party, but for those on a slip at the foot that goes back with the money."""
    slip = next(
        (row.number for row in sight.rows if row.depth > _LOW and any(_SLIP.match(s.text) for s in row.segs)),
        len(sight.rows),
    )
    return [
        label
        for seg in sight.segs
        for label in seg.labels
        if seg.row < slip
        and set(label.kinds) & set(blocks.PARTY_KINDS)
        and (label.whole or (label.start <= 1 and (blocks.is_closed(label) or blocks.is_all_labels(seg))))
    ]


_LOW: Final = 0.55
_SLIP: Final = re.compile(
    r"^\W*(?:payment (?:advice|slip)|remittance (?:advice|slip)|please (?:detach|return|cut)|tear off|coupon"
    r"|bulletin de versement|talon de paiement|zahlschein|empfangsschein|zahlteil|acceptgiro)\b",
    re.IGNORECASE,
)
"""What a slip is called whose names are turned round: its ``To`` is the seller."""


def _over_blocks(heads: Sequence[Label], columns: Columns) -> dict[int, int]:
    """Segments that are a heading and stand over an address, with its lines: what is right of them is not
    what they announce, unless that has no address of its own."""
    found: dict[int, int] = {}
    for head in heads:
        steps = blocks.over_address(head.seg, columns) if head.whole else None
        beside = head.seg.right
        if steps is not None and (beside is None or blocks.over_address(beside, columns) is not None):
            found[id(head.seg)] = steps
    return found


def _other_headings(
    heads: Sequence[Label], over: Mapping[int, int], sight: Sight, columns: Columns
) -> frozenset[int]:
    """What stands over an address as a known heading beside it does: a heading, too, in whatever words."""
    found: set[int] = set()
    for head in heads:
        under = columns.below(head.seg)
        if id(head.seg) not in over or under is None or not head.seg.text.isupper() or under.text.isupper():
            continue
        for other in sight.rows[head.seg.row].segs:
            steps = None if other.labels else blocks.over_address(other, columns)
            if (
                steps is not None
                and steps >= max(3, over[id(head.seg)])
                and other.text.isupper()
                and not any(map(str.isdigit, other.text))
                and not blocks.has_legal_form(other.text)
            ):
                found.add(id(other))
    return frozenset(found)


def _headed(line: Line, heads: Sequence[Label], sight: Sight, over: Mapping[int, int]) -> dict[str, float]:
    """Headings that announce the line: before it, to its left, or above it."""
    seg = line.seg
    found: dict[str, float] = {}
    nearest: dict[str, float] = {}
    for head in heads:
        other = head.seg
        if other is seg and head.end <= line.start:
            strength = 1.0
        elif other.row == seg.row and other.x1 <= seg.x0 and other.page == seg.page:
            strength = 0.3 if id(other) in over else 0.95 if other is seg.left else 0.5
        elif other.page == seg.page and other.row < seg.row and blocks.is_under(seg, other, sight):
            lines = (seg.y0 - other.y1) / (1.3 * sight.height)
            if lines > 9 or _interrupted(line, head, heads):
                continue
            strength = 0.9 / (1 + 0.1 * max(0.0, lines)) * (0.4 if _has_its_own(head) else 1.0)
        else:
            continue
        if lexicon.plain(other.text[head.start : head.end]) in _CARRIED:
            strength *= 0.55
        for kind in head.kinds:
            if kind in blocks.PARTY_KINDS and strength > nearest.get(kind, 0.0):
                nearest[kind] = strength
        if lexicon.plain(other.text[head.start : head.end]) in _TO:
            found["to"] = max(strength, found.get("to", 0.0))
        if lexicon.plain(other.text[head.start : head.end]) in _BILLED:
            nearest["invoicee"] = max(strength, nearest.get("invoicee", 0.0))
    best = max((strength for kind, strength in nearest.items() if kind not in _BARE), default=0.0)
    for kind, strength in nearest.items():
        found[kind] = strength if strength == best or kind in _BARE else 0.6 * strength
    if "holder" in found and _is_of_contract(line, sight):
        found["buyer"] = max(found.pop("holder"), found.get("buyer", 0.0))
    return found


def _is_of_contract(line: Line, sight: Sight) -> bool:
    """Who holds a contract, not an account: with a tax id or an address behind the name, and no IBAN near."""
    behind = line.seg.text[line.end :]
    if not any(map(str.isdigit, behind)):
        return False
    near = sight.rows[max(0, line.seg.row - 2) : line.seg.row + 3]
    told = any(value.type == "vat" and value.start >= line.end for value in line.seg.values)
    told = told or next(identifiers.find_national_vat_ids(behind, sight.language), None) is not None
    told = told or postcodes.POSTCODE.search(behind) is not None
    return told and not any(value.type in ("iban", "bic") for row in near for value in row.values)


def _has_its_own(head: Label) -> bool:
    """The name that it announces stands behind it, so that what is below it is something else."""
    behind = head.seg.text[head.end :]
    if blocks.is_all_labels(head.seg):
        return False
    return blocks.NAME_MARKS.search(behind) is not None


_TO: Final = frozenset(
    {"to", "an", "a", "aan", "do", "messrs", "ms", "empfanger", "destinataire", "destinatario"}
)
"""Headings of who is written to, be it a buyer or, where the buyer writes, a seller."""
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


def own_strength(line: Line, role: str) -> float:
    """How strongly a heading announces the line as this party."""
    return max((line.heads.get(kind, 0.0) for kind in KINDS[role]), default=0.0)


def turned(lines: Sequence[Line]) -> None:
    """Where the buyer writes, ``To`` announces the seller."""
    for line in lines:
        if "to" in line.heads:
            line.heads["seller"] = max(line.heads["to"], line.heads.get("seller", 0.0))
            line.heads.pop("buyer", None)


def by_heading(line: Line, role: str, score: float) -> float:
    """A ranker's score with what the headings say: one that announces this party outweighs the place."""
    own = own_strength(line, role)
    others = max(
        (
            s
            for kind, s in line.heads.items()
            if kind not in (*KINDS[role], *_NO_OTHERS.get(role, ()), *_BARE, "to")
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
        return max(score, telling if blocks.has_legal_form(line.text) or _is_housed(line) else UNHOUSED * own)
    if others >= 0.5 and others > own:
        return 0.15 * score
    return score


_INITIALS: Final = re.compile(r"^(?:(?:Hr|Fr|Mr|Ms|Mrs|Dr)\.\s|[A-Z]\.\s?)+[A-Z][\w'\u2019-]+,?$")
"""A clerk: ``D. Kessler``."""
UNHOUSED: Final = 0.4
"""A heading announces a name that has neither a legal form nor an address: it may be a clerk's."""


def _is_housed(line: Line) -> bool:
    """An address stands below it, or behind it in its line."""
    return line.features[_WITHIN] <= 4 or postcodes.POSTCODE.search(line.seg.text[line.end :]) is not None


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
        and not (_HOUSE.search(text) and line.features[_WITHIN] <= 2 - line.features[_NUMBERED])
        and not postcodes.POSTCODE.search(text)
        and (line.extra is None or line.glued)
        and _TITLES.match(text) is None
        and (blocks.has_legal_form(text) or postcodes.PLACE.fullmatch(text) is None)
    )


def role_features(line: Line, role: str) -> list[float]:
    """The features of a line as the name of this party."""
    own = own_strength(line, role)
    others = max(
        (s for kind, s in line.heads.items() if kind not in (*KINDS[role], "party", "company", "to")),
        default=0.0,
    )
    named = max(line.heads.get("party", 0.0), line.heads.get("company", 0.0))
    return [own, others, own - others, named, *line.features]


def _features(
    line: Line, order: int, sight: Sight, columns: Columns, texts: Counter[str], mails: str
) -> list[float]:
    seg, text = line.seg, line.text
    width = sight.pages[seg.page].width or 1.0
    words = text.split()
    letters = [letter for letter in text if letter.isalpha()]
    below = blocks.lines_below(line.extra or seg, columns)
    above = columns.above(seg)
    within = next(
        (place for place, other in enumerate(below[:5], 1) if postcodes.POSTCODE.search(other.text)), 9
    )
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
        float(blocks.has_legal_form(text)),
        sum(letter.isupper() for letter in letters) / max(len(letters), 1),
        sum(letter.isdigit() for letter in text) / max(len(text), 1),
        float(len(words)),
        float(len(letters)),
        float(":" in text),
        float(bool(seg.labels)),
        float(postcodes.STREET.search(text) is not None),
        float(postcodes.POSTCODE.search(text) is not None),
        float(
            bool(below)
            and (
                postcodes.STREET.search(below[0].text) is not None
                or re.search(r"\d", below[0].text) is not None
            )
        ),
        float(bool(below) and postcodes.POSTCODE.search(below[0].text) is not None),
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
        float(line.extra is not None and not line.glued),
        float(bool(below) and blocks.has_legal_form(below[0].text)),
        float(bool(words) and lexicon.plain(words[-1]) in lexicon.LEGAL_FORMS and len(words) > 1),
        float(line.extra is None and _REGISTERED.search(text) is not None),
        float(order == 0),
        float(bool(below) and 0.85 < below[0].height / (seg.height or 1.0) < 1.18),
        sum(word.islower() for word in words) / max(len(words), 1),
    ]


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
        elif _is_logo(seg, wanted):
            yield Line(seg, 0, len(seg.text), seg.text)


def legal_name(sight: Sight, line: Line) -> Line | None:
    """The same name with a legal form, within a sentence: ``Candela`` is ``Candela Energ\u00eda, S.A.``"""
    wanted = re.compile(rf"(?<!\w){re.escape(line.text.strip())}(?!\w)", re.IGNORECASE)
    for seg in sight.segs:
        match = wanted.search(seg.text)
        if match is None or seg is line.seg:
            continue
        end = match.end()
        for word in list(re.finditer(r"\S+", seg.text[end:]))[:_FURTHER]:
            plain = lexicon.plain(word.group())
            if plain in lexicon.LEGAL_FORMS and not word.group().islower():
                start = _beginning(seg.text, match.start())
                stop = end + word.start() + len(word.group().rstrip(",;:"))
                return Line(seg, start, stop, seg.text[start:stop])
            if plain and not (word.group()[0].isupper() or word.group() in _LINKS):
                break
            if word.group().endswith((";", ":", ")")):
                break
    return None


_FURTHER: Final = 5
_LINKS: Final = ("de", "del", "di", "du", "des", "der", "van", "von", "en", "und", "et", "y", "e", "i", "&")


def _beginning(text: str, start: int) -> int:
    """Where the capitalised words right before a place begin."""
    while (match := re.search(r"(?<!\S)([A-Z\u00c0-\u00de][\w'\u2019-]*) $", text[:start])) is not None:
        start = match.start(1)
    return start


def _is_logo(seg: Seg, wanted: str) -> bool:
    """The name without its legal form, as a letterhead has it."""
    found = lexicon.plain(seg.text)
    return len(found) >= 5 and wanted.startswith(found) and not any(map(str.isdigit, found))
