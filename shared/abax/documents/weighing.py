"""What a model read, weighed against what rules and rankers found.

How often each is right is known: of rules and rankers by their calibrated confidence, of the model by counts
of its answers on documents that it had not seen (``models/reading.json``; ``python -m
training.documents.reading``). Where both say the same, that is likelier than each says alone; where they
differ, the likelier one is chosen, and the other becomes an alternative. Of totals and lines, what adds up
goes before what does not.

Two that are right with chances a and b, independently, agree on what is right with a b, and are both wrong
with (1 - a)(1 - b); of these a share, which was counted, too, is the same wrong value. Where they differ one
is right with a (1 - b), the other with b (1 - a), and neither with the rest of those where both are wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final

from abax.documents.contracts import DocumentType, Evidence
from abax.documents.extract import Alternative
from abax.documents.quality import along, calibrated, group_of
from abax.documents.spans import box_of

if TYPE_CHECKING:
    from abax.documents.asking import Said
    from abax.documents.fields import Fields

ALIKE: Final = 0.5
"""Share of cases in which both err, that they err alike, until it is counted: few values on a page are of a
kind."""
LEAST: Final = 0.4
"""What nothing else was found for is taken from this chance on."""
UNCOUNTED: Final = 0.5
"""How often a model is taken to be right of which nobody has counted it."""
ADDING: Final = 0.5
"""What adds up is so much less likely to be wrong, and what does not, to be right."""
CENT: Final = Decimal("0.01")
_SUMS: Final = ("totals.net", "totals.tax", "totals.gross")
_MEMBER: Final = re.compile(r"(\w+)\[(\d+)\]")


# --- how sure ---------------------------------------------------------------------------------------------


def trust(path: str, type_: DocumentType, likelihood: float | None) -> float:
    """The chance that a value that the model read is right, by the group of its field and by the likelihood
    that the model gave it, where it tells one."""
    family = "receipt" if type_ is DocumentType.RECEIPT else "business"
    groups = _counted().get("groups", {})
    counted = groups.get(f"{family}/{group_of(path)}") or groups.get(family)
    if counted is None:
        return UNCOUNTED
    return counted["share"] if likelihood is None else along(counted["curve"], likelihood)


@lru_cache(maxsize=1)
def _counted() -> dict[str, Any]:
    file = resources.files("abax.documents.models").joinpath("reading.json")
    found: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
    return found


def agreed(one: float, other: float) -> float:
    """The chance of what two say alike."""
    right, wrong = one * other, (1 - one) * (1 - other) * _alike()
    return right / (right + wrong) if right + wrong else 0.5


def against(one: float, other: float) -> float:
    """The chance of what the first says, where the second says something else."""
    right = one * (1 - other)
    rest = other * (1 - one) + (1 - one) * (1 - other) * (1 - _alike())
    return right / (right + rest) if right + rest else 0.5


def _alike() -> float:
    return float(_counted().get("alike", ALIKE))


def evidence_of(path: str, said: Said, type_: DocumentType, sure: float | None = None) -> Evidence:
    """How a model found a value; its confidence is calibrated already."""
    chance = trust(path, type_, said.likelihood) if sure is None else sure
    return Evidence(
        method="model",
        confidence=round(chance, 4),
        text=said.text,
        page=said.place.page,
        box=box_of(said.place.words),
    )


# --- what is taken ----------------------------------------------------------------------------------------


def weigh(fields: Fields, said: Mapping[str, Said]) -> None:
    """Merge what a model read into what was found."""
    sums = {path: one for path, one in said.items() if path in _SUMS}
    lists: dict[str, dict[str, Said]] = {}
    for path, one in said.items():
        member = _MEMBER.match(path)
        if member:
            lists.setdefault(member.group(1), {})[path] = one
        elif path not in sums:
            _one(fields, path, one)
    _totals(fields, sums)
    for name, members in lists.items():
        _list(fields, name, members)


def _one(fields: Fields, path: str, said: Said) -> None:
    """A field by itself."""
    chance = trust(path, fields.type, said.likelihood)
    if path not in fields.values:
        if chance >= LEAST:
            _take(fields, path, said, chance)
        else:
            _offer(fields, path, said, chance)
        return
    before = calibrated(path, fields.evidence[path], fields.type)
    if _same(fields.values[path], said.value):
        _confirm(fields, path, max(before, agreed(before, chance)))
    elif chance > before:
        _take(fields, path, said, against(chance, before))
    else:
        _offer(fields, path, said, against(chance, before))


def _totals(fields: Fields, said: Mapping[str, Said]) -> None:
    """Net, tax and gross: the version that adds up, where one alone does; else each by itself."""
    ours = {path: fields.values.get(path) for path in _SUMS}
    theirs = ours | {path: one.value for path, one in said.items()}
    if _adds(theirs) and not _adds(ours):
        for path, one in said.items():
            chance = trust(path, fields.type, one.likelihood)
            _take(fields, path, one, _by_sum(chance, adds=True))
        return
    for path, one in said.items():
        if _adds(ours) and not _adds(theirs) and not _same(ours[path], one.value):
            _offer(fields, path, one, trust(path, fields.type, one.likelihood))
        else:
            _one(fields, path, one)


def _adds(sums: Mapping[str, Any]) -> bool:
    net, tax, gross = (sums[path] for path in _SUMS)
    return None not in (net, tax, gross) and abs(net + tax - gross) <= CENT


def _list(fields: Fields, name: str, said: Mapping[str, Said]) -> None:
    """A list as a whole: the model's where none was found and it is likely enough, or where it alone adds
    up; what stood in the same places becomes alternatives."""
    old = {path: value for path, value in fields.values.items() if path.startswith(f"{name}[")}
    new = dict(zip(dense(said), said.values(), strict=True))
    totals = {path: value for path, value in fields.values.items() if "[" not in path}
    told = add_up(name, totals, {path: one.value for path, one in new.items()})
    chances = {path: trust(path, fields.type, one.likelihood) for path, one in new.items()}
    if told is not None:
        chances = {path: _by_sum(one, told) for path, one in chances.items()}
    if (old and told is not True) or fmean(chances.values()) < LEAST:
        return
    for path in old:
        if path not in new:
            fields.drop(path)
    for path, one in new.items():
        _take(fields, path, one, chances[path])


def _by_sum(chance: float, adds: bool) -> float:
    """A chance of a value, given whether what it is summed with adds up."""
    return 1 - (1 - chance) * ADDING if adds else chance * ADDING


def dense(paths: Iterable[str]) -> list[str]:
    """The paths with the members of each list counted anew, without gaps."""
    places: dict[str, dict[str, int]] = {}
    found = []
    for path in paths:
        member = _MEMBER.match(path)
        if member is None:
            found.append(path)
            continue
        own = places.setdefault(member.group(1), {})
        place = own.setdefault(member.group(2), len(own))
        found.append(f"{member.group(1)}[{place}]{path[member.end() :]}")
    return found


def _take(fields: Fields, path: str, said: Said, chance: float) -> None:
    """Choose what the model read; what was there before becomes an alternative."""
    if path in fields.values:
        before = Alternative(value=str(fields.values[path]), evidence=fields.evidence[path])
        fields.drop(path)
        fields.alternatives[path] = (before, *fields.alternatives.get(path, ()))
    fields.values[path] = said.value
    fields.evidence[path] = evidence_of(path, said, fields.type, chance)
    _without(fields, path, str(said.value))


def _confirm(fields: Fields, path: str, chance: float) -> None:
    """Keep what both found, surer than before."""
    found = fields.evidence[path]
    fields.evidence[path] = found.model_copy(update={"method": "model", "confidence": round(chance, 4)})


def _offer(fields: Fields, path: str, said: Said, chance: float) -> None:
    """Name what the model read for a person to pick."""
    _without(fields, path, str(said.value))
    one = Alternative(value=str(said.value), evidence=evidence_of(path, said, fields.type, chance))
    fields.alternatives[path] = (one, *fields.alternatives.get(path, ()))


def _without(fields: Fields, path: str, value: str) -> None:
    """A value that is chosen, or named already, is no other."""
    others = tuple(one for one in fields.alternatives.pop(path, ()) if one.value != value)
    if others:
        fields.alternatives[path] = others


def _same(found: Any, said: Any) -> bool:
    """Equal as values; texts by their letters and digits."""
    from abax.documents.lexicon import plain

    if isinstance(found, str) and isinstance(said, str):
        return plain(found) == plain(said)
    return bool(found == said)


# --- what adds up -----------------------------------------------------------------------------------------


def is_lacking(name: str, fields: Fields) -> bool:
    """Whether a list is missing, or does not add up to what the document says of it."""
    members = {path: value for path, value in fields.values.items() if path.startswith(f"{name}[")}
    totals = {path: value for path, value in fields.values.items() if "[" not in path}
    return not members or add_up(name, totals, members) is False


def add_up(name: str, totals: Mapping[str, Any], members: Mapping[str, Any]) -> bool | None:
    """Whether a list makes the totals of its document, to the cent; None where nothing tells."""
    if name == "entries":
        start, end = totals.get("opening_balance"), totals.get("closing_balance")
        made = _sum(name, "amount", members)
        return None if start is None or made is None else _is_one_of(start + made, [end])
    if name == "remittances":
        return _is_one_of(_sum(name, "paid", members), [totals.get("total")])
    debit, credit = _sum(name, "debit", members), _sum(name, "credit", members)
    if debit is not None and credit is not None:
        return abs(debit - credit) <= CENT
    change = totals.get("totals.charges", Decimal(0)) - totals.get("totals.allowances", Decimal(0))
    net, whole = totals.get("totals.net"), totals.get("totals.gross")
    sums = [totals.get("totals.lines"), net, whole]
    sums += [one - change for one in (net, whole) if one is not None]
    told = [_is_one_of(_sum(name, column, members), sums) for column in ("net_amount", "gross_amount")]
    return True if True in told else None if told == [None, None] else False


def _sum(name: str, column: str, members: Mapping[str, Any]) -> Decimal | None:
    """Of a column; None where no member has a value in it."""
    found = [value for path, value in members.items() if re.fullmatch(rf"{name}\[\d+\]\.{column}", path)]
    return sum(found, Decimal(0)) if found else None


def _is_one_of(made: Decimal | None, sums: Sequence[Decimal | None]) -> bool | None:
    known = [one for one in sums if one is not None]
    if made is None or not known:
        return None
    return any(abs(made - one) <= CENT for one in known)
