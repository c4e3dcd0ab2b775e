"""The hand-written messages and reply cases under ``tests/golden/mail`` keep the promises of their README."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from abax.mail.contracts import Open, Sentiment, Tone, Urgency

FOLDER = Path(__file__).parents[2] / "golden" / "mail"

CATEGORIES = {
    "billing",
    "payment",
    "order",
    "delivery",
    "technical",
    "account",
    "product",
    "complaint",
    "contract",
    "spam",
    "automatic",
    "other",
}
DEPARTMENTS = {
    "accounts_receivable",
    "accounts_payable",
    "sales",
    "logistics",
    "support",
    "legal",
    "none",
}
ACTIONS = {
    "send_document",
    "pay",
    "confirm",
    "correct",
    "refund",
    "call_back",
    "explain",
    "deliver",
    "change_data",
    "cancel",
    "decide",
    "other",
}
ENTITIES = {
    "invoice",
    "order",
    "customer",
    "supplier",
    "contract",
    "delivery",
    "ticket",
    "amount",
    "date",
    "iban",
    "tax_id",
    "tracking",
}
KINDS = {
    "invoice_status",
    "payment_status",
    "invoice_copy",
    "payment_promise",
    "statement",
    "receipt",
    "dispute",
    "none",
}
AT_LEAST = {"en": 110, "de": 60, "fr": 35, "es": 35, "it": 30, "nl": 25, "pl": 25}

MONTHS = (
    "jan|stycz|gen|ene",
    "feb|fév|lut",
    "mar|mär|maa|mrt",
    "apr|avr|abr|kwie",
    "may|mai|mei|mag|maj",
    "jun|juin|giu|czerw",
    "jul|juil|lug|lip",
    "aug|août|ago|sierp",
    "sep|set|wrze",
    "oct|okt|ott|paźdz",
    "nov|listop",
    "dec|dez|déc|dic|grud",
)
"""How the months begin in the seven languages, January first."""
SIGNS = {"EUR": "€|eur|euro|euros", "GBP": "£|gbp", "USD": r"\$|usd", "PLN": "zł|pln"}
"""How a currency is written."""

WEEKDAYS = (
    "monday|montag|lundi|lunes|lunedì|maandag|poniedziałku",
    "tuesday|dienstag|mardi|martes|martedì|dinsdag|wtorku",
    "wednesday|mittwoch|mercredi|miércoles|mercoledì|woensdag|środy",
    "thursday|donnerstag|jeudi|jueves|giovedì|donderdag|czwartek",
    "friday|freitag|vendredi|viernes|venerdì|vrijdag|piątku",
)
"""Working days in the seven languages, as deadlines name them."""
BEFORE = "by|before|bis|avant|antes del|entro|do|uiterlijk|vóór"
"""What stands before the day of a deadline."""
WITHIN = r"within|innerhalb von|sous|entro|binnen|in the next|en los próximos|plazo de|w ciągu|w terminie"
"""What stands before the days that are left."""


def lines(pattern: str) -> list[dict[str, Any]]:
    """All objects of the files that match, in order."""
    return [
        json.loads(line)
        for path in sorted(FOLDER.glob(pattern))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


MAIL = lines("checked-*.jsonl")
REPLIES = lines("replies-*.jsonl")


def text_of(record: dict[str, Any]) -> str:
    """Subject and body, as a reader sees them."""
    return f"{record['subject']}\n{record['body']}"


def amounts(text: str, currency: str) -> set[str]:
    """Amounts beside a sign of the currency, as ``1234.50``, whichever mark parts the decimals."""
    number = r"\d{1,3}(?:[.,\s]\d{3})*(?:[.,]\d{2})?|\d+(?:[.,]\d{2})?"
    sign = SIGNS[currency]
    found = re.findall(
        rf"(?i)(?<!\w)(?:{sign})\s?({number})(?!\d)|(?<![\d.,])({number})\s?(?:{sign})(?!\w)", text
    )
    return {plain(first or second) for first, second in found}


def plain(number: str) -> str:
    """``1.234,5``, ``1 234,50`` and ``1,234.50`` in one form; three digits behind a mark are thousands."""
    decimals = re.search(r"[.,](\d{2})$", number)
    whole = number[: decimals.start()] if decimals else number
    digits = re.sub(r"\D", "", whole)
    return f"{digits}.{decimals[1] if decimals else '00'}"


def stands(kind: str, value: str, text: str) -> bool:
    """Whether the text holds the entity; dates need their day and month beside each other."""
    if kind == "amount":
        number, currency = value.split()
        return number in amounts(text, currency) or (
            currency.lower() in text.lower() and number in listed(text)
        )
    if kind == "date":
        return dated(date.fromisoformat(value), text)
    return "".join(value.split()).lower() in "".join(text.split()).lower()


def listed(text: str) -> set[str]:
    """Every number with two decimals, for amounts in a table under one currency."""
    return {plain(found) for found in re.findall(r"\d[\d.,]*[.,]\d{2}(?!\d)", text)}


def dated(day: date, text: str) -> bool:
    """Whether the text names a day by its number and its month, with or without the year."""
    name = rf"(?:{MONTHS[day.month - 1]})\w*"
    number = rf"0?{day.day}(?:st|nd|rd|th|\.|er|°|º)?"
    forms = (
        rf"\b{number}\s*(?:de\s+|of\s+)?{name}",
        rf"{name}\s+{number}\b",
        rf"\b0?{day.day}[./-]0?{day.month}\b",
        rf"\b{day.isoformat()}\b",
    )
    return any(re.search(form, text, re.IGNORECASE) for form in forms)


def checks(iban: str) -> bool:
    """ISO 7064 MOD 97-10 over an IBAN."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def shingles(record: dict[str, Any]) -> set[tuple[str, ...]]:
    """Runs of three words of a body, digits as noughts: what two messages share when one is a copy."""
    words = re.sub(r"\d", "0", record["body"].lower()).split()
    return set(zip(words, words[1:], words[2:], strict=False))


