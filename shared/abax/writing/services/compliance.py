"""Checks of compliance documents: which required ones are there, missing, expired, about to expire.

A document answers a requirement where it bears its name, or another one that the requirement lists, in any
spelling; of several the one counts that holds longest. It is valid up to and including the day it expires.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from abax.writing.services.contracts import Checked, ComplianceContext, DocumentState, Held, Required
from abax.writing.services.wording import Wording, paragraphs, wording
from abax.writing.services.work import Told, Work, language_note
from abax.writing.spelling import plain
from abax.writing.truth import Facts

_FINE = (DocumentState.VALID, DocumentState.EXPIRING)
_ORDER = (*_FINE, DocumentState.UNDATED, DocumentState.NOT_YET, DocumentState.EXPIRED, DocumentState.MISSING)


def compliance(context: ComplianceContext) -> Work:
    """The check by rules, told by template."""
    words = wording("compliance", context.language)
    told = Told(words.language)
    checked = tuple(check(one, context) for one in context.required)
    spare = [
        held.kind for held in context.documents if not any(_answers(held, one) for one in context.required)
    ]
    unfit = sum(one.state not in _FINE for one in checked)
    text = paragraphs(
        [_head(context, words, told), *(_line(one, n, words, told) for n, one in enumerate(checked))],
        _verdict(unfit, len(checked), words, told),
        words.say("not_required", names=told.listed([told.name("documents.kind", one) for one in spare]))
        if spare
        else "",
    )
    counts = [unfit, len(checked), [(abs(one.days), "day") for one in checked if one.days is not None]]
    ends = [one.expires for one in checked if one.expires]
    return Work(
        text=text,
        facts=Facts.of(context, counts, ends, words=words.words) | Facts(language=words.language),
        shown=tuple(told.shown),
        language=words.language,
        fields={"compliant": not unfit, "checked": checked, "not_required": tuple(dict.fromkeys(spare))},
        task={"today": context.today, "required": [one.kind for one in context.required]},
        prose={"documents": [_described(held) for held in context.documents] or ["none"]},
        notes=language_note(context.language, words.language),
    )


def _described(held: Held) -> str:
    """A document as a prompt is told of it."""
    dates = [f"issued {held.issued}"] if held.issued else []
    dates += [f"valid until {held.expires}"] if held.expires else []
    return ", ".join([held.kind, *([held.name] if held.name else []), *dates])


def check(required: Required, context: ComplianceContext) -> Checked:
    """How one required document stands, by the best of those that answer it."""
    found = [_state(held, required, context) for held in context.documents if _answers(held, required)]
    nothing = Checked(kind=required.kind, state=DocumentState.MISSING)
    return min(found, key=lambda one: (_ORDER.index(one.state), -_last(one)), default=nothing)


def _last(one: Checked) -> int:
    return (one.expires or date.max).toordinal()


def _answers(held: Held, required: Required) -> bool:
    return _key(held.kind) in {_key(name) for name in (required.kind, *required.also_called)}


def _key(name: str) -> str:
    """A kind of document as kinds are compared: ``ISO 9001-Certificate`` is ``iso 9001 certificate``."""
    return " ".join(re.findall(r"\w+", plain(name).replace("_", " ")))


def _state(held: Held, required: Required, context: ComplianceContext) -> Checked:
    label = held.name or held.kind
    expires = held.expires
    if expires is None and required.valid_days is not None and held.issued is not None:
        expires = held.issued + timedelta(days=required.valid_days)
    known = Checked(
        kind=required.kind, state=DocumentState.VALID, document=label, issued=held.issued, expires=expires
    )
    if held.issued and held.issued > context.today:
        return known.model_copy(update={"state": DocumentState.NOT_YET})
    if expires is None:
        undated = required.valid_days is not None
        return known.model_copy(update={"state": DocumentState.UNDATED}) if undated else known
    days = (expires - context.today).days
    state = DocumentState.VALID
    if days < 0:
        state = DocumentState.EXPIRED
    elif days <= context.warn_days:
        state = DocumentState.EXPIRING
    return known.model_copy(update={"state": state, "days": days})


def _head(context: ComplianceContext, words: Wording, told: Told) -> str:
    shown = told.day("today", context.today)
    if not context.partner:
        return words.say("head", date=shown)
    return words.say("head_partner", partner=told.name("partner", context.partner), date=shown)


def _verdict(unfit: int, all_: int, words: Wording, told: Told) -> str:
    if not unfit:
        return words.say("complete")
    shown = {"open": told.number("rule:unfit", unfit), "all": told.number("rule:required", all_)}
    return words.say("incomplete", **shown)


def _line(one: Checked, place: int, words: Wording, told: Told) -> str:
    key: str = one.state.value
    values = {"kind": told.name(f"required.{place}.kind", one.kind)}
    if one.state is DocumentState.NOT_YET and one.issued:
        values["date"] = told.day(f"checked.{place}.issued", one.issued)
    elif one.expires:
        values["date"] = told.day(f"checked.{place}.expires", one.expires)
    elif one.state is DocumentState.VALID:
        key = "valid_open"
    if one.days is not None:
        values["days"] = told.days(f"rule:checked.{place}.days", abs(one.days))
        key = "expiring_today" if one.days == 0 else key
    return words.say(key, **values)
