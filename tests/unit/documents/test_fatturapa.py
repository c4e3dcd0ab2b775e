"""Invoices of Italy, by the format of its revenue agency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents.contracts import DocumentType, Subtype, TradeDocument, fields_of
from abax.documents.einvoice import attachments, read_invoice
from abax.documents.extract import Extraction
from abax.documents.inbox import Refused
from abax.documents.pipeline import process

from tests.unit.documents.test_signed import der, envelope

PARCELLA = """<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPR12"
 xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader>
 <DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>01879020517</IdCodice></IdTrasmittente>
  <ProgressivoInvio>00012</ProgressivoInvio><FormatoTrasmissione>FPR12</FormatoTrasmissione>
  <CodiceDestinatario>0000000</CodiceDestinatario>
  <PECDestinatario>fatture@pec.officinabruni.example</PECDestinatario></DatiTrasmissione>
 <CedentePrestatore>
  <DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>00743110157</IdCodice></IdFiscaleIVA>
   <CodiceFiscale>RSSMRA80A01F205X</CodiceFiscale>
   <Anagrafica><Nome>Mario</Nome><Cognome>Rossi</Cognome></Anagrafica>
   <RegimeFiscale>RF01</RegimeFiscale></DatiAnagrafici>
  <Sede><Indirizzo>Via Roma</Indirizzo><NumeroCivico>12</NumeroCivico><CAP>20121</CAP>
   <Comune>Milano</Comune><Provincia>MI</Provincia><Nazione>IT</Nazione></Sede>
  <IscrizioneREA><Ufficio>MI</Ufficio><NumeroREA>1234567</NumeroREA></IscrizioneREA>
  <Contatti><Telefono>02 1234567</Telefono><Email>studio@rossi.example</Email></Contatti>
 </CedentePrestatore>
 <CessionarioCommittente>
  <DatiAnagrafici><CodiceFiscale>02313821007</CodiceFiscale>
   <Anagrafica><Denominazione>Officina Bruni S.r.l.</Denominazione></Anagrafica></DatiAnagrafici>
  <Sede><Indirizzo>Corso Italia 8</Indirizzo><CAP>10121</CAP><Comune>Torino</Comune>
   <Nazione>IT</Nazione></Sede>
 </CessionarioCommittente>
</FatturaElettronicaHeader>
<FatturaElettronicaBody>
 <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD06</TipoDocumento><Divisa>EUR</Divisa>
   <Data>2026-03-31</Data><Numero>18/2026</Numero>
   <DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>200.00</ImportoRitenuta>
    <AliquotaRitenuta>20.00</AliquotaRitenuta><CausalePagamento>A</CausalePagamento></DatiRitenuta>
   <DatiCassaPrevidenziale><TipoCassa>TC02</TipoCassa><AlCassa>4.00</AlCassa>
    <ImportoContributoCassa>40.00</ImportoContributoCassa><ImponibileCassa>1000.00</ImponibileCassa>
    <AliquotaIVA>22.00</AliquotaIVA></DatiCassaPrevidenziale>
   <ImportoTotaleDocumento>1283.80</ImportoTotaleDocumento><Causale>Consulenza marzo</Causale>
  </DatiGeneraliDocumento>
  <DatiOrdineAcquisto><IdDocumento>OA-77</IdDocumento><CodiceCIG>Z1234567AB</CodiceCIG></DatiOrdineAcquisto>
  <DatiFattureCollegate><IdDocumento>11/2026</IdDocumento><Data>2026-02-28</Data></DatiFattureCollegate>
 </DatiGenerali>
 <DatiBeniServizi>
  <DettaglioLinee><NumeroLinea>1</NumeroLinea>
   <CodiceArticolo><CodiceTipo>INT</CodiceTipo><CodiceValore>C-1</CodiceValore></CodiceArticolo>
   <Descrizione>Consulenza fiscale</Descrizione><Quantita>10.00</Quantita><UnitaMisura>ore</UnitaMisura>
   <PrezzoUnitario>100.00</PrezzoUnitario><PrezzoTotale>1000.00</PrezzoTotale>
   <AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>
  <DettaglioLinee><NumeroLinea>2</NumeroLinea><Descrizione>Bolli anticipati</Descrizione>
   <PrezzoUnitario>15.00</PrezzoUnitario>
   <ScontoMaggiorazione><Tipo>MG</Tipo><Importo>0.00</Importo></ScontoMaggiorazione>
   <PrezzoTotale>15.00</PrezzoTotale><AliquotaIVA>0.00</AliquotaIVA><Natura>N1</Natura></DettaglioLinee>
  <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>1040.00</ImponibileImporto>
   <Imposta>228.80</Imposta></DatiRiepilogo>
  <DatiRiepilogo><AliquotaIVA>0.00</AliquotaIVA><Natura>N1</Natura><ImponibileImporto>15.00</ImponibileImporto>
   <Imposta>0.00</Imposta><RiferimentoNormativo>art. 15</RiferimentoNormativo></DatiRiepilogo>
 </DatiBeniServizi>
 <DatiPagamento><CondizioniPagamento>TP01</CondizioniPagamento>
  <DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>
   <DataScadenzaPagamento>2026-04-30</DataScadenzaPagamento><ImportoPagamento>541.90</ImportoPagamento>
   <IBAN>IT60X0542811101000000123456</IBAN></DettaglioPagamento>
  <DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>
   <DataScadenzaPagamento>2026-05-31</DataScadenzaPagamento><ImportoPagamento>541.90</ImportoPagamento>
   <IBAN>IT60X0542811101000000123456</IBAN></DettaglioPagamento></DatiPagamento>
 <Allegati><NomeAttachment>ore.txt</NomeAttachment><Attachment>MTAgb3Jl</Attachment></Allegati>
