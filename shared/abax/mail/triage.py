"""Triage of a batch of messages: signals, classifiers, a model where it may, and rules last.

::

    messages ─► sentences, entities ─► classifiers (the batch at once) ─► what is unsure: the model (at once)
                                                                                     │
                     Triage ◄─ key points, next step ◄─ rules ◄─ category, urgency … ◄┘

Words and classifiers are two opinions, and their product is taken: either may doubt what the other is sure
of. What the model says counts only for tasks that the policy gives it, and only with a sentence of the
message that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log
from typing import Any, Final

from abax.mail import privacy
from abax.mail.answering import Sorted
from abax.mail.asks import asked, thanks_only
from abax.mail.contracts import Asked, Claim, Message, Priority, Reason, Sentiment, Triage, Urgency
from abax.mail.desk import Desk
from abax.mail.entities import Named, named
from abax.mail.features import mail_text, wire_text
from abax.mail.finding import Finding, findings, model_of
from abax.mail.gate import speaks_for_itself, why_unanswerable
from abax.mail.grave import FRAUD, Grave, grave_matters, with_term
from abax.mail.points import Alarm, key_points, next_step
from abax.mail.reading import Reading, read
from abax.mail.routing import department_of
from abax.mail.rules import Standing, Subject
from abax.mail.sentiment import mixed, sentiment
from abax.mail.sorting import UNKNOWN, Sorter, answers, claimed, doubtful, sender_of, sorter, wanting
from abax.mail.telling import WEIGHINGS, telling
from abax.mail.urgency import LEVELS, Judged, urgency
from abax.mail.wording import LANGUAGES, Wording, language_of, wording_for

_BY_WORDS: Final = 0.55
"""What words weigh beside a classifier of categories: the exponent of their shares, the rest is the
classifier's."""
_SPAM_TRUST: Final = 0.45
_SPAM_LIMIT: Final = 2.0
_KNOWN_TRUST: Final = 2.0
"""How much less likely spam is from a partner of ours, or in answer to us, as a logarithm of odds."""
_SECOND: Final = 0.3
_UNSPOKEN: Final = 0.8
"""How sure it is that a complaint that asks for nothing wants an answer, if it is one."""
_SHOWN: Final = 20
"""Sentences among which the one is sought that a category rests on."""
_SPAM: Final = "spam"
_AUTOMATIC: Final = "automatic"
_BANK_DETAILS: Final = "bank-details"
"""The tag that the rules give to mail that says so."""


@dataclass(frozen=True)
class _Case:
    """One message with what is found of it before anything is decided."""

    message: Message
    reading: Reading
    language: str
    language_sure: float
    wording: Wording
    names: Named
    partner: str
    unanswerable: str


@dataclass(frozen=True)
class _Scores:
    """What the classifiers say of one message; empty where there is none."""

    category: Mapping[str, float] = field(default_factory=dict)
    spam: Mapping[str, float] = field(default_factory=dict)
    sentiment: Mapping[str, float] = field(default_factory=dict)
    urgency: Mapping[str, float] = field(default_factory=dict)
    action: Mapping[int, float] | None = None
    """By the place of a sentence, whether it asks."""


@dataclass(frozen=True)
class _Decided:
    """What is decided of one message before the rules."""

    category: Claim[str]
    second: tuple[str, float]
    """The next likely category."""
    sentiment: Claim[Sentiment]
    asked: Asked
    judged: Judged
    model: str = ""
    department: Claim[str] | None = None
    """Whom the model says that it is for."""


def triage(messages: Sequence[Message], desk: Desk) -> list[Triage]:
    """What each message is about, who it is for, how urgent it is and what is asked, in their order."""
    cases = [_case(message, desk) for message in messages]
    decided = [_decided(case, scores, desk) for case, scores in zip(cases, _scored(cases, desk), strict=True)]
    decided = list(_with_model(cases, decided, desk))
    return [_finished(case, one, desk) for case, one in zip(cases, decided, strict=True)]


def _case(message: Message, desk: Desk) -> _Case:
    language, sure = language_of(message)
    wording = wording_for(language)
    reading = read(message, desk.now)
    partner = desk.known.sender(message.sender)
    return _Case(
        message=message,
        reading=reading,
        language=language,
        language_sure=sure,
        wording=wording,
        names=named(reading, wording, desk.known, partner),
        partner=partner,
        unanswerable=why_unanswerable(message, desk.own_addresses),
    )


