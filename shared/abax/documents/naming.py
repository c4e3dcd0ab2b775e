"""The parties of a contract being filled: who writes and who is written to, chosen together, and what stands
around their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final

from abax.documents import (
    addresses,
    blocks,
    identifiers,
    labelled,
    lexicon,
    parties,
    ranker,
    spans,
    whose,
)
from abax.documents.candidates import Candidate
from abax.documents.contracts import DocumentType, Evidence
from abax.documents.extract import Alternative
from abax.documents.fields import INVOICES, LEAST, SHOWN, Fields, in_party
from abax.documents.parties import Line

LEAST_NAME: Final = 0.05
"""Most documents have an addressee: the likeliest is taken from this chance on."""
LEAST_HOUSED: Final = 0.008
"""Nor does an address by itself at the top of a page stand there for nothing."""
WINDOWED: Final = 0.4
"""How sure such an address is at least."""
LEAST_WRITER: Final = 0.25
"""Every document has a writer: the likeliest is taken from this share of all chances on."""
NOBODY: Final = 0.008
"""The chance that none of the lines names the writer."""
TOGETHER: Final = 15
"""So many of the likeliest lines of either party are weighed together."""
DOUBTED: Final = 0.3
"""Where no line is likelier to name the addressee, who gets the goods is taken for it."""
_OF_GOODS: Final = (DocumentType.DELIVERY_NOTE, DocumentType.GOODS_ISSUE)
"""Who gets the goods is who these are written to, where no heading names another."""
_PARTS: Final = ("text", "street", "additional", "city", "postcode", "region", "country")
_Ranked = list[tuple[float, Line]]
_Vats = Sequence[tuple[spans.Value, float]]


def fill(fields: Fields) -> None:
    """The parties, with what stands around their names."""
    lines = parties.lines_of(fields.sight, fields.marks)
    if fields.addressee == "seller":
        parties.turned(lines)
    ranked = {
        path: _ranked(fields, lines, role, path, writes)
        for role, path, writes in fields.roles
        if not (fields.family == "receipt" and role in ("ship_to", *parties.HEADED))
    }
    chosen = _together(fields, ranked)
    _instead(fields, ranked, chosen)
    taken: dict[str, Line] = {}
    for path, listed in ranked.items():
        if path == "payee" and _is_writer(taken.get(fields.writer), listed):
            continue
        if path == "invoicee" and not _is_apart(taken.get("buyer"), listed):
            continue
        main = path in (fields.writer, fields.addressee)
        score, line = chosen.get(path) or (listed[0] if listed and not main else (0.0, None))
        if path == fields.writer and line is not None:
            score = max(score, _share(fields, score, line, listed, chosen))
        least = LEAST_WRITER if path == fields.writer else LEAST_NAME if main else LEAST
        if path == fields.addressee and line is not None and _in_window(fields, line):
            least = LEAST_HOUSED
            score = max(score, WINDOWED) if score >= least else score
        found = line is not None and score >= least
        names = _names(listed[:12], line if found else None)
        if names:
            fields.alternatives[f"{path}.name"] = names
        if line is not None and found:
            taken[path] = line
            told = not main or parties.own_strength(line, path) >= SAID
            _party(fields, path, line if told else _in_full(fields, line, lines), score, line)
    _house(fields, taken)
    vats = list(labelled.vat_values(fields.sight, fields.around))
    for path, line in taken.items():
        _around(fields, path, line, taken, vats)
    _left_over(fields, taken, vats)
    _goods_alone(fields)
    if fields.writer not in taken:
        _vat_of_nobody(fields)


def _ranked(fields: Fields, lines: Sequence[Line], role: str, path: str, writes: bool) -> _Ranked:
    """The lines by their chance to name this party, the likeliest first."""
    if role in parties.HEADED:
        scores = [0.8 * (line.heads.get(role, 0.0) > 0.6 and parties.name_like(line)) for line in lines]
        return sorted(
            zip(scores, lines, strict=True), key=lambda pair: (-pair[0], -pair[1].heads.get(role, 0.0))
        )
    model = ranker.chosen(f"{fields.family}_{role}")
    features = [[float(writes), *parties.role_features(line, path)] for line in lines]
    scores = [float(score) for score in model.scores(features, ["name"])[:, 0]]
    if role == "ship_to" or (role == "addressee" and fields.family == "receipt"):
        scores = [
            score * (parties.own_strength(line, path) > 0.3 or line.attention)
            for score, line in zip(scores, lines, strict=True)
        ]
    if fields.family != "receipt":  # a till's slip has one name at its top, and real ones were learned from
        scores = [parties.by_page(line, role, score) for score, line in zip(scores, lines, strict=True)]
    scores = [
        parties.by_heading(line, path, parties.by_next_line(line, role, score))
        for score, line in zip(scores, lines, strict=True)
    ]
    return sorted(zip(scores, lines, strict=True), key=lambda pair: -pair[0])


def _together(fields: Fields, ranked: dict[str, _Ranked]) -> dict[str, tuple[float, Line]]:
    """The writer and the addressee: the likeliest two lines that are not of one party."""
    writers = ranked.get(fields.writer, [])[:TOGETHER]
    if not writers:
        return {}
    others = [
        one
        for one in ranked.get(fields.addressee or "", [])[:TOGETHER]
        if one[0] >= LEAST_NAME or (one[0] >= LEAST_HOUSED and _in_window(fields, one[1]))
    ]
    pairs = [
        (writer[0] * other[0], writer, other)
        for writer, other in product(writers, others)
        if not _one_party(fields, writer[1], other[1])
    ]
    if not pairs or fields.addressee is None:
        alone = others and others[0][0] > writers[0][0]
        return {fields.addressee or "": others[0]} if alone else {fields.writer: writers[0]}
    _, writer, other = max(pairs, key=lambda pair: pair[0])
    if writer[0] < 0.5 * writers[0][0] and writers[0][0] > others[0][0]:
        return {fields.writer: writers[0]}
    return {fields.writer: writer, fields.addressee: other}


def _in_window(fields: Fields, line: Line) -> bool:
    """It begins a block with an address at the top of the first page, without a writer's marks in it."""
    row = fields.sight.rows[line.seg.row]
    first = fields.sight.rows[0].page
    telling = (
        line.written >= whose.HOUSED
        and line.writes <= WRITTEN
        and not any(one.start <= 1 for one in line.seg.labels)
    )
    return telling and row.page == first and row.depth < TOP and parties.name_like(line)


