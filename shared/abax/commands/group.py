"""``abax group``: several companies as one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape

from abax import terminal
from abax.commands.common import AsJson, Home, home_of, label_of_url, mapping_in, plain, print_json, read
from abax.compose import Edge, edge
from abax.errors import CheckFailed, InvalidRequest

if TYPE_CHECKING:
    from abax.ports import Job
    from abax.sample import SampleBooks
    from abax.workflow.group_request import GroupRequest


def add_to(app: typer.Typer) -> None:
    """Join ``abax``."""
    group_app = typer.Typer(help="Close several companies as one.", no_args_is_help=True)
    group_app.callback()(_subject)
    group_app.command("close")(close)
    app.add_typer(group_app, name="group")


def _subject() -> None:
    """Close several companies as one."""


def close(
    file: Annotated[Path, typer.Argument(help="The group, as TOML: name, currency, parent, members.")],
    year: Annotated[
        int | None, typer.Option(help="Fiscal year of the parent; else the newest begun.")
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option(help="Up to how much two sides of a pair may differ, in the group's currency."),
    ] = None,
    rates: Annotated[Path | None, typer.Option(help="CSV: currency,month,closing,average.")] = None,
    home: Home = None,
    to: Annotated[Path | None, typer.Option("--out", help="Folder; <home>/reports/… when left open.")] = None,
    as_json: AsJson = False,
) -> None:
    """Close every member, or take its close up again, and consolidate: group.json and group.html.

    Exit code 1 where what members book with each other differs by more than the tolerance; the report is
    written nevertheless.
    """
    from abax.workflow.group import group_package

    given = {"year": year, "tolerance": tolerance, "rates": read(rates) if rates else None}
    request, connections = read_group(file, {name: own for name, own in given.items() if own is not None})
    house = edge(home_of(home), connections)
    job, problem = _run(house, request, as_json)
    package = group_package(house.context, job)
    files = _write(
        house, job, to or house.home / "reports" / "groups" / f"{plain(package.name)}-{package.year}"
    )
    if as_json:
        print_json(
            {"job_id": job.job_id, "files": [str(path) for path in files], **package.model_dump(mode="json")}
        )
    else:
        from abax.report.group import print_group

        out = terminal.console()
        print_group(out, package)
        for path in files:
            out.print(f"  {escape(str(path))}", soft_wrap=True)
    if problem:
        raise problem


def read_group(file: Path, given: Mapping[str, Any]) -> tuple[GroupRequest, dict[str, dict[str, str]]]:
    """The request that a group's file makes, and the connections that it writes out, by reference. ``given``
    goes before what the file says; files that it names lie beside it. Raises InvalidRequest."""
    from abax.workflow.group_request import parse_group

    try:
        content = tomllib.loads(read(file))
    except ValueError as error:
        raise InvalidRequest(f"{file} cannot be read: {error}", "group") from None
    connections: dict[str, dict[str, str]] = {}
    members = content.get("members", {})
    if not isinstance(members, dict):
        raise InvalidRequest("write [members.NAME] for each company", "members")
    content["members"] = {
        name: _member(own, file.parent, connections) if isinstance(own, dict) else own
        for name, own in members.items()
    }
    if content.get("rates") and "rates" not in given:
        content["rates"] = read(file.parent / str(content["rates"]))
    return parse_group({**content, **given}), connections


_SAMPLE: Final = """\
name = "Nordlicht Group"
currency = "EUR"
parent = "parent"
tolerance = "{tolerance}"  # what is sold in pounds is translated at other rates than it was booked at

[members.parent]
url = "{url}"
company = "{parent}"
mapping = {parent_mapping}

[members.subsidiary]
url = "{url}"
company = "{subsidiary}"
mapping = {subsidiary_mapping}
share = "80 %"
acquired = 2022-02-28
equity_at_acquisition = "{equity}"
investment_accounts = ["0820"]
"""


def write_sample(file: Path, books: SampleBooks, scale: float) -> Path:
    """Write the group's file of the sample's two companies, told as if a fifth of the second were others'."""
    parent, subsidiary = books.companies
    size = Decimal(str(scale))
    mappings = [
        "{ " + ", ".join(f'"{code}" = "{kind}"' for code, kind in books.mapping[company].items()) + " }"
        for company in books.companies
    ]
    text = _SAMPLE.format(
        url=f"sqlite:///{books.path.resolve()}",
        parent=parent,
        subsidiary=subsidiary,
        parent_mapping=mappings[0],
        subsidiary_mapping=mappings[1],
        tolerance=max(2000 * size, Decimal(500)).quantize(Decimal("0.01")),
        equity=(380_000 * size).quantize(Decimal("0.01")),
    )
    file.write_text(text)
    return file


def _member(own: dict[str, Any], folder: Path, connections: dict[str, dict[str, str]]) -> dict[str, Any]:
    """A member with its connection by reference and its mapping as a table."""
    found = dict(own)
    url = found.pop("url", None)
    if url is not None:
        if found.get("secret"):
            raise InvalidRequest("give either url or secret", "members")
        found["secret"] = f"url {label_of_url(str(url))}"
        connections[found["secret"]] = {"url": str(url)}
    if isinstance(found.get("mapping"), str):
        found["mapping"] = mapping_in(folder / found["mapping"])
    return found


def _run(house: Edge, request: GroupRequest, as_json: bool) -> tuple[Job, CheckFailed | None]:
    """The job, and what failed of it although everything is there."""
    from abax.workflow import jobs
    from abax.workflow.group import run_group

    store, err = house.services.jobs, terminal.console(stderr=True)
    job, _ = jobs.create(store, request)
    try:
        with terminal.job_progress(err) as show:
            return run_group(house.context, job.job_id, show, attempts=2), None
    except CheckFailed as problem:
        job = store.get(job.job_id)
        if "group.json" not in job.results:
            raise
        return job, problem
    except KeyboardInterrupt:
        err.print("stopped; books that were read are not read again")
        raise typer.Exit(130) from None


def _write(house: Edge, job: Job, folder: Path) -> list[Path]:
    from abax.disk import named_when_full

    with named_when_full(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, key in job.results.items():
            (folder / name).write_bytes(house.services.objects.get(key))
    return [folder / name for name in job.results]
