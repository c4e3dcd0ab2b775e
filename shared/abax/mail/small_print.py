"""What lawyers, gateways and mailing programs add to a mail, in en de fr es it nl pl."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

_STRONG: Final = (
    ("confidential", r"(?:this|the|all) (?:e-?mail|message|communication|transmission"
                     r"|information)[^\n]{0,160}confidential"),
    ("privileged", r"(?:this|the) (?:e-?mail|message|communication|transmission)[^\n]{0,160}privileged"),
    ("intended", r"(?:intended|solely) (?:solely |only )?for the (?:use of|addressee|individual|named"
                 r"|recipient|intended)"),
    ("in error", r"if you (?:are not|have received) th[ei][^\n]{0,80}(?:intended|in error)"),
    ("environment", r"consider the environment|think of the environment"),
    ("before printing", r"before printing this"),
    ("terms and conditions", r"terms and conditions apply"),
    ("viruses", r"scanned for viruses|free (?:of|from) viruses"),
    ("vertraulich", r"diese (?:e-?mail|nachricht)[^\n]{0,160}vertraulich|vertrauliche (?:und/oder"
                    r"|informationen|und)"),
    ("bestimmt", r"diese (?:e-?mail|nachricht)[^\n]{0,120}ausschlie\u00dflich[^\n]{0,60}bestimmt"),
    ("adressat", r"nicht der (?:richtige|beabsichtigte|vorgesehene) adressat"),
    ("umwelt", r"denken sie an (?:die|unsere) umwelt"),
    ("ausdrucken", r"bevor sie diese e-?mail ausdrucken"),
    ("confidentiel", r"(?:cet?|le pr\u00e9sent) (?:message|courriel|e-?mail)[^\n]{0,160}confidentiel"),
    ("destin", r"(?:ce|le pr\u00e9sent) (?:message|courriel"
               r"|e-?mail)[^\n]{0,80}exclusivement[^\n]{0,40}destin"),
    ("environnement", r"pensez \u00e0 l['\u2019]environnement"),
    ("imprimer", r"avant d['\u2019]imprimer"),
    ("destinatari", r"(?:este|questo|il presente) (?:mensaje|correo|messaggio"
                    r"|e-?mail)[^\n]{0,160}destinatari"),
    ("confidencial", r"este (?:mensaje|correo)[^\n]{0,160}confidencial"),
    ("antes de imprimir", r"antes de imprimir"),
    ("riservat", r"(?:questo|il presente) (?:messaggio|e-?mail)[^\n]{0,160}riservat"),
    ("prima di stampare", r"prima di stampare"),
    ("vertrouwelijk", r"(?:dit|deze) (?:bericht|e-?mail)[^\n]{0,160}vertrouwelijk"),
    ("bestemd", r"(?:dit|deze) (?:bericht|e-?mail)[^\n]{0,120}uitsluitend[^\n]{0,40}bestemd"),
    ("milieu", r"denk aan het milieu"),
    ("poufn", r"(?:niniejsz\w*|ta|ten)\s?(?:wiadomo|e-?mail|korespondencj)[^\n]{0,160}poufn"),
    ("zanim wydrukujesz", r"zanim wydrukujesz"),
)  # fmt: skip
"""A word that must stand there, and the pattern that it stands in."""
_WARNINGS: Final = (
    ("outside", r"originat(?:ed|es) (?:from )?outside|(?:from|sent) (?:someone )?outside (?:of )?(?:the|your"
                r"|our)"),
    ("external", r"\[?external (?:e-?mail|sender|message)\]?|\[external\]"),
    ("click", r"do not click (?:on )?(?:any )?(?:links|attachments)|before clicking|click links or open"),
    ("extern", r"externe(?:n|r|s)? (?:e-?mail|absender|nachricht)|exp\u00e9diteur externe|remitente externo"
               r"|mittente esterno|externe afzender"),
    ("zewn\u0119trzn", r"wiadomo\u015b\u0107 zewn\u0119trzna|spoza organizacji"),
)  # fmt: skip
_WEAK: Final = (
    ("registered", r"registered (?:office|in england|in scotland|address)"),
    ("registration", r"company registration n"),
    ("unsubscribe", r"unsubscribe"),
    ("preferences", r"manage (?:your )?(?:e-?mail )?preferences"),
    ("receiv", r"you (?:are |have )?receiv(?:ed|ing) this (?:e-?mail|message|newsletter|mailing)"),
    ("gesch\u00e4ftsf\u00fchr", r"gesch\u00e4ftsf\u00fchr(?:er(?:in)?|ung)\s?:"),
    ("vorstand", r"vorstand\s?:|vorstand \([^\n]{0,40}\):"),
    ("aufsichtsrat", r"aufsichtsrats?(?:vorsitzender)?\s?:"),
    ("amtsgericht", r"amtsgericht\s?:?\s[A-Z\u00c4\u00d6\u00dc]"),
    ("handelsregister", r"handelsregister"),
    ("registergericht", r"registergericht"),
    ("sitz der", r"sitz der gesellschaft"),
    ("hr", r"\bHR ?[AB] \d"),
    ("abbestellen", r"newsletter abbestellen|abbestellen\s?(?:<|$)"),
    ("abmelden", r"\babmelden\b[^\n]{0,30}$"),
    ("abonner", r"se d\u00e9sabonner"),
    ("d\u00e9sinscri", r"se d\u00e9sinscrire"),
    ("capital", r"(?:au )?capital (?:social )?de [\d\s.,]+"),
    ("rcs ", r"\bRCS [A-Z]"),
    ("darse de baja", r"darse de baja"),
    ("suscripci\u00f3n", r"cancelar (?:la |su )?suscripci\u00f3n"),
    ("protecci\u00f3n de datos", r"protecci\u00f3n de datos"),
    ("disiscri", r"disiscriver\w+|disiscrizione"),
    ("iscrizione", r"annulla(?:re)? l['\u2019]iscrizione"),
    ("capitale sociale", r"capitale sociale"),
    ("uitschrijven", r"uitschrijven"),
    ("afmelden", r"\bafmelden\b[^\n]{0,30}$"),
    ("wypisz", r"wypisz si\u0119"),
    ("kapita\u0142", r"kapita\u0142 zak\u0142adowy"),
)  # fmt: skip
_ALL: Final = (*_STRONG, *_WARNINGS, *_WEAK)
_SPEAKS: Final = re.compile(
    r"\?|\b(?:please|bitte|merci de|veuillez|por favor|per favore|graag|prosz\u0119|prosimy"
    r"|i|we|my|our|ich|wir|mein|unser|je|nous|mon|yo|nosotros|mi|io|noi|mio|ik|wij|mijn|moj\w|nasz\w)\b",
    re.IGNORECASE,
)
_PARAGRAPH: Final = 5_000


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def signs_in(text: str) -> frozenset[str]:
    """Which of the words that small print has a text holds: none, and no paragraph of it is small print."""
    low = text.lower()
    return frozenset(word for word, _ in _ALL if word in low)


def is_small_print(paragraph: str, signs: Collection[str], *, first: bool) -> bool:
    """Whether a paragraph of a text with these signs is small print. The first one of a mail is if it warns
    of senders from outside; what a writer says in the first person or asks for is not, unless it is a
    lawyer's."""
    low = paragraph[:_PARAGRAPH].lower()
    if _any(_WARNINGS, low, signs):
        return first or not _SPEAKS.search(low)
    if first:
        return False
    return _any(_STRONG, low, signs) or (_any(_WEAK, low, signs) and not _SPEAKS.search(low))


def _any(table: tuple[tuple[str, str], ...], low: str, signs: Collection[str]) -> bool:
    return any(word in signs and word in low and _compiled(pattern).search(low) for word, pattern in table)
