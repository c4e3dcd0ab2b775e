"""Mail is taken in once, whatever comes twice, breaks or is interrupted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from abax.compose import Edge, edge
from abax.errors import FileTooLarge, InvalidRequest, NotFound, StorageFull
from abax.workflow import mail
from abax.workflow.mail import Taken, digest_of, keys_in, listed, row_of, send_in, take_in
from abax.workflow.mail_practice import set_practice

from tests.support.invoices import ubl
from tests.support.mails import OWN, eml, plain_desk  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("plain_desk")


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    made = edge(tmp_path / "home")
    set_practice(made.mail.records, {"own": OWN})
    return made


def outs(house: Edge) -> list[dict[str, Any]]:
    """What waits to leave."""
    found: list[dict[str, Any]] = []

    def take(message: Mapping[str, Any]) -> None:
        found.append(dict(message))

    while house.mail_out_queue.receive(take):
        pass
    return found


def rows(house: Edge) -> list[dict[str, Any]]:
    return list(listed(house.mail.records))


def take(house: Edge, *contents: bytes) -> list[Taken]:
    return take_in(house.mail, contents)


def test_a_message_is_kept_routed_and_answered_by_a_draft(house: Edge) -> None:
    [taken] = take(house, eml())
    [row] = rows(house)
    assert taken.is_new and row["mail_id"] == taken.mail_id
    assert (row["category"], row["queue"], row["priority"]) == ("billing", "ar", "P2")
    assert (row["ticket"]["state"], row["reply"]["state"], row["reply"]["kind"]) == (
        "waiting",
        "drafted",
        "receipt",
    )
    assert house.services.objects.get(mail.raw_key(digest_of(eml()))) == eml()
    assert outs(house) == [{"task": "ticket", "mail_id": taken.mail_id}]


def test_a_message_that_comes_again_is_not_done_again(house: Edge) -> None:
    [first] = take(house, eml())
    [second] = take(house, eml())
    assert (second.mail_id, second.is_new) == (first.mail_id, False)
    assert len(rows(house)) == len(outs(house)) == 1


def test_a_copy_that_took_another_way_is_the_same_message(house: Edge) -> None:
    [first] = take(house, eml(received="from a by b; Fri, 20 Nov 2026 09:00:00 +0000"))
    [second] = take(house, eml(received="from c by d; Fri, 20 Nov 2026 09:00:09 +0000"))
    assert (second.mail_id, second.is_new) == (first.mail_id, False)


def test_other_words_under_the_same_id_are_kept_apart_and_say_so(house: Edge) -> None:
    [first] = take(house, eml(body="Pay me."))
    [second] = take(house, eml(body="Pay somebody else."))
    assert second.is_new and second.mail_id.startswith(f"{first.mail_id}-")
    assert first.mail_id in row_of(house.mail.records, second.mail_id)["problems"][0]
    assert row_of(house.mail.records, first.mail_id)["problems"] == []
    assert len(outs(house)) == 2
    assert not take(house, eml(body="Pay somebody else."))[0].is_new


def test_a_message_that_is_in_one_batch_twice_is_done_once(house: Edge) -> None:
    first, second, other = take(house, eml(1), eml(1), eml(2))
    assert first.mail_id == second.mail_id != other.mail_id
    assert len(rows(house)) == len(outs(house)) == 2


def test_a_message_without_an_id_is_known_by_its_content(house: Edge) -> None:
    [first] = take(house, eml(message_id=""))
    [second] = take(house, eml(message_id=""))
    [other] = take(house, eml(message_id="", body="Something else."))
    assert first.mail_id == second.mail_id != other.mail_id and not second.is_new


def test_what_was_interrupted_is_finished_at_the_next_try(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = house.mail.records
    put = records.put

    def full_at_the_list(space: str, key: str, item: Mapping[str, Any], **how: bool) -> bool:
        if space == mail.LISTED:
            raise StorageFull("here")
        return put(space, key, item, **how)

    with monkeypatch.context() as broken:
        broken.setattr(records, "put", full_at_the_list)
        with pytest.raises(StorageFull):
            take(house, eml())
    assert rows(house) == []
    [taken] = take(house, eml())
    assert taken.is_new and [row["mail_id"] for row in rows(house)] == [taken.mail_id]
    assert {message["mail_id"] for message in outs(house)} == {taken.mail_id}


def test_attachments_are_read_as_documents_unless_nobody_should(house: Edge) -> None:
    files = [("invoice.xml", ubl("R-1")), ("smime.p7s", b"signature")]
    take(house, eml(1, attachments=files), eml(2, subject="spam: win", attachments=[("x.xml", ubl("R-2"))]))
    by_category = {row["category"]: row for row in rows(house)}
    [job_id] = by_category["billing"]["documents"]
    assert house.services.jobs.get(job_id).request["name"] == "invoice.xml"
    assert by_category["spam"]["documents"] == []
    assert by_category["spam"]["ticket"] is None and by_category["spam"]["reply"] is None


def test_an_attachment_that_is_too_large_is_said_and_stops_nothing(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abax.workflow.intake.MOST_BYTES", 10)
    take(house, eml(attachments=[("large.pdf", b"%PDF-1.7 " + b"x" * 100)]))
    [row] = rows(house)
    assert row["documents"] == [] and "large.pdf" in row["problems"][0]


def test_the_newest_is_listed_first_and_queues_can_be_chosen(house: Edge) -> None:
    for number, subject in enumerate(["billing: a", "spam: b", "order: c"]):
        take(house, eml(number, subject=subject))
    assert [row["subject"] for row in rows(house)] == ["order: c", "spam: b", "billing: a"]
    records = house.mail.records
    assert [row["subject"] for row in listed(records, queue="ar")] == ["order: c", "billing: a"]
    assert [row["subject"] for row in listed(records, category="spam")] == ["spam: b"]


def test_what_was_sent_in_is_found_by_its_digest_before_and_after(house: Edge) -> None:
    assert house.services.mails is not None
    digest = send_in(house.services.objects, house.services.mails, eml())
    with pytest.raises(NotFound, match="not done yet"):
        row_of(house.mail.records, digest)
    [taken] = take(house, eml())
    assert row_of(house.mail.records, digest)["mail_id"] == taken.mail_id
    with pytest.raises(NotFound, match="no mail"):
        row_of(house.mail.records, "0" * 64)


def test_nothing_and_far_too_much_are_refused_at_the_door(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.services.mails is not None
    with pytest.raises(InvalidRequest):
        send_in(house.services.objects, house.services.mails, b" \r\n")
    monkeypatch.setattr(mail, "MOST_BYTES", 10)
    with pytest.raises(FileTooLarge):
        send_in(house.services.objects, house.services.mails, eml())


BUCKET_EVENT = {"Records": [{"s3": {"object": {"key": "mail/ses/M%C3%A4rz+1"}}}]}
CLOUD_EVENT = {"specversion": "1.0", "id": "1", "source": "x", "type": "abax.mail.received"}


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (BUCKET_EVENT, ["mail/ses/März 1"]),
        ({"key": "mail/a.eml"}, ["mail/a.eml"]),
        ({**CLOUD_EVENT, "data": {"key": "mail/b.eml"}}, ["mail/b.eml"]),
        ({"Event": "s3:TestEvent"}, []),
        (json.dumps({"key": "mails/raw/x.eml"}), ["mails/raw/x.eml"]),
    ],
)
def test_a_message_names_mail_in_several_ways(body: Any, keys: list[str]) -> None:
    assert list(keys_in(body)) == keys


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        {},
        {"key": 7},
        {"key": "secrets/x"},
        {"key": "mail/../closes/x"},
        {"Records": [{"s3": {}}]},
        {"Records": ["x"]},
        {**CLOUD_EVENT, "type": "other"},
        CLOUD_EVENT,
    ],
)
def test_a_message_that_names_no_mail_is_refused(body: Any) -> None:
    with pytest.raises(InvalidRequest):
        list(keys_in(body))


def test_what_nobody_takes_goes_to_whoever_takes_the_rest(house: Edge) -> None:
    set_practice(house.mail.records, {"tickets": {"*": "https://desk.example/tickets"}})
    [taken] = take(house, eml(subject="other: a parcel for nobody"))
    assert outs(house) == [{"task": "ticket", "mail_id": taken.mail_id}]


def test_what_nobody_takes_stays_where_nobody_takes_the_rest(house: Edge) -> None:
    take(house, eml(subject="other: a parcel for nobody"))
    set_practice(house.mail.records, {"tickets": {"*": "https://desk.example/tickets"}})
    take(house, eml(2, subject="spam: win"))
    assert outs(house) == []
