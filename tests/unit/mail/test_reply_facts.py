"""Whose account a sender may ask about, and which items a message means."""

from __future__ import annotations

import pytest
from abax.mail.contracts import Books, Entity, Mailbox, Message, Open
from abax.mail.known import Known
from abax.mail.reply_accounts import Sender, accounts_of
from abax.mail.reply_facts import found_in, groups, is_number
from hypothesis import given
from hypothesis import strategies as st

from tests.support.replies import BOOKS, item, message, settled, triage_of, with_contacts

BERGMANN = "Bergmann Technik GmbH"


def sender_of(mail: Message, books: Books) -> Sender:
    return accounts_of(books).sender(mail)


def named_by(address: str, *partners: str) -> list[str]:
    """The partners whose name the domain bears; whose it is is not known by that."""
    books = Books(partners=partners)
    assert sender_of(message("", sender=address), books).partner == ""
    return accounts_of(books).bearing(address.rpartition("@")[2])


@pytest.mark.parametrize(
    ("address", "partner"),
    [
        ("a@bergmann-technik.example", BERGMANN),
        ("a@bergmanntechnik.example", BERGMANN),
        ("a@bergmann-technik-gmbh.example", BERGMANN),
        ("a@mail.bergmann-technik.co.uk", BERGMANN),
        ("a@bergmann.example", BERGMANN),
        ("a@mueller-soehne.example", "Müller & Söhne KG"),
        ("a@mullersohne.example", "Müller & Söhne KG"),
        ("a@lodz-stal.example", "Łódź Stal Sp. z o.o."),
        ("a@solaris.example", "Grupo Solaris S.L."),
        ("a@fleursdusud.example", "Fleurs du Sud SARL"),
    ],
)
def test_a_domain_that_bears_a_name_is_not_known_by_that_and_said_to_look_like_it(
    address: str, partner: str
) -> None:
    assert named_by(address, partner, "Somebody Else AG") == [partner]
    sender = sender_of(message("", sender=address), Books(partners=(partner,)))
    assert sender.resembles and partner in sender.why


@pytest.mark.parametrize(
    "address",
    [
        "a@elsewhere.example",
        "bergmann.technik@gmail.com",
        "a@bergmann-technik.evil.example",
        "a@bergmann-technik-zahlungen.example",
        "a@technik.example",
        "a@gmbh.example",
        "bergmann-technik.example@evil.example",
        "a@berg.example",
    ],
)
def test_a_domain_that_does_not_bear_the_name_is_not_known(address: str) -> None:
    assert named_by(address, BERGMANN) == []


@pytest.mark.parametrize(
    "domain",
    [
        "bergmann-technik.xyz",
        "bergmanntechnik.example",
        "bergmann-technik-zahlungen.example",
        "rechnung-bergmann-technik.example",
        "bergmann-technik.example.evil.com",
        "bergman-technik.example",
        "bergmann-tecknik.example",
        "bergmann-tehcnik.example",
        "bergrnann-technik.example",
        "bergmann-techn1k.example",
        "b\u0435rgmann-technik.example",
    ],
)
def test_a_domain_that_looks_like_one_on_record_is_told_nothing_and_told_of(domain: str) -> None:
    books = with_contacts((BERGMANN, "anna@bergmann-technik.example"))
    sender = sender_of(message("", sender=f"buchhaltung@{domain}"), books)
    assert (sender.partner, sender.resembles) == ("", True)
    assert domain in sender.why and "bergmann-technik.example" in sender.why


@pytest.mark.parametrize("domain", ["elsewhere.example", "gmail.com", "berg.example", "technik-shop.example"])
def test_other_domains_look_like_nobodys(domain: str) -> None:
    books = with_contacts((BERGMANN, "anna@bergmann-technik.example"), ("Kowal Sp. z o.o.", "berg@gmail.com"))
    sender = sender_of(message("", sender=f"a@{domain}"), books)
    assert (sender.partner, sender.resembles) == ("", False)


def test_colleagues_of_an_address_on_record_are_known_where_their_domain_bears_the_name() -> None:
    books = with_contacts(
        (BERGMANN, "anna@bergmann-technik.example"),
        (BERGMANN, "bergmann@gmail.com"),
        (BERGMANN, "tax@office.example"),
    )
    for address, how in (
        ("tax@office.example", "contact"),
        ("other@office.example", ""),
        ("anna@bergmann-technik.example", "contact"),
        ("otto@bergmann-technik.example", "domain"),
        ("otto@mail.bergmann-technik.example", "domain"),
        ("bergmann@gmail.com", "contact"),
        ("other@gmail.com", ""),
    ):
        assert sender_of(message("", sender=address), books).how == how


def test_a_display_name_tells_nothing() -> None:
    mail = message("", sender="x@evil.example").model_copy(
        update={"sender": Mailbox(address="x@evil.example", name=BERGMANN)}
    )
    assert sender_of(mail, BOOKS).partner == ""


