"""The words that documents label their values with, by language: data, no logic but the look-up.

A label is found whatever its case, accents, blanks, hyphens and full stops: ``Rechnungs-Nr.`` and
``RECHNUNGSNR`` are one. Where a word stands for several things, each kind lists it, and the reader weighs.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

Words = dict[str, str]
"""Language (ISO 639-1) to labels, parted by ``|``."""

HEADER: Final[dict[str, Words]] = {
    "number.invoice": {
        "en": "invoice no|invoice number|invoice nr|invoice num|invoice #|invoice id|inv no|inv #|inv number|tax invoice no|tax invoice number|bill no|bill number|bill #|receipt no|receipt number|receipt #|receipt|invoice|inv|tax invoice|document no|document number|doc no|doc number|our invoice|cash inv no|slip no|ticket no|trans no|transaction no|pro forma no|proforma invoice no|pro forma invoice|number|no|nr|voucher no|voucher number|statement no|statement number|journal no|journal number|form no|reference no|advice no|payment advice no|remittance no|remittance advice no|document|transaction id|trn|payment no|payment number",
        "de": "rechnungsnummer|rechnungsnr|rechnung nr|rechnung nummer|rechnung|re nr|rg nr|rechn nr|rechnung no|belegnummer|belegnr|beleg nr|beleg|bonnummer|bon nr|bon|quittungsnummer|quittung nr|rechnungs id|fakturanummer|faktura nr|faktura|nummer|nr|dokumentnummer|dokument nr|vorgangsnummer|auszugsnummer|auszug nr|kontoauszug nr|buchungsnummer|avis nr|avisnummer|zahlungsavis nr|formular nr|schlussrechnung nr|abschlagsrechnung nr|handelsrechnung|anzahlungsrechnung|teilrechnung|stornorechnung|kassenbon|dokumentennummer",
        "fr": "facture n|facture no|facture numero|n facture|n de facture|no de facture|no facture|numero de facture|facture|num facture|ref facture|n de piece|numero de piece|piece n|n de document|numero de document|ticket n|recu n|n recu|numero|no|releve n|n de releve|avis n|n d avis|facture pro forma n|n ticket|piece comptable n|fiche n|ticket",
        "es": "folio|folio interno|serie y folio|factura n|factura no|factura numero|n factura|n de factura|no de factura|no factura|numero de factura|num factura|factura num|nro factura|factura nro|factura|numero|num|nro|n documento|numero de documento|recibo n|n recibo|numero de recibo|ticket n|n ticket|extracto n|n extracto|aviso n|n de aviso|asiento n|n asiento|factura simplificada|factura proforma n|formulario n|comprobante n",
        "it": "fattura n|fattura nr|fattura no|fattura numero|n fattura|numero fattura|nr fattura|num fattura|fattura|numero|nr|num doc|numero documento|n documento|doc n|documento n|ricevuta n|n ricevuta|scontrino n|estratto conto n|avviso n|numero avviso|documento|prima nota n|registrazione n|modulo n|numero ricevuta|documento commerciale n",
        "nl": "factuurnummer|factuurnr|factuur nr|factuur nummer|factuur no|factuur|fact nr|nummer|nr|documentnummer|document nr|bonnummer|bonnr|bon nr|kassabon nr|kassabon|afschriftnummer|afschrift nr|volgnummer|boekstuknummer|boekstuk|adviesnummer|betaaladvies nr|formuliernummer|nota nr|notanummer|nota|memoriaal nr",
        "pl": "nr wydruku|nr wydr|faktura nr|faktura vat nr|nr faktury|numer faktury|faktura|faktura vat|faktura numer|nr dokumentu|numer dokumentu|dokument nr|dokument|numer|nr|paragon nr|nr paragonu|numer paragonu|rachunek nr|nr rachunku sprzedazy|wyciag nr|nr wyciagu|numer wyciagu|awizo nr|numer awiza|nr awiza|dowod nr|numer dowodu|nr dowodu|pk nr|polecenie ksiegowania nr|formularz nr|faktura pro forma nr|nr formularza",
        "pt": "fatura n|fatura no|numero da fatura|n da fatura|nota fiscal n|fatura|numero|recibo n|factura n",
        "sv": "fakturanr|fakturanummer|faktura nr",
        "cs": "cislo faktury|faktura c|faktura cislo",
    },
    "number.credit": {
        "en": "credit no|credit number|credit note no|credit note number|credit note #|credit note|credit memo no|credit memo number|credit memo|credit memo #|debit note no|debit note number|debit note|debit memo no|debit memo number|debit memo|cn no|dn no",
        "de": "gutschriftsnummer|gutschriftnummer|gutschriftsnr|gutschrift nr|gutschrift|gutschrift nummer|rechnungskorrektur nr|rechnungskorrektur|korrekturrechnung nr|stornonummer|belastungsanzeige nr|belastungsanzeige|lastschriftanzeige nr|belastungsnummer|belastungsanzeigenummer",
        "fr": "avoir n|avoir no|n avoir|n d avoir|numero d avoir|numero de l avoir|avoir|note de credit n|n note de credit|note de credit|note de debit n|note de debit|n de note de debit|numero de note de debit",
        "es": "nota de credito n|nota de abono n|abono n|n abono|factura rectificativa n|factura rectificativa|nota de credito|nota de abono|nota de cargo n|nota de cargo|nota de debito n|nota de debito|n de abono|numero de abono|nota de debito no",
        "it": "nota di credito n|nota credito n|nota di credito nr|nota di credito|nota di debito n|nota di debito|nota di debito nr|numero nota di credito|numero nota di debito",
        "nl": "creditnota nr|creditnotanummer|creditfactuur nr|creditfactuurnummer|creditnota|creditfactuur|debetnota nr|debetnota|debetnotanummer",
        "pl": "faktura korygujaca nr|nr korekty|numer korekty|korekta nr|faktura korygujaca|nota uznaniowa nr|nr noty|nota obciazeniowa nr|nota ksiegowa nr|nota uznaniowa|nota obciazeniowa|numer noty|korekta faktury nr",
    },
    "references.order_number": {
        "en": "order no|order number|order nr|order #|order|your order|your order no|your order number|purchase order|purchase order no|purchase order number|purchase order #|po no|po number|po #|po|p o no|p o number|customer order|customer order no|customer po|order ref|order reference|customer po no|buyer order no|client order|cust po|po ref|your purchase order|cust order no|customer order ref|your p o no|your order ref|cust order number|client po",
        "de": "bestellnummer|bestellnr|bestell nr|bestellung nr|bestellung|ihre bestellung|ihre bestellnummer|ihre bestellung nr|ihre bestell nr|bestell nummer|bestellbezug|kundenbestellnummer|kundenbestellung|ihr auftrag|ihre auftragsnummer|ihre auftragsnr|bestellreferenz|po nummer|bestellung vom|rahmenbestellung nr",
        "fr": "n de commande|n commande|no de commande|no commande|numero de commande|commande n|commande no|commande|bon de commande n|bon de commande no|bon de commande|votre commande|votre commande n|vos references commande|ref commande|n bon de commande|reference commande|votre n de commande",
        "es": "n de pedido|n pedido|no de pedido|numero de pedido|pedido n|pedido no|pedido|orden de compra|orden de compra n|su pedido|su pedido n|n orden de compra|ref pedido|nro pedido|num pedido|o c|numero de orden de compra|pedido num",
        "it": "n ordine|numero ordine|ordine n|ordine nr|ordine|vostro ordine|vs ordine|vs ordine n|ordine di acquisto|ordine d acquisto n|rif ordine|ordine di acquisto n|nr ordine|ordine cliente|vostro ordine n|riferimento ordine",
        "nl": "ordernummer|ordernr|order nr|bestelnummer|bestelnr|bestelling|bestelling nr|uw bestelling|uw ordernummer|uw order|inkoopordernummer|inkooporder|inkooporder nr|po nummer|uw bestelnummer|bestelorder nr|inkoopnummer|uw inkooporder",
        "pl": "nr zamowienia|numer zamowienia|zamowienie nr|zamowienie|zamowienie numer|panstwa zamowienie|zam nr|nr zam|do zamowienia|zamowienie klienta|zamowienie zakupu nr|nr zamowienia zakupu|panstwa zamowienie nr|wasze zamowienie|zamowienie klienta nr",
        "pt": "pedido n|numero do pedido|encomenda n|n encomenda|nota de encomenda",
    },
    "references.sales_order_number": {
        "en": "sales order|sales order no|sales order number|our order|our order no|job no|job number|so no|so number|so #|order confirmation|order confirmation no|order confirmation number|confirmation no|our reference|our ref|work order",
        "de": "auftragsnummer|auftragsnr|auftrag nr|auftrag|unser auftrag|unsere auftragsnummer|auftragsbestatigung|auftragsbestatigung nr|vorgang|unser zeichen|ab nr|kommission|auftragsbestatigungsnummer|kundenauftrag nr|kundenauftrag|unsere referenz",
        "fr": "confirmation de commande n|n de dossier|dossier n|notre reference|notre ref|nos references|commande client n|accuse de commande n|confirmation de commande|commande client|commande de vente n|n commande client|notre accuse|notre accuse n|accuse de reception n|notre commande",
        "es": "confirmacion de pedido|confirmacion de pedido n|nuestra referencia|nuestra ref|pedido de venta n|pedido de cliente n|pedido de venta|orden de venta n|orden de venta",
        "it": "conferma d ordine|conferma ordine n|conferma d ordine n|nostro riferimento|ns rif|nostro ordine|ordine di vendita n|ordine di vendita|conferma ordine",
        "nl": "onze order|opdrachtnummer|orderbevestiging|orderbevestiging nr|onze referentie|ons kenmerk|verkooporder|verkoopordernummer|verkooporder nr|opdracht nr|ons ordernummer",
        "pl": "nr zlecenia|zlecenie nr|numer zlecenia|potwierdzenie zamowienia nr|nasz znak|zamowienie sprzedazy nr|potwierdzenie zamowienia|nr potwierdzenia|nasz numer|zamowienie sprzedazy",
    },
    "references.delivery_note_number": {
        "en": "delivery note|delivery note no|delivery note number|delivery no|delivery number|dispatch note|dispatch note no|packing slip|packing slip no|despatch note|despatch advice|do no|d o no|shipment no|delivery order no|packing list no|delivery docket|goods issue no|issue no|goods issue number|delivery order|packing slip number|shipping note no|material issue no|issue slip no",
        "de": "lieferscheinnummer|lieferscheinnr|lieferschein nr|lieferschein|liefernummer|lieferung nr|lieferungsnummer|ls nr|lfs nr|warenausgang nr|warenausgangsnummer|warenausgang|lieferschein nummer|entnahmeschein nr|warenausgangsschein nr|materialentnahmeschein nr|lieferavis|lieferavis nr",
        "fr": "bon de livraison|bon de livraison n|bl n|n bl|n de bl|n bon de livraison|n de livraison|livraison n|numero de bon de livraison|bon de sortie n|bon de sortie|sortie n|n de bon de livraison|bon de sortie de stock n|expedition n",
        "es": "nuestro albaran|albaran|albaran n|n albaran|n de albaran|numero de albaran|nota de entrega|nota de entrega n|remision n|vale de salida n|salida n|salida de mercancias n|vale de salida|salida de mercancia n|albaran de entrega n|guia de despacho",
        "it": "ns ddt|nostro ddt|documento di trasporto|ddt n|ddt|d d t n|n ddt|numero ddt|bolla n|bolla di consegna|ddt nr|bolla di consegna n|buono di uscita n|uscita merci n|uscita merce n|documento di trasporto n|buono di prelievo n|bolla di uscita n",
        "nl": "pakbon|pakbonnummer|pakbon nr|leverbon|leverbonnummer|leverbon nr|afleverbon|afleverbon nr|vrachtbrief nr|goederenuitgifte nr|uitgiftebon nr|uitgiftenummer|goederenuitgifte|magazijnbon nr|leveringsbon nr|uitgiftebon",
        "pl": "wz nr|nr wz|dowod dostawy nr|nr dostawy|dokument wz|list przewozowy nr|wydanie nr|rw nr|wydanie zewnetrzne nr|nr dokumentu wz|numer wz|wz|wydanie zewnetrzne|dokument dostawy nr|wydanie magazynowe nr|dokument magazynowy|dokument magazynowy nr|dokument dostawy",
    },
    "references.goods_receipt_number": {
        "en": "goods receipt|goods receipt no|goods receipt number|grn|grn no|grn number|goods received note|goods received note no|receiving report no|gr no|receiving no|goods received no",
        "de": "wareneingang|wareneingang nr|wareneingangsnummer|we nr|wareneingangsschein nr|wareneingangsnr|wareneingangsbeleg nr|we beleg",
        "fr": "bon de reception|bon de reception n|reception n|n de reception|n bon de reception|reception de marchandises n",
        "es": "entrada de mercancias|recepcion n|n recepcion|albaran de entrada n|entrada n|entrada de mercancias n|entrada de mercancia n|recepcion de mercancias n|nota de recepcion n",
        "it": "entrata merci n|bolla di entrata n|ricevimento n|entrata merce n|entrata merci|ricevimento merci n|buono di entrata n|carico n",
        "nl": "goederenontvangst|goederenontvangst nr|ontvangstbon|ontvangstbon nr|ontvangstnummer|ontvangstbonnummer|ontvangst nr",
        "pl": "pz nr|nr pz|przyjecie nr|przyjecie zewnetrzne nr|numer pz|przyjecie zewnetrzne|pz|przyjecie towaru nr|dokument pz",
    },
    "references.contract_number": {
        "en": "contract no|contract number|contract|agreement no|agreement number|contract ref|contract reference|agreement|framework agreement|scheduling agreement no|blanket order no|lease no|policy no|policy number|subscription no",
        "de": "vertragsnummer|vertragsnr|vertrag nr|vertrag|rahmenvertrag|rahmenvertrag nr|versicherungsschein nr|policennummer|kontrakt nr|kontraktnummer|rahmenvertragsnummer|lieferplan nr|versicherungsnummer",
        "fr": "contrat n|n de contrat|n contrat|numero de contrat|reference contrat|contrat|police n|contrat cadre n|ref contrat",
        "es": "contrato n|n de contrato|n contrato|numero de contrato|contrato|poliza n|ref contrato|contrato marco n",
        "it": "contratto n|n contratto|numero contratto|contratto|polizza n|rif contratto|contratto quadro n|contratto nr",
        "nl": "contractnummer|contract nr|contractnr|overeenkomst nr|polisnummer|contract|raamcontract nr|overeenkomstnummer",
        "pl": "umowa nr|nr umowy|numer umowy|umowa|polisa nr|umowa ramowa nr|numer kontraktu|kontrakt nr",
    },
    "references.project": {
        "en": "project|project no|project number|project name|project ref|project code|site",
        "de": "projekt|projektnummer|projektnr|projekt nr|bauvorhaben|bv|objekt|baustelle|projektname",
        "fr": "projet|projet n|chantier|n de projet|code projet|affaire|numero de projet",
        "es": "proyecto|proyecto n|obra|n proyecto|n de proyecto|codigo de proyecto",
        "it": "progetto|commessa|cantiere|cup|progetto n|codice progetto|n progetto",
        "nl": "project|projectnummer|projectnr|project nr|werk|projectcode",
        "pl": "projekt|nr projektu|numer projektu|budowa|projekt nr",
    },
    "references.tender": {
        "en": "tender|lot|tender no|tender or lot|tender reference|bid no",
        "de": "vergabenummer|ausschreibung|los|vergabe nr|losnummer",
        "fr": "appel d offres|marche n|lot n|n de marche",
        "es": "licitacion|lote|expediente",
        "it": "gara|cig|lotto",
        "nl": "aanbesteding|perceel",
        "pl": "przetarg|postepowanie nr",
    },
    "references.buyer_reference": {
        "en": "buyer reference|your reference|your ref|customer reference|customer ref|reference|ref|attention|attn|cost centre|cost center|requested by|routing id",
        "de": "ihr zeichen|ihre referenz|leitweg id|leitwegid|referenz des kaufers|kaufer referenz|kundenreferenz|kostenstelle|ihre nachricht vom|besteller|referenz|ihre ref",
        "fr": "votre reference|vos references|vos ref|votre ref|reference acheteur|reference client|v ref|code service|reference|service executant|ref client",
        "es": "su referencia|su ref|referencia del comprador|referencia cliente|referencia|ref cliente",
        "it": "vostro riferimento|vs riferimento|vs rif|riferimento|codice destinatario|riferimento cliente|riferimento amministrazione|codice univoco",
        "nl": "uw referentie|uw kenmerk|referentie|kopersreferentie|uw ref|klantreferentie",
        "pl": "wasz znak|panstwa znak|referencja|referencja nabywcy|panstwa referencja|znak sprawy|referencja klienta",
    },
    "buyer.identifier": {
        "en": "customer no|customer number|customer id|customer #|customer code|client no|client number|client id|account no|account number|account #|acct no|acc no|account code|debtor no|customer account|member no|cust no|cust id|a c no|customer ref no|debtor|account ref|account reference|your account|customer account no|customer account number|your account number|your account no|client ref|account id|customer reference number|cust code|customer acc no",
        "de": "kundennummer|kundennr|kunden nr|kunde nr|kd nr|kdnr|debitorennummer|debitor|debitor nr|kundenkonto|kunden nummer|mitgliedsnummer|kunden id|kundenkontonummer|ihre kundennummer|ihre kundennr|deb nr|ihre kunden nr|mandantennummer|mandanten nr|mandant nr|kundennr bei uns|ihre kunden nummer|kundennummer bei uns|abonummer|teilnehmernummer|rechnungskonto|vertragskonto|vertragskontonummer",
        "fr": "n client|no client|numero client|numero de client|code client|n de client|client n|compte client|ref client|identifiant client|n de compte client|votre n client|votre code client|votre numero client|votre numero de client|reference du client|n adherent|n abonne|code tiers|compte tiers|votre compte|n compte client|numero de compte client",
        "es": "n cliente|n de cliente|numero de cliente|codigo cliente|codigo de cliente|cod cliente|cliente n|no cliente|num cliente|no de cliente|id cliente|su n de cliente|cod de cliente|nro cliente|nro de cliente|referencia de cliente|codigo del cliente|cuenta cliente|n abonado|n socio|su numero de cliente",
        "it": "codice cliente|cod cliente|n cliente|numero cliente|cliente n|cod cli|id cliente|cliente cod|codice del cliente|cod cl|vostro codice|codice anagrafico|conto cliente|codice utente|numero utente|vs codice",
        "nl": "klantnummer|klantnr|klant nr|debiteurnummer|debiteurennummer|debiteurnr|relatienummer|klantcode|debiteur nr|debiteur|uw klantnummer|klant nummer|relatienr|uw klantnr|uw relatienummer|lidnummer|klant id|debiteurcode|uw debiteurnummer",
        "pl": "nr klienta|numer klienta|kod klienta|klient nr|id klienta|nr odbiorcy|kod kontrahenta|nr kontrahenta|numer odbiorcy|numer kontrahenta|kod odbiorcy|kod nabywcy|nr abonenta|nr ewidencyjny klienta|id kontrahenta|numer abonenta|indywidualny numer klienta",
        "pt": "cod cliente|codigo cliente|n cliente|numero de cliente|codigo de cliente",
        "sv": "kundnr|kundnummer|kund nr",
        "da": "kundenr|kundenummer|debitornr",
        "cs": "cislo zakaznika|kod zakaznika|zakaznicke cislo",
    },
    "seller.identifier": {
        "en": "supplier no|supplier number|vendor no|vendor number|vendor id|supplier id|vendor code|supplier code|vendor #|supplier account|creditor no|vendor account",
        "de": "ihre kreditorennummer|ihre kreditorennr|ihre lieferantennr|ihre lieferanten nr|lieferantennummer|lieferantennr|lieferanten nr|lieferant nr|kreditor|kreditorennummer|kreditor nr|lief nr|ihre lieferantennummer|unsere lieferantennummer|lieferanten nummer",
        "fr": "n fournisseur|numero fournisseur|numero de fournisseur|code fournisseur|fournisseur n|n de fournisseur|no fournisseur",
        "es": "n proveedor|n de proveedor|numero de proveedor|codigo proveedor|codigo de proveedor|cod proveedor|proveedor n|no proveedor|no de proveedor",
        "it": "codice fornitore|n fornitore|numero fornitore|cod fornitore|fornitore n|cod forn",
        "nl": "leveranciersnummer|leveranciernummer|leveranciersnr|leverancier nr|crediteurnummer|crediteurennummer|leverancierscode|crediteur nr|leveranciercode",
        "pl": "nr dostawcy|numer dostawcy|kod dostawcy|dostawca nr|id dostawcy",
    },
    "issue_date": {
        "en": "invoice date|date of invoice|date of issue|issue date|issued|issued on|date issued|bill date|billing date|tax invoice date|inv date|doc date|document date|dated|receipt date|credit note date|date|order date|po date|statement date|dt|transaction date|sales date|print date|bill dt|delivery note date|date of order|memo date|voucher date|advice date|debit note date|receipt dt|printed on|date of receipt|form date|business date|issue|dated on|trans date|date time|d t",
        "de": "rechnungsdatum|datum|belegdatum|ausstellungsdatum|ausgestellt am|rechnung vom|gutschriftsdatum|gutschriftdatum|vom|dokumentdatum|datum rechnung|re datum|bestelldatum|auszugsdatum|lieferscheindatum|druckdatum|rechnungs datum|erstellt am|erstellungsdatum|auftragsdatum|kontoauszug vom|avisdatum|buchungsbeleg vom|stand|datum der rechnung|tag|den",
        "fr": "date de facture|date facture|date de la facture|date d emission|date|emise le|emis le|date de facturation|facture du|date de commande|date de l avoir|date avoir|en date du|le|date du document|date de piece|date du releve|date d edition|date de l avis|du|date de creation|date bl|date emission|date du bon|fait le",
        "es": "fecha de factura|fecha factura|fecha de emision|fecha emision|fecha|fecha de expedicion|emitida el|fecha expedicion|fecha de pedido|fecha del documento|fecha documento|fecha pedido|fecha del pedido|fecha de la factura|fecha albaran|fecha del albaran|fecha de abono|fecha del extracto|emitido el|fecha aviso|fecha de creacion",
        "it": "data fattura|data|data emissione|data di emissione|data documento|data doc|emessa il|del|data ordine|data della fattura|data ddt|fattura del|data estratto|data avviso|data registrazione documento|in data|emesso il|data del documento|data ricevuta|data nota",
        "nl": "factuurdatum|datum|datum factuur|fact datum|uitgiftedatum|opgemaakt op|documentdatum|besteldatum|orderdatum|datum afschrift|afschriftdatum|dagtekening|pakbondatum|bondatum|d d|creditnotadatum|datum document|boekstukdatum|adviesdatum|aanmaakdatum|datum bestelling|afgedrukt op",
        "pl": "data wystawienia|data faktury|data dokumentu|data|wystawiono|wystawiona dnia|z dnia|dnia|data wystawienia faktury|data zamowienia|data wyciagu|data wystawienia dokumentu|data sporzadzenia|data korekty|wystawiono dnia|data noty|data utworzenia|data paragonu|data awiza|data zlozenia",
        "pt": "data de emissao|data da fatura|data|data de faturacao|data factura",
        "sv": "fakturadatum|datum",
        "cs": "datum vystaveni",
    },
    "due_date": {
        "en": "due date|payment due|payment due date|due|due by|due on|pay by|payable by|payment date due|date due|please pay by|invoice due date|to be paid by|pay before|must be paid by|payment deadline|maturity date|due for payment|collection date|direct debit date|we will collect on|terms date",
        "de": "fallig am|falligkeit|falligkeitsdatum|zahlbar bis|zahlbar bis zum|zu zahlen bis|zahlungsziel|fallig|zahlungsziel bis|zahlung bis|falligkeitstag|bis zum|bitte zahlen bis|fallig bis|zahlungstermin|zahlungsfrist|falligkeit am|spatestens am|netto bis|zahlbar netto bis|abbuchung am|einzug am|falligkeitstermin|zahlbar am|lastschrift am",
        "fr": "date d echeance|echeance|echeance le|a payer avant le|payable avant le|date limite de paiement|date echeance|a regler avant le|a payer pour le|date de paiement|paiement avant le|payable le|reglement avant le|date limite|a regler le|payable au plus tard le|date de prelevement|preleve le|date d exigibilite|date du prelevement",
        "es": "fecha de vencimiento|vencimiento|fecha vencimiento|vence|vence el|vto|pagar antes del|fecha limite de pago|fecha limite|fecha de vto|a pagar antes del|vencimiento el|pagadero antes del|f vencimiento|fecha de cargo|fecha cargo|fecha de cobro|fecha de adeudo",
        "it": "scadenza|data scadenza|data di scadenza|scadenza pagamento|scade il|pagare entro|entro il|da pagare entro|pagamento entro|scadenza il|pagamento entro il|scadenze|pagabile entro il|data addebito|addebito il|data di addebito",
        "nl": "vervaldatum|vervaldag|te betalen voor|uiterste betaaldatum|betalen voor|betaal voor|te voldoen voor|uiterlijk|betaaldatum uiterlijk|betaling voor|te betalen uiterlijk|vervalt op|voldoen voor|betalen uiterlijk|gelieve te betalen voor|incassodatum|datum incasso|afschrijving op",
        "pl": "termin platnosci|termin zaplaty|platne do|data platnosci|zaplata do|do zaplaty do dnia|platnosc do|termin|zaplacic do|termin wymagalnosci|termin zap|data obciazenia|termin pobrania",
        "pt": "data de vencimento|vencimento|pagar ate",
        "sv": "forfallodatum|forfallodag",
        "da": "forfaldsdato|forfald",
        "cs": "datum splatnosti|splatnost",
    },
    "delivery_date": {
        "en": "delivery date|date of delivery|delivered|delivered on|date of supply|supply date|shipping date|ship date|shipped|service date|requested delivery date|requested delivery|expected delivery|date of service|dispatch date|despatch date|performance date|delivery|required by|date required|tax point|tax point date|goods receipt date|receipt date of goods|received on|date received|shipment date|issue date of goods|delivery on|expected on|required date|deliver by|promised delivery|promised date|confirmed delivery",
        "de": "lieferdatum|leistungsdatum|liefertermin|lieferung am|lieferung vom|leistung am|liefer und leistungsdatum|liefer leistungsdatum|tag der lieferung|datum der lieferung|leistungszeitpunkt|versanddatum|liefertag|leistungstag|wunschtermin|gewunschter liefertermin|lieferdatum leistungsdatum|wareneingangsdatum|warenausgangsdatum|eingang am|eingangsdatum|ausgangsdatum|lieferzeitpunkt|bestatigter liefertermin|leistungs lieferdatum|tag der leistung|datum der leistung|geliefert am|lieferung|entnahmedatum|zugang am|versand am|wunschlieferdatum",
        "fr": "date de livraison|livraison le|livre le|date livraison|date de prestation|date d expedition|livraison souhaitee|date de livraison souhaitee|date de la prestation|date de reception|recu le|date de sortie|livraison prevue|livraison prevue le|date de livraison prevue|expedie le|date d execution|livraison confirmee|date de livraison confirmee",
        "es": "fecha de entrega|fecha entrega|entrega|fecha de operacion|fecha operacion|fecha de servicio|fecha de envio|fecha de recepcion|fecha de suministro|entregado el|entrega prevista|fecha de entrega prevista|fecha prevista de entrega|fecha de salida|recibido el|fecha de la operacion|fecha de entrega solicitada|fecha de entrada|fecha de entrega confirmada|entrega solicitada",
        "it": "data di consegna|data consegna|consegna|consegna il|data spedizione|data trasporto|data ricevimento|data prestazione|consegnato il|consegna prevista|data di consegna prevista|data di uscita|data uscita|data di ricevimento|data entrata|data inizio trasporto|consegna richiesta|data consegna prevista|data di consegna richiesta|data di spedizione|data consegna richiesta|data consegna confermata",
        "nl": "leverdatum|leveringsdatum|datum levering|datum van levering|geleverd op|gewenste leverdatum|afleverdatum|prestatiedatum|verzenddatum|ontvangstdatum|levering|leverdatum gewenst|datum ontvangst|uitgiftedatum goederen|verwachte leverdatum|verwachte levering|geplande leverdatum|bevestigde leverdatum|datum uitgifte|ontvangen op|levertijd",
        "pl": "data dostawy|data sprzedazy|data wykonania uslugi|data dostawy wykonania uslugi|termin dostawy|data dokonania dostawy|data wydania|data przyjecia|data realizacji|data zakonczenia dostawy|data wykonania|dostawa|data wysylki|data zakonczenia dostawy wykonania uslugi|oczekiwana dostawa|wymagana data dostawy|planowana data dostawy|data dostawy uslugi|data dokonania lub zakonczenia dostawy|potwierdzona data dostawy|data dostawy towaru",
    },
    "period": {
        "en": "period|billing period|service period|invoice period|invoicing period|for the period|period from|statement period|supply period|from|accounting period|covering|period covered|reporting period",
        "de": "leistungszeitraum|abrechnungszeitraum|zeitraum|rechnungszeitraum|lieferzeitraum|abrechnungsperiode|leistungszeitraum vom|berechnungszeitraum|periode|auszugszeitraum|zeitraum vom|von|leistungsperiode|buchungszeitraum",
        "fr": "periode|periode de facturation|periode du|pour la periode|periode de prestation|du|periode concernee|periode facturee|periode du releve",
        "es": "periodo|periodo de facturacion|periodo facturado|periodo de servicio|desde|periodo del|periodo del extracto|periodo liquidado",
        "it": "periodo|periodo di fatturazione|periodo di riferimento|competenza|dal|periodo dal|periodo di competenza|periodo fatturato",
        "nl": "periode|factuurperiode|facturatieperiode|leveringsperiode|van|periode van|dienstperiode|verslagperiode",
        "pl": "okres|okres rozliczeniowy|za okres|okres od|okres fakturowania|okres swiadczenia uslugi|okres wyciagu|okres od do|okres rozliczenia",
    },
    "payment_date": {
        "en": "payment date|date of payment|paid on|value date|date paid|transfer date|remittance date|execution date|settlement date|payment made on|payment value date",
        "de": "zahlungsdatum|zahldatum|zahlung vom|valuta|zahlung am|valutadatum|uberweisungsdatum|wertstellung|ausfuhrungsdatum|zahltag|bezahlt am|ausfuhrung am",
        "fr": "date de paiement|date de reglement|date du paiement|date du reglement|date du virement|date de virement|regle le|paye le|date valeur|date de valeur|date d execution",
        "es": "fecha de pago|fecha pago|fecha valor|fecha de transferencia|fecha del pago|pagado el|fecha de ejecucion|fecha de la transferencia|fecha valor de la transferencia|fecha valor del pago",
        "it": "data pagamento|data di pagamento|data valuta|data bonifico|data del pagamento|pagato il|data esecuzione|data del bonifico|valuta",
        "nl": "betaaldatum|datum betaling|betalingsdatum|valutadatum|betaald op|datum van betaling|uitvoeringsdatum",
        "pl": "data platnosci|data zaplaty|data przelewu|data waluty|data realizacji przelewu|zaplacono dnia|data dokonania platnosci|data wykonania przelewu|dzien zaplaty",
    },
    "posting_date": {
        "en": "posting date|booking date|gl date|accounting date|post date|effective date|entry date|journal date|date of posting|posted on",
        "de": "buchungsdatum|buchungstag|buchung am|gebucht am|gultig ab|wirksam ab|buchungstermin",
        "fr": "date comptable|date de comptabilisation|date d ecriture|date d effet|date d imputation|date de l ecriture|a compter du",
        "es": "fecha contable|fecha de contabilizacion|fecha de asiento|fecha de registro|fecha efectiva|fecha del asiento|fecha de vigencia|efectivo desde|valido desde|vigente desde",
        "it": "data registrazione|data contabile|data di registrazione|data di efficacia|decorrenza|data effettiva|data decorrenza|con effetto dal|valido dal",
        "nl": "boekingsdatum|boekdatum|ingangsdatum|geboekt op|boekingsdag|datum boeking|geldig vanaf|met ingang van",
        "pl": "data ksiegowania|data zaksiegowania|data obowiazywania|obowiazuje od|data operacji|data wejscia w zycie|data wejscia|data ksiegowa|wazne od",
    },
    "other_date": {
        "en": "order placed|date of birth|expiry|expiry date|valid until|valid to|exp date|contract date|date of original invoice|original invoice date|start date|end date|valid from",
        "de": "gultig bis|gultig|geburtsdatum|ablaufdatum|vertragsdatum|mindesthaltbarkeit|vertragsbeginn|vertragsende|beginn|ende",
        "fr": "valable jusqu au|date de naissance|date du contrat|date d expiration|valide jusqu au|debut|fin",
        "es": "valido hasta|fecha de nacimiento|fecha de contrato|fecha de caducidad|inicio|fin",
        "it": "valido fino al|data di nascita|validita|data contratto|inizio|fine",
        "nl": "geldig tot|geboortedatum|contractdatum|houdbaar tot|begindatum|einddatum",
        "pl": "wazne do|data urodzenia|data umowy|wazny do|poczatek|koniec",
    },
}  # fmt: skip
"""Numbers and dates of the head of a document."""

AMOUNTS: Final[dict[str, Words]] = {
    "totals.gross": {
        "en": "grand total|total incl vat|total including vat|total incl tax|total inc vat|total including tax|invoice total|total amount|amount total|total incl gst|total inclusive of gst|total including gst|total gross|gross total|gross amount|total invoice amount|total due|total sales incl gst|total sales inclusive gst|total with tax|total invoice|invoice amount|total incl|total order value|order total|total amt incl gst|total rm|total inclusive gst|net total rm|total sales inclusive of gst|total incl gst rm|total after rounding|total after rounding adj|rounded total|rounded total rm|total value|credit total|total credit|total rounded|bill total|total sales|nett total|total inc gst|total amount incl gst|total nett|amount incl vat|value incl vat|total amount payable|total inc tax|gross",
        "de": "gesamtbetrag|gesamttotal|rechnungstotal|endtotal|total inkl|bruttobetrag|gesamtbetrag brutto|rechnungsbetrag|endbetrag|gesamtsumme|summe brutto|brutto|bruttosumme|rechnungssumme|gesamt brutto|endsumme|rechnungsendbetrag|gesamt inkl mwst|total inkl mwst|rechnungsbetrag brutto|summe inkl mwst|gesamtpreis|gesamt|betrag inkl mwst|gesamtbetrag inkl mwst|rechnungsgesamtbetrag|brutto gesamt|rechnungssumme brutto|gesamtbetrag inkl ust|summe inkl ust|bruttorechnungsbetrag|gutschriftsbetrag|gesamtbetrag inkl|total chf|bruttogesamtbetrag|bestellsumme|auftragssumme|bestellwert|auftragswert|gesamtsumme brutto|gesamtbetrag eur|gesamtbetrag der rechnung|brutto summe|rechnungsbeitrag",
        "fr": "total ttc|montant ttc|montant total ttc|total toutes taxes comprises|total general|montant total|total facture|total tva comprise|net ttc|total ttc en euros|prix ttc|montant de la facture|total tvac|ttc|total de la facture|total ttc eur|total commande|total avoir ttc|montant tvac|montant facture",
        "es": "total factura|total iva incluido|importe total|total general|total con iva|total euros|total a pagar iva incluido|total iva incl|total bruto|total documento|total eur|total pedido|total importe|importe total factura|total abono|importe total con iva|total con impuestos|suma total|total factura eur",
        "it": "totale fattura|totale documento|importo totale|totale complessivo|totale iva inclusa|totale generale|totale lordo|importo totale documento|totale euro|totale ivato|totale comprensivo di iva|importo lordo|totale ordine|totale eur|totale da fattura|totale con iva",
        "nl": "totaal incl btw|totaal inclusief btw|totaalbedrag|factuurbedrag|totaalbedrag incl btw|eindtotaal|totaal factuur|bedrag incl btw|totaal inclusief|totaal incl|factuurtotaal|totaal bruto|bedrag inclusief btw|ordertotaal|totaal order|totaalbedrag inclusief btw|totaal eur|bruto totaal|bruto",
        "pl": "razem brutto|wartosc brutto|suma brutto|kwota brutto|razem do zaplaty brutto|ogolem brutto|lacznie brutto|ogolem|razem z vat|suma pln|kwota ogolem|wartosc faktury|brutto razem|brutto|lacznie|wartosc zamowienia|suma ogolem|razem ogolem",
        "pt": "total com iva|total da fatura|valor total|total geral|total iva incluido",
    },
    "totals.any": {
        "en": "total|totals|sum|amount|total eur|total usd|total gbp|ttl",
        "de": "total|summe|betrag|totalbetrag|gesamtwert|gesamtbeitrag|beitrag gesamt",
        "fr": "total|montant|somme|total cotisation|cotisation totale|prime totale",
        "es": "total|importe|suma|monto",
        "it": "totale|importo|somma|totali",
        "nl": "totaal|bedrag|som",
        "pl": "razem|suma|kwota|wartosc",
        "pt": "total|montante",
    },
    "totals.due": {
        "en": "amount due|balance due|pay this amount|total now due|total owed|amount owed|total amount due|amount payable|total payable|payable amount|please pay|to pay|net payable|payable|outstanding amount|balance to pay|amount to pay|total to pay|balance outstanding|amount owing|due amount|total amt payable|payment due amount|amount outstanding|balance payable|total due now|amount due for payment|remaining balance|remaining amount|outstanding balance|balance|amount to be paid",
        "de": "zahlbetrag|zu zahlen|nachzahlung|ihre nachzahlung|gesamtforderung|restforderung|noch zu zahlender betrag|zu zahlender gesamtbetrag|zu zahlender betrag|offener betrag|restbetrag|falliger betrag|zahlungsbetrag|noch zu zahlen|zu uberweisen|zu uberweisender betrag|zahlsumme|restzahlung|verbleibender betrag|fallige zahlung|auszahlungsbetrag|bitte uberweisen|zahllast|noch offen|offener rechnungsbetrag|zu bezahlen|zu bezahlender betrag|offener gesamtbetrag|rest|zu zahlender beitrag",
        "fr": "net a payer|a payer|somme a payer|montant restant du|solde ttc|reste a payer|montant a payer|total a payer|solde a payer|reste du|montant du|net a regler|solde du|a regler|montant net a payer|total du|reste a regler|solde|net a payer ttc|net a payer eur|total net a payer",
        "es": "total a pagar|importe a pagar|importe liquido|total liquido|total a percibir|liquido a percibir|neto a percibir|a pagar|pendiente de pago|importe pendiente|saldo a pagar|neto a pagar|liquido a pagar|saldo pendiente|liquido|resto a pagar|total pendiente|pendiente",
        "it": "totale da pagare|netto a pagare|da pagare|importo da pagare|saldo|importo dovuto|totale dovuto|saldo da pagare|a pagare|residuo da pagare|totale a pagare|netto da pagare|importo residuo|saldo a pagare",
        "nl": "te betalen|te voldoen|restant te betalen|nog te betalen bedrag|te betalen bedrag|nog te betalen|openstaand bedrag|totaal te betalen|totaal te voldoen|openstaand|bedrag te betalen|resterend bedrag|nog te voldoen|restbedrag|saldo|restant",
        "pl": "do zaplaty|razem do zaplaty|kwota do zaplaty|pozostaje do zaplaty|pozostalo do zaplaty|naleznosc|saldo do zaplaty|do zaplaty razem|nalezność do zaplaty|kwota nalezna|pozostala kwota|suma do zaplaty|naleznosc ogolem",
        "pt": "total a pagar|valor a pagar|a pagar",
    },
    "totals.net": {
        "en": "net total|total net|subtotal|sub total|net amount|total excl vat|total excluding vat|total ex vat|total excl tax|total before tax|taxable amount|amount excl vat|total net amount|net value|total excl gst|total excluding gst|net|total without vat|goods total|taxable value|total before vat|total excl|nett amount|amount before tax|invoice total excl vat|value excl vat|net invoice amount|total ex gst|total ex tax|total exclusive of gst|total amount excl gst|net sum|total excluding tax",
        "de": "zwischentotal|nettototal|total exkl|steuerbasisbetrag|steuerbasisbetrag ust|nettobetrag|summe netto|netto|gesamt netto|nettosumme|zwischensumme|gesamtbetrag netto|summe exkl mwst|rechnungssumme ohne ust|gesamtnetto|netto gesamt|warenwert netto|total exkl mwst|betrag netto|nettorechnungsbetrag|nettowert|nettogesamtbetrag|zwischensumme netto|gesamtbetrag ohne mwst|rechnungsbetrag netto|steuerpflichtiger betrag|summe ohne mwst|gesamtsumme netto|netto summe|gesamtbetrag ohne ust|rechnungssumme netto|total netto|nettoentgelt|entgelt|summe ohne ust|gesamtnettowert|nettogesamtwert|gesamtwert netto|auftragswert netto|nettosumme gesamt|summe ohne mehrwertsteuer|gesamtnettobetrag",
        "fr": "total ht|montant ht|sous total|total hors taxes|total net ht|montant total ht|montant hors taxe|base ht|total htva|net ht|total hors tva|sous total ht|ht|montant hors taxes|total hors taxe|montant htva|total net|montant net ht|prix ht|total brut ht",
        "es": "base imponible|subtotal|total base imponible|importe neto|total neto|total sin iva|neto|base|suma|importe sin iva|total bruto sin iva|total base|importe base|total antes de iva|total antes de impuestos|suma neta|total importe neto|total bases",
        "it": "imponibile|totale imponibile|totale netto|subtotale|importo netto|totale imp|netto|totale merce netto|totale senza iva|totale iva esclusa|imponibile totale|importo imponibile|sub totale|totale al netto|base imponibile",
        "nl": "totaal excl btw|totaal exclusief btw|totale nettowaarde|nettowaarde|totaal nettowaarde|subtotaal|bedrag excl btw|netto|nettobedrag|totaal netto|totaal exclusief|totaal excl|netto bedrag|totaalbedrag excl btw|belastbaar bedrag|netto totaal|bedrag exclusief btw|subtotaal excl btw|factuurbedrag excl btw|grondslag|maatstaf van heffing",
        "pl": "razem netto|wartosc netto|suma netto|kwota netto|ogolem netto|lacznie netto|netto|netto razem|podstawa opodatkowania|wartosc bez vat|suma czesciowa|wartosc netto razem|razem bez vat",
        "pt": "total sem iva|subtotal|valor liquido|base tributavel|total iliquido",
    },
    "totals.lines": {
        "en": "sum of lines|lines total|total of lines|items total|total items|goods value|total goods|merchandise total|line total|sum of line net amounts|items subtotal|total of items|gross sales|value of goods|total before discount",
        "de": "positionssumme|summe positionen|summe der positionen|warenwert|warensumme|positionsnettobetrag|gesamtwarenwert|summe der nettobetrage|summe artikel|summe aller positionen|zwischensumme positionen",
        "fr": "total des lignes|total lignes|total marchandises|total articles|somme des lignes|total brut|montant brut ht|total lignes ht",
        "es": "total lineas|suma de lineas|total articulos|importe bruto|total bruto|suma de importes|total mercancia|suma lineas",
        "it": "totale righe|totale merce|totale articoli|somma righe|totale beni|totale merci|totale servizi|totale linee",
        "nl": "totaal regels|regeltotaal|som van de regels|goederenwaarde|totaal goederen|totaal artikelen|totaal regelbedragen",
        "pl": "suma pozycji|razem pozycje|wartosc pozycji|wartosc towarow|suma linii|razem pozycji",
    },
    "totals.tax": {
        "en": "vat|tax|sales tax|qst|cgst|sgst|igst|utgst|vat amount|tax amount|total vat|total tax|gst|gst amount|total gst|vat total|vat at|plus vat|tax total|hst|gst payable|output tax|gst rm|service tax|sst|value added tax|pst|tax gst|total sales tax|vat payable|gst total|add vat|add gst",
        "de": "mwst|ust|umsatzsteuer|mehrwertsteuer|steuerbetrag|mwst betrag|ust betrag|steuer|zzgl mwst|zzgl ust|gesamt mwst|summe mwst|gesamt steuer|umsatzsteuerbetrag|mehrwertsteuerbetrag|zzgl umsatzsteuer|zzgl mehrwertsteuer|summe ust|summe umsatzsteuer|steuerbetrag in|summe steuer|gesamtsteuerbetrag|enthaltene mwst|enthaltene umsatzsteuer|versicherungssteuer|vsteuer|steuersumme|gesamtsteuer|inkl mwst|darin enthaltene mwst|mwst gesamt|ust gesamt|plus mwst|gesamtbetrag ust|summe mehrwertsteuer|mwst total|steuerbetrag gesamt|steuern|versicherungsteuer|vers steuer|zzgl versicherungsteuer",
        "fr": "tva|total tva|tps|tvq|tvh|montant tva|taxe|taxes|tva a|montant de la tva|total taxes|dont tva|montant total tva|t v a|total de la tva|montant taxe",
        "es": "iva|cuota iva|recargo de equivalencia|total iva|impuesto|impuestos|importe iva|cuota|i v a|igic|total impuestos|cuota de iva|total cuota iva|cuota total|importe del iva|total cuotas",
        "it": "iva|imposta|totale iva|importo iva|totale imposta|totale imposte|imposte|i v a|di cui iva|imposta iva|ammontare iva|iva totale",
        "nl": "btw|btw bedrag|totaal btw|b t w|belasting|bedrag btw|omzetbelasting|waarvan btw|btw totaal|totaal belasting|btw over",
        "pl": "vat|kwota vat|podatek vat|podatek|razem vat|suma vat|wartosc vat|kwota podatku|ptu|suma ptu|kwota podatku vat|w tym vat|vat razem|ogolem vat|lacznie vat|razem podatek",
        "pt": "iva|total iva|valor iva|imposto",
    },
    "totals.allowances": {
        "en": "discount|total discount|less discount|allowance|allowances|rebate|trade discount|total allowances|discounts|order discount|volume discount|promo discount|loyalty discount|total savings|line discount|special discount|customer discount|volume rebate|promotion|voucher|coupon|bulk discount",
        "de": "rechnungsrabatt|rechnungsrabatt 1|rechnungsrabatt 2|warenrabatt|rabatt|nachlass|abzug|gesamtbetrag der abschlage|abschlage|gesamtrabatt|abzuglich rabatt|summe nachlasse|summe abschlage|mengenrabatt|sondernachlass|preisnachlass|summe rabatte|abschlag|nachlasse|rabatte|treuerabatt|abzgl rabatt|sonderrabatt|kundenrabatt|artikelrabatt|positionsrabatt|staffelrabatt|naturalrabatt|projektrabatt|aktionsrabatt|stammkundenrabatt|gutschein|bonus",
        "fr": "remise|rabais|ristourne|total remise|remises|montant remise|remise commerciale|reduction|total remises|total des remises|remise globale|remise exceptionnelle|remise client|remise speciale|remise sur ligne|geste commercial",
        "es": "descuento|dto|descuentos|total descuento|bonificacion|rebaja|importe descuento|descuento comercial|descuento global|total descuentos|descuento linea|descuento especial|descuento cliente|dto especial",
        "it": "sconto|sconti|abbuono|totale sconti|sconto totale|sconto merce|totale sconto|sconto commerciale|sconto riga|sconto cliente|sconto speciale|sconto incondizionato",
        "nl": "korting|totaal korting|kortingen|kortingsbedrag|kwantumkorting|factuurkorting|extra korting|klantkorting|regelkorting|actiekorting",
        "pl": "rabat|upust|znizka|bonifikata|rabat razem|suma rabatow|opust|razem rabaty|rabat dodatkowy|upust specjalny|rabat specjalny|rabat klienta",
    },
    "totals.charges": {
        "en": "shipping|freight|delivery charge|handling|surcharge|postage|carriage|shipping and handling|shipping handling|service charge|svc chg|packing|delivery fee|freight charges|shipping cost|total charges|packaging|transport|postage and packing|shipping charges|delivery costs|charges|insurance|freight and insurance|shipping and insurance|postage and handling|fuel surcharge|postage packing|tip|gratuity",
        "de": "versand|versandkosten|fracht|frachtkosten|porto|verpackung|gesamtbetrag der zuschlage|zuschlage|transportkosten|lieferkosten|zuschlag|versandkosten netto|bearbeitungsgebuhr|versandkostenpauschale|mautzuschlag|energiezuschlag|porto und verpackung|verpackungskosten|summe zuschlage|versand und verpackung|mindermengenzuschlag|frachtkostenanteil",
        "fr": "frais de port|port|frais d expedition|livraison frais|transport|frais de livraison|emballage|frais|frais de transport|participation transport|eco participation|total frais|port et emballage|frais de gestion|port ht|frais de port ht|transport ht|frais ht",
        "es": "portes|gastos de envio|envio|transporte|gastos|recargo|embalaje|gastos de transporte|flete|gastos de gestion",
        "it": "spese di trasporto|trasporto|spese di spedizione|spedizione|spese|imballo|spese accessorie|bollo|imposta di bollo|spese imballo|spese incasso|spese di imballaggio|contributo integrativo|cassa previdenza|contributo cassa|rivalsa inps|contributo inps|contributo previdenziale",
        "nl": "verzendkosten|vracht|porto|transportkosten|bezorgkosten|administratiekosten|verpakking|vrachtkosten|toeslag|verpakkingskosten|leveringskosten|emballage",
        "pl": "koszt dostawy|koszty dostawy|transport|wysylka|koszt wysylki|oplata|przesylka|koszty wysylki|koszty transportu|opakowanie|oplata manipulacyjna|oplaty dodatkowe|koszt transportu",
    },
    "totals.prepaid": {
        "en": "paid|prepaid|amount paid|less payments|payment applied|payments applied|deposit applied|retainer applied|paid on account|amount received|deposit|down payment|less deposit|advance payment|payments received|already paid|less paid|prepayment|total paid|paid to date|payments|deposit paid|less prepayment|advance|payment received|less advance payment|less down payment|paid amount in advance|less deposit paid|deposit received",
        "de": "anzahlung|anzahlungen|abzuglich geleisteter abschlage|abzuglich geleistete abschlage|abzgl abschlagszahlung|abzgl abschlagszahlungen|gezahlte abschlage|abzuglich geleisteter abschlagszahlungen|ihre zahlungen|erhaltene anzahlungen|bereits gezahlt|bezahlt|geleistete zahlungen|abschlagszahlung|vorauszahlung|bereits bezahlt|geleistete anzahlungen|abzuglich anzahlung|abschlagszahlungen|abzuglich abschlagszahlungen|geleistete vorauszahlungen|bisherige zahlungen|gezahlte betrage|anzahlung erhalten|vorauszahlungen|abzgl anzahlung|abzuglich geleisteter zahlungen|bereits geleistete zahlungen|geleistete abschlage|erhaltene zahlungen|abzuglich erhaltener anzahlung",
        "fr": "acompte|acomptes|acompte deja verse|acomptes deja verses|deja verse|avance versee|deja paye|acompte verse|deja regle|montant paye|avance|acompte recu|acomptes verses|paiements recus|total regle|acompte percu|deduction acompte|a deduire acompte",
        "es": "anticipo|a cuenta|pagado|entregas a cuenta|anticipos|ya pagado|importe pagado|pago a cuenta|anticipo recibido|pagos recibidos|menos anticipo|deposito|pagado a cuenta",
        "it": "acconto|acconti|acconti versati|acconto gia versato|gia pagato|pagato|anticipo|caparra|importo pagato|acconto versato|acconto ricevuto|meno acconto|deposito",
        "nl": "aanbetaling|reeds betaald|voorschotten|betaalde voorschotten|voldaan|vooruitbetaald|voorschot|betaald|vooruitbetaling|reeds voldaan|ontvangen betaling|aanbetaald|ontvangen aanbetaling|af aanbetaling",
        "pl": "zaliczka|zaplacono|przedplata|wplacono|zaliczki|kwota zaplacona|juz zaplacono|otrzymana zaliczka|wplaty|rozliczona zaliczka|wplacona zaliczka|otrzymane zaliczki",
    },
    "totals.rounding": {
        "en": "rounding|rounding adj|rounding adjustment|round off|rounding amount|rounding adjustments|rounding difference|rnd adj|round adj|rounded|rounding diff",
        "de": "rundung|rundungsdifferenz|rundungsbetrag|rundungsausgleich|ausgleich rundung",
        "fr": "arrondi|arrondis|ajustement d arrondi|ecart d arrondi",
        "es": "redondeo|ajuste redondeo|ajuste por redondeo",
        "it": "arrotondamento|arrotondamenti",
        "nl": "afronding|afrondingsverschil|afgerond",
        "pl": "zaokraglenie|zaokraglenia|roznica zaokraglen",
    },
    "cash": {
        "en": "cash|change|change due|tendered|tender|cash tendered|visa|mastercard|card|master|paid amount|cash paid|amount tendered|received|debit card|credit card|cash received|visa card|m card|cash rm|cash back|eftpos|e wallet|amex|payment|cash payment|card payment|change rm|paid by card|paid by cash|cash amount",
        "de": "bar|ruckgeld|gegeben|barzahlung|ec karte|karte|kreditkarte|girocard|wechselgeld|ec cash|bar gegeben|zuruck|kartenzahlung|bar erhalten|erhalten",
        "fr": "especes|rendu|monnaie|carte bancaire|cb|rendu monnaie|cheque|a rendre|recu especes|carte|paiement carte|paiement especes|monnaie rendue",
        "es": "efectivo|cambio|tarjeta|entregado|devuelto|entrega|pago tarjeta|pago efectivo|recibido",
        "it": "contanti|resto|carta|pagamento contante|pagamento elettronico|contante|bancomat|carta di credito|ricevuto|importo ricevuto",
        "nl": "contant|wisselgeld|pin|retour|gepind|betaald met pin|pinbetaling|teruggave|ontvangen",
        "pl": "gotowka|reszta|karta|karta platnicza|wydano|otrzymano|platnosc karta|wplata gotowka",
        "pt": "dinheiro|troco|multibanco|cartao|numerario",
    },
    "opening_balance": {
        "en": "opening balance|balance brought forward|previous balance|balance b f|starting balance|beginning balance|brought forward|old balance|balance forward|balance at start",
        "de": "anfangssaldo|alter kontostand|saldovortrag|alter saldo|anfangsbestand|eroffnungssaldo|vortrag|saldo vortrag|kontostand alt|startsaldo|anfangskontostand",
        "fr": "solde initial|ancien solde|solde precedent|solde d ouverture|report|solde debut|solde anterieur|solde reporte|solde au debut",
        "es": "saldo inicial|saldo anterior|saldo de apertura|saldo previo",
        "it": "saldo iniziale|saldo precedente|saldo di apertura|saldo apertura|riporto",
        "nl": "beginsaldo|vorig saldo|oud saldo|openingssaldo|saldo vorige|vorig saldo per",
        "pl": "saldo poczatkowe|saldo otwarcia|bilans otwarcia|saldo poprzednie|stan poczatkowy|poprzednie saldo",
    },
    "closing_balance": {
        "en": "closing balance|ending balance|new balance|balance carried forward|current balance|final balance|balance c f|end balance|total outstanding|total balance|balance at end|amount outstanding total",
        "de": "endsaldo|neuer kontostand|schlusssaldo|neuer saldo|kontostand|aktueller saldo|endbestand|schlussbestand|saldo neu|abschlusssaldo|kontostand neu|endkontostand|offener saldo",
        "fr": "solde final|nouveau solde|solde de cloture|solde fin|solde actuel|solde en fin|solde au|solde crediteur|solde debiteur",
        "es": "saldo final|saldo actual|nuevo saldo|saldo de cierre|saldo al cierre|saldo a su favor",
        "it": "saldo finale|nuovo saldo|saldo di chiusura|saldo attuale|saldo chiusura|saldo contabile finale",
        "nl": "eindsaldo|nieuw saldo|slotsaldo|huidig saldo|sluitsaldo|actueel saldo",
        "pl": "saldo koncowe|saldo zamkniecia|nowe saldo|stan koncowy|saldo biezace|bilans zamkniecia",
    },
    "paid_total": {
        "en": "total paid|total payment|payment amount|amount paid|total remitted|payment total|net payment|transfer amount|total remittance|cheque amount|amount transferred|total amount paid|paid amount|total net payment|remittance total",
        "de": "zahlungsbetrag|gesamtzahlung|uberweisungsbetrag|zahlbetrag|summe zahlung|gezahlter betrag|zahlungssumme|gesamtzahlbetrag|summe der zahlungen|uberwiesener betrag|zahlbetrag gesamt",
        "fr": "montant du virement|total vire|montant vire|total paye|total regle|montant paye|montant regle|total du reglement|total virement|total reglement|montant du paiement|montant total regle|total paiement|montant total paye",
        "es": "importe pagado|total pagado|importe transferido|total del pago|importe de la transferencia|importe del pago|total transferido|total pago|total transferencia",
        "it": "importo pagato|totale pagato|importo bonifico|totale pagamento|importo del bonifico|totale bonifico|importo totale pagato|importo del pagamento",
        "nl": "betaald bedrag|totaal betaald|overgemaakt bedrag|totaal betaling|betalingsbedrag|totaal overgemaakt|totaalbedrag betaling",
        "pl": "kwota przelewu|kwota platnosci|razem zaplacono|suma platnosci|laczna kwota|zaplacono razem|kwota zaplacona|suma przelewu|laczna kwota platnosci|razem przelew",
    },
    "total_debit": {
        "en": "total debit|total debits|debit total|sum debit|debits",
        "de": "summe soll|soll gesamt|gesamt soll|sollsumme|summe belastungen",
        "fr": "total debit|total debits|total au debit",
        "es": "total debe|suma debe|total cargos",
        "it": "totale dare|tot dare|totale addebiti",
        "nl": "totaal debet|debet totaal",
        "pl": "suma wn|razem wn|suma winien|razem winien|suma obciazen",
    },
    "total_credit": {
        "en": "total credit|total credits|credit total|sum credit|credits",
        "de": "summe haben|haben gesamt|gesamt haben|habensumme|summe gutschriften",
        "fr": "total credit|total credits|total au credit",
        "es": "total haber|suma haber|total abonos",
        "it": "totale avere|tot avere|totale accrediti",
        "nl": "totaal credit|credit totaal",
        "pl": "suma ma|razem ma|suma uznan",
    },
}  # fmt: skip
"""Amounts of the foot of a document."""

PARTIES: Final[dict[str, Words]] = {
    "seller": {
        "en": "seller|supplier|vendor|from|sold by|bill from|issued by|remit to|service provider|shipper|supplier details|vendor details|invoice from|our details|provider|consignor|supplier name|vendor name|to supplier|ship from|sender|dispatched from|delivered by",
        "de": "rechnungsersteller|verkaufer|lieferant|auftragnehmer|rechnungssteller|rechnungsaussteller|leistungserbringer|absender|aussteller|lieferer|an lieferant|verkaeufer|lieferanschrift absender|versender|geliefert von|anbieter",
        "fr": "vendeur|fournisseur|emetteur|prestataire|expediteur|de|emis par|facture par|coordonnees fournisseur|societe emettrice",
        "es": "vendedor|proveedor|emisor|expedidor|prestador|remitente|datos del proveedor|datos del emisor|emitida por|datos proveedor",
        "it": "venditore|fornitore|cedente|prestatore|cedente prestatore|mittente|emittente|emesso da|dati fornitore|emessa da",
        "nl": "verkoper|leverancier|afzender|opdrachtnemer|van|leverancier gegevens|dienstverlener|gefactureerd door",
        "pl": "sprzedawca|dostawca|wystawca|wykonawca|sprzedajacy|nadawca|wystawca faktury|zleceniobiorca",
    },
    "buyer": {
        "en": "buyer|customer|bill to|billed to|sold to|invoice to|client|to|invoiced to|purchaser|customer details|billing address|invoice address|ordered by|bill to address|messrs|m s|attention to|customer name|client name|recipient|for|sold to party|from customer|buyer details|payer",
        "de": "kaufer|kunde|rechnungsempfanger|rechnungsadresse|rechnungsanschrift|auftraggeber|leistungsempfanger|kaufer leistungsempfanger|empfanger|besteller|rechnung an|an|abnehmer|kundenanschrift|abweichender rechnungsempfanger|rechnungsempfangerin|kundenname|adressat|erwerber|kundenadresse|vertragspartner|vertragsinhaber",
        "fr": "acheteur|client|facture a|facturer a|destinataire|adresse de facturation|donneur d ordre|a l attention de|adresse facturation|coordonnees client|acquereur|adresse du client|facturee a|nom du client|beneficiaire de la prestation|titulaire du contrat|abonne|souscripteur",
        "es": "comprador|cliente|facturar a|destinatario|datos del cliente|direccion de facturacion|adquirente|datos cliente|facturado a|receptor|datos de facturacion|direccion facturacion|nombre del cliente|titular del contrato|titular contrato|titular del suministro|contratante|abonado",
        "it": "acquirente|cliente|cessionario|committente|cessionario committente|destinatario|spett le|spettabile|intestatario|fatturare a|indirizzo di fatturazione|intestata a|dati cliente|fatturato a|egr sig|intestazione|intestatario contratto|intestatario del contratto|intestatario fornitura|intestatario della fornitura",
        "nl": "koper|klant|afnemer|factuuradres|factuur aan|opdrachtgever|gefactureerd aan|debiteur|aan|geadresseerde|klantgegevens|factureren aan|besteld door|t a v|factuurgegevens",
        "pl": "nabywca|kupujacy|odbiorca faktury|zamawiajacy|klient|platnik|dane nabywcy|adres do faktury|zleceniodawca|kontrahent|nabywca platnik|abonent",
        "sv": "fakturaadress|faktureringsadress|kund|mottagare|kopare|bestallare",
        "da": "faktureringsadresse|fakturaadresse|kunde|modtager|kober",
        "no": "fakturaadresse|mottaker|kjoper",
        "fi": "laskutusosoite|asiakas|ostaja",
        "cs": "odberatel|kupujici|zakaznik|fakturacni adresa",
        "pt": "adquirente|comprador|exmo s senhor es|exmos senhores|cliente",
        "hu": "vevo|megrendelo",
        "ro": "cumparator|beneficiar",
    },
    "ship_to": {
        "en": "ship to|deliver to|delivery address|shipping address|delivered to|shipped to|consignee|place of delivery|goods recipient|delivery location|delivery to|receiving location|ship to address|deliver to address|shipping to|site address|destination|service location|service address|job site|job location|work site|job address",
        "de": "lieferadresse|lieferanschrift|lieferung an|warenempfanger|abweichender warenempfanger|lieferort|versandadresse|versand an|abweichende lieferadresse|liefern an|empfanger der ware|anlieferadresse|versandanschrift|leistungsort|lieferempfanger",
        "fr": "adresse de livraison|livrer a|livre a|lieu de livraison|livraison a|adresse livraison|lieu d intervention|adresse d intervention|adresse du chantier|destinataire de la livraison|expedie a|expedier a|livraison",
        "es": "direccion de entrega|enviar a|entregar a|lugar de entrega|direccion de envio|direccion entrega|entrega en|destino|enviado a|direccion envio|datos de entrega|datos de envio",
        "it": "destinazione|luogo di consegna|indirizzo di consegna|destinazione merce|consegnare a|luogo di destinazione|indirizzo di spedizione|spedire a|destinatario merce|consegna a|spedito a",
        "nl": "afleveradres|leveradres|verzendadres|leveringsadres|bezorgadres|afleveren aan|leveren aan|verzenden aan|aflevering aan|geleverd aan|plaats van levering|werkadres|uitvoeringsadres",
        "pl": "odbiorca|adres dostawy|miejsce dostawy|dostawa do|adres odbiorcy|adres wysylki|wysylka do|dostarczyc do|miejsce odbioru",
    },
    "payee": {
        "en": "payee|pay to|beneficiary|in favour of|payment recipient|factor|paid to|to the order of",
        "de": "zahlungsempfanger|abweichender zahlungsempfanger|begunstigter|zugunsten von|zahlungsempfangerin|empfanger der zahlung",
        "fr": "beneficiaire|a l ordre de|paye a|beneficiaire du paiement|payer a",
        "es": "beneficiario|pagadero a|pagar a|beneficiario del pago",
        "it": "beneficiario|pagare a|a favore di",
        "nl": "begunstigde|ontvanger|betalen aan|begunstigde van de betaling",
        "pl": "beneficjent|odbiorca platnosci|odbiorca przelewu|na rzecz",
    },
    "payer": {
        "en": "payer|paid by|payor|remitter|from account of|payment from|ordering customer|remitting party|ordering party",
        "de": "zahler|zahlungspflichtiger|auftraggeber|einzahler|zahlende firma|zahlung von|zahlungsauftraggeber",
        "fr": "payeur|donneur d ordre|emetteur du paiement|debiteur|paye par|donneur d ordre du virement",
        "es": "pagador|ordenante|deudor|pagado por|emisor del pago",
        "it": "pagatore|ordinante|debitore|pagato da|disponente",
        "nl": "betaler|opdrachtgever|betaald door|betalende partij",
        "pl": "platnik|zleceniodawca|nadawca przelewu|placacy",
    },
    "tax_representative": {
        "en": "tax representative|fiscal representative|seller tax representative|tax representative of the seller",
        "de": "steuerbevollmachtigter des verkaufers|fiskalvertreter des verkaufers|steuerbevollmachtigter|fiskalvertreter|steuervertreter|steuerlicher vertreter",
        "fr": "representant fiscal",
        "es": "representante fiscal",
        "it": "rappresentante fiscale",
        "nl": "fiscaal vertegenwoordiger",
        "pl": "przedstawiciel podatkowy",
    },
    "holder": {
        "en": "account holder|account name|beneficiary name|name of account|in the name of|holder|acc name|account owner|a c name|statement for|account of",
        "de": "kontoinhaber|kontobezeichnung|inhaber|kontoname|konto lautend auf|kontoauszug fur|kontoinhaberin",
        "fr": "titulaire|titulaire du compte|nom du compte|intitule du compte|releve de|titulaire compte",
        "es": "titular|titular de la cuenta|titular cuenta|nombre de la cuenta",
        "it": "intestatario|intestatario conto|titolare|intestato a|intestatario del conto|conto intestato a",
        "nl": "rekeninghouder|ten name van|t n v|tnv|naam rekeninghouder|op naam van",
        "pl": "wlasciciel rachunku|posiadacz rachunku|posiadacz|wlasciciel konta|nazwa rachunku",
    },
    "company": {
        "en": "company|company name|company code|entity|legal entity|name of company|business unit|booking entity",
        "de": "gesellschaft|firma|buchungskreis|mandant|firmenname|unternehmen",
        "fr": "societe|entreprise|entite|raison sociale|denomination sociale",
        "es": "empresa|sociedad|razon social|compania|entidad",
        "it": "azienda|societa|ragione sociale|ditta|impresa|denominazione",
        "nl": "bedrijf|onderneming|bedrijfsnaam|vennootschap|administratie|entiteit",
        "pl": "firma|spolka|jednostka|nazwa firmy|przedsiebiorstwo|podmiot",
    },
    "party": {
        "en": "name|legal name|business name|supplier name|customer name|vendor name|full name|registered name",
        "de": "name|name firma|firmenname|name des lieferanten|name des kunden|firmenbezeichnung|lieferantenname|kundenname|firmierung",
        "fr": "nom|nom du fournisseur|nom du client|denomination|nom ou raison sociale|nom legal|nom de l entreprise",
        "es": "nombre|nombre o razon social|nombre del proveedor|nombre del cliente|denominacion|denominacion social|nombre legal",
        "it": "nome|nome fornitore|denominazione|nominativo|nome cliente|denominazione sociale|nome o ragione sociale",
        "nl": "naam|naam leverancier|naam klant|statutaire naam|handelsnaam|officiele naam|juridische naam",
        "pl": "nazwa|imie i nazwisko|nazwa dostawcy|nazwa odbiorcy|nazwa pelna|pelna nazwa|nazwa kontrahenta|nazwa klienta",
    },
}  # fmt: skip
"""Headings of parties."""

IDS: Final[dict[str, Words]] = {
    "vat_id": {
        "en": "vat no|vat number|vat id|vat reg no|vat registration no|vat registration number|vat|vat reg|vat identification number|tax id no|gst no|gst id|gst reg no|gst id no|gst registration no|vat id no|abn|gstin|our vat no|your vat no|customer vat no|eu vat no|vat code|ein|uid|vatin|trn",
        "de": "ust idnr|ust id nr|ust id|umsatzsteuer id|umsatzsteuer identifikationsnummer|ustidnr|ust ident nr|uid|uid nr|mwst nr|umsatzsteuer idnr|ust identnr|umsatzsteuer identnummer|ihre ust idnr|ust identifikationsnummer|uid nummer|umsatzsteueridentifikationsnummer|mwst nummer|ihre ust id|ust id nummer|unsere ust idnr|ust nr|kunden ust idnr|ihre uid",
        "fr": "n tva|no tva|tva intracommunautaire|n tva intracommunautaire|numero de tva|tva intra|n de tva|n tva intra|id tva|tva n|numero tva|n de tva intracommunautaire|n identification tva|n ident tva|tva|votre n tva|tva intracom|numero de tva intracommunautaire|n tva client",
        "es": "nif iva|nif|cif|nif cif|cif nif|n iva|vat|c i f|n i f|nif intracomunitario|cif n|nif n|numero de iva|id iva|identificacion fiscal|numero de identificacion fiscal|nif cliente|cif cliente",
        "it": "partita iva|p iva|piva|part iva|p i|codice iva|id iva|partita i v a|p iva c f|c f p iva|p iva cf|partita iva cliente|iva n|c f e p iva|p iva cod fisc|cod fisc p iva",
        "nl": "btw nr|btw nummer|btw id|btw|btw identificatienummer|btw nummer klant|uw btw nummer|btw id nummer|btw identificatie nr|ob nummer|btw nr klant",
        "pl": "nip|nip ue|nr vat|vat ue|vat id|nip nr|numer nip|nip nabywcy|nip sprzedawcy|nr nip|vat eu|numer vat|numer vat ue|nip vat ue",
        "pt": "nif|contribuinte|n contribuinte|nipc|n contrib|v n contrib|contribuinte n|nif cliente|n de contribuinte|v contribuinte",
        "sv": "momsreg nr|vat nr|momsregnr",
        "cs": "dic",
    },
    "tax_number": {
        "en": "tax number|tax no|tax id|tin|utr|tax reference|tax id number|tax ref|ein|fiscal number|federal tax id|tax registration no",
        "de": "steuernummer|steuer nr|st nr|stnr|steuernr|steuer nummer|finanzamt steuernummer|st nummer",
        "fr": "siret|n siret|siren|numero fiscal|n siren|no siret|identifiant fiscal|numero siret|siret n",
        "es": "numero fiscal|n fiscal|dni|nie|numero de contribuyente",
        "it": "codice fiscale|cod fiscale|c f|cf|cod fisc|cod fiscale n|codice fisc",
        "nl": "fiscaal nummer|belastingnummer|rsin|fiscaal nr|bsn",
        "pl": "numer podatkowy|pesel|nr podatkowy|numer identyfikacji podatkowej",
    },
    "registration": {
        "en": "company reg no|registration no|reg no|company registration|company registration no|registered in england no|co reg no|company no|registered number|crn|registration number|reg number|co no|roc no|company number|brn|company reg|registered no|business registration no|registered in england and wales no|trade register|co reg|co registration no|reg co no",
        "de": "hrb|hra|handelsregister|handelsregisternummer|registernummer|amtsgericht|registergericht|firmenbuchnummer|fn|hr nr|che|registergericht hrb|handelsregister nr|firmenbuch nr|handelsregister b|reg nr",
        "fr": "rcs|r c s|registre du commerce|rcs paris|n rcs|registre de commerce|bce|rm",
        "es": "registro mercantil|inscrita en el registro mercantil|r m|reg merc|hoja|inscripcion",
        "it": "rea|n rea|registro imprese|reg imprese|r e a|iscr reg imprese|numero rea|rea n|iscrizione registro imprese",
        "nl": "kvk|kvk nr|kvk nummer|k v k|handelsregister|kamer van koophandel|kbo|ondernemingsnummer|kvk nummer|rpr",
        "pl": "krs|regon|nr krs|numer krs|nr regon|numer regon",
        "cs": "ico",
    },
    "iban": {
        "en": "iban|iban no|iban code|iban number",
        "de": "iban|iban nr|iban nummer",
        "fr": "iban|code iban|rib|n iban|coordonnees bancaires iban",
        "es": "iban|codigo iban|cuenta iban|numero iban|n iban",
        "it": "iban|codice iban|coordinate iban|cod iban",
        "nl": "iban|iban nummer|iban nr|rekening iban",
        "pl": "iban|nr iban|nr rachunku|nr konta|numer rachunku|rachunek bankowy|konto|konto bankowe|numer konta|nr rachunku bankowego|rachunek|numer rachunku bankowego|numer iban|nr rachunku iban",
    },
    "bic": {
        "en": "bic|swift|swift code|swift bic|bic swift|bic code|sort code swift",
        "de": "bic|swift|bic swift|bic code|swift bic|swift code",
        "fr": "bic|code bic|swift|bic swift|code swift",
        "es": "bic|swift|codigo bic|codigo swift|bic swift|swift bic",
        "it": "bic|swift|codice bic|codice swift|bic swift|swift bic",
        "nl": "bic|swift|bic code|swift code|bic swift",
        "pl": "bic|swift|kod swift|kod bic|bic swift|swift bic",
    },
    "account_number": {
        "en": "account number|account no|acct no|account|bank account|bank account no|acc no|bank account number|account nr|a c no|beneficiary account",
        "de": "kontonummer|konto nr|konto|kto nr|kto|ktonr|kontonr|konto nummer|bankkonto",
        "fr": "n compte|numero de compte|compte|compte bancaire|n de compte|no de compte",
        "es": "cuenta|n cuenta|cuenta bancaria|numero de cuenta|cuenta corriente|c c c|ccc|n de cuenta",
        "it": "conto|c c|conto corrente|n conto|c c bancario|numero conto|numero di conto|n c c",
        "nl": "rekening|rekeningnummer|bankrekening|rekeningnr|rek nr|bankrekeningnummer|rekening nr",
        "pl": "konto|nr konta|numer konta",
    },
    "bank_name": {
        "en": "bank|bank name|name of bank|our bank|banker|bankers|bank details|beneficiary bank",
        "de": "bank|bankverbindung|kreditinstitut|geldinstitut|bankname|name der bank|unsere bank",
        "fr": "banque|domiciliation|nom de la banque|etablissement bancaire|domiciliation bancaire",
        "es": "banco|entidad|entidad bancaria|nombre del banco",
        "it": "banca|istituto|banca d appoggio|banca di appoggio|istituto bancario|nome banca|ns banca",
        "nl": "bank|banknaam|naam bank|naam van de bank",
        "pl": "bank|nazwa banku|w banku",
    },
    "phone": {
        "en": "tel|phone|telephone|mobile|tel no|call|phone no|hp|h p|contact no|cell|ph|t|telephone no|phone number|customer service|hotline|telephone number",
        "de": "telefon|tel|fon|mobil|telefonnummer|tel nr|handy|tel nummer|durchwahl|rufnummer",
        "fr": "tel|telephone|mobile|portable|numero de telephone|n tel|n de telephone",
        "es": "tel|telefono|tfno|movil|tlf|tlfno|telf|n de telefono|numero de telefono",
        "it": "tel|telefono|cell|cellulare|recapito|recapito telefonico|numero di telefono",
        "nl": "tel|telefoon|mobiel|telefoonnummer|tel nr|gsm",
        "pl": "tel|telefon|kom|tel kom|nr tel|numer telefonu|nr telefonu|komorka",
    },
    "fax": {"en": "fax|fax no|facsimile|f", "de": "fax|telefax|fax nr", "fr": "fax|telecopie", "es": "fax", "it": "fax", "nl": "fax", "pl": "fax|faks"},
    "email": {
        "en": "email|e mail|mail|email address|e mail address",
        "de": "email|e mail|mail|e mail adresse|mailadresse",
        "fr": "email|e mail|courriel|mail|mel|adresse e mail|adresse email|adresse electronique",
        "es": "email|e mail|correo|correo electronico|mail",
        "it": "email|e mail|pec|mail|posta elettronica|indirizzo e mail",
        "nl": "email|e mail|mail|e mailadres|emailadres",
        "pl": "email|e mail|mail|adres e mail|poczta elektroniczna",
    },
    "web": {"en": "www|web|website|url|internet|homepage|web site", "de": "internet|web|webseite|homepage", "fr": "site|site web|internet", "es": "web|pagina web|sitio web", "it": "sito|sito web|web", "nl": "website|web|internet", "pl": "strona|www|strona www"},
    "contact": {
        "en": "contact|contact person|contact name|your contact|account manager|sales person|salesperson|handled by|attn|attention|salesman|cashier|sales rep|sales representative|buyer name|purchasing contact",
        "de": "ansprechpartner|sachbearbeiter|bearbeiter|kontakt|ihr ansprechpartner|kontaktperson|ansprechpartnerin|z hd|zu handen|sachbearbeiterin|es bediente sie|einkaufer|verkaufer|ihr kontakt",
        "fr": "contact|interlocuteur|votre contact|votre interlocuteur|personne de contact|a l attention de|suivi par|vendeur|caissier|personne a contacter|nom du contact",
        "es": "contacto|persona de contacto|atencion|a la atencion de|vendedor|comercial|atendido por|a a|nombre de contacto",
        "it": "contatto|referente|vs riferimento|persona di contatto|alla c a|c a|alla cortese attenzione|operatore|agente|nome referente",
        "nl": "contactpersoon|contact|uw contactpersoon|ter attentie van|t a v|behandeld door|verkoper|medewerker|naam contactpersoon",
        "pl": "osoba kontaktowa|kontakt|osoba do kontaktu|opiekun|wystawil|sprzedawca|kasjer|do rak|opiekun klienta",
    },
    "creditor_id": {
        "en": "creditor id|creditor identifier|sepa creditor id|creditor identification number|sepa creditor identifier",
        "de": "glaubiger id|glaubiger identifikationsnummer|glaubiger identnummer|glaubiger identifikation|glaubiger idnr|glaubigeridentifikationsnummer",
        "fr": "ics|identifiant creancier|identifiant creancier sepa|n ics|id creancier",
        "es": "identificador de acreedor|id acreedor|identificador acreedor|identificador del acreedor",
        "it": "identificativo creditore|codice creditore|cid|id creditore|codice identificativo creditore|identificativo del creditore",
        "nl": "incassant id|incassantid|incassant|crediteur id|incassant identificatie",
        "pl": "identyfikator wierzyciela|id wierzyciela",
    },
    "mandate": {
        "en": "mandate|mandate reference|mandate id|direct debit mandate|mandate no|mandate ref|sepa mandate reference|sepa mandate",
        "de": "mandatsreferenz|mandatsreferenznummer|mandat|sepa mandat|mandats id|mandatsnummer|mandatsref|mandatsreferenz nr|sepa mandatsreferenz",
        "fr": "mandat|rum|reference mandat|reference du mandat|reference unique du mandat|reference unique de mandat",
        "es": "mandato|referencia del mandato|referencia mandato|referencia de mandato|ref mandato|referencia unica del mandato",
        "it": "mandato|riferimento mandato|riferimento del mandato|codice mandato",
        "nl": "machtiging|machtigingskenmerk|mandaat|mandaatreferentie|kenmerk machtiging|mandaatkenmerk",
        "pl": "mandat|numer mandatu|nr mandatu|referencja mandatu|mandat sepa",
    },
    "terms.remittance": {
        "en": "payment reference|reference for payment|remittance information|payment ref|quote reference|please quote|reference to quote|payment description",
        "de": "verwendungszweck|zahlungsreferenz|referenznummer|zahlungshinweis|betreff der zahlung|referenz bei zahlung|qr referenz|zahlungsreferenz nr",
        "fr": "reference de paiement|reference a rappeler|libelle du virement|communication|reference du virement|motif du virement|reference paiement|ref paiement|motif de paiement",
        "es": "concepto|referencia de pago|concepto de pago|referencia del pago|concepto de transferencia|concepto de la transferencia",
        "it": "causale|riferimento pagamento|causale del versamento|causale bonifico|causale di pagamento|causale pagamento|riferimento del pagamento",
        "nl": "betalingskenmerk|betaalkenmerk|omschrijving betaling|kenmerk|mededeling|betalingsreferentie|gestructureerde mededeling|onder vermelding van|o v v",
        "pl": "tytul przelewu|tytulem|tytul platnosci|referencja platnosci|w tytule przelewu|tytul wplaty",
        "sv": "ocr|ocr nr|ocr nummer",
        "cs": "variabilni symbol",
    },
    "terms.means": {
        "en": "payment method|method of payment|means of payment|payment by|paid by|payment type|mode of payment|pay method|tender type|payment mode",
        "de": "zahlungsart|zahlungsweise|zahlart|zahlungsmittel|zahlungsform|zahlweise|zahlungsmethode|zahlungstyp codiert|zahlungstyp",
        "fr": "mode de paiement|mode de reglement|moyen de paiement|reglement|reglement par|type de paiement|paiement par|mode reglement",
        "es": "forma de pago|metodo de pago|modo de pago|medio de pago|forma pago|tipo de pago",
        "it": "modalita di pagamento|metodo di pagamento|pagamento|tipo pagamento|mod pagamento|modo di pagamento|mezzo di pagamento",
        "nl": "betaalwijze|betaalmethode|betalingswijze|wijze van betaling|betaling|betaalmiddel|betalingsmethode",
        "pl": "forma platnosci|sposob platnosci|sposob zaplaty|forma zaplaty|metoda platnosci|rodzaj platnosci",
    },
    "terms.text": {
        "en": "payment terms|terms of payment|terms|terms and conditions of payment|payment conditions|credit terms|payment condition|payment term|credit period|settlement terms",
        "de": "zahlungsbedingungen|zahlungsbedingung|zahlungskonditionen|konditionen|zahlungsvereinbarung|zahlungsziel|zahlungskondition|zahlungsfrist",
        "fr": "conditions de paiement|conditions de reglement|modalites de paiement|delai de paiement|conditions|modalites de reglement|condition de reglement|condition de paiement|delai de reglement|conditions reglement|echeance et mode de reglement|condition paiement",
        "es": "condiciones de pago|terminos de pago|plazo de pago|condicion de pago|plazos de pago|condiciones pago|forma y plazo de pago|vencimiento y forma de pago",
        "it": "condizioni|condizioni di pagamento|termini di pagamento|condizioni pagamento|cond pagamento|termini pagamento",
        "nl": "betalingsvoorwaarden|betalingscondities|betaaltermijn|betalingstermijn|betaalvoorwaarden|betalingsconditie|betaalcondities",
        "pl": "warunki platnosci|warunki zaplaty|warunek platnosci",
        "sv": "betalningsvillkor",
        "da": "betalingsbetingelser",
        "pt": "condicoes de pagamento|condicao pagamento|condicao de pagamento|prazo de pagamento",
        "cs": "platebni podminky",
    },
    "currency": {
        "en": "currency|currency code|invoice currency|ccy|curr|account currency|order currency|document currency|all amounts in|amounts in",
        "de": "wahrung|rechnungswahrung|wahrungscode|belegwahrung|kontowahrung|alle betrage in|betrage in|dokumentwahrung|hauswahrung",
        "fr": "devise|monnaie|devise de facturation|devise du compte|montants exprimes en|montants en|code devise",
        "es": "moneda|divisa|moneda de facturacion|importes en|codigo de moneda|importes expresados en",
        "it": "valuta|divisa|importi in|valuta documento|importi espressi in",
        "nl": "valuta|munt|munteenheid|bedragen in|factuurvaluta|alle bedragen in",
        "pl": "waluta|waluta faktury|kwoty w|waluta rachunku|waluta dokumentu",
    },
    "prepared_by": {
        "en": "prepared by|created by|entered by|requested by|issued by|drawn up by|submitted by|preparer",
        "de": "erstellt von|erstellt durch|erfasst von|gebucht von|bearbeitet von|ersteller|angelegt von|erfasst durch",
        "fr": "prepare par|etabli par|saisi par|cree par|redige par|emis par|demande par",
        "es": "preparado por|elaborado por|creado por|realizado por|registrado por|confeccionado por|solicitado por",
        "it": "preparato da|redatto da|compilato da|inserito da|creato da|registrato da|richiesto da",
        "nl": "opgesteld door|opgemaakt door|voorbereid door|ingevoerd door|aangemaakt door|geboekt door|aangevraagd door",
        "pl": "sporzadzil|przygotowal|wystawil|opracowal|sporzadzil a|wprowadzil|przygotowal a|utworzyl",
    },
    "approved_by": {
        "en": "approved by|authorised by|authorized by|released by|checked by|approver|reviewed by|approval",
        "de": "genehmigt von|freigegeben von|gepruft von|genehmigt durch|freigegeben durch|freigabe durch|freigabe|gepruft und freigegeben",
        "fr": "approuve par|valide par|autorise par|verifie par|vise par|controle par",
        "es": "aprobado por|autorizado por|revisado por|validado por|visto bueno|conforme",
        "it": "approvato da|autorizzato da|verificato da|controllato da|validato da",
        "nl": "goedgekeurd door|geautoriseerd door|gecontroleerd door|geaccordeerd door|akkoord door",
        "pl": "zatwierdzil|zaakceptowal|zatwierdzil a|sprawdzil|akceptowal|zatwierdzone przez",
    },
    "country": {
        "en": "country|country code", "de": "land|staat", "fr": "pays", "es": "pais", "it": "paese|nazione|stato", "nl": "land", "pl": "kraj|panstwo",
    },
    "street": {
        "en": "street|address|address line|address 1|street address|street and number|registered address|company address",
        "de": "strasse|anschrift|adresse|strasse hausnummer|strasse und hausnummer|strasse nr|postanschrift|firmenanschrift",
        "fr": "rue|adresse|adresse postale|voie|n et rue|numero et rue|siege social",
        "es": "calle|direccion|domicilio|calle y numero|domicilio social",
        "it": "via|indirizzo|via e numero|indirizzo sede|sede legale|sede",
        "nl": "straat|adres|straat en huisnummer|straat en nummer|vestigingsadres",
        "pl": "ulica|adres|ul|ulica i numer|ulica nr|adres siedziby|siedziba",
    },
    "city": {
        "en": "city|town|postcode city|city postcode|zip city|postal code city|postcode and city|postcode and town|city and postcode",
        "de": "ort|stadt|plz ort|plz und ort|postleitzahl ort|postleitzahl und ort",
        "fr": "ville|code postal ville|cp ville|code postal et ville|localite|commune",
        "es": "ciudad|poblacion|localidad|cp poblacion|codigo postal y ciudad|cp y poblacion|municipio|codigo postal ciudad",
        "it": "citta|comune|cap citta|localita|cap e citta|cap localita|cap comune",
        "nl": "plaats|woonplaats|postcode plaats|postcode en plaats|stad|postcode en woonplaats|vestigingsplaats",
        "pl": "miasto|miejscowosc|kod pocztowy i miejscowosc|kod i miasto|kod pocztowy miasto|kod miejscowosc",
    },
    "postcode": {
        "en": "postcode|zip|zip code|postal code", "de": "plz|postleitzahl", "fr": "code postal|cp", "es": "codigo postal|cp|c p", "it": "cap|codice postale|c a p", "nl": "postcode", "pl": "kod pocztowy|kod",
    },
    "weight": {
        "en": "weight|net weight|gross weight|packages|number of packages|total qty|total quantity|item count|no of items|qty s|item s|total items|total item|no of item|total packages|pieces",
        "de": "gewicht|nettogewicht|bruttogewicht|anzahl packstucke|packstucke|gesamtmenge|gesamtgewicht|anzahl artikel|anzahl",
        "fr": "poids|poids net|poids brut|colis|nombre de colis|nombre d articles|quantite totale",
        "es": "peso|peso neto|peso bruto|bultos|cantidad total|numero de bultos|n articulos",
        "it": "peso|peso netto|peso lordo|colli|n colli|numero colli|quantita totale|n pezzi",
        "nl": "gewicht|nettogewicht|brutogewicht|colli|totaal aantal|aantal colli|aantal artikelen",
        "pl": "waga|waga netto|waga brutto|liczba opakowan|ilosc razem|razem ilosc|liczba paczek",
    },
}  # fmt: skip
"""Numbers and names of parties, banks and terms."""

COLUMNS: Final[dict[str, Words]] = {
    "position": {
        "en": "pos|item|line|no|#|ln|sr no|s no|line no|item no|sl no|position|sno|nr|pos no|sn|line item|sl|sr|line #|item #|no of item|sno #",
        "de": "pos|position|nr|lfd nr|zeile|pos nr|lfd|ifd nr|posnr|p|oz|ordnungszahl|lfd no|lfd pos|position nr|pos #",
        "fr": "pos|n|ligne|no|n ligne|poste|num|rang|lig|n de ligne|repere|lg|n poste",
        "es": "pos|n|linea|no|posicion|item|lin|num|reng|n linea|no linea|lin #|n orden",
        "it": "pos|n|riga|nr|posizione|num|rig|n riga|nr riga|n ordine|pos n|prog|progr|nr ord",
        "nl": "pos|nr|regel|positie|regelnr|lijn|volgnr|rgl|regel nr|#",
        "pl": "lp|l p|poz|nr|pozycja|nr poz|nr pozycji|pozycja nr|nr lp|lp nr",
        "sv": "pos",
        "da": "pos",
        "cs": "poradi",
    },
    "item_number": {
        "en": "our part|our part no|our code|our item|item no|item code|item number|article|article no|article number|part no|part number|product code|sku|code|product no|product|stock code|art no|item id|material no|material|product id|catalog no|ref|item #|part #|material number|stock no|art|item|cat no|catalogue no|mpn|model",
        "de": "artikelnummer|artikelnr|art nr|artikel nr|art nr lief|artikel|material|materialnummer|teilenummer|produktnummer|sachnummer|artnr|bestell nr|produkt nr|art|material nr|materialnr|artikelcode|teile nr|best nr|art nr lieferant|artnr lieferant|lieferanten art nr|artikelnummer lieferant|lieferantenartikelnr|unsere art nr|unsere artikelnr|ziffer|gebuhrenziffer|go nr|vv rvg|vv nr|nr vv",
        "fr": "reference|ref|code article|article|code|n article|ref article|code produit|reference article|produit|n d article|ref produit",
        "es": "referencia|ref|codigo|articulo|cod articulo|codigo articulo|cod|n articulo|codigo de articulo|producto|ref articulo",
        "it": "codice|cod|articolo|codice articolo|cod articolo|rif|cod art|codice prodotto|art|n articolo|codice art",
        "nl": "artikel|artikelnr|artikelnummer|art nr|code|artikelcode|productcode|art|productnummer|artikel nr|artnr|art code|bestelcode",
        "pl": "indeks|kod|symbol|nr artykulu|kod produktu|kod towaru|numer katalogowy|nr katalogowy|numer artykulu|indeks towaru|nr kat|symbol towaru|kod artykulu|nr art",
        "pt": "artigo|codigo|cod|ref|referencia|codigo artigo",
        "sv": "artnr|art nr|artikelnr|artikel nr",
        "da": "varenr|vare nr|varenummer",
        "cs": "kod|kod zbozi|cislo zbozi|katalogove cislo",
    },
    "buyer_item_number": {
        "en": "customer item|your part|your code|your item|your item no|customer part no|buyer item no|your part no|customer item no|cust part no",
        "de": "art nr kunde|ihre artikelnummer|kundenartikelnummer|kundenmaterial|ihre art nr|kunden artikel nr|ihre artikelnr|kundenartikelnr",
        "fr": "votre reference|ref client|votre ref|reference client|code article client",
        "es": "su referencia|ref cliente|su ref|referencia cliente",
        "it": "vostro codice|vs codice|vs cod|cod cliente|codice cliente|vs articolo",
        "nl": "uw artikelnr|uw artikelnummer|klantartikel|uw code|artikelnummer klant",
        "pl": "kod klienta|indeks klienta|nr artykulu klienta|kod odbiorcy|panstwa indeks",
    },
    "standard_item_number": {
        "en": "ean|gtin|barcode|upc|isbn|ean code|bar code|ean gtin",
        "de": "ean|gtin|gtin ean|ean code|strichcode|ean nr|ean gtin",
        "fr": "ean|gtin|code barre|gencod|code ean|code barres",
        "es": "ean|codigo de barras|gtin|cod barras|codigo ean",
        "it": "ean|codice a barre|gtin|barcode|codice ean",
        "nl": "ean|barcode|gtin|ean code|streepjescode",
        "pl": "ean|kod kreskowy|gtin|pkwiu|cn pkwiu|kod ean|pkwiu cn|gtu",
    },
    "description": {
        "en": "description|item description|particulars|details|product description|service|services|designation|goods|description of goods|product|item|goods description|products|product name|item name|name|material description|activity|work|description of services|article|text|item and description|goods and services|title|charge|work performed|item details|product service|description of work|description of service",
        "de": "gebuhrentatbestand|vergutungstatbestand|bezeichnung|beschreibung|artikelbezeichnung|leistung|text|artikel|produkt|leistungsbeschreibung|bezeichnung der leistung|warenbezeichnung|produktbezeichnung|artikelbeschreibung|positionstext|ware|materialkurztext|dienstleistung|artikeltext|benennung|bezeichnung text|leistungen|artikel bezeichnung|produktname|titel|tatigkeit|materialbezeichnung|gegenstand|lieferung|leistung beschreibung|artikel beschreibung|bezeichnung leistung|produkt beschreibung|artikel leistung|leistung artikel|aufgabe|positionsbezeichnung|leistungsart|gebuhr|kurztext",
        "fr": "designation|description|libelle|article|produit|prestation|detail|intitule|designation des produits|nature|prestations|designation article|libelle article|nom du produit|produits|designation et description|designation des prestations|description des produits|nature des prestations|designation des articles|description du service|travaux|descriptif|designation des travaux",
        "es": "descripcion|concepto|articulo|detalle|producto|denominacion|descripcion del producto|conceptos|descripcion articulo|servicio|designacion|descripcion del articulo|texto|descripcion de los servicios|descripcion del servicio|servicios|productos|descripcion producto|trabajos|denominacion articulo",
        "it": "descrizione|articolo|prodotto|servizio|descrizione articolo|descrizione dei beni|descrizione merce|prodotti|denominazione|descrizione beni servizi|descrizione prodotto|oggetto|prestazione|descrizione dei beni natura e qualita|beni|descrizione servizio|descrizione prestazione|descrizione servizi|descrizione lavori|natura qualita|descrizione della merce|prestazioni|descrizione attivita|descrizione beni e servizi|descrizione dei beni e servizi|descrizione del servizio",
        "nl": "omschrijving|beschrijving|artikel|product|dienst|productomschrijving|artikelomschrijving|benaming|naam|werkzaamheden|omschrijving artikel|specificatie|artikelnaam|productnaam|omschrijving werkzaamheden|product dienst|dienst product|omschrijving diensten|beschrijving dienst|activiteit|artikel omschrijving",
        "pl": "nazwa|opis|nazwa towaru|nazwa towaru lub uslugi|towar|usluga|nazwa towaru uslugi|nazwa uslugi|towar usluga|wyszczegolnienie|nazwa produktu|opis towaru|opis uslugi|nazwa artykulu|produkt|nazwa towarow uslug|przedmiot|nazwa towaru usluga|nazwa uslugi towaru|nazwa i opis|opis pozycji|nazwa pozycji|nazwa towaru i uslugi|opis towaru uslugi|rodzaj uslugi",
        "pt": "descricao|designacao|artigo",
        "sv": "beskrivning|benamning|artikelbenamning|produkt|specifikation",
        "da": "beskrivelse|varebetegnelse|tekst|vare|ydelse",
        "cs": "popis|nazev|oznaceni dodavky|polozka|popis polozky",
    },
    "quantity": {
        "en": "qty|quantity|units|pcs|hours|hrs|no of units|qnty|qty ordered|qty shipped|quantity shipped|shipped|delivered|qty delivered|volume|quantity delivered|received|qty received|quantity received|days|issued|quantity issued|order qty|qty issued|ordered qty|ordered quantity|number|delivered qty|count|received qty|issued qty|delivered quantity|received quantity|nos|nights|accepted|qty accepted|quantity accepted|accepted qty|units delivered|units shipped|qty received ok|actual qty|qty shpd|ship qty|qty ship|invoiced|qty invoiced|quantity invoiced|parcels|shipments|seats|usage|licenses|consumption|kwh|your quantity|units used",
        "de": "menge|anzahl|stk|stuck|stunden|liefermenge|anz|std|gelieferte menge|geliefert|bestellmenge|auftragsmenge|stuckzahl|eingangsmenge|entnahmemenge|ausgangsmenge|stck|lief menge|wareneingangsmenge|ausgegeben|ausgabemenge|ausgegebene menge|erhaltene menge|empfangene menge|entnommene menge|erhalten|menge erhalten|gel menge|zielmenge|einheiten|verbrauch|tage|menge geliefert|istmenge|menge ist|angenommen|menge entnommen|lieferung menge|fakturierte menge|menge anzahl|anzahl menge|menge std|std menge|ist menge|berechnet|mng|mg",
        "fr": "quantite|qte|qte livree|nombre|nb|quantite livree|heures|quantites|qte recue|quantite recue|qte cmd|quantite sortie|qte sortie|qte commandee|quantite commandee|livre|recu|qtes|nbre|jours|qte acceptee|livree|recue|quantite acceptee|acceptee|qte expediee|qte fact|quantite facturee|qte facturee|qte liv|nb h|nb jours|nombre d heures|unites",
        "es": "cantidad|cant|uds|unidades|horas|ctd|cantidad entregada|cantidad recibida|ud|cant entregada|recibido|entregado|cantidad servida|cantidad salida|cant recibida|cdad|cantidad pedida|uds entregadas|recibida|entregada|servida|servido|cantidad aceptada|recibidas|entregadas|cant servida|enviado|enviadas|aceptado|aceptada|unids|unid",
        "it": "quantita|qta|q ta|qt|ore|quantita consegnata|quantita ricevuta|qty|q|pezzi|ricevuto|consegnato|quantita uscita|qta consegnata|qta ricevuta|quantita ordinata|n pezzi|quantita prelevata|giorni|n ore|ricevuta|consegnata|scaricata|q ta ricevuta|spedito|spedita|accettata|accettato|q ta consegnata|evaso|evasa|qta evasa|quant|num ore",
        "nl": "hoev|aantal|hoeveelheid|uren|geleverd|aantal geleverd|qty|ontvangen|aantal ontvangen|stuks|geleverd aantal|uitgegeven|aantal uitgegeven|besteld aantal|geleverde hoeveelheid|ontvangen aantal|aant|ontvangen hoeveelheid|aantal geaccepteerd|afgeleverd|geaccepteerd|gefactureerd|aantal uren|aantal gefactureerd|verzonden",
        "pl": "ilosc|szt|liczba|godz|godziny|ilosc dostarczona|ilosc przyjeta|ilosc wydana|il|ilosc zamowiona|wydano|przyjeto|ilosc szt|ilosc otrzymana|dostarczono|ilosc zam|otrzymano|zrealizowano|ilosc faktyczna|przyjeta|wydana|dostarczona|ilosc rzeczywista|przyjete|liczba godzin|liczba szt",
        "pt": "quantidade|qtd|qtde",
        "sv": "antal|kvantitet|timmar|lev ant|lev antal|ant|antal lev",
        "da": "antal|maengde|timer|ant",
        "cs": "mnozstvi|pocet|ks|pocet mj|mnoz|pocet m j|mnozstvi mj",
    },
    "ordered_quantity": {
        "en": "ordered|qty ord|open qty|backorder|back order|outstanding|qty open|remaining|quantity ordered|open|b o|qty ordered|order qty|ordered qty|ordered quantity|qty ord d|ord qty",
        "de": "bestellt|bestellte menge|offen|restmenge|ruckstand|soll menge|offene menge|menge bestellt|bestellmenge|auftragsmenge|sollmenge|best menge|menge soll|angefordert",
        "fr": "commande|commandee|reste a livrer|reliquat|reste|qte cmd|qte commandee|quantite commandee|cde|qte cde|cdee|qte prevue",
        "es": "pedido|pendiente|cantidad pendiente|pte|cantidad pedida|pedida|cant pedida|solicitado|solicitada|cant solicitada|pedidas",
        "it": "ordinato|residuo|da consegnare|qta ordinata|quantita ordinata|ordinata|qta ord|q ta ordinata|richiesta|richiesto",
        "nl": "besteld|naleveren|nog te leveren|backorder|besteld aantal|aantal besteld|bestelde hoeveelheid|gevraagd",
        "pl": "zamowiono|zamowiona|pozostalo|do dostarczenia|ilosc zamowiona|ilosc zam|zam|zamowione|ilosc planowana",
    },
    "unit": {
        "en": "unit|uom|u m|unit of measure|um|u o m|per|meas unit|units of measure|unit type|u of m",
        "de": "einheit|me|einh|mengeneinheit|meh|eh|ve|gebinde|vpe|einheiten art|mengen einh",
        "fr": "unite|u|un|ute|unites|unite de mesure|unit|cond|conditionnement|udm|uv",
        "es": "unidad|ud medida|um|u m|unid|unidad de medida|un|medida|formato",
        "it": "um|u m|unita|unita di misura|unita misura|udm|u mis|conf|u di m|unita mis",
        "nl": "eenheid|eenh|ehd|per|eenh prijs|verpakking|ehd prijs|e h",
        "pl": "jm|j m|jedn|jednostka|miara|jedn miary|jednostka miary|j miary|jedn m|j m iary",
        "sv": "enhet|enh",
        "da": "enhed|enh",
        "cs": "mj|jednotka|m j",
        "pt": "un|unid|unidade",
    },
    "unit_price": {
        "en": "unit price|price|rate|unit cost|price each|u price|unit rate|price unit|net price|u p|price per unit|each|cost|net unit price|unit price excl vat|list price|unit net price|hourly rate|rm unit|unit price net|price excl vat|unit price ex vat|price unit net|charge rate|tariff|price ea|price per item|unit price net of vat|price item|unit price ex gst|price ex gst|unit price ex tax|day rate|price unit ex vat|unit amount|unit value|price gbp",
        "de": "einzelpreis|preis|e preis|ep|stuckpreis|nettopreis|einheitspreis|preis einheit|netto preis|einzelpreis netto|preis pro einheit|ep netto|stk preis|einzel|preis stk|einzelpreis eur|preis netto|preis eur|nettoeinzelpreis|preis je einheit|e preis eur|preis einh|ep eur|stundensatz|netto ep|einzelpreis in eur|ansatz|satz|preis je me|einzelbetrag|preis pro stuck|stuckpreis netto|einzel netto|preis pro stunde|preis std|preis in eur|einheitspreis netto|e p|einz preis|satz eur|tagessatz|einzelpreis ohne mwst|preis einheit netto|vk preis|listenpreis|ep in eur|einzelpreis o mwst",
        "fr": "prix unitaire|pu|p u|prix|pu ht|prix unitaire ht|p u ht|prix u|px unitaire|prix unit|tarif|prix net|pu net|prix unit ht|pu net ht|p unitaire|pu en eur|prix unitaire hors taxe|prix ht|prix unit h t|prix unitaire h t|p u h t|pu h t|px unit ht|prix unitaire net|taux horaire|prix u ht|montant unitaire|montant unitaire ht",
        "es": "precio|precio unitario|precio unit|p unitario|precio ud|importe unitario|tarifa|p u|precio u|pvp|precio neto|precio unidad|p unit|precio por unidad|prec unit|precio sin iva|precio unidad sin iva|precio unitario sin iva|precio hora|coste unitario|importe unidad|precio base|p v p",
        "it": "prezzo|prezzo unitario|prezzo unit|p unitario|importo unitario|pr unitario|costo unitario|p u|prezzo u|prezzo netto|prezzo un|pr unit|prezzo cad|prezzo unitario netto|prezzo unit netto|tariffa|prezzo u netto|prezzo unit eur|costo|prezzo unitario eur|importo unit|prezzo h",
        "nl": "prijs|stukprijs|eenheidsprijs|prijs per stuk|tarief|prijs per eenheid|prijs excl|prijs ex btw|prijs excl btw|nettoprijs|p st|per stuk|netto prijs|prijs stuk|eh prijs|prijs per uur|uurtarief|prijs p st|prijs per st|prijs excl b t w|eenheids prijs|stuk prijs|bedrag per stuk|prijs ex|prijs p eenh|tarief excl btw|prijs eenh|prijs per eenh",
        "pl": "cena|cena jednostkowa|cena jedn|cena netto|cena jednostkowa netto|cena jedn netto|c jedn|cena jedn netto|cena szt|cena za szt|stawka|cena jednostk|cena jedn netto pln|cena jedn brutto|cena jednostkowa bez vat|cena za jednostke|cena bez vat|cena jednostkowa pln|cena jedn pln|stawka godzinowa|cena j|cena netto pln|cena jm|cena po rabacie|cena netto po rabacie",
        "pt": "preco|preco unitario|preco unit|pr unitario|p unit|pvp",
        "sv": "a pris|pris|enhetspris|styckpris",
        "da": "enhedspris|pris|stk pris|stykpris",
        "cs": "cena za mj|jednotkova cena|cena mj|cena ks|cena bez dph|j cena|cena za m j|cena m j",
    },
    "gross_price": {
        "en": "gross price|price incl vat|unit price incl vat|price inc gst|unit price gross",
        "de": "bruttopreis|einzelpreis brutto|brutto preis|preis brutto|ep brutto",
        "fr": "prix unitaire ttc|pu ttc|prix ttc|prix brut|p u ttc",
        "es": "precio con iva|precio bruto|pvp iva incl|precio iva incl",
        "it": "prezzo lordo|prezzo ivato|prezzo iva incl",
        "nl": "prijs incl|prijs incl btw|brutoprijs",
        "pl": "cena brutto|cena jednostkowa brutto|cena jedn brutto",
    },
    "discount": {
        "en": "discount|disc|disc %|discount %|less|dis|rebate|disc amt|disc pct",
        "de": "rabatt|rab|rabatt %|nachlass|rabatt in|rab %|rabattsatz",
        "fr": "remise|rem|remise %|rem %|rabais|taux remise|r %",
        "es": "descuento|dto|dto %|desc|desc %|dcto|% dto",
        "it": "sconto|sc|sconto %|sc %|sconti|% sconto|sct",
        "nl": "korting|kort|korting %|kort %|krt",
        "pl": "rabat|rabat %|upust|znizka|upust %",
        "pt": "desc|desconto|desc %|% desc",
        "sv": "rabatt|rab",
        "da": "rabat",
        "cs": "sleva|sleva %",
    },
    "tax_rate": {
        "en": "vat|vat %|tax|tax %|vat rate|tax rate|gst|gst %|tax code|vat code|sales tax|tax rate %|vat rate %|vat code rate|iva %|tax rate percent|gst rate|vat pct|hst|tax pct",
        "de": "mwst|ust|mwst %|ust %|steuer|steuersatz|steuer %|mwst satz|ust satz|st|steuerschl|steuersatz %|mwst in|ust in|st satz|umsatzsteuer|umsatzsteuersatz|mehrwertsteuer|mehrwertsteuersatz|mwst code|ust satz %|mwst kz|ust code|steuercode|mwst % satz|ust kz|steuersatz in %|ust % satz|stsl|steuerkennzeichen",
        "fr": "tva|taux tva|tva %|taux|taxe|% tva|code tva|taux de tva|taux tva %|tva taux|taux de tva %|cod tva|t v a|tx tva|taux t v a",
        "es": "iva|iva %|% iva|tipo iva|impuesto|tipo|tipo de iva|tipo impositivo|i v a|iva porcentaje|% i v a|igic|tipo iva %",
        "it": "iva|iva %|aliquota|aliq|% iva|aliq iva|aliquota iva|cod iva|al iva|ali|i v a|cod iva %|c iva|iva % aliquota|% i v a|aliquota %",
        "nl": "btw|btw %|btw tarief|% btw|btw code|tarief btw|btw perc|btwperc|b t w|btw % tarief|btw pct|btw percentage|tarief %|b t w %",
        "pl": "vat|stawka vat|vat %|stawka|st vat|stawka podatku|% vat|stawka vat %|podatek %|vat stawka|stawka podatku vat|stawka %|pod vat|stawka vat w %|ptu",
        "pt": "iva|taxa iva|taxa",
        "sv": "moms|moms %",
        "da": "moms|moms %|momssats",
        "cs": "dph|sazba dph|dph %",
    },
    "tax_amount": {
        "en": "vat amount|tax amount|gst amount|vat amt|tax amt|amount of tax|amount of vat|gst amt",
        "de": "mwst betrag|ust betrag|steuerbetrag|steuer betrag|mehrwertsteuerbetrag|umsatzsteuerbetrag|mwst eur|betrag mwst",
        "fr": "montant tva|montant taxe|mt tva|montant de tva|mnt tva|total tva",
        "es": "cuota|cuota iva|importe iva|cuota de iva|imp iva",
        "it": "imposta|importo iva|iva importo|ammontare imposta|importo imposta",
        "nl": "btw bedrag|bedrag btw|btwbedrag",
        "pl": "kwota vat|wartosc vat|podatek|kwota podatku|kwota podatku vat|wart vat|podatek vat",
        "pt": "valor iva|total iva",
        "cs": "dph kc|castka dph|vyse dph",
        "sv": "momsbelopp",
        "da": "momsbelob",
    },
    "net_amount": {
        "en": "amount|total|line total|net amount|total price|extended price|line amount|value|net|net value|ext price|total net|net total|sum|amount rm|extension|total excl vat|amount excl vat|total ex vat|extended amount|ext amount|price total|amt|total amount|net price total|subtotal|line value|amt rm|ext|extended|charges|total gbp|line total excl vat|amount ex vat|amount ex gst|total ex gst|amount net|line net|total line|subtotal excl vat|total excl tax|total cost|ext amt|net line amount|price ext|total before tax|amount excl tax|line amount excl vat|total amount excl vat|ext cost|extended cost|net cost",
        "de": "betrag|gesamtpreis|gesamt|summe|nettobetrag|gesamtbetrag|positionsbetrag|netto|gesamt netto|g preis|gp|positionspreis|wert|gesamtpreis netto|betrag netto|gesamtpreis eur|betrag eur|total|gesamt eur|positionssumme|summe netto|nettowert|warenwert|summe eur|gp netto|zeilenbetrag|preis gesamt|netto betrag|positions betrag|positionsbetrag ohne ust|gesamt in eur|gp eur|zeilensumme|positionswert|gesamtbetrag netto|gesamt betrag|gesamtwert|gesamtnetto|summe in eur|betrag in eur|netto gesamt|gesamtpreis in eur|netto eur|nettopreis gesamt|preis gesamt netto|gesamtpreis ohne mwst|netto summe|ges preis|gesamtpr|endpreis|pos preis|pos summe|gesamtpreis o mwst|nettogesamt|betrag ohne mwst|entgelt|nettoentgelt",
        "fr": "montant|total|montant ht|total ht|prix total|montant net|valeur|total ligne|mt ht|montant net ht|total net|prix total ht|montant total|total net ht|mnt ht|total ligne ht|somme|net ht|total hors taxe|montant h t|total h t|prix total h t|total hors taxes|montant hors taxe|montant total ht|prix net ht|total eur ht|mnt|mt net ht|total htva|montant htva|montant ligne|montant net h t|net h t",
        "es": "importe|total|importe neto|subtotal|valor|total linea|importe total|total neto|precio total|base imponible|importe linea|neto|importe eur|total sin iva|importe sin iva|importe total sin iva|total eur|neto linea|total euros|total importe",
        "it": "importo|totale|valore|importo netto|prezzo totale|imponibile|totale riga|importo eur|totale netto|netto|totale euro|importo riga|prezzo tot|importo netto eur|totale eur|totale imponibile|totale netto riga|importo totale|prezzo totale netto|importo riga netto|valore totale|totale importo",
        "nl": "bedrag|totaal|totaalbedrag|regelbedrag|netto bedrag|totaal excl|bedrag excl btw|totaal excl btw|nettobedrag|totaalprijs|netto|totale prijs|bedrag excl|subtotaal|regeltotaal|waarde|totaal excl b t w|totaal eur|totaal ex btw|bedrag ex btw|netto totaal|totaal netto|bedrag eur|regel totaal|bedrag excl b t w|totaal bedrag|subtotaal excl btw|nettowaarde|netto waarde",
        "pl": "wartosc|wartosc netto|kwota|kwota netto|razem|suma|razem netto|netto|wart netto|wartosc towaru netto|wartosc towarow netto|wartosc netto pln|wartosc sprzedazy netto|wartosc bez vat|wartosc netto zl|kwota netto pln|suma netto|wartosc netto razem|wart netto pln|razem pln|wartosc pln|wartosc bez podatku|wartosc netto eur",
        "pt": "valor|montante|valor total|total liquido",
        "sv": "belopp|summa|totalt|netto",
        "da": "belob|i alt|total|sum|ialt",
        "cs": "celkem|cena celkem|castka|celkem bez dph|celkem kc|bez dph|cena celkem bez dph|zaklad dane",
    },
    "gross_amount": {
        "en": "gross amount|total incl vat|amount incl vat|gross|gross total|gross value|total inc vat|total incl tax|total incl|total inc gst|amount incl gst|total with tax|amount incl tax|amount inc vat|line total incl vat",
        "de": "bruttobetrag|brutto|gesamt brutto|gesamtpreis brutto|betrag brutto|bruttowert|summe brutto|gp brutto|total inkl mwst|brutto gesamt",
        "fr": "montant ttc|total ttc|prix total ttc|ttc|mt ttc|total ligne ttc",
        "es": "total con iva|importe bruto|total iva incl|importe con iva|importe total con iva",
        "it": "totale ivato|importo lordo|totale lordo|totale iva incl|totale con iva",
        "nl": "totaal incl|totaal incl btw|bedrag incl btw|bruto|bedrag incl|totaal inclusief btw",
        "pl": "wartosc brutto|kwota brutto|razem brutto|brutto|wart brutto|suma brutto|wartosc sprzedazy brutto",
        "cs": "celkem s dph|vcetne dph|cena s dph|cena celkem s dph",
        "pt": "total com iva",
        "sv": "belopp inkl moms|inkl moms",
    },
    "delivery_date": {
        "en": "delivery date|date|due date|required date|ship date|delivery|need by|service date|req date|deliver by",
        "de": "liefertermin|lieferdatum|termin|datum|leistungsdatum|liefertag|wunschtermin|tag",
        "fr": "date livraison|date de livraison|delai|date|livraison|date liv",
        "es": "fecha entrega|fecha de entrega|entrega|fecha|f entrega",
        "it": "data consegna|consegna|data|data di consegna|data cons",
        "nl": "leverdatum|leveringsdatum|datum|levertijd|lev datum",
        "pl": "termin dostawy|data dostawy|data|termin",
    },
    "account": {
        "en": "account|gl account|account no|account code|acct|a c|g l account|ledger account|account number|gl code|gl",
        "de": "konto|sachkonto|kontonummer|konto nr|kto|hauptbuchkonto|kontonr|kto nr",
        "fr": "compte|n compte|compte general|n de compte|cpte|numero de compte|no compte",
        "es": "cuenta|cuenta contable|cta|n cuenta|codigo cuenta|codigo",
        "it": "conto|codice conto|cod conto|sottoconto|n conto|conto contabile",
        "nl": "rekening|grootboekrekening|rekeningnr|grootboek|grootboeknr|rekeningnummer|gb rekening",
        "pl": "konto|nr konta|konto ksiegowe|numer konta|konto syntetyczne",
    },
    "account_name": {
        "en": "name|account name|account title|account description|name of account|account text",
        "de": "kontobezeichnung|bezeichnung|kontoname|kontobeschreibung|konto bezeichnung|kontotext",
        "fr": "nom|intitule|libelle compte|intitule du compte|nom du compte|intitule compte|libelle du compte",
        "es": "nombre|nombre cuenta|denominacion|nombre de la cuenta|descripcion cuenta|titulo|titulo de la cuenta",
        "it": "nome|descrizione conto|nome conto|denominazione conto|denominazione|nome del conto",
        "nl": "naam|omschrijving|rekeningnaam|naam rekening|omschrijving rekening|rekeningomschrijving|naam grootboekrekening",
        "pl": "nazwa|nazwa konta|opis konta",
    },
    "text": {
        "en": "text|narrative|memo|remarks|remark|transaction|transaction details|description|details|particulars|comment|booking text|transaction description|line text|note|notes|payment details|narration",
        "de": "text|buchungstext|verwendungszweck|vorgang|bemerkung|buchung|erlauterung|beschreibung|buchungsinformationen|details|umsatzart|positionstext|hinweis|verwendung|transaktion",
        "fr": "libelle|texte|operation|nature de l operation|motif|commentaire|libelle ecriture|nature|description|detail|operations|remarque|libelle de l operation|observation|nature des operations",
        "es": "concepto|texto|movimiento|operacion|observaciones|descripcion|detalle|comentario|glosa|detalles|descripcion de la operacion",
        "it": "causale|testo|operazione|note|descrizione operazione|descrizione|annotazioni|motivazione|descrizione movimento|descrizione delle operazioni",
        "nl": "tekst|omschrijving|mededeling|mededelingen|transactie|toelichting|boekingstekst|opmerking|naam omschrijving|omschrijving transactie",
        "pl": "tresc|opis|tytul|opis operacji|opis transakcji|tytul operacji|uwagi|opis ksiegowania|tytulem|szczegoly|tresc operacji|rodzaj operacji|komentarz",
    },
    "cost_center": {
        "en": "cost center|cost centre|cc|cctr|cost ctr|department|dept|profit center",
        "de": "kostenstelle|kst|kostst|kostenst|kost",
        "fr": "centre de cout|centre de couts|cc|section|section analytique|centre cout",
        "es": "centro de coste|centro de costes|centro de costo|ceco|cc|departamento",
        "it": "centro di costo|cdc|c d c|centro costo|centro",
        "nl": "kostenplaats|kpl|kostenpl|afdeling",
        "pl": "mpk|miejsce powstawania kosztow|centrum kosztow|cent koszt|miejsce kosztow|centrum",
    },
    "debit": {
        "en": "debit|dr|debits|withdrawals|paid out|money out|debit amount|payments out|withdrawal|out|charges|debit eur",
        "de": "soll|belastung|lastschrift|ausgang|ausgange|belastungen|sollbetrag|soll eur|auszahlung|debit",
        "fr": "debit|debits|montant debit|debit eur|depense|depenses",
        "es": "debe|cargo|cargos|importe debe|debe eur|debito",
        "it": "dare|addebiti|uscite|importo dare|dare eur|addebito|uscita",
        "nl": "debet|af|afschrijving|uitgaven|debet eur|bedrag af|uit",
        "pl": "wn|winien|debet|obciazenia|obciazenie|kwota wn|strona wn|wyplaty|wydatki",
    },
    "credit": {
        "en": "credit|cr|credits|deposits|paid in|money in|credit amount|deposit|in|receipts|credit eur|payments|payment",
        "de": "haben|gutschrift|eingang|eingange|gutschriften|habenbetrag|haben eur|einzahlung|kredit",
        "fr": "credit|credits|montant credit|credit eur|recette|recettes",
        "es": "haber|abono|abonos|importe haber|haber eur|credito|ingreso|ingresos",
        "it": "avere|accrediti|entrate|importo avere|avere eur|accredito|entrata",
        "nl": "credit|bij|bijschrijving|inkomsten|credit eur|bedrag bij",
        "pl": "ma|kredyt|uznania|uznanie|kwota ma|strona ma|wplaty|wplywy",
    },
    "balance": {
        "en": "balance|running balance|bal|closing balance|cumulative balance",
        "de": "saldo|kontostand|laufender saldo|saldo eur|kontosaldo",
        "fr": "solde|solde progressif|solde eur|solde cumule",
        "es": "saldo|saldo eur|saldo acumulado",
        "it": "saldo|saldo progressivo|saldo eur|progressivo",
        "nl": "saldo|saldo na mutatie|saldo eur|saldo na",
        "pl": "saldo|saldo po operacji|saldo koncowe|saldo biezace|saldo pln",
    },
    "booked": {
        "en": "date|booking date|posting date|transaction date|posted|trans date|post date|entry date|book date|booked",
        "de": "datum|buchungstag|buchung|buchungsdatum|bu tag|buch tag|buchungs datum|tag",
        "fr": "date|date operation|date comptable|date d operation|date de l operation|date op|date compta",
        "es": "fecha|fecha operacion|f operacion|fecha contable|fecha de operacion|f oper|f contable|fecha op",
        "it": "data|data operazione|data contabile|data reg|data oper|data registrazione|data op",
        "nl": "datum|boekdatum|boekingsdatum|transactiedatum|boeking|datum boeking",
        "pl": "data|data operacji|data ksiegowania|data transakcji|data ks|data oper|data ksieg",
    },
    "value_date": {
        "en": "value date|value|val date|valuta|eff date",
        "de": "valuta|wert|wertstellung|valutadatum|wertstellungsdatum",
        "fr": "valeur|date valeur|date de valeur",
        "es": "fecha valor|valor|f valor|fecha de valor",
        "it": "valuta|data valuta",
        "nl": "valutadatum|valuta|rentedatum|valuta datum",
        "pl": "data waluty|waluta|data wartosci",
    },
    "document_number": {
        "en": "invoice no|invoice number|document no|invoice|document|doc no|reference|document number|your invoice|ref|inv no|bill no|your reference|ref no|voucher no|invoice ref|supplier invoice|doc number|doc|our ref|our reference|number|trans no|transaction|inv #|invoice #|doc #|ref #",
        "de": "rechnungsnummer|belegnummer|rechnungs nr|beleg|beleg nr|rechnung|rechnungsnr|belegnr|ihre rechnung|ihre belegnummer|referenz|dokument|dokumentnummer|re nr|rg nr|rechnung nr|dokument nr",
        "fr": "n facture|facture|n de facture|piece|n piece|reference|votre facture|document|n document|numero de facture|n de piece|ref|facture n|n de document|no facture|numero facture",
        "es": "factura|n factura|documento|n documento|su factura|numero de factura|referencia|n de factura|no factura|ref|n doc|numero factura|num factura|factura n|n de documento|no documento",
        "it": "fattura|n fattura|documento|n documento|numero fattura|vostra fattura|riferimento|num fattura|rif|n doc|nr fattura|numero documento|fattura n|nr documento|num documento|vs fattura|vs documento",
        "nl": "factuurnummer|factuur|factuurnr|document|uw factuur|referentie|documentnummer|boekstuk|factuur nr|stuknr|documentnr|bonnr|stuknummer",
        "pl": "nr faktury|faktura|nr dokumentu|dokument|numer faktury|numer dokumentu|referencja|nr dok|nr ref|wasza faktura",
    },
    "document_date": {
        "en": "invoice date|document date|date|doc date|inv date|bill date|date of invoice",
        "de": "rechnungsdatum|belegdatum|datum|re datum|beleg datum|rg datum|rechnung vom",
        "fr": "date facture|date de facture|date|date piece|date document|date de la facture|date du document",
        "es": "fecha factura|fecha|fecha documento|fecha de factura|f factura|fecha doc|fecha de la factura",
        "it": "data fattura|data|data documento|data doc|data fatt|data della fattura",
        "nl": "factuurdatum|datum|documentdatum|datum factuur|fact datum",
        "pl": "data faktury|data|data dokumentu|data wystawienia|data dok",
    },
    "paid": {
        "en": "paid|amount paid|payment|net paid|net payment|payment amount|paid amount|net amount paid|net amount|amount|net|remitted|amount remitted|remittance",
        "de": "zahlung|zahlbetrag|bezahlt|zahlungsbetrag|gezahlt|uberwiesen|netto|gezahlter betrag|zahlbetrag eur|betrag|nettobetrag|nettozahlung|uberweisungsbetrag|uberweisung",
        "fr": "paye|montant paye|reglement|montant regle|net paye|net|net regle|regle|montant|paiement|net a payer",
        "es": "pagado|importe pagado|pago|neto|importe neto|neto pagado|importe|liquido|importe pago",
        "it": "pagato|importo pagato|pagamento|netto|netto pagato|importo netto|importo",
        "nl": "betaald|betaald bedrag|betaling|netto|netto betaald|bedrag|betaalbedrag|nettobedrag",
        "pl": "zaplacono|kwota zaplaty|platnosc|kwota zaplacona|netto|zaplata|do wyplaty|kwota|kwota platnosci",
    },
    "deduction": {
        "en": "discount|deduction|cash discount|deductions|less discount|withholding|adjustment|discount taken|deducted|disc|wht|cis|disc taken|discount allowed",
        "de": "skonto|abzug|abzuge|kurzung|skontobetrag|skontoabzug|einbehalt|abzug skonto|rabatt",
        "fr": "escompte|deduction|retenue|remise|deductions|escompte deduit",
        "es": "descuento|deduccion|descuento pronto pago|retencion|dto|dto pp|deducciones|descuento aplicado",
        "it": "sconto|deduzione|ritenuta|trattenuta|abbuono|detrazione|sconto cassa",
        "nl": "korting|inhouding|betalingskorting|aftrek|ingehouden",
        "pl": "skonto|potracenie|rabat|potracenia|odliczenie|potracono",
    },
    "remittance_gross": {
        "en": "gross|gross amount|invoice amount|amount|document amount|original amount|invoice total|invoice value|gross value|open amount",
        "de": "brutto|bruttobetrag|rechnungsbetrag|betrag|belegbetrag|brutto eur|rechnungssumme|offener betrag",
        "fr": "brut|montant brut|montant facture|montant|montant ttc|montant du document|total facture",
        "es": "bruto|importe bruto|importe factura|importe|importe documento|importe de la factura|total factura",
        "it": "lordo|importo lordo|importo fattura|importo|importo documento|totale fattura",
        "nl": "bruto|brutobedrag|factuurbedrag|bedrag|bruto bedrag|documentbedrag",
        "pl": "brutto|kwota brutto|kwota faktury|kwota|kwota dokumentu|wartosc faktury",
    },
    "order_number": {
        "en": "order no|po no|order|purchase order|po|order number|po number",
        "de": "bestellung|bestellnr|bestellnummer|bestell nr|auftrag",
        "fr": "commande|n commande|n de commande",
        "es": "pedido|n pedido|num pedido",
        "it": "ordine|n ordine|rif ordine",
        "nl": "bestelling|ordernr|ordernummer|inkooporder",
        "pl": "zamowienie|nr zamowienia|nr zam",
    },
    "tax_base": {
        "en": "taxable amount|net amount|base|net|goods|tax base|vat base|taxable base|basis|amount rm|goods amount|taxable",
        "de": "basisbetrag|nettobetrag|netto|bemessungsgrundlage|steuerbasis|basis|entgelt|warenwert|steuerpflichtig",
        "fr": "base ht|base|montant ht|base imposable|base tva|base hors taxe|assiette",
        "es": "base|base imponible|importe neto|base iva",
        "it": "imponibile|base imponibile|importo imponibile|base",
        "nl": "grondslag|over|netto|bedrag excl|maatstaf|belastbaar|btw over|belastbaar bedrag",
        "pl": "netto|podstawa|wartosc netto|podstawa opodatkowania|kwota netto",
    },
}  # fmt: skip
"""Headings of the columns of tables."""

CARRIED: Final[Words] = {
    "en": "carried forward|brought forward|subtotal carried forward|continued|page total|carry over|balance carried forward|carryover|to be continued|continued on next page|subtotal page|balance brought forward|amount brought forward|total carried forward|carried over|brought over",
    "de": "ubertrag|zwischensumme|seitensumme|ubertrag von seite|vortrag|zwischensumme seite|ubertrag auf seite|fortsetzung|ubertrag vorseite|ubertrag von vorseite|ubertrag auf nachste seite|ubertrag von vorheriger seite|zu ubertragen",
    "fr": "report|a reporter|total page|sous total page|reporte|suite|suite page suivante|total a reporter|report page precedente|a reporter page suivante|report de la page precedente",
    "es": "suma y sigue|suma anterior|total pagina|viene|sigue|continua|suma y sigue pagina|suma y sigue a pagina|suma de la pagina anterior|suma anterior pagina|viene de la pagina anterior",
    "it": "riporto|a riportare|totale pagina|segue|da riportare|continua|riporto da pagina precedente|riporto pagina precedente|da riportare a pagina seguente",
    "nl": "transport|te transporteren|over te brengen|vervolg|subtotaal pagina|transporteren|transport vorige blad|transport vorig blad|transport vorige pagina|transport van vorige pagina|transport naar volgende pagina|transport volgende pagina|transport volgend blad|totaal vorige pagina",
    "pl": "do przeniesienia|z przeniesienia|suma strony|przeniesienie|cd na nastepnej stronie|ciag dalszy|przeniesienie z poprzedniej strony|z przeniesienia strona|do przeniesienia strona",
}  # fmt: skip
"""Rows that carry a sum from page to page: no lines of goods."""

LEGAL_FORMS: Final[frozenset[str]] = frozenset(
    {"ab", "ag", "aps", "as", "asa", "asbl", "bhd", "bv", "bvba", "clg", "co", "company", "coop", "corp", "corporation", "cv", "cvba", "dac", "dd", "doo", "ead", "eg", "ek", "enterprise", "enterprises", "eood", "eurl", "ev", "gbr", "genossenschaft", "gesmbh", "gmbh", "group", "gruppe", "holding", "inc", "ivs", "kab", "kft", "kg", "kgaa", "lda", "limited", "llc", "llp", "ltd", "ltda", "mbb", "mbh", "nv", "nyrt", "ohg", "ood", "oy", "oyj", "partg", "partgmbb", "plc", "pllc", "private", "pte", "pty", "pvt", "pvtltd", "restaurant", "restoran", "sa", "sapa", "sapi", "sarl", "sarls", "sarlu", "sas", "sasu", "sau", "sb", "scarl", "sci", "scoop", "scop", "scpa", "scrl", "scs", "sdn", "se", "selarl", "sia", "sk", "sl", "sll", "slne", "slp", "slu", "snc", "soccoop", "sp", "spa", "spj", "spk", "sprl", "spzoo", "srl", "srlu", "sro", "ss", "stiftung", "trading", "ua", "uab", "ug", "verein", "vof", "vzw", "zoo", "zrt"}
)  # fmt: skip
"""Last words of a company's name, without full stops."""

