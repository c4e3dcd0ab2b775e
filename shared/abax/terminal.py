"""How the command line shows jobs, ledgers and figures; ``abax.report.terminal`` shows the statements."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from abax.errors import listed
from abax.money import display, told
from abax.ports import Job, JobState
from abax.workflow.jobs import OnProgress

if TYPE_CHECKING:
    from abax.erp.probing import Candidate, Probe, ProbedCompany, ProbedSetting
    from abax.ledger.diff import LedgerDiff
    from abax.ledger.model import AgedReport, Check, Lineage, TrialBalance
    from abax.ledger.suggest import ChartAccount
    from abax.ledger.tie_out import TieOut
    from abax.writing import Answer

PIPE_WIDTH = 160

WHOLE = {"job", "date", "entry", "year", "state", "step", "done", "asked for", "--set", "account"}
"""Columns that never give way, as those of amounts never do: half a figure reads as another figure."""

NARROWEST = 8
"""How far a text may give way."""

LONGEST_WORD = 30
"""As long as the longest statement class."""

STATE_COLOURS = {
    JobState.QUEUED: "dim",
    JobState.RUNNING: "cyan",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "yellow",
}


def console(stderr: bool = False) -> Console:
    """A console that keeps rows whole where nobody's window limits them: in pipes and files."""
    made = Console(highlight=False, stderr=stderr)
    return made if made.is_terminal else Console(highlight=False, stderr=stderr, width=PIPE_WIDTH)