# --- what classifiers say -------------------------------------------------------------------------------


def _scored(cases: Sequence[_Case], desk: Desk) -> list[_Scores]:
    """The classifiers' shares, each classifier asked once for all messages."""
    texts = [mail_text(case.message) for case in cases]
    found: dict[str, list[dict[str, float]]] = {}
    if "category" in desk.classifiers and texts:
        found["category"] = desk.classifiers["category"].scores(texts)
    sentences = [case.reading.sentences for case in cases]
    for task, weighing in WEIGHINGS.items():
        if task in desk.classifiers and texts:
            found[task] = telling(desk.classifiers[task], texts, sentences, weighing)
    if _SPAM in desk.classifiers and texts:
        found[_SPAM] = desk.classifiers[_SPAM].scores([wire_text(case.message) for case in cases])
    actions = _sentences_scored(cases, desk)
    return [
        _Scores(**{task: shares[place] for task, shares in found.items()}, action=actions[place])
        for place in range(len(cases))
    ]


def _sentences_scored(cases: Sequence[_Case], desk: Desk) -> list[Mapping[int, float] | None]:
    if "action" not in desk.classifiers:
        return [None] * len(cases)
    classifier = desk.classifiers["action"]
    sentences = [(case, sentence) for case in cases for sentence in case.reading.sentences if sentence.text]
    shares = iter(classifier.scores([sentence.text for _, sentence in sentences]) if sentences else [])
    yes = next(
        (label for label in ("yes", "true", "action") if label in classifier.labels), classifier.labels[-1]
    )
    return [
        {sentence.place: next(shares)[yes] for sentence in case.reading.sentences if sentence.text}
        for case in cases
    ]


# --- what is decided ------------------------------------------------------------------------------------


def _decided(case: _Case, scores: _Scores, desk: Desk) -> _Decided:
    feeling = sentiment(case.reading, case.wording, scores.sentiment)
    category, second = _category(case, scores, feeling, desk)
    wants = asked(case.reading, case.wording, case.names, scores.action, machine=bool(case.unanswerable))
    judged = urgency(
        case.reading,
        case.wording,
        case.names,
        wants,
        desk.known,
        desk.now.date(),
        desk.policy.large_amount,
        scores.urgency,
        case.partner,
    )
    return _Decided(category, second, feeling, wants, judged)


def _category(
    case: _Case, scores: _Scores, feeling: Claim[Sentiment], desk: Desk
) -> tuple[Claim[str], tuple[str, float]]:
    """The likeliest category with the sentence that speaks for it most, and the next one."""
    shares, bearing = desk.taxonomy.shares(case.reading, case.wording.language)
    method = "words"
    if scores.category.keys() & shares.keys():
        shares, method = mixed(shares, _over(scores.category, shares), _BY_WORDS), "classifier"
    shares = _with_spam(_with_feeling(shares, feeling, desk), scores.spam, case)
    shares = _of_people(shares, case, desk)
    first, *rest = sorted(shares, key=lambda name: -shares[name])
    if not bearing and method == "words":
        first, rest = desk.taxonomy.unsure, [first]
    evidence = bearing[first].evidence if first in bearing else _bearing(first, case, desk)
    claim = Claim(value=first, confidence=round(min(1.0, shares[first]), 4), evidence=evidence, method=method)
    return claim, (rest[0], shares[rest[0]])


def _bearing(category: str, case: _Case, desk: Desk) -> str:
    """The sentence that a classifier finds most like a category, where no word bears it; empty where there is
    no classifier that knows it."""
    classifier = desk.classifiers.get("category")
    sentences = [sentence for sentence in case.reading.sentences if sentence.words][:_SHOWN]
    if classifier is None or category not in classifier.labels or not sentences:
        return ""
    shares = classifier.scores([sentence.text for sentence in sentences])
    best = max(range(len(sentences)), key=lambda place: shares[place][category])
    return sentences[best].evidence


def _over(classified: Mapping[str, float], names: Mapping[str, float]) -> dict[str, float]:
    """A classifier's shares over a taxonomy: categories that it does not know are as likely as the mean."""
    unknown = 1 / len(names)
    return {name: classified.get(name, unknown) for name in names}