COUNTRIES: Final[dict[str, str]] = {
    "DE": "germany deutschland allemagne alemania germania duitsland niemcy alemanha germanfederalrepublic bundesrepublikdeutschland niemieckarepublikafederalna almanya nemecko tyskland saksa nemetorszag",
    "AT": "austria oesterreich osterreich autriche oostenrijk rakousko osterrike austrija ausztria",
    "CH": "switzerland schweiz suisse suiza svizzera zwitserland szwajcaria svycarsko schweizsuissesvizzera confoederatiohelvetica sveitsi",
    "FR": "france frankreich francia frankrijk francja franca francie frankrike frankrig ranska franciaorszag",
    "ES": "spain spanien espagne espana spagna spanje hiszpania espanha spanelsko spanje spanien reinodeespana",
    "IT": "italy italien italie italia wlochy italie wlochy italija",
    "NL": "netherlands niederlande paysbas paisesbajos paesibassi nederland holandia thenetherlands holland nederlanden paysbaslespaysbas thenetherlandsnl nizozemsko holanda hollande",
    "PL": "poland polen pologne polonia polska polsko rzeczpospolitapolska puola",
    "BE": "belgium belgien belgique belgica belgio belgie belgia belgiquebelgie belgiebelgique belgi belgica",
    "LU": "luxembourg luxemburg luxemburgo lussemburgo luksemburg",
    "GB": "unitedkingdom uk greatbritain england vereinigteskoenigreich grossbritannien royaumeuni reinounido regnounito verenigdkoninkrijk wielkabrytania scotland wales vereinigteskonigreich northernireland wielkabrytaniaipolnocnairlandia englandwales angleterre inglaterra inghilterra engeland storbritannien velkabritanie greatbritainni unitedkingdomofgreatbritain",
    "IE": "ireland irland irlande irlanda ierland irlandia eire republicofireland repofireland irsko",
    "US": "usa unitedstates unitedstatesofamerica vereinigtestaaten etatsunis estadosunidos statiuniti verenigdestaten stanyzjednoczone us unitedstatesus estadosunidosdeamerica etatsunisdamerique vsa usaunitedstates",
    "PT": "portugal portogallo portugalia",
    "DK": "denmark daenemark danemark dinamarca danimarca denemarken dania danmark",
    "SE": "sweden schweden suede suecia svezia zweden szwecja sverige",
    "NO": "norway norwegen norvege noruega norvegia noorwegen norwegia norge",
    "FI": "finland finnland finlande finlandia suomi",
    "CZ": "czechrepublic czechia tschechien republiquetcheque republicacheca repubblicaceca tsjechie czechy ceskarepublika cesko ceskarepublikaczechrepublic republikaczeska czechrep",
    "SK": "slovakia slowakei slovaquie eslovaquia slovacchia slowakije slowacja slovensko slovakrepublic slovenskarepublika",
    "HU": "hungary ungarn hongrie hungria ungheria hongarije wegry magyarorszag",
    "RO": "romania rumaenien roumanie rumania roemenie rumunia rumanien",
    "GR": "greece griechenland grece grecia griekenland grecja hellas",
    "CA": "canada kanada", "AU": "australia australien australie", "NZ": "newzealand neuseeland",
    "MY": "malaysia", "SG": "singapore singapur singapour", "IN": "india indien inde", "CN": "china chine cina chiny volksrepublikchina prchina peoplesrepublicofchina",
    "JP": "japan japon giappone", "MX": "mexico mexiko mexique messico", "BR": "brazil brasilien bresil brasil brasile",
    "TR": "turkey tuerkei turquie turquia turchia turkije turcja turkiye", "AE": "uae unitedarabemirates vereinigtearabischeemirate emiratsarabesunis unitedarabemiratesuae dubaiuae",
    "ZA": "southafrica suedafrika", "HR": "croatia kroatien", "SI": "slovenia slowenien", "LT": "lithuania litauen litwa", "LV": "latvia lettland", "EE": "estonia estland eesti",
    "BG": "bulgaria bulgarien bulgarie bulgarije", "RS": "serbia serbien serbie srbija", "UA": "ukraine ucraina ucrania oekraine ukraina",
    "LI": "liechtenstein", "MT": "malta malte", "CY": "cyprus zypern chypre", "IS": "iceland islande ijsland islandia", "MC": "monaco",
    "HK": "hongkong", "TW": "taiwan", "KR": "southkorea suedkorea coreedusud republicofkorea", "TH": "thailand thailande", "VN": "vietnam", "ID": "indonesia indonesien",
    "PH": "philippines philippinen", "IL": "israel", "SA": "saudiarabia saudiarabien", "EG": "egypt aegypten", "MA": "morocco marokko maroc", "TN": "tunisia tunesien tunisie",
    "AR": "argentina argentinien", "CL": "chile", "CO": "colombia kolumbien", "KE": "kenya", "NG": "nigeria", "PK": "pakistan", "LK": "srilanka", "BD": "bangladesh",
}  # fmt: skip
"""Names of countries, small, without accents and blanks."""
REGIONS: Final[dict[str, str]] = {
    "US": "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada newhampshire newjersey newmexico newyork northcarolina northdakota ohio oklahoma oregon pennsylvania rhodeisland southcarolina southdakota tennessee texas utah vermont virginia washington westvirginia wisconsin wyoming",
    "CA": "ab bc mb nb nl ns nt nu on pe qc sk yt alberta britishcolumbia manitoba newbrunswick newfoundland newfoundlandandlabrador novascotia ontario princeedwardisland quebec saskatchewan",
    "AU": "nsw vic qld wa sa tas act nt newsouthwales queensland southaustralia tasmania westernaustralia",
    "IN": "andhrapradesh arunachalpradesh assam bihar chhattisgarh goa gujarat haryana himachalpradesh jharkhand karnataka kerala madhyapradesh maharashtra manipur meghalaya mizoram nagaland odisha orissa punjab rajasthan sikkim tamilnadu telangana tripura uttarpradesh uttarakhand westbengal",
    "MY": "johor kedah kelantan melaka negerisembilan pahang perak perlis pulaupinang penang sabah sarawak selangor selangordarulehsan johordarultakzim terengganu wilayahpersekutuan",
    "GB": "bedfordshire berkshire berks buckinghamshire bucks cambridgeshire cambs cheshire cleveland clwyd cornwall countydurham codurham kildare laois leitrim louth meath offaly tipperary westmeath wicklow cumbria derbyshire devon dorset dyfed eastriding eastsussex eastyorkshire eastlothian essex gloucestershire glos southglos southgloucestershire greatermanchester gwent gwynedd hampshire hants herefordshire hertfordshire herts humberside isleofman isleofwight kent lancashire lancs leicestershire leics lincolnshire lincs merseyside middlesex middx midglamorgan westglamorgan southglamorgan norfolk northamptonshire northants northumberland northyorkshire nottinghamshire notts oxfordshire oxon pembrokeshire powys rutland shropshire salop somerset northsomerset staffordshire staffs suffolk surrey sussex tyneandwear warwickshire warks westlothian westmidlands westsussex westyorkshire southyorkshire wiltshire wilts worcestershire worcs yorkshire aberdeenshire angus argyll ayrshire dumfriesshire fife lanarkshire midlothian morayshire perthshire renfrewshire stirlingshire coantrim coarmagh codown cofermanagh colondonderry cotyrone northernireland",
}  # fmt: skip
"""States, provinces and counties that stand between a town and its postcode, small, without accents and
blanks; short ones in capitals."""

