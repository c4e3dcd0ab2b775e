import pytest
from abax.documents.language import language_of, wordlikeness
from hypothesis import given
from hypothesis import strategies as st

TEXTS = {
    "en": "Invoice no. 4711 of 5 May 2024. Please pay the total amount due "
    "within 14 days. Thank you for your order.",
    "de": "Rechnung Nr. 4711 vom 5. Mai 2024. Bitte zahlen Sie den Betrag "
    "innerhalb von 14 Tagen. Vielen Dank.",
    "fr": "Facture n° 4711 du 5 mai 2024. Veuillez régler le montant total à réception de la facture. Merci.",
    "es": "Factura n.º 4711 del 5 de mayo de 2024. El importe total se paga por "
    "transferencia. Muchas gracias.",
    "it": "Fattura n. 4711 del 5 maggio 2024. Il pagamento dell'importo totale è "
    "alla scadenza indicata. Grazie.",
    "nl": "Factuur 4711 van 5 mei 2024. Wij verzoeken u het totaal binnen 14 "
    "dagen te betalen. Met dank voor uw bestelling.",
    "pl": "Faktura nr 4711 z dnia 5 maja 2024. Do zapłaty razem kwota brutto, "
    "termin płatności 14 dni. Sprzedawca i nabywca.",
    "pt": "Fatura n.º 4711 de 5 de maio de 2024. O valor total deve ser pago até "
    "à data de vencimento. Obrigado.",
    "sv": "Faktura 4711 den 5 maj 2024. Att betala till bankgiro inom 30 dagar. "
    "Moms och summa. Tack för din order.",
    "cs": "Faktura 4711 ze dne 5. května 2024. Dodavatel a odběratel. Celkem k "
    "úhradě včetně DPH, datum splatnosti.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_short_letter_tells_its_language(language):
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "12.50 13.00", "ACME 4711 XYZ", "Ω Σ Δ"])
def test_what_says_too_little_has_no_language(text):
    assert language_of(text) is None


@pytest.mark.parametrize("text", TEXTS.values())
def test_words_are_told_from_ciphered_ones(text):
    shifted = "".join(
        chr((ord(letter) - 97 + 11) % 26 + 97) if letter.isascii() and letter.islower() else letter
        for letter in text.lower()
    )
    real, garbled = wordlikeness(text.split()), wordlikeness(shifted.split())
    assert real is None or real > -6.4
    assert garbled is None or garbled < -6.4


@given(st.text())
def test_any_text_is_judged(text):
    assert language_of(text) in (None, *TEXTS, "da", "ms")
    wordlikeness(text.split())
