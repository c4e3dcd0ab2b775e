"""Notes in seven languages: decisions, tasks and questions by their verbs, a sentence at a time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from abax.writing.services import context_of, write
from abax.writing.services.contracts import NotesContext, NotesSummary
from abax.writing.services.notes_reading import read_notes, sentences_of

HELD = {"today": "2026-11-20", "held_on": "2026-11-20"}


def summary(text: str, **more: Any) -> NotesSummary:
    found = write("notes", context_of("notes", {**HELD, "text": text, **more}))
    assert isinstance(found, NotesSummary)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "We agreed to postpone the audit to 3 March 2027.",
        "It was decided that the small package is enough for us.",
        "Wir haben beschlossen, den Abschluss bis zum 5. Dezember fertig zu machen.",
        "Die Geschäftsführung hat den Kauf der Anlage genehmigt.",
        "Budget 12.500 EUR freigegeben.",
        "On a décidé de changer de fournisseur pour la suite.",
        "Nous avons convenu de la date avec le client.",
        "Hemos decidido cambiar de proveedor para el año que viene.",
        "Se acordó el precio con el cliente.",
        "Abbiamo deciso di rinviare la riunione.",
        "We hebben besloten de levering uit te stellen.",
        "Postanowiliśmy odłożyć audyt na przyszły rok.",
    ],
)
def test_a_decision_is_known_by_its_verb(text: str) -> None:
    assert (summary(text).decisions, summary(text).actions) == ((text,), ())


@pytest.mark.parametrize(
    "text",
    [
        "We have not decided on the bank.",
        "Nothing was agreed with the supplier.",
        "The agreed price is 5,000 EUR.",
        "Das Budget muss noch freigegeben werden.",
        "Wir haben noch nichts beschlossen.",
        "Le budget n'a pas été validé par la direction.",
        "El presupuesto no se ha aprobado por la dirección.",
        "Il budget non è stato ancora approvato.",
        "Het budget is nog niet goedgekeurd.",
        "Budżet nie został zatwierdzony przez zarząd.",
    ],
)
def test_what_is_not_decided_is_no_decision(text: str) -> None:
    assert summary(text).decisions == ()


@pytest.mark.parametrize(
    ("text", "owner", "due"),
    [
        ("Mara sends the list to the auditor by Friday.", "Mara", date(2026, 11, 27)),
        ("Mara will send the list to the auditor.", "Mara", None),
        ("By Friday, Mara sends the draft to the bank.", "Mara", date(2026, 11, 27)),
        ("Mara and Jan prepare the list by Monday.", "Mara and Jan", date(2026, 11, 23)),
        ("We need to check the licences by 5 December.", "", date(2026, 12, 5)),
        ("Mara schickt die Saldenbestätigungen bis 27.11.", "Mara", date(2026, 11, 27)),
        ("Bis Freitag schickt Mara das Angebot an den Kunden.", "Mara", date(2026, 11, 27)),
        ("Mara envoie le contrat avant le 1er décembre.", "Mara", date(2026, 12, 1)),
        ("Mara fait le point avec la banque avant vendredi.", "Mara", date(2026, 11, 27)),
        ("Mara envía el contrato antes del viernes con los datos.", "Mara", date(2026, 11, 27)),
        ("Mara invia il contratto della banca entro venerdì.", "Mara", date(2026, 11, 27)),
        ("Mara stuurt het contract voor 1 december.", "Mara", date(2026, 12, 1)),
        ("Mara wyśle umowę do piątku i nie czeka.", "", None),
        ("Mara wyśle umowę z bankiem do piątku.", "Mara", date(2026, 11, 27)),
    ],
)
@pytest.mark.parametrize("participants", [[], ["Mara Lindt", "Jan Thode"]])
def test_a_task_is_a_subject_a_verb_and_a_day(
    text: str, owner: str, due: date | None, participants: list[str]
) -> None:
    found = summary(text, participants=participants)
    if not owner and due is None:
        assert found.actions == ()
        return
    [one] = found.actions
    assert (one.text, one.owner, one.due) == (text, owner, due)


@pytest.mark.parametrize(
    "text",
    [
        "Mara was ill on Monday.",
        "Mara sent the offer on 3 November.",
        "Mara is on holiday until Friday.",
        "Mara does not sign the contract by Friday.",
        "Mara schickte die Liste am 3. November an den Kunden.",
        "Mara war am Montag nicht im Büro.",
        "Mara a envoyé le contrat le 3 novembre.",
        "Inventur startet am Montag.",
        "Lieferung verschiebt sich bis Freitag.",
    ],
)
def test_what_is_past_a_state_or_nobody_s_is_no_task(text: str) -> None:
    assert summary(text).actions == ()


def test_a_line_of_three_sentences_gives_three_entries() -> None:
    found = summary(
        "Ann soll bis 30.11. die Rückstellung buchen. Beschluss: Dividende 0,50 EUR je Aktie. Offen ist, ob "
        "die Prüfung im Januar beginnt.",
        participants=["Ann"],
    )
    assert [one.text for one in found.actions] == ["Ann soll bis 30.11. die Rückstellung buchen."]
    assert found.decisions == ("Dividende 0,50 EUR je Aktie.",)
    assert found.questions == ("Offen ist, ob die Prüfung im Januar beginnt.",)


def test_a_point_after_a_day_or_an_abbreviation_ends_no_sentence() -> None:
    line = "Bis 30.11. Liste an Dr. Vogt. Danach z. B. 10 Stk. Lager! Und nun? ¿Quién paga? Ende 2026. Gut."
    assert list(sentences_of(line)) == [
        "Bis 30.11. Liste an Dr. Vogt.",
        "Danach z. B. 10 Stk. Lager!",
        "Und nun?",
        "¿Quién paga?",
        "Ende 2026.",
        "Gut.",
    ]


@pytest.mark.parametrize(
    ("text", "language", "heading"),
    [
        ("We agreed to go on with the plan.", "en", "Decided:"),
        ("Wir haben beschlossen, das Paket zu nehmen.", "de", "Entschieden:"),
        ("Nous avons décidé de changer de fournisseur pour la suite.", "fr", "Décidé :"),
        ("Hemos decidido cambiar de proveedor para el año que viene.", "es", "Decidido:"),
        ("Abbiamo deciso di rinviare la riunione della banca.", "it", "Deciso:"),
        ("We hebben besloten de levering uit te stellen.", "nl", "Besloten:"),
        ("Postanowiliśmy nie czekać na bank i iść dalej.", "pl", ""),
        ("Ustaliliśmy termin dla banku i dla audytu.", "pl", "Ustalono:"),
    ],
)
def test_headings_are_in_the_language_of_the_notes_where_none_is_given(
    text: str, language: str, heading: str
) -> None:
    found = summary(text)
    assert (found.language, heading in found.text, found.notes) == (language, True, ())
    assert summary(text, language="en").language == "en"


def test_a_sentence_as_long_as_none_is_told_and_not_looked_into() -> None:
    found = read_notes(NotesContext(text="1 and we " * 5000))
    assert (len(found.points), found.decisions, found.actions) == (1, [], [])
