"""Follow-up e-mails: what was agreed, what is open and with whom, the offer, the next step."""

from __future__ import annotations

from datetime import date

from abax.errors import InvalidRequest
from abax.writing.services.contracts import FollowUpContext, Quote, Task
from abax.writing.services.sense import Bound, Sense
from abax.writing.services.wording import Wording, paragraphs, sentences, wording
from abax.writing.services.work import Told, Work, signature
from abax.writing.truth import Facts


def follow_up(context: FollowUpContext) -> Work:
    """The e-mail by template. Raises InvalidRequest where a day cannot be."""
    _check_days(context)
    words = wording("follow_up", context.language)
    told = Told(words.language)
    topic = told.name("topic", context.topic)
    facts = Facts.of(context, words=words.words) | Facts(language=words.language)
    text = paragraphs(
        _greeting(context, words, told),
        _opening(context, words, told, topic),
        _agreed(context, words, told),
        _open(context, words, told),
        sentences(*_quote(context.quote, words, told)),
        words.say("next", text=told.name("next_step", context.next_step)) if context.next_step else "",
        _ask(context, words, told),
        [words.say("closing"), *(told.name("sender", line) for line in signature(context.sender) if line)],
    )
    return Work(
        text=text,
        subject=words.say("subject", topic=topic),
        facts=facts,
        shown=tuple(told.shown),
        language=words.language,
        confidence=0.95 if context.agreed or context.open_points or context.next_step else 1.0,
        must_say=_must_say(context),
        sense=_sense(context, words),
        task={"tone": "friendly", "aim": _aim(context)},
    )


def _check_days(context: FollowUpContext) -> None:
    """Refuse a conversation to come, and an answer or an offer's end that has passed, naming the field."""
    today, quote = context.today, context.quote
    if context.last_contact and context.last_contact > today:
        raise InvalidRequest(f"{context.last_contact} is after {today}", "last_contact")
    if context.answer_by and context.answer_by < today:
        raise InvalidRequest(f"{context.answer_by} is before {today}", "answer_by")
    if quote and quote.valid_until and quote.valid_until < today:
        raise InvalidRequest(f"{quote.valid_until} is before {today}", "quote.valid_until")


def _greeting(context: FollowUpContext, words: Wording, told: Told) -> str:
    name = context.recipient.name
    if not name or words.language == "pl":
        return words.say("greeting_unknown")
    return words.say("greeting", contact=told.name("recipient.name", name))


def _opening(context: FollowUpContext, words: Wording, told: Told, topic: str) -> str:
    if context.last_contact is None:
        return words.say("opening_undated", topic=topic)
    return words.say("opening", date=told.day("last_contact", context.last_contact), topic=topic)


def _agreed(context: FollowUpContext, words: Wording, told: Told) -> list[str]:
    points = [words.say("point", text=told.name(f"agreed.{n}", one)) for n, one in enumerate(context.agreed)]
    return [words.say("agreed"), *points] if points else []


def _open(context: FollowUpContext, words: Wording, told: Told) -> list[str]:
    tasks = [task_line(task, f"open_points.{n}", words, told) for n, task in enumerate(context.open_points)]
    return [words.say("open"), *tasks] if tasks else []


def task_line(task: Task, path: str, words: Wording, told: Told) -> str:
    """A task with who does it and by when, where that is known."""
    details = [told.name(f"{path}.owner", task.owner)] if task.owner else []
    if task.due:
        details.append(words.say("by", date=told.day(f"{path}.due", task.due)))
    text = told.name(f"{path}.text", task.text)
    return (
        words.say("task", text=text, details=", ".join(details)) if details else words.say("point", text=text)
    )


def _quote(quote: Quote | None, words: Wording, told: Told) -> list[str]:
    if quote is None:
        return []
    reference = told.name("quote.reference", quote.reference)
    if quote.amount is None:
        said = [words.say("quote", reference=reference)]
    else:
        amount = told.amount("quote.amount", quote.amount, quote.currency)
        said = [words.say("quote_amount", reference=reference, amount=amount)]
    if quote.valid_until:
        said.append(words.say("valid", date=told.day("quote.valid_until", quote.valid_until)))
    return said


def _ask(context: FollowUpContext, words: Wording, told: Told) -> str:
    if context.answer_by is None:
        return words.say("ask")
    return words.say("ask_by", date=told.day("answer_by", context.answer_by))


def _aim(context: FollowUpContext) -> str:
    """What the e-mail is to achieve, for a prompt."""
    return (
        "to get an answer about the quote"
        if context.quote
        else "to follow up on a conversation and agree the next step"
    )


def _sense(context: FollowUpContext, words: Wording) -> Sense:
    tasks, quote = context.open_points, context.quote
    bound = [Bound(one.text, dates=_days(one.due), owner=one.owner) for one in tasks]
    if quote:
        amounts = frozenset([(quote.amount, quote.currency)] if quote.amount is not None else [])
        bound.append(Bound(quote.reference, amounts))
    return Sense(
        kind="follow_up",
        language=words.language,
        bound=tuple(bound),
        roles=(
            ("pay", _days(context.answer_by)),
            ("met", _days(context.last_contact)),
            ("valid", _days(quote.valid_until if quote else None)),
            ("task", frozenset(one.due for one in tasks if one.due)),
            ("stand", frozenset([context.today])),
        ),
        prose=(*context.agreed, *(one.text for one in tasks), context.next_step),
        writer=context.sender.name,
    )


def _days(day: date | None) -> frozenset[date]:
    return frozenset([day] if day else [])


def _must_say(context: FollowUpContext) -> tuple[Facts, ...]:
    quote, by = context.quote, context.answer_by
    found = [Facts.of((quote.amount, quote.currency))] if quote and quote.amount is not None else []
    return (*found, *((Facts.of(by),) if by else ()))
