"""Bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from abax.documents import blocks, identifiers, labelled, lexicon
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.pages import Word
from abax.documents.spans import Seg, Sight, Value


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
            start = seg.starts[seg.words.index(words[0])]
            _beside(
                fields, path, Value("iban", iban, iban, seg, start, len(seg.text), words[0].x0, words[-1].x1)
            )
    if not seen:
        _without_iban(fields, "account" if single else "bank_accounts[0]")


def _without_iban(fields: Fields, path: str) -> None:
    """An account by its number, beside what only accounts have: a bank, its code, the word itself."""
    for seg in fields.sight.segs:
        for match in _ACCOUNT.finditer(seg.text):
            start, end = match.span("number")
            words = seg.words_of(start, end)
            x0, x1 = words[0].x0, words[-1].x1
            value = Value("code", match["number"], match["number"], seg, start, end, x0, x1)
            if match["giro"] or any(_CODED.search(one.text) for one in _near(fields, seg, 1)):
                fields.put_value(f"{path}.account_number", value.value, value, 0.85, "text")
                _beside(fields, path, value)
                return
    for one in fields.ranked.get("account_number", ())[:1]:
        text = one.value.text
        known = identifiers.is_tax_id(text, fields.sight.language) or text in map(str, fields.values.values())
        if known or sum(map(str.isdigit, text)) < max(_FEWEST, 0.6 * len(text)):
            continue
        fields.put_value(f"{path}.account_number", str(one.value.value), one.value, 0.75)
        _beside(fields, path, one.value)


_FEWEST: Final = 5
"""Digits of an account."""
_ACCOUNT: Final = re.compile(
    r"(?:\b(?:a/c|acc(?:oun)?t|acc|account|konto|kto|compte|cuenta|conto|rekening|rachun\w+"
    r"|beneficiary account)\b\.?"
    r"|(?P<giro>\b(?:bankgiro|plusgiro|postgiro|bg|pg|postkonto)\b))"
    r"\W{0,3}(?:(?:no|nr|number|num|nummer|n[\u00b0\u00ba]|#)\.?)?\W{0,3}"
    r"(?P<number>\d(?:[ -]?\d){5,19}(?:/\d{4})?)(?![\w/-])",
    re.IGNORECASE,
)
_CODED: Final = re.compile(
    r"sort ?code|\bs/c\b|\bifsc\b|\bbsb\b|\baba\b|routing|swift|\bbic\b|\bblz\b|\bbanks?\b|\bwire\b"
    r"|\bach\b|\bbacs\b",
    re.IGNORECASE,
)


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
    near = _mine(fields, iban, list(_near(fields, iban.seg)))
    bics = [v for seg in near for v in seg.values if v.type == "bic" and v is not iban]
    bics = [v for v in bics if not str(v.value).startswith("IBAN")]
    labelled = [v for v in bics if _is_bic(fields, v)]
    home = str(iban.value)[:2]
    bracketed = [v for v in bics if str(v.value)[4:6] == home and f"({v.text})" in v.seg.text]
    for value in [*labelled, *(v for v in bics if not v.unsure), *bracketed][:1]:
        fields.put_value(f"{path}.bic", value.value, value, 0.95 if labelled else 0.7, "text")
    for name, kinds in (("bank_name", ("bank_name",)), ("holder", ("holder", "payee"))):
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
    _in_name_of(fields, path, iban, near)
    if f"{path}.bank_name" not in fields.values:
        _bank_by_its_name(fields, path, _mine(fields, iban, list(_near(fields, iban.seg, 1))))


def _in_name_of(fields: Fields, path: str, account: Value, near: Sequence[Seg]) -> None:
    """The holder where a sentence names it, ``t.n.v. Studio Lichtval``, or where the writer's name follows
    the account's number, in its line or below it."""
    told = next(filter(None, map(labelled.in_name_of, near)), None)
    if told is not None:
        seg, start, end, text = told
        fields.put(f"{path}.holder", text, 0.8, "text", seg.words_of(start, end), seg.page, text)
        return
    name = str(fields.values.get(f"{fields.writer}.name", ""))
    under = fields.columns.below(account.seg)
    start = account.seg.text.find(f", {name}", account.end) + 2
    if not name:
        return
    if start > 1:
        words = account.seg.words_of(start, start + len(name))
        fields.put(f"{path}.holder", name, 0.8, "text", words, account.seg.page, name)
    elif under is not None and under.text.strip() == name:
        fields.put(f"{path}.holder", name, 0.8, "text", under.words, under.page, name)


def _mine(fields: Fields, iban: Value, near: Sequence[Seg]) -> list[Seg]:
    """Of what stands near an account, what is no other account's: rows down to the next account are its own,
    or rows up to the one before where the banks stand over their accounts; beside one another, what is under
    or over it."""
    page = [one for one in fields.sight.values if one.type == "iban" and one.seg.page == iban.seg.page]
    mates = [one.seg for one in page if one.seg.row == iban.seg.row and one.seg is not iban.seg]
    rows = _together(sorted({iban.seg.row, *(one.seg.row for one in page)}), iban.seg.row)
    if len(rows) < 2 and not mates:
        return list(near)
    lines = fields.sight.rows
    over = _names_bank(lines[max(0, rows[0] - 1)].segs) and not _names_bank(lines[rows[0]].segs)
    mine: list[Seg] = []
    for seg in near:
        owners = [row for row in rows if (row >= seg.row if over else row <= seg.row)]
        owner = (owners[0] if over else owners[-1]) if owners else iban.seg.row
        aside = any(abs(one.x0 - seg.x0) < abs(iban.seg.x0 - seg.x0) for one in mates)
        if owner == iban.seg.row and not aside:
            mine.append(seg)
    return mine


