"""Real books: dumps of ERPs in throw-away servers, and their ledgers as a close reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.ledger import Ledger
from abax.ledger.model import LedgerManifest

DATA: Final = Path(os.environ.get("ABAX_DATA", Path(__file__).parents[3] / "shared" / "data")) / "erp"


class BooksMissingError(Exception):
    """Books, or the server that they need, are not here; the message says which."""


@dataclass(frozen=True)
class Books:
    """A dump, and how it gets into a server."""

    name: str
    dump: Path
    company: str
    """The one that is looked at where one is enough."""
    server: Callable[[], AbstractContextManager[Any]]


def real_books() -> list[Books]:
    """Those of the development data."""
    from tests.support import mariadb, postgres

    return [
        Books("Odoo 17", DATA / "odoo17" / "odoo17.sql.gz", "YourCompany", postgres.running),
        Books("ERPNext 15", DATA / "erpnext15" / "erpnext15.sql.gz", "Nordwind GmbH", mariadb.running),
    ]


@contextmanager
def served(books: Books) -> Iterator[str]:
    """The books in a server of their own; their URL. Raises BooksMissingError."""
    from tests.support.mariadb import MariaDbMissingError
    from tests.support.postgres import PostgresMissingError

    if not books.dump.exists():
        raise BooksMissingError(f"there is no {books.dump}")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(books.server())
        except (MariaDbMissingError, PostgresMissingError) as missing:
            raise BooksMissingError(str(missing)) from None
        yield server.create("bench", books.dump)


@contextmanager
def opened(url: str, company: str, mapping: Mapping[str, str] | None = None) -> Iterator[Ledger]:
    """All that is posted of a company (its name or id), ready for a close."""
    with TemporaryDirectory(prefix="abax-bench-") as folder:
        objects = FolderObjects(Path(folder))
        with open_source(url) as source:
            found = source.company(company)
            manifest = LedgerManifest(
                erp=source.erp,
                erp_version=source.version,
                source_id=source.source_id,
                company=found,
                master=extract_master(source, found, mapping or {}, objects),
                years=[extract_year(source, found, year, objects) for year in source.years(found)],
                mapping=dict(mapping or {}),
            )
        with Ledger.open(manifest, objects.fetch) as ledger:
            yield ledger
