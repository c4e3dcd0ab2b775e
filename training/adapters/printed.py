"""How the values of a contract are printed on its pages: the label of an example says what the page says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.documents import lexicon, spans
from abax.documents.answering import BREAK, Window, bare, source_of
from abax.documents.pages import Reading, Word

SHORT: Final = 4
"""Letters and digits, below which a text is another where its capitals are."""
_TELLING: Final = ("description", "net_amount", "gross_amount", "amount", "paid", "debit", "credit")
"""What the member of a list is there by."""
LISTS: Final = ("lines[", "entries[", "remittances[", "taxes[", "adjustments[")
BINDING: Final = ("&", "+", "-", "–", "/")
_CLOSING: Final = ")."
BESIDE: Final = 2
"""Rows on either side that a member of a list may go on in."""
ABOVE: Final = 3
BELOW: Final = 10
"""Rows around a party's name that may print its address."""


def in_text(value: str, text: str) -> str | None:
    """The part of a text that is this value but for case, accents, blanks and marks; None where it has none,
    or where a column ends within it."""
    wanted = lexicon.plain(value)
    if len(wanted) < SHORT:
        return _exactly(value, text)
    letters = [(place, plain) for place, letter in enumerate(text) for plain in lexicon.plain(letter)]
    flat = "".join(plain for _, plain in letters)
    at = flat.find(wanted) if wanted else -1
    while at >= 0:
        start, end = letters[at][0], letters[at + len(wanted) - 1][0] + 1
        if not _within_word(text, start, end):
            break
        at = flat.find(wanted, at + 1)
    if at < 0:
        return None
    while end < len(text) and text[end] in _CLOSING and value.rstrip().endswith(text[end]):
        end += 1
    found = " ".join(text[start:end].split())
    return None if BREAK.strip() in found else found


def _exactly(value: str, text: str) -> str | None:
    """A short text, letter by letter, as a word: ``DE`` is not French."""
    at = text.find(value)
    while at >= 0 and _within_word(text, at, at + len(value)):
        at = text.find(value, at + 1)
    return value if at >= 0 and value.strip() else None


def _within_word(text: str, start: int, end: int) -> bool:
    return (start > 0 and text[start - 1].isalnum() and text[start].isalnum()) or (
        end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    )


def values_of(truth: Mapping[str, Any], reading: Reading, window: Window) -> dict[str, str]:
    """Path to printed value of what a window shows of the truth. Amounts and dates are told by what they
    mean; those of a line are looked for in the row that shows most of it."""
    forms = _forms(reading, window)
    source = source_of(window, reading)
    rows = _best_rows(truth, forms)
    lines = window.text.splitlines()
    found: dict[str, str] = {}
    for path, value in truth.items():
        if "[" in path and value == 0:
            continue
        place = path.rpartition(".")[0]
        here = lines[rows[place]] if place in rows else None
        reach = _reach(place, rows, len(lines)) if place in rows else None
        text = _printed(value, forms, reach, source, here)
        if text is not None:
            found[path] = text
    return _told(_addressed(found, lines))


def _reach(place: str, rows: Mapping[str, int], count: int) -> range:
    """The rows that may print a list's member: its best row, and those beside it that are no other's."""
    row, taken = rows[place], set(rows.values()) - {rows[place]}
    first = row
    while first > max(0, row - BESIDE) and first - 1 not in taken:
        first -= 1
    last = row
    while last < min(count - 1, row + BESIDE) and last + 1 not in taken:
        last += 1
    return range(first, last + 1)


def _addressed(found: Mapping[str, str], lines: Sequence[str]) -> dict[str, str]:
    """Without parts of addresses that only stand elsewhere: a town in the court's name is nobody's."""
    plain = [lexicon.plain(line) for line in lines]
    kept: dict[str, str] = {}
    for path, text in found.items():
        party, inside, _ = path.partition(".address.")
        if inside and not _beside(lexicon.plain(text), lexicon.plain(found.get(f"{party}.name", "")), plain):
            continue
        kept[path] = text
    return kept


