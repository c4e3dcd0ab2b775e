"""Rules: the last word on where a message goes, and faults that are told with their place."""

from __future__ import annotations

import time

import pytest
from abax.errors import InvalidRules
from abax.mail.contracts import Attachment, Mailbox, Message, Priority, Triage, Urgency
from abax.mail.rules import Rules
from abax.mail.taxonomy import Taxonomy
from abax.mail.triage import triage

from tests.support.letters import BOOKS, desk, letter


def ruled(toml: str, message: Message, **changes) -> Triage:
    [found] = triage([message], desk(rules=Rules.parsed(toml, "own.toml"), **changes))
    return found


def rule(when: str, then: str = 'tag = ["hit"]', more: str = "", name: str = "one") -> str:
    return f'[[rule]]\nid = "{name}"\n{more}\nwhen = {{ {when} }}\nthen = {{ {then} }}\n'


ORDER = letter(
    "We would like to order 250 pieces for EUR 7,500.00. Please call me back.",
    "Order PO-4500012345",
    sender="jane@brightwater.example",
    to=(Mailbox(address="sales@ourhouse.example"),),
    headers={"x-club": ("<news.example>",)},
    attachments=(Attachment(name="Order.PDF", media_type="application/pdf", size=9, digest="1"),),
)


@pytest.mark.parametrize(
    "when",
    [
        'sender = ["*@brightwater.example"]',
        'sender = ["brightwater.example"]',
        'to = ["sales@*"]',
        'subject_words = ["order"]',
        'words = ["like to order"]',
        'subject_regex = "PO-\\\\d+"',
        'regex = "250\\\\s+pieces"',
        'header = { x-club = "*news*" }',
        'category = ["order", "spam"]',
        'department = ["sales"]',
        'language = ["en"]',
        'sentiment = ["neutral"]',
        'urgency = ["normal"]',
        'asks = ["call_back"]',
        "wanted = true",
        'names = ["order"]',
        "amount_over = 7000",
        'attachment = ["*.pdf"]',
        'attachment = ["application/*"]',
        "known_partner = true",
        "known_number = false",
        "automatic = false",
        "unsure = 0.999",
        'any = [{ language = ["de"] }, { language = ["en"] }]',
        'all = [{ language = ["en"] }, { wanted = true }]',
        'not = { language = ["de"] }',
        'language = ["en"], amount_over = 7000, not = { sender = ["*@bank.example"] }',
    ],
)
def test_a_condition_holds_where_it_should(when):
    assert ruled(rule(when), ORDER, books=BOOKS).tags == ("hit",)


@pytest.mark.parametrize(
    "when",
    [
        'sender = ["*@brightwater.test"]',
        'to = ["support@*"]',
        'subject_words = ["invoice"]',
        'words = ["pieces of eight"]',
        'subject_regex = "INV-\\\\d+"',
        'header = { x-club = "*club*" }',
        'header = { x-none = "*" }',
        'category = ["spam"]',
        'language = ["de"]',
        'asks = ["refund"]',
        "wanted = false",
        'names = ["iban"]',
        "amount_over = 7500",
        'attachment = ["*.exe"]',
        "known_partner = false",
        "automatic = true",
        "unsure = 0.01",
        'any = [{ language = ["de"] }, { language = ["fr"] }]',
        'all = [{ language = ["en"] }, { wanted = false }]',
        'not = { language = ["en"] }',
        'language = ["en"], amount_over = 9000',
    ],
)
def test_a_condition_does_not_hold_where_it_should_not(when):
    assert ruled(rule(when), ORDER, books=BOOKS).tags == ()


def test_a_rule_sets_what_it_names_and_says_that_it_did():
    found = ruled(
        rule(
            'words = ["call me"]', 'category = "complaint", queue = "vip", priority = "P1", urgency = "low"'
        ),
        ORDER,
    )
    assert (found.category.value, found.queue, found.priority.value) == ("complaint", "vip", Priority.P1)
    assert found.department.value == "support", "of the category, where the rule names none"
    assert found.urgency.value is Urgency.LOW
    assert (found.category.method, found.category.confidence) == ("rule:one", 1.0)
    assert found.category.evidence == "Please call me back."
    assert found.rules == ("one",)


def test_a_department_brings_its_queue():
    found = ruled(rule("wanted = true", 'department = "legal"'), ORDER)
    assert (found.department.value, found.queue, found.category.value) == ("legal", "legal", "order")


