"""How a house handles its mail, and what its books know when a message is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from abax.compose import Edge, edge
from abax.errors import InvalidRequest
from abax.ledger.model import AgedReport, OpenItem, PartnerAccounts, PartnerItem, Payment
from abax.mail.classifier import Classifier, Dense
from abax.mail.contracts import Books, Tone
from abax.ports import Job, JobState
from abax.workflow import mail_practice
from abax.workflow.mail import listed, take_in, triage_of
from abax.workflow.mail_desk import desk_for
from abax.workflow.mail_practice import Practice, books_for, keep_file, practice_of, set_practice

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)

TAXONOMY = """
name = "club"
version = 3
unsure = "rest"
[[department]]
name = "office"
[[category]]
name = "dues"
department = "office"
words = {en = ["membership fee"]}
[[category]]
name = "rest"
department = "office"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Edge]:
    mail_practice.forget()
    yield edge(tmp_path / "home")
    mail_practice.forget()


def closed(house: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A close with an open invoice of a customer's and one of a supplier's."""

    def item(name: str, partner: str, residual: str) -> OpenItem:
        return OpenItem(
            line_id=name,
            entry_name=name,
            account_code="1",
            partner=partner,
            posting_date=date(2026, 10, 1),
            due_date=date(2026, 10, 31),
            bucket=1,
            residual=Decimal(residual),
        )

    def report(name: str, *items: OpenItem) -> AgedReport:
        total = sum((one.residual for one in items), Decimal(0))
        return AgedReport(
            report=name, as_of=date(2026, 11, 19), partners=[], buckets=[], total=total, items=list(items)
        )

    aged = [
        report("aged_receivables", item("INV/1", "Nordwind GmbH", "1250.00")),
        report("aged_payables", item("BILL/7", "Papier Krause", "-80.00")),
    ]
    package = SimpleNamespace(company=SimpleNamespace(name="House", currency="EUR"), aged=aged)
    monkeypatch.setattr(mail_practice, "package_of", lambda objects, job: package)
    job = Job(
        job_id="close-1",
        kind="close",
        state=JobState.SUCCEEDED,
        request={},
        client_token="t",
        fingerprint="f",
        results={"statements.json": "closes/k/statements.json"},
        created_at=NOW,
        updated_at=NOW,
    )
    house.services.jobs.create(job)


def test_the_open_items_of_the_newest_close_are_what_is_known(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(house, monkeypatch)
    practice = Practice(contacts={"@nordwind.example": "Nordwind GmbH"})
    books = books_for(house.services.objects, house.services.jobs, practice)
    assert [(one.number, one.side, str(one.residual), one.currency) for one in books.items] == [
        ("INV/1", "receivable", "1250.00", "EUR"),
        ("BILL/7", "payable", "-80.00", "EUR"),
    ]
    assert (books.company, books.as_of, books.source) == (
        "House",
        date(2026, 11, 19),
        "closes/k/statements.json",
    )
    assert [(one.partner, one.address) for one in books.contacts] == [("Nordwind GmbH", "@nordwind.example")]


def item_of(number: str, residual: str = "0", day: date = date(2026, 10, 1), **more: object) -> PartnerItem:
    """An item of Nordwind's over 100, settled on 12 November unless something is open of it."""
    fields = {"partner": "Nordwind GmbH", "side": "receivable", "due_date": None, "gross": Decimal(100)}
    done = {"settled_on": date(2026, 11, 12), "residual": Decimal(residual)}
    return PartnerItem.model_validate({"number": number, "posting_date": day, **fields, **done, **more})


def payments(*paid: tuple[int, str]) -> list[Payment]:
    return [Payment(paid_on=date(2026, 11, day), amount=Decimal(amount)) for day, amount in paid]


def known(house: Edge, monkeypatch: pytest.MonkeyPatch, *items: PartnerItem) -> Books:
    """What mail makes of a close that has kept these items."""
    closed(house, monkeypatch)
    accounts = PartnerAccounts(
        company="House", currency="EUR", as_of=date(2026, 11, 19), since=date(2025, 11, 19), items=list(items)
    )
    house.services.objects.put("jobs/close-1/close.json", b'{"close": "k"}')
    house.services.objects.put("closes/k/partners.json", accounts.model_dump_json().encode())
    return books_for(house.services.objects, house.services.jobs, Practice())


def test_what_was_settled_is_known_with_what_was_paid_of_it(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = known(
        house,
        monkeypatch,
        item_of("INV/1", payments=payments((3, "60"), (12, "40"))),
        item_of("INV/2"),
        item_of("INV/3", residual="30", payments=payments((12, "70"))),
    )
    assert [(one.number, one.settled_on.day) for one in books.settled] == [("INV/1", 12), ("INV/2", 12)]
    paid = [(one.number, one.paid_on.day, str(one.amount), one.side) for one in books.paid]
    assert paid == [
        ("INV/1", 3, "60", "receivable"),
        ("INV/1", 12, "40", "receivable"),
        ("INV/3", 12, "70", "receivable"),
    ]
    assert [(one.number, str(one.residual)) for one in books.items] == [("INV/3", "30")]
    assert (books.partners, books.source) == (("Nordwind GmbH",), "closes/k/statements.json")


def test_an_address_of_a_name_that_several_partners_have_may_be_any_of_theirs(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = [item_of("INV/1", partner="Twin (p1)"), item_of("INV/2", partner="Twin (p2)")]
    known(house, monkeypatch, *twins, item_of("INV/3"))
    practice = Practice(contacts={"a@twin.example": "Twin", "b@nordwind.example": "Nordwind GmbH"})
    books = books_for(house.services.objects, house.services.jobs, practice)
    assert [(one.address, one.partner) for one in books.contacts] == [
        ("a@twin.example", "Twin (p1)"),
        ("a@twin.example", "Twin (p2)"),
        ("b@nordwind.example", "Nordwind GmbH"),
    ]


def test_instalments_that_were_paid_at_once_are_one_payment(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = known(house, monkeypatch, *[item_of("INV/1", payments=payments((12, "100")))] * 2)
    assert [(one.paid_on.day, str(one.amount)) for one in books.paid] == [(12, "200")]


def test_of_a_number_that_comes_again_every_year_the_open_or_else_the_newest_is_meant(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, paid = date(2025, 12, 1), payments((12, "100"))
    books = known(
        house,
        monkeypatch,
        item_of("1", day=older, payments=paid),
        item_of("1", residual="100", settled_on=None),
        item_of("2", day=older, payments=paid, settled_on=date(2025, 12, 20)),
        item_of("2", payments=paid),
        item_of("3", day=older, residual="1", payments=paid),
        item_of("3", residual="2", payments=paid),
    )
    assert [(one.number, one.posting_date.year) for one in books.settled] == [("2", 2026)]
    assert [(one.number, one.paid_on.year) for one in books.paid] == [("2", 2026)]
    assert [one.number for one in books.items] == ["1", "3", "3"]


def test_the_books_are_the_very_same_until_there_is_a_newer_close(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = known(house, monkeypatch, item_of("INV/1"))
    monkeypatch.setattr(mail_practice, "KEPT_SECONDS", -1.0)
    again = books_for(house.services.objects, house.services.jobs, Practice())
    assert again is first
    newer = house.services.jobs.get("close-1").model_copy(
        update={"job_id": "close-2", "client_token": "t2", "created_at": NOW + timedelta(days=1)}
    )
    house.services.jobs.create(newer)
    assert books_for(house.services.objects, house.services.jobs, Practice()) is not first


def test_without_a_close_nothing_is_known_and_nothing_fails(house: Edge) -> None:
    assert books_for(house.services.objects, house.services.jobs, Practice()).items == ()


def test_books_are_read_once_for_many_messages(house: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(house, monkeypatch)
    first = books_for(house.services.objects, house.services.jobs, Practice())
    assert books_for(house.services.objects, house.services.jobs, Practice()) is first


def test_what_is_set_changes_what_it_names_and_keeps_the_rest(house: Edge) -> None:
    set_practice(house.mail.records, {"own": "ar@house.example", "tone": "friendly"})
    changed = set_practice(house.mail.records, {"own_addresses": ["info@house.example"]})
    assert practice_of(house.mail.records) == changed
    assert (changed.tone, changed.addresses) == (Tone.FRIENDLY, ("ar@house.example", "info@house.example"))


@pytest.mark.parametrize(
    "changes",
    [{"colour": "red"}, {"tone": "rude"}, {"policy": {"sure": 2}}, {"answers": {"kinds": {"receipt": 7}}}],
)
def test_a_setting_that_makes_no_sense_is_refused(house: Edge, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        set_practice(house.mail.records, changes)
    assert practice_of(house.mail.records) == Practice()


def test_the_desk_has_the_house_s_own_taxonomy_rules_and_classifier(house: Edge) -> None:
    objects = house.services.objects
    rules = b'[[rule]]\nid = "dues"\nwhen = {words = ["dues"]}\nthen = {category = "dues"}\n'
    own = Classifier.load("sentiment").dump()
    set_practice(
        house.mail.records,
        {
            "own": "ar@house.example",
            "taxonomy": keep_file(objects, "taxonomy", TAXONOMY.encode()),
            "rules": keep_file(objects, "rules", rules),
            "classifiers": {"sentiment": keep_file(objects, "sentiment", own)},
            "policy": {"sure": 0.7},
            "language": "de",
        },
    )
    desk = desk_for(house.mail, NOW)
    assert desk.taxonomy.names == ("dues", "rest") and desk.policy.sure == 0.7 and desk.language == "de"
    assert [rule.id for rule in desk.rules.rules] == ["dues"]
    assert "category" not in desk.classifiers and "spam" in desk.classifiers
    assert desk.classifiers["sentiment"].labels == Classifier.load("sentiment").labels
    assert desk.own_addresses == ("ar@house.example",) and desk.client is None


def test_the_desk_without_settings_is_what_ships(house: Edge) -> None:
    desk = desk_for(house.mail, NOW)
    assert "billing" in desk.taxonomy.names and "category" in desk.classifiers and desk.rules.rules


QUESTION = (
    b"From: Ana <ana@customer.example>\r\nTo: ar@house.example\r\nMessage-ID: <1@customer.example>\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nSubject: Invoice 4711\r\n\r\n"
    b"Please send us a copy of invoice 4711.\r\n"
)


@pytest.mark.parametrize("lost", [False, True])
def test_mail_is_taken_in_without_a_classifier_that_is_refused_and_a_person_is_told_why(
    house: Edge, caplog: pytest.LogCaptureFixture, lost: bool
) -> None:
    key = keep_file(house.services.objects, "category", b"of another version")
    if lost:
        house.services.objects.fetch(key).unlink()
    set_practice(house.mail.records, {"classifiers": {"category": key}, "own": "ar@house.example"})
    [taken] = take_in(house.mail, [QUESTION], NOW)
    [row] = listed(house.mail.records)
    assert row["needs_person"] and row["ticket"] and row["category"] == "billing"
    [why, *_] = triage_of(house.services.objects, taken.mail_id).why_person
    assert why.startswith("the classifier of category that the mail settings name cannot be used: ")
    assert ("no object" if lost else "train it again") in why
    assert why in caplog.text


def test_a_classifier_that_is_put_right_is_used_again(house: Edge) -> None:
    own = Classifier.load("sentiment").dump()
    key = keep_file(house.services.objects, "sentiment", own)
    path = house.services.objects.fetch(key)
    set_practice(house.mail.records, {"classifiers": {"sentiment": key}})
    path.write_bytes(own[: len(own) // 2])
    assert len(desk_for(house.mail, NOW).faults) == 1
    path.write_bytes(own)
    desk = desk_for(house.mail, NOW)
    assert desk.faults == () and desk.classifiers["sentiment"].known["examples"] > 0


def test_a_classifier_that_looks_at_embeddings_is_a_fault_since_mail_is_read_without(house: Edge) -> None:
    plain = Classifier.load("sentiment")
    dense = Dense(
        "letters", np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.zeros((2, 3), np.float32)
    )
    key = keep_file(house.services.objects, "sentiment", replace(plain, dense=dense).dump())
    set_practice(house.mail.records, {"classifiers": {"sentiment": key}})
    desk = desk_for(house.mail, NOW)
    assert "without --embeddings" in desk.faults[0]
    assert desk.classifiers["sentiment"].dense is None


def test_a_classifier_whose_labels_nobody_knows_is_a_fault_and_mail_is_read_without(house: Edge) -> None:
    key = keep_file(house.services.objects, "category", Classifier.load("sentiment").dump())
    set_practice(house.mail.records, {"classifiers": {"category": key}})
    desk = desk_for(house.mail, NOW)
    assert "are not in the taxonomy finance-operations" in desk.faults[0]
    assert set(desk.classifiers["category"].labels) <= set(desk.taxonomy.names)


def test_what_a_partner_calls_an_item_is_known_with_it(house: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    books = known(
        house,
        monkeypatch,
        item_of("BILL/1", residual="5", settled_on=None, reference="RE-77"),
        item_of("BILL/2", payments=payments((12, "100")), reference="RE-78"),
    )
    told = [(one.number, one.reference) for one in (*books.items, *books.paid, *books.settled)]
    assert told == [("BILL/1", "RE-77"), ("BILL/2", "RE-78"), ("BILL/2", "RE-78")]