def _together(rows: Sequence[int], wanted: int) -> list[int]:
    """The rows of the list that the wanted one is in: those with few others between them."""
    found: list[int] = []
    for row in rows:
        if found and row - found[-1] > _APART:
            if wanted in found:
                return found
            found = []
        found.append(row)
    return found


_APART: Final = 4


def _names_bank(segs: Sequence[Seg]) -> bool:
    """A bank's name or its code stands there."""
    return any(
        any(value.type == "bic" for value in seg.values)
        or any(len(match.group()) >= _SHORTEST for match in _BANK.finditer(seg.text))
        for seg in segs
    )


def _is_bic(fields: Fields, value: Value) -> bool:
    """A label says so; in prose it need not stand alone: ``IBAN DE85 …, BIC COBADEFF``."""
    related = fields.around.of(value)
    before = lexicon.plain(value.seg.text[: value.start])
    return "bic" in related.left or "bic" in related.above or before.endswith(("bic", "swift", "swiftbic"))


def _bank_by_its_name(fields: Fields, path: str, near: Sequence[Seg]) -> None:
    """``Sparkasse Musterstadt Ost`` in the line of the account or the one beside it."""
    for seg in near:
        named = (label for label in seg.labels if "bank_name" not in label.kinds or blocks.is_closed(label))
        taken = [(label.start, label.end) for label in named] + [(v.start, v.end) for v in seg.values]
        for match in _BANK.finditer(seg.text):
            start, end = match.span()
            word, after = match.span("word")
            start = max([start, *(last for _, last in taken if last <= word)])
            end = min([end, *(first for first, _ in taken if first >= after)])
            name = seg.text[start:end].strip(" ,;:-\u2013\u2014")
            if len(name) >= _SHORTEST and _BANK.fullmatch(name):
                start = seg.text.find(name)
                words = seg.words_of(start, start + len(name))
                fields.put(f"{path}.bank_name", name, 0.7, "text", words, seg.page, name)
                return

    for seg in near[:1]:
        short = _SHORT_NAME.search(seg.text)
        if short is not None and not (name := short["before"] or short["within"]).isupper():
            start = short.start(short.lastgroup or 0)
            words = seg.words_of(start, start + len(name))
            fields.put(f"{path}.bank_name", name, 0.7, "text", words, seg.page, name)


_SHORT_NAME: Final = re.compile(
    r"(?:^|[:;]\s)(?P<before>[A-Z][\w&'\u2019 -]{2,30}?),?\s(?=[Ss]ort [Cc]ode)"
    r"|\d\s\((?P<within>[A-Z][^\W\d_][\w .&-]{2,30})\)"
)
"""A bank by a name without the word: before its code, ``Barclays, sort code 20-20-15``, or in brackets."""
_BANK: Final = re.compile(
    r"(?:[A-Z\u00c0-\u017d][\w.&'\u2019-]*\s(?:&\s)?){0,3}?"
    r"(?P<word>\w*(?:[bB]ank(?:en)?|[sS]parkasse|Raiffeisen\w*|Bankas)|Banque|Cr\u00e9dit|Caisse|Banca|Banco"
    r"|Cassa|Caixa)"
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
            if lexicon.plain(seg.text[label.start : label.end]) in _BANKS and not blocks.is_closed(label):
                continue  # a word of the name
            if found and _IBAN.search(found[2]):
                continue
            if found and re.search(r"[^\W\d_]{3}", found[2]) and "iban" not in lexicon.plain(found[2])[:4]:
                text = re.split(_AFTER_NAME, found[2])[0].strip(" ,;")
                first = text.partition(",")[0]
                text = first if _BANK.fullmatch(first) else text
                return found[0], found[1], text
    return None


_BANKS: Final = frozenset({"bank", "banca", "banco", "banque", "caixa", "cassa"})
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z0-9]{4}")
_AFTER_NAME: Final = (
    r",?\s+(?:presso|c/o|chez|IBAN|BIC|SWIFT|Konto|BLZ|S/C|A/C|Sort [Cc]ode|Account|IFSC|ABI|CAB)\b"
    r"|\s[|\u00b7\u2022]\s"
)


def _near(fields: Fields, seg: Seg, most: int = 3) -> Iterator[Seg]:
    rows = fields.sight.rows
    for step in (step for step in (0, 1, -1, 2, -2, 3, -3) if abs(step) <= most):
        place = seg.row + step
        if not 0 <= place < len(rows) or rows[place].page != seg.page:
            continue
        if abs(rows[place].y0 - seg.y0) < 8 * fields.sight.height:
            yield from rows[place].segs