def test_rules_go_by_their_order_and_see_what_those_before_them_did():
    second = rule('category = ["contract"]', 'tag = ["second"]', "order = 20", "second")
    first = rule("wanted = true", 'category = "contract"', "order = 10", "first")
    assert ruled(second + first, ORDER).rules == ("first", "second")


def test_a_rule_that_stops_is_the_last():
    stops = rule("wanted = true", more="order = 1\nstop = true", name="stops")
    assert ruled(stops + rule("wanted = true"), ORDER).rules == ("stops",)


def test_a_rule_may_forbid_a_reply_and_ask_for_a_person():
    found = ruled(
        rule("wanted = true", 'no_reply = "they asked so", needs_person = "the boss reads it"'),
        letter("Please pay."),
    )
    assert (found.answerable, found.why_unanswerable) == (False, "they asked so")
    assert (found.needs_person, "the boss reads it" in found.why_person) == (True, True)


def test_a_regular_expression_that_takes_too_long_is_given_up_and_told():
    slow = letter("a" * 20_000)
    begun = time.monotonic()
    found = ruled(rule('regex = "(a+)+b(a|aa)+c"'), slow)
    assert time.monotonic() - begun < 5
    assert found.tags == ()
    assert "the rule one took too long to look at it" in found.why_person


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (rule('colour = "red"'), ("rule 1 (one).when.colour",)),
        (rule('regex = "("'), ("rule 1 (one).when.regex", "regular expression")),
        (rule('words = ["..."]'), ("rule 1 (one).when.words", "no phrase")),
        (rule("any = [{ wanted = true }, { words = [] }]"), ("rule 1 (one).when.any 2.words",)),
        (rule(""), ("rule 1 (one).when", "says nothing")),
        (rule("wanted = true", ""), ("rule 1 (one).then", "does nothing")),
        (
            rule("wanted = true", 'category = "biling"'),
            ("rule 1 (one).then.category", "'biling'", "billing is meant"),
        ),
        (rule("wanted = true", 'department = "moon"'), ("rule 1 (one).then.department", "'moon'")),
        (rule("wanted = true", 'priority = "P9"'), ("rule 1 (one).then.priority",)),
        (rule("wanted = true") * 2, ("rule 2 (one)", "another one of that id")),
        (rule("wanted = true", name="No Id"), ("rule 1 (No Id).id",)),
        ("[[rule]]\nwhen = ", ("Invalid value",)),
    ],
)
def test_a_fault_is_told_with_its_place(toml, words):
    with pytest.raises(InvalidRules) as caught:
        Rules.parsed(toml, "own.toml")
    assert caught.value.field == "own.toml"
    for word in words:
        assert word in str(caught.value)


def test_rules_may_name_only_what_a_houses_own_taxonomy_has(tmp_path):
    own = 'name = "x"\nunsure = "b"\n[[department]]\nname = "d"\n' + "".join(
        f'[[category]]\nname = "{name}"\ndepartment = "d"\n' for name in "ab"
    )
    file = tmp_path / "rules.toml"
    file.write_text(rule("wanted = true", 'category = "a"'), encoding="utf-8")
    assert len(Rules.read(file, Taxonomy.parsed(own, "t")).rules) == 1
    with pytest.raises(InvalidRules, match="no category 'a'"):
        Rules.read(file)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please note that our bank details have changed."),
        ("de", "Wir haben eine neue Bankverbindung."),
        ("fr", "Veuillez utiliser nos nouvelles coordonnées bancaires."),
        ("es", "Hemos cambiado nuestra cuenta bancaria."),
        ("it", "Vi comunichiamo le nuove coordinate bancarie."),
        ("nl", "Ons rekeningnummer is gewijzigd."),
        ("pl", "Informujemy o zmianie numeru konta bankowego."),
    ],
)
def test_changed_bank_details_go_to_a_person_first(language, text):
    [found] = triage([letter(text, language=language)], desk())
    assert "changed-bank-details" in found.rules
    assert (found.priority.value, found.needs_person) == (Priority.P1, True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Otherwise we will take legal action."),
        ("de", "Andernfalls leiten wir rechtliche Schritte ein."),
        ("fr", "À défaut, nous saisirons notre avocat."),
        ("es", "En caso contrario iniciaremos acciones legales."),
        ("it", "In caso contrario procederemo per vie legali."),
        ("nl", "Anders nemen wij juridische stappen."),
        ("pl", "W przeciwnym razie podejmiemy kroki prawne."),
    ],
)
def test_a_legal_threat_is_taken_up_first_by_a_person(language, text):
    [found] = triage([letter(text, language=language)], desk())
    assert "legal-threat" in found.rules
    assert (found.priority.value, found.needs_person) == (Priority.P1, True)


