"""Replies to generated mails: the facts are those that the rules of replies found in books made for the mail.

The sentences that a reply must state are said again in one of several wordings, between a greeting and a
closing that vary, too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

from abax.mail.contracts import Books, Contact, Message, Open, Paid, Reply, Tone, Triage
from abax.mail.datasets import Labelled
from abax.mail.desk import Desk
from abax.mail.message import read
from abax.mail.replies import ReplyPolicy, draft
from abax.mail.reply_texts import wording
from abax.mail.triage import triage
from abax.writing.client import Client

from training.adapters.examples import split_of
from training.adapters.write_contexts import TODAY, World, words_of
from training.adapters.write_letters import as_json
from training.mail.generate import PARTS, Made, generate

SUITED = ("billing", "payment", "account", "order", "complaint")
"""Topics of mails that are answered."""
DULL = 0.3
"""Share of the mails whose answer states nothing of an account that is taken."""
TESTED = PARTS - 1
"""The part of phrases whose mails are answered in tests alone."""


@dataclass(frozen=True)
class MailCase:
    """A mail, what was found in it, the desk with its sender's books, and the answer by template."""

    name: str
    message: Message
    triage: Triage
    desk: Desk
    plain: Reply
    group: str
    split: str


def cases(count: int, seed: int, fold: int = 0, folds: int = 5, split: str = "") -> Iterator[MailCase]:
    """So many mails that are answered; of one split where one is given."""
    rng = random.Random(f"reply/{seed}")
    world, made = World(rng), 0
    for number, mail in enumerate(generate(count * 20, seed)):
        if made >= count:
            return
        own = "test" if mail.part == TESTED else ""
        company = _company(world, own, fold, folds)
        place = split_of(company, fold, folds)
        if mail.category not in SUITED or (split and place != split):
            continue
        case = _case(world, f"reply-{seed}-{number}", mail, company, place)
        if case is not None and (len(case.plain.facts) > 1 or rng.random() < DULL):
            made += 1
            yield case


def _company(world: World, split: str, fold: int, folds: int) -> str:
    """A company of the test split, or of any other."""
    while True:
        company = world.company()
        if (split_of(company, fold, folds) == "test") == (split == "test"):
            return company


def _case(world: World, name: str, mail: Made, company: str, split: str) -> MailCase | None:
    rng = world.rng
    today = world.day(TODAY, 0, 700)
    address = f"{rng.choice(('office', 'accounts', 'info'))}@{_domain(company)}.example"
    sent = datetime.combine(today, time(8), UTC)
    row = {
        "id": name,
        "from": f"{world.person()} <{address}>",
        "to": "office@ours.example",
        "subject": mail.subject,
    }
    message = read(Labelled.model_validate(row | {"date": sent, "body": mail.body}).content()).message
    now = sent + timedelta(hours=2)
    bare = Desk.default(now=now, own_addresses=("office@ours.example",))
    [first] = triage([message], bare)
    named = [one.text for one in first.entities if one.kind == "invoice"]
    books = _books(world, company, address, named, today)
    desk = replace(bare, books=books, tone=rng.choice(list(Tone)))
    [found] = triage([message], desk)
    plain = draft(message, found, desk)
    if plain is None:
        return None
    return MailCase(name, message, found, desk, plain, company, split)


def _domain(company: str) -> str:
    return re.sub(r"[^a-z]", "", company.lower())[:20] or "partner"


def _books(world: World, company: str, address: str, named: Sequence[str], today: date) -> Books:
    """The account of the sender: the invoices that he names, open or paid, and some that he does not."""
    rng = world.rng
    numbers = list(dict.fromkeys([*named, *(world.number(today.year) for _ in range(rng.randint(0, 2)))]))
    currency = world.currency()
    items, paid = [], []
    for number in numbers:
        amount = world.amount()
        if rng.random() < 0.7:
            due = world.day(today, -60, 30)
            items.append(_open(number, company, due, amount, currency))
        else:
            day = world.day(today, -40, -2)
            paid.append(
                Paid(
                    number=number,
                    partner=company,
                    paid_on=day,
                    amount=amount,
                    currency=currency,
                    side="receivable",
                )
            )
    return Books(
        company=world.made_up(),
        as_of=world.day(today, -20, -1),
        source="sample",
        items=tuple(items),
        partners=(company,),
        paid=tuple(paid),
        contacts=(Contact(partner=company, address=address),),
    )


def _open(number: str, partner: str, due: date, amount: Decimal, currency: str) -> Open:
    return Open(
        number=number,
        partner=partner,
        posting_date=due - timedelta(days=30),
        due_date=due,
        residual=amount,
        currency=currency,
        side="receivable",
    )


def answered(case: MailCase, client: Client) -> Reply:
    """The reply in the words of a client's model, by the production way."""
    desk = replace(case.desk, client=client)
    reply = draft(case.message, case.triage, desk, ReplyPolicy(model_words=True))
    return reply or case.plain


# --- words ----------------------------------------------------------------------------------------------


def composed(plain: Reply, rng: random.Random) -> str:
    """The answer: what the template's letter says, in other words."""
    words = wording(plain.language)
    tone, more = words.tones[plain.tone], words_of(plain.language)["reply"]
    greeting, *stated, close = plain.body.strip().split("\n\n")
    said = [rng.choice([greeting, *more["tones"]["greeting"]])]
    if stated and stated[0] == tone.thanks:
        said.append(rng.choice([tone.thanks, *more["tones"]["thanks"]]))
        stated = stated[1:]
    said += [_again(block, plain.language, rng) for block in stated]
    said.append(rng.choice([close.partition("\n")[0], *more["tones"]["close"]]))
    return as_json(body="\n\n".join(said))


def _again(block: str, language: str, rng: random.Random) -> str:
    """A paragraph said again, where it is one sentence of the wording and there are others for it."""
    own, more = wording(language).say, words_of(language)["reply"]["say"]
    for key, others in more.items():
        if match := _pattern(own[key]).fullmatch(block):
            return str(rng.choice([own[key], *others])).format(**match.groupdict())
    return block


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    body = "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile(body)
