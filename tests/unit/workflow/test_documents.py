"""Documents step by step in edge mode: what is taken in once comes out once, and people are heard once."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.compose import Edge, edge
from abax.documents import pipeline
from abax.documents.bookings import BookedAccount, Bookings, History, TaxAccount
from abax.documents.contracts import TradeDocument
from abax.documents.route import Way
from abax.errors import Conflict, EmptyFile, InvalidRequest, NotFound
from abax.ports import Job, JobState
from abax.serve import read_document, reject_overdue
from abax.workflow import document_known, documents, drafts
from abax.workflow.document_request import ReviewRequest
from abax.workflow.documents import outcomes, run_document, run_step
from abax.workflow.intake import request_document, request_key, sent_in
from abax.workflow.reviews import decide, open_reviews

from tests.support.invoices import ubl

BOOKINGS = Bookings(
    company="Nordlicht",
    currency="EUR",
    partners={
        "papier krause": History(
            partner="p7",
            name="Papier Krause GmbH",
            entries=20,
            payable="3300",
            accounts=(BookedAccount(account="6815", entries=20),),
        )
    },
    taxes=(TaxAccount(account="1406", rate=Decimal(19), entries=90),),
    payable="3300",
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Edge]:
    document_known.forget()
    yield edge(tmp_path / "home")
    document_known.forget()


def work(house: Edge) -> None:
    """What a worker does until its queue is empty."""
    import threading

    stopping = threading.Event()
    while house.document_queue.receive(lambda message: read_document(house, message, stopping)):
        pass


def sent(house: Edge, content: bytes, name: str = "invoice.xml") -> Job:
    job, _ = request_document(house.services, name, content)
    work(house)
    return house.services.jobs.get(job.job_id)


def only(house: Edge, job: Job) -> dict[str, Any]:
    found, refused = outcomes(house.documents, job.job_id)
    assert (len(found), refused) == (1, [])
    return found[0]


def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that find nothing wrong."""
    monkeypatch.setattr(pipeline, "checked", lambda *given: ())


