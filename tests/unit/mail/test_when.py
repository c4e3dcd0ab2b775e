"""Days in sentences, reckoned from a Monday, in seven languages."""

from __future__ import annotations

from datetime import date

import pytest
from abax.mail.when import reckoned, whens

from tests.support.letters import reading, words

MONDAY = date(2026, 11, 23)


def days(text: str, language: str) -> list[str]:
    sentence = reading(text, language=language).body[0]
    return [when.value.isoformat() for when in whens(sentence, MONDAY, words(language))]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "today please", "2026-11-23"),
        ("en", "by tomorrow noon", "2026-11-24"),
        ("en", "the day after tomorrow", "2026-11-25"),
        ("en", "until Friday", "2026-11-27"),
        ("en", "next Friday", "2026-12-04"),
        ("en", "on Monday", "2026-11-30"),
        ("en", "by the end of the week", "2026-11-27"),
        ("en", "by end of month", "2026-11-30"),
        ("en", "by the end of December", "2026-12-31"),
        ("en", "within 7 days", "2026-11-30"),
        ("en", "within two weeks", "2026-12-07"),
        ("en", "within 5 working days", "2026-11-30"),
        ("en", "within 48 hours", "2026-11-25"),
        ("en", "in week 50", "2026-12-11"),
        ("de", "noch heute", "2026-11-23"),
        ("de", "bis morgen", "2026-11-24"),
        ("de", "bis übermorgen", "2026-11-25"),
        ("de", "bis Freitag", "2026-11-27"),
        ("de", "bis Ende der Woche", "2026-11-27"),
        ("de", "bis zum Monatsende", "2026-11-30"),
        ("de", "innerhalb von 14 Tagen", "2026-12-07"),
        ("de", "binnen 3 Werktagen", "2026-11-26"),
        ("de", "in KW 48", "2026-11-27"),
        ("de", "bis Ende Dezember", "2026-12-31"),
        ("fr", "d'ici demain", "2026-11-24"),
        ("fr", "avant vendredi", "2026-11-27"),
        ("fr", "sous 8 jours", "2026-12-01"),
        ("fr", "avant la fin du mois", "2026-11-30"),
        ("fr", "semaine 49", "2026-12-04"),
        ("es", "hoy mismo", "2026-11-23"),
        ("es", "para mañana", "2026-11-24"),
        ("es", "antes del viernes", "2026-11-27"),
        ("es", "en un plazo de 5 días", "2026-11-28"),
        ("es", "a finales de mes", "2026-11-30"),
        ("it", "entro domani", "2026-11-24"),
        ("it", "entro venerdì", "2026-11-27"),
        ("it", "entro 10 giorni", "2026-12-03"),
        ("it", "entro fine mese", "2026-11-30"),
        ("nl", "uiterlijk vrijdag", "2026-11-27"),
        ("nl", "binnen 8 dagen", "2026-12-01"),
        ("nl", "voor het einde van de maand", "2026-11-30"),
        ("pl", "do jutra", "2026-11-24"),
        ("pl", "do piątku", "2026-11-27"),
        ("pl", "w ciągu 7 dni", "2026-11-30"),
        ("pl", "do końca miesiąca", "2026-11-30"),
    ],
)
def test_a_relative_day_is_reckoned_from_the_day_of_writing(language, text, day):
    assert days(text, language) == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Guten Morgen Frau Weber"),
        ("de", "Das do ut des gilt"),
        ("nl", "Goede morgen"),
        ("es", "a las 9 de la mañana"),
        ("en", "We may need 5 more"),
        ("en", "version 1.2 of the set"),
    ],
)
def test_words_that_only_look_like_days_are_none(language, text):
    assert days(text, language) == []


@pytest.mark.parametrize(
    ("text", "deadline", "origin"),
    [
        ("Pay by 30 November 2026.", True, False),
        ("Invoice of 30 November 2026.", False, True),
        ("We meet on 30 November 2026.", False, False),
        ("30 November 2026 at the latest.", True, False),
    ],
)
def test_what_stands_beside_a_day_tells_whether_it_is_a_deadline(text, deadline, origin):
    [when] = whens(reading(text).body[0], MONDAY, words())
    assert (when.deadline, when.origin) == (deadline, origin)