WRITTEN: Final = 0.5
TOP: Final = 0.35


def _share(
    fields: Fields, score: float, line: Line, ranked: _Ranked, chosen: dict[str, tuple[float, Line]]
) -> float:
    """The share of a line in the chances of all lines that name nobody known."""
    known = [line, *(other for path, (_, other) in chosen.items() if path != fields.writer)]
    rest = sum(
        other
        for other, one in ranked[:TOGETHER]
        if not any(one is mate or _one_party(fields, one, mate) for mate in known)
    )
    return score / (score + rest + NOBODY)


def _is_writer(writer: Line | None, ranked: _Ranked) -> bool:
    """Who is paid is who writes: no party apart."""
    if writer is None or not ranked:
        return False
    one, other = lexicon.plain(ranked[0][1].text), lexicon.plain(writer.text)
    return one == other or (min(len(one), len(other)) >= _SHORT_NAME and (one in other or other in one))


def _is_apart(buyer: Line | None, ranked: _Ranked) -> bool:
    """The invoice goes to somebody in a place of its own, beside the buyer's."""
    if buyer is None or not ranked or "invoicee" in buyer.heads:
        return False
    return ranked[0][1].seg is not buyer.seg and "buyer" in buyer.heads


def _in_full(fields: Fields, line: Line, lines: Sequence[Line]) -> Line:
    """The same name with its legal form, where another line has it: ``quellnet`` is ``quellnet GmbH``."""
    name = lexicon.plain(line.text)
    if blocks.has_legal_form(line.text) or len(name) < _SHORT_NAME:
        return line
    longer = [
        one
        for one in lines
        if name in lexicon.plain(one.text)
        and blocks.has_legal_form(one.text)
        and len(one.text) < len(line.text) + _LONGER
        and parties.name_like(one)
    ]
    if longer:
        return min(longer, key=lambda one: len(one.text))
    if fields.family == "receipt" or not parties.name_like(line):
        return line
    told = _told_in_full(fields, line, lines) or parties.legal_name(fields.sight, line)
    return told or _under_sign(fields, line, lines) or line


def _told_in_full(fields: Fields, line: Line, lines: Sequence[Line]) -> Line | None:
    """The same name in more words over a window or as an account's holder: ``Schildersbedrijf Huizinga``."""
    wanted = re.compile(rf"(?<!\w){re.escape(line.text.strip())}(?!\w)", re.IGNORECASE)
    longer = [
        one
        for one in (*filter(fields.marks.sends, lines), *_holders(fields.sight))
        if len(line.text) < len(one.text) < len(line.text) + _LONGER
        and wanted.search(one.text)
        and not any(letter.isdigit() or letter == "," for letter in one.text)
    ]
    return min(longer, key=lambda one: len(one.text), default=None)