def entities() -> Iterator[tuple[dict[str, Any], str, str]]:
    """Each labelled entity with its message."""
    for record in MAIL:
        for entity in record["truth"]["entities"]:
            yield record, entity["kind"], entity["value"]


def test_there_are_enough_messages_in_every_language() -> None:
    counts = Counter(record["language"] for record in MAIL)
    assert len(MAIL) >= 320
    assert {language: counts[language] >= least for language, least in AT_LEAST.items()} == dict.fromkeys(
        AT_LEAST, True
    )


def test_every_value_of_every_label_occurs_often_enough_to_be_judged() -> None:
    truths = [record["truth"] for record in MAIL]
    assert min(Counter(truth["category"] for truth in truths)[name] for name in CATEGORIES) >= 15
    assert min(Counter(truth.get("department") for truth in truths)[name] for name in DEPARTMENTS) >= 15
    assert min(Counter(truth.get("sentiment") for truth in truths)[name] for name in Sentiment) >= 15
    assert min(Counter(truth["urgency"] for truth in truths)[name] for name in Urgency) >= 15
    assert min(Counter(truth["action"] for truth in truths)[wanted] for wanted in (True, False)) >= 60


def test_labels_are_those_of_the_guide() -> None:
    for record in MAIL:
        truth = record["truth"]
        assert truth["category"] in CATEGORIES, record["id"]
        assert truth.get("department", "none") in DEPARTMENTS, record["id"]
        assert truth.get("sentiment", "neutral") in set(Sentiment), record["id"]
        assert truth["urgency"] in set(Urgency), record["id"]
        assert {action["kind"] for action in truth["actions"]} <= ACTIONS, record["id"]
        assert {entity["kind"] for entity in truth["entities"]} <= ENTITIES, record["id"]


def test_ids_are_unique() -> None:
    ids = [record["id"] for record in MAIL + REPLIES]
    assert [name for name, count in Counter(ids).items() if count > 1] == []


def test_no_message_is_a_copy_of_another() -> None:
    parts = [(record["id"], shingles(record)) for record in MAIL]
    alike = [
        (one, other)
        for (one, left), (other, right) in combinations(parts, 2)
        if len(left & right) > 0.3 * min(len(left), len(right)) > 0
    ]
    assert alike == []


def test_an_action_is_wanted_where_actions_are_listed_and_nowhere_else() -> None:
    assert [r["id"] for r in MAIL if r["truth"]["action"] != bool(r["truth"]["actions"])] == []


def test_deadlines_lie_between_the_day_of_the_message_and_a_quarter_later() -> None:
    for record in MAIL:
        written = datetime.fromisoformat(record["date"]).date()
        for action in record["truth"]["actions"]:
            if action["by"] is not None:
                assert written <= date.fromisoformat(action["by"]) <= written + timedelta(100), record["id"]


def wished(record: dict[str, Any]) -> list[date]:
    """The days by which something is wanted."""
    return [date.fromisoformat(action["by"]) for action in record["truth"]["actions"] if action["by"]]


