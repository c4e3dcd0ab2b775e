"""How orders are worded in seven languages: units, what parts a price from its article, verbs of ordering."""

from __future__ import annotations

import re
from typing import Final

COUNTED: Final = (
    r"pcs?|pieces?|units?|ea|boxes|box|packs?|sets?|pairs?|cartons?|bags?|cans?|bottles?|sheets?|"
    r"licen[cs]es?|"
    r"st(?:ü|ue)cke?|stk|stck|st(?=\.)|karton|kartons|paar|rollen?|packung(?:en)?|pkg|gebinde|satz|sätze|"
    r"garnitur(?:en)?|sack|säcke|"
    r"flaschen?|"
    r"dosen?|platten?|lizenz(?:en)?|pi[èe]ces?|pces|unités?|boîtes?|paires?|sacs?|rouleaux?|"
    r"unidades|unidad|uds?|piezas?|cajas?|pares|rollos?|pezzi|pezzo|pz|scatol[ae]|paia|confezion[ei]|"
    r"stuks?|dozen|doos|rol(?:len)?|zakken|szt(?:uk[ai]?)?|opakowa[ńn]\w*|op(?=\.)|kartonów|rolek|par|"
    r"kg|rolls?|pallets?|paletten?|pallet(?:te|s)?|palet(?:y|s)?"
)
MEASURED: Final = r"g|t|l|m|cm|mm|m2|m3|lfm|liter|litres?|litros?|litri|meter|metres?|mètres?|metros?|metri"
"""Lengths and the like are quantities where a line or a part of it begins, and sizes elsewhere."""
UNITS: Final = rf"{COUNTED}|{MEASURED}"
NUMBER: Final = r"(?:\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?!\d)"

JOINT: Final = (
    r"at|@|à|zu|zum|je|per|por|para|a|ad|da|tegen|po|za|each|for|für|pour|au|by|bis|until|till|on|am|le|"
    r"el|il|op|"
    r"do|dnia|entro|antes|avant|vor|before|voor|uiterlijk|spätestens|delivery|delivered|Lieferung|lieferbar|"
    r"livraison|livré|livrés|entrega|consegna|levering|dostawa|deliver|price|priced|Preis|Stückpreis|"
    r"Einzelpreis|"
    r"prix|unitaire|precio|unitario|prezzo|prijs|stukprijs|cena|cenie|w|unit|net|netto|von|of|EP|GP|die|"
    r"den|the|"
    r"de|del|di|van|Datum|date|zusammen|insgesamt|gesamt|total|together|"
    r"pro|par|Gesamtpreis|line|mit|with|Rabatt|less|abzgl|abzüglich"
)
"""Words that stand between an article, its quantity, price and day, and are none of them."""
EACH: Final = (
    r"each|apiece|@|à|je|pro|per|unit price|price|stückpreis|einzelpreis|EP|prix unitaire|l'unité|pu|"
    r"precio unitario|cada un[oa]|prezzo unitario|cadauno|stukprijs|po|cena jednostkowa|at"
)
SUM: Final = (
    r"=|total|line total|sum|in total|altogether|together|gesamt|gesamtpreis|insgesamt|zusammen|summe|GP|"
    r"au total|montant|en total|importe|in totale|importo|in totaal|totaal|bedrag|razem|łącznie|wartość"
)
CONNECTOR: Final = (
    r"and|und|et|y|e|en|i|oraz|sowie|plus|also|as well as|ainsi que|así como|nonché|alsook|a także|&|\+|"
    r"auch|dann|"
    r"then|puis|luego|poi|ferner|außerdem|additionally"
)

ORDERING: Final = re.compile(
    r"(?<!\w)(?:please|order(?:ing|s|ed)?|deliver|supply|send|ship|need|require|purchase|buy|want|would like|"
    r"bitte|bestellen|bestelle|bestellt|bestellung|ordern|liefern|liefert|senden|schicken|brauchen|benötigen|"
    r"möchten|nehmen|hätten|kaufen|auftrag|"
    r"merci|veuillez|commandons|commande|commander|livrer|envoyer|fournir|souhaitons|voudrions|besoin|"
    r"por favor|pedimos|pedido|pedir|envíen|enviar|enviarnos|envíenos|entregar|suministrar|necesitamos|"
    r"solicitamos|"
    r"encargamos|deseamos|queremos|"
    r"ordiniamo|ordinare|preghiamo|inviarci|spedirci|fornirci|consegnarci|ordine|consegnare|inviare|"
    r"inviateci|spedire|spediteci|fornire|vorremmo|"
    r"richiediamo|prego|"
    r"bestellen|bestelling|leveren|stuur|zend|graag|nodig|wensen|"
    r"zamawiamy|zamówienie|zamówić|prosimy|proszę|dostarczenie|dostawę|dostarczyć|przesłanie|potrzebujemy|"
    r"kupujemy)"
    r"(?!\w)",
    re.IGNORECASE,
)
"""What says that something is ordered: before the first quantity it is no article."""
COURTESY: Final = re.compile(
    r"^(?:(?:we|wir|nous|wij|us|uns|ihnen|sie|you|vous|ci|nos|ons|u|hereby|hiermit|hierbij|par la présente|"
    r"por la presente|con la presente|niniejszym|kindly|the following|folgende|folgendes|the|die|das|den|"
    r"les|le|la|"
    r"los|las|il|lo|gli|i|de|het|des|du|nam|nas|o|na|to|zu|of|with|for|gemäß|laut|as per|wie|angeboten)"
    r"(?![\w'])[\s,:]*)+",
    re.IGNORECASE,
)
"""Words without a meaning of their own, before an article."""