MEANS: Final[dict[str, Words]] = {
    "credit transfer": {"en": "bank transfer|credit transfer|wire transfer|bacs|wire|transfer|ach|sepa credit transfer", "de": "uberweisung|bankuberweisung|sepa uberweisung|per uberweisung", "fr": "virement|virement bancaire|par virement|virement sepa", "es": "transferencia|transferencia bancaria", "it": "bonifico|bonifico bancario", "nl": "overboeking|bankoverschrijving|overschrijving|bankoverboeking", "pl": "przelew|przelew bankowy"},
    "direct debit": {"en": "direct debit|sepa direct debit|dd", "de": "lastschrift|bankeinzug|sepa lastschrift|einzug|abbuchung", "fr": "domiciliation|domiciliation bancaire|prelevement|prelevement sepa|prelevement automatique", "es": "domiciliacion|domiciliacion bancaria|adeudo directo|recibo domiciliado", "it": "addebito diretto|sdd|rid|addebito diretto sepa", "nl": "automatische incasso|incasso|domiciliering", "pl": "polecenie zaplaty"},
    "card": {"en": "credit card|card|debit card|visa|mastercard", "de": "kreditkarte|karte|ec karte|girocard|kartenzahlung", "fr": "carte bancaire|carte|cb|carte de credit", "es": "tarjeta|tarjeta de credito", "it": "carta|carta di credito|bancomat", "nl": "creditcard|pin|pinpas|betaalpas", "pl": "karta|karta platnicza"},
    "cash": {"en": "cash|cash on delivery", "de": "bar|barzahlung|nachnahme", "fr": "especes|comptant", "es": "efectivo|contado|al contado", "it": "contanti|rimessa diretta", "nl": "contant", "pl": "gotowka"},
    "cheque": {"en": "cheque|check", "de": "scheck", "fr": "cheque", "es": "cheque|talon", "it": "assegno", "nl": "cheque", "pl": "czek"},
}  # fmt: skip
"""Ways to pay."""

