"""Numbers with a shape of their own."""

from __future__ import annotations

import pytest
from abax.documents import identifiers
from abax.documents.identifiers import (
    IBAN_LENGTHS,
    find_bics,
    find_ibans,
    find_registrations,
    find_vat_ids,
    iban_is_valid,
    national_vat,
    vat_is_valid,
)
from hypothesis import given
from hypothesis import strategies as st


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country = draw(st.sampled_from(sorted(IBAN_LENGTHS)))
    rest = draw(st.text("0123456789", min_size=IBAN_LENGTHS[country] - 4, max_size=IBAN_LENGTHS[country] - 4))
    number = "".join(str(int(letter, 36)) for letter in rest + country + "00")
    return f"{country}{98 - int(number) % 97:02}{rest}"


@given(ibans())
def test_an_iban_is_found_in_groups_and_its_check_digits_hold(iban: str) -> None:
    groups = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
    found = next(find_ibans(f"IBAN: {groups} BIC: DEUTDEFF"))
    assert (found.value, found.valid) == (iban, True)


@given(ibans(), st.integers(min_value=4, max_value=14))
def test_an_iban_with_one_wrong_digit_is_told(iban: str, place: int) -> None:
    wrong = iban[:place] + str((int(iban[place]) + 1) % 10) + iban[place + 1 :]
    assert not iban_is_valid(wrong)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("USt-IdNr.: DE136695976", "DE136695976"),
        ("BTW NL 8200.98.395.B01", "NL820098395B01"),
        ("TVA FR 40 303265045", "FR40303265045"),
        ("UID ATU13585627", "ATU13585627"),
    ],
)
def test_a_vat_id_reads_without_its_blanks_and_stops(text: str, value: str) -> None:
    assert [found.value for found in find_vat_ids(text)] == [value]


def test_a_vat_id_without_its_country_gets_it_where_its_digits_check() -> None:
    assert national_vat("856-734-62-15") == "PL8567346215"
    assert national_vat("123-456-78-90") is None


@pytest.mark.parametrize(
    "value", ["GB980780684", "XI110305878", "CHE107787577", "NO995525828MVA", "DE136695976"]
)
def test_check_digits_are_looked_at_by_the_country_s_own_rule(value: str) -> None:
    assert vat_is_valid(value)
    assert not vat_is_valid(value[:6] + str((int(value[6]) + 1) % 10) + value[7:])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Amtsgericht Kiel, HRB 4418 KI", "HRB 4418 KI"),
        ("AG Augsburg HRA 17 340", "HRA 17 340"),
        ("HRA 550712 AG Freiburg", "HRA 550712"),
        ("KvK-nummer: 70144119", "70144119"),
        ("RCS Lyon B 246 281 471 - NAF 7022Z", "246 281 471"),
        ("SIRET 246 281 471 00051", "246 281 471 00051"),
        ("Company No. 09117422", "09117422"),
        ("Registered in Ireland 488120", "488120"),
        ("FN 123456 a, Handelsgericht Wien", "FN 123456 a"),
        ("I\u010cO: 27440184, DI\u010c CZ27440184", "27440184"),
        ("SANJUNG SDN BHD (10231-K)", "10231-K"),
        ("VAT Reg No 287 9195 91", None),
        ("Order No. 4500012", None),
    ],
)
def test_a_number_in_a_register_is_told_by_the_words_before_it(text: str, value: str | None) -> None:
    assert next((one.value for one in find_registrations(text)), None) == value


def test_a_bic_needs_a_country_that_there_is() -> None:
    assert [found.value for found in find_bics("BIC WELADED1MST")] == ["WELADED1MST"]
    assert [found.value for found in find_bics("LIEFERXX")] == []


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for finder in (find_ibans, find_bics, find_vat_ids):
        assert all(0 <= found.start < found.end <= len(text) for found in finder(text))


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("CIF B39441803", "es", "ESB39441803"),
        ("N.I.F.: E97204416", "es", "ESE97204416"),
        ("B91440271", "es", "ESB91440271"),
        ("P.IVA E C.F. 02448010989", "it", "IT02448010989"),
        ("Partita IVA cliente 03551200169", "it", "IT03551200169"),
        ("NIP: 679-240-11-88", "pl", "PL6792401188"),
        ("Contribuinte N.º: 513402284", "pt", "PT513402284"),
        ("VAT Reg No 412 8830 07", "en", "GB412883007"),
        ("Btw-id: 104482175B01", "nl", "NL104482175B01"),
        ("GSTIN 29AAKCK4418F1ZE", "en", "29AAKCK4418F1ZE"),
        ("HST #814402384RT0001", "en", "814402384RT0001"),
        ("B91440271", "de", None),
        ("Tel. 02448010989", "it", None),
    ],
)
def test_vat_ids_without_their_country_are_known_by_what_they_are_called(
    text: str, language: str, value: str | None
) -> None:
    found = next(identifiers.find_national_vat_ids(text, language), None)
    assert (found.value if found else None) == value


def test_a_country_may_stand_before_the_word_for_the_number() -> None:
    assert [one.value for one in identifiers.find_vat_ids("IE VAT IE3344018SH")] == ["IE3344018SH"]


def test_a_tax_id_is_no_document_s_number() -> None:
    assert identifiers.is_tax_id("B58818501", "es")
    assert identifiers.is_tax_id("00743110157", "it")
    assert not identifiers.is_tax_id("B58818501", "de")
    assert not identifiers.is_tax_id("2026-0431", "es")