def _holders(sight: spans.Sight) -> Iterator[Line]:
    """Names behind labels of an account's holder, within sentences, too."""
    for seg in sight.segs:
        if (named := labelled.in_name_of(seg)) is not None:
            yield Line(*named)
        for label in seg.labels:
            told = labelled.behind(seg, label) if {"holder", "payee"} & set(label.kinds) else None
            if told is not None:
                where, start, text = told
                name = _ENDED.split(text)[0].strip(" .")
                yield Line(where, start, start + len(name), name)


_ENDED: Final = re.compile(
    r",|;|\s[|\u00b7\u2022\u2013\u2014-]\s|\s(?:IBAN|BIC|SWIFT)\b|\s(?:o\.v\.v|onder)\b"
)
"""Where a holder's name is over."""


def _under_sign(fields: Fields, line: Line, lines: Sequence[Line]) -> Line | None:
    """The name under a sign or a slogan that nothing else on the page repeats, where the foot repeats it."""
    if fields.marks.echoes(line):
        return None
    block = {id(seg) for seg in fields.marks.block(line.seg)[:2]}
    for one in lines:
        named = id(one.seg) in block and " " in one.text.strip() and parties.name_like(one)
        if named and not one.seg.labels and fields.marks.echoes(one):
            return one
    return None


SAID: Final = 0.5
"""From this strength on a heading announces the name as it is."""
_SHORT_NAME: Final = 5
_LONGER: Final = 36


def _instead(fields: Fields, ranked: dict[str, _Ranked], chosen: dict[str, tuple[float, Line]]) -> None:
    """Where nobody else is likely to be written to, it is who gets the goods."""
    sure = chosen[fields.addressee][0] if fields.addressee in chosen else 0.0
    goods = ranked.get("ship_to", [])
    if fields.addressee is None or not goods or goods[0][0] < 0.5:
        return
    line = goods[0][1]
    said = fields.addressee in chosen and parties.own_strength(chosen[fields.addressee][1], fields.addressee)
    window = fields.addressee in chosen and _in_window(fields, chosen[fields.addressee][1])
    if sure >= DOUBTED and (said or window or fields.type not in _OF_GOODS):
        return
    writer = chosen.get(fields.writer)
    if parties.own_strength(line, "ship_to") > 0.8 and not (writer and _one_party(fields, writer[1], line)):
        chosen[fields.addressee] = 0.5, line
        ranked["ship_to"] = []
        best = next((one for one in ranked[fields.writer] if not _one_party(fields, one[1], line)), None)
        if best is not None:
            chosen[fields.writer] = best


def _one_party(fields: Fields, one: Line, other: Line) -> bool:
    """The same name, or lines of one block."""
    first, second = lexicon.plain(one.text), lexicon.plain(other.text)
    if first == second or (min(len(first), len(second)) > 5 and (first in second or second in first)):
        return True
    if one.seg is other.seg:
        return True
    if fields.marks.sends(one) or fields.marks.sends(other):
        return False
    if blocks.has_legal_form(one.text) and blocks.has_legal_form(other.text):
        return False
    return any(seg is other.seg for seg in fields.marks.block(one.seg)[:4]) or any(
        seg is one.seg for seg in fields.marks.block(other.seg)[:4]
    )


def _names(ranked: _Ranked, chosen: Line | None) -> tuple[Alternative, ...]:
    seen = {lexicon.plain(chosen.text)} if chosen else set()
    listed = []
    for score, line in ranked:
        key = lexicon.plain(line.text)
        if score < SHOWN or key in seen:
            continue
        seen.add(key)
        evidence = Evidence(
            method="ranker",
            confidence=min(1.0, score),
            text=line.text,
            page=line.seg.page,
            box=spans.box_of(line.seg.words_of(line.start, line.end)),
        )
        listed.append(Alternative(value=line.text, evidence=evidence))
    return tuple(listed[:4])


