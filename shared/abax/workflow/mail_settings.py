"""Whether mail settings make sense, beyond their form: what they name must be there, and fit together.

It is looked at when they are changed, and at what is changed alone: what was set before is read as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from abax.errors import InvalidRequest, listed, nearest
from abax.mail.contracts import Sentiment, Urgency
from abax.workflow.texts import require_allowed

if TYPE_CHECKING:
    from abax.mail.classifier import Classifier
    from abax.mail.rules import Rules
    from abax.mail.taxonomy import Taxonomy

KNOWN_BY: Final = ("contact", "domain")
"""How a sender may be known, the surest first: by an address on record, or a domain that bears a partner's
name."""
LABELS: Final[Mapping[str, Collection[str]]] = {
    "spam": ("ham", "spam"),
    "action": ("no", "yes"),
    "sentiment": tuple(map(str, Sentiment)),
    "urgency": tuple(map(str, Urgency)),
}
"""What classifiers of each task may say; those of ``category`` say what the taxonomy has."""
TASKS: Final = ("category", *LABELS)
REST: Final = "*"


def require_sound(changes: Mapping[str, Any], network: str = "public") -> None:
    """Raises InvalidRequest for settings of the right form that name what there is not, or no address.
    ``network`` ``private`` lets tickets go to addresses of the house, and by plain http."""
    for name, check in _CHECKS.items():
        if name in changes:
            check(changes[name])
    for queue, where in changes.get("tickets", {}).items():
        _require_place(queue, where, network)


def meant(given: str, known: Iterable[str], what: str = "") -> str:
    """What is said of a name that is not known: the one that was probably meant, or all that there are."""
    names = list(known)
    near = nearest(given, names)
    return f"there is no such {what or 'field'}; " + (
        f"did you mean {near}?" if near else f"there are {listed(names, 20)}"
    )


# --- one by one -----------------------------------------------------------------------------------------


def _address(value: str, field: str) -> None:
    from abax.mail.reply_bytes import is_address

    if not is_address(value):
        raise InvalidRequest(f"{value!r} is no mail address such as ar@your-company.example", field)


def _addresses(values: Iterable[str]) -> None:
    for value in values:
        _address(value, "own_addresses")


def _contacts(contacts: Mapping[str, str]) -> None:
    for address, partner in contacts.items():
        _address(f"any{address}" if address.startswith("@") else address, "contacts")
        if not partner.strip() or not partner.isprintable():
            raise InvalidRequest(f"{address} names no partner", "contacts")


def _answers(answers: Mapping[str, Any]) -> None:
    from abax.mail.reply_kinds import Kind

    for kind in answers.get("kinds", {}):
        if kind not in list(Kind):
            raise InvalidRequest(f"{kind!r}: {meant(kind, list(Kind), 'kind of reply')}", "answers.kinds")
    for how in answers.get("known_by", ()):
        if how not in KNOWN_BY:
            raise InvalidRequest(f"{how!r}: {meant(how, KNOWN_BY, 'way to be known')}", "answers.known_by")


def _tasks(classifiers: Mapping[str, str]) -> None:
    for task in classifiers:
        if task not in TASKS:
            raise InvalidRequest(f"{task!r}: {meant(task, TASKS, 'task')}", "classifiers")


_CHECKS: Final[Mapping[str, Callable[[Any], None]]] = {
    "own": lambda value: _address(value, "own") if value else None,
    "own_addresses": _addresses,
    "contacts": _contacts,
    "answers": _answers,
    "classifiers": _tasks,
}


def _require_place(queue: str, where: str, network: str) -> None:
    field = f"tickets.{queue}"
    if where.startswith("mailto:"):
        _address(where.removeprefix("mailto:"), field)
        return
    try:
        require_allowed(where, network)
    except InvalidRequest as error:
        said = str(error).removeprefix("callback: ")
        raise InvalidRequest(f"{where!r} {said}, or mailto: with an address", field) from None


# --- together -------------------------------------------------------------------------------------------


def require_queues(tickets: Mapping[str, str], taxonomy: Taxonomy, rules: Rules) -> None:
    """Raises InvalidRequest for tickets of a queue that neither the taxonomy nor a rule has."""
    known = {taxonomy.queue(one.name): None for one in taxonomy.departments}
    known |= {rule.then.queue: None for rule in rules.rules if rule.then.queue}
    for queue in tickets:
        if queue != REST and queue not in known:
            raise InvalidRequest(meant(queue, [*known, REST], "queue"), f"tickets.{queue}")


def unfit(task: str, classifier: Classifier, taxonomy: Taxonomy) -> str:
    """Why a classifier cannot be used for a task, for it says what nobody knows; empty where it can."""
    known = taxonomy.names if task == "category" else LABELS.get(task, ())
    strange = [label for label in classifier.labels if label not in known]
    if not strange:
        return ""
    whose = f"the taxonomy {taxonomy.label}" if task == "category" else f"what a classifier of {task} says"
    return (
        f"its labels {listed(strange)} are not in {whose}, which has {listed(known, 20)}"
        f"{'; name the taxonomy that it was trained for as well' if task == 'category' else ''}"
    )
