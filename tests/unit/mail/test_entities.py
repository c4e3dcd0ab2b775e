"""What messages name: numbers of many shapes, amounts, days, accounts, and what the books know of them."""

from __future__ import annotations

import pytest
from abax.mail.contracts import Mailbox
from abax.mail.known import Known, key_of

from tests.support.letters import BOOKS, names


def found(text: str, language: str = "en", **more) -> set[tuple[str, str]]:
    return {(one.kind, one.value) for one in names(text, language, **more).entities}


@pytest.mark.parametrize(
    ("language", "text", "kind", "value"),
    [
        ("en", "Please see invoice no. 2026-00418.", "invoice", "2026-00418"),
        ("en", "our PO 4500012345 is late", "order", "4500012345"),
        ("en", "regarding PO-88712/3 we ask", "order", "PO-88712/3"),
        ("en", "My customer number is K-10442", "customer", "K-10442"),
        ("en", "claim under contract LEASE-2019-7", "contract", "LEASE-2019-7"),
        ("en", "[Ticket #88213] printer", "ticket", "88213"),
        ("en", "shipped with UPS 1Z999AA10123456784 today", "tracking", "1Z999AA10123456784"),
        ("en", "parcel RR473124829DE was posted", "tracking", "RR473124829DE"),
        ("de", "Rechnung Nr. RE-2026/0815 liegt bei", "invoice", "RE-2026/0815"),
        ("de", "Ihre Rechnungsnummer: 100234", "invoice", "100234"),
        ("de", "unser Auftrag AB-30412", "order", "AB-30412"),
        ("de", "Kundennummer 10338", "customer", "10338"),
        ("de", "Lieferschein LS-90233", "delivery", "LS-90233"),
        ("de", "Vertrag Nr. WV-2021-77", "contract", "WV-2021-77"),
        ("fr", "votre facture n° FA-5520", "invoice", "FA-5520"),
        ("fr", "la commande n° 90114", "order", "90114"),
        ("es", "la factura núm. F-2026/310", "invoice", "F-2026/310"),
        ("es", "albarán ALB-7788", "delivery", "ALB-7788"),
        ("it", "fattura n. 215/2026", "invoice", "215/2026"),
        ("it", "il vostro ordine OA-5512", "order", "OA-5512"),
        ("nl", "factuurnummer 20261877", "invoice", "20261877"),
        ("nl", "bestelling 55120", "order", "55120"),
        ("pl", "faktura nr FV/2026/11/0231", "invoice", "FV/2026/11/0231"),
        ("pl", "zamówienie ZAM-4410", "order", "ZAM-4410"),
    ],
)
def test_a_number_is_found_by_its_label_or_its_shape(language, text, kind, value):
    assert (kind, value) in found(text, language)


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "a total of EUR 12,400.00 is due", "12400.00 EUR"),
        ("en", "we paid $1,000.50", "1000.50 USD"),
        ("en", "about 5k EUR", "5000.00 EUR"),
        ("en", "it costs 300 pounds", "300.00 GBP"),
        ("de", "über 1.250,00 €", "1250.00 EUR"),
        ("de", "CHF 2'180.40 sind offen", "2180.40 CHF"),
        ("fr", "la somme de 3 450,50 €", "3450.50 EUR"),
        ("es", "3.450,75 euros", "3450.75 EUR"),
        ("it", "€ 2.340,00", "2340.00 EUR"),
        ("nl", "€ 780,50 staat open", "780.50 EUR"),
        ("pl", "kwota 5 430,00 zł", "5430.00 PLN"),
        ("pl", "1200 złotych", "1200.00 PLN"),
    ],
)
def test_an_amount_has_one_form_whatever_its_country_writes(language, text, value):
    assert ("amount", value) in found(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "We are 30 people and open at 9.",
        "The rate is 21 % in 2026.",
        "Call +49 30 1234567 or come to room 404.",
        "In the order of 500 pieces.",
        "invoice 30 days overdue",
    ],
)
def test_numbers_of_nothing_are_no_entities(text):
    assert not found(text)


def test_the_books_find_a_number_that_nothing_labels():
    assert found("Any news on INV-2026-0042?", books=BOOKS) == {("invoice", "INV/2026/0042")}


