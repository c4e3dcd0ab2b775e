"""The desk that texts are written at: which services there are, who words a text, and what may leave.

Every context is worked through by rules and told by template first. Where a model is wanted, its text takes
the template's place only if it says nothing that the facts do not hold, leaves out nothing that must be said,
and is in the right language; else the template's stands, and the result says why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from abax.errors import AbaxError, InvalidRequest, NotFound, listed
from abax.faults import refused
from abax.writing.claims import cleaned
from abax.writing.client import Client
from abax.writing.outputs import ComplianceFindings, DealSummary, EmailDraft, NotesSummary, ShortText
from abax.writing.prompts import Prompt, prompt
from abax.writing.services import contracts
from abax.writing.services.compliance import compliance
from abax.writing.services.contracts import MODES, Channel, Written, used
from abax.writing.services.deals import deal_summary
from abax.writing.services.follow_ups import follow_up
from abax.writing.services.notes import notes_summary
from abax.writing.services.orders import order_analysis
from abax.writing.services.proven import is_proven
from abax.writing.services.reminders import reminder
from abax.writing.services.sense import common_words, sense_faults
from abax.writing.services.work import Work
from abax.writing.spelling import language_of
from abax.writing.truth import Facts, claims_of, faults

AT_MOST: Final = 8
"""How many texts are worded together, unless told otherwise."""
MOST_CONTEXTS: Final = 500
"""In one batch."""
_BY_MODEL: Final = 0.85
"""Confidence in a text that a model worded and that passed every check."""
AGAIN: Final = 0.4
"""Temperature of a second draft."""
_WORDS: Final = (DealSummary, EmailDraft, NotesSummary, ShortText)
"""Answers that are texts."""

_BEFORE_A_DAY: Final = {
    "en": re.compile(r"\b(?:on|by|until|since)\s+$", re.IGNORECASE),
    "de": re.compile(r"\b(?:am|bis|zum|seit|dem)\s+$", re.IGNORECASE),
}
"""Words behind which no amount stands; of the languages of deals."""
_ENGLISH: Final = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
}


@dataclass(frozen=True)
class Service:
    """One thing that can be written."""

    name: str
    about: str
    context: type[contracts.Context]
    result: type[Written]
    work: Callable[[Any], Work]
    prompt: Callable[[Any], str]
    """The prompt for a context; empty where no model has a say."""


SERVICES: Final[dict[str, Service]] = {
    one.name: one
    for one in (
        Service(
            "follow-up",
            "an e-mail after a conversation or an offer",
            contracts.FollowUpContext,
            contracts.FollowUp,
            follow_up,
            lambda context: "email.followup",
        ),
        Service(
            "reminder",
            "a reminder of overdue invoices, as e-mail or WhatsApp message",
            contracts.ReminderContext,
            contracts.Reminder,
            reminder,
            lambda context: "reminder.email" if context.channel is Channel.EMAIL else "reminder.whatsapp",
        ),
        Service(
            "deal-summary",
            "where a deal stands, in a few sentences",
            contracts.DealContext,
            contracts.DealSummary,
            deal_summary,
            lambda context: "deal.summarize",
        ),
        Service(
            "compliance",
            "which required documents are there, missing or expired",
            contracts.ComplianceContext,
            contracts.ComplianceCheck,
            compliance,
            lambda context: "deal.compliance_check",
        ),
        Service(
            "order",
            "what a received order orders, and where it is not what was offered",
            contracts.OrderContext,
            contracts.OrderAnalysis,
            order_analysis,
            lambda context: "deal.order_received_analysis" if context.text else "",
        ),
        Service(
            "notes",
            "notes in brief: decisions, who does what by when, open questions",
            contracts.NotesContext,
            contracts.NotesSummary,
            notes_summary,
            lambda context: "notes.summarize",
        ),
    )
}
"""What can be written, by the name that the API and the command line have for it."""


@dataclass(frozen=True)
class Desk:
    """Who may word a text."""

    client: Client | None = None
    mode: str = "auto"
    """One of ``MODES``. ``auto``: a model only for prompts that it is proven to do well."""
    at_most: int = AT_MOST
    """Texts that a model words together."""


@dataclass(frozen=True)
class Failed:
    """A context of a batch that nothing could be written for, and why."""

    error: AbaxError

    def at(self, index: int) -> dict[str, Any]:
        """As results of a batch tell it: which context it was, from 0, and what was wrong with it."""
        return {"index": index, "error": self.error.as_dict()}


def service(name: str) -> Service:
    """The service of that name. Raises NotFound, naming those there are."""
    if name not in SERVICES:
        raise NotFound(f"the writer has no service {name!r}; there are {listed(SERVICES)}")
    return SERVICES[name]


def example_of(name: str) -> dict[str, Any]:
    """A context to begin with, such as a user would fill in. Raises NotFound."""
    return dict(_examples()[service(name).name])


def schema_of(name: str) -> dict[str, Any]:
    """The JSON schema of a service's context, with an example. Raises NotFound."""
    return {**service(name).context.model_json_schema(), "examples": [example_of(name)]}