@contextmanager
def job_progress(console: Console) -> Iterator[OnProgress]:
    """Shows how a job gets on: a bar in a terminal, elsewhere one line per message."""
    if not console.is_terminal:
        said: list[str] = []
        yield lambda job: _say_once(console, said, f"{job.step}: {job.message}")
        return
    columns = (
        TextColumn("[bold]{task.fields[step]:<10}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=1.0, step="queued")
        yield lambda job: bar.update(
            task, completed=job.progress, description=escape(job.message), step=job.step
        )


def _say_once(console: Console, said: list[str], text: str) -> None:
    if said[-1:] != [text]:
        said.append(text)
        console.print(text, markup=False)


def print_jobs(console: Console, jobs: Iterable[Job]) -> None:
    """One row per job."""
    table = _table(
        "job", "company", "year", "state", "step", "done", "asked for", "message", wraps=["message"]
    )
    for job in jobs:
        _row(
            table,
            job.job_id,
            str(job.request.get("company") or job.request.get("name", "")),
            str(job.request.get("year", "")),
            Text(job.state, STATE_COLOURS[job.state]),
            job.step,
            f"{job.progress:.0%}",
            f"{job.created_at:%Y-%m-%d %H:%M}",
            job.message,
        )
    if table.row_count:
        _print(console, table)
    else:
        console.print("no jobs yet")


def print_job(console: Console, job: Job) -> None:
    """Everything about one job."""
    table = Table(box=None, show_header=False, pad_edge=False)
    rows: dict[str, str | Text] = {
        "job": job.job_id,
        "asked for": ", ".join(f"{name} {value}" for name, value in job.request.items()),
        "state": Text(job.state, STATE_COLOURS[job.state]),
        "step": f"{job.step}, {job.progress:.0%}",
        "message": job.message,
        "error": job.error["type"] if job.error else "",
        "results": "\n".join(job.results),
        "created": f"{job.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "updated": f"{job.updated_at:%Y-%m-%d %H:%M:%S} UTC",
    }
    for name, value in rows.items():
        if value:
            _row(table, Text(name, "dim"), value)
    console.print(table)


def print_lineage(console: Console, lineage: Lineage, company: str = "") -> None:
    """Whose figure, the figure, its accounts, its journal lines, and how many more there are."""
    amount = _amounts(lineage.currency)
    title = " · ".join(filter(None, (company, lineage.report, lineage.line, lineage.period)))
    console.print(f"[bold]{escape(title)}[/]  {amount(lineage.figure)} {lineage.currency}")
    accounts = _table("account", "name", "lines", "amount", right=("lines", "amount"))
    for account in lineage.accounts:
        _row(accounts, account.code, account.name, f"{account.lines:,}", amount(account.amount))
    _print(console, accounts)
    lines = _table("date", "entry", "journal", "account", "partner", "label", "amount", right=("amount",))
    for line in lineage.lines:
        where = (line.entry_name, line.journal, f"{line.account_code} {line.account_name}", line.partner)
        _row(lines, str(line.posting_date), *where, line.label, amount(line.amount))
    _print(console, lines)
    shown = sum((line.amount for line in lineage.lines), Decimal(0))
    if (hidden := lineage.line_count - len(lineage.lines)) > 0:
        rest = amount(lineage.figure - shown)
        console.print(f"… and {hidden:,} more lines of together {rest} (raise --limit to see them)")
    console.print(f"[dim]{lineage.line_count:,} journal lines · content hash {lineage.content_hash[:16]}[/]")


def print_answer(console: Console, answer: Answer) -> None:
    """The answer and how each of its figures is opened, or why there is none."""
    if answer.reason is not None:
        console.print(f"[yellow]no answer[/]: {escape(answer.reason.message)}", soft_wrap=True)
        return
    console.print(escape(answer.answer), soft_wrap=True)
    from abax.writing.figures import names_of

    paths = dict.fromkeys(path for figure in answer.figures for path in figure.opens)
    for path in paths:
        names = " ".join(shlex.quote(name) for name in names_of(path))
        console.print(f"  [dim]abax explain {escape(names)}[/]", soft_wrap=True)


def print_trial_balance(console: Console, balance: TrialBalance, currency: str) -> None:
    """One row per account, and the sums."""
    amount = _amounts(currency)
    columns = ("opening", "debit", "credit", "closing")
    table = _table("account", "name", "class", *columns, right=columns, footer=True)
    table.columns[0].footer = "sum"
    for row in balance.rows:
        figures = (row.opening, row.debit, row.credit, row.closing)
        _row(table, row.code, row.name, row.statement_class, *map(amount, figures))
    sums = (sum((getattr(row, name) for row in balance.rows), Decimal(0)) for name in columns)
    for column, total in zip(table.columns[3:], sums, strict=True):
        column.footer = amount(total)
    console.print(f"[bold]Trial balance {balance.start} to {balance.end}[/], {currency}")
    _print(console, table)


def print_aged(console: Console, report: AgedReport, currency: str) -> None:
    """One row per partner, by days overdue."""
    from abax.ledger.model import AGING_BUCKETS

    amount = _amounts(currency)
    columns = (*AGING_BUCKETS, "total")
    table = _table("partner", *columns, right=columns, footer=True)
    table.columns[0].footer = "sum"
    for row in report.partners:
        _row(table, row.partner, *map(amount, (*row.buckets, row.total)))
    for column, total in zip(table.columns[1:], (*report.buckets, report.total), strict=True):
        column.footer = amount(total)
    console.print(f"[bold]{report.report.replace('_', ' ').capitalize()} as of {report.as_of}[/], {currency}")
    _print(console, table)


def print_checks(console: Console, checks: Iterable[Check], currency: str) -> None:
    """A mark, a name and the details for each hard check."""
    for check in checks:
        mark = "[green]✓[/]" if check.passed else "[red]✗[/]"
        off = "" if check.passed else f", off by {told(check.difference, currency)}"
        console.print(f"{mark} {escape(check.label)}{off} [dim]{escape(check.detail)}[/]")


def print_probe(console: Console, found: Probe) -> None:
    """What a database is: the ERP, what of it can be read, what is to be chosen, its companies and years."""
    console.print(f"[bold]{escape(found.label)}[/]")
    if found.found is not None:
        console.print(f"[green]✓[/] {escape(found.found.title)} {escape(found.found.version)}")
    if found.reads:
        console.print(f"  reads {escape(', '.join(found.reads))}", soft_wrap=True)
    if found.problem:
        console.print(f"[yellow]![/] {escape(found.problem)}", soft_wrap=True)
    if found.found is None:
        _print_candidates(console, found.candidates)
    for what, missing in found.lacks.items():
        console.print(f"  [yellow]–[/] {escape(what)}: lacks {escape(listed(missing))}", soft_wrap=True)
    if found.settings:
        _print_settings(console, found.settings)
    if found.companies:
        _print_companies(console, found.companies)


def _print_candidates(console: Console, candidates: Sequence[Candidate]) -> None:
    table = _table(
        "could be", "has of what it needs", "lacks", right=("has of what it needs",), wraps=("lacks",)
    )
    for kind in candidates:
        share = f"{kind.likeness:.0%}"
        _row(
            table, f"{kind.title} {kind.version}", share, listed(kind.missing) if kind.missing else "nothing"
        )
    if candidates:
        _print(console, table)


def _print_settings(console: Console, settings: Sequence[ProbedSetting]) -> None:
    table = _table("--set", "is", "what", "there is", wraps=("what", "there is"))
    for setting in settings:
        choices = listed(
            f"{value} ({label})" if label and label != value else value for value, label in setting.choices
        )
        _row(
            table, setting.name, setting.chosen if setting.chosen is not None else "?", setting.help, choices
        )
    _print(console, table)


def _print_companies(console: Console, companies: Sequence[ProbedCompany]) -> None:
    table = _table("id", "company", "currency", "fiscal year ends", "fiscal year: journal lines")
    for probed in companies:
        company = probed.company
        end = f"{company.fiscal_year_end_day}.{company.fiscal_year_end_month}."
        held = ", ".join(f"{year}: {lines:,}" for year, lines in probed.years.items()) or "nothing posted"
        _row(table, company.company_id, company.name, company.currency, end, probed.problem or held)
    _print(console, table)


def print_chart(console: Console, accounts: Sequence[ChartAccount]) -> None:
    """Accounts with their class, and those without with what they look like."""
    table = _table("account", "name", "type in the source", "statement class", wraps=("statement class",))
    for account in accounts:
        looks = f"none; looks like {account.suggestion} ({account.why})" if account.suggestion else "none"
        _row(table, account.code, account.name, account.source_type or "", account.statement_class or looks)
    _print(console, table)


def _table(*names: str, right: Sequence[str] = (), wraps: Sequence[str] = (), footer: bool = False) -> Table:
    """Figures, dates and names to type again stay whole; other texts give way, those in ``wraps`` by going on
    in the next line."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=footer, footer_style="bold")
    for name in names:
        table.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name not in wraps,
            min_width=0 if name in right or name in WHOLE else NARROWEST,
        )
    return table


def _print(console: Console, table: Table) -> None:
    """Show a table, wider than the window where its figures need that: lines may break, figures may not."""
    natural = {
        id(column): max(cell_len(str(cell)) for cell in (column.header, column.footer, *column.cells))
        for column in table.columns
    }
    whole = [column for column in table.columns if not column.min_width]
    texts = [column for column in table.columns if column.min_width]
    for column in whole:
        column.min_width = natural[id(column)]
    blanks = 2 * len(table.columns)
    room = console.width - blanks - sum(natural[id(column)] for column in whole)
    wanted = sum(natural[id(column)] for column in texts)
    least = {id(column): _least(column) for column in texts}
    for column in texts:
        column.max_width = max(least[id(column)], room * natural[id(column)] // max(wanted, 1))
    console.width = max(console.width, console.width - room + sum(least.values()))
    console.print(table)


def _least(column: Column) -> int:
    """How narrow a column of text may get: where lines may break, words may not, but for very long ones."""
    if column.no_wrap:
        return NARROWEST
    words = (word for cell in column.cells for word in str(cell).split())
    return max(NARROWEST, min(LONGEST_WORD, max(map(cell_len, words), default=0)))


def _row(table: Table, *cells: str | Text) -> None:
    """Text as it is: brackets in somebody's books are not markup."""
    table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))


