"""Letters and summaries put together from the facts that a prompt shows, in one of many wordings.

Nothing but these facts is looked at, so what is to be learnt can be written from what is shown. Values are
copied as the facts write them; sentences are the writer's own templates or those of ``write_words``.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from abax.writing import spelling
from abax.writing.services.wording import paragraphs, sentences, wording

from training.adapters.write_contexts import words_of

Facts = Mapping[str, str]
LETTERS: Final = ("reminder", "follow_up")
"""Wordings whose templates are letters sentence by sentence, as models write them."""
LISTED: Final = re.compile(r"invoices\.(\d+)\.number")
_FACTS: Final = re.compile(r"<facts-[0-9a-f]+>\n(.*?)\n</facts-", re.DOTALL)


def facts_in(message: str) -> dict[str, str]:
    """The facts of a rendered message, by name, in order; none where it has no such block."""
    block = _FACTS.search(message)
    lines = block[1].splitlines() if block else []
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def as_json(**values: Any) -> str:
    """An answer as the grammar writes it."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


@dataclass
class Voice:
    """Says things in one language, each time in one of several ways."""

    service: str
    language: str
    rng: random.Random

    def say(self, key: str, **values: str) -> str:
        """One of the sentences of that key: the template's, or a further one."""
        known = wording(self.service, self.language).sentences if self.service in LETTERS else {}
        own = [known[key]] if key in known else []
        return self.rng.choice(own + self._more(key)).format(**values)

    def knows(self, key: str) -> bool:
        """Whether there is a further sentence."""
        return bool(self._more(key))

    def _more(self, key: str) -> list[str]:
        return list(words_of(self.language).get(self.service, {}).get(key, ()))

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.rng.random() < share


# --- reminders ------------------------------------------------------------------------------------------


@dataclass
class Reminder:
    """A reminder from its facts."""

    facts: Facts
    level: str
    voice: Voice

    def email(self, *, long: bool) -> str:
        """Subject and body."""
        subject = self.voice.say(f"subject_{self.level}", numbers=self._numbers())
        body = self._long() if long else self._short()
        return as_json(subject=subject, body=body)

    def chat(self) -> str:
        """The text for a messenger."""
        closing = self.voice.say("closing")
        signed = f"{closing}, {self.facts['sender']}" if "sender" in self.facts else closing
        told = sentences(self._opening(), *self._background(), self._ask(), self._account())
        return as_json(text="\n".join((self._greeting(), told, signed)))

    def _short(self) -> str:
        told = sentences(self._opening(), *self._background())
        ask = sentences(self._ask(), self._account())
        return paragraphs(self._greeting(), told, ask, self.voice.say("closing"))

    def _long(self) -> str:
        opening = sentences(self._opening(), self._history(), self._promised())
        ask, listed = self._ask(), self._items()
        middle = [ask, listed] if self.voice.chance(0.2) else [listed, ask]
        paid = "" if self.level == "final" else self.voice.say("paid")
        return paragraphs(
            self._greeting(),
            opening,
            *middle,
            self._pay(),
            sentences(paid, self._questions()),
            self.voice.say("closing"),
        )

    def _greeting(self) -> str:
        name = self.facts.get("recipient.name")
        return self.voice.say("greeting", contact=name) if name else self.voice.say("greeting_unknown")

    def _numbers(self) -> str:
        return self._listed([value for name, value in self.facts.items() if LISTED.fullmatch(name)])

    def _amounts(self) -> str:
        return self._listed([value for name, value in self.facts.items() if name.startswith("total.")])

    def _listed(self, values: list[str]) -> str:
        return spelling.listed(values, self.voice.language)

    def _opening(self) -> str:
        several = sum(bool(LISTED.fullmatch(name)) for name in self.facts) > 1
        names = {"numbers" if several else "number": self._numbers()}
        what = wording("reminder", self.voice.language).say("many" if several else "one", **names)
        before = "" if self.level == "friendly" or "history.on" in self.facts else "_first"
        return self.voice.say(f"opening_{self.level}{before}", what=what, amounts=self._amounts())

    def _background(self) -> list[str]:
        found = [self.voice.say("overdue", days=self.facts["days overdue"]), self._history()]
        return [*found, self._promised()]

    def _history(self) -> str:
        last = self.facts.get("history.on")
        return self.voice.say("history", last=last) if last else ""

    def _promised(self) -> str:
        day = self.facts.get("promised")
        return self.voice.say("promised", promised=day) if day else ""

    def _items(self) -> str:
        places = [match[1] for name in self.facts if (match := LISTED.fullmatch(name))]
        rows = [self._row(place) for place in places]
        if len(rows) == 1 and self.voice.knows("single") and self.voice.chance(0.5):
            return self.voice.say("single_issued" if "issued" in rows[0] else "single", **rows[0])
        key = {place: "line_issued" if "issued" in row else "line" for place, row in enumerate(rows)}
        form = {one: self._form(one) for one in set(key.values())}
        lines = [form[key[place]].format(**row) for place, row in enumerate(rows)]
        total = [self.voice.say("total", amounts=self._amounts())] if len(rows) > 1 else []
        return "\n".join([self.voice.say("list"), *lines, *total])

    def _form(self, key: str) -> str:
        """One form for all lines of a list."""
        fields = ("number", "issued", "amount", "due", "days")
        return self.voice.say(key, **{name: f"{{{name}}}" for name in fields})

    def _row(self, place: str) -> dict[str, str]:
        known = {
            "number": "number",
            "issued": "issued",
            "amount": "amount",
            "due": "due",
            "days": "days overdue",
        }
        path = f"invoices.{place}"
        return {
            ours: self.facts[f"{path}.{own}"] for ours, own in known.items() if f"{path}.{own}" in self.facts
        }

    def _ask(self) -> str:
        ask = self.voice.say(f"ask_{self.level}", deadline=self.facts["deadline"])
        return sentences(ask, self.voice.say("consequence_final") if self.level == "final" else "")

    def _pay(self) -> str:
        lines = [
            self.voice.say(name, **{name: value})
            for name in ("holder", "iban", "bic", "reference")
            if (value := self.facts.get(f"payee.{name}"))
        ]
        return "\n".join([self.voice.say("pay_to"), *lines]) if lines else ""

    def _questions(self) -> str:
        way = self.facts.get("sender.reach")
        return self.voice.say("questions", reach=way) if way else ""

    def _account(self) -> str:
        iban = self.facts.get("payee.iban")
        return f"{self.voice.say('iban', iban=iban)}." if iban else ""


