import pytest
from abax.mail.quoting import split

INTRODUCTIONS = [
    "On Mon, Mar 2, 2026 at 10:12 AM Ann Lee <ann@example.com> wrote:",
    "On 2 Mar 2026, at 10:12, Ann Lee <ann@example.com> wrote:",
    "On Monday, 2 March 2026 at 10:12:33 CET, Ann Lee\n<ann.lee@very-long-company-name.example.com> wrote:",
    "Am 02.03.2026 um 10:12 schrieb Ann Lee:",
    "Am Mo., 2. März 2026 um 10:12 Uhr schrieb Ann Lee <ann@example.com>:",
    "Ann Lee <ann@example.com> schrieb am Mo., 2. März 2026, 10:12:",
    "Ann Lee hat am 02.03.2026 10:12 geschrieben:",
    "Le lun. 2 mars 2026 à 10:12, Ann Lee <ann@example.com> a écrit :",
    "Le 02/03/2026 à 10:12, Ann Lee a écrit :",
    "El lun, 2 mar 2026 a las 10:12, Ann Lee (<ann@example.com>) escribió:",
    "Il giorno lun 2 mar 2026 alle ore 10:12 Ann Lee <ann@example.com> ha scritto:",
    "Il 02/03/2026 10:12, Ann Lee ha scritto:",
    "Op ma 2 mrt 2026 om 10:12 schreef Ann Lee <ann@example.com>:",
    "Op 2 mrt. 2026, om 10:12 heeft Ann Lee <ann@example.com> het volgende geschreven:",
    "W dniu 02.03.2026 o 10:12, Ann Lee pisze:",
    "pon., 2 mar 2026 o 10:12 Ann Lee <ann@example.com> napisał(a):",
    "Dnia 2 marca 2026 10:12 Ann Lee <ann@example.com> napisał(a):",
    "-----Original Message-----\nFrom: Ann Lee\nSent: Monday\nTo: Bob\nSubject: Order",
    "-----Ursprüngliche Nachricht-----\nVon: Ann Lee\nGesendet: Montag\nAn: Bob\nBetreff: Auftrag",
    "-------- Message transféré --------\nSujet : x\nDate : y\nDe : Ann",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Wiadomość oryginalna-----",
    "---------- Forwarded message ---------",
    "________________________________\nFrom: Ann Lee <ann@example.com>\nSent: Monday, March 2, 2026 "
    "10:12\nTo: Bob\nSubject: RE: Order",
    "From: Ann Lee <ann@example.com>\nSent: Monday, March 2, 2026 10:12\nTo: Bob\nCc: Eve\nSubject: RE: "
    "Order",
    "*From:* Ann Lee <ann@example.com>\n*Sent:* Monday\n*To:* Bob\n*Subject:* Order",
    "Von: Ann Lee <ann@example.com>\nGesendet: Montag, 2. März 2026 10:12\nAn: Bob\nBetreff: AW: Auftrag",
    "De : Ann Lee <ann@example.com>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Bob\nObjet : RE: Commande",
    "De: Ann Lee <ann@example.com>\nEnviado el: lunes, 2 de marzo de 2026 10:12\nPara: Bob\nAsunto: RE: "
    "Pedido",
    "Da: Ann Lee <ann@example.com>\nInviato: lunedì 2 marzo 2026 10:12\nA: Bob\nOggetto: R: Ordine",
    "Van: Ann Lee <ann@example.com>\nVerzonden: maandag 2 maart 2026 10:12\nAan: Bob\nOnderwerp: RE: "
    "Bestelling",
    "Od: Ann Lee <ann@example.com>\nWysłano: poniedziałek, 2 marca 2026 10:12\nDo: Bob\nTemat: Odp: "
    "Zamówienie",
    "Begin forwarded message:",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_history_begins_where_programs_introduce_it(introduction: str) -> None:
    parts = split(f"The goods have not come.\n\n{introduction}\n\nYour order 12 left today.\nAnn")
    assert parts.text == "The goods have not come."
    assert parts.quoted == f"{introduction}\n\nYour order 12 left today.\nAnn"


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_answers_between_quoted_lines_survive(introduction: str) -> None:
    quoted = "> When will you pay invoice 12?\n> It is due.\n"
    parts = split(
        f"{introduction}\n\n{quoted}\nWe paid it on Monday.\n\n> And invoice 13?\n\nIt is wrong, see below.\n"
    )
    assert parts.text == "We paid it on Monday.\n\nIt is wrong, see below."
    assert "And invoice 13" in parts.quoted


@pytest.mark.parametrize(
    "text",
    [
        "As you wrote on 12.03.2026, please do the following:\n- send the invoice\n- call us",
        "Please see what he wrote:\nthe invoice is wrong.",
        "From: Berlin to Paris\nWe need two tickets.",
        "Datum: 12.03.2026\nBetrag: 100 EUR\nBitte prüfen.",
        "On Monday we talked about the order. You said:\nno problem.",
        "I have two questions:\n1. When?\n2. Where?",
        "-- not a signature --\nbut text",
    ],
)
def test_text_that_only_looks_like_history_stays(text: str) -> None:
    assert split(text).text == text


def test_the_broken_end_of_a_quoted_line_is_quoted() -> None:
    quoted = "> We would like to know whether the second delivery of the month has been sent\nyet\n> or not."
    parts = split(f"No.\n\n{quoted}")
    assert (parts.text, parts.quoted) == ("No.", quoted)


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn Lee\nAcme Ltd | +44 20 1234 5678",
        "Best regards,\nAnn Lee",
        "Kind regards\n\nAnn Lee\nHead of Accounts\nAcme Ltd\nTel: +44 20 1234 5678",
        "Thanks,\nAnn",
        "Mit freundlichen Grüßen\n\ni. A. Anna Schmidt\nBuchhaltung",
        "Viele Grüße\nAnna",
        "Cordialement,\nAnne Dupont",
        "Veuillez agréer, Madame, Monsieur, l'expression de mes salutations distinguées.\nAnne Dupont",
        "Un cordial saludo,\nAna García",
        "Cordiali saluti\nAnna Rossi",
        "Met vriendelijke groet,\n\nAnna de Vries",
        "Z poważaniem\nAnna Nowak",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for iOS <https://aka.ms/o0ukef>",
    ],
)
def test_a_signature_is_split_off(signature: str) -> None:
    parts = split(f"Please send the invoice again.\n\n{signature}")
    assert parts.text == "Please send the invoice again."
    assert parts.signature == signature.replace("-- ", "--")


