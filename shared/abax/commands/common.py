"""What commands share: where things are kept, which close is meant, reading files, printing JSON."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from abax.compose import Edge, edge
from abax.errors import InvalidRequest, NotFound, PackageNeeded, listed, nearest
from abax.ports import Job, JobState
from abax.serve import settings_home

Home = Annotated[
    Path | None,
    typer.Option(help="Folder of jobs, ledgers and results.", envvar="ABAX_HOME", show_default="~/.abax"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]
JobId = Annotated[str | None, typer.Option("--job", help="Which close; else the latest that succeeded.")]
OfCompany = Annotated[str | None, typer.Option("--company", help="The latest close of this company.")]
OfYear = Annotated[int | None, typer.Option("--year", help="The latest close of this fiscal year.")]

Url = Annotated[
    str | None,
    typer.Option(
        help="ERP database, such as postgresql+pg8000://user:password@host/name or sqlite:////path/books.sqlite.",
        envvar="ABAX_URL",
        show_envvar=True,
    ),
]
Erp = Annotated[str | None, typer.Option(help="Kind of ERP; found out from the tables when left open.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="What to choose of the source, such as client=100, as often as wanted."),
]
Secret = Annotated[str | None, typer.Option("--secret", help="Name of a kept connection, instead of --url.")]


def home_of(given: Path | None) -> Path:
    """The folder asked for, else the one of the settings."""
    return given.expanduser() if given else settings_home()


class ReadsFiles(TyperGroup):
    """A group whose arguments are files to read, unless the first is one of its commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """``FILE…`` is short for ``read FILE…``."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["read", *args]
        return list(super().parse_args(ctx, args))


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """For commands that need packages of an extra: raises PackageNeeded where one is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "abax"):
            raise
        raise PackageNeeded(package, extra) from error


def close_meant(house: Edge, job_id: str | None, company: str | None = None, year: int | None = None) -> Job:
    """The job of that id, or the latest that succeeded, of a company or year where one is given."""
    if job_id:
        if company is not None or year is not None:
            raise InvalidRequest("says which close by itself: leave --company and --year out", "job")
        return house.services.jobs.get(job_id)
    closed = [job for job in house.services.jobs.recent(_JOBS) if job.state is JobState.SUCCEEDED]
    if not closed:
        raise NotFound(f"no close has succeeded in {house.home} yet; run abax close, or name another --home")
    for job in closed:
        if company in (None, _company(job)) and year in (None, job.request["year"]):
            return job
    asked = " ".join(str(part) for part in (company, year) if part is not None)
    known = dict.fromkeys(f"{_company(job)} {job.request['year']}" for job in closed)
    near = nearest(asked, known)
    meant = f" (did you mean {near!r}?)" if near else ""
    raise NotFound(f"no close of {asked}{meant}; there are {listed(known)}")


def house_for(home: Path | None, url: str | None, secret: str | None) -> tuple[Edge, str]:
    """Edge mode in the folder, and the reference of the connection: a URL is held in memory alone."""
    if (url is None) == (secret is None):
        raise InvalidRequest("give either --url or --secret", "url")
    if url is None:
        return edge(home_of(home)), str(secret)
    reference = f"url {label_of_url(url)}"
    return edge(home_of(home), {reference: {"url": url}}), reference


def pairs_in(given: list[str] | None, field: str = "settings") -> dict[str, str]:
    """What was written as name=value. Raises InvalidRequest."""
    for pair in given or ():
        if "=" not in pair:
            raise InvalidRequest(f"{pair!r} is no name=value", field)
    return dict(pair.split("=", 1) for pair in given or ())


_JOBS: Final = 1000
"""Jobs that are looked through for the close that is meant."""


_PORTS: Final = 65_535


def _company(job: Job) -> str:
    return str(job.request["company"])


def label_of_url(url: str) -> str:
    """The URL without its credentials: what the job keeps of it."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from abax.erp.connect import label_of

    try:
        made = make_url(url)
        if not 0 <= (made.port or 0) <= _PORTS:
            raise InvalidRequest(f"{made.port} is no port; there are 1 to {_PORTS}", "url")
        return label_of(made)
    except (ArgumentError, ValueError):
        raise InvalidRequest(
            "no database URL; write dialect+driver://user:password@host/name or sqlite:////path", "url"
        ) from None


def mapping_in(file: Path | None) -> dict[str, Any]:
    """Account to statement class, of a JSON or TOML file."""
    if file is None:
        return {}
    text = read(file)
    try:
        content = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"{file} cannot be read: {error}", "mapping") from None
    if not isinstance(content, dict):
        raise InvalidRequest(f"{file} must hold an object: account code to statement class", "mapping")
    inner = content.get("mapping", content)
    return inner if isinstance(inner, dict) else content


def read(file: Path) -> str:
    """A file's text. Raises InvalidRequest."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror or error}", "file") from None
    except UnicodeDecodeError:
        raise InvalidRequest(f"{file} cannot be read: it is no text in UTF-8", "file") from None


def plain(name: str) -> str:
    """A name as files have it."""
    return "".join(letter if letter.isalnum() else "-" for letter in name).strip("-").lower()


def print_json(content: Any) -> None:
    """JSON on standard output."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