def _with_feeling(shares: Mapping[str, float], feeling: Claim[Sentiment], desk: Desk) -> Mapping[str, float]:
    """Shares with what a feeling says of them: whoever is pleased does not complain."""
    if feeling.value is not Sentiment.POSITIVE:
        return shares
    doubt = 1 - feeling.confidence
    lowered = {
        name: share * (doubt if desk.taxonomy.category(name).wants_answer else 1.0)
        for name, share in shares.items()
    }
    total = sum(lowered.values())
    return {name: share / total for name, share in lowered.items()}


def _with_spam(shares: Mapping[str, float], spam: Mapping[str, float], case: _Case) -> dict[str, float]:
    """Shares with what the form of a message says of spam, and that partners of ours send none."""
    if _SPAM not in shares:
        return dict(shares)
    push = 0.0
    if _SPAM in spam:
        share = min(max(spam[_SPAM], 1e-3), 1 - 1e-3)
        push = max(-_SPAM_LIMIT, min(_SPAM_LIMIT, _SPAM_TRUST * log(share / (1 - share))))
    if case.partner or (case.names.of("invoice") and any(one.known for one in case.names.of("invoice"))):
        push -= _KNOWN_TRUST
    raised = {name: share * (exp(push) if name == _SPAM else 1.0) for name, share in shares.items()}
    total = sum(raised.values())
    return {name: share / total for name, share in raised.items()}


def _of_people(shares: Mapping[str, float], case: _Case, desk: Desk) -> dict[str, float]:
    """Shares where nothing is a machine's unless headers or plain words of machines say so: what people write
    for information is read by people."""
    machine = bool(case.unanswerable) or _AUTOMATIC not in shares
    if machine or desk.taxonomy.settles(_AUTOMATIC, case.reading, case.wording.language):
        return dict(shares)
    others = {name: share * (0.0 if name == _AUTOMATIC else 1.0) for name, share in shares.items()}
    total = sum(others.values())
    return {name: share / total for name, share in others.items()} if total else dict(shares)


# --- what the model says --------------------------------------------------------------------------------


def _with_model(cases: Sequence[_Case], decided: Sequence[_Decided], desk: Desk) -> Iterator[_Decided]:
    """What was decided, with the model's answers in place of what was unsure and is the model's to decide."""
    if (who := sorter(desk)) is not None:
        yield from _with_sorter(cases, decided, who, desk)
        return
    if desk.client is None or not (tasks := desk.policy.tasks(model_of(desk))):
        yield from decided
        return
    wanted = [_unsure(one, tasks, desk.policy.ask_below) for one in decided]
    asked_for = [place for place, unsure in enumerate(wanted) if unsure]
    found = findings([cases[place].reading for place in asked_for], desk) if asked_for else []
    by_place = dict(zip(asked_for, found, strict=True))
    for place, one in enumerate(decided):
        finding = by_place.get(place)
        yield _replaced(one, finding, wanted[place], desk) if finding else one


def _with_sorter(
    cases: Sequence[_Case], decided: Sequence[_Decided], who: Sorter, desk: Desk
) -> Iterator[_Decided]:
    """What was decided, with the answers of a model that was trained for it on what is doubtful."""
    doubts = [doubtful(_sure(case, one, desk), desk) for case, one in zip(cases, decided, strict=True)]
    asked_for = [place for place, tasks in enumerate(doubts) if tasks]
    given = [
        (
            cases[place].message,
            sender_of(
                cases[place].message,
                desk.known.partners.get(cases[place].partner, ""),
                ours=_is_ours(cases[place], desk),
            ),
            doubts[place],
        )
        for place in asked_for
    ]
    found = dict(zip(asked_for, answers(given, who, desk), strict=True))
    for place, (case, one) in enumerate(zip(cases, decided, strict=True)):
        said = found.get(place)
        yield one if said is None else _sorted(case, one, said, who, desk)


