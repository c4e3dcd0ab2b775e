"""``abax mail settings``: how a house handles its mail, as a file of TOML."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from abax import terminal
from abax.commands.common import Home, home_of, print_json, read
from abax.compose import Edge, edge
from abax.errors import InvalidRequest, UnknownSecret
from abax.settings import LocalSettings

if TYPE_CHECKING:
    from abax.ports import ObjectStore
    from abax.workflow.mail_practice import Practice

TOGETHER: Final = frozenset({"taxonomy", "rules", "classifiers", "tickets"})
"""Settings that must go together."""


def settings(
    file: Annotated[
        Path | None,
        typer.Argument(help="TOML: own, own_name, tone, tickets, answers, taxonomy, rules, classifiers …"),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Print a file of all keys, their defaults, and what they do.")
    ] = False,
    home: Home = None,
) -> None:
    """Show how mail is handled here, or change what a file names; files that it names are kept.

    What a file leaves out stays as it was; an empty text, or a table with nothing below it, is the default
    again. [bold]--example[/] prints all keys.
    """
    if example:
        typer.echo(example_file(), nl=False)
        return
    from abax.workflow.mail_practice import practice_of

    house = edge(home_of(home))
    if file is not None:
        _change(house, file)
    print_json(practice_of(house.mail.records).model_dump(mode="json"))


def _change(house: Edge, file: Path) -> None:
    """Set what a file names. Raises InvalidRequest, and changes nothing then."""
    from abax.workflow.mail_desk import require_together
    from abax.workflow.mail_practice import changed_practice, set_practice

    try:
        changes = tomllib.loads(read(file))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"{file} is no TOML: {error}", "file") from None
    records, network = house.mail.records, LocalSettings.from_env().callback_network
    changed_practice(records, changes, network)  # by their form, before any file is read
    kept = _with_files(house.services.objects, file.parent, changes)
    practice = changed_practice(records, kept, network)
    if TOGETHER & kept.keys():
        require_together(house.services.objects, practice)
    set_practice(records, kept, network)
    _say_what_is_missing(house, practice)


def _with_files(objects: ObjectStore, folder: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, with the keys of objects where they name files. An empty name is none."""
    from abax.workflow.mail_practice import FILES, keep_file

    kept = dict(changes)
    for name in FILES & changes.keys():
        if changes[name]:
            kept[name] = keep_file(objects, name, _checked(name, folder / changes[name]))
    if "classifiers" in changes:
        kept["classifiers"] = {
            task: keep_file(objects, task, _classifier(folder / path))
            for task, path in changes["classifiers"].items()
            if path
        }
    return kept


def _classifier(path: Path) -> bytes:
    """A classifier's file, as abax mail train writes it. Raises InvalidRequest where it is none."""
    from abax.mail.classifier import Classifier

    if not path.is_file():
        raise InvalidRequest(f"there is no {path}", "classifiers")
    Classifier.load(path)
    return path.read_bytes()


def _checked(name: str, path: Path) -> bytes:
    """The content of a taxonomy or of rules. Raises InvalidRequest where it is none; whether rules go with
    the taxonomy is seen when both are known."""
    from abax.mail.taxonomy import Taxonomy

    content = read(path).encode()
    if name == "taxonomy":
        Taxonomy.read(path)
    return content


def _say_what_is_missing(house: Edge, practice: Practice) -> None:
    """What has still to be done elsewhere before all of it works."""
    from abax.adapters.tickets import MAILTO, TICKET_SECRET

    out = terminal.console(stderr=True)
    if any(not where.startswith(MAILTO) for where in practice.tickets.values()):
        try:
            house.secrets.get(TICKET_SECRET)
        except UnknownSecret:
            out.print(
                f"tickets are signed with the key of the secret {TICKET_SECRET}, which is not there yet:"
                f" abax secret put {TICKET_SECRET} --key …",
                markup=False,
                soft_wrap=True,
            )
    if not practice.own:
        out.print("no address is set that answers come from (own): no reply can be approved", markup=False)


# --- an example -----------------------------------------------------------------------------------------

HEAD: Final = """\
# How mail is handled here: abax mail settings FILE. Every key stands here with its default behind a #:
# take that away, and change what is to be different. What is left out stays as it was before.
"""