def _amounts(currency: str) -> Callable[[Decimal], str]:
    return lambda value: display(value, currency)


def print_tie_out(console: Console, tied: TieOut, all_lines: bool) -> None:
    """Differences by report, every figure with ``all_lines``; then how many were equal, or why none was
    compared."""
    if tied.problem:
        problem = f"[bold]{escape(tied.company)}[/]: [red]not tied out:[/] {escape(tied.problem)}"
        console.print(problem, soft_wrap=True)
        return
    shown = [line for line in tied.lines if all_lines or line.difference]
    if shown:
        figures = ("ours", "theirs", "difference")
        table = _table("report", "line", "column", *figures, "why", right=figures, wraps=["line", "why"])
        for line in shown:
            numbers = (f"{number:,.2f}" for number in (line.ours, line.theirs, line.difference))
            why = escape(line.reason) or ("[red]unexplained[/]" if line.difference else "")
            table.add_row(escape(line.report), escape(line.line), line.column, *numbers, why)
        _print(console, table)
    console.print(
        f"[bold]{escape(tied.company)}[/]: {len(tied.lines):,} figures, {tied.equal:,} equal, "
        f"{len(tied.explained):,} explained, {len(tied.unexplained):,} not"
    )
    for report, why in tied.left_out.items():
        console.print(f"  not compared: {escape(report)}: {escape(why)}", markup=True)


def print_diff(console: Console, found: LedgerDiff, currency: str) -> None:
    """Accounts by fiscal year, then the largest of the lines, then how many there are."""
    if found.cells:
        table = _table("account", "name", "year", "before", "after", right=("before", "after"))
        for cell in found.cells:
            table.add_row(
                cell.code, escape(cell.name), str(cell.year), f"{cell.before:,.2f}", f"{cell.after:,.2f}"
            )
        _print(console, table)
    if found.lines:
        table = _table("entry", "date", "account", "before", "after", right=("before", "after"))
        for line in found.lines:
            sides = ("–" if side is None else f"{side:,.2f}" for side in (line.before, line.after))
            table.add_row(escape(line.entry_name), str(line.posting_date), line.code, *sides)
        _print(console, table)
    counts = f"{found.added:,} added, {found.removed:,} removed, {found.changed:,} changed"
    console.print("[bold]the same lines[/]" if found.same else f"[bold]{counts}[/], {currency}")


def print_rows(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows of any kind; nothing for null."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row))
    _print(console, table)