def test_a_weekday_that_is_a_deadline_becomes_the_next_such_day() -> None:
    seen = 0
    for record in MAIL:
        written = datetime.fromisoformat(record["date"]).date()
        for weekday, names in enumerate(WEEKDAYS):
            if re.search(rf"\b(?:{BEFORE})\s+(?:{names})\b", own_words(record["body"]), re.IGNORECASE):
                seen += 1
                ahead = (weekday - written.weekday()) % 7
                assert written + timedelta(ahead) in wished(record), record["id"]
    assert seen >= 10


def test_a_number_of_days_that_are_left_is_added_to_the_day_of_the_message() -> None:
    seen = 0
    for record in MAIL:
        if record["truth"]["category"] == "spam":
            continue
        written = datetime.fromisoformat(record["date"]).date()
        days = rf"(?:{WITHIN})(?: \w+)? (\d+) (?:days|tagen|jours|días|giorni|dagen|dni)\b"
        for count in re.findall(days, own_words(record["body"]), re.IGNORECASE):
            seen += 1
            assert written + timedelta(int(count)) in wished(record), record["id"]
    assert seen >= 8


def test_a_weekday_beside_a_date_is_the_weekday_of_that_date() -> None:
    seen = 0
    for record in MAIL:
        written = datetime.fromisoformat(record["date"]).date()
        for weekday, names in enumerate(WEEKDAYS):
            for day, name in re.findall(
                rf"(?:{names}),? (?:le |el )?(\d{{1,2}})\.? (?:de )?(\w+)", record["body"].lower()
            ):
                month = next((at for at, begin in enumerate(MONTHS, 1) if re.match(begin, name)), None)
                if month is not None:
                    seen += 1
                    assert date(written.year, month, int(day)).weekday() == weekday, record["id"]
    assert seen >= 5


def test_every_message_date_has_a_zone() -> None:
    assert [r["id"] for r in MAIL if datetime.fromisoformat(r["date"]).tzinfo is None] == []


def test_every_entity_stands_in_its_message() -> None:
    missing = [
        (record["id"], kind, value)
        for record, kind, value in entities()
        if not stands(kind, value, text_of(record))
    ]
    assert missing == []


def test_no_entity_is_labelled_twice() -> None:
    counted = Counter((record["id"], kind, value) for record, kind, value in entities())
    assert [key for key, count in counted.items() if count > 1] == []


def test_every_amount_beside_a_currency_is_labelled() -> None:
    for record in MAIL:
        own = own_words(record["body"])
        labelled = {e["value"] for e in record["truth"]["entities"] if e["kind"] == "amount"}
        found = {f"{number} {currency}" for currency in SIGNS for number in amounts(own, currency)}
        assert found - labelled == set(), record["id"]


def own_words(body: str) -> str:
    """A body without the history below an answer; what is forwarded stays."""
    marks = r"^(?:> |-----Original|Von: |Il giorno |On \d+ \w+ \d{4} )"
    start = re.search(marks, body, re.MULTILINE)
    return body[: start.start()] if start else body


def test_every_iban_is_labelled_and_its_check_digits_are_right() -> None:
    for record in MAIL:
        compact = "".join(text_of(record).split())
        labelled = {e["value"] for e in record["truth"]["entities"] if e["kind"] == "iban"}
        found = set(re.findall(r"[A-Z]{2}\d{2}(?:[A-Z]{4})?\d{12,24}", compact))
        assert all(any(value in iban for value in labelled) for iban in found), record["id"]
        assert all(checks(iban) for iban in labelled), record["id"]


def test_nothing_is_wanted_of_us_by_spam() -> None:
    spam = [record for record in MAIL if record["truth"]["category"] == "spam"]
    assert [r["id"] for r in spam if r["truth"]["action"] or r["truth"]["urgency"] != "low"] == []


def test_a_message_that_says_it_was_made_by_a_machine_may_not_be_answered() -> None:
    marked = {"auto-submitted", "precedence", "list-id", "list-unsubscribe", "x-autoreply"}
    for record in MAIL:
        names = {name.lower() for name in record.get("headers", {})}
        if names & marked:
            assert record["truth"]["answerable"] is False, record["id"]


def test_machines_report_without_wanting_anything() -> None:
    automatic = [record for record in MAIL if record["truth"]["category"] == "automatic"]
    assert [r["id"] for r in automatic if r["truth"]["action"] or r["truth"]["answerable"]] == []


@pytest.mark.parametrize("records", [MAIL, [case["message"] for case in REPLIES]], ids=["mail", "replies"])
def test_every_address_belongs_to_a_domain_that_cannot_exist(records: list[dict[str, Any]]) -> None:
    addresses = re.findall(r"[\w.+-]+@([\w.-]+\w)", json.dumps(records, ensure_ascii=False))
    assert [domain for domain in addresses if not domain.endswith((".example", ".test"))] == []


