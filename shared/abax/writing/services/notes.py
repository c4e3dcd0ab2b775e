"""Notes in brief: what was decided, what is to be done by whom and when, what is open.

Read by rules (``notes_reading``), sentence by sentence, and told in the notes' own words: nothing can be
invented. Headings are in the language wanted, else in that of the notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from abax.writing.services.contracts import NoteAction, NotesContext
from abax.writing.services.notes_reading import read_notes
from abax.writing.services.wording import Wording, paragraphs, wording
from abax.writing.services.work import Told, Work, language_note
from abax.writing.truth import Facts

_POINTS: Final = 5
"""Other lines that are told."""


def notes_summary(context: NotesContext) -> Work:
    """The summary by rules, told by template."""
    found = read_notes(context)
    wanted = (
        context.language if "language" in context.model_fields_set else found.language or context.language
    )
    words = wording("notes", wanted)
    told = Told(words.language)
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
        notes=language_note(wanted, words.language),
    )


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
