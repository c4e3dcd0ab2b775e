"""Accounts that are not printed in one piece, or not with their country."""

from __future__ import annotations

from abax.documents import banking
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields

from tests.unit.documents.made import reading_of


def fields_of(text: str, language: str) -> dict[str, object]:
    """What banking finds in a text, printed in letters of six by ten points."""
    fields = Fields(reading_of(text, language), DocumentType.SUPPLIER_INVOICE)
    banking.fill(fields)
    return fields.values


def ibans_in(text: str, language: str) -> list[object]:
    """The accounts of a text."""
    return [value for path, value in fields_of(text, language).items() if path.endswith(".iban")]


def test_an_account_goes_on_in_the_next_row() -> None:
    text = "Bitte überweisen Sie den Betrag auf unser Konto DE91 3704 0044\n1138 7981 13 bis zum 24.10.2026."
    assert ibans_in(text, "de") == ["DE91370400441138798113"]


def test_a_polish_account_is_printed_without_its_country() -> None:
    text = "Nr rachunku: 74 1090 1014 8955 7337 9696 8361 (Bank)"
    assert ibans_in(text, "pl") == ["PL74109010148955733796968361"]
    assert ibans_in(text.replace("8361", "8362"), "pl") == []


def test_an_account_without_iban_stands_beside_a_bank_or_its_code() -> None:
    fields = fields_of("Tidewater Bank, sort code 60-18-44, account 41880265, Ledgerwell Limited", "en")
    assert fields["bank_accounts[0].account_number"] == "41880265"
    assert fields["bank_accounts[0].bank_name"] == "Tidewater Bank"
    assert "bank_accounts[0].account_number" not in fields_of("Your account 41880265", "en")


def test_a_bank_s_name_begins_with_the_word_or_ends_with_it() -> None:
    account = "IT04A0538712900000003188274"
    assert (
        fields_of(f"Banca del Secchia - IBAN {account}", "it")["bank_accounts[0].bank_name"]
        == "Banca del Secchia"
    )
    polish = fields_of("Bank Kupiecki: 74 1090 1014 8955 7337 9696 8361", "pl")
    assert polish["bank_accounts[0].bank_name"] == "Bank Kupiecki"


def test_a_bank_s_code_in_brackets_is_of_the_account_s_country() -> None:
    found = fields_of("sur ce compte : BE29 0682 5199 0364 (GKCCBEBB)", "fr")
    assert found["bank_accounts[0].bic"] == "GKCCBEBB"


def test_of_two_accounts_each_has_the_bank_over_it_or_in_its_own_row() -> None:
    first, second = "DE89370400440532013000", "DE75512108001245126199"
    over = f"Sparkasse Lippe, BIC WELADED1LEM\nIBAN {first}\nVolksbank Senne, BIC GENODEM1BIE\nIBAN {second}"
    beside = f"IBAN {first} Sparkasse Lippe\nBIC WELADED1LEM\nIBAN {second} Volksbank Senne\nBIC GENODEM1BIE"
    for text in (over, beside):
        found = fields_of(text, "de")
        assert [found[f"bank_accounts[{place}].bic"] for place in (0, 1)] == ["WELADED1LEM", "GENODEM1BIE"]
        names = [found[f"bank_accounts[{place}].bank_name"] for place in (0, 1)]
        assert names == ["Sparkasse Lippe", "Volksbank Senne"]


def test_a_bank_s_short_name_stands_before_its_code_or_in_brackets() -> None:
    british = fields_of("BACS: Barclays, sort code 20-20-15, account no. 07945514", "en")
    assert british["bank_accounts[0].bank_name"] == "Barclays"
    polish = fields_of("Nr rachunku: 74 1090 1014 8955 7337 9696 8361 (Santander)", "pl")
    assert polish["bank_accounts[0].bank_name"] == "Santander"


def test_an_account_s_holder_is_named_in_a_sentence() -> None:
    dutch = fields_of("op NL25 RABO 0399 8990 80 t.n.v. Van Dungen B.V. te Leusden. Reclames", "nl")
    assert dutch["bank_accounts[0].holder"] == "Van Dungen B.V."
    account = "IT92F0306934426757516460306"
    italian = fields_of(f"c/c intestato a Anna Mora presso Cassa Rurale, IBAN {account}", "it")
    assert italian["bank_accounts[0].holder"] == "Anna Mora"
    assert italian["bank_accounts[0].bank_name"] == "Cassa Rurale"
