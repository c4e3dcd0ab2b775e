"""What the guard lets pass: exact tests on pairs, a tolerance, and no luck in numbers."""

from __future__ import annotations

from math import comb

import pytest
from abax.errors import InvalidRequest
from abax.learning.guard import Verdict, compare, decide, sign_p
from abax.learning.results import Results, Unit, paired
from hypothesis import given
from hypothesis import strategies as st

from tests.support.learning import results

SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


def test_the_sign_test_is_the_exact_tail_of_the_binomial_distribution() -> None:
    assert sign_p(0, 0) == 1.0
    assert sign_p(5, 0) == 1 / 32
    assert sign_p(8, 2) == pytest.approx((comb(10, 8) + comb(10, 9) + 1) / 1024)


@given(st.integers(0, 200), st.integers(0, 200))
def test_winning_is_as_likely_as_not_losing(wins: int, losses: int) -> None:
    assert 0 < sign_p(wins, losses) <= 1
    assert sign_p(wins, losses) + sign_p(losses + 1, wins - 1) == pytest.approx(1) if wins else True
    assert sign_p(wins + 1, losses) <= sign_p(wins, losses)


@given(SCORES)
def test_the_same_answers_are_never_better_nor_worse(scores: list[float]) -> None:
    found = compare(results(scores), results(scores))
    assert (found.verdict, found.wins, found.losses) == (Verdict.SAME, 0, 0)


@given(SCORES, st.randoms(use_true_random=False))
def test_a_candidate_whose_mean_drops_beyond_the_tolerance_is_never_published(
    scores: list[float], random
) -> None:  # type: ignore[no-untyped-def]
    other = [random.choice([0.0, 0.5, 1.0]) for _ in scores]
    decision = decide([results(scores)], [results(other)])
    [found] = decision.evaluations
    if found.candidate < found.other - 0.0051:
        assert not decision.accepted and found.verdict is Verdict.WORSE
    if decision.accepted:
        assert found.candidate > found.other and found.p_better <= 0.05


def test_five_documents_more_right_of_sixty_are_better_and_four_could_be_luck() -> None:
    before = [0.0] * 10 + [1.0] * 50
    for gained, wanted in ((4, False), (5, True)):
        after = [1.0] * gained + [0.0] * (10 - gained) + [1.0] * 50
        decision = decide([results(after)], [results(before)])
        assert decision.accepted is wanted
        assert decision.evaluations[0].wins == gained


def test_better_on_one_evaluation_does_not_make_up_for_worse_on_another() -> None:
    better, worse = [1.0] * 20, [0.0] * 10 + [1.0] * 10
    ours = [results(better, "receipts"), results(worse, "invoices")]
    theirs = [results(worse, "receipts"), results(better, "invoices")]
    decision = decide(ours, theirs, against=4)
    assert not decision.accepted and decision.against == 4
    assert len(decision.reasons) == 1 and "worse on invoices: 50.0% after 100.0%" in decision.reasons[0]


def test_a_drop_within_the_tolerance_is_no_worse_unless_it_is_sure() -> None:
    many = [1.0] * 1000
    assert compare(results([0.0] * 4 + many[4:]), results(many)).verdict is Verdict.SAME
    assert compare(results([0.0] * 5 + many[5:]), results(many)).verdict is Verdict.WORSE  # p 1/32


def test_of_many_evaluations_one_must_be_better_beyond_luck() -> None:
    before, after = [0.0] * 5 + [1.0] * 20, [1.0] * 25  # p 1/32: enough alone, not among four
    names = ["a", "b", "c", "d"]
    ours = [results(after if name == "a" else before, name) for name in names]
    assert not decide(ours, [results(before, name) for name in names]).accepted
    assert decide(ours[:1], [results(before, "a")]).accepted


def test_documents_of_one_issuer_count_as_one() -> None:
    def grouped(score: float) -> Results:
        units = tuple(Unit(name=f"d{at}", score=score, group="acme") for at in range(30))
        return Results(evaluation="e", set_sha256="s", units=units)

    assert paired(grouped(1.0), grouped(0.0)) == [1.0]
    assert not decide([grouped(1.0)], [grouped(0.0)]).accepted


def test_what_was_judged_on_other_documents_is_not_compared() -> None:
    with pytest.raises(InvalidRequest, match="two different sets"):
        decide([results([1.0])], [results([1.0], set_="s2")])
    with pytest.raises(InvalidRequest, match="only one of the two was judged on d1"):
        decide([results([1.0])], [results([1.0, 0.0])])
    with pytest.raises(InvalidRequest, match="both be judged on b"):
        decide([results([1.0]), results([1.0], "b")], [results([1.0])])
    with pytest.raises(InvalidRequest, match="no evaluation at all"):
        decide([], [])