def zipped(**members: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return body.getvalue()


def test_a_clean_invoice_goes_through_untouched_and_ends_its_job(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(monkeypatch)
    job = sent(house, ubl())
    assert (job.state, job.message) == (JobState.SUCCEEDED, "1 touchless")
    fact = drafts.get_fact(house.services.objects, only(house, job)["document_id"])
    assert isinstance(fact.contract, TradeDocument)
    assert (fact.contract.number, fact.contract.totals.gross) == ("R-1", Decimal("119.00"))
    assert fact.path == "fast" and set(fact.seconds) >= {"classify", "extract", "validate", "route"}


def test_the_same_content_is_read_once_whatever_it_is_called(house: Edge) -> None:
    first = sent(house, ubl(), "a.xml")
    again, is_new = request_document(house.services, "b.xml", ubl())
    assert (again.job_id, is_new) == (first.job_id, False)
    assert house.document_queue.waiting() == 0


def test_a_document_that_does_not_add_up_waits_for_a_person(house: Edge) -> None:
    job = sent(house, ubl(line="90.00"))
    assert (job.state, job.step) == (JobState.RUNNING, "review")
    [waiting] = open_reviews(house.documents.records)
    assert waiting["document_id"] == only(house, job)["document_id"]
    assert waiting["reasons"] and "token" not in waiting
    assert datetime.fromisoformat(waiting["deadline"]) > datetime.now(UTC) + timedelta(days=6)


def test_what_is_approved_goes_on_and_makes_its_supplier_known(house: Edge) -> None:
    job = sent(house, ubl(line="90.00"))
    document_id = only(house, job)["document_id"]
    decide(house.services, document_id, ReviewRequest(verdict="approve", by="Ana"))
    work(house)
    job = house.services.jobs.get(job.job_id)
    assert (job.state, job.message) == (JobState.SUCCEEDED, "1 approved")
    fact = drafts.get_fact(house.services.objects, document_id)
    assert fact.decision.way is Way.APPROVED and "approve by Ana" in fact.decision.reasons
    assert list(open_reviews(house.documents.records)) == []
    assert [key for key, _ in house.documents.records.items("suppliers")]


def test_a_correction_is_checked_again_and_kept_as_labelled_data(house: Edge) -> None:
    job = sent(house, ubl(line="90.00"))
    document_id = only(house, job)["document_id"]
    changes = {"lines[0].net_amount": "100.00", "lines[0].unit_price": 100, "number": "R-17"}
    decide(house.services, document_id, ReviewRequest(verdict="correct", corrections=changes, by="Ana"))
    work(house)
    fact = drafts.get_fact(house.services.objects, document_id)
    assert isinstance(fact.contract, TradeDocument)
    assert (fact.contract.number, fact.contract.lines[0].net_amount) == ("R-17", Decimal("100.00"))
    extraction = fact.quality.extraction
    assert extraction.evidence["number"].method == "person"
    assert extraction.evidence["issue_date"].method == "xml"
    label = json.loads(house.services.objects.get(f"labels/{document_id}.json"))
    assert label["corrected"]["number"] == {"was": "R-1", "is": "R-17"}
    assert label["contract"]["lines"][0]["net_amount"] == "100.00"
    assert house.services.objects.get(label["file"]) == ubl(line="90.00")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"no such thing!": "1"}, "no path"),
        ({"lines[7].quantity": "1"}, "there are 1"),
        ({"totals.gross": "much"}, "totals.gross"),
        ({"nothing": "1"}, "nothing"),
        ({"type": "letter"}, "no type"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_and_decides_nothing(
    house: Edge, changes: dict[str, Any], told: str
) -> None:
    document_id = only(house, sent(house, ubl(line="90.00")))["document_id"]
    with pytest.raises(InvalidRequest, match=told):
        decide(house.services, document_id, ReviewRequest(verdict="correct", corrections=changes))
    assert len(list(open_reviews(house.documents.records))) == 1


def test_who_decides_first_is_heard(house: Edge) -> None:
    document_id = only(house, sent(house, ubl(line="90.00")))["document_id"]
    decide(house.services, document_id, ReviewRequest(verdict="reject"))
    with pytest.raises(Conflict):
        decide(house.services, document_id, ReviewRequest(verdict="approve"))
    work(house)
    with pytest.raises(NotFound):
        decide(house.services, document_id, ReviewRequest(verdict="approve"))
    fact = drafts.get_fact(house.services.objects, document_id)
    assert fact.decision.way is Way.REJECTED and fact.decision.entry is None


def test_what_nobody_decides_in_time_is_rejected(tmp_path: Path) -> None:
    house = edge(tmp_path / "home")
    house = replace(house, documents=replace(house.documents, review_seconds=0))
    job = sent(house, ubl(line="90.00"))
    assert reject_overdue(house) == 1
    work(house)
    job = house.services.jobs.get(job.job_id)
    assert (job.state, job.message) == (JobState.SUCCEEDED, "1 rejected")
    fact = drafts.get_fact(house.services.objects, only(house, job)["document_id"])
    assert "nobody decided in time" in fact.decision.reasons


def test_a_rejected_document_does_not_make_its_second_copy_a_duplicate(house: Edge) -> None:
    document_id = only(house, sent(house, ubl(line="90.00")))["document_id"]
    decide(house.services, document_id, ReviewRequest(verdict="reject"))
    work(house)
    assert house.documents.records.get("seen", document_id) is None


def test_a_touchless_supplier_invoice_proposes_a_balanced_entry(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(monkeypatch)
    monkeypatch.setattr(document_known, "bookings", lambda context: BOOKINGS)
    job = sent(house, ubl())
    entry = drafts.get_fact(house.services.objects, only(house, job)["document_id"]).decision.entry
    assert entry is not None and sum(line.amount for line in entry.lines) == 0
    assert {line.account for line in entry.lines} == {"6815", "1406", "3300"}


def test_how_a_reviewer_booked_is_learned_for_the_supplier_s_next_document(house: Edge) -> None:
    document_id = only(house, sent(house, ubl(line="90.00")))["document_id"]
    lines = [("4980", "100.00"), ("1406", "19.00"), ("3300", "-119.00")]
    entry = [{"account": account, "amount": amount} for account, amount in lines]
    decide(house.services, document_id, ReviewRequest.model_validate({"verdict": "correct", "entry": entry}))
    work(house)
    learned = document_known.bookings(house.documents)
    assert learned is not None
    history = learned.partners["papier krause"]
    assert [one.account for one in history.accounts] == ["4980"] and history.payable == "3300"


def test_an_entry_that_does_not_balance_is_refused() -> None:
    with pytest.raises(ValueError, match="sum to nothing"):
        ReviewRequest.model_validate({"verdict": "correct", "entry": [{"account": "1", "amount": "1"}]})


def test_a_member_that_fails_leaves_its_siblings(house: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)
    members = {"good.xml": ubl("R-1"), "empty.pdf": b"", "broken.xml": b"<Invoice>", "other.xml": ubl("R-2")}
    job = sent(house, zipped(**members), "post.zip")
    found, refused = outcomes(house.documents, job.job_id)
    assert sorted(one["name"] for one in found) == ["good.xml", "other.xml"]
    assert sorted(one["name"] for one in refused) == ["broken.xml", "empty.pdf"]
    assert all(one["error"]["type"] and one["error"]["message"] for one in refused)
    assert job.state is JobState.SUCCEEDED and job.message == "2 touchless, 2 refused"


def test_many_members_are_read_one_by_one_and_each_once(house: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)
    members = {f"{number}.xml": ubl(f"R-{number}") for number in range(8)} | {"copy.xml": ubl("R-1")}
    job = sent(house, zipped(**members), "post.zip")
    found, _ = outcomes(house.documents, job.job_id)
    assert len({one["document_id"] for one in found}) == 8


def test_an_upload_of_nothing_but_what_cannot_be_read_fails_with_the_reason(house: Edge) -> None:
    job = sent(house, b"MZ\x90\x00" + bytes(100), "program.exe")
    assert job.state is JobState.FAILED and job.error is not None
    assert job.error["type"] == "UnknownFormat"
    with pytest.raises(EmptyFile):
        request_document(house.services, "nothing.pdf", b"")


def test_what_failed_is_read_again_when_it_is_sent_again(house: Edge) -> None:
    first = sent(house, b"<Invoice>")
    second, is_new = request_document(house.services, "again.xml", b"<Invoice>")
    assert is_new and second.job_id != first.job_id


def test_a_crash_in_a_stage_gives_up_that_document_alone(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(monkeypatch)
    whole = pipeline.STAGES["extract"]

    def crashing(draft: Any, source: Any, context: Any) -> Any:
        if draft.name == "bad.xml":
            raise ZeroDivisionError
        return whole(draft, source, context)

    monkeypatch.setitem(pipeline.STAGES, "extract", crashing)
    monkeypatch.setattr(documents, "AT_ONCE", 0)
    job = sent(house, zipped(**{"bad.xml": ubl("R-1"), "good.xml": ubl("R-2")}), "post.zip")
    found, refused = outcomes(house.documents, job.job_id)
    assert [one["name"] for one in found] == ["good.xml"]
    assert [(one["name"], one["error"]["type"]) for one in refused] == [("bad.xml", "StageCrashed")]


@pytest.mark.parametrize("killed_after", ["take_in", "fact"])
def test_a_job_that_was_killed_anywhere_is_done_again_without_doing_anything_twice(
    house: Edge, monkeypatch: pytest.MonkeyPatch, killed_after: str
) -> None:
    clean(monkeypatch)
    job, _ = request_document(house.services, "invoice.xml", ubl())

    def killed(*given: Any) -> Any:
        raise KeyboardInterrupt

    name = "_taken" if killed_after == "take_in" else "_finish"
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(documents, name, killed)
        run_document(house.documents, job.job_id)
    ran: list[str] = []
    monkeypatch.setattr(pipeline, "run_stage", lambda name, draft, *rest: ran.append(name) or draft)
    if killed_after == "take_in":
        monkeypatch.undo()
        clean(monkeypatch)
    done = run_document(house.documents, job.job_id)
    assert done.state is JobState.SUCCEEDED and ran == []


def test_stage_by_stage_comes_to_the_same_as_all_at_once(
    house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(monkeypatch)
    job, _ = request_document(house.services, "invoice.xml", ubl())
    monkeypatch.setattr(documents, "_all_stages", lambda work, file: None)
    taken = run_step(house.documents, {"step": "take_in", "job_id": job.job_id})
    assert [one["path"] for one in taken["files"]] == ["full"]
    done = run_document(house.documents, job.job_id)
    assert done.message == "1 touchless"
    stepwise = drafts.get_fact(house.services.objects, only(house, done)["document_id"])
    [at_once] = pipeline.process("invoice.xml", ubl())
    left_out = {"seconds", "decision"}
    assert isinstance(at_once, pipeline.Fact)
    assert stepwise.model_dump(exclude=left_out) == at_once.model_dump(exclude=left_out)


def test_a_key_must_lie_in_the_inbox(house: Edge) -> None:
    house.services.objects.put("inbox/a/b.xml", ubl())
    job, is_new = request_key(house.services, "inbox/a/b.xml")
    assert is_new and job.request["name"] == "b.xml"
    with pytest.raises(InvalidRequest):
        request_key(house.services, "secrets/a.xml")
    with pytest.raises(NotFound):
        request_key(house.services, "inbox/none.xml")


def test_messages_of_all_kinds_name_their_documents() -> None:
    record = {"s3": {"object": {"key": "inbox/M%C3%A4rz+2026.pdf"}}}
    assert [tuple(one) for one in sent_in({"Records": [record]})] == [
        ("inbox/März 2026.pdf", "März 2026.pdf")
    ]
    event = {"specversion": "1.0", "id": "1", "source": "s", "type": "abax.document.sent"}
    [named] = sent_in(event | {"data": {"key": "inbox/a", "name": "A.pdf"}})
    assert tuple(named) == ("inbox/a", "A.pdf")
    assert list(sent_in({"Event": "s3:TestEvent"})) == []
    with pytest.raises(InvalidRequest):
        list(sent_in({"hello": 1}))