@cache
def _examples() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "examples.toml").read_text(encoding="utf-8"))


def context_of(name: str, content: Mapping[str, Any]) -> contracts.Context:
    """The context of a service, from JSON. Raises NotFound, and InvalidRequest naming the field at fault."""
    try:
        return service(name).context.model_validate(content)
    except ValidationError as error:
        raise refused(error, "context") from None


def contexts_of(name: str, contents: Sequence[Any]) -> list[contracts.Context | Failed]:
    """The contexts of a batch, each where it stands; what is none stops no other. Raises NotFound."""
    service(name)
    return [_context_or_fault(name, content) for content in contents]


def _context_or_fault(name: str, content: Any) -> contracts.Context | Failed:
    try:
        return context_of(name, content)
    except InvalidRequest as error:
        return Failed(error)


def write(name: str, context: contracts.Context, desk: Desk = Desk()) -> Written:
    """The text of one context. Raises NotFound, InvalidRequest."""
    [found] = write_all(name, [context], desk)
    if isinstance(found, Failed):
        raise found.error
    return found


def write_all(
    name: str,
    contexts: Sequence[contracts.Context | Failed],
    desk: Desk = Desk(),
) -> list[Written | Failed]:
    """The text of each context, in order; a model words at most ``desk.at_most`` of them at a time. What has
    failed before stays where it is.

    Raises:
        NotFound: there is no such service.
        InvalidRequest: too many contexts, or no such mode.
    """
    chosen = service(name)
    if desk.mode not in MODES:
        raise InvalidRequest(f"{desk.mode!r} is none of {listed(MODES)}", "model")
    if len(contexts) > MOST_CONTEXTS:
        raise InvalidRequest(f"{len(contexts):,} are too many at once; at most {MOST_CONTEXTS}", "contexts")
    works = [_worked(chosen, context) for context in contexts]
    told = [_by_template(chosen, one) if isinstance(one, Work) else one for one in works]
    for label, places in _to_be_worded(chosen, contexts, told, desk).items():
        for start in range(0, len(places), max(1, desk.at_most)):
            some = places[start : start + max(1, desk.at_most)]
            for place, result in zip(
                some, _worded(chosen, label, [works[p] for p in some], desk), strict=True
            ):
                told[place] = result
    return told


def _worked(chosen: Service, context: contracts.Context | Failed) -> Work | Failed:
    if isinstance(context, Failed):
        return context
    try:
        if not isinstance(context, chosen.context):
            raise InvalidRequest(f"{chosen.name} needs a {chosen.context.__name__}", "context")
        return chosen.work(context)
    except InvalidRequest as error:
        return Failed(error)


# --- by template ----------------------------------------------------------------------------------------


def _by_template(chosen: Service, work: Work, refused: Sequence[str] = ()) -> Written | Failed:
    """The template's text, which is held to the facts like any other."""
    given = [shown for _, _, shown in work.shown]
    if found := faults(f"{work.subject}\n\n{work.text}", work.facts, given):
        return Failed(InvalidRequest(f"no text can be made of it: {'; '.join(found[:3])}", "context"))
    label = f"template:{chosen.name}"
    return _result(chosen, work, work.subject, work.text, label, work.confidence, refused)


def _result(
    chosen: Service,
    work: Work,
    subject: str,
    text: str,
    method: str,
    confidence: float,
    refused: Sequence[str],
) -> Written:
    return chosen.result.model_validate(
        {
            **work.fields,
            "service": chosen.name,
            "text": text,
            "subject": subject,
            "language": work.language,
            "confidence": confidence,
            "method": method,
            "facts": used(list(dict.fromkeys(work.shown)), f"{subject}\n{text}"),
            "refused": tuple(refused),
            "notes": work.notes,
        }
    )


