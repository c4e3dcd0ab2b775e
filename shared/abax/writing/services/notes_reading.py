"""Notes as they were written, sorted sentence by sentence: decided, to be done by whom and when, open.

A sentence is one entry. What stands before a colon or above a list says what it is; else its verb does: ``we
agreed to …`` is a decision, and who *will*, *must* or, by a day that is named, does something has a task. An
owner is a name before a colon, behind an at sign, in brackets, or the subject of such a verb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from abax.writing.claims import Claim, Day
from abax.writing.services.contracts import NoteAction, NotesContext
from abax.writing.services.days import next_day
from abax.writing.services.notes_words import (
    AND,
    ASKED_AS_HEADING,
    DAYS_IN_OTHER_CASES,
    DECIDED_AS_HEADING,
    NOT,
    OPEN,
    PAST,
    SHORT,
    STATE,
    TO_DO_AS_HEADING,
    WILL,
    decides,
)
from abax.writing.spelling import language_of
from abax.writing.truth import Facts, claims_of

_BOX: Final = re.compile(r"^\[(?P<done>[ xX]?)\]\s*")
_BULLET: Final = re.compile(r"^\s*(?:[-*•–·]|\d{1,2}[.)])\s+")
_CAPITAL: Final = "A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻ"
_NAME: Final = rf"[{_CAPITAL}][\w'’.-]*[\w](?: [{_CAPITAL}][\w'’-]+){{0,2}}"
_MARKED: Final = (
    re.compile(rf"^(?P<owner>{_NAME})\s*:\s*(?P<text>.+)$"),
    re.compile(rf"^(?P<text>.*?)\s*@(?P<owner>{_NAME}|\w+)(?P<rest>.*)$"),
    re.compile(rf"^(?P<text>.+?)\s*[(\[](?P<owner>{_NAME})(?:[,;][^)\]]*)?[)\]](?P<rest>.*)$"),
)
_BY_SIGN: Final = 1
"""The place in ``_MARKED`` of a form that nothing but an owner has."""
_SUBJECT: Final = re.compile(rf"^(?P<owner>{_NAME}(?:(?:,| {AND}) {_NAME}){{0,3}})(?P<rest>(?: |')\S.*)$")
_WE: Final = re.compile(
    r"^(?:we|i|somebody|someone|wir|ich|jemand|on|nous|je|quelqu'un|nosotros|alguien|noi|io|qualcuno|wij|we|ik|iemand|"
    r"my|ja|ktoś)(?P<rest>(?: |')\S.*)$",
    re.IGNORECASE,
)
"""Somebody who is not named."""
_VERB_FIRST: Final = re.compile(rf"^(?P<verb>[^\W\d_{_CAPITAL}]\w+) (?P<owner>{_NAME}) (?P<rest>\S.*)$")
_LONGEST: Final = 500
"""Characters of a sentence that is looked into for a decision or a task."""
_SECTIONS: Final = (
    ("decisions", DECIDED_AS_HEADING),
    ("questions", ASKED_AS_HEADING),
    ("actions", TO_DO_AS_HEADING),
)


@dataclass
class Noted:
    """What notes hold, in their own words."""

    language: str
    """Of the notes; empty where it cannot be told."""
    decisions: list[str] = field(default_factory=list)
    actions: list[NoteAction] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)


def read_notes(context: NotesContext) -> Noted:
    """Sort the notes of a context."""
    found = Noted(language_of(context.text))
    section, listed = "", False
    for line in context.text.splitlines():
        text = _BULLET.sub("", line).strip()
        bullet = _BULLET.match(line) is not None
        if not text or (listed and not bullet):
            section, listed = "", False
        if not text:
            continue
        listed = listed or bullet
        heading = _heading(text)
        if heading or text.endswith(":"):
            section, listed = heading, False
            continue
        _sort_line(text, section, context, found)
    return found


def _heading(text: str) -> str:
    """The section that a line is the heading of."""
    whole = text.rstrip(" :") + ": "
    return next((name for name, pattern in _SECTIONS if re.fullmatch(pattern.pattern, whole, re.I)), "")


def _sort_line(line: str, section: str, context: NotesContext, found: Noted) -> None:
    """Put each sentence of a line where it belongs; what is said before a colon holds for the first one."""
    for text in sentences_of(line):
        within, said = section, text
        for name, pattern in _SECTIONS:
            if match := pattern.match(text):
                within, said = name, text[match.end() :]
                break
        if box := _BOX.match(said):
            if box["done"].strip():
                found.points.append(said[box.end() :])
                continue
            within, said = "actions", said[box.end() :]
        _sort(said or text, within, context, found)


def _sort(text: str, section: str, context: NotesContext, found: Noted) -> None:
    if section == "questions" or text.endswith("?") or OPEN.match(text):
        found.questions.append(text)
    elif section == "decisions" or (
        section == "" and len(text) <= _LONGEST and decides(text, found.language)
    ):
        found.decisions.append(text)
    elif section in ("", "actions") and (action := _action(text, section, context, found.language)):
        found.actions.append(action)
    else:
        found.points.append(text)


# --- sentences ------------------------------------------------------------------------------------------

_WHOLE: Final = 4
"""Words of what may be a sentence where it ends with a day such as ``30.11.``"""
_END: Final = re.compile(rf"(?<=[.!?])[\"'”»)]*\s+(?=[\"'„“«(¿¡]*[{_CAPITAL}\[@])")


def sentences_of(line: str) -> Iterator[str]:
    """The sentences of a line. A point after a number or an abbreviation ends none, but for a year or an
    amount: ``bis 30.11. die Liste``."""
    begun = 0
    for match in _END.finditer(line):
        if _ends(line[begun : match.start()], line[match.end() :]):
            yield line[begun : match.end()].strip()
            begun = match.end()
    if rest := line[begun:].strip():
        yield rest


def _ends(text: str, after: str) -> bool:
    """Whether what ends with a mark is a whole sentence."""
    if not text.endswith("."):
        return True
    last = text.split()[-1].rstrip(".").casefold()
    if re.fullmatch(r"\d{1,2}", last) or (len(text.split()) < _WHOLE and re.fullmatch(r"\d+\.\d+", last)):
        return False
    if last in ("no", "n", "cat", "item", "material") and re.match(r"\S*\d", after):
        return False
    return not (last in SHORT or re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", last))


# --- tasks ----------------------------------------------------------------------------------------------


def _action(text: str, section: str, context: NotesContext, language: str) -> NoteAction | None:
    """The task in a sentence; without a heading that says so, only where it is somebody's."""
    if len(text) > _LONGEST:
        return NoteAction(text=text) if section == "actions" else None
    due, due_text = _due(text, context, language)
    late = due is not None and due < context.today
    owned = _marked(text, section, context) or _promised(text, section, context, due_text, language)
    if owned is not None:
        owner, task = owned
        return NoteAction(text=task, owner=owner, due=due, due_text=due_text, overdue=late)
    if section != "actions":
        return None
    return NoteAction(text=text, due=due, due_text=due_text, overdue=late)