UNITS: Final = (
    "st stk stck stuck stuk stuks pcs pc pce piece pieces pz pza pzas pezzi szt sztuk sztuka ud uds und unid "
    "unidades unit units un ea each kg g t l ml m m2 m3 mq mc lm km h hr hrs hour hours std stunde stunden "
    "godz ora ore uur uren heure heures jour jours tag tage day days dag dagen giorno giorni dia dias dni "
    "mon monat monate month months mois mes meses mese mesi maand maanden box boxes doos dozen karton "
    "kartons krt ktn pal palette palet pallet paar par pair paire rol rolle rollen roll rolls set sets lot "
    "sack sacke bag bags btl fl flasche dose bidon boite bte caja cajas scatola conf opak op kpl ryza pack "
    "packs pk pkt paq paket kwh mwh psch pauschal forfait"
)
"""Units as documents shorten them, small, without accents."""

_PLAIN: Final = str.maketrans(
    {
        "ß": "ss",
        "ł": "l",
        "Ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "đ": "d",
        "№": "no",
        "º": "",
        "°": "",
        "ª": "",
    }
)


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Small letters and digits alone: no accents, blanks or marks but ``#`` and ``%``."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN).lower())
    return "".join(letter for letter in decomposed if letter.isalnum() or letter in "#%")


