"""Why a person must look is told in one language, that of whoever reads it."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest
from abax.mail.rules import Rules
from abax.mail.triage import triage
from abax.mail.whys import why_in
from abax.mail.wording import LANGUAGES

from tests.support.letters import BOOKS, desk, letter

TABLE = tomllib.loads((resources.files("abax.mail") / "whys.toml").read_text(encoding="utf-8"))["why"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_there_in_every_language_with_all_that_it_carries(language: str) -> None:
    for texts in TABLE:
        slots = {part.partition("}")[0] for part in texts["en"].split("{")[1:]}
        assert {part.partition("}")[0] for part in texts[language].split("{")[1:]} == slots


def test_the_reasons_of_the_rules_that_ship_are_all_there() -> None:
    said = [rule.then.needs_person for rule in Rules.default().rules if rule.then.needs_person]
    assert said and set(said) <= {texts["en"] for texts in TABLE}


def test_the_reasons_of_grave_matters_are_all_there() -> None:
    text = (resources.files("abax.mail") / "grave.toml").read_text(encoding="utf-8")
    said = re.findall(r'^why = "(.+)"$', text, re.MULTILINE)
    assert said and set(said) <= {texts["en"] for texts in TABLE}


def test_what_a_reason_carries_is_carried_over() -> None:
    assert why_in("its category is bank with 47% only", "de") == "die Kategorie bank ist nur zu 47 % sicher"
    assert why_in("its category is bank with 47% only", "en") == "its category is bank with 47% only"
    assert why_in("it may be about {x} as well (30%)", "nl") == "het kan ook om {x} gaan (30 %)"


def test_a_reason_of_a_house_s_own_stays_as_it_is() -> None:
    assert why_in("Frau Kern entscheidet das", "fr") == "Frau Kern entscheidet das"
    assert why_in("legal steps are threatened", "sv") == "legal steps are threatened"


def test_the_next_step_is_of_one_language_with_its_reasons_and_amounts() -> None:
    mail = letter("Our bank details have changed. Is INV/2026/0042 paid?")
    [found] = triage([mail], desk(books=BOOKS, language="de"))
    step = found.next_step.value
    assert step.startswith("Zuerst muss ein Mensch hinsehen: die Bankverbindung soll sich geändert haben")
    assert "INV/2026/0042 ist mit 1.250,00\u00a0EUR offen" in step
    assert found.why_person[0].startswith("bank details are said to have changed")
