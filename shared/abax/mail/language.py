"""Which language a mail is in: the words of papers, and those that people write to one another with.

Mails are short. To what ``abax.documents.language`` weighs come the pronouns, verbs and courtesies of
letters, and less is asked for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from abax.documents.language import scores_of

_WORDS: Final = {
    "en": "i you he she they my your his her their our it its am was were been being do does did don have "
    "had can could would should "
    "may might must shall please thanks thank hello hi dear regards sincerely kind best hope let know get "
    "got still yet already "
    "just when what which who why how there here these those them me us if then than so but because since "
    "about into over after before "
    "again attached invoice order sent send need want could again asap today tomorrow yesterday week month "
    "question sorry urgent",
    "de": "ich du er wir ihr euch mich mir dich dir uns ihn ihm sie ihnen mein meine meinen dein unser "
    "unsere unseren haben hatte hatten "
    "bin war waren wurde wurden kann k\u00f6nnen k\u00f6nnten konnte m\u00f6chte m\u00f6chten w\u00fcrde "
    "w\u00fcrden soll sollen sollte muss m\u00fcssen darf bitte danke hallo guten tag "
    "morgen liebe lieber sehr geehrte geehrter gr\u00fc\u00dfe gr\u00fc\u00dfen gruss gr\u00fcsse "
    "freundlichen noch nur schon leider gerne wieder immer warum wann wo wer was welche "
    "dass weil wenn aber oder denn doch sowie anbei heute gestern woche monat frage mal diese dieser dieses "
    "diesem keine kein keinen erhalten "
    "habe hat gegen ohne seit unter vor habt senden schicken rechnung lieferung bestellung ware "
    "k\u00fcndigen",
    "fr": "je tu il elle nous vous ils elles mon ma mes ton notre nos votre vos leur leurs me te lui y ne "
    "n'ai j'ai c'est qu'il d'une l'on suis es "
    "\u00eates sommes sont \u00e9tait avons avez ont ai peux pouvez pourriez pouvons voudrais souhaite "
    "souhaitons dois devez faut merci bonjour bonsoir madame "
    "monsieur cordialement salutations s'il pla\u00eet encore d\u00e9j\u00e0 toujours jamais tr\u00e8s bien "
    "aussi mais donc car si quand pourquoi comment "
    "o\u00f9 quel quelle cette ces cet ci-joint aujourd'hui hier demain semaine mois question envoyer "
    "recevoir re\u00e7u jointe depuis afin veuillez "
    "faire \u00eatre avoir rien aucune aucun",
    "es": "yo t\u00fa \u00e9l ella nosotros ustedes ellos mi mis tu tus nuestra nuestros me te le les nos "
    "he ha hemos han soy es somos estoy est\u00e1 estamos "
    "est\u00e1n era fue puedo puede pueden podr\u00eda podr\u00edan podemos quiero quisiera querr\u00eda "
    "debo debe gracias hola buenos buenas d\u00edas tardes estimado "
    "estimada estimados saludos cordial atentamente todav\u00eda a\u00fan ya siempre nunca muy bien "
    "tambi\u00e9n pero porque pues si cuando qu\u00e9 cu\u00e1ndo c\u00f3mo "
    "d\u00f3nde cu\u00e1l esta estos estas ese esa adjunto adjunta hoy ayer ma\u00f1ana semana mes pregunta "
    "enviar recibir recibido hacer ser tener desde hasta "
    "ning\u00fan ninguna necesito necesitamos ruego rogamos favor",
    "it": "io tu lui lei noi voi loro mio mia miei tuo nostra nostro nostri vostra vostri mi ti ci vi ho "
    "hai ha abbiamo avete hanno sono siamo siete era "
    "posso pu\u00f2 possiamo potete potrebbe potreste vorrei vorremmo devo deve dobbiamo grazie buongiorno "
    "buonasera salve gentile egregio spettabile "
    "cordiali saluti distinti cordialmente ancora gi\u00e0 sempre mai molto bene anche ma perch\u00e9 "
    "quindi se quando cosa come dove quale questa questo "
    "questi quella allegato allegata oggi ieri domani settimana mese domanda inviare ricevere ricevuto fare "
    "essere avere dal dalla nel nella sul "
    "sulla dello degli nessuna nessun prego chiedo attesa",
    "nl": "ik jij je hij zij wij we jullie mij me jou hem haar ons onze mijn uw jouw heb hebt heeft hebben "
    "had ben bent was waren kan kunt kunnen kon "
    "zou zouden wil willen wilt moet moeten mag graag bedankt dank hallo beste geachte goedemorgen "
    "goedemiddag dag groet groeten vriendelijke nog "
    "alleen al helaas weer altijd waarom wanneer waar wie wat welke omdat als maar want dus ook bijgevoegd "
    "bijlage vandaag morgen gisteren week "
    "maand vraag deze dit geen iets niets ontvangen sturen gestuurd sinds zonder tegen onder worden wordt "
    "werd zoals kunnen even laten weten",
    "pl": "ja ty on ona my wy oni m\u00f3j moja mnie mi ci\u0119 ci go mu j\u0105 nam nas was wam ich "
    "jestem jeste\u015bmy s\u0105 by\u0142 by\u0142a by\u0142o by\u0107 mam mamy ma maj\u0105 "
    "mog\u0119 mo\u017ce "
    "mo\u017cemy mog\u0105 chcia\u0142bym chcia\u0142abym chcemy prosz\u0119 prosimy dzi\u0119kuj\u0119 "
    "dzie\u0144 dobry witam szanowni pa\u0144stwo panie pani pan pozdrawiam powa\u017caniem "
    "jeszcze tylko ju\u017c niestety zawsze nigdy bardzo te\u017c ale poniewa\u017c wi\u0119c czy kiedy co "
    "jaki jaka gdzie dlaczego ten ta te tego tej tym "
    "za\u0142\u0105czeniu za\u0142\u0105czam dzisiaj dzi\u015b wczoraj jutro tydzie\u0144 miesi\u0105c "
    "pytanie wys\u0142a\u0107 otrzyma\u0107 otrzymali\u015bmy kt\u00f3ra kt\u00f3ry kt\u00f3re "
    "bez przed pod faktury faktur\u0119 \u017ce si\u0119 nie nadal dotycz\u0105ca",
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ADDRESS: Final = re.compile(r"\S{1,80}@\S{1,80}|https?://\S{1,300}|www\.\S{1,300}")
_LETTERS_OF: Final = {
    "es": re.compile("[\u00bf\u00a1\u00f1]"),
    "pl": re.compile("[\u0142\u0105\u0119\u015b\u017c\u017a\u0144]"),
    "de": re.compile("\u00df"),
}
"""Letters that no other of the languages has."""
_MOST_OF_LETTERS: Final = 2
_LETTERS: Final = 2_000
_ENOUGH: Final = 1.2
_AHEAD: Final = 1.25
_LEAST_SHARE: Final = 0.05
"""Of what the different words of a text weigh, in the language that it is in."""


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    """By word, for each language that has it: the fewer have it, the more it says."""
    holders: dict[str, set[str]] = {}
    for language, words in _WORDS.items():
        for word in words.split():
            holders.setdefault(word, set()).add(language)
    return {word: dict.fromkeys(found, 1.0 / len(found)) for word, found in holders.items()}


def language_of(text: str, subject: str = "") -> str:
    """ISO 639-1 of what somebody writes; empty where it is too little to tell. The subject counts where the
    text alone is not enough."""
    bare = _ADDRESS.sub(" ", text[:_LETTERS])
    found = _best(bare)
    return found or (_best(f"{bare}\n{_ADDRESS.sub(' ', subject[:300])}") if subject else "")


def _best(text: str) -> str:
    scores = dict(scores_of(text))
    weights = _weights()
    words = {match.lower() for match in _WORD.findall(text)}
    for language, letters in _LETTERS_OF.items():
        scores[language] = scores.get(language, 0.0) + min(_MOST_OF_LETTERS, len(letters.findall(text)))
    for word in words:
        for language, weight in weights.get(word, {}).items():
            scores[language] = scores.get(language, 0.0) + weight
    (first, most), (_, after), *_ = sorted(scores.items(), key=lambda entry: -entry[1])
    enough = max(_ENOUGH, _LEAST_SHARE * len(words))
    return first if most >= enough and most >= _AHEAD * after else ""