ABOUT: Final[Mapping[str, str]] = {
    "own": "Address that answers come from; without one no reply can be approved.",
    "own_name": "Name beside it.",
    "company": "Who signs answers; empty: the company of the newest close.",
    "own_addresses": "All other addresses of ours: what comes from them is never answered.",
    "tone": "How answers speak: formal, friendly or firm.",
    "language": "Of those who read what triage says: en, de, fr, es, it, nl or pl.",
    "mask": "Whether personal data is masked in what a model is shown, and on pages of mail.",
    "taxonomy": "File of categories and departments of your own, beside this one; empty: those that ship.",
    "rules": "File of rules of your own; with a taxonomy of your own they are the only ones.",
    "answers": "What may be sent without a person: nothing by default.",
    "answers.domain_a_day": "Most automatic answers to one domain a day; one address has one a day.",
    "answers.known_by": "How a sender must be known to be told of an account: contact (an address on record),"
    " domain (it bears a partner's name).",
    "answers.kinds": "Kinds of reply, with the least confidence of the reply and of its message's category.",
    "policy": "From when on something is sure.",
    "policy.sure": "A category that is less sure goes to a person.",
    "policy.ask_below": "What is less sure is asked of a language model that may decide it.",
    "policy.trust": "How sure an answer of the model is.",
    "policy.large_amount": "An amount from which on a message is more urgent, in any currency.",
    "policy.quoted": "Letters of a message that a model is shown.",
    "policy.decides": "By model, or * for any: category, sentiment, urgency, action.",
    "policy.sorting": "A model with the adapter triage is asked for what is less sure than below, by task "
    "({category = 0.5}), and is as sure as right says; training.adapters.weigh measures both.",
    "tickets": "Where tickets go, by queue: * for the rest. What is posted is signed with the key of a"
    " secret: abax secret put abax/mail/tickets --key KEY. Addresses of the house and plain http are allowed"
    " by ABAX_CALLBACK_NETWORK=private.",
    "contacts": "Addresses on record, or @domain, and whose they are, as the books name the partner.",
    "classifiers": "Classifiers of your own, as abax mail train makes them, by task: category, spam,"
    " sentiment, urgency, action.",
}
"""What every key does, in the order of the file: tables after the rest."""

SAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "answers.kinds": ("receipt = 0.9",),
    "policy.decides": ('"*" = ["category"]',),
    "tickets": (
        '"*" = "https://desk.your-company.example/tickets"',
        'support = "mailto:support@your-company.example"',
    ),
    "contacts": ('"ana@customer.example" = "Customer Ltd"', '"@supplier.example" = "Supplier GmbH"'),
    "classifiers": ('category = "category.npz"',),
}
"""What may stand in tables that are empty by default."""


def example_file() -> str:
    """All keys with their defaults and what they do, as TOML that changes nothing: keys and tables stand
    behind ``#``, samples behind ``#   ``, and comments behind ``# ``."""
    defaults = _defaults()
    return HEAD + "".join(f"{line}\n" for name in ABOUT for line in _shown(name, defaults[name]))


def _defaults() -> dict[str, Any]:
    """By key; those of tables by their path, after the table itself."""
    from abax.mail.desk import Policy
    from abax.workflow.mail_practice import Practice

    found = Practice().model_dump(mode="json")
    found["policy"] = Policy().model_dump(mode="json") | {"large_amount": int(Policy().large_amount)}
    inner = {f"{table}.{key}": one for table in ("answers", "policy") for key, one in found[table].items()}
    return found | inner


def _shown(name: str, default: Any) -> Iterator[str]:
    key = name.rpartition(".")[2]
    yield ""
    yield from (f"# {line}" for line in textwrap.wrap(ABOUT[name], _WIDTH))
    if isinstance(default, dict):
        yield f"#[{name}]"
        yield from (f"#{key} = {{}}" for key in default if f"{name}.{key}" not in ABOUT)
    else:
        yield f"#{key} = {_toml(default)}"
    yield from (f"#   {sample}" for sample in SAMPLES.get(name, ()))


_WIDTH: Final = 100
"""Letters of a line of a comment."""


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