# --- by a model -----------------------------------------------------------------------------------------


def _to_be_worded(
    chosen: Service,
    contexts: Sequence[contracts.Context | Failed],
    told: Sequence[Written | Failed],
    desk: Desk,
) -> dict[str, list[int]]:
    """The places of those contexts that a model is asked about, by prompt."""
    wanted: dict[str, list[int]] = {}
    if desk.mode == "never" or desk.client is None:
        return wanted
    for place, (context, text) in enumerate(zip(contexts, told, strict=True)):
        if isinstance(context, Failed) or isinstance(text, Failed):
            continue
        label = chosen.prompt(context)
        if label and (desk.mode == "always" or is_proven(label, desk.client)):
            version = desk.client.prompt(label, context.model_dump_json()).label
            wanted.setdefault(version, []).append(place)
    return wanted


def _worded(chosen: Service, label: str, works: Sequence[Any], desk: Desk) -> list[Written | Failed]:
    """What a model makes of some contexts; the template's text for each where it fails or invents. What was
    not taken is drafted once more, with a little chance: the likeliest words were no use."""
    try:
        asked = prompt(label)
        results = _drafted(chosen, asked, works, desk)
        again = [place for place, (_, may_again) in enumerate(results) if may_again]
        warmer = replace(asked, temperature=max(asked.temperature, AGAIN))
        second = _drafted(chosen, warmer, [works[place] for place in again], desk) if again else []
    except AbaxError as error:
        return [_by_template(chosen, work, [str(error)]) for work in works]
    told = [result for result, _ in results]
    for place, (result, _) in zip(again, second, strict=True):
        told[place] = _better(told[place], result)
    return told


def _drafted(
    chosen: Service, asked: Prompt, works: Sequence[Any], desk: Desk
) -> list[tuple[Written | Failed, bool]]:
    """One draft of each, and whether it is words that were not taken."""
    assert desk.client is not None
    answers = desk.client.ask_all(asked, [_variables(asked, work) for work in works])
    model = desk.client.name_of(asked)
    results = [
        _signed_by(model, _checked(chosen, asked, work, answer))
        for work, answer in zip(works, answers, strict=True)
    ]
    wrong = [
        isinstance(answer, BaseModel) and isinstance(result, Written) and bool(result.refused)
        for answer, result in zip(answers, results, strict=True)
    ]
    desk.client.refuse(asked, sum(wrong))
    return [
        (result, bad and isinstance(answer, _WORDS))
        for answer, result, bad in zip(answers, results, wrong, strict=True)
    ]


def _better(first: Written | Failed, second: Written | Failed) -> Written | Failed:
    """The second draft where it was taken, with why the first was not; else the template's text."""
    if not isinstance(first, Written) or not isinstance(second, Written) or second.refused:
        return first
    return second.model_copy(update={"refused": first.refused})


def _signed_by(model: str, result: Written | Failed) -> Written | Failed:
    """With the model's name, where its words were taken."""
    if isinstance(result, Written) and result.method.startswith("model:"):
        return result.model_copy(update={"model": model})
    return result


def _variables(asked: Prompt, work: Work) -> dict[str, Any]:
    """What the prompt declares, of what there is."""
    facts: dict[str, str] = {}
    for name, _, shown in work.shown:
        facts.setdefault(name.removeprefix("rule:").replace("_", " "), shown)
    there = {"facts": facts, "language": _ENGLISH[work.language], **work.task, **work.prose}
    return {one.name: there[one.name] for one in asked.variables if there.get(one.name)}


def _checked(chosen: Service, asked: Prompt, work: Work, answer: object) -> Written | Failed:
    if isinstance(answer, AbaxError):
        return _by_template(chosen, work, [str(answer)])
    if isinstance(answer, ComplianceFindings):
        return _compared(chosen, asked, work, answer)
    if work.worked_on is not None:
        return _from_answer(chosen, asked, work, answer)
    subject, text = _text_of(answer, work)
    if against := objections(subject, text, work):
        return _by_template(chosen, work, against)
    text = _signed(text, work) if isinstance(answer, EmailDraft) else text
    return _result(chosen, work, subject, text, f"model:{asked.label}", _BY_MODEL * work.confidence, ())


