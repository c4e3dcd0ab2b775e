from itertools import pairwise

import pytest
from abax.mail.privacy import ALL, counts, masked, people_in, personal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ann.lee+x@mail.example.co.uk.", "Write to [email]."),
        ("IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX", "IBAN [iban], BIC COBADEFFXXX"),
        ("Konto DE89370400440532013000 bitte", "Konto [iban] bitte"),
        ("iban: gb82 west 1234 5698 7654 32", "iban: [iban]"),
        ("IBAN: DE89370400440532013001 (falsch)", "IBAN: [iban] (falsch)"),
        ("card 4111 1111 1111 1111 exp 12/27", "card [card] exp 12/27"),
        ("Amex 3782-822463-10005", "Amex [card]"),
        ("VAT id DE136695976", "VAT id [tax_id]"),
        ("Steuernummer: 21/815/08150", "Steuernummer: [tax_id]"),
        ("NIP: 526-104-08-28", "NIP: [tax_id]"),
        ("my NINO is AB 12 34 56 C", "my NINO is [national_id]"),
        ("DNI 12345678Z", "DNI [national_id]"),
        ("codice fiscale RCCMNL83S18D969H", "codice fiscale [national_id]"),
        ("PESEL: 44051401359", "PESEL: [national_id]"),
        ("BSN 111222333", "BSN [national_id]"),
        ("Steuer-ID: 36574261809", "Steuer-ID: [national_id]"),
        ("SSN 536-90-4399", "SSN [national_id]"),
        ("Passport No. C01X00T47", "Passport No. [national_id]"),
        ("born on 3 May 1980 in Ulm", "born on [birth_date] in Ulm"),
        ("Geburtsdatum: 03.05.1980", "Geburtsdatum: [birth_date]"),
        ("née le 3 mai 1980", "née le [birth_date]"),
        ("fecha de nacimiento: 03/05/1980", "fecha de nacimiento: [birth_date]"),
        ("nato il 03/05/1980", "nato il [birth_date]"),
        ("geboren op 3 mei 1980", "geboren op [birth_date]"),
        ("data urodzenia: 1980-05-03", "data urodzenia: [birth_date]"),
        ("Call +49 30 1234567 or (030) 1234567", "Call [phone] or [phone]"),
        ("Tel.: 030/123 45 67, Fax -68", "Tel.: [phone], Fax -68"),
        ("Mobile 07911 123456", "Mobile [phone]"),
        ("tél. 01 23 45 67 89", "tél. [phone]"),
        ("tel. 600 123 456", "tel. [phone]"),
        ("Lindenstraße 12a, 10969 Berlin", "[address]"),
        ("wohnhaft Am Alten Markt 3\nHauptstr. 5\n50667 Köln", "wohnhaft Am Alten Markt 3\n[address]"),
        ("12 rue de la Paix, 75002 Paris", "[address]"),
        ("Calle de Alcalá 45, 28014 Madrid", "[address]"),
        ("Via Giuseppe Garibaldi 12, 00153 Roma", "[address]"),
        ("Keizersgracht 123, 1015 CJ Amsterdam", "[address]"),
        ("ul. Marszałkowska 10/4, 00-590 Warszawa", "[address]"),
        ("221b Baker Street, London NW1 6XE", "[address]"),
        ("Dear Ms Smith,\nthe invoice of Smith is paid.", "Dear Ms [name],\nthe invoice of [name] is paid."),
        ("Sehr geehrte Frau Dr. Müller-Lüdenscheidt,", "Sehr geehrte Frau Dr. [name],"),
        ("Hallo Anna,\n\nViele Grüße\nMax Mustermann", "Hallo [name],\n\nViele Grüße\n[name]"),
        ("My name is Laura Bianchi, call Laura Bianchi", "My name is [name], call [name]"),
        ("Kontoinhaber: Karl Ranseier", "Kontoinhaber: [name]"),
        ("tlf. 612 345 678", "tlf. [phone]"),
        ("Bonjour Madame Dupont,", "Bonjour Madame [name],"),
        ("Estimado Sr. García López:", "Estimado Sr. [name]:"),
        ("Gentile Sig.ra Rossi,", "Gentile Sig.ra [name],"),
        (
            "Geachte heer Jansen,\nMet vriendelijke groet,\n\nPiet de Vries",
            "Geachte heer Jansen,\nMet vriendelijke groet,\n\n[name]",
        ),
        ("Szanowna Pani Kowalska,\nZ poważaniem\nJan Nowak", "Szanowna Pani [name],\nZ poważaniem\n[name]"),
    ],
)
def test_personal_data_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Invoice 4111111111111111 of 1,234.56 EUR is open.",
        "Rechnung Nr. 2026-0042 über 1.234,50 € vom 02.03.2026",
        "Rechnungsnummer: 0301234567, Betrag 12.345,67",
        "order no. 0171-2345678 and PO 00491712345678",
        "Facture n° 01 23 45 67 89 du 03/05/2026",
        "Zamówienie 44051401359 z 2026-03-02",
        "Bestellnummer 36574261809",
        "Kundennummer 030/1234567",
        "INV/2026/00042, RE-2026-00042, SO12345",
        "1 234 567,89 PLN and 12.345.678,90 EUR and 100 000 000.00",
        "Tracking 1Z999AA10123456784, Sendung 00340434161094021501",
        "The meeting on 03.05.2026 from 10:00 to 11:30",
        "Dear Sir or Madam, dear team, hello all,",
        "Sehr geehrte Damen und Herren,",
        "Mit freundlichen Grüßen\nDebitorenbuchhaltung",
        "Dear Business Partners,\nRegards\nCastlegate Law LLP",
        "12 boxes, 34 pallets, 5678 screws M8",
        "Regards\nYour Service Team",
        "version 10.0.19041.1 at 192.168.100.200",
        "EAN 4006381333931",
        "art. 4012345678901 x 3",
    ],
)
def test_numbers_of_papers_and_amounts_are_never_masked(text: str) -> None:
    assert masked(text) == text


