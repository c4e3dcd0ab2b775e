"""Deals beside the books: those that are not in them yet, and when each is paid once its notes are read.

::

    deals ──► invoice in the books? it counts there ──► rules ──► unsure? notes ──► a model for the rest
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from abax.errors import listed
from abax.forecast import cash
from abax.forecast.cash import Prediction
from abax.forecast.days_to_pay import PaymentHistory
from abax.forecast.deals import Deal, Practice, Said
from abax.ledger.model import PartnerAccounts, PartnerItem

if TYPE_CHECKING:
    from abax.workflow.cashflow_notes import Unread
    from abax.writing.client import Client

MOST_ASKED: Final = 40
"""Deals whose notes a model is asked about, the largest: an answer is waited for."""
_NEAR: Final = timedelta(days=3)
"""Between what a deal and the books have as the day of an invoice that may be the same."""
_NOBODY: Final = "no language model was asked"


def not_booked(deals: Sequence[Deal], known: PartnerAccounts) -> tuple[list[Deal], list[str]]:
    """The deals whose invoice is not in the books, where it counts already, and what is to be said of others:
    those that are left out, and those that may be there twice."""
    booked = {item.number: item for item in known.items if item.side == "receivable"}
    left, warnings = [], []
    for deal in deals:
        item = booked.get(deal.invoice) if deal.invoice else None
        if item is not None:
            what = "is among the open items, and counts there" if item.residual else "is settled"
            warnings.append(f"deal {deal.id}: its invoice {item.number} {what}")
            continue
        left.append(deal)
        if deal.invoice:
            warnings.append(f"deal {deal.id}: the books have no invoice {deal.invoice}; its own days count")
        elif twins := [item.number for item in booked.values() if _is_like(item, deal, known.currency)]:
            warnings.append(f"deal {deal.id} may be invoiced and count twice: {listed(twins)} is as much")
    return left, warnings


def _is_like(item: PartnerItem, deal: Deal, currency: str) -> bool:
    day = deal.invoiced_on
    return (
        day is not None
        and bool(item.residual)
        and (item.partner, item.gross, currency) == (deal.partner, deal.amount, deal.currency)
        and abs(item.posting_date - day) <= _NEAR
    )


@dataclass(frozen=True)
class ReadDeals:
    """Deals as they are expected, once their notes are read."""

    predictions: Sequence[Prediction]
    said: Sequence[Said] = ()
    """What counted of notes."""
    told: Sequence[str] = ()
    """How they were read."""


def read_deals(
    deals: Sequence[Deal], practice: Practice, history: PaymentHistory, client: Client | None
) -> ReadDeals:
    """By rules, and by notes where rules are unsure and nobody promised a day. Raises KeyError for a stage
    that the practice does not have."""
    usual = {deal.id: cash.of_deal(deal, practice, history) for deal in deals}
    noted = [
        deal
        for deal in deals
        if deal.notes.strip() and deal.promised is None and usual[deal.id].confidence < practice.unsure_below
    ]
    if not noted:
        return ReadDeals([*usual.values()])
    from abax.workflow.cashflow_notes import Unread, read

    found = {deal.id: read(deal, practice, history.as_of) for deal in noted}
    said = {key: one for key, one in found.items() if isinstance(one, Said)}
    unread = [one for one in found.values() if isinstance(one, Unread)]
    answers, told = _asked(unread, practice, history, client)
    told = [_how_read(len(noted), len(said), len(unread)), *told]
    said |= {key: one for key, one in answers.items() if isinstance(one, Said)}
    left = {key: one for key, one in answers.items() if isinstance(one, str)}
    by_id = {deal.id: deal for deal in deals}
    now = {key: cash.of_deal(by_id[key], practice, history, one) for key, one in said.items()}
    return ReadDeals([_warned(now.get(key, one), left) for key, one in usual.items()], [*said.values()], told)


def _asked(
    unread: Sequence[Unread], practice: Practice, history: PaymentHistory, client: Client | None
) -> tuple[dict[str, Said | str], list[str]]:
    """What a model makes of notes that rules cannot read, by the deal's id, or why nothing; and how many it
    was asked about."""
    answers: dict[str, Said | str] = {one.deal.id: _NOBODY for one in unread}
    if not unread:
        return answers, []
    if client is None:
        return answers, [f"{_NOBODY} about the latter: the rules stand"]
    from abax.workflow.cashflow_notes import ask

    largest = sorted(unread, key=lambda one: -one.deal.amount)[:MOST_ASKED]
    answers |= ask(largest, practice, history.as_of, client)
    count = sum(isinstance(one, Said) for one in answers.values())
    return answers, [f"a language model was asked about {len(largest)}: {count} answers count"]


def _how_read(noted: int, plain: int, unread: int) -> str:
    rest = noted - plain - unread
    parts = [f"{plain} say plainly when it is invoiced or paid", f"{unread} name days and do not say so"]
    parts += [f"{rest} name no day to come"] if rest else []
    return f"notes of {noted} deals that rules are unsure of were read: {', '.join(parts)}"


def _warned(one: Prediction, left: Mapping[str, str]) -> Prediction:
    """With the reason why days in its notes do not count."""
    if one.key not in left:
        return one
    why = f"rules cannot say which of the days in its notes is meant, and {left[one.key]}"
    return replace(one, warnings=(*one.warnings, why))