def _from_answer(chosen: Service, asked: Prompt, work: Work, answer: object) -> Written | Failed:
    """What rules make of a typed answer; of the context alone where it does not bear the answer out."""
    assert work.worked_on is not None
    try:
        told = _by_template(chosen, work.worked_on(answer))
    except InvalidRequest as error:
        return _by_template(chosen, work, [str(error)])
    if isinstance(told, Failed):
        return _by_template(chosen, work, [str(told.error)])
    return told.model_copy(update={"method": f"model:{asked.label}"})


def _text_of(answer: object, work: Work) -> tuple[str, str]:
    """The subject and the text of an answer of any of the prompts' types."""
    match answer:
        case EmailDraft():
            return (" ".join(answer.subject.split()) if work.subject else ""), answer.body.strip()
        case ShortText():
            return "", answer.text.strip()
        case DealSummary():
            points = "\n".join(f"- {point}" for point in answer.points)
            return "", "\n\n".join(
                part for part in (answer.summary.strip(), points, answer.next_step.strip()) if part
            )
        case NotesSummary():
            return "", "\n\n".join((answer.summary.strip(), work.text))
        case BaseModel():
            return "", ""
    return "", ""


def _signed(text: str, work: Work) -> str:
    """With the sender's lines, which a model is told to leave out."""
    lines = [shown for name, _, shown in work.shown if name == "sender" and shown in work.text.splitlines()]
    missing = [line for line in dict.fromkeys(lines) if line not in text]
    return "\n".join((text, *missing))


def objections(subject: str, text: str, work: Work) -> list[str]:
    """Why a text that a model wrote may not take the template's place; empty where it may."""
    whole = f"{subject}\n\n{text}".strip()
    if not text:
        return ["it has no text"]
    found = faults(whole, work.facts | common_words(work.sense) if work.sense else work.facts)
    strange = _senseless(subject, text, work) if not found else []
    language = language_of(text)
    if language and language != work.language and (strange or found or not work.sense):
        found.append(f"it is in {language!r}, not in {work.language!r}")
    found += strange
    found += _in_place_of_a_day(whole, work)
    if len(whole) > work.most:
        found.append(f"it has {len(whole):,} characters, at most {work.most:,}")
    found += _left_out(whole, work)
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 20]
    if len(lines) != len(set(lines)):
        found.append("it repeats itself")
    return found


def _senseless(subject: str, text: str, work: Work) -> list[str]:
    """What a letter says in words, or of something else, that its facts do not."""
    if work.sense is None:
        return []
    return sense_faults(subject, text, f"{work.subject}\n\n{work.text}", work.sense, work.facts)


def _in_place_of_a_day(text: str, work: Work) -> list[str]:
    """An amount where a day belongs, in a text whose sentences are not looked at one by one."""
    before = _BEFORE_A_DAY.get(work.language)
    if work.sense or not before:
        return []
    plain = cleaned(text)
    return [
        f"{one.text!r} stands where a day belongs"
        for one in claims_of(text, work.facts)
        if one.kind == "amount" and before.search(plain[: one.start])
    ]


def _left_out(text: str, work: Work) -> list[str]:
    """What the text had to state and does not, in any spelling."""
    claims = claims_of(text, Facts(language=work.language))
    small = " ".join(text.split()).casefold()
    missing = []
    for fact in work.must_say:
        stated = any(fact.hold(reading) for claim in claims for reading in claim.readings)
        named = bool(fact.names) and all(name.casefold() in small for name in fact.names)
        if not stated and not named:
            missing.append(f"it leaves out {_said(fact)}")
    return missing


def _said(fact: Facts) -> str:
    parts = [
        *fact.names,
        *map(str, fact.dates),
        *(f"{value} {unit}" for value, unit in fact.amounts | fact.numbers),
    ]
    return ", ".join(parts)


def _compared(chosen: Service, asked: Prompt, work: Work, answer: ComplianceFindings) -> Written | Failed:
    """Rules decide how documents stand; where a model sees it otherwise, a person should look."""
    by_rule = {one.kind.casefold(): one.state.value for one in work.fields["checked"]}
    same = {"valid": "present", "expiring": "present", "undated": "unclear", "not_yet": "unclear"}
    doubts = [
        f"{asked.label} holds {one.document!r} to be {one.state.value}"
        for one in answer.findings
        if (known := by_rule.get(one.document.casefold())) and same.get(known, known) != one.state.value
    ]
    told = _by_template(chosen, work, doubts)
    if isinstance(told, Failed) or not doubts:
        return told
    return told.model_copy(update={"confidence": 0.7})
