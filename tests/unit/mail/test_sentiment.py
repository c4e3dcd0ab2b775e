"""How writers feel: what their words show, not what the matter is."""

from __future__ import annotations

import pytest
from abax.mail.contracts import Sentiment
from abax.mail.sentiment import anger, mixed, sentiment

from tests.support.letters import reading, words


def felt(text: str, language: str = "en", **more) -> Sentiment:
    return sentiment(reading(text, language=language), words(language), **more).value


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I am very disappointed. Your service is a disgrace."),
        ("en", "This is totally unacceptable and nobody answers!!"),
        ("de", "Ich bin sehr enttäuscht, das ist eine Frechheit."),
        ("fr", "C'est inadmissible, je suis très mécontent."),
        ("es", "Es inaceptable, estoy muy decepcionada."),
        ("it", "Sono molto deluso, è una vergogna."),
        ("nl", "Dit is onacceptabel, ik ben zeer teleurgesteld."),
        ("pl", "To skandal, jestem bardzo rozczarowany."),
    ],
)
def test_displeasure_is_negative(language, text):
    assert felt(text, language) is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Great service, we are very happy with the quick response."),
        ("de", "Wir sind begeistert, hervorragend gemacht!"),
        ("fr", "Tout est parfait, bravo et merci beaucoup !"),
        ("es", "Excelente trabajo, estamos encantados."),
        ("it", "Ottimo lavoro, siamo molto soddisfatti."),
        ("nl", "Geweldig, wij zijn zeer tevreden."),
        ("pl", "Świetna obsługa, jestem bardzo zadowolony."),
    ],
)
def test_praise_is_positive(language, text):
    assert felt(text, language) is Sentiment.POSITIVE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The VAT on the invoice is wrong. Please send a corrected one. Thank you in advance."),
        ("en", "Unfortunately the parcel has not arrived yet."),
        ("de", "Auf der Rechnung fehlt leider die Bestellnummer. Vielen Dank im Voraus."),
        ("fr", "Sauf erreur de notre part, la facture reste impayée. Merci d'avance."),
        ("es", "La factura tiene un error. Gracias de antemano."),
        ("it", "Manca purtroppo il numero d'ordine. Grazie in anticipo."),
        ("nl", "De factuur is helaas niet ontvangen. Alvast bedankt."),
        ("pl", "Niestety brakuje numeru zamówienia. Z góry dziękuję."),
    ],
)
def test_a_matter_that_went_wrong_and_a_courtesy_are_neutral(language, text):
    assert felt(text, language) is Sentiment.NEUTRAL


def test_what_is_negated_is_not_felt():
    assert felt("I am not happy with this, not satisfied at all.") is not Sentiment.POSITIVE
    assert felt("There is nothing unacceptable about it.") is Sentiment.NEUTRAL


def test_a_threat_is_negative_however_polite():
    assert (
        felt("Otherwise we will have to take legal action and suspend deliveries. Our lawyer is informed.")
        is Sentiment.NEGATIVE
    )


def test_the_claim_bears_the_sentence_that_shows_it():
    claim = sentiment(reading("Hello. Your service is a disgrace. Regards"), words())
    assert (claim.evidence, claim.method) == ("Your service is a disgrace.", "words")


def test_a_classifier_and_words_are_one_opinion():
    text = "The delivery came on Tuesday."
    sad = {"positive": 0.01, "neutral": 0.04, "negative": 0.95}
    assert felt(text) is Sentiment.NEUTRAL
    assert felt(text, classified=sad) is Sentiment.NEGATIVE


def test_two_opinions_are_no_surer_than_the_surer_one():
    both = mixed({"a": 0.7, "b": 0.3}, {"a": 0.9, "b": 0.1}, 0.5)
    assert sum(both.values()) == pytest.approx(1)
    assert 0.7 < both["a"] < 0.9


def test_anger_is_found_with_its_sentence_and_not_where_it_is_denied():
    assert anger(reading("Hi. I am furious."), words()).text == "I am furious."
    assert anger(reading("I am not furious."), words()) is None


def test_what_is_felt_last_outweighs_what_was_felt_before():
    assert felt("I was upset at first. Then your team did a superb job.") is Sentiment.POSITIVE
    assert felt("Your team is superb on the phone. I am fed up all the same.") is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "If nothing happens we will instruct our solicitors."),
        ("de", "Andernfalls bleibt uns nur der Weg über den Anwalt."),
        ("fr", "À défaut, nous saisirons le tribunal."),
        ("es", "De lo contrario acudiremos a nuestros abogados."),
        ("it", "In caso contrario ci rivolgeremo al nostro avvocato."),
        ("nl", "Anders schakelen we onze advocaat in."),
        ("pl", "W przeciwnym razie przekażemy sprawę naszemu prawnikowi."),
    ],
)
def test_a_polite_threat_is_negative(language, text):
    assert felt(text, language) is Sentiment.NEGATIVE