@pytest.mark.parametrize(
    "small_print",
    [
        "This e-mail and any attachments are confidential and intended solely for the use of the addressee. "
        "If you have received this "
        "message in error, please delete it and tell the sender.",
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, "
        "löschen Sie sie bitte.",
        "Acme GmbH, Sitz der Gesellschaft: Berlin, Amtsgericht Charlottenburg HRB 12345, Geschäftsführer: "
        "A. Schmidt",
        "Ce message est confidentiel et destiné exclusivement à son destinataire.",
        "Este mensaje va dirigido exclusivamente a su destinatario y puede contener información "
        "confidencial.",
        "Questo messaggio è riservato al destinatario.",
        "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.",
        "Niniejsza wiadomość jest poufna i przeznaczona wyłącznie dla adresata.",
        "Please consider the environment before printing this e-mail.",
    ],
)
def test_small_print_is_split_off(small_print: str) -> None:
    parts = split(f"Please send the invoice again.\n\nRegards\nAnn\n\n{small_print}")
    assert parts.text == "Please send the invoice again."
    assert small_print in parts.signature
    assert split(f"Please send the invoice again.\n\n{small_print}").text == "Please send the invoice again."


def test_a_warning_that_a_gateway_put_in_front_is_small_print() -> None:
    warning = "CAUTION: This email originated from outside of the organization. Do not click links."
    assert split(f"{warning}\n\nThe goods are broken.").text == "The goods are broken."


def test_what_a_writer_adds_below_the_signature_is_kept() -> None:
    parts = split("Please pay.\n\nThanks,\nAnn\n\nP.S. Invoice 13 is wrong, too.")
    assert parts.text == "Please pay.\n\nP.S. Invoice 13 is wrong, too."
    parts = split(
        "Hi,\n\nThanks,\nBob\n\nI also noticed that the amount of invoice 12 is wrong by ten euros. Please "
        "correct it."
    )
    assert "amount of invoice 12" in parts.text


def test_what_a_list_puts_below_a_rule_is_small_print() -> None:
    footer = "_______________________\nUsers mailing list\nUsers@lists.example.com\nhttps://lists.example.com/users"
    parts = split(f"The second invoice is wrong.\n\n{footer}\n")
    assert (parts.text, parts.signature) == ("The second invoice is wrong.", footer)
    table = "Item      Amount\n----------------\nScrews    12.00\nNails     13.00"
    assert split(table).text == table


def test_a_closing_above_the_dashes_belongs_to_the_signature() -> None:
    parts = split("Can you send it again?\n\nLG\nSusi\n\n--\nSusanne Beier, Tel. 0231 / 44 55 66")
    assert parts.text == "Can you send it again?"
    assert parts.signature == "LG\nSusi\n\n--\nSusanne Beier, Tel. 0231 / 44 55 66"


def test_dashes_between_paragraphs_end_no_text() -> None:
    text = "The first invoice is wrong by ten euros.\n\n--\n\nThe second invoice is also wrong, correct both."
    assert "correct both" in split(text).text


def test_an_introduction_that_lacks_its_colon_is_one_above_quoted_lines() -> None:
    line = "Op di 3 mrt 2026 om 09:00 schreef Acme <a@acme.example>"
    assert split(f"Dank!\n\n{line}\n\n> Beste Kees").quoted == f"{line}\n\n> Beste Kees"


def test_a_request_that_names_a_closing_word_is_no_signature() -> None:
    text = (
        "Thank you for your call.\nPlease send the invoice of March to our new address, we need it by Friday."
    )
    assert split(text).text == text


def test_no_line_is_lost() -> None:
    lines = [
        "Hello",
        "",
        "text one",
        "> quoted",
        "text two",
        "",
        "Regards",
        "Ann",
        "",
        "On 1 Jan 2026, Bob wrote:",
        "> old",
    ]
    parts = split("\n".join(lines))
    kept = f"{parts.text}\n{parts.quoted}\n{parts.signature}".split("\n")
    assert sorted(line for line in kept if line) == sorted(line for line in lines if line)


@pytest.mark.parametrize(
    "text",
    [
        "> " * 100_000,
        "On \n" * 20_000,
        "From: a\n" * 20_000,
        "x: y\n" * 50_000,
        "-" * 200_000,
        "Thanks\n" * 20_000,
        "a wrote " * 20_000,
        ("On 1.1.2026 " + "a wrote b " * 30 + "\n") * 1_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    import time

    start = time.process_time()
    split(text)
    assert time.process_time() - start < 3