</FatturaElettronicaBody>
</p:FatturaElettronica>
"""


@pytest.fixture(scope="module")
def read() -> Extraction:
    return read_invoice(PARCELLA.encode())


@pytest.fixture(scope="module")
def invoice(read: Extraction) -> TradeDocument:
    assert isinstance(read.contract, TradeDocument)
    return read.contract


def test_who_is_who_and_where(invoice: TradeDocument) -> None:
    seller, buyer = invoice.seller, invoice.buyer
    assert (seller.name, seller.vat_id, seller.tax_number) == (
        *("Mario Rossi", "IT00743110157", "RSSMRA80A01F205X"),
    )
    assert (seller.address.street, seller.address.postcode, seller.registration) == (
        *("Via Roma 12", "20121", "MI 1234567"),
    )
    assert (buyer.name, buyer.vat_id, buyer.tax_number) == ("Officina Bruni S.r.l.", None, "02313821007")
    assert buyer.electronic_address == "fatture@pec.officinabruni.example"


def test_what_it_says_of_itself(invoice: TradeDocument) -> None:
    assert (invoice.type, invoice.subtype) == (DocumentType.SUPPLIER_INVOICE, Subtype.STANDARD)
    assert (invoice.number, invoice.issue_date, invoice.currency) == ("18/2026", date(2026, 3, 31), "EUR")
    assert invoice.notes == ("Consulenza marzo",)
    assert (invoice.references.order_number, invoice.references.tender) == ("OA-77", "Z1234567AB")
    assert invoice.references.preceding == (("11/2026", date(2026, 2, 28)),)


def test_lines_funds_and_taxes_come_to_the_totals(invoice: TradeDocument) -> None:
    first, second = invoice.lines
    assert (first.item_number, first.quantity, first.unit, first.net_amount) == (
        *("C-1", Decimal(10), "ore", Decimal(1000)),
    )
    assert (first.tax_category, second.tax_category) == ("S", "O")
    [fund] = invoice.adjustments
    assert (fund.is_charge, fund.amount, fund.percent, fund.reason_code) == (True, 40, 4, "TC02")
    assert [(tax.rate, tax.base, tax.amount, tax.exemption_code) for tax in invoice.taxes] == [
        (22, 1040, Decimal("228.80"), None),
        (0, 15, 0, "N1"),
    ]
    totals = invoice.totals
    assert (totals.net, totals.tax, totals.gross) == (1055, Decimal("228.80"), Decimal("1283.80"))


def test_what_is_to_be_paid_is_the_sum_of_its_instalments(invoice: TradeDocument) -> None:
    assert (invoice.totals.due, invoice.due_date) == (Decimal("1083.80"), date(2026, 4, 30))
    assert invoice.totals.prepaid == 200, "what the buyer pays to the tax office"
    assert [account.iban for account in invoice.bank_accounts] == ["IT60X0542811101000000123456"]
    assert invoice.terms.means == "credit transfer"


def test_every_value_has_its_evidence(read: Extraction) -> None:
    lacking = {path for path in fields_of(read.contract) if path not in read.evidence}
    assert not lacking
    assert read.evidence["totals.net"].source.endswith("ImponibileImporto")


def test_a_file_inside_is_handed_on() -> None:
    assert [(one.name, one.content) for one in attachments(PARCELLA.encode())] == [("ore.txt", b"10 ore")]


def test_tax_that_the_buyer_pays_to_the_state_is_not_due() -> None:
    split = PARCELLA.replace(
        "<Imposta>228.80</Imposta>", "<Imposta>228.80</Imposta><EsigibilitaIVA>S</EsigibilitaIVA>"
    )
    found = read_invoice(split.encode()).contract
    assert isinstance(found, TradeDocument)
    assert found.totals.prepaid == Decimal("428.80")


def test_a_credit_note_and_several_invoices_in_one_are_told() -> None:
    body = PARCELLA[PARCELLA.index("<FatturaElettronicaBody>") : PARCELLA.index("</p:FatturaElettronica>")]
    several = PARCELLA.replace(body, body * 2).replace("TD06", "TD04").encode()
    found = read_invoice(several)
    assert found.contract.type is DocumentType.CREDIT_MEMO
    assert found.findings == ("it holds 2 invoices, of which the first was read",)


def test_a_signed_invoice_goes_through_all_stages_and_says_that_nobody_verified_it() -> None:
    signed = envelope(der(4, PARCELLA.encode()))
    [fact] = process("IT00743110157_00012.xml.p7m", signed)
    assert not isinstance(fact, Refused)
    assert (fact.name, fact.contract.number) == ("IT00743110157_00012.xml", "18/2026")
    assert fact.notes == ("it is signed; the signature was not verified",)
    assert not [check for check in fact.checks if check.outcome == "failed" and check.severity == "error"]