def _sure(case: _Case, decided: _Decided, desk: Desk) -> dict[str, float]:
    """How sure each task is that may be asked of a model that sorts."""
    kinds = [action.kind for action in decided.asked.actions]
    wanted = decided.asked.wanted
    return {
        "category": decided.category.confidence,
        "department": _department(case, decided, desk).confidence,
        "sentiment": decided.sentiment.confidence,
        "urgency": decided.judged.claim.confidence,
        "wanted": wanted.confidence,
        "actions": 0.0 if not kinds or any(kind in UNKNOWN for kind in kinds) else 1.0,
        "by": 1.0 if not wanted.value or any(action.due for action in decided.asked.actions) else 0.0,
    }


def _sorted(case: _Case, decided: _Decided, said: Sorted, who: Sorter, desk: Desk) -> _Decided:
    category = claimed(decided.category, said.category, "category", who, desk)
    if category.value != decided.category.value:
        category = category.model_copy(update={"evidence": _bearing(category.value, case, desk)})
    level = claimed(decided.judged.claim, said.urgency, "urgency", who, desk)
    return replace(
        decided,
        category=category,
        sentiment=claimed(decided.sentiment, said.sentiment, "sentiment", who, desk),
        judged=replace(decided.judged, claim=level),
        asked=wanting(decided.asked, said, case.reading, case.wording, who, desk),
        department=_said_department(said, who, desk),
        model=who.name,
    )


def _said_department(said: Sorted, who: Sorter, desk: Desk) -> Claim[str] | None:
    if said.department is None or not desk.taxonomy.has_department(said.department):
        return None
    return Claim(value=said.department, confidence=desk.policy.sorting.right["department"], method=who.method)


def _department(case: _Case, decided: _Decided, desk: Desk) -> Claim[str]:
    """Whom it is for: by books and words, or, where these say little, by the model, if it is one of those
    that take mail of that category."""
    how = department_of(decided.category, case.reading, case.wording, case.names, case.partner, desk)
    said = decided.department
    if said is None or how.method == "ledger" or said.confidence <= how.confidence:
        return how
    of = desk.taxonomy.category(decided.category.value)
    return said if said.value in (of.department, of.supplier_department) else how


def _unsure(decided: _Decided, tasks: Sequence[str], below: float) -> frozenset[str]:
    """The tasks that are less sure than they should be, among those that the model may decide."""
    sure = {
        "category": decided.category.confidence,
        "sentiment": decided.sentiment.confidence,
        "urgency": decided.judged.claim.confidence,
        "action": decided.asked.wanted.confidence,
    }
    return frozenset(task for task in tasks if sure.get(task, 1.0) < below)


def _replaced(decided: _Decided, finding: Finding, tasks: frozenset[str], desk: Desk) -> _Decided:
    said: dict[str, Any] = {
        "confidence": desk.policy.trust,
        "evidence": finding.sentence.evidence,
        "method": f"model:{finding.prompt}",
    }
    changes: dict[str, Any] = {"model": finding.model}
    if "category" in tasks:
        changes["category"] = Claim(value=finding.category, **said)
    if "sentiment" in tasks:
        changes["sentiment"] = Claim(value=finding.sentiment, **said)
    if "urgency" in tasks:
        changes["judged"] = replace(decided.judged, claim=Claim(value=finding.urgency, **said))
    if "action" in tasks:
        wanted = Claim(value=finding.wanted, **said)
        actions = decided.asked.actions if finding.wanted else ()
        changes["asked"] = Asked(wanted=wanted, actions=actions)
    return replace(decided, **changes)


# --- the last word, and the whole -----------------------------------------------------------------------


def _finished(case: _Case, decided: _Decided, desk: Desk) -> Triage:
    how = _department(case, decided, desk)
    standing = Standing(
        category=decided.category.value,
        sure=decided.category.confidence,
        department=how.value,
        queue=desk.taxonomy.queue(how.value),
        priority=None,
        urgency=decided.judged.claim.value,
        sentiment=decided.sentiment.value,
    )
    subject = Subject(
        reading=case.reading,
        language=case.language,
        names=case.names,
        asked=decided.asked,
        partner=case.partner,
        automatic=bool(case.unanswerable) and not _is_ours(case, desk),
    )
    graves = _graves(case, decided, desk)
    ruled = desk.rules.apply(subject, _alarmed(standing, graves, desk), desk.taxonomy)
    decided = replace(decided, asked=with_term(decided.asked, graves, case.reading.day))
    category = desk.taxonomy.category(ruled.category)
    if category.wants_nothing:
        ruled, decided = _unheard(ruled, decided)
    elif category.wants_answer and not decided.asked.wanted.value:
        ruled, decided = _heard(ruled, decided)
    elif category.usual:
        decided = replace(decided, asked=_usual(decided.asked, category.usual))
    return _whole(case, decided, how, ruled, graves, desk)


