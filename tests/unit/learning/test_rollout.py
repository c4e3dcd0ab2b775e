"""Which version answers, and when a trial ends: arithmetic on hashes and counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from abax.learning.registry import Change, Entry, Lineage, Status
from abax.learning.rollout import (
    Counts,
    Course,
    Limits,
    Plan,
    Seen,
    choose,
    counts_of,
    differing,
    verdict,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LINEAGE = Lineage(name="extract", file_sha256="a", file_bytes=1)


def entry(version: int, status: Status, share: float = 0.0) -> Entry:
    change = Change(number=version, version=version, status=status, by="x", at=NOW, share=share)
    return Entry(version, LINEAGE, status, share, history=(change,))


LIVE = entry(1, Status.LIVE)


@given(st.text(min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_the_same_key_meets_the_same_version_and_stays_in_a_share_that_grows(
    key: str, one: float, two: float
) -> None:
    small, large = sorted((one, two))
    before = choose(Plan("extract", LIVE, entry(2, Status.SHARE, small)), key)
    again = choose(Plan("extract", LIVE, entry(2, Status.SHARE, small)), key)
    after = choose(Plan("extract", LIVE, entry(2, Status.SHARE, large)), key)
    assert before == again
    assert before.answers is not None and after.answers is not None
    assert not (before.answers.version == 2 and after.answers.version == 1)


def test_a_share_is_about_that_share_and_another_for_the_next_version() -> None:
    keys = [f"document {number}" for number in range(4000)]
    sets = []
    for version in (2, 3):
        plan = Plan("extract", LIVE, entry(version, Status.SHARE, 0.2))
        sets.append({key for key in keys if choose(plan, key).answers is not LIVE})
        assert 700 < len(sets[-1]) < 900  # 800 expected, standard deviation 25
    assert 110 < len(sets[0] & sets[1]) < 210  # 160 if they are drawn apart


def test_a_shadow_answers_beside_and_never_instead() -> None:
    plan = Plan("extract", None, entry(2, Status.SHADOW))
    assert choose(plan, "k").answers is None
    assert choose(plan, "k").shadow is plan.trial
    assert choose(plan, "k", shadowed=0.0).shadow is None
    assert choose(Plan("extract", LIVE), "k").answers is LIVE


def test_differences_are_told_by_their_paths() -> None:
    ours = {"number": "1", "lines": [{"a": 1}, {"a": 2}], "seller": {"name": "x"}}
    theirs = {"number": "1", "lines": [{"a": 1}, {"a": 3}], "seller": {}, "date": "d"}
    assert differing(ours, theirs) == ["lines[1].a", "seller.name", "date"]
    assert differing([1, 2], [1]) == ["."] and differing("a", "a") == []


@given(
    st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_nothing_differs_from_itself(value: object) -> None:
    assert differing(value, value) == []


def seen(key: str, minutes: int = 0, **others: bool | tuple[str, ...]) -> Seen:
    return Seen(2, key, NOW + timedelta(minutes=minutes), **others)  # type: ignore[arg-type]


def test_a_document_of_several_windows_counts_once_and_what_was_before_the_phase_not_at_all() -> None:
    found = counts_of(
        [
            seen("a", -5, failed=True),
            seen("a"),
            seen("a", 1, failed=True),
            seen("b", differs=("x",)),
            seen("c"),
        ],
        2,
        NOW,
        frozenset({"c", "z"}),
    )
    assert found == Counts(answered=3, failed=1, differs=1, corrected=1)
    assert (found.failures, found.disagreement, found.corrections) == (1 / 3, 1 / 2, 1 / 3)


LIMITS = Limits(least=50, soon=10)


@pytest.mark.parametrize(
    ("trial", "other", "wanted", "why"),
    [
        (Counts(9, failed=9), Counts(), Course.STAY, "9 of 50"),
        (Counts(10, failed=2), Counts(), Course.BACK, "20.0% of 10 answers failed"),
        (Counts(10, failed=2), Counts(40, failed=8), Course.STAY, "10 of 50"),
        (Counts(60, corrected=6), Counts(60, corrected=1), Course.BACK, "were corrected"),
        (Counts(60, differs=40), Counts(), Course.BACK, "differ from the live version's"),
        (Counts(60, failed=1, corrected=2, differs=20), Counts(60, corrected=1), Course.ON, "60 answers"),
    ],
)
def test_a_drop_ends_a_trial_early_and_going_on_takes_enough_answers(
    trial: Counts, other: Counts, wanted: Course, why: str
) -> None:
    found = verdict(trial, other, LIMITS, timedelta(hours=1))
    assert found.course is wanted and why in found.why


def test_a_trial_that_nobody_asks_ends_and_a_live_version_stays() -> None:
    late = timedelta(days=20)
    assert verdict(Counts(3), Counts(), LIMITS, late).course is Course.BACK
    assert verdict(Counts(3), Counts(), LIMITS, late, live=True).course is Course.ON


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_more_failures_never_help(answered: int, failed: int, more: int) -> None:
    order = [Course.BACK, Course.STAY, Course.ON]
    few, many = (
        verdict(Counts(answered, failed=min(answered, count)), Counts(), LIMITS, timedelta(0)).course
        for count in (failed, failed + more)
    )
    assert order.index(many) <= order.index(few)