@lru_cache(maxsize=1)
def labels() -> dict[str, tuple[str, ...]]:
    """Plain label to the kinds that it may stand for, all languages together."""
    return _table(HEADER | AMOUNTS | PARTIES | IDS)


@lru_cache(maxsize=1)
def columns() -> dict[str, tuple[str, ...]]:
    """Plain heading of a column to the kinds that it may stand for."""
    return _table(COLUMNS)


@lru_cache(maxsize=1)
def carried() -> frozenset[str]:
    """Plain labels of rows that carry a sum over."""
    return frozenset(plain(word) for words in CARRIED.values() for word in words.split("|"))


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Plain name of a country to its two letters."""
    return {name: code for code, names in COUNTRIES.items() for name in names.split()}


@lru_cache(maxsize=1)
def regions() -> frozenset[str]:
    """Plain names of states, provinces and counties."""
    return frozenset(name for names in REGIONS.values() for name in names.split())


@lru_cache(maxsize=1)
def units() -> frozenset[str]:
    """Plain short words for units."""
    return frozenset(UNITS.split())


@lru_cache(maxsize=1)
def means() -> dict[str, str]:
    """Plain way to pay to its name in ``MEANS``."""
    return {
        plain(word): name
        for name, words in MEANS.items()
        for said in words.values()
        for word in said.split("|")
    }


def _table(kinds: dict[str, Words]) -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for kind, words in kinds.items():
        for said in words.values():
            for word in said.split("|"):
                listed = table.setdefault(plain(word), [])
                if kind not in listed:
                    listed.append(kind)
    table.pop("", None)
    return {word: tuple(listed) for word, listed in table.items()}