def _graves(case: _Case, decided: _Decided, desk: Desk) -> tuple[Grave, ...]:
    if not speaks_for_itself(case.message, known=bool(case.partner)):
        return ()
    return grave_matters(case.reading, case.language, case.names, decided.asked, case.partner)


def _alarmed(standing: Standing, graves: Sequence[Grave], desk: Desk) -> Standing:
    """Grave matters have their say before the rules, which may send them elsewhere; a person looks anyhow."""
    for grave in reversed(graves):
        matter, said = grave.matter, (grave.rule, grave.evidence)
        changes: dict[str, Any] = {"priority": matter.priority}
        level = Urgency.HIGH if matter.priority is Priority.P1 else Urgency.NORMAL
        if LEVELS.index(standing.urgency) < LEVELS.index(level):
            changes["urgency"] = level
        if _is_nothing(standing.category, matter.name, desk) and matter.category in desk.taxonomy.names:
            changes["category"] = matter.category
        if standing.department not in matter.departments and desk.taxonomy.has_department(
            matter.departments[0]
        ):
            changes["department"] = matter.departments[0]
            changes["queue"] = desk.taxonomy.queue(matter.departments[0])
        standing = replace(
            standing,
            **changes,
            evidence={**standing.evidence, **dict.fromkeys(changes, said)},
            tags=tuple(dict.fromkeys((grave.tag, *standing.tags))),
            applied=(grave.rule, *standing.applied),
            why_person=(matter.why, *standing.why_person),
            no_reply="it may be a fraud" if matter.name == FRAUD else standing.no_reply,
        )
    return standing


def _alarm(graves: Sequence[Grave], ruled: Standing) -> Alarm | None:
    """What goes before all that is asked; bank details that have changed are a rule's to find."""
    if graves:
        return Alarm(graves[0].matter.name, graves[0].evidence)
    if _BANK_DETAILS in ruled.tags:
        return Alarm("bank_details", ruled.evidence.get("priority", ("", ""))[1])
    return None


def _is_nothing(category: str, matter: str, desk: Desk) -> bool:
    """Whether a category says that nobody need read it; a fraud may be spam as well."""
    if matter == FRAUD and category == _SPAM:
        return False
    return desk.taxonomy.category(category).wants_nothing


def _heard(ruled: Standing, decided: _Decided) -> tuple[Standing, _Decided]:
    """Mail that wants an answer though it asks for none, which is not nothing urgent."""
    said = decided.category
    wanted = Claim(
        value=True,
        confidence=round(said.confidence * _UNSPOKEN, 4),
        evidence=said.evidence,
        method=said.method,
    )
    heard = replace(decided, asked=Asked(wanted=wanted))
    if ruled.urgency is not Urgency.LOW or "urgency" in ruled.evidence:
        return ruled, heard
    level = Claim(
        value=Urgency.NORMAL, confidence=wanted.confidence, evidence=said.evidence, method=said.method
    )
    judged = replace(decided.judged, claim=level)
    return replace(ruled, urgency=Urgency.NORMAL), replace(heard, judged=judged)


def _usual(wants: Asked, kind: str) -> Asked:
    """What is asked, with the kind of its category where its words tell none."""
    actions = [
        action.model_copy(update={"kind": kind}) if action.kind == "other" else action
        for action in wants.actions
    ]
    return Asked(wanted=wants.wanted, actions=tuple(actions))


def _unheard(ruled: Standing, decided: _Decided) -> tuple[Standing, _Decided]:
    """What is asked in mail that wants nothing that counts is not heard, and is not urgent."""
    said = decided.category
    sure = 1.0 if "category" in ruled.evidence else said.confidence
    wanted = Claim(value=False, confidence=sure, method=said.method)
    level = Claim(value=Urgency.LOW, confidence=sure, evidence=said.evidence, method=said.method)
    heard = replace(decided, asked=Asked(wanted=wanted), judged=replace(decided.judged, claim=level))
    return ruled if "urgency" in ruled.evidence else replace(ruled, urgency=Urgency.LOW), heard