def test_only_the_kinds_that_are_wanted_are_masked() -> None:
    text = "ann@example.com, DE89370400440532013000"
    assert masked(text, {"iban"}) == "ann@example.com, [iban]"
    assert masked(text, ()) == text


def test_what_is_found_lies_in_order_and_apart() -> None:
    text = (
        "Dear Ann Lee, +49 30 1234567, ann@example.com, DE89370400440532013000, 12 rue de la Paix, "
        "75002 Paris. Ann Lee"
    )
    found = personal(text)
    assert [one.kind for one in found] == ["name", "phone", "email", "iban", "address", "name"]
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert {one.kind for one in found} <= ALL
    assert counts(text)["name"] == 2


def test_known_people_are_masked_in_single_sentences() -> None:
    names = people_in("Dear Ms Smith,\nplease call.\n\nRegards\nAnn Lee")
    assert names == ["Smith", "Ann Lee"]
    assert masked("Tell Ann that Mrs. Smith-Jones is not Smith.", names=names) == (
        "Tell [name] that Mrs. [name] is not [name]."
    )
    assert masked("The Service Team is here.", names=["Service Team"]) == "The Service Team is here."


def test_masking_twice_changes_nothing_more() -> None:
    text = masked("Dear Ann Lee, call +49 30 1234567 or write to ann@example.com.\n\nRegards\nBob Ray")
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 20_000,
        "a" * 50_000,
        "A " * 20_000,
        "Dear " * 10_000,
        "DE12 " * 10_000,
        "a@" * 20_000,
        "0/" * 20_000,
        "Via A" * 8_000,
        "12 Rue De " * 5_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    import time

    start = time.process_time()
    personal(text)
    assert time.process_time() - start < 4
