"""Found values against true ones, field by field: the arithmetic of the evaluation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from abax.documents import amounts, dates, lexicon
from abax.documents.contracts import Contract, fields_of
from abax.documents.pages import Reading

if TYPE_CHECKING:
    from abax.documents.twins import Twins

HEADER: Final = "header"
LINE_PARTS: Final = (
    "lines",
    "remittances",
    "entries",
)
KEY_OF_LINE: Final[dict[str, tuple[str, ...]]] = {
    "lines": ("description", "quantity", "unit_price", "net_amount", "account", "debit", "credit"),
    "remittances": ("document_number", "gross", "deduction", "paid"),
    "entries": ("booked", "text", "amount"),
}
"""What must be right for a line to be right, as far as the truth has it."""
NOUGHT: Final = frozenset({"totals.allowances", "totals.charges", "totals.prepaid", "totals.rounding"})
"""Sums that a document without such a thing need not have."""
DIFFER: Final = "twins differ"
LEFT_OUT: Final = frozenset(
    {"type", "subtype", "type_code", "language", "process", "specification", "tax_currency"}
)
"""Judged by themselves, or said by an e-invoice alone."""
_PLACE: Final = re.compile(r"\[\d+\]")


@dataclass
class Tally:
    """Counts of one field."""

    right: int = 0
    wrong: int = 0
    """Another value was found."""
    missed: int = 0
    invented: int = 0
    """A value was found where there is none."""

    @property
    def precision(self) -> float | None:
        found = self.right + self.wrong + self.invented
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        there = self.right + self.wrong + self.missed
        return self.right / there if there else None

    @property
    def f1(self) -> float | None:
        total = 2 * self.right + 2 * self.wrong + self.missed + self.invented
        return 2 * self.right / total if total else None

    def add(self, other: Tally) -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed
        self.invented += other.invented


@dataclass
class Fault:
    """One value that is not right."""

    document: str
    path: str
    cause: str
    """``wrong``, ``missed``, ``invented``; or ``twins differ``, which is nobody's and not counted."""
    expected: str
    found: str
    confidence: float = 0.0


@dataclass
class Score:
    """One document's."""

    fields: dict[str, Tally] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    judged: list[tuple[str, float, bool]] = field(default_factory=list)
    """Field, confidence and rightness of every value that was found."""
    lines: Tally = field(default_factory=Tally)

    def exact(self) -> bool:
        """Nothing of the header is wrong, missed or invented."""
        return all(t.right == t.right + t.wrong + t.missed + t.invented for t in self.fields.values())


def same(found: Any, true: Any) -> bool:
    """Equal as values: amounts by number, names by letters and digits."""
    if isinstance(true, Decimal) and isinstance(found, Decimal):
        return found == true
    if isinstance(true, str) and isinstance(found, str):
        return lexicon.plain(found) == lexicon.plain(true) or _code(found) == _code(true)
    if isinstance(true, tuple) and isinstance(found, tuple):
        return len(found) > 0 and len(true) > 0 and same(found[0], true[0])
    return bool(found == true)


def _code(text: str) -> str:
    """Unit codes and their usual short words are one."""
    return _UNITS.get(lexicon.plain(text), lexicon.plain(text))


_UNITS: Final = {
    word: code
    for code, words in {
        "h87": "c62 h87 stk stck stuck pcs pc piece pieces pz ud uds szt st each ea unit ste stuks pce pezzi",
        "hur": "hur h std stunde stunden hrs hour hours heure heures ora ore uur godz",
        "kgm": "kgm kg",
        "mtr": "mtr m",
        "ltr": "ltr l",
        "day": "day tag tage d days jour jours giorni dag dagen",
        "mtk": "mtk m2",
        "mon": "mon monat monate month months mois mes mese maand",
        "ls": "ls pauschal psch",
    }.items()
    for word in words.split()
}


class Printed:
    """What a document's pages show: to count only what can be read from them."""

    def __init__(self, reading: Reading) -> None:
        texts = [line.text for page in reading.pages for line in page.lines]
        words = [word.text for page in reading.pages for word in page.words]
        self.plain = lexicon.plain(" ".join(texts))
        self.tokens = {lexicon.plain(word) for word in words}
        mark = amounts.decimal_mark(texts)
        self.amounts = {abs(found.value) for text in texts for found in amounts.find_amounts(text, mark)}
        order = dates.date_order(texts)
        self.dates = {found.value for text in texts for found in dates.find_dates(text, order)}

    def shows(self, value: Any) -> bool:
        """Whether the value is printed."""
        if isinstance(value, Decimal):
            return abs(value) in self.amounts
        if isinstance(value, date):
            return value in self.dates
        if isinstance(value, str):
            bare = lexicon.plain(value)
            return bare in (self.tokens if len(bare) < 4 else self.plain)
        if isinstance(value, tuple) and value:
            return self.shows(value[0])
        return True


