"""What documents call themselves, by language: data, and the look-up of a title in a row of words.

A title says the type, and perhaps the kind of the type: ``Schlussrechnung`` is an invoice, and a final one.
Compound words of Germanic languages are known by their endings too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from abax.documents.contracts import Subtype
from abax.documents.lexicon import Words, plain

INVOICE: Final = "invoice"
QUOTATION: Final = "quotation"
KINDS: Final = (
    INVOICE,
    "credit_memo",
    "debit_memo",
    "purchase_order",
    "sales_order",
    "delivery_note",
    "goods_receipt",
    "goods_issue",
    "payment_advice",
    "account_statement",
    "receipt",
    "journal_voucher",
    "master_data_form",
    QUOTATION,
    "letter",
)
"""What titles tell: types without their direction, and two kinds of paper that are none of ours."""

TITLES: Final[dict[str, Words]] = {
    "invoice": {
        "en": "invoice|tax invoice|commercial invoice|sales invoice|vat invoice|service invoice|customer invoice|supplier invoice|bill|utility bill|fee note|statement of fees|electronic invoice|e invoice|purchase invoice|freight invoice|rental invoice|invoice for services|tax invoice original|debit invoice|construction invoice",
        "de": "rechnung|handelsrechnung|warenrechnung|honorarrechnung|ausgangsrechnung|eingangsrechnung|faktura|kostenrechnung|liquidation|mietrechnung|baurechnung|rechnung des versicherers|beitragsrechnung|honorarnote|stromrechnung|rechnung original|rechnungskopie|betriebskostenabrechnung|reisekostenabrechnung|leistungsrechnung|warenrechnung rechnung|gebuhrenrechnung|kundenrechnung|lieferantenrechnung|verkaufsrechnung",
        "fr": "facture|facture client|facture de vente|note d honoraires|facture commerciale|facture fournisseur|quittance|facture originale|note de frais et honoraires|facture d achat|facture de services",
        "es": "factura|factura de venta|factura comercial|factura de servicios|minuta de honorarios|factura ordinaria|factura completa|factura electronica|factura de compra|recibo de honorarios|factura original",
        "it": "fattura|fattura immediata|fattura accompagnatoria|fattura di vendita|parcella|fattura differita|fattura elettronica|fattura commerciale|fattura vendita|fattura di cortesia|notula|fattura fornitore",
        "nl": "factuur|verkoopfactuur|handelsfactuur|declaratie|nota|rekening|inkoopfactuur|honorariumnota|e factuur|elektronische factuur",
        "pl": "faktura vat|faktura|faktura sprzedazy|rachunek|faktura vat sprzedaz|faktura handlowa|faktura vat oryginal|faktura elektroniczna|e faktura|faktura vat marza|faktura uslugowa",
        "pt": "fatura|fatura recibo|nota fiscal",
    },
    "credit_memo": {
        "en": "credit note|credit memo|tax credit note|credit memorandum|sales credit note|credit invoice|sales credit memo|purchase credit memo|supplier credit note|customer credit note|credit advice|return credit",
        "de": "gutschrift|rechnungskorrektur gutschrift|warengutschrift|kaufmannische gutschrift|stornorechnung|rechnungsstorno|gutschriftsbeleg|retourengutschrift|storno gutschrift|storno|bonusgutschrift|kundengutschrift",
        "fr": "avoir|facture d avoir|note de credit|avoir client|avoir fournisseur|avoir commercial",
        "es": "abono|factura de abono|nota de abono|nota de credito|factura rectificativa abono|factura abono|abono de cliente",
        "it": "nota di credito|nota di accredito|nota credito|nota di credito cliente|nota di variazione|nota di variazione in diminuzione",
        "nl": "creditnota|creditfactuur|credit factuur|credit nota|kredietnota|creditering",
        "pl": "nota uznaniowa|faktura korygujaca zmniejszenie|nota kredytowa|faktura korygujaca in minus|faktura korekta zmniejszajaca",
    },
    "debit_memo": {
        "en": "debit note|debit memo|debit memorandum|debit advice|supplier debit note|tax debit note|chargeback",
        "de": "belastungsanzeige|belastung|lastschriftanzeige|nachbelastung|belastungsnote|lastschrift|nachberechnung",
        "fr": "note de debit|avis de debit|facture complementaire|memo de debit",
        "es": "nota de debito|nota de cargo|cargo|nota de adeudo",
        "it": "nota di debito|nota di addebito|nota debito|nota di variazione in aumento",
        "nl": "debetnota|debitnota|nabelasting|debet nota|belastingnota",
        "pl": "nota obciazeniowa|nota debetowa|nota ksiegowa obciazeniowa|nota obciazeniowa vat",
    },
    "purchase_order": {
        "en": "purchase order|order|po|official order|works order to supplier|supplier order|order form|purchase requisition order|local purchase order|procurement order|p o",
        "de": "bestellung|bestellschein|einkaufsbestellung|auftrag an lieferant|materialbestellung|bestellauftrag|lieferantenbestellung|bestellformular|einzelbestellung|warenbestellung",
        "fr": "bon de commande|commande|commande d achat|commande fournisseur|ordre d achat|bon de commande fournisseur",
        "es": "pedido|orden de compra|pedido de compra|pedido a proveedor|hoja de pedido|orden de pedido|pedido de proveedor",
        "it": "ordine di acquisto|ordine d acquisto|ordine a fornitore|ordine|ordine fornitore|buono d ordine|ordinativo",
        "nl": "inkooporder|bestelbon|bestelling|inkoopopdracht|bestelformulier|inkoopbestelling|bestelopdracht|opdrachtbon",
        "pl": "zamowienie|zamowienie zakupu|zamowienie do dostawcy|zamowienie towaru|zamowienie do",
    },
    "sales_order": {
        "en": "order confirmation|sales order|order acknowledgement|order acknowledgment|confirmation of order|sales order acknowledgement|customer order|sales order confirmation|purchase order confirmation|acknowledgement of order",
        "de": "auftragsbestatigung|kundenauftrag|bestellbestatigung|auftrag|verkaufsauftrag|auftragsbestatigung zu ihrer bestellung|bestatigung ihrer bestellung",
        "fr": "confirmation de commande|accuse de reception de commande|commande client|confirmation de votre commande|bon de commande client|commande de vente|arc",
        "es": "confirmacion de pedido|pedido de venta|pedido de cliente|acuse de pedido|orden de venta|confirmacion de su pedido",
        "it": "conferma d ordine|ordine cliente|conferma ordine|ordine di vendita|conferma dell ordine|conferma di ordine",
        "nl": "orderbevestiging|verkooporder|opdrachtbevestiging|bevestiging van uw bestelling|bevestiging bestelling|bestelbevestiging|klantorder",
        "pl": "potwierdzenie zamowienia|zamowienie klienta|zamowienie sprzedazy|potwierdzenie przyjecia zamowienia|zamowienie od odbiorcy|potwierdzenie zlecenia",
    },
    "delivery_note": {
        "en": "delivery note|packing slip|delivery ticket|packing list|despatch note|dispatch note|delivery docket|delivery order|shipping note|despatch advice|dispatch advice|waybill|bill of lading|consignment note|delivery slip|shipping list",
        "de": "lieferschein|warenbegleitschein|packliste|lieferavis|packzettel|frachtbrief|lieferbeleg|versandschein|begleitschein|lieferpapier|lieferanzeige",
        "fr": "bon de livraison|bordereau de livraison|bon d expedition|liste de colisage|bordereau d expedition|lettre de voiture|avis d expedition|note de livraison|bl",
        "es": "albaran|albaran de entrega|nota de entrega|lista de embalaje|guia de remision|carta de porte|albaran de salida|albaran de venta|nota de envio|remito",
        "it": "documento di trasporto|ddt|bolla di consegna|d d t|distinta di spedizione|bolla accompagnatoria|bolla di accompagnamento|lista di imballaggio|lettera di vettura|bolla|packing list",
        "nl": "pakbon|leverbon|afleverbon|leveringsbon|vrachtbrief|verzendnota|leveringsnota|paklijst|afleveringsbon|zendnota|verzendbon",
        "pl": "dowod dostawy|list przewozowy|dokument dostawy|specyfikacja wysylkowa|dowod wydania i dostawy|lista pakowa|list przewozowy cmr|specyfikacja dostawy|potwierdzenie dostawy",
    },
    "goods_receipt": {
        "en": "goods received note|goods receipt|grn|receiving report|goods receipt note|material receipt|receiving slip|goods received|goods inward note|goods inwards note|goods receipt slip|material receiving report|inbound receipt|goods receiving note",
        "de": "wareneingangsschein|wareneingang|wareneingangsbeleg|warenannahmeschein|wareneingangsprotokoll|eingangsschein|warenannahme|materialeingang|wareneingangskontrolle|wareneingangsbuchung|wareneingangsmeldung",
        "fr": "bon de reception|bon d entree en stock|reception de marchandises|bordereau de reception|entree de marchandises|bon d entree|avis de reception|entree en stock",
        "es": "albaran de entrada|entrada de mercancias|recepcion de mercancia|nota de recepcion|entrada de almacen|recepcion de mercancias|recibo de mercancias|vale de entrada|entrada de mercancia|informe de recepcion",
        "it": "bolla di entrata merce|entrata merci|ricevimento merci|bolla di ricevimento|buono di entrata|entrata merce|bolla di carico|carico di magazzino|ricevimento merce|bolla di entrata",
        "nl": "goederenontvangst|ontvangstbon|goederenontvangstbon|ontvangstbewijs goederen|inslagbon|ontvangst goederen|magazijnontvangst|goederenontvangst bon",
        "pl": "przyjecie zewnetrzne pz|pz przyjecie z zewnatrz|dowod przyjecia pz|przyjecie towaru|przyjecie magazynowe pz|pz|przyjecie zewnetrzne|przyjecie magazynowe|dowod przyjecia|protokol przyjecia towaru",
    },
    "goods_issue": {
        "en": "goods issue|goods issue slip|material issue note|stores issue voucher|goods issue note|material withdrawal slip|stores requisition|material issue slip|goods issued note|stock issue|material requisition|issue slip",
        "de": "warenausgangsschein|materialentnahmeschein|warenausgang|entnahmeschein|warenausgabe|lagerentnahme|materialschein|warenausgangsbeleg|materialausgabe|lagerausgang|lagerentnahmeschein|materialentnahme",
        "fr": "bon de sortie|bon de sortie de stock|sortie de marchandises|bon de prelevement|sortie de stock|bon de sortie magasin|sortie de magasin",
        "es": "salida de mercancias|vale de salida|salida de almacen|vale de salida de material|nota de salida de almacen|nota de salida|salida de mercancia|vale de almacen|salida de material",
        "it": "buono di prelievo|uscita merci|scarico di magazzino|buono di uscita|bolla di scarico magazzino|prelievo materiale|uscita merce|bolla di uscita|scarico magazzino|buono di scarico",
        "nl": "uitgiftebon|magazijnuitgifte|goederenuitgifte|materiaaluitgiftebon|uitslagbon|goederenuitgiftebon|materiaaluitgifte|magazijnbon",
        "pl": "wydanie zewnetrzne wz|wz wydanie na zewnatrz|rozchod wewnetrzny rw|wydanie magazynowe|rw rozchod wewnetrzny|wz|rw|wydanie zewnetrzne|rozchod wewnetrzny|dowod wydania wz|dowod wydania",
    },
    "payment_advice": {
        "en": "remittance advice|payment advice|payment notification|advice of payment|remittance|payment remittance|remittance slip|remittance advice note|payment details|notice of payment|vendor remittance",
        "de": "zahlungsavis|avis|zahlungsmitteilung|uberweisungsavis|regulierungsavis|zahlungsanzeige|zahlungsbenachrichtigung|avis zur zahlung|zahlungsaufstellung",
        "fr": "avis de paiement|avis de reglement|avis de virement|bordereau de reglement|bordereau de paiement|avis de remise",
        "es": "aviso de pago|aviso de transferencia|notificacion de pago|carta de pago a proveedor|carta de pago|comunicacion de pago|relacion de pagos|aviso de remesa",
        "it": "avviso di pagamento|avviso di bonifico|distinta di pagamento|comunicazione di pagamento|notifica di pagamento|avviso bonifico|lettera di pagamento",
        "nl": "betaalspecificatie|betalingsadvies|betalingsspecificatie|betaaladvies|betalingsbericht|betaalbericht|remittance specificatie|betalingsoverzicht",
        "pl": "awizo platnosci|zawiadomienie o platnosci|specyfikacja platnosci|informacja o platnosci|awizo|awizo przelewu|potwierdzenie platnosci|zawiadomienie o przelewie",
    },
    "account_statement": {
        "en": "account statement|bank statement|statement of account|current account statement|business account statement|statement|customer statement|supplier statement|monthly statement|open item statement|statement of accounts|vendor statement|account activity|account summary|your statement|balance confirmation|open items list",
        "de": "kontoauszug|kontoauszug geschaftsgirokonto|girokonto kontoauszug|saldenbestatigung|offene posten liste|kundenkontoauszug|kontokorrentauszug|saldenmitteilung|rechnungsabschluss|kontoubersicht|umsatzubersicht|finanzstatus|op liste|kontoblatt|lieferantenkontoauszug|kreditkartenabrechnung",
        "fr": "releve de compte|extrait de compte|releve de compte professionnel|releve bancaire|releve client|releve de factures|extrait de compte client|situation de compte|releve fournisseur|releve de comptes|releve d operations|releve",
        "es": "extracto de cuenta|extracto bancario|extracto de cuenta corriente|movimientos de cuenta|estado de cuenta|extracto de cliente|relacion de facturas pendientes|extracto|extracto de proveedor|confirmacion de saldo",
        "it": "estratto conto|estratto conto corrente|estratto conto bancario|estratto conto cliente|situazione contabile|partitario cliente|lista movimenti|estratto conto fornitore|conferma saldo|rendiconto|movimenti conto",
        "nl": "rekeningafschrift|bankafschrift|rekeningoverzicht|rekeninguittreksel|openstaande posten|overzicht openstaande facturen|saldo overzicht|dagafschrift|saldobevestiging|leveranciersoverzicht|afschrift",
        "pl": "wyciag bankowy|wyciag z rachunku|wyciag z rachunku bankowego|zestawienie operacji|zestawienie sald|potwierdzenie salda|wyciag z konta kontrahenta|rozrachunki z kontrahentem|zestawienie nierozliczonych pozycji|wyciag|historia rachunku|wyciag z konta",
    },
    "receipt": {
        "en": "receipt|sales receipt|cash receipt|cash bill|simplified tax invoice|customer receipt|payment receipt|cash sale|cash memo|till receipt|official receipt|guest check|cash invoice|customer copy|merchant copy|simplified invoice|card receipt",
        "de": "kassenbon|quittung|kassenbeleg|bon|barverkauf|kundenbeleg|kassenzettel|bewirtungsbeleg|kassenquittung|bewirtungsrechnung|zahlungsbeleg|tankquittung|barquittung|kartenzahlung|barrechnung",
        "fr": "ticket de caisse|recu|ticket|facturette|recu de paiement|note client|addition|ticket client|justificatif de paiement",
        "es": "tique|ticket|factura simplificada|recibo|ticket de compra|recibo de pago|ticket de caja|copia para el cliente|copia cliente",
        "it": "scontrino|documento commerciale|ricevuta|scontrino fiscale|ricevuta fiscale|documento commerciale di vendita|ricevuta di pagamento|preconto",
        "nl": "kassabon|bon|kasbon|betaalbewijs|kwitantie|kassaticket|klantticket|kopie kaarthouder|betalingsbewijs|kasticket",
        "pl": "paragon fiskalny|paragon|dowod zakupu|pokwitowanie|paragon niefiskalny|kp dowod wplaty|dowod wplaty",
    },
    "journal_voucher": {
        "en": "journal voucher|journal entry|manual journal|general journal entry|accounting voucher|journal entry form|journal|posting voucher|accounting document|general journal|journal posting|adjusting entry|booking voucher|jv",
        "de": "buchungsbeleg|buchungsanweisung|umbuchungsbeleg|kontierungsbeleg|journalbeleg|memorialbeleg|umbuchung|sachkontenbeleg|kontierungsblatt|eigenbeleg|sachkontenbuchung|umbuchungsanweisung|buchungssatz",
        "fr": "piece comptable|ecriture comptable|ecriture de journal|operations diverses|bordereau de saisie comptable|piece de journal|ecriture|od|bordereau comptable|ordre comptable",
        "es": "asiento contable|comprobante de diario|asiento de diario|comprobante contable|poliza de diario|asiento|documento contable|asiento manual",
        "it": "registrazione contabile|prima nota|scrittura contabile|documento contabile|giroconto contabile|nota contabile|articolo di prima nota|movimento contabile|giroconto",
        "nl": "memoriaalboeking|journaalpost|boekingsstuk|memoriaal|diverse boeking|boekingsopdracht|boekstuk|correctieboeking|memoriaalpost|diversepost",
        "pl": "polecenie ksiegowania|pk polecenie ksiegowania|dowod ksiegowy|dowod ksiegowy pk|nota ksiegowa wewnetrzna|dekret|dekret ksiegowy|pk|dowod wewnetrzny",
    },
    "master_data_form": {
        "en": "new supplier form|supplier registration form|vendor master data form|vendor set up form|change of supplier details|vendor information form|new customer form|customer master data form|credit account application|customer set up form|change of customer details|new vendor form|supplier set up form|vendor registration form|supplier onboarding form|vendor master form|customer registration form|new account form|supplier information form|change of bank details|vendor change request|customer data sheet|business partner master data",
        "de": "lieferantenstammblatt|kreditorenstammblatt|stammdatenblatt lieferant|neuanlage kreditor|lieferantenselbstauskunft|anderung lieferantenstammdaten|kundenstammblatt|debitorenstammblatt|neuanlage debitor|stammdatenblatt kunde|antrag auf kundenanlage|stammdatenblatt|lieferantenfragebogen|kreditorenanlage|debitorenanlage|neuanlage lieferant|neuanlage kunde|stammdatenanderung|lieferantenanlage|kundendatenblatt|lieferantendatenblatt|anderung der bankverbindung|stammdatenformular|antrag auf kreditorenanlage",
        "fr": "fiche fournisseur|creation de compte fournisseur|fiche de creation fournisseur|modification des donnees fournisseur|formulaire fournisseur|fiche client|ouverture de compte client|creation de compte client|formulaire client|fiche de renseignements fournisseur|creation fournisseur|creation client|fiche tiers|demande de creation fournisseur|changement de coordonnees bancaires|fiche de creation client",
        "es": "ficha de proveedor|alta de proveedor|formulario de alta de proveedor|modificacion de datos de proveedor|ficha de cliente|alta de cliente|formulario de alta de cliente|solicitud de apertura de cuenta|ficha proveedor|ficha cliente|registro de proveedor|formulario de proveedor|ficha de alta|alta proveedores|modificacion de datos bancarios|ficha de datos del proveedor",
        "it": "scheda anagrafica fornitore|anagrafica fornitore|modulo nuovo fornitore|variazione dati fornitore|scheda anagrafica cliente|anagrafica cliente|modulo nuovo cliente|apertura cliente|scheda fornitore|scheda cliente|scheda anagrafica|modulo anagrafica fornitore|qualifica fornitore|modulo fornitore|richiesta codifica fornitore",
        "nl": "leveranciersformulier|aanmelding nieuwe leverancier|stamgegevens leverancier|wijziging leveranciersgegevens|crediteurenformulier|klantformulier|aanmelding nieuwe klant|stamgegevens klant|debiteurenformulier|klantenkaart aanvraag|nieuwe leverancier|nieuwe klant|stamgegevensformulier|aanmeldformulier leverancier|wijziging bankgegevens|leveranciersfiche|klantenfiche|nieuwe crediteur|nieuwe debiteur",
        "pl": "karta dostawcy|formularz nowego dostawcy|karta kontrahenta dostawca|zmiana danych dostawcy|wniosek o zalozenie dostawcy|karta klienta|formularz nowego klienta|karta kontrahenta odbiorca|zmiana danych klienta|karta kontrahenta|formularz dostawcy|rejestracja dostawcy|wniosek o zalozenie kontrahenta|zmiana rachunku bankowego|ankieta dostawcy",
    },
    "quotation": {
        "en": "quotation|quote|offer|estimate|proposal|price quotation|request for quotation|price list|sales quotation|cost estimate|tender",
        "de": "angebot|kostenvoranschlag|offerte|preisliste|preisangebot|anfrage|preisanfrage|kostenschatzung",
        "fr": "devis|offre de prix|proposition commerciale|offre|tarif|demande de prix|devis estimatif|appel d offres",
        "es": "presupuesto|oferta|cotizacion|tarifa|lista de precios|solicitud de oferta|propuesta",
        "it": "preventivo|offerta|offerta commerciale|listino prezzi|richiesta di offerta|proposta commerciale",
        "nl": "offerte|prijsopgave|aanbieding|prijslijst|offerteaanvraag|begroting",
        "pl": "oferta|oferta cenowa|kosztorys|cennik|zapytanie ofertowe|wycena|oferta handlowa",
    },
    "letter": {
        "en": "dear sir|dear madam|dear sirs|to whom it may concern|agenda|minutes|minutes of the meeting|meeting notes|curriculum vitae|resume|questionnaire|survey|application form|registration form|table of contents|abstract|contents|press release|newsletter|employment contract|terms and conditions|general terms and conditions|privacy policy|annual report|user manual|timetable|schedule",
        "de": "protokoll|tagesordnung|lebenslauf|fragebogen|inhaltsverzeichnis|pressemitteilung|arbeitsvertrag|allgemeine geschaftsbedingungen|kundigung|bewerbung|einladung|bescheinigung|urlaubsantrag|unfallbericht|jahresbericht|bedienungsanleitung|fahrplan",
        "fr": "compte rendu|proces verbal|ordre du jour|curriculum vitae|questionnaire|sommaire|table des matieres|communique de presse|contrat de travail|conditions generales|attestation|invitation|resiliation|rapport annuel",
        "es": "acta de la reunion|orden del dia|curriculum vitae|cuestionario|encuesta|indice|comunicado de prensa|contrato de trabajo|condiciones generales|certificado|invitacion|informe anual",
        "it": "verbale|ordine del giorno|curriculum vitae|questionario|indice|comunicato stampa|contratto di lavoro|condizioni generali|attestato|invito|disdetta|relazione annuale",
        "nl": "notulen|agenda|curriculum vitae|vragenlijst|inhoudsopgave|persbericht|arbeidsovereenkomst|algemene voorwaarden|uitnodiging|opzegging|verklaring|jaarverslag",
        "pl": "protokol|porzadek obrad|zyciorys|ankieta|spis tresci|komunikat prasowy|umowa o prace|regulamin|ogolne warunki|zaswiadczenie|zaproszenie|wypowiedzenie|sprawozdanie roczne",
    },
}

SUBTITLES: Final[dict[tuple[str, Subtype], Words]] = {
    ("invoice", Subtype.PRO_FORMA): {
        "en": "pro forma invoice|proforma invoice|pro forma|proforma",
        "de": "proforma rechnung|pro forma rechnung|proformarechnung",
        "fr": "facture pro forma|facture proforma|pro forma",
        "es": "factura proforma|factura pro forma|proforma",
        "it": "fattura pro forma|fattura proforma|pro forma|proforma",
        "nl": "pro formafactuur|proforma factuur|pro forma factuur|proformafactuur",
        "pl": "faktura pro forma|faktura proforma|pro forma",
    },
    ("invoice", Subtype.DOWN_PAYMENT): {
        "en": "down payment invoice|deposit invoice|advance payment invoice|prepayment invoice|invoice on account|down payment request|advance invoice|deposit request|down payment",
        "de": "anzahlungsrechnung|vorauszahlungsrechnung|vorschussrechnung|anzahlungsanforderung|akontorechnung|vorausrechnung|rechnung uber anzahlung|a conto rechnung|akonto rechnung|vorkasserechnung",
        "fr": "facture d acompte|demande d acompte|facture d avance|acompte",
        "es": "factura de anticipo|factura de pago a cuenta|anticipo de cliente|factura anticipo|factura a cuenta",
        "it": "fattura di acconto|fattura d acconto|fattura di anticipo|fattura acconto|fattura anticipo",
        "nl": "voorschotfactuur|aanbetalingsfactuur|voorschotnota|vooruitbetalingsfactuur|voorschot factuur",
        "pl": "faktura zaliczkowa|faktura vat zaliczkowa|faktura na zaliczke|faktura vat zaliczka",
    },
    ("invoice", Subtype.PARTIAL): {
        "en": "partial invoice|progress invoice|interim invoice|progress billing|application for payment|part invoice|stage invoice|instalment invoice|interim bill",
        "de": "teilrechnung|abschlagsrechnung|zwischenrechnung|abschlagszahlung|teilzahlungsrechnung|abschlag|teilschlussrechnung",
        "fr": "facture partielle|facture de situation|situation de travaux|facture intermediaire|facture d avancement",
        "es": "factura parcial|certificacion de obra|factura a cuenta parcial|certificacion",
        "it": "fattura parziale|stato avanzamento lavori|fattura a stato avanzamento|sal",
        "nl": "deelfactuur|termijnfactuur|tussentijdse factuur|termijnnota|deelnota",
        "pl": "faktura czesciowa|faktura etapowa|faktura za etap|faktura przejsciowa",
    },
    ("invoice", Subtype.FINAL): {
        "en": "final invoice|final account|closing invoice|final bill|final settlement",
        "de": "schlussrechnung|endabrechnung|restrechnung|endrechnung|jahresabrechnung|honorarschlussrechnung",
        "fr": "facture finale|facture de solde|decompte final|facture definitive|facture de cloture",
        "es": "factura final|factura de liquidacion|liquidacion final",
        "it": "fattura a saldo|fattura finale|saldo finale|fattura di saldo",
        "nl": "eindfactuur|slotfactuur|eindafrekening|eindnota|slotnota|jaarafrekening",
        "pl": "faktura koncowa|faktura rozliczeniowa|faktura vat koncowa|rozliczenie koncowe",
    },
    ("invoice", Subtype.SELF_BILLED): {
        "en": "self billed invoice|self billing invoice|self billing tax invoice|self billing|evaluated receipt settlement|recipient created tax invoice",
        "de": "gutschriftsanzeige|gutschrift selbst ausgestellte rechnung|abrechnungsgutschrift|gutschrift im gutschriftsverfahren|provisionsgutschrift|gutschriftverfahren|provisionsabrechnung|selbst ausgestellte rechnung|gutschrift gemass 14 abs 2 ustg|selbstfakturierung",
        "fr": "autofacture|facture en autofacturation|autofacturation|auto facture|facture etablie par le client",
        "es": "autofactura|factura por autofacturacion|factura expedida por el destinatario|facturacion por el destinatario|autofacturacion",
        "it": "autofattura|fattura emessa dal cessionario|autofatturazione|autofattura elettronica",
        "nl": "self billing factuur|factuur uitgereikt door afnemer|zelffacturering|selfbilling factuur|self billing",
        "pl": "samofakturowanie|faktura samofakturowanie|faktura wystawiona przez nabywce",
    },
    ("invoice", Subtype.CORRECTION): {
        "en": "corrected invoice|invoice correction|corrective invoice|revised invoice|amended invoice|correction invoice|replacement invoice",
        "de": "rechnungskorrektur|korrekturrechnung|berichtigte rechnung|rechnungsberichtigung|korrigierte rechnung",
        "fr": "facture rectificative|facture corrective|rectification de facture|facture rectifiee",
        "es": "factura rectificativa|rectificacion de factura|factura corregida",
        "it": "fattura rettificativa|rettifica fattura|fattura di rettifica|fattura correttiva",
        "nl": "correctiefactuur|gecorrigeerde factuur|factuurcorrectie|correctie factuur",
        "pl": "faktura korygujaca|faktura vat korygujaca|korekta faktury|korekta|faktura korekta|faktura vat korekta",
    },
    ("invoice", Subtype.RECURRING): {
        "en": "recurring invoice|subscription invoice|monthly invoice|rent invoice|periodic invoice|subscription|maintenance invoice|quarterly invoice",
        "de": "dauerrechnung|monatsrechnung|abonnementrechnung|wartungsrechnung|abo rechnung|mietdauerrechnung|quartalsrechnung|dauermietrechnung|wiederkehrende rechnung",
        "fr": "facture d abonnement|facture mensuelle|facture recurrente|facture periodique|avis d echeance|quittance de loyer",
        "es": "factura de suscripcion|factura mensual|factura periodica|factura recurrente|recibo de alquiler",
        "it": "fattura mensile|fattura canone|fattura abbonamento|fattura periodica|fattura ricorrente|canone mensile",
        "nl": "abonnementsfactuur|maandfactuur|periodieke factuur|huurfactuur|kwartaalfactuur|abonnement factuur",
        "pl": "faktura abonamentowa|faktura za abonament|faktura cykliczna|faktura okresowa|faktura za czynsz",
    },
    ("invoice", Subtype.REMINDER): {
        "en": "payment reminder|overdue notice|second reminder|final demand|past due notice|dunning notice|reminder|final reminder|first reminder|overdue payment reminder|dunning letter|final notice|reminder notice",
        "de": "zahlungserinnerung|mahnung|letzte mahnung|mahnschreiben|erinnerung|zahlungsaufforderung|erste mahnung|zweite mahnung",
        "fr": "relance|rappel de paiement|lettre de relance|mise en demeure|deuxieme rappel|rappel|premiere relance|relance client|lettre de rappel",
        "es": "recordatorio de pago|reclamacion de pago|aviso de impago|segundo recordatorio|requerimiento de pago|recordatorio",
        "it": "sollecito di pagamento|secondo sollecito|avviso di mancato pagamento|primo sollecito|sollecito|diffida di pagamento|messa in mora",
        "nl": "betalingsherinnering|herinnering|aanmaning|tweede herinnering|laatste aanmaning|betaalherinnering|eerste herinnering|ingebrekestelling",
        "pl": "wezwanie do zaplaty|przypomnienie o platnosci|ostateczne wezwanie do zaplaty|monit|przedsadowe wezwanie do zaplaty|ponaglenie",
    },
    ("invoice", Subtype.CONSOLIDATED): {
        "en": "consolidated invoice|collective invoice|summary invoice",
        "de": "sammelrechnung|monatssammelrechnung|sammelfaktura",
        "fr": "facture recapitulative|facture groupee|facture globale",
        "es": "factura recapitulativa|factura agrupada",
        "it": "fattura riepilogativa|fattura differita riepilogativa|fattura cumulativa",
        "nl": "verzamelfactuur|verzamelnota",
        "pl": "faktura zbiorcza|zbiorcza faktura vat",
    },
    ("purchase_order", Subtype.BLANKET): {
        "en": "blanket purchase order|blanket order|standing order|open purchase order|blanket po|standing purchase order",
        "de": "rahmenbestellung|abrufbestellung|rahmenauftrag|limitbestellung|jahresbestellung|blankobestellung",
        "fr": "commande ouverte|commande cadre|bon de commande ouvert|commande annuelle",
        "es": "pedido abierto|pedido marco|orden de compra abierta",
        "it": "ordine aperto|ordine quadro|ordine programmato",
        "nl": "raamorder|afroeporder|raambestelling|open bestelling|afroepbestelling",
        "pl": "zamowienie ramowe|zamowienie otwarte|zamowienie na zadanie",
    },
    ("purchase_order", Subtype.CONTRACT): {
        "en": "purchase contract|outline agreement|framework contract|framework agreement|supply contract|quantity contract|value contract|supply agreement|purchase agreement",
        "de": "rahmenvertrag|mengenkontrakt|wertkontrakt|kontrakt|liefervertrag|einkaufskontrakt|kaufvertrag|rahmenliefervertrag",
        "fr": "contrat cadre|contrat d achat|contrat de fourniture|accord cadre",
        "es": "contrato marco|contrato de compra|contrato de suministro|acuerdo marco",
        "it": "contratto quadro|contratto di acquisto|contratto di fornitura|accordo quadro",
        "nl": "raamcontract|inkoopcontract|raamovereenkomst|leveringscontract",
        "pl": "umowa ramowa|kontrakt zakupu|umowa dostawy|kontrakt|umowa zakupu",
    },
    ("purchase_order", Subtype.SCHEDULING_AGREEMENT): {
        "en": "scheduling agreement|delivery schedule|schedule agreement release|scheduling agreement release|call off|delivery call off|schedule release",
        "de": "lieferplan|lieferplaneinteilung|lieferabruf|lieferplanabruf|feinabruf|abruf",
        "fr": "programme de livraison|plan de livraison|appel de livraison|programme de livraisons",
        "es": "plan de entregas|programa de entregas|plan de entrega",
        "it": "programma di consegna|piano di consegna|programma consegne|piano consegne",
        "nl": "leverplan|leveringsplan|leveringsschema|leveringsafroep|afroep",
        "pl": "plan dostaw|harmonogram dostaw|terminarz dostaw",
    },
}  # fmt: skip

ENDINGS: Final[dict[str, str]] = {
    "rechnung": "invoice",
    "factuur": "invoice",
    "faktura": "invoice",
    "gutschrift": "credit_memo",
    "creditnota": "credit_memo",
    "lieferschein": "delivery_note",
    "bestellung": "purchase_order",
    "auftragsbestatigung": "sales_order",
    "kontoauszug": "account_statement",
    "quittung": "receipt",
    "stammblatt": "master_data_form",
    "buchungsbeleg": "journal_voucher",
    "entnahmeschein": "goods_issue",
    "eingangsschein": "goods_receipt",
}
"""Last part of a compound word to what it names."""


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says."""

    kind: str
    subtype: Subtype | None
    words: int
    """How many words of the row it takes."""


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[tuple[str, ...], tuple[str, Subtype | None]]]:
    """By first word: the words of each title to what it says."""
    table: dict[str, dict[tuple[str, ...], tuple[str, Subtype | None]]] = {}
    named: list[tuple[str, Subtype | None, Words]] = [(kind, None, words) for kind, words in TITLES.items()]
    named += [(kind, subtype, words) for (kind, subtype), words in SUBTITLES.items()]
    for kind, subtype, by_language in named:
        for said in by_language.values():
            for title in said.split("|"):
                words = tuple(plain(word) for word in title.split())
                table.setdefault(words[0], {}).setdefault(words, (kind, subtype))
    return table