CANCELLING: Final = re.compile(
    r"(?<!\w)(?:cancel\w*|stornier\w*|storno|annul\w*|anul\w*|rezygnuj\w*|do not (?:deliver|send|"
    r"order))(?!\w)",
    re.IGNORECASE,
)
"""Whoever says this orders nothing by the same sentence."""
TOTAL: Final = re.compile(
    r"(?<!\w)(?:(?:sub|grand )?total\w*|sum|summe|gesamt\w*|zwischensumme|montant|importe|suma|totale|"
    r"totaal|razem|"
    r"łącznie|nettosumme|bruttosumme)(?!\w)",
    re.IGNORECASE,
)
PAYMENT: Final = re.compile(
    r"pay(?:ment|able|s)?\b|zahl(?:ung|bar|bar|ungsziel|en)?\b|paiement|payer|règlement|pago|pagar|"
    r"pagament|betal|płatn|"
    r"net(?:to)?\b",
    re.IGNORECASE,
)
DELIVERY: Final = re.compile(r"deliver|liefer|livr|entreg|consegn|lever|dostaw|dostarcz", re.IGNORECASE)

_OFF: Final = (
    r"discount|rebate|rabatt(?:satz)?|nachlass|preisnachlass|remise|rabais|descuento|sconto|korting|rabatu?|"
    r"upust\w*|opust\w*"
)
_SHARE: Final = (
    r"(?P<share>\d{1,2}(?:[.,]\d{1,2})?)\s*(?:%|percent|prozent|pour cent|por ciento|per cento|procent)"
)
DISCOUNT: Final = (
    re.compile(
        rf"(?:(?<!\w)(?:less|minus|abzgl\.?|abzüglich|with|mit|avec|moins|con|menos|meno|met|minus|"
        rf"z)\s+)?(?:a |einem |"
        rf"une |un |een )?-?{_SHARE}\s*(?:de |di |van |of )?(?<!\w)(?:{_OFF})(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:(?<!\w)(?:less|minus|abzgl\.?|abzüglich|with|mit|avec|con|met|z)\s+)?(?:a |une |un |"
        rf"een )?(?<!\w)"
        rf"(?:{_OFF})\s*(?:of|von|de|del|di|van|w wysokości)?\s*[:=]?\s*-?{_SHARE}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\w)(?:less|minus|abzgl\.?|abzüglich|moins|menos|meno)\s+{_SHARE}(?!\s*(?:VAT|MwSt|TVA|IVA|skonto))",
               re.IGNORECASE),
)  # fmt: skip
"""A share that prices are to be lower by; a cash discount for early payment is none."""
CASH_DISCOUNT: Final = re.compile(
    r"skonto|cash discount|escompte|pronto pago|betalingskorting|skonta", re.IGNORECASE
)

OWN_NUMBER: Final = re.compile(
    r"(?<!\w)(?:purchase order|order|p\.?o\.?|bestellung|auftrag|commande|pedido|ordine|bestelling|"
    r"zam[óo]wienie)"
    r"\s*(?:number|no\.?|nr\.?|nummer|n[°ºo]?\.?|numer|#)?\s*:?\s*"
    r"(?P<number>#?(?=[\w/.-]*\d)[\w][\w/.-]*[\w])",
    re.IGNORECASE,
)
QUOTE_NUMBER: Final = re.compile(
    r"(?<!\w)(?:quote|quotation|offer|angebot\w*|devis|offre|oferta|presupuesto|offerta|preventivo|"
    r"offerte|ofert[ay])"
    r"\s*(?:number|no\.?|nr\.?|nummer|n[°ºo]?\.?|numer|#)?\s*:?\s*"
    r"(?P<number>#?(?=[\w/.-]*\d)[\w][\w/.-]*[\w])",
    re.IGNORECASE,
)
ARTICLE: Final = (
    r"(?:art(?:icle|ikel|ículo|icolo|ykuł)?\.?[ -]?(?:n[or°]?\.?|nummer|number)?|item(?: no\.?)?|ref\.?|"
    r"réf\.?|sku|material(?: no\.?)?|"
    r"part(?: no\.?| number)?|code|código|codice|cod\.|nr kat\.|indeks|best\.-?nr\.?|bestellnummer|"
    r"artnr\.?)\s*[:#]?\s*"
)

COLUMNS: Final = {
    "place": "pos position no nr n° # lp lfd poz",
    "code": "article artikel article-no artikelnummer artikelnr art.-nr. art.nr art-nr sku code código "
    "codice réf ref "
    "référence referencia item-no part indeks",
    "what": "description beschreibung bezeichnung désignation descripción concepto descrizione "
    "omschrijving opis nazwa "
    "item product produkt produit producto prodotto artikelbezeichnung",
    "quantity": "quantity qty menge anzahl quantité qté cantidad cant quantità q.tà qta aantal "
    "hoeveelheid ilość",
    "unit": "unit einheit me unité unidad unità eenheid jm j.m. uom",
    "price": "price unit-price einzelpreis ep preis stückpreis prix prix-unitaire pu p.u. precio prezzo "
    "prijs cena "
    "cena-jedn.",
    "total": "total amount gesamt gesamtpreis gp betrag montant importe totale importo totaal bedrag "
    "wartość razem sum",
    "day": "delivery date liefertermin termin livraison entrega consegna levering dostawa",
}
"""Headings of columns; a hyphen stands for a blank."""