def _is_ours(case: _Case, desk: Desk) -> bool:
    own = {address.lower() for address in desk.own_addresses}
    return case.message.sender.address.lower() in own


def _whole(
    case: _Case,
    decided: _Decided,
    department: Claim[str],
    ruled: Standing,
    graves: Sequence[Grave],
    desk: Desk,
) -> Triage:
    category = _ruled("category", ruled, decided.category)
    why = tuple(dict.fromkeys((*ruled.why_person, *_doubts(case, decided, category, desk))))
    level = _ruled("urgency", ruled, decided.judged.claim)
    unanswerable = case.unanswerable or ruled.no_reply
    said = (Reason(kind="rule", text=one.matter.why, evidence=one.evidence) for one in graves)
    reasons = (*said, *decided.judged.reasons)
    points = key_points(case.reading, case.wording, decided.asked, case.names, reasons)
    return Triage(
        message_id=case.message.message_id,
        thread_id=case.message.thread_id,
        taxonomy=desk.taxonomy.label,
        language=Claim(value=case.language, confidence=round(case.language_sure, 4), method="words"),
        category=category,
        department=_ruled("department", ruled, department),
        sentiment=decided.sentiment,
        urgency=level,
        reasons=reasons,
        priority=_priority(ruled, level, desk),
        queue=ruled.queue,
        asked=decided.asked,
        entities=case.names.entities,
        key_points=points,
        next_step=next_step(
            category.value,
            decided.asked,
            case.names,
            desk.known,
            why,
            desk.language,
            category.confidence,
            _alarm(graves, ruled),
        ),
        personal=privacy.counts(case.reading.text),
        rules=ruled.applied,
        tags=ruled.tags,
        model=decided.model,
        needs_person=bool(why),
        why_person=why,
        answerable=not unanswerable,
        why_unanswerable=unanswerable,
    )


def _ruled(name: str, ruled: Standing, claim: Claim[Any]) -> Claim[Any]:
    """A claim as the rules left it: what a rule said is sure, and bears its name."""
    value = getattr(ruled, name)
    if name not in ruled.evidence:
        return claim if claim.value == value else claim.model_copy(update={"value": value})
    rule, evidence = ruled.evidence[name]
    return Claim(value=value, confidence=1.0, evidence=evidence, method=f"rule:{rule}")


def _priority(ruled: Standing, level: Claim[Urgency], desk: Desk) -> Claim[Priority]:
    if ruled.priority is not None:
        rule, evidence = ruled.evidence["priority"]
        return Claim(value=ruled.priority, confidence=1.0, evidence=evidence, method=f"rule:{rule}")
    value = desk.taxonomy.priorities[level.value]
    return Claim(value=value, confidence=level.confidence, evidence=level.evidence, method=level.method)


def _doubts(case: _Case, decided: _Decided, category: Claim[str], desk: Desk) -> Iterator[str]:
    """Why nothing should be done by itself."""
    yield from desk.faults
    message = case.message
    if message.encrypted:
        yield "it is encrypted, and nobody could read it"
    elif not any(sentence.words for sentence in case.reading.body):
        yield "it has no text" if not message.attachments else "it has attachments and no text"
    if case.language not in LANGUAGES:
        yield f"it is in a language without words here ({case.language})"
    yield from _strangers(case)
    if category.method.startswith("rule:") or thanks_only(case.reading, case.wording):
        return
    if category.confidence < desk.policy.sure:
        yield f"its category is {category.value} with {category.confidence:.0%} only"
    name, share = decided.second
    if share >= _SECOND and not category.method.startswith("model:"):
        other = desk.taxonomy.category(name).department
        if other != desk.taxonomy.category(category.value).department:
            yield f"it may be about {name} as well ({share:.0%})"


def _strangers(case: _Case) -> Iterator[str]:
    """Invoices that a partner names though the books have them as somebody else's."""
    if case.partner:
        for entity in case.names.of("invoice"):
            if entity.known and entity.partner and entity.partner != case.partner:
                yield f"it names {entity.value}, which is another partner's by the books"


__all__ = ["triage"]
