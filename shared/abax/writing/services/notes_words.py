"""What people write in notes of a decision, of a task and of what is no task, in seven languages."""

from __future__ import annotations

import re
from typing import Final

from abax.writing.spelling import words

DECIDED_AS_HEADING: Final = re.compile(
    r"^(?:decisions?|decided|agreed|entscheidung|entschieden|beschluss|beschlüsse|beschlossen|vereinbart|"
    r"décisions?|décidé|decisión|decisiones|acordado|acuerdos?|decisione|decisioni|deciso|besluiten|besluit|"
    r"besloten|afspraken|decyzja|decyzje|ustalono|ustalenia)\b(?:en|s)?\s*[:–-]?\s*",
    re.IGNORECASE,
)
"""Begins a line that tells a decision, or is a heading of decisions."""

ASKED_AS_HEADING: Final = re.compile(
    r"^(?:open(?: questions?| points?)?s?|questions?(?: ouvertes?)?|offen(?:e fragen?| ist)?|fragen?|"
    r"à clarifier|"
    r"preguntas?(?: abiertas?)?|pendientes?|domand[ae](?: apert[ae])?|da chiarire|open vra(?:ag|gen)|"
    r"vra(?:ag|gen)|"
    r"pytani[ea](?: otwarte)?|do wyjaśnienia)\s*:\s*",
    re.IGNORECASE,
)

TO_DO_AS_HEADING: Final = re.compile(
    r"^(?:action(?: item)?s?|to-?do|task|next step|aufgabe|todo|zu tun|nächster schritt|à faire|"
    r"action à mener|tarea|acción|azione|da fare|actie|actiepunt|zadanie|do zrobienia)s?\s*[:–-]\s*",
    re.IGNORECASE,
)