def test_numbers_of_one_list_are_all_found():
    numbers = {value for kind, value in found("for invoices 7712, 7713 and 7716.") if kind == "invoice"}
    assert numbers == {"7712", "7713", "7716"}


def test_a_part_of_a_longer_number_is_not_told_twice():
    assert found("Our PO-4500098123.", subject="PO 4500098123") == {("order", "PO-4500098123")}


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("en", "by 4 December 2026 at noon", {"2026-12-04"}),
        ("en", "your mail of November 9th", {"2026-11-09"}),
        ("de", "vom 12.11.2026 und bis zum 30.11.", {"2026-11-12", "2026-11-30"}),
        ("fr", "le 3 décembre", {"2026-12-03"}),
        ("es", "antes del 30 de noviembre", {"2026-11-30"}),
        ("pl", "do 5 grudnia", {"2026-12-05"}),
        ("en", "by Friday, or tomorrow", set()),
    ],
)
def test_a_day_is_named_by_its_date_and_the_year_is_the_nearest(language, text, days):
    assert {value for kind, value in found(text, language) if kind == "date"} == days


def test_accounts_and_tax_ids_are_as_sure_as_their_check_digits():
    [good] = names("IBAN DE89 3704 0044 0532 0130 00").of("iban")
    [bad] = names("IBAN DE88 3704 0044 0532 0130 00").of("iban")
    assert (good.value, good.confidence > 0.9, bad.confidence < 0.5) == ("DE89370400440532013000", True, True)
    [vat] = names("our VAT id is GB980780684").of("tax_id")
    assert vat.value == "GB980780684"
    assert not names("part DE123456789 is broken").of("tax_id"), "wrong digits, and nothing calls it a tax id"


@pytest.mark.parametrize("written", ["INV/2026/0042", "inv-2026-42", "INV 2026/0042", "INV20260042"])
def test_a_number_of_the_books_is_known_however_it_is_written(written):
    [entity] = names(f"invoice {written} please", books=BOOKS).of("invoice")
    assert (entity.value, entity.known, entity.partner) == ("INV/2026/0042", True, "Brightwater Ltd")


@pytest.mark.parametrize("written", ["INV-202642", "INV/2025/0042", "INV/2026/00420", "INV/2026/42-1"])
def test_another_number_is_not_taken_for_one_of_the_books(written):
    [entity] = names(f"invoice {written} please", books=BOOKS).of("invoice")
    assert (entity.known, entity.partner) == (False, "")


def test_the_end_of_a_number_is_known_where_only_one_ends_so_and_less_sure():
    [entity] = names("invoice 2026/0042 please", books=BOOKS).of("invoice")
    assert (entity.value, entity.known) == ("INV/2026/0042", True)
    assert entity.confidence <= 0.8
    [short] = names("invoice no. 42 please", books=BOOKS).of("invoice")
    assert short.known is False


def test_without_books_nothing_is_known_to_be_unknown():
    [entity] = names("invoice INV/2026/0042").of("invoice")
    assert entity.known is None


def test_partners_are_found_by_name_with_the_side_they_are_on():
    kinds = {
        (one.kind, one.partner) for one in names("Brightwater and STEELWORKS wrote.", books=BOOKS).entities
    }
    assert kinds == {("customer", "Brightwater Ltd"), ("supplier", "Steelworks GmbH")}


def test_every_entity_bears_its_sentence_word_for_word():
    text = "Hello.\nInvoice 88213 over EUR 20.00\nof 4 September 2026 is wrong. Bye."
    plain = " ".join(text.split())
    entities = names(text).entities
    assert len(entities) == 3
    for entity in entities:
        assert entity.evidence in plain
        assert entity.text in entity.evidence


def test_groups_are_compared_without_zeros_and_separators():
    assert key_of("INV/2026/0042") == key_of("inv-2026-42") != key_of("INV-202642")


def test_who_writes_is_known_by_record_or_by_the_name_of_the_domain():
    known = Known(BOOKS)
    assert known.sender(Mailbox(address="x@brightwater.example")) == "Brightwater Ltd"
    assert known.sender(Mailbox(address="ap@steelworks.example")) == "Steelworks GmbH"
    assert known.sender(Mailbox(address="steelworks@gmail.com")) == ""
