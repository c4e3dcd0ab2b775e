"""``abax mail train`` and ``abax mail suggest``: a company teaches its own categories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from abax import terminal
from abax.commands.common import AsJson, print_json
from abax.errors import InvalidRequest

if TYPE_CHECKING:
    from abax.mail.classifier import Classifier, Embedder

EMBEDDINGS_HELP: Final = (
    "Look at a language model's view of the texts as well: default, or a GGUF file. Slower the first time "
    "(vectors are kept in the cache folder, with hashes for texts), a little better."
)


def train(
    folder: Annotated[
        Path,
        typer.Argument(help="Labelled examples: *.jsonl, *.csv, *.tsv, or a folder of mails for each label."),
    ],
    out: Annotated[Path, typer.Option(help="The file to write, such as category.npz.")],
    task: Annotated[
        str,
        typer.Option(
            help="What of labelled mails to learn: category, department, sentiment, urgency, action."
        ),
    ] = "category",
    name: Annotated[str, typer.Option(help="What the classifier is called; else as its file.")] = "",
    strength: Annotated[
        float | None, typer.Option(min=0.001, help="How much each example counts; else what has proved good.")
    ] = None,
    embeddings: Annotated[str, typer.Option(help=EMBEDDINGS_HELP)] = "",
    as_json: AsJson = False,
) -> None:
    """Teach a classifier your own labels from examples, in seconds.

    [bold]*.csv, *.tsv[/]: a heading with the columns text and label (or
    category); without a heading the label first, then the text.

    [bold]*.jsonl[/]: {"text": …, "label": …} a line; or a mail a line, {"id",
    "from", "to", "subject", "body", "truth": {"category": …}}, of which
    --task says what to learn.

    [bold]Folders[/]: one for each label, a mail a file.

    It is judged on examples that it has not learnt from. Near copies are
    kept out together, so that what is right tells of wordings it has not
    seen: of many copies of few texts that is less than one might expect.

    Of short texts the file keeps which words each example had, as hashes:
    give it to nobody who may not know them.
    """
    import time
    from dataclasses import replace

    from abax.mail import learning
    from abax.mail.datasets import FIELDS, dataset_of

    if task not in FIELDS:
        raise InvalidRequest(f"{task!r} is none of {', '.join(FIELDS)}", "task")
    dataset = dataset_of(folder)
    examples = dataset.of_field(task)
    settings = learning.settings_for(task if dataset.mails else dataset.task)
    if strength is not None:
        settings = replace(settings, strength=strength)
    begun = time.perf_counter()
    embed = embedder_of(embeddings)
    vectors = None
    if embed is not None:
        vectors = learning.Vectors(embed.name, embed([one.text for one in examples]))
    model = learning.train(examples, name or out.stem, settings, vectors)
    content = model.dump()
    out.write_bytes(content)
    facts = {
        "file": str(out),
        "bytes": len(content),
        "seconds": round(time.perf_counter() - begun, 2),
        "different": len({one.group or one.text for one in examples}),
        **model.known,
    }
    print_json(facts) if as_json else _print_training(model, facts)


def _print_training(model: Classifier, facts: dict[str, object]) -> None:
    out = terminal.console()
    out.print(
        f"{facts['file']}: {len(model.labels)} labels from {facts['examples']} examples in"
        f" {facts['seconds']} s, {facts['bytes']:,} bytes",
        markup=False,
    )
    if facts["different"] != facts["examples"]:
        out.print(
            f"{facts['different']} of the examples differ; the others are nearly copies of them, which were"
            " kept out together",
            markup=False,
        )
    out.print(
        f"on examples kept out of the training: {facts['accuracy']:.1%} right,"
        f" calibration error {facts['ece']:.3f}",
        markup=False,
    )


def suggest(
    model: Annotated[str, typer.Argument(help="A classifier's file, or one that ships: category, spam, …")],
    folder: Annotated[Path, typer.Argument(help="Mails or texts without labels.")],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    embeddings: Annotated[str, typer.Option(help=EMBEDDINGS_HELP)] = "",
    as_json: AsJson = False,
) -> None:
    """List what to label next: texts that a classifier is least sure of, no two of them alike."""
    from abax.mail.classifier import Classifier
    from abax.mail.datasets import unlabelled
    from abax.mail.suggest import suggest as chosen

    named = unlabelled(folder)
    classifier = Classifier.load(model)
    found = chosen([text for _, text in named], classifier, count, embedder_of(embeddings))
    if as_json:
        print_json(
            [
                {
                    "name": named[one.place][0],
                    "text": one.text,
                    "doubt": one.doubt,
                    "likeliest": dict(one.likeliest),
                }
                for one in found
            ]
        )
        return
    table = Table("name", "text", "likeliest", box=None, pad_edge=False)
    for one in found:
        likeliest = ", ".join(f"{label} {share:.0%}" for label, share in one.likeliest)
        table.add_row(Text(named[one.place][0]), Text(" ".join(one.text.split())[:90]), Text(likeliest))
    terminal.console().print(table)


def embedder_of(given: str) -> Embedder | None:
    """What makes vectors: the default model, or a GGUF file; None for an empty name. Vectors are kept in the
    cache folder, so that no text is looked at twice."""
    if not given or given == "none:":
        return None
    from abax.adapters.embeddings import RuntimeEmbedder, vectors_folder

    path = None if given == "default" else Path(given.removeprefix("file:"))
    return RuntimeEmbedder(path, kept=vectors_folder(), progress=_bar)


@contextmanager
def _bar(texts: int) -> Iterator[Callable[[int], None]]:
    """How many texts have their vectors: a bar in a terminal, nothing elsewhere."""
    from rich.progress import Progress

    console = terminal.console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("looking at texts", total=texts)
        yield lambda done: bar.update(task, completed=done)
