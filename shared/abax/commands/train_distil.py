"""``abax train distil``: a larger model labels documents for the small one to learn from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from abax import terminal
from abax.commands.common import AsJson, Home, home_of, print_json
from abax.compose import edge, teacher_model
from abax.errors import InvalidRequest, TeacherNeeded

if TYPE_CHECKING:
    from abax.documents.contracts import DocumentType
    from abax.learning.distil import Report

LEFT = 3
"""Exit code: the budget was spent before all documents were looked at."""


def distil(
    source: Annotated[Path, typer.Argument(help="Folder of documents, of any kind.")],
    target: Annotated[Path, typer.Argument(help="Folder to write labels to; the same again goes on.")],
    teacher: Annotated[
        str,
        typer.Option(
            help="The larger model: https://HOST/v1#NAME, or file:…", envvar="ABAX_TEACHER", show_envvar=True
        ),
    ] = "",
    kind: Annotated[
        str, typer.Option("--type", help="The type of all documents, such as supplier_invoice.")
    ] = "",
    requests: Annotated[int | None, typer.Option(min=1, help="Ask the teacher at most so often.")] = None,
    tokens: Annotated[
        int | None, typer.Option(min=1, help="At most so many tokens, of prompts and answers together.")
    ] = None,
    ocr: Annotated[str, typer.Option(help="rapidocr, tesseract or none; else the best that is here.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Have a larger model label documents, and keep what holds: the folder is what training reads
    (--corrections).

    A value that a document does not print is dropped; a document that says two things of itself, whose sums
    do not add up, or of which nothing is left is refused and listed in refused.jsonl.

    Exit code 3 where the budget was spent first: the same command goes on.
    """
    from abax.adapters.ocr import choose
    from abax.learning.distil import Budget, Distiller, files_of

    if not teacher or teacher == "none:":
        raise TeacherNeeded
    house, meant = edge(home_of(home)), _kind(kind)
    files = files_of(source, target)
    with _bar(len(files)) as progress:
        made = Distiller(
            teacher_model(teacher, house.services.objects, house.secrets),
            target,
            Budget(requests, tokens),
            meant,
            choose(ocr),
            progress,
        )
        report = made.run(files)
    print_json(report.as_dict()) if as_json else _print(report, target)
    if report.left:
        raise typer.Exit(LEFT)


def _kind(given: str) -> DocumentType | None:
    from abax.documents.contracts import DocumentType

    known = [kind.value for kind in DocumentType if kind is not DocumentType.UNKNOWN]
    if given and given not in known:
        raise InvalidRequest(f"there is no {given!r}; there are {', '.join(known)}", "type")
    return DocumentType(given) if given else None


def _print(report: Report, target: Path) -> None:
    out = terminal.console()
    out.print(
        f"{report.labelled:,} of {report.documents:,} labelled in {target}, {report.known:,} were known;"
        f" {report.values:,} values, {report.dropped:,} that no document prints were dropped",
        markup=False,
        soft_wrap=True,
    )
    for why, count in report.refused.most_common():
        out.print(f"{count:,} refused: {why}", markup=False)
    if report.failed:
        out.print(f"{report.failed:,} without a usable answer: the same command asks again", markup=False)
    if report.left:
        out.print(f"{report.left:,} left: the budget is spent, the same command goes on", markup=False)
    out.print(f"{report.requests:,} requests, {report.tokens:,} tokens", markup=False)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[Report], None]]:
    """Progress on standard error: a bar in a terminal, nothing elsewhere."""
    console = terminal.console(stderr=True)
    columns = (TextColumn("labelling"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda report: bar.advance(task)
