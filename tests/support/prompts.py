"""Twenty prompts of many kinds, on which the default model's text is compared and kept."""

from __future__ import annotations

from typing import Final

ASSISTANT: Final = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


def chat(question: str, system: str = ASSISTANT) -> str:
    """A question in the default model's chat format."""
    turns = (("system", system), ("user", question))
    said = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns)
    return f"{said}<|im_start|>assistant\n"


PROMPTS: Final[dict[str, str]] = {
    "plain prose": "The history of bookkeeping begins in the merchant cities of northern Italy, where",
    "one word": "Yesterday",
    "dialogue": '"Did you send the invoice?" asked Maria.\n"I did," said Tom, "but',
    "list": "Shopping list for the office:\n1. Paper\n2. Pens\n3.",
    "numbers": "2, 4, 6, 8, 10, 12, 14,",
    "code": 'def total(prices):\n    """Add up all prices."""\n',
    "sql": "-- customers who have not paid\nSELECT name FROM customers WHERE",
    "json": '{"company": "Nordlicht GmbH", "total": 119.00, "currency": "EUR", "items": [{"name":',
    "markdown": "# Annual report\n\n## Summary\n\n",
    "german": "Sehr geehrte Damen und Herren,\n\nhiermit möchte ich",
    "french": "Le chiffre d'affaires de l'entreprise a augmenté de",
    "unicode": "Größe: 12 µm – naïve café “quotes” 东京 ➜",
    "science": "Water boils at 100 degrees Celsius because",
    "story": "Once upon a time, in a small village by the sea, there lived an old clockmaker who",
    "white space": "Name:\t\tAnna\n\n\nAge:   41\n\n\nCity:  ",
    "question": chat("What is the capital of France?"),
    "explain": chat("Explain in two sentences what a balance sheet is."),
    "mail": chat("Write a short, polite reminder that an invoice of 1,250.00 EUR is 14 days overdue."),
    "extract": chat(
        "Invoice 2025-0042 of Müller & Söhne KG, dated 3 March 2025, total 4,760.00 EUR including 760.00 EUR "
        "of VAT. Give number, date and total as JSON."
    ),
    "role": chat("Should I pay this bill now?", system="You are a careful accountant. Answer briefly."),
}
