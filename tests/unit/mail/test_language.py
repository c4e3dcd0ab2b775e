from itertools import pairwise

import pytest
from abax.mail.language import language_of

SENTENCES = {
    "en": """Where is my order?
Please send us the invoice again, we cannot find it.
Thanks for the quick reply!
I have not received the credit note yet.
Could you confirm the delivery date?
The amount is wrong, it should be 120.00 EUR.
We paid this bill last week.
Can somebody call me back today?
My account has been locked since yesterday.
Kindly change our bank details.
This is the third time that I write to you.
The goods arrived damaged.
I want to cancel my contract.
Which invoices are still open?
Our new address is attached.""",
    "de": """Wo bleibt meine Bestellung?
Bitte senden Sie uns die Rechnung noch einmal zu.
Vielen Dank für die schnelle Antwort!
Ich habe die Gutschrift noch nicht erhalten.
Können Sie den Liefertermin bestätigen?
Der Betrag ist falsch, es sollten 120,00 EUR sein.
Wir haben diese Rechnung letzte Woche bezahlt.
Kann mich heute jemand zurückrufen?
Mein Konto ist seit gestern gesperrt.
Anbei unsere neue Bankverbindung.
Ich schreibe Ihnen jetzt zum dritten Mal.
Die Ware kam beschädigt an.
Hiermit kündige ich meinen Vertrag.
Welche Rechnungen sind noch offen?
Unsere neue Anschrift finden Sie im Anhang.""",
    "fr": """Où est ma commande ?
Merci de nous renvoyer la facture.
Merci beaucoup pour votre réponse rapide !
Je n'ai pas encore reçu l'avoir.
Pouvez-vous confirmer la date de livraison ?
Le montant est faux, il devrait être de 120,00 EUR.
Nous avons payé cette facture la semaine dernière.
Quelqu'un peut-il me rappeler aujourd'hui ?
Mon compte est bloqué depuis hier.
Veuillez trouver ci-joint nos nouvelles coordonnées bancaires.
C'est la troisième fois que je vous écris.
La marchandise est arrivée endommagée.
Je souhaite résilier mon contrat.
Quelles factures sont encore ouvertes ?
Notre nouvelle adresse est en pièce jointe.""",
    "es": """¿Dónde está mi pedido?
Por favor, envíennos de nuevo la factura.
¡Muchas gracias por su rápida respuesta!
Todavía no he recibido el abono.
¿Pueden confirmar la fecha de entrega?
El importe es incorrecto, debería ser de 120,00 EUR.
Pagamos esta factura la semana pasada.
¿Puede alguien llamarme hoy?
Mi cuenta está bloqueada desde ayer.
Adjunto nuestros nuevos datos bancarios.
Es la tercera vez que les escribo.
La mercancía llegó dañada.
Quiero cancelar mi contrato.
¿Qué facturas siguen abiertas?
Nuestra nueva dirección está en el anexo.""",
    "it": """Dov'è il mio ordine?
Vi prego di inviarci di nuovo la fattura.
Grazie mille per la rapida risposta!
Non ho ancora ricevuto la nota di credito.
Potete confermare la data di consegna?
L'importo è sbagliato, dovrebbe essere di 120,00 EUR.
Abbiamo pagato questa fattura la settimana scorsa.
Qualcuno può richiamarmi oggi?
Il mio conto è bloccato da ieri.
In allegato le nostre nuove coordinate bancarie.
È la terza volta che vi scrivo.
La merce è arrivata danneggiata.
Vorrei disdire il mio contratto.
Quali fatture sono ancora aperte?
Il nostro nuovo indirizzo è in allegato.""",
    "nl": """Waar blijft mijn bestelling?
Kunt u ons de factuur nog een keer sturen?
Hartelijk dank voor uw snelle antwoord!
Ik heb de creditnota nog niet ontvangen.
Kunt u de leverdatum bevestigen?
Het bedrag klopt niet, het moet 120,00 EUR zijn.
Wij hebben deze factuur vorige week betaald.
Kan iemand mij vandaag terugbellen?
Mijn account is sinds gisteren geblokkeerd.
Bijgevoegd onze nieuwe bankgegevens.
Dit is de derde keer dat ik u schrijf.
De goederen zijn beschadigd aangekomen.
Ik wil mijn contract opzeggen.
Welke facturen staan nog open?
Ons nieuwe adres vindt u in de bijlage.""",
    "pl": """Gdzie jest moje zamówienie?
Proszę o ponowne przesłanie faktury.
Dziękuję za szybką odpowiedź!
Nie otrzymałem jeszcze korekty.
Czy mogą Państwo potwierdzić termin dostawy?
Kwota jest błędna, powinno być 120,00 EUR.
Zapłaciliśmy tę fakturę w zeszłym tygodniu.
Czy ktoś może do mnie dzisiaj oddzwonić?
Moje konto jest zablokowane od wczoraj.
W załączeniu nasze nowe dane bankowe.
Piszę do Państwa już trzeci raz.
Towar dotarł uszkodzony.
Chcę rozwiązać umowę.
Które faktury są jeszcze otwarte?
Nasz nowy adres jest w załączniku.""",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_single_sentences_of_mail_are_told_apart(language: str) -> None:
    """At most one of fifteen is left open, and none is taken for another language."""
    found = [language_of(sentence) for sentence in SENTENCES[language].splitlines()]
    assert set(found) <= {language, ""}
    assert found.count(language) >= 14


@pytest.mark.parametrize("language", SENTENCES)
def test_short_mails_are_told_apart(language: str) -> None:
    lines = SENTENCES[language].splitlines()
    assert all(language_of(f"{one}\n{other}") == language for one, other in pairwise(lines))


@pytest.mark.parametrize(
    "text", ["", "OK", "12345", "https://example.com/the/and/of", "INV-12 / 100,00", "Re: 12"]
)
def test_too_little_is_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_the_subject_helps_where_the_text_is_not_enough() -> None:
    assert language_of("12345", "Frage zu meiner Rechnung und zur Bestellung") == "de"
    assert language_of("Please send it again, thank you.", "Rechnung und Lieferschein zur Bestellung") == "en"