def _beside(part: str, name: str, plain: Sequence[str]) -> bool:
    """Whether a text stands a few rows around the name; where there is no name, it stands nowhere."""
    for row, line in enumerate(plain):
        if name and name in line:
            around = plain[max(0, row - ABOVE) : row + BELOW]
            if part in "".join(around):
                return True
    return False


def _told(found: Mapping[str, str]) -> dict[str, str]:
    """Without members of lists that only bits of other things look like."""
    told = {place for path in found for place, _, name in [path.rpartition(".")] if name in _TELLING}
    return {path: text for path, text in found.items() if not path.startswith(LISTS) or _member(path) in told}


def _member(path: str) -> str:
    return path[: path.index("]") + 1]


Forms = Mapping[Any, Sequence[tuple[int, str]]]
"""Amount or date to the places where it is printed: row and text."""


def _forms(reading: Reading, window: Window) -> Forms:
    shown = {id(word): row for row, words in enumerate(window.rows) for word in words}
    found: dict[Any, list[tuple[int, str]]] = defaultdict(list)
    for value in spans.look(reading).values:
        words = value.seg.words_of(value.start, value.end)
        row = next((shown[id(word)] for word in words if id(word) in shown), None)
        if row is not None and not isinstance(value.value, str):
            key = abs(value.value) if isinstance(value.value, Decimal) else value.value
            found[key].append((row, value.text))
    return found


def _best_rows(truth: Mapping[str, Any], forms: Forms) -> dict[str, int]:
    """By the path of a list's member, the row that shows most of its values."""
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for path, value in truth.items():
        if "[" in path and isinstance(value, Decimal):
            rows = {row for row, _ in forms.get(abs(value), ())}
            votes[path.rpartition(".")[0]].update(dict.fromkeys(rows, 2 if "amount" in path else 1))
    return {path: max(rows, key=lambda row: (rows[row], -row)) for path, rows in votes.items() if rows}


def _printed(value: Any, forms: Forms, reach: range | None, source: str, here: str | None) -> str | None:
    if isinstance(value, Decimal | date):
        places = forms.get(abs(value) if isinstance(value, Decimal) else value, ())
        if reach is not None:
            places = [one for one in places if one[0] in reach]
        return places[0][1] if places else None
    text = str(value[0]) if isinstance(value, tuple) and value else value
    if not isinstance(text, str):
        return None
    short = here is not None and len(lexicon.plain(text)) < SHORT
    return in_text(text, here if short and here is not None else source)


def runs(words: Iterable[tuple[Word, str | None]]) -> dict[str, str]:
    """Of words with the path of the field that each prints, in the order of drawing: the first place of each
    path as text."""
    found: dict[str, list[str]] = {}
    last: dict[str, int] = {}
    drawn = list(words)
    for place, (word, path) in enumerate(drawn):
        if path is None:
            continue
        if path not in found:
            found[path], last[path] = [word.text], place
        elif last[path] == place - 1 or (last[path] == place - 2 and _binds(*drawn[place - 1])):
            found[path] += (one.text for one, _ in drawn[last[path] + 1 : place + 1])
            last[path] = place
    return {path: _trimmed(path, " ".join(parts)) for path, parts in found.items()}


def _binds(word: Word, path: str | None) -> bool:
    """Whether a word that is no field's own binds the two around it: the ``&`` of a name."""
    return path is None and word.text in BINDING


def _trimmed(path: str, text: str) -> str:
    """Without the mark that only ends the sentence or the part of an address."""
    text = text.rstrip(",;:")
    ends = text.endswith(".") and text[-5:-1].isdigit() and bare(path).rpartition(".")[2].endswith("date")
    return text[:-1] if ends else text


def grounded(value: str, source: str) -> bool:
    """Whether a value stands in a source, blanks aside."""
    return " ".join(value.split()) in " ".join(source.split())