def _marked(text: str, section: str, context: NotesContext) -> tuple[str, str] | None:
    """The owner and the task of a sentence that sets the owner apart."""
    for place, pattern in enumerate(_MARKED):
        match = pattern.match(text)
        if match and _may_own(match["owner"], place == _BY_SIGN, section, context):
            return match["owner"], f"{match['text']}{match.groupdict().get('rest') or ''}".strip(" ,;")
    return None


def _promised(
    text: str, section: str, context: NotesContext, due: str, language: str
) -> tuple[str, str] | None:
    """The owner and the task of a sentence whose verb says that it is somebody's: by a verb of promise or
    duty, or by any other in the present with a day. The owner is empty where nobody is named. Under a heading
    of tasks, where nobody is known to take part, the first word of any other may be a thing."""
    claims = claims_of(text, Facts(language=language))
    for candidate in (text, _without_day(text, claims)):
        for owner, rest, named in _subjects(candidate, context, claims):
            promises = WILL.match(rest) is not None
            if not promises and (not due or not _acts(rest, language)):
                continue
            if not promises and section and not context.participants:
                continue
            if (promises and due and not named) or _is_owner(owner, promises, context, claims):
                return (owner if named else ""), text
    return None


def _subjects(text: str, context: NotesContext, claims: Sequence[Claim]) -> Iterator[tuple[str, str, bool]]:
    """Who may be the subject of a sentence, what follows, and whether somebody is named."""
    if match := _WE.match(text):
        yield "", match["rest"].lstrip(), False
    if match := _SUBJECT.match(text):
        owner, rest = _shorter(match["owner"], match["rest"], context)
        yield owner, rest.lstrip(), True
    if match := _VERB_FIRST.match(text):
        yield match["owner"], f"{match['verb']} {match['rest']}", True


def _shorter(owner: str, rest: str, context: NotesContext) -> tuple[str, str]:
    """Without a capital word behind a participant's name that is none of it, as in ``Mara Angebote``."""
    for name in sorted(_names(context), key=len, reverse=True):
        if owner.casefold().startswith(f"{name} ") and not re.search(rf",| {AND} ", owner):
            return owner[: len(name)], owner[len(name) :] + rest
    return owner, rest


def _acts(rest: str, language: str) -> bool:
    """Whether what follows a name is a verb in the present, of doing something."""
    verb = re.match(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", rest)
    if verb is None or STATE.match(rest) or NOT.search(rest) or verb.group()[0].isupper():
        return False
    return re.fullmatch(PAST.get(language, "(?!)"), verb.group(), re.IGNORECASE) is None


def _without_day(text: str, claims: Sequence[Claim]) -> str:
    """What follows a day that a sentence begins with: ``By Friday, Mara sends …``."""
    for claim in claims:
        if claim.kind == "date" and len(text[: claim.start].split()) <= 3:
            return text[claim.end :].lstrip(" ,.")
    return text


def _names(context: NotesContext) -> set[str]:
    whole = [name.casefold() for name in context.participants if name]
    return {*whole, *(name.split()[0] for name in whole)}


def _is_owner(owner: str, promises: bool, context: NotesContext, claims: Sequence[Claim]) -> bool:
    """Somebody of the meeting; where nobody is known, whoever has promised or is a name by its words."""
    if not owner:
        return False
    parts = re.split(rf",\s*| {AND} ", owner)
    if context.participants:
        return all(part.casefold() in _names(context) for part in parts)
    named = {word for claim in claims if claim.kind == "name" for word in claim.text.split()}
    return promises or all(part.split()[0] in named for part in parts)


def _may_own(owner: str, by_sign: bool, section: str, context: NotesContext) -> bool:
    """Somebody of the meeting, or whoever stands where only an owner does. ``Price: 5 EUR`` has none."""
    if owner.casefold() in _names(context):
        return True
    return not context.participants and (section == "actions" or by_sign)


def _due(text: str, context: NotesContext, language: str) -> tuple[date | None, str]:
    """The last date that a task names; a day without a year or of the week is the next one."""
    held = context.held_on or context.today
    plain = re.sub(r"[^\W\d_]+", lambda word: DAYS_IN_OTHER_CASES.get(word.group(), word.group()), text)
    for claim in reversed(claims_of(plain, Facts(language=language))):
        days = [reading for reading in claim.readings if isinstance(reading, Day)]
        if claim.kind == "date" and days and (found := next_day(days[0], held)):
            return found, claim.text
    return None, ""
