"""Invoices to be turned into JSON: made-up texts, the schema, and a prompt with one worked example."""

from __future__ import annotations

import json
import random
from typing import Any, Final

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "supplier": {"type": "string"},
        "address": {"type": "string"},
        "invoice_number": {"type": "string"},
        "invoice_date": {"type": "string"},
        "iban": {"type": "string"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"description": {"type": "string"}, "amount": {"type": "string"}},
                "required": ["description", "amount"],
                "additionalProperties": False,
            },
            "minItems": 3,
            "maxItems": 3,
        },
        "net": {"type": "string"},
        "vat": {"type": "string"},
        "total": {"type": "string"},
    },
    "required": [
        "supplier",
        "address",
        "invoice_number",
        "invoice_date",
        "iban",
        "items",
        "net",
        "vat",
        "total",
    ],
    "additionalProperties": False,
}
SUPPLIERS: Final = (
    ("Hanseatische Werkzeugfabrik Petersen KG", "Am Sandtorkai 41, 20457 Hamburg"),
    ("Blackwater Office Supplies Limited", "17 Wharf Road, Bristol BS1 4QA"),
    ("Meridian Packaging Solutions Inc.", "2250 Commerce Drive, Columbus OH 43215"),
    ("Atelier Graphique Fontaine SARL", "8 rue des Tanneurs, 69003 Lyon"),
    ("Nordic Freight and Logistics AS", "Havnegata 12, 0150 Oslo"),
)
GOODS: Final = (
    "Stainless steel bolts M8, box of 500",
    "Replacement filter for compressor type K20",
    "Consulting services, eight hours on site",
    "Cardboard boxes 40 x 30 x 25 cm, 200 pieces",
    "Annual maintenance of the packing machine",
    "Printing of 1,000 brochures, glossy paper",
    "Transport of two pallets to the warehouse",
    "Ergonomic office chair with armrests, black",
)


def invoice(seed: int) -> tuple[str, dict[str, Any]]:
    """A text, and what should be read from it."""
    chance = random.Random(seed)
    supplier, address = SUPPLIERS[seed % len(SUPPLIERS)]
    amounts = [chance.randrange(2_000, 90_000) for _ in range(3)]
    net = sum(amounts)
    vat = round(net * 0.19)
    facts: dict[str, Any] = {
        "supplier": supplier,
        "address": address,
        "invoice_number": f"RE-{chance.randrange(2023, 2026)}-{chance.randrange(10_000, 99_999)}",
        "invoice_date": f"{chance.randrange(1, 28)} {chance.choice(('March', 'July', 'October'))} 2025",
        "iban": f"DE{chance.randrange(10**19, 10**20)}",
        "items": [
            {"description": goods, "amount": _money(amount)}
            for goods, amount in zip(chance.sample(GOODS, 3), amounts, strict=True)
        ],
        "net": _money(net),
        "vat": _money(vat),
        "total": _money(net + vat),
    }
    return _text(facts), facts


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d} EUR"


def _text(facts: dict[str, Any]) -> str:
    lines = "\n".join(f"{item['description']}    {item['amount']}" for item in facts["items"])
    return (
        f"{facts['supplier']}\n{facts['address']}\n\nInvoice {facts['invoice_number']}\n"
        f"Date: {facts['invoice_date']}\n\n{lines}\n\nNet amount    {facts['net']}\n"
        f"VAT 19 %    {facts['vat']}\nTotal    {facts['total']}\n\nPlease pay to IBAN {facts['iban']}\n"
    )


def prompt(seed: int) -> str:
    """An example with its answer, then the invoice of a seed; the answer goes on from there."""
    example, facts = invoice(seed + 1)
    answer = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return f"Invoice:\n{example}\nJSON: {answer}\n\nInvoice:\n{invoice(seed)[0]}\nJSON:"
