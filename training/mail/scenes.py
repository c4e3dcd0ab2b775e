"""Whole mails that were written for training, with their truth: what phrases put together do not tell.

``scenes/<language>.txt``, a scene a block; its first line says what is true of it, then subject and text::

    = payment P neutral high | pay | supplier
    Second reminder {invoice}
    We still miss {amount}. Please transfer it [[by Friday]].

Category, department (``R`` ``P`` receivable and payable, ``A`` sales, ``L`` logistics, ``S`` support, ``J``
legal, ``N`` none), sentiment, urgency, the kinds of action or ``-``, and where it matters what sort of sender
writes. Brackets mark by when it is wanted. Slots are those of ``generate``. Truths follow the guide in
``tests/golden/mail/README.md``; no mail of a set that judges was read for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from abax.mail.answering import Sender

FOLDER: Final = Path(__file__).parent / "scenes"
DEPARTMENTS: Final = {
    "R": "accounts_receivable",
    "P": "accounts_payable",
    "A": "sales",
    "L": "logistics",
    "S": "support",
    "J": "legal",
    "N": "none",
}
BY: Final = re.compile(r"\[\[(.+?)\]\]")


@dataclass(frozen=True)
class Scene:
    """A mail with slots, and what is true of it."""

    name: str
    language: str
    category: str
    department: str
    sentiment: str
    urgency: str
    actions: tuple[str, ...]
    sender: Sender | None
    subject: str
    text: str
    """With brackets around by when it is wanted."""


def scenes() -> Iterator[Scene]:
    """All of them, language by language. Raises ValueError for a block that is none."""
    for path in sorted(FOLDER.glob("*.txt")):
        blocks = re.split(r"^= ", path.read_text(encoding="utf-8"), flags=re.M)[1:]
        for number, block in enumerate(blocks):
            yield _scene(f"{path.stem}-{number}", path.stem, block)


def _scene(name: str, language: str, block: str) -> Scene:
    head, subject, text = block.split("\n", 2)
    labels, kinds, sender = (part.strip() for part in f"{head}||".split("|")[:3])
    category, department, sentiment, urgency = labels.split()
    return Scene(
        name=name,
        language=language,
        category=category,
        department=DEPARTMENTS[department],
        sentiment=sentiment,
        urgency=urgency,
        actions=() if kinds == "-" else tuple(kinds.split()),
        sender=Sender[sender.upper()] if sender else None,
        subject=subject.strip(),
        text=text.strip(),
    )