def test_a_domain_that_two_partners_could_have_is_not_known() -> None:
    sender = sender_of(
        message("", sender="a@nordwind.example"), Books(partners=("Nordwind Handel KG", "Nordwind Bau AG"))
    )
    assert sender.partner == ""
    assert "Nordwind Bau AG or Nordwind Handel KG" in sender.why


def test_a_domain_with_addresses_of_two_partners_is_not_known_beyond_them() -> None:
    books = with_contacts((BERGMANN, "a@tax-office.example"), ("Kowal Sp. z o.o.", "b@tax-office.example"))
    assert sender_of(message("", sender="a@tax-office.example"), books).partner == BERGMANN
    sender = sender_of(message("", sender="c@tax-office.example"), books)
    assert (sender.partner, sender.resembles) == ("", False)


def test_the_whole_name_goes_before_a_part_of_another() -> None:
    assert named_by("a@nordwind.example", "Nordwind AG", "Nordwind Bau AG") == ["Nordwind AG"]


def test_an_address_on_record_goes_before_names() -> None:
    books = with_contacts(("Kowal Sp. z o.o.", "@bergmann-technik.example"))
    assert sender_of(message(""), books).partner == "Kowal Sp. z o.o."


def found(
    text: str, *numbers: str, subject: str = "", quoted: str = ""
) -> tuple[list[tuple[str, str]], list[str]]:
    mail = message(text, subject=subject, quoted=quoted)
    result = found_in(mail, triage_of(mail, numbers=numbers), accounts_of(BOOKS).entries(BERGMANN))
    return [(match.entry.number, match.how) for match in result.matches], list(result.unknown)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("INV-2041", ("INV-2041",)),
        ("inv 2041 please", ("inv 2041",)),
        ("our INV/2041.", ("INV/2041",)),
        ("INV2041", ("INV2041",)),
        ("INV-002041", ("INV-002041",)),
        ("no entity, yet INV-2041 stands there", ()),
    ],
)
def test_a_number_is_known_however_its_parts_are_joined(text: str, named: tuple[str, ...]) -> None:
    assert found(text, *named) == ([("INV-2041", "same")], [])


@pytest.mark.parametrize("text", ["INV-20411", "INV-2041-7", "XINV-2041", "2,041.00 EUR"])
def test_a_longer_number_is_another(text: str) -> None:
    assert found(text)[0] == []


def test_the_end_of_a_number_is_enough_where_only_one_ends_so() -> None:
    assert found("invoice 2041", "2041") == ([("INV-2041", "short")], [])


@pytest.mark.parametrize("written", ["INV-2O41", "INV-2401", "INV-20441", "INV-204I", "INV-041"])
def test_a_slip_of_the_pen_is_taken_for_the_number(written: str) -> None:
    assert found(f"invoice {written}", written) == ([("INV-2041", "spelling")], [])


@pytest.mark.parametrize("written", ["INV-2042", "INV-3041", "INV-3001", "RE-2041-B"])
def test_another_digit_is_another_number(written: str) -> None:
    assert found(f"invoice {written}", written) == ([], [written])


def test_several_numbers_are_told_apart() -> None:
    matches, unknown = found("INV-2041, INV-2017 and INV-9000", "INV-2041", "INV-2017", "INV-9000")
    assert [number for number, _ in matches] == ["INV-2041", "INV-2017"]
    assert unknown == ["INV-9000"]


def test_the_end_of_an_unknown_number_is_not_another_number() -> None:
    assert found("INV-9000", "INV-9000", "9000", "INV-9000")[1] == ["INV-9000"]


def test_a_subject_and_at_last_the_history_tell_the_number() -> None:
    assert found("Is it paid?", subject="Invoice INV-2017")[0] == [("INV-2017", "same")]
    assert found("Any news?", quoted="> about INV-2017")[0] == [("INV-2017", "same")]


def test_an_amount_tells_the_one_item_that_has_it() -> None:
    amount = Entity(kind="amount", value="980.50 EUR", text="980,50 EUR", evidence="", confidence=0.9)
    mail = message("the invoice over 980,50 EUR")
    result = found_in(mail, triage_of(mail, entities=(amount,)), accounts_of(BOOKS).entries(BERGMANN))
    assert [(match.entry.number, match.how) for match in result.matches] == [("INV-2017", "amount")]


@pytest.mark.parametrize(
    ("amount", "number"),
    [
        ("310.00", "INV-1999"),  # paid
        ("75.00", "INV-1980"),  # settled, nobody knows by what
        ("980.50", "INV-2017"),  # open: it goes before what was settled for as much
        ("61.00", None),  # of two, and of another partner's
    ],
)
def test_an_amount_of_which_nothing_is_open_tells_what_was_settled_for_it(
    amount: str, number: str | None
) -> None:
    gone = [("INV-1980", "75.00"), ("INV-1981", "980.50"), ("INV-1982", "61.00"), ("INV-1983", "61.00")]
    done = [settled(name, BERGMANN, gross, "2026-09-14") for name, gross in gone]
    books = BOOKS.model_copy(update={"settled": tuple(done)})
    entity = Entity(kind="amount", value=f"{amount} EUR", text=amount, evidence="", confidence=0.9)
    mail = message(f"we have paid {amount} EUR")
    result = found_in(mail, triage_of(mail, entities=(entity,)), accounts_of(books).entries(BERGMANN))
    assert [match.entry.number for match in result.matches] == ([number] if number else [])


