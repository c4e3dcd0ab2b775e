"""Two responders that answer each other come to rest, whatever becomes of the headers on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path

import pytest
from abax.adapters.local.records import SqliteRecords
from abax.mail.contracts import Books, Mailbox
from abax.mail.gate import why_unanswerable
from abax.mail.message import read
from abax.mail.replies import draft
from abax.mail.sending import SendPolicy, approve, claim, is_approved, may_send
from abax.ports import RecordStore

from tests.support.replies import NOW, FakeDesk, triage_of

Letters = Iterator[tuple[str, bytes]]
EVERYTHING = SendPolicy(
    kinds={"receipt": 0, "dispute": 0, "invoice_status": 0},
    known_by=("contact", "domain", "part"),
    domain_a_day=6,
)


@dataclass
class House:
    """A company that answers its mail by our rules, as freely as they can be set."""

    own: Mailbox
    memory: RecordStore
    sent: list[bytes] = field(default_factory=list)

    def takes(self, content: bytes, now: datetime) -> Letters:
        """Answer a message that has come, where that is allowed."""
        mail = read(content).message
        answerable = not why_unanswerable(mail, [self.own.address])
        triage = triage_of(mail, "other", answerable=answerable)
        reply = draft(mail, triage, FakeDesk(books=Books(company=self.own.name), now=now))
        if reply is None:
            return
        decision = may_send(
            reply, mail, triage, EVERYTHING, self.memory, now=now, own_addresses=[self.own.address]
        )
        if not decision.allowed or not claim(reply, mail, EVERYTHING, self.memory, now):
            return
        approved, answer = approve(reply, mail, self.own, decision.by)
        assert is_approved(approved, answer)
        self.sent.append(answer)
        yield approved.to.address, answer


@dataclass
class Robot:
    """A responder without manners: it answers everything, at once, from ever new addresses."""

    domain: str
    varied: bool = False
    numbers: Iterator[int] = field(default_factory=count)
    sent: list[bytes] = field(default_factory=list)

    def takes(self, content: bytes, now: datetime) -> Letters:
        """Answer whatever has come."""
        place = next(self.numbers)
        to = read(content).message.sender.address
        words = "more " * (place + 1) if self.varied else ""
        answer = letter(f"robot{place}@{self.domain}", to, f"{place}@{self.domain}", now, words)
        self.sent.append(answer)
        yield to, answer


Responder = House | Robot


def letter(sender: str, to: str, message_id: str, now: datetime, words: str = "") -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Question\r\nDate: {format_datetime(now)}\r\n"
        f"Message-ID: <{message_id}>\r\n\r\nCould you please look {words}into this for us?\r\n"
    ).encode()


def as_sent(content: bytes) -> bytes:
    return content


def stripped(content: bytes) -> bytes:
    """As relays without care leave it: no header that tells a machine, a thread or a loop, and a new id."""
    head, _, body = content.partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
    kept = [line for line in unfolded if re.match(rb"(?i)(from|to|subject|date|mime-version|content-)", line)]
    return b"\r\n".join(kept) + b"\r\n\r\n" + body


def until_rest(
    houses: dict[str, Responder],
    first: tuple[str, bytes],
    relay: Callable[[bytes], bytes],
    hours: float,
    most: int,
) -> int:
    """Carry letters to and fro until nothing moves; how many went."""
    waiting, now, carried = [first], NOW, 0
    while waiting:
        to, content = waiting.pop(0)
        carried += 1
        assert carried <= most, "the exchange does not end"
        now += timedelta(hours=hours)
        responder = houses.get(to.rpartition("@")[2])
        if responder is not None:
            waiting += responder.takes(relay(content), now)
    return carried


@pytest.fixture
def houses(tmp_path: Path) -> dict[str, Responder]:
    return {
        "lindenhof.example": House(
            Mailbox(address="office@lindenhof.example", name="Lindenhof"), SqliteRecords(tmp_path / "a.db")
        ),
        "bergmann.example": House(
            Mailbox(address="post@bergmann.example", name="Bergmann"), SqliteRecords(tmp_path / "b.db")
        ),
    }


FIRST = (
    "office@lindenhof.example",
    letter("post@bergmann.example", "office@lindenhof.example", "1@bergmann.example", NOW),
)


def test_with_headers_preserved_the_first_answer_is_the_last(houses: dict[str, Responder]) -> None:
    assert until_rest(houses, FIRST, as_sent, hours=0.01, most=10) == 2


def test_without_headers_each_answers_once(houses: dict[str, Responder]) -> None:
    assert until_rest(houses, FIRST, stripped, hours=0.01, most=10) == 3
    assert [len(house.sent) for house in houses.values()] == [1, 1]


@pytest.mark.parametrize("hours", [7, 25, 24 * 40])
def test_without_headers_and_across_days_it_ends_as_well(houses: dict[str, Responder], hours: float) -> None:
    """Each day lets each answer once more, but never the same words twice."""
    assert until_rest(houses, FIRST, stripped, hours, most=10) <= 4


def test_a_robot_that_answers_everything_is_left_to_itself(houses: dict[str, Responder]) -> None:
    robot = Robot("robots.example")
    places: dict[str, Responder] = {"lindenhof.example": houses["lindenhof.example"], "robots.example": robot}
    first = (
        "office@lindenhof.example",
        letter("robot@robots.example", "office@lindenhof.example", "x@robots.example", NOW),
    )
    until_rest(places, first, stripped, hours=0.001, most=60)
    assert len(houses["lindenhof.example"].sent) == 1


def test_a_robot_that_has_new_words_each_time_runs_out_of_answers(houses: dict[str, Responder]) -> None:
    robot = Robot("robots.example", varied=True)
    places: dict[str, Responder] = {"lindenhof.example": houses["lindenhof.example"], "robots.example": robot}
    first = (
        "office@lindenhof.example",
        letter("robot@robots.example", "office@lindenhof.example", "x@robots.example", NOW),
    )
    until_rest(places, first, stripped, hours=0.001, most=60)
    assert len(houses["lindenhof.example"].sent) == EVERYTHING.domain_a_day


def test_a_flood_from_one_sender_gets_one_answer(houses: dict[str, Responder]) -> None:
    house = houses["lindenhof.example"]
    for place in range(50):
        words = "once more " * place
        content = letter(
            "anna@kunde.example", "office@lindenhof.example", f"{place}@kunde.example", NOW, words
        )
        list(house.takes(content, NOW))
    assert len(house.sent) == 1