def test_lengths_range_from_a_line_to_a_page() -> None:
    words = [len(own_words(record["body"]).split()) for record in MAIL]
    assert min(words) < 12
    assert sum(count < 20 for count in words) >= 30
    assert sum(count > 60 for count in words) >= 30
    assert max(words) > 90


# --- the reply cases ------------------------------------------------------------------------------------


def test_there_are_a_hundred_reply_cases_of_every_kind_and_language() -> None:
    assert len(REPLIES) == 100
    assert {case["language"] for case in REPLIES} == set(AT_LEAST)
    assert {case["expects"]["kind"] for case in REPLIES} == KINDS
    assert {case["tone"] for case in REPLIES} == set(Tone)


def test_the_books_of_a_reply_case_are_open_items() -> None:
    items = [
        Open.model_validate_json(json.dumps(item)) for case in REPLIES for item in case["books"]["items"]
    ]
    assert [item.number for item in items if item.residual == 0] == []
    assert {item.side for item in items} == {"receivable", "payable"}
    assert all(item.residual < 0 for item in items if item.side == "payable")


def facts(case: dict[str, Any]) -> set[str]:
    """All that the books of a case say, as it is written there; amounts without sign."""
    rows = [*case["books"]["items"], *case["books"]["paid"]]
    return {str(value).lstrip("-") for row in rows for value in row.values()}


def canonical(mention: str) -> str:
    """A fact that a reply must state, as the books write it."""
    forms = mention.split("|")
    days = [form for form in forms if re.fullmatch(r"\d{4}-\d\d-\d\d", form)]
    if days:
        return days[0]
    return plain(forms[0]) if re.search(r"\d[.,]\d{2}$", forms[0]) else forms[0]


def says(message: dict[str, Any], fact: str) -> bool:
    """Whether a message itself names a fact: a number as it is, a day in any way of writing it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", fact):
        return dated(date.fromisoformat(fact), text_of(message))
    return fact in text_of(message)


def test_what_a_reply_must_state_stands_in_the_books_or_the_message() -> None:
    for case in REPLIES:
        known = facts(case)
        for fact in map(canonical, case["expects"]["mentions"]):
            assert fact in known or says(case["message"], fact), (case["id"], fact)


def test_what_a_reply_must_state_belongs_to_one_partner() -> None:
    for case in REPLIES:
        rows = [*case["books"]["items"], *case["books"]["paid"]]
        owners = {
            row["partner"]
            for row in rows
            for mention in case["expects"]["mentions"]
            if row["number"] in mention.split("|")
        }
        assert len(owners) <= 1, case["id"]


def test_a_fact_is_never_wanted_and_forbidden_at_once() -> None:
    for case in REPLIES:
        wanted = [form for mention in case["expects"]["mentions"] for form in mention.split("|")]
        for forbidden in case["expects"]["forbids"]:
            assert not any(forbidden in form for form in wanted), (case["id"], forbidden)


def test_cases_without_a_reply_want_no_facts_and_their_kind_is_none() -> None:
    for case in REPLIES:
        expects = case["expects"]
        assert expects["reply"] is (expects["kind"] != "none"), case["id"]
        assert expects["reply"] or not expects["mentions"], case["id"]
    assert sum(not case["expects"]["reply"] for case in REPLIES) >= 5


def test_nobody_else_is_told_of_an_invoice_that_is_not_theirs() -> None:
    asked = [case for case in REPLIES if case["expects"]["reply"] and not case["expects"]["mentions"]]
    guarded = [case for case in asked if any(form.isalpha() for form in case["expects"]["forbids"])]
    assert len(guarded) >= 7
    for case in guarded:
        numbers = {row["number"]: row["partner"] for row in case["books"]["items"]}
        named = [owner for number, owner in numbers.items() if number in text_of(case["message"])]
        assert named, case["id"]
        assert any(form in named[0] for form in case["expects"]["forbids"]), case["id"]


def test_other_kinds_of_answer_that_are_as_right_are_kinds_too() -> None:
    for case in REPLIES:
        expects = case["expects"]
        assert (
            {expects["kind"]}
            < {expects["kind"], *expects.get("or_kinds", ["another"])}
            <= KINDS | {"another"}
        )


def test_the_readme_counts_the_lines_that_are_there() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = [MAIL, REPLIES]
    tables = [line for line in text.splitlines() if re.match(r"\| `(?:checked|replies)-<language>", line)]
    for records, line in zip(rows, tables, strict=True):
        counts = Counter(record["language"] for record in records)
        said = re.findall(r"\b(en|de|fr|es|it|nl|pl) (\d+)", line)
        assert {language: int(count) for language, count in said} == counts
        assert f"| {len(records)}: " in line
