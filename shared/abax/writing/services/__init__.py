"""The writer: e-mails, reminders, summaries, checks and analyses, each from typed facts and held to them.

::

    context ─► facts ─► text by template ───────────────────────────┐
                 └────► prompt ─► model ─► says only the facts? ─────┴─► result, method, confidence
                                               no: the template's, and why
"""

from abax.writing.services.contracts import MODES, Written
from abax.writing.services.desk import (
    SERVICES,
    Desk,
    Failed,
    context_of,
    contexts_of,
    example_of,
    schema_of,
    service,
    write,
    write_all,
)

__all__ = [
    "MODES",
    "SERVICES",
    "Desk",
    "Failed",
    "Written",
    "context_of",
    "contexts_of",
    "example_of",
    "schema_of",
    "service",
    "write",
    "write_all",
]
