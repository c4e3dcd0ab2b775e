"""``abax erp``: looking at ERP databases, and ``abax tie-out``: holding a ledger to what an ERP itself
reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from abax import terminal
from abax.commands.common import (
    AsJson,
    Erp,
    Home,
    Secret,
    Settings,
    Url,
    house_for,
    mapping_in,
    pairs_in,
    print_json,
)
from abax.errors import InvalidRequest
from abax.workflow.task import settings_in

if TYPE_CHECKING:
    from abax.erp import Source
    from abax.erp.connect import Database
    from abax.erp.raw import RawResult

out = terminal.console()
err = terminal.console(stderr=True)

Parameters = Annotated[
    list[str] | None, typer.Option("--param", help="name=value, as often as wanted; bound, never written in.")
]
Limit = Annotated[int, typer.Option(min=1, help="Most rows.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="Longest run.")]


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    erp_app = typer.Typer(help="Look at ERP databases.", no_args_is_help=True)
    for name, command in (
        ("probe", probe),
        ("accounts", accounts),
        ("query", query),
        ("call", call),
        ("grants", grants),
    ):
        erp_app.command(name)(command)
    app.add_typer(erp_app, name="erp")
    app.command("tie-out")(tie_out)


def probe(
    url: Url = None,
    secret: Secret = None,
    erp: Erp = None,
    settings: Settings = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What a database is: which ERP and version, what of it can be read, what is missing, what is to be
    chosen, which companies, which fiscal years with how many lines. Exit code 1 when it is no ERP known
    here, or lacks what is needed."""
    from abax.erp.probing import probe as look

    house, reference = house_for(home, url, secret)
    connection = house.secrets.get(reference)
    chosen = {**settings_in(connection), **pairs_in(settings)}
    found = look(connection["url"], erp or connection.get("erp"), chosen)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        terminal.print_probe(out, found)
    if found.found is None:
        raise typer.Exit(1)


def accounts(
    company: Annotated[str, typer.Option(help="Name or id of the company in the source.")],
    url: Url = None,
    secret: Secret = None,
    erp: Erp = None,
    settings: Settings = None,
    mapping: Annotated[
        Path | None, typer.Option(help="JSON or TOML file: account code to statement class.")
    ] = None,
    unmapped: Annotated[bool, typer.Option("--unmapped", help="Only those without a class.")] = False,
    write: Annotated[
        Path | None, typer.Option(help="Write a mapping file to fill in, suggestions commented out.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The chart of a company: each account's statement class, and for one without, what it looks like.

    Nothing is guessed: a suggestion counts when you write it into a mapping file.
    """
    from abax.ledger.suggest import mapping_file

    with _opened(home, url, secret, erp, settings) as source:
        found = source.chart(source.company(company), mapping_in(mapping))
    shown = [account for account in found if not (unmapped or write) or account.statement_class is None]
    if write is not None:
        _write_new(write, mapping_file(shown))
        err.print(f"{len(shown)} accounts without a class in {write}: fill in, then --mapping {write}")
    elif as_json:
        print_json([account.model_dump(mode="json") for account in shown])
    else:
        terminal.print_chart(out, shown)


def query(
    sql: Annotated[str, typer.Argument(help="One reading statement; :name stands for a parameter.")],
    url: Url = None,
    secret: Secret = None,
    param: Parameters = None,
    limit: Limit = 1_000,
    seconds: Seconds = 30.0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask the ERP's database something that no report covers: read-only, with bound parameters and limits."""
    from abax.erp.raw import execute_query

    with _connected(home, url, secret) as database:
        found = execute_query(database, sql, pairs_in(param, "param"), limit=limit, seconds=seconds)
    _show_rows(found, as_json)


def call(
    procedure: Annotated[str, typer.Argument(help="Name of the procedure, or schema.name.")],
    url: Url = None,
    secret: Secret = None,
    param: Parameters = None,
    limit: Limit = 1_000,
    seconds: Seconds = 30.0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Call a stored procedure or function that reads. Parameters go by name, or, on MariaDB and HANA, in the
    order given. What it would write is undone or refused."""
    from abax.erp.raw import execute_procedure

    with _connected(home, url, secret) as database:
        found = execute_procedure(database, procedure, pairs_in(param, "param"), limit=limit, seconds=seconds)
    _show_rows(found, as_json)


def grants(
    erp: Annotated[str, typer.Argument(help="Kind of ERP.")],
    user: Annotated[str, typer.Option(help="Name of the login to make.")] = "abax_reader",
    dialect: Annotated[
        str | None, typer.Option(help="postgresql, mariadb, mssql, oracle or hana; else the ERP's own.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Database schema that the tables are in, where they share one.")
    ] = None,
) -> None:
    """Print SQL that makes a login with the least rights: to read what Abax reads, and nothing else."""
    from abax.erp.grants import grant_script

    out.print(grant_script(erp, user, dialect, owner), markup=False, soft_wrap=True, end="")


def tie_out(
    reports: Annotated[
        Path | None,
        typer.Option(help="Folder of reports (JSON) that the ERP made; else the totals that it keeps."),
    ] = None,
    url: Url = None,
    secret: Secret = None,
    erp: Erp = None,
    settings: Settings = None,
    company: Annotated[
        list[str] | None, typer.Option(help="Company, as often as wanted; else all with reports.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="JSON or TOML file: account code to statement class.")
    ] = None,
    all_lines: Annotated[bool, typer.Option("--all-lines", help="Print equal figures too.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Compare the ledger with what the ERP itself reports: ours, theirs and the difference, line by line.

    Exit code 1 when a difference is left that nothing explains, or a company could not be compared.
    """
    from abax.workflow.tie_out import reports_in, tie_outs

    objects = house_for(home, url, secret)[0].services.objects
    found = []
    with _opened(home, url, secret, erp, settings) as source:
        for tied in tie_outs(
            source,
            None if reports is None else reports_in(reports),
            company or (),
            mapping_in(mapping),
            objects,
            lambda name: err.print(f"{escape(name)}: reading the books"),
        ):
            found.append(tied)
            if not as_json:
                terminal.print_tie_out(out, tied, all_lines)
    if as_json:
        print_json([tied.model_dump(mode="json") for tied in found])
    if any(tied.unexplained or tied.problem for tied in found):
        raise typer.Exit(1)


def _write_new(file: Path, text: str) -> None:
    """Never over a file that is there: somebody may have filled it in. Raises InvalidRequest."""
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise InvalidRequest(f"{file} is there already and stays; give another name", "write") from None
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be written: {error.strerror or error}", "write") from None


@contextmanager
def _opened(
    home: Path | None, url: str | None, secret: str | None, erp: str | None, settings: list[str] | None
) -> Iterator[Source]:
    from abax.erp import open_source

    house, reference = house_for(home, url, secret)
    connection = house.secrets.get(reference)
    chosen = {**settings_in(connection), **pairs_in(settings)}
    with open_source(connection["url"], erp or connection.get("erp"), chosen) as source:
        yield source


@contextmanager
def _connected(home: Path | None, url: str | None, secret: str | None) -> Iterator[Database]:
    from abax.erp.connect import connected

    house, reference = house_for(home, url, secret)
    with connected(house.secrets.get(reference)["url"]) as database:
        yield database


def _show_rows(found: RawResult, as_json: bool) -> None:
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    terminal.print_rows(out, found.columns, found.rows)
    more = f", the first {len(found.rows):,} of more" if found.truncated else ""
    rows = "1 row" if len(found.rows) == 1 else f"{len(found.rows):,} rows"
    err.print(f"{rows} in {found.seconds:.2f} s{more}")