def test_of_an_unknown_sender_nothing_is_looked_up() -> None:
    mail = message("INV-2041")
    result = found_in(mail, triage_of(mail, numbers=("INV-2041",)), accounts_of(BOOKS).entries(""))
    assert result.entries == () and result.matches == ()
    assert result.unknown == ("INV-2041",)


def test_parts_of_an_invoice_and_its_payments_are_one_entry() -> None:
    entries = {entry.number: entry for entry in accounts_of(BOOKS).entries(BERGMANN)}
    assert [str(one.residual) for one in entries["INV-2050"].items] == ["400.00"]
    assert [str(one.amount) for one in entries["INV-2050"].paid] == ["600.00"]
    assert "INV-3001" not in entries


@pytest.mark.parametrize("text", ["INV-2041", "2026/0042", "RE 4711", "F-1", "0042"])
def test_numbers_can_be_repeated(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize(
    "text", ["INV-1 IS PAID", "click http://x/1", "paid in full 1", "no digits", "1\r\nBcc: x", "<b>1</b>"]
)
def test_what_could_be_a_sentence_is_not_repeated(text: str) -> None:
    assert not is_number(text)


@given(
    prefix=st.sampled_from(["INV", "RE", "F"]), number=st.integers(1000, 10**7), mark=st.sampled_from("-/ ._")
)
def test_separators_and_leading_zeros_do_not_matter(prefix: str, number: int, mark: str) -> None:
    assert groups(f"{prefix}{mark}0{number}") == groups(f"{prefix.lower()}{number}")
    books = Books(items=(item(f"{prefix}-{number}", BERGMANN, "1.00", None),))
    mail = message(f"What about {prefix}{mark}0{number}?")
    result = found_in(mail, triage_of(mail), accounts_of(books).entries(BERGMANN))
    assert [match.how for match in result.matches] == ["same"]


# --- what partners call their items ---------------------------------------------------------------------


def called(number: str, partner: str, reference: str) -> Open:
    return item(number, partner, "-10.00", None, "payable").model_copy(update={"reference": reference})


SUPPLIERS = Books(
    items=(
        called("BILL/1", "Papier Union AG", "RE-77/2026"),
        called("BILL/2", "Papier Union AG", "4711"),
        called("BILL/3", BERGMANN, "RE-77/2026"),
        called("4711", BERGMANN, ""),
        called("BILL/4", BERGMANN, "X-900"),
    )
)


@pytest.mark.parametrize(
    ("text", "writer", "means"),
    [
        ("RE-77/2026", "Papier Union AG", ("BILL/1", "Papier Union AG")),
        ("re 77 2026", BERGMANN, ("BILL/3", BERGMANN)),
        ("4711", "Papier Union AG", ("BILL/2", "Papier Union AG")),
        ("4711", BERGMANN, ("4711", BERGMANN)),
        ("4711", "", ("4711", BERGMANN)),
        ("X-900", "", ("BILL/4", BERGMANN)),
        ("BILL/4", "Papier Union AG", ("BILL/4", BERGMANN)),
    ],
)
def test_a_number_means_what_its_writer_calls_so(text: str, writer: str, means: tuple[str, str]) -> None:
    match = Known(SUPPLIERS).number(text, writer=writer)
    assert match is not None and (match.number, match.partner) == means


def test_what_several_partners_call_the_same_means_nothing_where_nobody_of_them_writes() -> None:
    assert Known(SUPPLIERS).number("RE-77/2026") is None
    assert Known(SUPPLIERS).number("RE-77/2026", writer="Kowal Sp. z o.o.") is None


def matched(text: str, partner: str, *numbers: str) -> list[tuple[str, str]]:
    mail = message(text)
    entries = accounts_of(SUPPLIERS).entries(partner)
    return [
        (match.entry.number, match.entry.name)
        for match in found_in(mail, triage_of(mail, numbers=numbers), entries).matches
    ]


def test_a_bill_is_found_by_the_supplier_s_own_number_and_called_by_it() -> None:
    assert matched("When is RE-77/2026 paid?", "Papier Union AG") == [("BILL/1", "RE-77/2026")]
    assert matched("When is RE-77/2026 paid?", BERGMANN) == [("BILL/3", "RE-77/2026")]
    assert matched("When is it paid?", "Papier Union AG", "4711") == [("BILL/2", "4711")]


def test_a_bill_is_called_by_our_number_where_that_is_what_is_asked_for() -> None:
    assert matched("When is BILL/1 paid?", "Papier Union AG") == [("BILL/1", "BILL/1")]


def test_an_amount_is_not_taken_for_a_reference_of_digits_alone() -> None:
    assert matched("We wait for 4711 euros.", "Papier Union AG") == []