@lru_cache(maxsize=1)
def _misspelt() -> dict[str, tuple[str, Subtype | None]]:
    """Long titles with any one letter left out, joined, to what they say."""
    table: dict[str, tuple[str, Subtype | None]] = {}
    for titles in _table().values():
        for words, meaning in titles.items():
            joined = "".join(words)
            if len(joined) >= 7:
                for place in range(len(joined)):
                    table.setdefault(joined[:place] + joined[place + 1 :], meaning)
                table.setdefault(joined, meaning)
    return table


_LETTERS: Final = str.maketrans("0158694", "olsbgga")
"""Figures that letters are misread as."""


@lru_cache(maxsize=1)
def _pairs() -> dict[int, list[tuple[frozenset[str], str, Subtype | None]]]:
    """By length: the pairs of letters of each long title, and what it says."""
    found: dict[int, list[tuple[frozenset[str], str, Subtype | None]]] = {}
    for by_first in _table().values():
        for words, (kind, subtype) in by_first.items():
            joined = "".join(words)
            if len(joined) >= 9:
                found.setdefault(len(joined), []).append((pairs_of(joined), kind, subtype))
    return found


def find(words: list[str], start: int) -> Title | None:
    """The longest title that begins at this one of a row's plain words."""
    best: Title | None = None
    for title, (kind, subtype) in _table().get(words[start], {}).items():
        longer = best is None or len(title) > best.words
        if longer and tuple(words[start : start + len(title)]) == title:
            best = Title(kind, subtype, len(title))
    if best is None:
        return _compound(words[start])
    return best


