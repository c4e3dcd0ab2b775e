from datetime import UTC, datetime, timedelta

import pytest
from abax.mail.contracts import Mailbox, Message
from abax.mail.threads import grouped, ids_in, is_answer, subject_of_thread, thread_id_of

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def note(
    number: int,
    sender: str,
    to: str,
    subject: str,
    days: float = 0,
    *,
    references: tuple[str, ...] = (),
    answers: str = "",
) -> Message:
    return Message(
        message_id=f"{number}@x.example",
        digest="",
        thread_id="",
        sender=Mailbox(address=f"{sender}@x.example"),
        subject=subject,
        to=(Mailbox(address=f"{to}@X.example"),),
        sent_at=START + timedelta(days=days),
        references=references,
        in_reply_to=answers,
    )


def numbers(threads: list[list[Message]]) -> list[list[int]]:
    return [[int(message.message_id.partition("@")[0]) for message in thread] for thread in threads]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["<a@x> <b@x>\t<a@x>"], ("a@x", "b@x")),
        (["Your message of Monday <a@x>"], ("a@x",)),
        (["a@x.example"], ("a@x.example",)),
        (["<a@x><b@x>"], ("a@x", "b@x")),
        (["<no id>", "< c@x >"], ("c@x",)),
        ([""], ()),
    ],
)
def test_ids_are_found_however_they_are_written(values: list[str], expected: tuple[str, ...]) -> None:
    assert ids_in(values) == expected


def test_of_very_many_references_the_first_and_the_last_stay() -> None:
    ids = ids_in([" ".join(f"<{n}@x>" for n in range(1_000))])
    assert (len(ids), ids[0], ids[-1]) == (200, "0@x", "999@x")


def test_a_thread_is_called_by_its_first_message() -> None:
    assert thread_id_of("3@x", "2@x", ("1@x", "2@x")) == "1@x"
    assert thread_id_of("3@x", "2@x", ()) == "2@x"
    assert thread_id_of("3@x", "", ()) == "3@x"


@pytest.mark.parametrize(
    "subject",
    [
        "Offer 12",
        "Re: Offer 12",
        "AW: WG: Offer 12",
        "RE[2]: Fwd: offer 12",
        "[EXTERNAL] Re : Offer  12",
        "Odp: PD: Offer 12",
        "R: I: Offer 12",
        "TR : RE : Offer 12",
        "RV: Offer 12",
        "Antw: Doorst: Offer 12",
        "*** SPAM *** Offer 12",
        "Réf : Offer 12",
        "POSTA CERTIFICATA: Offer 12",
    ],
)
def test_the_subject_of_a_thread_is_bare(subject: str) -> None:
    assert subject_of_thread(subject) == "offer 12"


def test_answers_are_told_by_their_subjects() -> None:
    assert all(map(is_answer, ["Re: x", "AW: x", "RE[3]: x", "[desk] Odp: x", "Rif: x"]))
    assert not any(map(is_answer, ["Fwd: x", "Return: x", "Receipt", "Reminder: x", "Ref: 12"]))


def test_ids_join_messages_in_whatever_order_they_come() -> None:
    threads = grouped(
        [
            note(3, "a", "b", "x", 3, references=("1@x.example", "2@x.example")),
            note(1, "a", "b", "x", 1),
            note(4, "c", "b", "y", 0),
            note(2, "b", "a", "x", 2, answers="1@x.example"),
        ]
    )
    assert numbers(threads) == [[4], [1, 2, 3]]


def test_answers_to_a_message_that_is_missing_are_one_thread() -> None:
    threads = grouped(
        [note(1, "a", "b", "x", answers="0@x.example"), note(2, "c", "b", "x", references=("0@x.example",))]
    )
    assert numbers(threads) == [[1, 2]]


def test_without_ids_the_same_people_and_subject_within_a_month_are_one_thread() -> None:
    first = note(1, "ann", "bob", "Order 12")
    assert numbers(grouped([first, note(2, "bob", "ann", "AW: Order 12", 29)])) == [[1, 2]]
    assert numbers(grouped([first, note(2, "ann", "bob", "Order 12", 5)])) == [[1, 2]]


def test_other_people_another_subject_or_another_time_are_another_thread() -> None:
    first = note(1, "ann", "bob", "Order 12")
    for other in (
        note(2, "eve", "bob", "Re: Order 12", 1),
        note(2, "bob", "ann", "Re: Order 13", 1),
        note(2, "bob", "ann", "Re: Order 12", 31),
    ):
        assert numbers(grouped([first, other])) == [[1], [2]]
    assert numbers(grouped([note(1, "ann", "bob", "Hi"), note(2, "bob", "ann", "Re: Hi")])) == [[1], [2]]


def test_long_chains_are_one_thread() -> None:
    chain = [note(n, "a", "b", "x", n / 1000, answers=f"{n - 1}@x.example") for n in range(5_000)]
    assert len(grouped(chain)) == 1
