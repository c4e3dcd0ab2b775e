"""Deals in a few sentences: where one stands, what happened last, what is to be done and what is late."""

from __future__ import annotations

from abax.writing.services.contracts import Activity, DealContext, DealLine, Task
from abax.writing.services.wording import Wording, paragraphs, sentences, wording
from abax.writing.services.work import Told, Work, language_note
from abax.writing.truth import Facts

_EARLIER = 3
"""Activities before the last one that are told."""


def deal_summary(context: DealContext) -> Work:
    """The summary by template."""
    words = wording("deal", context.language)
    told = Told(words.language)
    happened = sorted((one for one in context.activities if one.on <= context.today), key=lambda one: one.on)
    quiet = (context.today - happened[-1].on).days if happened else None
    late = [task for task in context.tasks if task.due and task.due < context.today]
    text = paragraphs(
        sentences(_head(context, words, told), _lines(context.lines, words, told)),
        _activities(happened, quiet, words, told),
        _tasks(context, words, told),
        _risks(context, words, told),
    )
    delays = [((context.today - task.due).days, "day") for task in late if task.due]
    facts = Facts.of(context, [(quiet, "day")] if quiet is not None else [], delays, words=words.words)
    return Work(
        text=text,
        facts=facts | Facts(language=words.language),
        shown=tuple(told.shown),
        language=words.language,
        confidence=0.95,
        must_say=(Facts.of((context.amount, context.currency)),) if context.amount is not None else (),
        fields={"overdue_tasks": len(late), "days_quiet": quiet},
        prose={"notes": "\n".join(f"{one.on}: {one.text}" for one in happened)},
        notes=language_note(context.language, words.language),
    )


def _head(context: DealContext, words: Wording, told: Told) -> str:
    name = told.name("name", context.name)
    customer = told.name("customer", context.customer) if context.customer else ""
    parts = [
        words.say("head_customer", name=name, customer=customer) if customer else words.say("head", name=name)
    ]
    if context.stage:
        parts.append(words.say("stage", stage=told.name("stage", context.stage)))
    if context.amount is not None:
        parts.append(told.amount("amount", context.amount, context.currency))
    if context.probability is not None:
        parts.append(words.say("probability", probability=told.percent("probability", context.probability)))
    if context.expected_close:
        key = "close_passed" if context.expected_close < context.today else "close"
        parts.append(words.say(key, date=told.day("expected_close", context.expected_close)))
    if context.owner:
        parts.append(words.say("owner", owner=told.name("owner", context.owner)))
    return ", ".join(parts) + "."


def _lines(lines: tuple[DealLine, ...], words: Wording, told: Told) -> str:
    if not lines:
        return ""
    return words.say(
        "lines", lines=told.listed([_line(line, n, words, told) for n, line in enumerate(lines)])
    )


def _line(line: DealLine, place: int, words: Wording, told: Told) -> str:
    path = f"lines.{place}"
    what = told.name(f"{path}.description", line.description)
    if line.quantity is not None:
        what = words.say(
            "line_quantity", quantity=told.number(f"{path}.quantity", line.quantity), description=what
        )
    if line.amount is None:
        return what
    return words.say(
        "line_amount", what=what, amount=told.amount(f"{path}.amount", line.amount, line.currency)
    )


def _activities(happened: list[Activity], quiet: int | None, words: Wording, told: Told) -> list[str]:
    if not happened or quiet is None:
        return [words.say("silent")]
    last = happened[-1]
    values = {"text": told.name("activities.text", last.text)}
    key = "last_today"
    if quiet:
        key = "last_person" if last.person else "last"
        values |= {"date": told.day("activities.on", last.on), "days": told.days("rule:days_quiet", quiet)}
        values |= {"person": told.name("activities.person", last.person)} if last.person else {}
    said = [words.say(key, **values)]
    if earlier := happened[-1 - _EARLIER : -1]:
        points = [
            words.say(
                "point", date=told.day("activities.on", one.on), text=told.name("activities.text", one.text)
            )
            for one in reversed(earlier)
        ]
        said.append(words.say("before", points="; ".join(point.rstrip(".") for point in points) + "."))
    return said


def _tasks(context: DealContext, words: Wording, told: Told) -> list[str]:
    if not context.tasks:
        return []
    return [
        words.say("tasks"),
        *(_task(context, task, n, words, told) for n, task in enumerate(context.tasks)),
    ]


def _task(context: DealContext, task: Task, place: int, words: Wording, told: Told) -> str:
    path = f"tasks.{place}"
    details = [told.name(f"{path}.owner", task.owner)] if task.owner else []
    if task.due:
        shown = told.day(f"{path}.due", task.due)
        late = (context.today - task.due).days
        said = words.say("late", date=shown, days=told.days(f"rule:{path}.days", late)) if late > 0 else ""
        details.append(said or words.say("by", date=shown))
    text = told.name(f"{path}.text", task.text)
    return (
        words.say("task", text=text, details=", ".join(details)) if details else words.say("item", text=text)
    )


def _risks(context: DealContext, words: Wording, told: Told) -> list[str]:
    items = [words.say("item", text=told.name(f"risks.{n}", risk)) for n, risk in enumerate(context.risks)]
    return [words.say("risks"), *items] if items else []
