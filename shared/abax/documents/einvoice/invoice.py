"""Find the XML of an e-invoice, and read it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from abax.documents.contracts import TradeDocument
from abax.documents.einvoice import cii, fatturapa, ubl
from abax.documents.einvoice.tree import Node, Reader, parse
from abax.documents.extract import Extraction
from abax.documents.pages import Attachment, Reading
from abax.errors import MalformedInvoice

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:"
_ZUGFERD_1 = "urn:ferd:CrossIndustryDocument:invoice:1p0"
_FATTURAPA = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1."
_NAMES = (
    "factur-x.xml",
    "zugferd-invoice.xml",
    "xrechnung.xml",
    "cii.xml",
    "ubl.xml",
)
"""What standards call the attachment; others are taken as well."""
_ROOT = re.compile(
    rb"<(?:[A-Za-z_][\w.-]*:)?"
    rb"(Invoice|CreditNote|CrossIndustryInvoice|CrossIndustryDocument|FatturaElettronica)[\s>/]"
)
_LOOK = 20_000


def find(reading: Reading, received_xml: bytes | None = None) -> bytes | None:
    """The e-invoice that came as a file of its own, or else the one among a file's attachments, whatever it
    is called. One that has a standard's name comes first, even if it is damaged: so that this is told."""
    if received_xml is not None:
        return received_xml
    named = _by_name(reading.attachments)
    for attachment in (*named, *reading.attachments):
        if _may_be_invoice(attachment.content):
            return attachment.content
    return named[0].content if named else None


def _by_name(attachments: Iterable[Attachment]) -> list[Attachment]:
    ranked = [(_rank(attachment.name), attachment) for attachment in attachments]
    return [attachment for rank, attachment in sorted(ranked, key=lambda pair: pair[0]) if rank < len(_NAMES)]


def _rank(name: str) -> int:
    plain = name.replace("\\", "/").rpartition("/")[2].lower()
    return _NAMES.index(plain) if plain in _NAMES else len(_NAMES)


def _may_be_invoice(content: bytes) -> bool:
    """Whether the beginning looks like an e-invoice's; what it really is, reading tells."""
    head = content[:_LOOK]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        head = head.replace(b"\x00", b"")
    match = _ROOT.search(head)
    return match is not None and b"<html" not in head[: match.start()].lower()


def read_invoice(xml: bytes, name: str = "invoice.xml") -> Extraction:
    """The contract of an e-invoice with its evidence. Raises MalformedInvoice for what is none."""
    root = parse(xml, name)
    read = Reader()
    contract = _contract(root, read, name)
    totals = contract.totals
    if not contract.number and not contract.lines and totals.due is None and totals.gross is None:
        raise MalformedInvoice(name, "it has neither a number nor lines nor a total")
    _complete(read, root)
    return Extraction(
        contract=contract,
        evidence=read.evidence,
        attributes=read.attributes,
        findings=tuple(read.findings),
    )


def _complete(read: Reader, root: Node) -> None:
    """Evidence of what the root and the type code decide, and of lists as a whole: that of their first."""
    code = read.evidence.get("type_code")
    for path in ("type", "subtype"):
        read.derived(path, code.text if code else root.local, code.source if code else root.path)
    for path in [path for path in read.evidence if path.endswith("[0]")]:
        read.evidence.setdefault(path[: -len("[0]")], read.evidence[path])


def _contract(root: Node, read: Reader, name: str) -> TradeDocument:
    kind, namespace = root.local, root.namespace
    if kind in ("Invoice", "CreditNote") and namespace == f"{_UBL}{kind}-2":
        return ubl.contract(root, read)
    if kind == "CrossIndustryInvoice" and namespace.startswith(_CII):
        return cii.contract(root, read)
    if kind == "CrossIndustryDocument" and namespace == _ZUGFERD_1:
        return cii.contract(root.renamed(cii.ZUGFERD_1_NAMES), read)
    if kind == "FatturaElettronica" and namespace.startswith(_FATTURAPA):
        return fatturapa.contract(root, read)
    of = f"of {namespace}" if namespace else "of no namespace"
    raise MalformedInvoice(name, f"its root is {kind} {of}, not that of a UBL, CII or FatturaPA invoice")


def attachments(xml: bytes, name: str = "invoice.xml") -> tuple[Attachment, ...]:
    """The files that an e-invoice carries inside. What is no Base64 is left out."""
    root = parse(xml, name)
    syntax = {"Invoice": ubl, "CreditNote": ubl, "FatturaElettronica": fatturapa}.get(root.local, cii)
    nodes = syntax.embedded(root)
    found = []
    for place, node in enumerate(nodes, 1):
        try:
            content = base64.b64decode("".join(node.text.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        media_type = node.attribute("mimeCode") or "application/octet-stream"
        given = node.attribute("filename") or fatturapa.name_of(node)
        found.append(Attachment(given or f"attachment-{place}", content, media_type))
    return tuple(found)