_PARTICIPLES: Final = {
    "en": "agreed|decided|resolved|approved|settled on|chose|chosen|signed off",
    "de": "beschlossen|vereinbart|entschieden|festgelegt|verabschiedet|freigegeben|genehmigt|geeinigt|"
    "verständigt|"
    "verabredet|ausgemacht|bewilligt",
    "fr": "décidée?s?|convenue?s?|retenue?s?|validée?s?|approuvée?s?|actée?s?|arrêtée?s?|adoptée?s?|"
    "tranchée?s?",
    "es": "acordad[oa]s?|decidid[oa]s?|aprobad[oa]s?|resuelt[oa]s?|convenid[oa]s?|pactad[oa]s?",
    "it": "decis[oaie]|concordat[oaie]|approvat[oaie]|stabilit[oaie]|convenut[oaie]|deliberat[oaie]",
    "nl": "besloten|afgesproken|overeengekomen|goedgekeurd|vastgesteld|vastgelegd",
    "pl": "uzgodnion[oey]|ustalon[oey]|zdecydowano|uzgodniono|ustalono|postanowiono|zatwierdzono|przyjęto|"
    "zatwierdzon[oey]",
}
_HELPERS: Final = {
    "en": "we|they|all|everyone|both|team|board|committee|is|was|were|been|are|have|has",
    "de": "haben|hat|habe|wurde|wurden|ist|sind|worden",
    "fr": "a|avons|ont|été|est|sont|sommes",
    "es": "hemos|ha|han|fue|fueron|sido|queda|quedó|está|se",
    "it": "abbiamo|ha|hanno|è|sono|stat[oaie]|si",
    "nl": "hebben|heeft|is|zijn|werd|werden|wordt",
    "pl": "",
}
"""Without one of them before it a participle may tell anything: ``the agreed price``."""
_PHRASES: Final = {
    "en": r"we (?:settled on|went for|go with|opted for)|the decision (?:is|was|fell)",
    "de": r"(?:wir|die \w+|der \w+|das \w+) (?:beschloss(?:en)?|entschied(?:en)?|vereinbarten|einigten uns|"
    r"einigte sich|einigten sich)|beschlossen wurde|entschieden wurde|vereinbart wurde|die entscheidung fiel",
    "fr": r"(?:on|nous) (?:retient|retenons|valide|validons|décide|décidons|s'est mis d'accord)|"
    r"(?:on s'est|nous nous sommes) mis d'accord",
    "es": r"(?:se )?(?:acordamos|decidimos|aprobamos|resolvimos|acordó|decidió|aprobó|resolvió|acordaron|"
    r"decidieron)|"
    r"nos pusimos de acuerdo|quedamos en",
    "it": r"(?:decidemmo|ci siamo accordati|siamo d'accordo|si decide|si approva|approviamo|decidiamo)",
    "nl": r"(?:we|wij) (?:spraken af|besloten|kozen)|er is gekozen|(?:we|wij) zijn het eens",
    "pl": r"(?:zdecydowa|ustali|uzgodni|postanowi|zatwierdzi|przyję)(?:liśmy|łyśmy|li|ł|ła)|zapadła decyzja",
}
_NOT: Final = (
    r"not|n't|nothing|never|no|nicht|nichts|kein\w*|noch|ne|n'a|n'avons|n'est|pas|rien|aucune?|jamais|"
    r"nada|nunca|ningun[oa]?|non|niente|nulla|nessun[oa]?|niet|niets|geen|nie|nic|żadn\w*|"
    r"must|should|could|would|müssen|muss|sollte\w*|soll|sollen|könnte\w*|doit|devons|doivent|faut|debe|"
    r"debemos|deve|"
    r"dobbiamo|moet|moeten|zou|zouden|if|whether|ob|falls|wenn|czy|jeśli"
)
"""Before what would be a decision: there is none, or not yet."""
_DECISIONS: Final = {
    code: re.compile(
        rf"(?P<before>^|.*?\b)(?:(?:{_PHRASES[code]})\b|"
        + (rf"(?:{_HELPERS[code]})\b[^.;:]{{0,60}}?\b" if _HELPERS[code] else "")
        + rf"(?:{_PARTICIPLES[code]})\b(?!\s+(?:werden|worden sein)))",
        re.IGNORECASE,
    )
    for code in _PARTICIPLES
}
_AT_THE_END: Final = re.compile(rf"\b(?:{'|'.join(_PARTICIPLES.values())})\s*[.!]?$", re.IGNORECASE)
"""``Budget of 5,000 EUR approved.``"""
_SHORT: Final = 80
"""Characters of a sentence that may leave its helping verb out."""
_NEGATED: Final = re.compile(rf"(?<![\w'])(?:{_NOT})(?!\w)|n't\b", re.IGNORECASE)


def decides(sentence: str, language: str) -> bool:
    """Whether a sentence tells that something has been decided, by its verb."""
    for code in (language,) if language else tuple(_DECISIONS):
        match = _DECISIONS[code].search(sentence)
        if match and not _NEGATED.search(match.group()):
            return True
    return (
        len(sentence) < _SHORT and _AT_THE_END.search(sentence) is not None and not _NEGATED.search(sentence)
    )


OPEN: Final = re.compile(
    r"^(?:(?:noch )?offen (?:ist|sind|bleibt|bleiben)|(?:noch )?unklar (?:ist|bleibt)|"
    r"(?:it|what) (?:is|remains) (?:still )?(?:open|unclear)|still open|unclear (?:is|whether)|"
    r"to be clarified|"
    r"reste à (?:savoir|décider|clarifier)|il reste à|queda (?:por|pendiente)|no está claro|"
    r"resta da|non è chiaro|nog onduidelijk|het is (?:nog )?onduidelijk|nog te (?:bepalen|beslissen)|"
    r"nie wiadomo|pozostaje (?:otwarte|do))(?!\w)",
    re.IGNORECASE,
)
"""Begins a sentence that says that something is open."""


# --- tasks