def test_a_threat_about_an_invoice_stays_with_who_knows_the_invoice():
    text = "Please pay our overdue invoice 4711 at last, or we will take legal action."
    [found] = triage([letter(text)], desk())
    assert (found.category.value, found.department.value) == ("payment", "accounts_payable")


def test_out_of_office_is_automatic_and_no_later_rule_looks_at_it():
    away = letter(
        "I am out of the office. Our bank details have changed.",
        "Automatic reply: Order",
        headers={"auto-submitted": ("auto-replied",)},
    )
    [found] = triage([away], desk())
    assert (found.category.value, found.rules) == ("automatic", ("sent-by-a-machine",))
    assert not found.answerable


def test_a_programs_attachment_is_told():
    mail = letter(
        "See the file.", attachments=(Attachment(name="x.EXE", media_type="a/b", size=1, digest="1"),)
    )
    [found] = triage([mail], desk())
    assert "dangerous-attachment" in found.tags
    assert not found.answerable


def test_a_hasty_payment_in_confidence_may_be_a_fraud():
    text = "Are you at your desk? I need you to process a payment today. Keep it confidential."
    [found] = triage([letter(text)], desk())
    assert (found.tags, found.priority.value) == (("fraud",), Priority.P1)


BANK_NOTICES = [
    (
        "en",
        "Your statement is available",
        "Your account statement for October is now available in online banking.",
    ),
    ("de", "Kontoauszug", "Ihr neuer Kontoauszug steht zum Abruf bereit."),
    ("fr", "Relevé", "Votre relevé de compte d'octobre est disponible dans votre espace en ligne."),
    ("es", "Extracto", "El extracto de su cuenta de octubre ya está disponible en su banca electrónica."),
    ("it", "Estratto conto", "L'estratto conto di ottobre è disponibile nella sua area riservata."),
    ("nl", "Rekeningafschrift", "Uw rekeningafschrift van oktober staat voor u klaar."),
    ("pl", "Wyciąg bankowy", "Wyciąg z rachunku za październik jest dostępny."),
]
TIME_TO_PAY = [
    ("en", "We would like to ask for an extension of the payment term until the end of January."),
    ("en", "We are short of cash. Could we pay in three instalments?"),
    ("de", "Wir haben einen Engpass. Wäre eine Ratenzahlung in drei Raten möglich?"),
    ("fr", "Nous sollicitons un délai de paiement. Pourrions-nous régler en trois mensualités ?"),
    ("es", "Solicitamos un aplazamiento. ¿Podríamos pagar en tres plazos?"),
    ("it", "Chiediamo una dilazione del pagamento. Possiamo pagare in tre rate?"),
    ("nl", "Wij verzoeken om uitstel van betaling. Kunnen wij in drie termijnen betalen?"),
    ("pl", "Prosimy o odroczenie płatności. Czy możemy zapłacić w trzech ratach?"),
]


@pytest.mark.parametrize(("language", "subject", "text"), BANK_NOTICES)
def test_what_a_bank_tells_of_an_account_is_no_spam(language, subject, text):
    [found] = triage([letter(text, subject, language)], desk(classifiers={"category": Spam()}))
    assert (found.category.value, found.department.value) == ("payment", "accounts_receivable")


@pytest.mark.parametrize("more", ["Click here to confirm your password.", "Your account is suspended."])
def test_a_bank_that_wants_a_password_is_not_believed(more):
    text = f"Your account statement is now available. {more}"
    [found] = triage([letter(text, "Bank statement")], desk(classifiers={"category": Spam()}))
    assert found.category.value == "spam"


@pytest.mark.parametrize(("language", "text"), TIME_TO_PAY)
def test_who_asks_for_time_to_pay_is_decided_on_by_receivables(language, text):
    [found] = triage([letter(text, "Request", language)], desk())
    assert found.department.value == "accounts_receivable"
    assert "decide" in {action.kind for action in found.asked.actions}


class Spam:
    """A classifier that holds everything for spam."""

    labels = Taxonomy.default().names

    def scores(self, texts) -> list[dict[str, float]]:
        return [dict.fromkeys(self.labels, 1e-4) | {"spam": 0.998} for _ in texts]