# --- follow-ups -----------------------------------------------------------------------------------------


def follow_up(facts: Facts, voice: Voice) -> str:
    """The e-mail from its facts."""
    agreed = [voice.say("point", text=facts[name]) for name in facts if name.startswith("agreed.")]
    open_ = _open(facts, voice)
    quote = _quote(facts, voice)
    blocks = [
        [voice.say("agreed"), *agreed] if agreed else "",
        [voice.say("open"), *open_] if open_ else "",
        quote,
    ]
    if voice.chance(0.25):
        blocks = [blocks[2], *blocks[:2]]
    step = facts.get("next step")
    body = paragraphs(
        _greeting(facts, voice),
        _opening(facts, voice),
        *blocks,
        voice.say("next", text=step) if step else "",
        voice.say("ask_by", date=facts["answer by"]) if "answer by" in facts else voice.say("ask"),
        voice.say("closing"),
    )
    return as_json(subject=voice.say("subject", topic=facts["topic"]), body=body)


def _greeting(facts: Facts, voice: Voice) -> str:
    name = facts.get("recipient.name")
    return voice.say("greeting", contact=name) if name else voice.say("greeting_unknown")


def _opening(facts: Facts, voice: Voice) -> str:
    day = facts.get("last contact")
    if day is None:
        return voice.say("opening_undated", topic=facts["topic"])
    return voice.say("opening", date=day, topic=facts["topic"])


def _open(facts: Facts, voice: Voice) -> list[str]:
    """The tasks, each with who does it and by when."""
    lines = []
    for name, text in facts.items():
        if match := re.fullmatch(r"open points\.(\d+)\.text", name):
            path = f"open points.{match[1]}"
            details = [facts[f"{path}.owner"]] if f"{path}.owner" in facts else []
            details += [voice.say("by", date=facts[f"{path}.due"])] if f"{path}.due" in facts else []
            key = "task" if details else "point"
            lines.append(voice.say(key, text=text, details=", ".join(details)))
    return lines


def _quote(facts: Facts, voice: Voice) -> str:
    reference = facts.get("quote.reference")
    if reference is None:
        return ""
    amount, end = facts.get("quote.amount"), facts.get("quote.valid until")
    told = (
        voice.say("quote_amount", reference=reference, amount=amount)
        if amount
        else voice.say("quote", reference=reference)
    )
    return sentences(told, voice.say("valid", date=end) if end else "")


# --- deals ----------------------------------------------------------------------------------------------


def deal(facts: Facts, voice: Voice) -> str:
    """The summary from its facts: where it stands, what happened last, what matters and what is next."""
    values = {
        name: facts[name] for name in ("name", "customer", "amount", "stage", "probability") if name in facts
    }
    told = [voice.say("head" if "customer" in facts else "head_plain", **values)]
    told.append(voice.say("stage_probability" if "probability" in facts else "stage", **values))
    if end := facts.get("expected close"):
        told.append(voice.say("close", date=end))
    return as_json(
        summary=sentences(*told), points=[*_last(facts, voice), *_risks(facts)], next_step=_next(facts, voice)
    )


def _last(facts: Facts, voice: Voice) -> list[str]:
    if "activities.text" not in facts or "activities.on" not in facts:
        return []
    days = facts.get("days quiet", "")
    return [voice.say("last", date=facts["activities.on"], text=facts["activities.text"], days=days)]


def _risks(facts: Facts) -> list[str]:
    return [value for name, value in facts.items() if name.startswith("risks.")]


def _next(facts: Facts, voice: Voice) -> str:
    text, owner, due = (facts.get(f"tasks.0.{name}") for name in ("text", "owner", "due"))
    if text is None:
        return ""
    if owner and due:
        return voice.say("next_by", text=text, owner=owner, date=due)
    return voice.say("next", text=text, owner=owner) if owner else text


# --- notes ----------------------------------------------------------------------------------------------


def notes(plain: Any, voice: Voice) -> str:
    """The summary of notes from what rules have read in them: a sentence of each kind, then all of it."""
    told = [voice.say("decided", text=_ended(plain.decisions[0]))] if plain.decisions else []
    if plain.actions:
        told.append(voice.say("action", text=_ended(plain.actions[0].text)))
    told += [voice.say("question", text=text) for text in plain.questions[:1]]
    actions = [{"what": one.text, "owner": one.owner, "due": one.due_text} for one in plain.actions]
    return as_json(summary=sentences(*told), decisions=list(plain.decisions), actions=actions)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