def _party(fields: Fields, path: str, line: Line, score: float, place: Line) -> None:
    """Name and address; ``place`` is where the name was found first."""
    words = [*line.seg.words_of(line.start, line.end), *(line.extra.words if line.extra else ())]
    fields.put(f"{path}.name", line.text, score, "ranker", words, line.seg.page, line.text)
    found = addresses.postal(place, fields.sight, fields.columns)
    source = place
    if not found.address.city:
        for other in (line, *parties.lines_of_name(fields.sight, line)):
            again = addresses.postal(other, fields.sight, fields.columns)
            if again.address.city:
                found, source = again, other
                break
    if found.contact is not None and not path.startswith("seller"):
        person, seg = found.contact
        fields.put(f"{path}.contact", person, 0.7, "text", seg.words, seg.page, person)
    found.segs = found.segs or [source.seg]
    _put_address(fields, path, found, score * (0.95 if found.address.city else 0.5))


def _put_address(fields: Fields, path: str, found: addresses.Postal, sure: float) -> None:
    words = [word for seg in found.segs for word in seg.words]
    if found.address.city:
        fields.housed.update(id(seg) for seg in found.segs)
        fields.homes[path] = found.segs[-1]
    for name in _PARTS:
        value = getattr(found.address, name)
        fields.put(f"{path}.address.{name}", value, sure, "text", words, found.segs[0].page, str(value or ""))


def _house(fields: Fields, taken: dict[str, Line]) -> None:
    """A writer's address that stands apart from its name: that of nobody else on the first page."""
    path, other = fields.sides
    if fields.family == "receipt" or path not in ("seller", "buyer") or path not in taken:
        return
    if f"{path}.address.city" in fields.values or f"{other}.address.city" not in fields.values:
        return
    found = addresses.unclaimed(fields.sight, fields.columns, taken[path].text, fields.housed)
    if found is not None:
        _put_address(fields, path, found, ELSEWHERE)


def _goods_alone(fields: Fields) -> None:
    """Where the goods go, where the heading announces an address without a name."""
    if "ship_to" not in {path for _, path, _ in fields.roles} or "ship_to.name" in fields.values:
        return
    for head in fields.heads:
        if head.kinds[0] != "ship_to":
            continue
        told = labelled.behind(head.seg, head)
        under = fields.columns.below(head.seg)
        found = addresses.alone(told[0], told[1]) if told is not None else None
        found = found or (addresses.alone(under, 0) if under is not None and head.whole else None)
        if found is not None:
            _put_address(fields, "ship_to", found, ELSEWHERE)
            return


ELSEWHERE: Final = 0.6
"""How sure an address is that stands apart from the name."""


def _around(fields: Fields, path: str, line: Line, taken: dict[str, Line], vats: _Vats) -> None:
    """Tax ids, mail and telephone of a party: those in its block, and for a writer all that is nobody's."""

    def owned(value: spans.Value) -> bool:
        label = fields.around.of(value).label
        return whose.owner(value, label, taken, fields.sides, fields.marks) == path

    _identifiers(fields, path, line, owned)
    if path == "ship_to":
        return
    for value, sure in _by_place(fields, path, line, vats):
        if owned(value):
            sure *= 0.9 if len(taken) > 1 else 0.95
            fields.put_value(f"{path}.vat_id", labelled.vat_text(value, fields), value, sure, "text")
    for value in _coded(fields.sight, identifiers.find_registrations):
        if owned(value):
            fields.put_value(f"{path}.registration", value.value, value, 0.9, "text")
    known = lexicon.plain(str(fields.values.get(f"{path}.registration", "")))
    for name in ("registration", "tax_number"):
        for one in fields.ranked.get(name, ()):
            bare = lexicon.plain(one.value.text)
            if one.value.text[:1].islower():
                continue  # of which town: ``de Madrid, hoja M-448210``
            if owned(one.value) and not (known and (bare in known or known in bare)):
                fields.put_value(f"{path}.{name}", str(one.value.value), one.value, 0.85)
    for value in fields.sight.values:
        if value.type == "email" and owned(value):
            fields.put_value(f"{path}.email", value.value, value, 0.85, "text")
    for label, value in labelled.numbers_behind(fields.sight, "phone"):
        if label is not None and owned(value):
            fields.put_value(f"{path}.phone", value.text, value, 0.85, "text")
    _phone_in_block(fields, path, line)


def _by_place(fields: Fields, path: str, line: Line, vats: _Vats) -> _Vats:
    """VAT ids, for a writer those first that stand where only it is told of."""
    if path != fields.writer or not fields.addressee:
        return vats
    return sorted(vats, key=lambda pair: whose.standing(pair[0].seg, line, fields.marks))


