"""Truth: what a text claims must be derivable from its facts, however it is spelled, in seven languages."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from time import process_time
from typing import Annotated

import pytest
from abax.writing import spelling
from abax.writing.claims import values
from abax.writing.spelling import LANGUAGES, language_of
from abax.writing.truth import Facts, Passage, Unit, claims_of, faults
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

AMOUNT = Facts.of((Decimal("1234.5"), "EUR"))
DAY = Facts.of(date(2026, 3, 5))

FRAMES = {
    "en": "Please note that {} is in our books for you.",
    "de": "Bitte beachten Sie, dass {} in unseren Büchern für Sie steht.",
    "fr": "Merci de noter que {} est dans nos livres pour vous.",
    "es": "Le rogamos que anote que {} está en los libros para usted.",
    "it": "La preghiamo di notare che {} è nei nostri libri per voi.",
    "nl": "Wij melden u dat {} in onze boeken voor u staat.",
    "pl": "Prosimy zauważyć, że {} jest w naszych księgach dla państwa.",
}


# --- spellings of one value


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The amount of EUR 1,234.50 is open."),
        ("en", "The amount of €1,234.5 is open."),
        ("en", "The amount of 1234.50 euros is open."),
        ("en", "The amount of EUR 1.2345 thousand is open."),
        ("de", "Der Betrag von 1.234,50 € ist offen."),
        ("de", "Der Betrag von 1234,50 Euro ist offen."),
        ("de", "Der Betrag von 1'234.50 EUR ist offen."),
        ("fr", "Le montant de 1 234,50 € est ouvert."),
        ("fr", "Le montant de 1\u202f234,5 euros est ouvert."),
        ("es", "El importe de 1.234,50 euros está pendiente."),
        ("it", "L'importo di 1.234,50 euro è aperto."),
        ("nl", "Het bedrag van € 1.234,50 staat open."),
        ("pl", "Kwota 1 234,50 EUR jest otwarta."),
    ],
)
def test_an_amount_passes_in_every_spelling(language: str, text: str) -> None:
    assert faults(text, AMOUNT | Facts(language=language)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Open: EUR 1,234.51.",
        "Open: EUR 1,243.50.",
        "Open: EUR 12,345.",
        "Open: USD 1,234.50.",
        "Open: $1,234.50.",
        "Open: EUR -1,234.50.",
        "Open: EUR 1.2 thousand.",
        "Open: 1,234.50 %.",
        "Open: about EUR 1,200.",
        "Open: EUR 1,234.50 and more: EUR 5.",
        "Open: one million euros.",
    ],
)
def test_another_amount_currency_or_rounding_does_not(text: str) -> None:
    assert faults(text, AMOUNT | Facts(language="en")) != []


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "5 March 2026"),
        ("en", "March 5, 2026"),
        ("en", "March 5th"),
        ("en", "5th of March 2026"),
        ("en", "2026-03-05"),
        ("en", "03/05/2026"),
        ("en", "05/03/2026"),
        ("en", "Thursday, 5 March 2026"),
        ("en", "March 2026"),
        ("de", "5. März 2026"),
        ("de", "05.03.2026"),
        ("de", "5.3.26"),
        ("de", "05.03."),
        ("de", "Donnerstag, den 5. März"),
        ("fr", "5 mars 2026"),
        ("fr", "jeudi 5 mars"),
        ("fr", "05/03/2026"),
        ("es", "5 de marzo de 2026"),
        ("es", "5 de marzo"),
        ("it", "5 marzo 2026"),
        ("it", "giovedì 5 marzo 2026"),
        ("nl", "5 maart 2026"),
        ("nl", "05-03-2026"),
        ("pl", "5 marca 2026"),
        ("pl", "05.03.2026"),
        ("en", "2026"),
        ("de", "März 2026"),
    ],
)
def test_a_date_passes_in_every_spelling(language: str, shown: str) -> None:
    assert faults(FRAMES[language].format(shown), DAY | Facts(language=language)) == []


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "6 March 2026"),
        ("en", "5 March 2025"),
        ("en", "5 April"),
        ("en", "Friday, 5 March 2026"),
        ("en", "April 2026"),
        ("en", "Monday"),
        ("en", "tomorrow"),
        ("en", "next week"),
        ("en", "by May"),
        ("de", "03.05.2026"),
        ("de", "5. Mai"),
        ("de", "nächste Woche"),
        ("de", "im April"),
        ("de", "am Freitag"),
        ("fr", "5 mai 2026"),
        ("fr", "demain"),
        ("fr", "en avril"),
        ("es", "5 de mayo"),
        ("it", "5 maggio"),
        ("it", "lunedì"),
        ("nl", "5 mei 2026"),
        ("nl", "volgende week"),
        ("pl", "5 maja 2026"),
        ("pl", "jutro"),
        ("en", "31/02/2026"),
        ("en", "Q1 2026"),
    ],
)
def test_another_date_does_not(language: str, shown: str) -> None:
    assert faults(FRAMES[language].format(shown), DAY | Facts(language=language)) != []


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "12 days"),
        ("en", "twelve days"),
        ("de", "12 Tagen"),
        ("de", "zwölf Tage"),
        ("fr", "12 jours"),
        ("fr", "douze jours"),
        ("es", "doce días"),
        ("it", "12 giorni"),
        ("nl", "12 dagen"),
        ("pl", "12 dni"),
        ("pl", "dwanaście dni"),
        ("en", "a 12-day delay"),
        ("en", "12"),
    ],
)
def test_a_count_passes_in_figures_and_words(language: str, shown: str) -> None:
    assert faults(FRAMES[language].format(shown), Facts.of((12, "day"), language=language)) == []


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "13 days"),
        ("en", "12 weeks"),
        ("en", "12 %"),
        ("en", "two weeks"),
        ("en", "EUR 12"),
        ("de", "zwei Wochen"),
        ("de", "einer Woche"),
        ("de", "dreiundzwanzig Tagen"),
        ("fr", "deux semaines"),
        ("es", "veintidós días"),
        ("it", "ventidue giorni"),
        ("nl", "tweeëntwintig dagen"),
        ("pl", "dwa tygodnie"),
        ("en", "a dozen weeks"),
        ("en", "the second reminder"),
        ("en", "hundreds of letters"),
        ("en", "½ of it"),
    ],
)
def test_another_count_or_unit_does_not(language: str, shown: str) -> None:
    assert faults(FRAMES[language].format(shown), Facts.of((12, "day"), language=language)) != []


def test_fourteen_days_are_two_weeks() -> None:
    assert faults("We wait for two weeks.", Facts.of((14, "day"), language="en")) == []
    assert faults("We wait for three weeks.", Facts.of((14, "day"), language="en")) != []


@pytest.mark.parametrize("shown", ["14:30", "2:30 pm", "14h30", "14.30 Uhr"])
def test_a_time_passes_in_every_spelling(shown: str) -> None:
    assert faults(f"We meet at {shown}.", Facts.of(time(14, 30), language="en")) == []


@pytest.mark.parametrize("shown", ["14:31", "2:30 am", "15h30", "13.30 Uhr"])
def test_another_time_does_not(shown: str) -> None:
    assert faults(f"We meet at {shown}.", Facts.of(time(14, 30), language="en")) != []


def test_a_mark_between_digits_means_what_the_language_says() -> None:
    fact = Facts.of((Decimal(1234), "EUR"))
    assert faults("Offen sind 1.234 EUR.", fact | Facts(language="de")) == []
    assert faults("Open is EUR 1.234 now.", fact | Facts(language="en")) != []
    assert values("1.234", "") == [Decimal(1234), Decimal("1.234")]


# --- names, references, addresses

PEOPLE = Facts.of(
    "Anna Berg",
    "Peter Holm",
    "Nordwind Logistik GmbH",
    "INV/2026/0042",
    "DE89370400440532013000",
    "anna.berg@nordwind.example",
    "+49 30 1234567",
    "https://pay.nordwind.example/x1",
)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Anna Berg,\nthe invoice INV/2026/0042 is open.",
        "Dear Ms Berg,\nyour invoice inv/2026/0042 is open.",
        "Nordwind's invoice is open, Nordwind Logistik GmbH knows it.",
        "Pay to DE89 3704 0044 0532 0130 00, please.",
        "Write to Anna.Berg@nordwind.example or call +49 (30) 1234567.",
        "See https://pay.nordwind.example/x1.",
        "Anna Berg and Peter Holm agreed.",
    ],
)
def test_known_names_and_references_pass(text: str) -> None:
    assert faults(text, PEOPLE | Facts(language="en")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Dear Anna Holm,\nthe invoice is open.",
        "Dear Mark,\nthe invoice is open.",
        "Dear Ms Kowalski,\nthe invoice is open.",
        "The invoice INV/2026/0043 is open.",
        "The invoice INV/2026/00421 is open.",
        "The invoice INV/2026 is open.",
        "We spoke to Klaus about it.",
        "Klaus knows about it.",
        "Kind regards\nJohn Miller",
        "The Acme Corporation has paid.",
        "Nordwind Logistik AG has paid.",
        "Pay to DE89 3704 0044 0532 0130 01, please.",
        "Write to anna.berg@nordwind.test please.",
        "Write to anna@nordwind.example please.",
        "See https://pay.nordwind.example/x2.",
        "See www.example.com for more.",
        "Call +49 30 1234568.",
        "Dear [Name],\nthe invoice is open.",
        "Dear {name}, your invoice is open.",
    ],
)
def test_unknown_names_references_and_placeholders_do_not(text: str) -> None:
    assert faults(text, PEOPLE | Facts(language="en")) != []


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        (
            "de",
            "Sehr geehrte Frau Berg, die Zahlung für Ihre Bestellung fehlt.",
            "Wir haben mit Schulze gesprochen.",
        ),
        (
            "de",
            "Guten Tag Anna Berg, der Zahlungseingang der Rechnung steht aus.",
            "Sehr geehrter Herr Schulze, die Zahlung fehlt.",
        ),
        (
            "fr",
            "Bonjour Anna Berg, votre facture n'est pas payée.",
            "Bonjour Madame Dupont, c'est votre facture.",
        ),
        ("fr", "La société d'Anna est dans nos livres.", "La société d'Hélène est dans nos livres."),
        ("es", "Estimada señora Berg: su factura está pendiente.", "Hemos hablado con García de su factura."),
        ("it", "Gentile signora Berg, la sua fattura è aperta.", "Abbiamo parlato con Rossi della fattura."),
        (
            "nl",
            "Geachte mevrouw Berg, uw factuur staat open.",
            "Wij hebben met Jansen gesproken over uw factuur.",
        ),
        (
            "pl",
            "Szanowna Pani, faktura nie została zapłacona.",
            "W tej sprawie dzwoniliśmy do Kowalskiego o fakturę.",
        ),
    ],
)
def test_names_are_told_in_each_language(language: str, good: str, bad: str) -> None:
    facts = PEOPLE | Facts(language=language)
    assert faults(good, facts) == []
    assert len(faults(bad, facts)) == 1


def test_polish_and_german_endings_of_a_known_name_pass() -> None:
    facts = Facts.of("Jan Kowalski", "Anna Berg")
    assert (
        faults(
            "W tej sprawie rozmawialiśmy z Kowalskim i jest to dla nas ważne.", facts | Facts(language="pl")
        )
        == []
    )
    assert faults("Wir haben Bergs Nachricht und danken für die Antwort.", facts | Facts(language="de")) == []


def test_a_fault_says_what_is_not_among_the_facts() -> None:
    found = faults("Klaus owes EUR 7 since 1 May 2026.", Facts(language="en"))
    assert found == [
        "the name 'Klaus' is not among the facts",
        "the amount 'EUR 7' is not among the facts",
        "the date '1 May 2026' is not among the facts",
    ]


def test_text_without_claims_has_no_faults() -> None:
    assert faults("Thank you for your message. We shall come back to you soon.", Facts()) == []
    assert faults("", Facts()) == []


# --- where facts come from


class Line(BaseModel):
    currency: str = "EUR"
    residual: Decimal = Decimal("99.90")
    quantity: Annotated[int, Unit("day")] = 30
    note: Annotated[str, Passage()] = "Anna pays 5 % by 12 March"
    at: datetime = datetime(2026, 1, 2, 9, 15)
    parts: tuple[str, ...] = ("PO-77",)


def test_facts_of_a_model_follow_its_types() -> None:
    facts = Facts.of(Line(), language="en")
    assert (Decimal("99.90"), "EUR") in facts.amounts
    assert (Decimal(30), "day") in facts.numbers
    assert faults("PO-77: EUR 99.90 in 30 days, as of 2 January 2026, 09:15.", facts) == []
    assert faults("Anna pays 5 % by 12 March.", facts) == []
    assert faults("Anna pays 6 % by 12 March.", facts) != []
    assert faults("Anna pays 5 % by 13 March.", facts) != []


def test_digits_of_a_reference_are_no_numbers() -> None:
    assert faults("You owe 42 days.", Facts.of("INV-42", language="en")) != []
    assert faults("There are 42 of them.", Facts.of("INV-42", language="en")) != []


def test_a_number_that_is_a_name_is_no_amount() -> None:
    facts = Facts.of("10023", language="en")
    assert faults("Your customer number is 10023.", facts) == []
    assert faults("You owe EUR 10023.", facts) != []
    assert faults("You owe 10023 %.", facts) != []


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        Facts.of([1.5])


# --- properties

amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999"), places=2)
days = st.dates(min_value=date(2001, 1, 1), max_value=date(2068, 12, 31))
languages = st.sampled_from(LANGUAGES)
currencies = st.sampled_from(["EUR", "USD", "GBP", "PLN", "CHF"])


def spelled_day(value: date, language: str, form: int) -> str:
    """A date in one of several forms of a language."""
    order = f"{value.day:02d}.{value.month:02d}.{value.year}"
    return (spelling.day(value, language), value.isoformat(), order)[form]


def changed(text: str, place: int, by: int) -> str:
    """The text with its ``place``-th digit another one."""
    digits = [match.start() for match in re.finditer(r"\d", text)]
    spot = digits[place % len(digits)]
    return f"{text[:spot]}{(int(text[spot]) + by) % 10}{text[spot + 1 :]}"


@QUICK
@given(amounts, currencies, languages)
def test_any_amount_rendered_in_any_language_passes(value: Decimal, currency: str, language: str) -> None:
    text = FRAMES[language].format(spelling.amount(value, currency, language))
    assert faults(text, Facts.of((value, currency), language=language)) == []
    assert faults(text, Facts.of((value, currency))) == []


@QUICK
@given(amounts, currencies, languages, st.integers(0, 9), st.integers(1, 9))
def test_any_changed_digit_of_an_amount_fails(
    value: Decimal, currency: str, language: str, place: int, by: int
) -> None:
    shown = changed(spelling.amount(value, currency, language), place, by)
    assert faults(FRAMES[language].format(shown), Facts.of((value, currency), language=language)) != []


@QUICK
@given(days, languages, st.integers(0, 2))
def test_any_date_rendered_in_any_language_passes(value: date, language: str, form: int) -> None:
    text = FRAMES[language].format(spelled_day(value, language, form))
    assert faults(text, Facts.of(value, language=language)) == []


@QUICK
@given(days, languages, st.integers(0, 2), st.integers(0, 9), st.integers(1, 9))
def test_any_changed_digit_of_a_date_fails(
    value: date, language: str, form: int, place: int, by: int
) -> None:
    shown = changed(spelled_day(value, language, form), place, by)
    assert faults(FRAMES[language].format(shown), Facts.of(value, language=language)) != []


@QUICK
@given(
    st.from_regex(r"(INV|RE|FV|PO)[-/](20[0-9]{2}[-/])?[0-9]{3,6}", fullmatch=True),
    st.integers(0, 9),
    st.integers(1, 9),
)
def test_a_reference_passes_and_no_changed_digit_of_it_does(number: str, place: int, by: int) -> None:
    facts = Facts.of(number, language="en")
    assert faults(f"Your invoice {number} is open.", facts) == []
    assert faults(f"Your invoice {changed(number, place, by)} is open.", facts) != []


@QUICK
@given(
    st.sampled_from(["Anna Berg", "Jean-Luc Moreau", "O'Brien Foods Ltd", "Łukasz Żak", "Casa de Luna S.L."]),
    st.sampled_from(["Klaus Vogt", "Piet Hein", "Zorblax", "Giulia Ferri"]),
    languages,
)
def test_a_name_passes_and_another_one_fails(name: str, other: str, language: str) -> None:
    facts = Facts.of(name, language=language)
    assert faults(FRAMES[language].format(name), facts) == []
    assert faults(FRAMES[language].format(other), facts) != []


@QUICK
@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(faults(text, AMOUNT), list)
    assert faults(text, Facts.of().passage(text)) == [] or claims_of(text, Facts()) != []


@pytest.mark.parametrize(
    "shown",
    ["zwanzig Euro", "vingt euros", "veinte euros", "venti euro", "twintig euro", "dwadzieścia euro",
     "half of the sum", "die Hälfte", "la moitié", "la mitad", "la metà", "de helft", "połowa", "null Euro",
     "trzysta euro", "DREISSIG Euro"],
)  # fmt: skip
def test_number_words_and_fractions_are_claims_in_every_language(shown: str) -> None:
    own = {"venti euro": "it", "la mitad": "es", "null Euro": "de", "half of the sum": "en"}
    for language in ("", *LANGUAGES) if shown not in own else (own[shown],):
        assert faults(f"Note: {shown}.", Facts(language=language)) != [], language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The amount is due once more: please see to it, Otto."),
        ("it", "Se siete in ritardo, vi preghiamo di pagare."),
        ("nl", "Onze rekening staat ten name van het bedrijf."),
        ("de", "Es sei denn, Sie haben noch Fragen."),
        ("fr", "Nous faisons le point de la situation au dos de la lettre."),
        ("es", "Para ello vamos a llegar a un punto de acuerdo por medio de usted."),
        ("pl", "Prosimy o ten jeden kontakt w tej sprawie."),
    ],
)
def test_an_ordinary_word_that_counts_in_another_language_is_no_number(language: str, text: str) -> None:
    assert faults(text, Facts.of("Otto", language=language)) == []


@pytest.mark.parametrize(
    "shown",
    ["evil at example dot com", "evil (at) example (dot) com", "evil[at]example.com", "evil @ example.com",
     "evil arobase example point fr", "evil arroba example punto es", "example dot com",
     "evil chiocciola example punto it", "evil apenstaartje example punt nl", "evil małpa example kropka pl"],
)  # fmt: skip
def test_an_address_in_words_is_an_address(shown: str) -> None:
    assert faults(f"Please write to {shown} now.", Facts(language="en")) != []


def test_a_known_address_may_be_spelled_out() -> None:
    facts = Facts.of("office@example.com", language="en")
    assert faults("Please write to office at example dot com now.", facts) == []


@pytest.mark.parametrize("entry", ["- 4711: open", "* 4711: open", "  - 4711"])
def test_the_dash_of_a_list_is_no_minus(entry: str) -> None:
    assert faults(f"Open:\n{entry}", Facts.of("4711", language="en")) == []


def test_a_minus_is_one_elsewhere() -> None:
    assert faults("Balance: -4711", Facts.of("4711", language="en")) != []
    assert faults("Balance: EUR -5", Facts.of((Decimal(5), "EUR"), language="en")) != []


def test_what_a_text_was_put_together_from_claims_nothing_where_it_stands() -> None:
    text = "- 12.10.2026: EUR 5, due on 1 May 2026"
    facts = Facts.of((Decimal(5), "EUR"), date(2026, 5, 1), language="en")
    assert faults(text, facts) == ["the date '12.10.2026' is not among the facts"]
    assert faults(text, facts, ["12.10.2026"]) == []
    assert faults("Dear [Name],", facts, ["[Name]"]) == ["'[Name]' is a place that nobody has filled"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_found_out(language: str) -> None:
    assert language_of(FRAMES[language]) == language


@pytest.mark.parametrize(
    "piece", ["a.", "[", "d'", "a at ", "a dot ", "Monday 5 ", "1,234,", "a@", "DE12 3456 ", "hundert", "-"]
)
def test_the_longest_texts_are_read_in_time_that_grows_with_them(piece: str) -> None:
    begun = process_time()
    faults(piece * (30_000 // len(piece)), AMOUNT)
    assert process_time() - begun < 5
