"""Where documents go: touchless when confident and clean, never after an alarm."""

from __future__ import annotations

from decimal import Decimal

import pytest
from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Evidence, Totals, TradeDocument
from abax.documents.extract import Extraction
from abax.documents.quality import Quality
from abax.documents.route import FRAUD, QUEUES, Policy, Way, matters, route
from abax.documents.validate import Check, Outcome, Severity
from hypothesis import given
from hypothesis import strategies as st

CONTRACT = TradeDocument(type=DocumentType.SUPPLIER_INVOICE, totals=Totals(gross=Decimal(119)))
SURE = Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=0.99)


def quality(**fields: object) -> Quality:
    given = {"extraction": Extraction(contract=CONTRACT), "confidence": 0.97, "completeness": 1.0}
    return Quality.model_validate(given | fields)


def check(severity: Severity, outcome: Outcome = Outcome.FAILED, rule: str = "r-1") -> Check:
    return Check(rule=rule, severity=severity, outcome=outcome, text="It holds.", compared="1 = 2")


def passed(*rules: str) -> list[Check]:
    return [check(Severity.ERROR, Outcome.PASSED, rule) for rule in rules]


KNOWN = passed("supplier-known")


def test_what_is_confident_and_clean_needs_nobody() -> None:
    checks = [check(Severity.ALARM, Outcome.PASSED), check(Severity.ERROR, Outcome.NOT_APPLICABLE)]
    decision = route(SURE, quality(), [*checks, *KNOWN])
    assert (decision.way, decision.queue, decision.reasons) == (Way.TOUCHLESS, "", ())


def test_information_alone_keeps_nothing_up() -> None:
    assert route(SURE, quality(), [check(Severity.INFO), *KNOWN]).way is Way.TOUCHLESS


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR])
def test_a_failed_rule_comes_to_the_type_s_reviewers_with_what_was_compared(severity: Severity) -> None:
    decision = route(SURE, quality(), [check(severity), *KNOWN])
    assert (decision.way, decision.queue) == (Way.REVIEW, "accounts_payable")
    assert decision.reasons == ("r-1: It holds. (1 = 2)",)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"confidence": 0.5}, "with 50% only"),
        ({"missing": ("number",)}, "not found: number"),
        ({"doubtful": ("totals.gross",)}, "doubtful: totals.gross"),
    ],
)
def test_doubts_come_to_a_person(fields: dict[str, object], told: str) -> None:
    [reason] = route(SURE, quality(**fields), KNOWN).reasons
    assert told in reason


def test_doubts_about_what_nobody_books_or_pays_do_not() -> None:
    assert route(SURE, quality(doubtful=("seller.phone", "lines[3].unit")), KNOWN).way is Way.TOUCHLESS
    assert matters("bank_accounts[0].iban", DocumentType.SUPPLIER_INVOICE)
    assert matters("lines[2].quantity", DocumentType.DELIVERY_NOTE)
    assert not matters("lines[2].quantity", DocumentType.SUPPLIER_INVOICE)


@pytest.mark.parametrize(
    "path", ["buyer.name", "seller.address.postcode", "ship_to.address.city", "seller.vat_id", "due_date"]
)
def test_a_doubt_about_who_or_when_comes_to_a_person(path: str) -> None:
    proven = passed("gross-total", "lines-total")
    [reason] = route(SURE, quality(doubtful=(path,)), proven).reasons
    assert reason == f"doubtful: {path}"


def test_addresses_of_a_known_supplier_and_ours_are_on_file_but_names_are_read() -> None:
    addresses = ("seller.address.street", "buyer.address.city")
    assert route(SURE, quality(doubtful=addresses), KNOWN).way is Way.TOUCHLESS
    for path in ("seller.name", "buyer.name", "ship_to.address.city"):
        assert route(SURE, quality(doubtful=(path,)), KNOWN).way is Way.REVIEW


def test_what_comes_from_nobody_known_and_is_not_booked_must_be_proven_by_its_own_sums() -> None:
    [reason] = route(SURE, quality(), passed("gross-total")).reasons
    assert reason.startswith("nothing proves it")
    assert route(SURE, quality(), passed("gross-total", "lines-total")).way is Way.TOUCHLESS
    issue = SURE.model_copy(update={"type": DocumentType.GOODS_ISSUE})
    assert route(issue, quality(), passed("gross-total", "lines-total")).way is Way.REVIEW
    voucher = SURE.model_copy(update={"type": DocumentType.JOURNAL_VOUCHER})
    assert route(voucher, quality(), passed("voucher-sides")).way is Way.TOUCHLESS


def test_what_was_not_guessed_needs_no_proof() -> None:
    said = {"number": Evidence(method="xml", confidence=1.0)}
    stated = quality(extraction=Extraction(contract=CONTRACT, evidence=said))
    assert route(SURE, stated, ()).way is Way.TOUCHLESS
    guessed = said | {"seller.name": Evidence(method="ranker", confidence=0.99)}
    mixed = quality(extraction=Extraction(contract=CONTRACT, evidence=guessed))
    assert route(SURE, mixed, ()).way is Way.REVIEW


def test_an_uncertain_type_and_pages_that_could_not_be_read_come_to_a_person() -> None:
    unsure = SURE.model_copy(update={"confidence": 0.6})
    assert route(unsure, quality(), ()).way is Way.REVIEW
    unknown = SURE.model_copy(update={"type": DocumentType.UNKNOWN})
    assert route(unknown, quality(), ()).queue == "unclear"
    assert route(SURE, quality(), (), problems=["page 2: torn"]).way is Way.REVIEW


def test_what_cannot_be_booked_and_what_is_very_large_comes_to_a_person() -> None:
    assert "never booked" in route(SURE, quality(), KNOWN, unbooked="never booked before").reasons[0]
    assert route(SURE, quality(), (), policy=Policy(largest=Decimal(100))).way is Way.REVIEW


def test_every_type_has_its_reviewers() -> None:
    assert set(QUEUES) == set(DocumentType)


CHECKS = st.lists(st.builds(check, st.sampled_from(Severity), st.sampled_from(Outcome)), max_size=5)
QUALITIES = st.builds(quality, confidence=st.floats(0, 1), missing=st.sampled_from([(), ("number",)]))


@given(CHECKS, QUALITIES, st.floats(0, 1))
def test_nothing_is_touchless_after_an_alarm_whatever_else_is_so(
    checks: list[Check], found: Quality, sure: float
) -> None:
    alarmed = [*checks, check(Severity.ALARM)]
    decision = route(SURE.model_copy(update={"confidence": sure}), found, alarmed)
    assert (decision.way, decision.queue, decision.entry) == (Way.REVIEW, FRAUD, None)