def _compound(word: str) -> Title | None:
    if not word.endswith(tuple(ENDINGS)):
        return None
    for ending, kind in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return Title(kind, None, 1)
    return None


def pairs_of(joined: str) -> frozenset[str]:
    """Each two letters that follow one another."""
    return frozenset(joined[place : place + 2] for place in range(len(joined) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0 to 1: the share of pairs that are common."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def resembling(joined: str, least: float = 0.72) -> Title | None:
    """The long title that shares most pairs of letters with badly misread words."""
    if not 8 <= len(joined) <= 40:
        return None
    joined = joined.translate(_LETTERS)
    pairs = pairs_of(joined)
    best, found = least, None
    for size in range(len(joined) - 2, len(joined) + 3):
        for title, kind, subtype in _pairs().get(size, ()):
            if (alike := likeness(pairs, title)) > best:
                best, found = alike, Title(kind, subtype, 0)
    return found


@lru_cache(maxsize=4096)
def misread(joined: str) -> Title | None:
    """The title that joined words say when one letter is wrong, missing or too many, besides figures that
    look like letters."""
    if len(joined) < 7 or len(joined) > 40:
        return None
    joined = joined.translate(_LETTERS)
    table = _misspelt()
    for place in range(-1, len(joined)):
        shorter = joined if place < 0 else joined[:place] + joined[place + 1 :]
        if shorter in table:
            kind, subtype = table[shorter]
            return Title(kind, subtype, 0)
    return None