WILL: Final = re.compile(
    r"^(?:will|'ll|shall|should|must|needs? to|has to|have to|is to|are to|is going to|are going to|to|"
    r"takes|takes care|"
    r"wird|werden|soll|sollen|sollte|muss|müssen|kümmert sich|übernimmt|"
    r"va|vont|doit|doivent|devra|devront|se charge|s'occupe|prend en charge|"
    r"van? a|tiene que|tienen que|debe|deben|deberá|se encarga|se ocupa|"
    r"deve|devono|dovrà|si occupa|si incarica|"
    r"zal|zullen|moet|moeten|gaat|neemt|"
    r"ma|mają|musi|muszą|powinien|powinna|będzie|zajmie się)(?!\w)",
    re.IGNORECASE,
)
"""A verb of promise or duty, at the beginning of what follows who has it: a task with or without a date."""

STATE: Final = re.compile(
    r"^(?:is|are|was|were|has|have|had|been|does not|do not|did|doesn't|don't|didn't|won't|cannot|can't|"
    r"will not|"
    r"said|says|thinks|asked|reported|told|noted|joined|left|stays|remains|"
    r"ist|sind|war|waren|hat|haben|hatte|hatten|wurde|wurden|sagt|sagte|meint|berichtete?|bleibt|fehlt|"
    r"est|sont|était|étaient|a|ont|avait|avaient|dit|pense|reste|n'\w+|ne|"
    r"es|son|está|están|era|eran|fue|ha|han|había|dice|dijo|piensa|queda|no|"
    r"è|sono|era|erano|hanno|aveva|dice|pensa|resta|non|"
    r"zijn|waren|heeft|hebben|hadden|zegt|zei|denkt|blijft|"
    r"jest|są|był|była|byli|powiedział|powiedziała|zostaje|nie)(?!\w)",
    re.IGNORECASE,
)
"""What somebody is, has, said or did not do is nothing to be done."""

PAST: Final = {
    "en": r"(?!(?:need|feed|proceed|succeed|exceed)$)[a-z]+ed|sent|went|made|gave|took|wrote|paid|met|"
    r"found|got|did|"
    r"held|brought|bought|sold|spoke|came",
    "de": r"[a-zäöüß]+te|schrieb|gab|ging|nahm|kam|fand|sprach|rief|brachte|zahlte|verließ",
    "fr": r"(?!(?:fait|sait|connait|connaît)$)[a-zéèêî]+(?:ait|aient|èrent)|fit|vint|prit",
    "es": r"[a-záéíóú]+(?:ó|aron|ieron)|hizo|dijo|fue|vino|trajo",
    "it": r"[a-zàèéìòù]+(?:ò|ava|eva|iva|arono)|fece|disse|venne",
    "nl": r"[a-z]+(?:de|te)|schreef|gaf|ging|nam|kwam|vond|sprak|bracht|kocht",
    "pl": r"[a-ząćęłńóśźż]+(?:ł|ła|ło|ły)",
}
"""A verb in the past that is not also one in the present, of a language."""

AND: Final = r"(?:and|und|et|y|e|en|i|oraz|&)"

NOT: Final = re.compile(
    r"(?<![\w'])(?:not|never|nicht|kein\w*|pas|jamais|nunca|non|niet|geen|nie|nigdy)(?!\w)|n't\b",
    re.IGNORECASE,
)

SHORT: Final = frozenset(
    words(
        "approx bzw ca dr etc evtl excl ggf incl inkl inv mr mrs ms nr pos resp st str tel vgl mme mlle sr "
        "sra srta sig dott art av godz np tzw ul vs bspw usw max mio mrd tsd dhr mevr bijv stk stck pcs szt "
        "pz pkg lfm ref réf uds ud qty qté"
    )
)
"""Abbreviations, without their point, that end no sentence."""

DAYS_IN_OTHER_CASES: Final = {
    "poniedziałku": "poniedziałek",
    "wtorku": "wtorek",
    "czwartku": "czwartek",
    "piątku": "piątek",
    "piątkiem": "piątek",
}
"""Polish days of the week as they follow prepositions, by their own forms."""
