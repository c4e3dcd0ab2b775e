"""Whether a candidate may be published: no worse on every frozen evaluation, and better on at least one.

Both adapters answer the same documents, so they are compared in pairs. Where most scores are right or wrong
this is McNemar's test (Note on the sampling error of the difference between correlated proportions, 1947) in
its exact form; scores in between make it the sign test (Dixon and Mood, The statistical sign test, 1946),
which is the same sum: if neither is better, each difference is as likely to go one way as the other, so of
``n`` that are not nought as many as ``k`` or more go one way with the probability

    p = sum of C(n, i) / 2**n  for i from k to n

*Worse* is a mean that drops by more than the tolerance, or any drop whose p is at most alpha. *Better* is a
higher mean whose p is at most alpha divided by the number of evaluations (Bonferroni), since each of them is
another chance to look better by luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import comb
from typing import Final

from pydantic import BaseModel, ConfigDict

from abax.errors import InvalidRequest, listed
from abax.learning.results import Results, paired

TOLERANCE: Final = 0.005
"""How far a mean may drop."""
ALPHA: Final = 0.05
_NOISE: Final = 1e-9
"""Differences below it are rounding."""


class Verdict(StrEnum):
    """What a comparison says."""

    BETTER = "better"
    SAME = "no worse"
    WORSE = "worse"


class Compared(BaseModel):
    """A candidate beside another on one evaluation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluation: str
    set_sha256: str
    documents: int
    groups: int
    candidate: float
    """The mean of its scores."""
    other: float
    wins: int
    """Groups in which the candidate is better."""
    losses: int
    p_better: float
    p_worse: float
    verdict: Verdict


class Decision(BaseModel):
    """What the guard says of a candidate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: bool
    reasons: tuple[str, ...]
    against: int | None = None
    """The version that it was compared with; None is what ships."""
    tolerance: float = TOLERANCE
    alpha: float = ALPHA
    evaluations: tuple[Compared, ...] = ()


def sign_p(wins: int, losses: int) -> float:
    """How likely at least so many wins are where either way is as likely: the exact upper tail of the
    binomial distribution, computed in whole numbers. 1 where nothing differs."""
    count = wins + losses
    chances: int = sum(comb(count, one) for one in range(wins, count + 1))
    return float(chances / 2**count)


def compare(
    candidate: Results,
    other: Results,
    *,
    tolerance: float = TOLERANCE,
    alpha: float = ALPHA,
    evaluations: int = 1,
) -> Compared:
    """A candidate beside another on one evaluation, one of so many. Raises InvalidRequest for results of
    different documents."""
    differences = paired(candidate, other)
    wins = sum(one > _NOISE for one in differences)
    losses = sum(one < -_NOISE for one in differences)
    better, worse = sign_p(wins, losses), sign_p(losses, wins)
    change = candidate.mean - other.mean
    if change < -tolerance - _NOISE or (change < -_NOISE and worse <= alpha):
        verdict = Verdict.WORSE
    elif change > _NOISE and better <= alpha / evaluations:
        verdict = Verdict.BETTER
    else:
        verdict = Verdict.SAME
    return Compared(
        evaluation=candidate.evaluation,
        set_sha256=candidate.set_sha256,
        documents=len(candidate.units),
        groups=len(differences),
        candidate=round(candidate.mean, 6),
        other=round(other.mean, 6),
        wins=wins,
        losses=losses,
        p_better=better,
        p_worse=worse,
        verdict=verdict,
    )


def decide(
    candidate: Sequence[Results],
    other: Sequence[Results],
    *,
    against: int | None = None,
    tolerance: float = TOLERANCE,
    alpha: float = ALPHA,
) -> Decision:
    """What is to become of a candidate, by all frozen evaluations, each of which must have judged both.

    Raises:
        InvalidRequest: there is none, one judged only one of them, or other documents.
    """
    ours, theirs = _by_evaluation(candidate), _by_evaluation(other)
    if not ours or ours.keys() != theirs.keys():
        lacking = listed(sorted(ours.keys() ^ theirs.keys())) or "no evaluation at all"
        raise InvalidRequest(f"candidate and live version must both be judged on {lacking}", "results")
    compared = tuple(
        compare(ours[name], theirs[name], tolerance=tolerance, alpha=alpha, evaluations=len(ours))
        for name in sorted(ours)
    )
    worse = [one for one in compared if one.verdict is Verdict.WORSE]
    better = [one for one in compared if one.verdict is Verdict.BETTER]
    reasons = [_told(one) for one in (worse or better)]
    if not worse and not better:
        reasons = ["better on none of the evaluations", *(_told(one) for one in compared)]
    return Decision(
        accepted=bool(better) and not worse,
        reasons=tuple(reasons),
        against=against,
        tolerance=tolerance,
        alpha=alpha,
        evaluations=compared,
    )


def _by_evaluation(results: Sequence[Results]) -> dict[str, Results]:
    found = {one.evaluation: one for one in results}
    if len(found) != len(results):
        raise InvalidRequest("an evaluation is there twice", "results")
    return found


def _told(one: Compared) -> str:
    p = one.p_worse if one.verdict is Verdict.WORSE else one.p_better
    return (
        f"{one.verdict} on {one.evaluation}: {one.candidate:.1%} after {one.other:.1%} of {one.documents}"
        f" documents, {one.wins} groups won, {one.losses} lost (p {p:.2g})"
    )
