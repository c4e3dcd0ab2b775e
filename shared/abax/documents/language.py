"""Which language a text is in, and whether it is one at all: small words and pairs of letters, no model."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

# Small words, and those that papers of trade are full of.
_WORDS: Final = {
    "en": "the of and to in is for on with your you our we are be this that from by at please as will "
    "any not "
    "date invoice total amount due number payment order description quantity price unit tax bill ship "
    "paid customer account balance thank terms days subtotal receipt cash change delivery address phone "
    "page reference bank details received item items goods within upon if or have has us company "
    "registered",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es "
    "an werden "
    "aus er hat dass sie nach wird bei einer um am sind noch wie einem über bis wir ihre ihr ihnen zum "
    "zur rechnung datum betrag summe menge preis gesamt netto brutto ust mwst kunde kundennummer "
    "lieferung zahlbar rechnungsnummer bezeichnung einheit steuer steuernummer bankverbindung "
    "lieferschein bestellung seite tage innerhalb bitte vielen dank geschäftsführer straße stück zahlung "
    "gutschrift konto beleg",
    "fr": "le la les de des du un une et est en que qui dans pour pas sur au aux avec par ce cette nous vous "
    "votre nos vos notre ou sont plus se il elle facture date montant total quantité prix unitaire client "
    "tva ht ttc règlement paiement échéance commande livraison adresse désignation numéro référence merci "
    "jours siret banque avoir reçu somme page conditions taux remise société net payer à bon",
    "es": "el la los las de del que y en un una por con no para es al lo como más su sus se o este esta son "
    "factura fecha importe total cantidad precio unidad cliente iva base imponible pago vencimiento "
    "pedido entrega dirección descripción número referencia gracias días nif cif banco albarán recibo "
    "página cuenta forma neto nuestro nuestra calle teléfono domicilio concepto abono",
    "it": "il lo la i gli le di del della dei delle e è in un una per con non che si da al alla sono come su "
    "vostro nostro ns vs fattura data importo totale quantità prezzo unità cliente iva imponibile "
    "pagamento scadenza ordine consegna indirizzo descrizione numero riferimento grazie giorni partita "
    "codice fiscale banca documento ricevuta pagina conto netto via spett destinatario aliquota ddt nota "
    "bonifico",
    "nl": "de het een en van in is op te dat die voor met zijn niet aan er om ook als bij door naar uit "
    "tot u "
    "uw wij ons onze worden wordt factuur datum bedrag totaal aantal prijs eenheid klant btw betaling "
    "vervaldatum bestelling levering adres omschrijving nummer referentie dank dagen binnen kvk bank "
    "factuurnummer factuurdatum rekening pagina subtotaal excl incl klantnummer graag gelieve pakbon bon",
    "pl": "i w z na do nie się jest to że od za o dla po przez oraz jak ze lub przy ul sp zoo faktura data "
    "kwota razem ilość cena jedn jednostka klient vat podatek netto brutto zapłata zapłaty termin "
    "zamówienie dostawa adres nazwa numer nr dziękujemy dni nip bank konto sprzedawca nabywca wartość "
    "stawka sposób płatności rachunek szt strona wystawienia sprzedaży usługi towaru paragon należność "
    "słownie miejsce",
    "pt": "o a os as de do da dos das e em um uma por com não para é ao no na que se como mais fatura data "
    "valor total quantidade preço unidade cliente iva nif pagamento vencimento encomenda entrega morada "
    "descrição número referência obrigado dias contribuinte banco recibo página conta nota",
    "sv": "och i att det som på är av för med till den en ett inte om vi har er era faktura datum "
    "belopp summa "
    "antal pris enhet kund moms betalning förfallodatum order leverans adress beskrivning nummer referens "
    "tack dagar bankgiro orgnr sida att betala",
    "da": "og i at det som på er af for med til den en et ikke om vi har jer faktura dato beløb antal pris "
    "enhed kunde moms betaling forfaldsdato ordre levering adresse beskrivelse nummer reference tak dage "
    "cvr konto side i alt",
    "cs": "a v na je se že s z do o za pro od po k jako dodavatel odběratel faktura datum částka celkem "
    "množství cena jednotka zákazník dph platba splatnosti objednávka dodávka adresa popis číslo děkujeme "
    "dní ičo dič banka účet strana vystavení základ daně",
    "ms": "dan yang di untuk dengan tidak ini itu pada jumlah tarikh harga sdn bhd jalan taman kedah terima "
    "kasih sila datang lagi tunai baki",
}

_ONLY: Final = {
    "de": "ß", "pl": "łąęśżźćń", "es": "ñ¿¡", "fr": "œçêîûè", "pt": "ãõ", "cs": "řůěčž", "sv": "å",
    "da": "æø",
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")
_SURE: Final = 3.0
_LITTLE: Final = 1.5
"""Enough where no other language has nearly as much."""


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    """By word, for each language that has it: the fewer have it, the more it says."""
    holders: dict[str, list[str]] = {}
    for language, words in _WORDS.items():
        for word in set(words.split()):
            holders.setdefault(word, []).append(language)
    return {
        word: dict.fromkeys(languages, (0.4 if len(word) == 1 else 1.0) / len(languages))
        for word, languages in holders.items()
    }


def scores_of(text: str) -> dict[str, float]:
    """How much each language has of the text, the most first; a word counts for more the first times."""
    weights = _weights()
    counts = Counter(word.lower() for word in _WORD.findall(text[:20_000]))
    scores = dict.fromkeys(_WORDS, 0.0)
    for word, count in counts.items():
        for language, weight in weights.get(word, {}).items():
            scores[language] += weight * (1 + math.log(count))
        for language, letters in _ONLY.items():
            if len(word) > 2 and not set(letters).isdisjoint(word):
                scores[language] += 0.3
    return dict(sorted(scores.items(), key=lambda entry: -entry[1]))


def language_of(text: str) -> str | None:
    """ISO 639-1 of most of the text; None where it says too little. Malay receipts are mostly English."""
    (first, most), (_, next_most), *_ = scores_of(text).items()
    if most >= _SURE:
        return first if most > 1.05 * next_most else None
    return first if most >= _LITTLE and most > 1.5 * next_most else None


@lru_cache(maxsize=1)
def _pairs() -> tuple[dict[str, float], float]:
    """How likely letters follow one another in any of the languages (logarithms), and what others get."""
    counts: Counter[str] = Counter()
    for words in _WORDS.values():
        for word in words.split():
            counts.update(_pairs_of(word))
    total = sum(counts.values())
    return {pair: math.log(count / total) for pair, count in counts.items()}, math.log(0.2 / total)


def _pairs_of(word: str) -> Iterable[str]:
    plain = unicodedata.normalize("NFKD", word.lower())
    framed = f" {''.join(letter for letter in plain if letter.isascii() and letter.isalpha())} "
    return (framed[place : place + 2] for place in range(len(framed) - 1)) if len(framed) > 2 else ()


def wordlikeness(words: Sequence[str]) -> float | None:
    """How much letters follow one another as in words: about -5.3 in text, below -6.5 in garbage.

    None where there are too few letters to tell.
    """
    likely, other = _pairs()
    pairs = [
        pair for word in words for piece in _WORD.findall(word) if len(piece) > 3 for pair in _pairs_of(piece)
    ]
    if len(pairs) < 60:
        return None
    return sum(likely.get(pair, other) for pair in pairs) / len(pairs)