def test_a_date_without_its_year_is_the_next_one_or_the_last():
    assert days("on 3 January", "en") == ["2027-01-03"]
    assert days("on 3 October", "en") == ["2026-10-03"]


def test_the_end_of_a_month_is_right_in_leap_years():
    assert reckoned("month-end", (), date(2028, 2, 3)) == date(2028, 2, 29)
    assert reckoned("month+1", (), date(2027, 1, 31)) == date(2027, 2, 28)


def test_the_end_of_the_week_said_at_the_weekend_is_the_next_friday():
    assert reckoned("week-end", (), date(2026, 11, 28)) == date(2026, 12, 4)


def test_a_week_that_a_year_does_not_have_is_no_day():
    assert reckoned("calendarweek", (60,), MONDAY) is None


def test_weeks_are_those_of_the_nearest_year():
    assert reckoned("calendarweek", (2,), date(2026, 12, 20)) == date(2027, 1, 15)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "by Friday, 4 December", "2026-12-04"),
        ("de", "bis Freitag, den 4. Dezember", "2026-12-04"),
        ("fr", "avant le vendredi 4 décembre", "2026-12-04"),
        ("es", "antes del viernes 4 de diciembre", "2026-12-04"),
        ("it", "entro venerdì 4 dicembre", "2026-12-04"),
        ("nl", "uiterlijk vrijdag 4 december", "2026-12-04"),
        ("pl", "do piątku, 4 grudnia", "2026-12-04"),
    ],
)
def test_a_day_of_the_week_beside_its_date_is_that_date(language, text, day):
    assert days(text, language) == [day]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "by the 15th", "2026-12-15"),
        ("de", "bis zum 30.", "2026-11-30"),
        ("fr", "avant le 15", "2026-12-15"),
        ("es", "antes del día 15", "2026-12-15"),
        ("it", "entro il 15", "2026-12-15"),
        ("nl", "voor de 15e", "2026-12-15"),
        ("en", "within fourteen (14) days", "2026-12-07"),
        ("en", "by COB Friday", "2026-11-27"),
        ("en", "by Christmas", "2026-12-24"),
        ("de", "vor Ostern", "2027-03-28"),
        ("fr", "avant Noël", "2026-12-24"),
        ("pl", "przed świętami", "2026-12-24"),
        ("en", "by the end of next quarter", "2027-03-31"),
        ("fr", "d'ici la fin de la semaine prochaine", "2026-12-04"),
        ("es", "a mediados de diciembre", "2026-12-15"),
        ("it", "entro metà settimana", "2026-11-25"),
    ],
)
def test_days_that_are_told_by_their_number_alone_or_by_a_feast_are_found(language, text, day):
    assert days(text, language) == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "un devis pour 30 joints"),
        ("es", "un presupuesto para 30 juntas"),
        ("de", "seit einer Woche"),
        ("it", "da 10 giorni"),
        ("pl", "do tej pory"),
    ],
)
def test_counts_and_spans_of_time_that_has_passed_are_no_days(language, text):
    assert days(text, language) == []


@pytest.mark.parametrize(
    "text", ["The offer is valid until 4 December 2026.", "From 1 December 2026 to 4 December 2026."]
)
def test_the_end_of_a_span_is_no_deadline(text):
    assert not any(when.deadline for when in whens(reading(text).body[0], MONDAY, words()))


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "2024-03-31"), (2025, "2025-04-20"), (2038, "2038-04-25"), (2285, "2285-03-22")]
)
def test_easter_is_that_of_published_tables(year, day):
    assert reckoned("easter", (), date(year, 1, 1)) == date.fromisoformat(day)


def test_what_makes_one_day_a_deadline_makes_none_of_the_next():
    sentence = reading("Prima di lunedì era pronto, poi mercoledì.", language="it").body[0]
    assert [when.deadline for when in whens(sentence, MONDAY, words("it"))] == [True, False]
