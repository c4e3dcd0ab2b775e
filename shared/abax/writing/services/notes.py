"""Notes in brief: what was decided, what is to be done by whom and when, what is open.

Read by rules, line by line, and told in the notes' own words: nothing can be invented. An owner is a name
before a colon, behind an at sign, in brackets, or in front of a verb of promise; a day of the week is the
next one after the day of the notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from abax.writing.claims import Day
from abax.writing.services.contracts import NoteAction, NotesContext
from abax.writing.services.wording import Wording, paragraphs, wording
from abax.writing.services.work import Told, Work, language_note
from abax.writing.spelling import language_of
from abax.writing.truth import Facts, claims_of

_POINTS: Final = 5
"""Other lines that are told."""

_DECIDED: Final = re.compile(
    r"^(?:decision|decided|agreed|entscheidung|entschieden|beschluss|beschlossen|vereinbart|décision|décidé|decisión|"
    r"acordado|decisione|deciso|besluit|besloten|decyzja|ustalono)\b(?:en|s)?\s*[:–-]?\s*",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(
    r"^(?:open(?: question| point)?s?|question|offen|frage|à clarifier|pregunta|domanda|vraag|pytanie)"
    r"\s*:\s*",
    re.IGNORECASE,
)
_TO_DO: Final = re.compile(
    r"^(?:action(?: item)?s?|to-?do|task|next step|aufgabe|todo|zu tun|nächster schritt|à faire|"
    r"action à mener|tarea|acción|azione|da fare|actie|actiepunt|zadanie|do zrobienia)s?\s*[:–-]\s*",
    re.IGNORECASE,
)
_BOX: Final = re.compile(r"^\[(?P<done>[ xX]?)\]\s*")
_BULLET: Final = re.compile(r"^\s*(?:[-*•–·]|\d{1,2}[.)])\s+")
_NAME: Final = r"[A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻ][\w'’.-]+(?: [A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻ][\w'’-]+){0,2}"
_OWNER: Final = (
    re.compile(rf"^(?P<owner>{_NAME})\s*:\s*(?P<text>.+)$"),
    re.compile(rf"^(?P<text>.*?)\s*@(?P<owner>{_NAME}|\w+)(?P<rest>.*)$"),
    re.compile(rf"^(?P<text>.+?)\s*[(\[](?P<owner>{_NAME})(?:[,;][^)\]]*)?[)\]](?P<rest>.*)$"),
    re.compile(
        rf"^(?P<owner>{_NAME}) (?:will|to|shall|is to|has to|must|takes|wird|soll|muss|kümmert sich|"
        r"übernimmt|doit|va|tiene que|debe|deve|zal|moet|ma)\b (?P<text>.+)$"
    ),
)
_LONGEST: Final = 500
"""Characters of a line that may be a task with its owner."""
_PROMISE: Final = 3
"""The place in ``_OWNER`` of what is a task only where the sentence promises something."""
_SECTIONS: Final = (("decisions", _DECIDED), ("questions", _ASKED), ("actions", _TO_DO))


@dataclass
class _Found:
    decisions: list[str] = field(default_factory=list)
    actions: list[NoteAction] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)


def notes_summary(context: NotesContext) -> Work:
    """The summary by rules, told by template."""
    words = wording("notes", context.language)
    told = Told(words.language)
    found = _read(context)
    text = paragraphs(
        _head(context, words, told),
        _items("points", found.points[:_POINTS], words, told),
        _items("decisions", found.decisions, words, told),
        _actions(context, found.actions, words, told),
        _items("questions", found.questions, words, told),
    )
    dues = [one.due for one in found.actions if one.due]
    facts = Facts.of(
        context.title, context.participants, context.held_on, context.today, dues, words=words.words
    )
    return Work(
        text=text,
        facts=(facts | Facts(language=words.language)).passage(context.text),
        shown=tuple(told.shown),
        language=words.language,
        confidence=0.8 if found.actions or found.decisions else 0.5,
        fields={
            "decisions": tuple(found.decisions),
            "actions": tuple(found.actions),
            "questions": tuple(found.questions),
            "points": tuple(found.points[:_POINTS]),
            "unowned": sum(not one.owner for one in found.actions),
        },
        prose={"notes": context.text},
        notes=language_note(context.language, words.language),
    )


# --- reading --------------------------------------------------------------------------------------------


def _read(context: NotesContext) -> _Found:
    found = _Found()
    section, listed = "", False
    for line in context.text.splitlines():
        text = _BULLET.sub("", line).strip()
        bullet = _BULLET.match(line) is not None
        if not text or (listed and not bullet):
            section, listed = "", False
        if not text:
            continue
        listed = listed or bullet
        heading = next(
            (
                name
                for name, pattern in _SECTIONS
                if re.fullmatch(pattern.pattern, text.rstrip(" :") + ": ", re.I)
            ),
            "",
        )
        if heading or text.endswith(":"):
            section, listed = heading, False
            continue
        _sort(text, section, context, found)
    return found


def _sort(text: str, section: str, context: NotesContext, found: _Found) -> None:
    """Put a line where it belongs: by its first word, its owner, the heading that it stands under."""
    for name, pattern in _SECTIONS:
        if match := pattern.match(text):
            section, text = name, text[match.end() :]
            break
    if box := _BOX.match(text):
        if box["done"].strip():
            found.points.append(text[box.end() :])
            return
        section, text = "actions", text[box.end() :]
    action = _action(text, section, context)
    if section == "questions" or text.endswith("?"):
        found.questions.append(text)
    elif action is not None and section in ("", "actions"):
        found.actions.append(action)
    elif section == "decisions":
        found.decisions.append(text)
    else:
        found.points.append(text)


def _action(text: str, section: str, context: NotesContext) -> NoteAction | None:
    """The task in a line; without a heading that says so, only where it names an owner."""
    language = language_of(context.text)
    for place, pattern in enumerate(_OWNER):
        match = pattern.match(text) if len(text) <= _LONGEST else None
        if match is None or not _may_own(match["owner"], place, text, section, context):
            continue
        due, due_text = _due(text, context, language)
        task = (
            text
            if place == _PROMISE
            else f"{match['text']}{match.groupdict().get('rest') or ''}".strip(" ,;")
        )
        late = due is not None and due < context.today
        return NoteAction(text=task, owner=match["owner"], due=due, due_text=due_text, overdue=late)
    if section != "actions":
        return None
    due, due_text = _due(text, context, language)
    return NoteAction(text=text, due=due, due_text=due_text, overdue=due is not None and due < context.today)


def _may_own(owner: str, place: int, text: str, section: str, context: NotesContext) -> bool:
    """Somebody of the meeting, or whoever stands where only an owner does. ``Price: 5 EUR`` has none."""
    first = {name.split()[0].casefold() for name in context.participants if name}
    whole = {name.casefold() for name in context.participants}
    if owner.casefold() in first | whole:
        return True
    return not context.participants and (section == "actions" or place in (1, _PROMISE))


_WEEK: Final = 7


def _due(text: str, context: NotesContext, language: str) -> tuple[date | None, str]:
    """The last date that a task names; a day without a year or of the week is the next one."""
    held = context.held_on or context.today
    for claim in reversed(claims_of(text, Facts(language=language))):
        days = [reading for reading in claim.readings if isinstance(reading, Day)]
        if claim.kind == "date" and days and (found := _next(days[0], held)):
            return found, claim.text
    return None, ""


def _next(told: Day, after: date) -> date | None:
    """The first day from ``after`` on that is told like this."""
    if told.year and told.month and told.day:
        try:
            return date(told.year, told.month, told.day)
        except ValueError:
            return None
    if told.weekday and not told.month:
        return after + timedelta(days=(told.weekday - after.isoweekday() - 1) % _WEEK + 1)
    if told.month and told.day:
        return next(_same_days(told, after), None)
    return None


def _same_days(told: Day, after: date) -> Iterator[date]:
    for year in (after.year, after.year + 1):
        try:
            found = date(year, told.month, told.day)
        except ValueError:
            continue
        if found >= after:
            yield found


# --- telling --------------------------------------------------------------------------------------------


def _head(context: NotesContext, words: Wording, told: Told) -> list[str]:
    shown = told.day("held_on", context.held_on) if context.held_on else ""
    title = told.name("title", context.title)
    lines = [words.say("head", title=title)] if title else []
    if shown:
        lines = [words.say("head_date", title=title, date=shown) if title else words.say("date", date=shown)]
    if context.participants:
        names = [told.name(f"participants.{n}", one) for n, one in enumerate(context.participants)]
        lines.append(words.say("participants", names=told.listed(names)))
    return lines


def _items(key: str, items: Sequence[str], words: Wording, told: Told) -> list[str]:
    return (
        [words.say(key), *(words.say("item", text=told.name("text", one)) for one in items)] if items else []
    )


def _actions(context: NotesContext, actions: Sequence[NoteAction], words: Wording, told: Told) -> list[str]:
    lines = []
    for one in actions:
        owner = words.say("owner", owner=told.name("text", one.owner)) if one.owner else words.say("nobody")
        details = [owner]
        if one.due:
            key = "late" if one.overdue else "due"
            details.append(words.say(key, date=told.day("rule:due", one.due)))
        lines.append(words.say("action", text=told.name("text", one.text), details=", ".join(details)))
    return [words.say("actions"), *lines] if lines else []