def field_of(path: str) -> str:
    """A path without places: ``lines.quantity``."""
    return _PLACE.sub("", path)


def score(
    name: str,
    found: Contract,
    true: Contract,
    confidences: Mapping[str, float],
    printed: Printed | None = None,
    only: Sequence[str] = (),
    *,
    extra: bool = True,
    twins: Twins | None = None,
) -> Score:
    """Found against true. With ``printed`` only true values that the pages show count; an own value that
    the truth does not have counts as invented, unless ``extra`` is false: an e-invoice's XML need not say
    all that its page does. With ``twins`` a value counts only where they say the same."""
    truth = {path: value for path, value in fields_of(true).items() if _counts(path, only)}
    if printed is not None:
        truth = _without_notes({path: value for path, value in truth.items() if printed.shows(value)})
    own = {path: value for path, value in fields_of(found).items() if _counts(path, only)}
    truth, own = _without_nought(truth), _without_nought(own)
    result = Score()
    _header(name, own, truth, confidences, result, extra)
    for part in LINE_PARTS:
        _lines(name, part, own, truth, confidences, result)
    if twins is not None:
        _excuse(result, twins, truth, own)
    return result


def _without_nought(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without sums of nothing, which say no more than their absence does."""
    return {path: value for path, value in values.items() if value or path not in NOUGHT}


def _excuse(result: Score, twins: Twins, truth: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Take back the faults that lie in the files: they say different things themselves."""
    for fault in result.faults:
        tally = result.fields.get(field_of(fault.path))
        mate = fault.path if fault.cause != "missed" else None
        if tally is None or not twins.differ(fault.path, truth.get(fault.path), mate, own.get(fault.path)):
            continue
        setattr(tally, fault.cause, getattr(tally, fault.cause) - 1)
        judged = (field_of(fault.path), fault.confidence, False)
        if judged in result.judged:
            result.judged.remove(judged)
        fault.cause = DIFFER


def _without_notes(truth: Mapping[str, Any]) -> dict[str, Any]:
    """Without lines that sell nothing: an e-invoice has notes among its lines, which pages print as text."""
    goods = {
        line
        for path in truth
        if (line := _line_of(path)) and path.rpartition(".")[2] in KEY_OF_LINE[line.partition("[")[0]]
    }
    return {path: value for path, value in truth.items() if _line_of(path) in goods or not _line_of(path)}


def _line_of(path: str) -> str:
    """``lines[3]`` of ``lines[3].quantity``; nothing for what is in no line."""
    return path.split(".")[0] if _part(path) else ""


def _counts(path: str, only: Sequence[str]) -> bool:
    if only:
        return field_of(path) in only
    return path.split(".")[0] not in LEFT_OUT and not path.startswith(("notes", "attachments"))


def _part(path: str) -> str | None:
    first = path.split(".")[0].split("[")[0]
    return first if first in LINE_PARTS and "[" in path.split(".")[0] else None


def _header(
    name: str,
    own: Mapping[str, Any],
    truth: Mapping[str, Any],
    confidences: Mapping[str, float],
    result: Score,
    extra: bool,
) -> None:
    pool = _by_field(own, truth)
    for path, value in truth.items():
        if _part(path):
            continue
        tally = result.fields.setdefault(field_of(path), Tally())
        mate = _mate(path, value, own, pool)
        if mate is None:
            tally.missed += 1
            result.faults.append(Fault(name, path, "missed", str(value), ""))
            continue
        ok = same(own[mate], value)
        sure = confidences.get(mate, 0.0)
        result.judged.append((field_of(path), sure, ok))
        tally.right += ok
        tally.wrong += not ok
        if not ok:
            result.faults.append(Fault(name, path, "wrong", str(value), str(own[mate]), sure))
        pool.get(field_of(path), set()).discard(mate)
    for rest in pool.values() if extra else ():
        for path in rest:
            if path.endswith(".address.text"):
                continue  # the whole of what its parts say
            tally = result.fields.setdefault(field_of(path), Tally())
            tally.invented += 1
            sure = confidences.get(path, 0.0)
            result.judged.append((field_of(path), sure, False))
            result.faults.append(Fault(name, path, "invented", "", str(own[path]), sure))


def _by_field(own: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, set[str]]:
    pool: dict[str, set[str]] = {}
    for path in own:
        if not _part(path):
            pool.setdefault(field_of(path), set()).add(path)
    return pool


def _mate(path: str, value: Any, own: Mapping[str, Any], pool: Mapping[str, set[str]]) -> str | None:
    """The found value to compare with: for repeated parts an equal one, wherever it is."""
    rest = pool.get(field_of(path), set())
    equal = next((other for other in sorted(rest) if same(own[other], value)), None)
    if equal is not None:
        return equal
    return path if path in rest else None


def _lines(
    name: str,
    part: str,
    own: Mapping[str, Any],
    truth: Mapping[str, Any],
    confidences: Mapping[str, float],
    result: Score,
) -> None:
    true_lines, own_lines = _grouped(part, truth), _grouped(part, own)
    keys = KEY_OF_LINE[part]
    pairs = _aligned(true_lines, own_lines, keys)
    used = {mate for _, mate in pairs if mate is not None}
    for place, mate in pairs:
        values = true_lines[place]
        found = own_lines[mate] if mate is not None else {}
        right = True
        for key, value in values.items():
            tally = result.fields.setdefault(f"{part}.{key}", Tally())
            path = f"{part}[{place}].{key}"
            if key not in found:
                tally.missed += 1
                right = right and key not in keys
                result.faults.append(Fault(name, path, "missed", str(value), ""))
                continue
            ok = same(found[key], value)
            sure = confidences.get(f"{part}[{mate}].{key}", 0.0)
            result.judged.append((f"{part}.{key}", sure, ok))
            tally.right += ok
            tally.wrong += not ok
            if not ok:
                right = right and key not in keys
                result.faults.append(Fault(name, path, "wrong", str(value), str(found[key]), sure))
        if mate is None:
            result.lines.missed += 1
        elif right:
            result.lines.right += 1
        else:
            result.lines.wrong += 1
    for place in own_lines:
        if place not in used:
            result.lines.invented += 1
            text = " ".join(str(value) for value in own_lines[place].values())
            result.faults.append(Fault(name, f"{part}[{place}]", "invented", "", text))


def _grouped(part: str, values: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    lines: dict[int, dict[str, Any]] = {}
    for path, value in values.items():
        match = re.match(rf"{part}\[(\d+)\]\.(\w+)$", path)
        if match:
            lines.setdefault(int(match.group(1)), {})[match.group(2)] = value
    return lines


def _aligned(
    true: Mapping[int, Mapping[str, Any]], own: Mapping[int, Mapping[str, Any]], keys: Iterable[str]
) -> list[tuple[int, int | None]]:
    """Each true line with the found line of the same values, in order; else with the one of its place."""
    pairs: list[tuple[int, int | None]] = []
    free = sorted(own)
    keys = tuple(keys)
    for place in sorted(true):
        likeness = [
            (
                sum(
                    key in own[mate] and same(own[mate][key], true[place][key])
                    for key in keys
                    if key in true[place]
                ),
                -mate,
            )
            for mate in free
        ]
        best = max(likeness, default=(0, 0))
        if best[0] > 0:
            pairs.append((place, -best[1]))
            free.remove(-best[1])
        else:
            pairs.append((place, None))
    return pairs


def calibration(judged: Iterable[tuple[float, bool]], bins: int = 10) -> tuple[float, list[dict[str, float]]]:
    """The expected calibration error, and for each bin its count, mean confidence and share that is right."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    total = 0
    for sure, ok in judged:
        groups.setdefault(min(int(sure * bins), bins - 1), []).append((sure, ok))
        total += 1
    table = []
    error = 0.0
    for place in sorted(groups):
        members = groups[place]
        mean = sum(sure for sure, _ in members) / len(members)
        right = sum(ok for _, ok in members) / len(members)
        error += len(members) / total * abs(mean - right)
        table.append({"from": place / bins, "count": len(members), "confidence": mean, "right": right})
    return error, table


def causes(faults: Iterable[Fault]) -> Counter[str]:
    """How many faults there are of each field and cause."""
    return Counter(f"{field_of(fault.path)}: {fault.cause}" for fault in faults)