def _left_over(fields: Fields, taken: dict[str, Line], vats: _Vats) -> None:
    """A second VAT id, where the writer's stands in its block or foot and the other side has none: theirs."""
    writer, other = fields.sides
    if fields.type not in (*INVOICES, DocumentType.CREDIT_MEMO) or writer not in taken or other not in taken:
        return
    if f"{writer}.vat_id" not in fields.values or f"{other}.vat_id" in fields.values:
        return
    known = set(map(str, fields.values.values()))
    first = fields.sight.rows[0].page
    places: dict[str, int] = {}
    left: dict[str, spans.Value] = {}
    for value, _ in vats:
        text = labelled.vat_text(value, fields)
        where = whose.standing(value.seg, taken[writer], fields.marks)
        places[text] = min(where, places.get(text, where))
        if text not in known and identifiers.vat_is_valid(text):
            left.setdefault(text, value)
    own = places.get(str(fields.values[f"{writer}.vat_id"]), AWAY)
    free = [text for text in left if places[text] == AWAY and left[text].seg.page == first]
    if own < AWAY and len(free) == 1:
        fields.put_value(f"{other}.vat_id", free[0], left[free[0]], LEFT_OVER, "text")


AWAY: Final = 2
"""Where nothing says that it is the writer's."""
LEFT_OVER: Final = 0.6


def _phone_in_block(fields: Fields, path: str, line: Line) -> None:
    """A telephone number that no label names: a piece of a line by itself, in the party's block."""
    for seg in (line.seg, *fields.marks.block(line.extra or line.seg), *_homes(fields, path)):
        start = 0
        for piece in _PIECES.split(seg.text):
            start = seg.text.index(piece, start)
            if _PHONE.fullmatch(piece.strip()) and sum(map(str.isdigit, piece)) >= 9:
                words = seg.words_of(start, start + len(piece))
                fields.put(f"{path}.phone", piece.strip(), 0.7, "text", words, seg.page, piece.strip())
                return
            start += len(piece)


def _homes(fields: Fields, path: str) -> Iterator[spans.Seg]:
    """The lines right under a writer's address."""
    last = fields.homes.get(path)
    for _ in range(3):
        last = fields.columns.below(last) if last is not None else None
        if last is None:
            return
        yield last


_PIECES: Final = re.compile(r"\s[\u00b7\u2022|\u2013\u2014-]\s|,\s|\s{3,}")
_PHONE: Final = re.compile(
    r"\+\d{1,3}[\s.-]?\(?\d[\d\s().-]{6,}\d|\(\d{2,5}\)\s?\d[\d\s-]{4,}\d|0\d{1,4}[\s/-]\d[\d\s.-]{4,}\d"
    r"|[2-9]\d{2}[.-]\d{3}[.-]\d{4}|[6-9]\d{2}\s\d{3}\s\d{3}|[6-9]\d{2}(?:\s\d{2}){3}"
)


def _identifiers(fields: Fields, path: str, line: Line, owned: Callable[[spans.Value], bool]) -> None:
    """A bare ``Number:`` under the party's heading, and what the whole world knows it by."""
    for value in fields.sight.values:
        if value.type != "code" or line.seg.page != value.seg.page:
            continue
        one = Candidate(value, fields.around.of(value), [])
        label = one.related.label
        if label is None or not label.kinds[0].startswith(("number.", "buyer.id", "seller.id")):
            continue
        close = max(one.related.left.values(), default=0.0) >= 0.9 and in_party(one, fields)
        if close and labelled.nearest_head(value, fields) == path:
            fields.put_value(f"{path}.identifier", value.value, value, 0.75, "text")
            break
    for value in _coded(fields.sight, identifiers.find_global_ids):
        if owned(value):
            name = f"{path}.identifier"
            if fields.values.get(name, value.value) == value.value:
                fields.put_value(name, value.value, value, 0.8, "text")
            else:
                fields.put_value(f"{path}.other_identifiers", (value.value,), value, 0.8, "text")


def _coded(sight: spans.Sight, find: Callable[[str], Iterator[identifiers.Found]]) -> Iterator[spans.Value]:
    """Numbers of a kind, where they stand."""
    for seg in sight.segs:
        if any(letter.isdigit() for letter in seg.text):
            for one in find(seg.text):
                words = seg.words_of(one.start, one.end)
                yield spans.Value(
                    "code", one.value, one.value, seg, one.start, one.end, words[0].x0, words[-1].x1
                )


def _vat_of_nobody(fields: Fields) -> None:
    """A VAT id of the writer where nothing names the writer."""
    for value, sure in labelled.vat_values(fields.sight, fields.around):
        text = labelled.vat_text(value, fields)
        if text not in map(str, fields.values.values()):
            fields.put_value(f"{fields.writer}.vat_id", text, value, 0.7 * sure, "text")
