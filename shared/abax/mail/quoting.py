"""What the writer of a mail says now, what is history, and what is signature or small print.

History is found by how programs introduce it (``On … wrote:``, ``Am … schrieb …:``, blocks of ``Von:`` and
``Gesendet:``, ``-----Original Message-----``) in en de fr es it nl pl, and by ``>``. Answers between quoted
lines stay the writer's. Nothing is lost: each line ends up in one of the three parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from abax.mail import small_print

__all__ = ["Split", "split"]


@dataclass(frozen=True, slots=True)
class Split:
    """A body in three parts."""

    text: str
    quoted: str = ""
    signature: str = ""


_OWN, _QUOTED, _SIGNATURE = "own", "quoted", "signature"
_MOST_LINES: Final = 20_000
_MOST_ALONE: Final = 200
"""Letters of a signature that is all there is; more of them are what the mail has to say."""
_LONGEST: Final = 400
"""Letters of a line that can introduce history or be part of a signature."""


def split(text: str) -> Split:
    """The three parts of a body."""
    lines = text.split("\n")
    kinds = _history(lines[:_MOST_LINES])
    kinds += [_QUOTED if kinds and kinds[-1] == _QUOTED else _OWN] * (len(lines) - len(kinds))
    for start, end in _stretches(kinds, _OWN):
        for place in _signature(lines[start:end], first=start == 0):
            kinds[start + place] = _SIGNATURE
    parts = {kind: _joined(lines, kinds, kind) for kind in (_OWN, _QUOTED, _SIGNATURE)}
    if not parts[_OWN] and not parts[_QUOTED] and len(parts[_SIGNATURE]) > _MOST_ALONE:
        return Split(parts[_SIGNATURE])
    return Split(parts[_OWN], parts[_QUOTED], parts[_SIGNATURE])


def _joined(lines: Sequence[str], kinds: Sequence[str], wanted: str) -> str:
    """The lines of a kind, with an empty one where others stood between them."""
    out: list[str] = []
    for start, end in _stretches(kinds, wanted):
        piece = "\n".join(line.rstrip() for line in lines[start:end]).strip("\n")
        if piece.strip():
            out.append(piece)
    return "\n\n".join(out)


def _stretches(kinds: Sequence[str], wanted: str) -> list[tuple[int, int]]:
    """Where lines of a kind stand together."""
    found, start = [], -1
    for place, kind in enumerate([*kinds, ""]):
        if kind == wanted and start < 0:
            start = place
        elif kind != wanted and start >= 0:
            found.append((start, place))
            start = -1
    return found


# --- history --------------------------------------------------------------------------------------------

_MARK: Final = re.compile(r"\s{0,3}(?:[>\u203a\uff1e]|[A-Z]{2,3}> )")
_BARE: Final = re.compile(r"^(?:[\s>*_|\u200b]+)|[*_\s]+$")

_BEFORE_ORIGINAL: Final = re.compile(
    r"[\s>*]*[-_=]{2,}\s*(?:"
    r"original message|original mail|forwarded message|forwarded by .{0,80}|original appointment"
    r"|reply message"
    r"|urspr\u00fcngliche (?:nachricht|e-?mail)|original-?nachricht|weitergeleitete nachricht|originaltermin"
    r"|message d['\u2019]origine|message original|message transf\u00e9r\u00e9|courriel original"
    r"|e-?mail d['\u2019]origine"
    r"|mensaje original|mensaje reenviado|correo original"
    r"|messaggio originale|messaggio inoltrato|messaggio di posta originale"
    r"|oorspronkelijk(?:e)? (?:bericht|e-?mail)|doorgestuurd bericht|origineel bericht"
    r"|wiadomo\u015b\u0107 oryginalna|oryginalna wiadomo\u015b\u0107|wiadomo\u015b\u0107 przekazana.{0,20}"
    r"|treść oryginalnej wiadomości.{0,10}|przekazana wiadomo\u015b\u0107"
    r")\s*(?:[-_=]{2,}.*)?",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|d\u00e9but du message r\u00e9exp\u00e9di\u00e9"
    r"|d\u00e9but du message transf\u00e9r\u00e9|inicio del mensaje reenviado|inizio messaggio inoltrato"
    r"|begin doorgestuurd bericht"
    r"|rozpocz\u0119cie przes\u0142anej dalej wiadomo\u015bci"
    r"|pocz\u0105tek przekazywanej wiadomo\u015bci)\s?:?",
    re.IGNORECASE,
)
_FROM: Final = r"from|von|de|da|van|od|exp\u00e9diteur|remitente|mittente|afzender|nadawca|absender"
_OTHERS: Final = (
    r"sent|date|to|cc|subject|gesendet|datum|an|betreff|envoy\u00e9(?: le)?|\u00e0|a|objet|enviado(?: el)?"
    r"|fecha|para|asunto"
    r"|inviato|data|per|oggetto|verzonden|aan|onderwerp|wys\u0142ano|wys\u0142ane|do|dw|temat|sujet|pour"
    r"|destinataire|kopie|cc|reply-to|importance"
)
_FROM_LINE: Final = re.compile(rf"[\s>*|]*(?:{_FROM})\*?\s?:\*?\s*\S.{{0,300}}", re.IGNORECASE)
_OTHER_LINE: Final = re.compile(rf"[\s>*|]*(?P<name>{_OTHERS})\*?\s?:\*?(?:\s.{{0,10000}})?", re.IGNORECASE)
_RULE: Final = re.compile(r"[\s>*]*[_\-=*]{5,}\s*")

_WROTE: Final = (
    r"wrote|writes|schrieb(?:en)?|hat (?:am .{3,60} )?(?:geschrieben|folgendes geschrieben)|a \u00e9crit"
    r"|\u00e9crivait|escribi\u00f3"
    r"|ha escrito|ha scritto|schreef|heeft .{0,60}geschreven|geschreven|napisa\u0142(?:\(a\)|a|/a)?|pisze"
    r"|napisali"
)
_ATTRIBUTION: Final = re.compile(
    r"(?:(?P<intro>(?:on|am|le|el|il|op|w dniu|dnia|pon\.|wt\.|\u015br\.|czw\.|pt\.|sob\.|niedz\.)(?=\s)"
    r"|\d))?"
    rf".{{2,300}}?\b(?:{_WROTE})\b(?:\s?\(a\))?.{{0,160}}?\s?:\s?",
    re.IGNORECASE | re.DOTALL,
)
_DATED: Final = re.compile(r"\d{1,4}[./-]\d{1,2}|\d{1,2}:\d{2}|\b(?:19|20)\d{2}\b|@")
_ADDRESSED: Final = re.compile(
    r"[<\[(]\S{1,80}@\S{1,80}[>\])]|^.{3,60} (?:hat am .{5,40} geschrieben|schrieb am .{5,40}):$",
    re.IGNORECASE,
)


def _history(lines: Sequence[str]) -> list[str]:
    """Whose each line is: the writer's, or of history."""
    kinds = [_QUOTED if _MARK.match(line) else _OWN for line in lines]
    place = 0
    while place < len(lines):
        length, to_end = _introduction(lines, place) if kinds[place] == _OWN else (0, False)
        if not length:
            place += 1
            continue
        after = place + length
        kinds[place:after] = [_QUOTED] * length
        marked = _marked_after(lines, after)
        if not marked and (to_end or not _is_marked_later(lines, after)):
            kinds[after:] = [_QUOTED] * (len(lines) - after)
            break
        place = after
    _mend(lines, kinds)
    return kinds


def _introduction(lines: Sequence[str], place: int) -> tuple[int, bool]:
    """How many lines from there on introduce history (0: none), and whether all that follows is history
    unless it is marked."""
    line = lines[place].strip()
    if not line or len(line) > _LONGEST:
        return 0, False
    if _BEFORE_ORIGINAL.fullmatch(line) or _BEGINS.fullmatch(line.strip(" >*-")):
        return 1 + _fields_after(lines, place + 1), True
    if _RULE.fullmatch(line):
        block = _header_block(lines, place + 1)
        return (1 + block, True) if block else (0, False)
    block = _header_block(lines, place)
    if block:
        return block, True
    return _attribution(lines, place), True


def _header_block(lines: Sequence[str], place: int) -> int:
    """The length of a block as Outlook writes it, ``Von: … Gesendet: … An: …``; 0 where there is none."""
    start = place
    while start < len(lines) and start - place < 3 and not lines[start].strip():
        start += 1
    if start >= len(lines) or not (_FROM_LINE.fullmatch(lines[start][:_LONGEST])):
        return 0
    seen: set[str] = set()
    end = start + 1
    for at in range(start + 1, min(len(lines), start + 14)):
        match = _OTHER_LINE.fullmatch(lines[at][:10_000])
        if match is not None:
            seen.add(match["name"].lower())
            end = at + 1
        elif len(seen) >= 2 and not (lines[at].strip() and lines[at - 1].strip()):
            break
    return end - place if len(seen) >= 2 else 0


def _fields_after(lines: Sequence[str], place: int) -> int:
    """How many lines of headers follow, in whatever order."""
    at = place
    while at < len(lines) and at - place < 3 and not lines[at].strip():
        at += 1
    end = at
    for end in range(at, min(len(lines), at + 14)):
        line = lines[end][:_LONGEST]
        if not (_FROM_LINE.fullmatch(line) or _OTHER_LINE.fullmatch(line)):
            break
    return end - place if end > at else 0


def _attribution(lines: Sequence[str], place: int) -> int:
    """How many lines ``On …, … wrote:`` takes from there on; 0 where it does not stand there."""
    joined = ""
    for length in range(1, 5):
        if place + length > len(lines):
            break
        piece = lines[place + length - 1].strip()
        if not piece:
            break
        joined = f"{joined} {piece}".strip() if joined else piece
        if len(joined) > _LONGEST:
            break
        forgotten = (
            not piece.endswith(":") and _ADDRESSED.search(piece) and _marked_after(lines, place + length)
        )
        told = f"{joined}:" if forgotten else joined if piece.endswith(":") else ""
        if told and _ATTRIBUTION.fullmatch(told) and _is_introduction(lines, place + length, told):
            return length
    return 0


def _is_introduction(lines: Sequence[str], after: int, joined: str) -> bool:
    """Such a line names a day or an address, or what follows is marked as quoted."""
    match = _ATTRIBUTION.fullmatch(joined)
    if _marked_after(lines, after):
        return True
    telling = _DATED if match is not None and match["intro"] else _ADDRESSED
    return bool(telling.search(joined))


def _marked_after(lines: Sequence[str], place: int) -> bool:
    """The next line that says anything is marked with ``>``."""
    following = next((line for line in lines[place : place + 4] if line.strip()), "")
    return bool(_MARK.match(following))


def _is_marked_later(lines: Sequence[str], place: int) -> bool:
    """Most of what follows is marked with ``>``: what is not is an answer."""
    following = [line for line in lines[place : place + 200] if line.strip()]
    return sum(bool(_MARK.match(line)) for line in following) > 0.5 * len(following)


_FULL: Final = 65
"""Letters of a line that a program may have broken."""
_REST: Final = 25
"""Letters of what it broke off."""


def _mend(lines: Sequence[str], kinds: list[str]) -> None:
    """The end of a quoted line that a program broke off, between two quoted ones, is quoted, too."""
    for place in range(1, len(lines) - 1):
        if kinds[place] != _OWN or kinds[place - 1] != _QUOTED or kinds[place + 1] != _QUOTED:
            continue
        before, line = lines[place - 1].rstrip(), lines[place].strip()
        if len(before) >= _FULL and before[-1] not in ".?!:" and 0 < len(line) < _REST and line[:1].islower():
            kinds[place] = _QUOTED


# --- signature and small print --------------------------------------------------------------------------

_DASHES: Final = re.compile(r"\s{0,2}(?:--|\u2014|__)\s*")
_CLOSINGS: Final = (
    r"(?:(?:with )?(?:best|kind|warm|kindest|warmest|many|with kind|with best|very best) )?(?:regards|wishes"
    r"|greetings)"
    r"|(?:all the )?best(?: wishes)?|(?:many |kind )?thanks(?: again| and .{3,25}| in advance.{0,20}"
    r"| so much| a lot)?|thank you(?: .{2,35})?"
    r"|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|yours|cheers|respectfully|cordially|br|rgds|kr"
    r"|thx|take care|looking forward.{0,60}"
    r"|(?:mit )?(?:(?:den )?besten|freundlichen?|lieben?|herzlichen?|sch\u00f6nen?"
    r"|vielen) (?:gr\u00fc(?:\u00df|ss)en?|empfehlungen|dank)"
    r"(?: (?:aus|und|im voraus|vorab|f\u00fcr).{0,40})?"
    r"|freundliche gr\u00fc(?:\u00df|ss)e(?: aus .{2,25})?|(?:beste|liebe|viele|sch\u00f6ne"
    r"|herzliche) gr\u00fc(?:\u00df|ss)e(?: aus .{2,25})?|hochachtungsvoll"
    r"|gru(?:\u00df|ss)|mfg|lg|vg|danke(?: (?:und .{3,30}|im voraus|vorab|sch\u00f6n))?|gr\u00fc(?:\u00df"
    r"|ss)e"
    r"|(?:bien |tr\u00e8s )?cordialement|(?:sinc\u00e8res |meilleures "
    r"|cordiales )?salutations(?: distingu\u00e9es)?|bien \u00e0 (?:vous|toi)"
    r"|(?:veuillez|je vous prie d|nous vous prions d|recevez|agr\u00e9ez).{5,120}(?:salutations|sentiments"
    r"|consid\u00e9ration).{0,40}"
    r"|merci(?: (?:d'avance|beaucoup|bien|et .{3,30}|par avance))?|bonne (?:journ\u00e9e|r\u00e9ception"
    r"|soir\u00e9e)|amiti\u00e9s|cdlt|cdt"
    r"|(?:un )?(?:cordial |atento |afectuoso )?saludos?(?: (?:cordiales|cordial|atentos))?"
    r"|(?:muy )?atentamente|(?:reciba|reciban) .{3,60}saludo.{0,20}"
    r"|(?:muchas )?gracias(?: .{3,35})?|quedo .{3,60}|un abrazo"
    r"|(?:cordiali|distinti|cari|tanti) saluti|(?:un )?(?:cordiale )?saluto|saluti|cordialmente"
    r"|(?:molte )?grazie(?: .{3,35})?|in attesa .{3,60}"
    r"|(?:met )?(?:vriendelijke|hartelijke|beste) ?groet(?:en|jes)?|groet(?:en|jes)?|hoogachtend|mvg"
    r"|(?:alvast )?bedankt(?: .{3,30})?|(?:met )?dank(?: .{3,30})?"
    r"|z (?:powa\u017caniem|wyrazami szacunku|pozdrowieniami|g\u00f3ry dzi\u0119kuj\u0119)"
    r"|(?:serdecznie )?pozdrawiam(?: serdecznie)?|(?:serdeczne )?pozdrowienia"
    r"|dzi\u0119kuj\u0119(?: .{2,30})?|dzi\u0119ki|\u0142\u0105cz\u0119 (?:wyrazy szacunku|pozdrowienia)"
)
_CLOSING: Final = re.compile(rf"(?:{_CLOSINGS})[\s,.!;:)\u2013-]{{0,4}}", re.IGNORECASE)
_NAMED_CLOSING: Final = re.compile(
    rf"(?:{_CLOSINGS})\s?[,.!\u2013-]{{1,2}}\s?(?-i:(?:[A-Z\u00c0-\u017d][\w.'-]*\s?){{1,3}})", re.IGNORECASE
)
_DEVICE: Final = re.compile(
    r"(?:sent from (?:my )?(?:.{2,40})|get outlook for .{2,70}|sent (?:with|via|using) .{2,40}"
    r"|(?:von|vom) (?:meinem |mein )?.{2,40} gesendet|gesendet (?:von|mit|\u00fcber) .{2,50}"
    r"|diese nachricht wurde von .{2,60} gesendet"
    r"|envoy\u00e9 (?:de|depuis) (?:mon |ma )?.{2,40}|t\u00e9l\u00e9charger outlook pour .{2,30}"
    r"|enviado (?:desde|de) (?:mi )?.{2,40}|obtener outlook para .{2,30}"
    r"|inviato (?:da|dal) (?:mio )?.{2,40}|scarica outlook per .{2,30}"
    r"|verzonden (?:vanaf|met|vanuit) (?:mijn )?.{2,40}|outlook voor .{2,30} downloaden"
    r"|wys\u0142ane? z (?:mojego )?.{2,40}|pobierz aplikacj\u0119 outlook .{2,30})",
    re.IGNORECASE,
)
_POSTSCRIPT: Final = re.compile(r"\s*p\.?\s?s\.?\s?[:.\-\u2013 ]", re.IGNORECASE)
_SHORT: Final = 90
_MOST_SIGNED: Final = 12
"""Lines right below a closing."""
_PROSE_WORDS: Final = 7
_CONTACT: Final = re.compile(
    r"@|www\.|https?://|\b(?:tel|telefon|phone|mobile?|mob|fax|t\u00e9l|tlf|m|t|f|e|p|cell|handy|direct|ext"
    r"|office)\b\.?\s?[:.+]|\+\d{1,3}[ (\d]|\(0\)",
    re.IGNORECASE,
)


def _signature(lines: Sequence[str], *, first: bool) -> list[int]:
    """Which lines of a stretch of the writer's are signature or small print."""
    paragraphs = _paragraphs(lines)
    signs = small_print.signs_in("\n".join(lines))
    small = [
        (start, end)
        for start, end in (paragraphs if signs else ())
        if small_print.is_small_print(
            "\n".join(lines[start:end]), signs, first=first and start == paragraphs[0][0]
        )
    ]
    found = {line for start, end in small for line in range(start, end)}
    begin = _sign_off(lines)
    if begin is not None and begin < len(lines):
        found |= _signed(lines, begin, found)
    found |= _footer(lines)
    found |= _device(lines, found)
    return sorted(found)


def _footer(lines: Sequence[str]) -> set[int]:
    """What a list server or a program put below a rule at the end: addresses and links."""
    for place in range(max(0, len(lines) - _MOST_FOOTER), len(lines)):
        below = [line for line in lines[place + 1 :] if line.strip()]
        if _RULER.fullmatch(lines[place]) and below and any(above.strip() for above in lines[:place]):
            addressed = sum(bool(_CONTACT.search(line) or _LISTED.search(line)) for line in below)
            if 3 * addressed >= len(below):
                return set(range(place, len(lines)))
    return set()


_MOST_FOOTER: Final = 16
"""Lines of what stands below the last rule, and the rule."""
_RULER: Final = re.compile(r"\s{0,4}[-_=*~]{10,}\s*")
_LISTED: Final = re.compile(r"mailing[ -]?list|sponsored|newsgroup", re.IGNORECASE)


def _device(lines: Sequence[str], found: set[int]) -> set[int]:
    """What a telephone adds, if nothing of the writer's follows but little."""
    following = 0
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place].strip()
        if place in found or not line:
            continue
        if len(line) < _SHORT and _DEVICE.fullmatch(line.rstrip(".")):
            return {place}
        following += 1
        if following > _MOST_BELOW:
            break
    return set()


_MOST_BELOW: Final = 3
"""Lines of the writer's below what a telephone adds."""


def _paragraphs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where lines that say something stand together."""
    return _stretches(["line" if line.strip() else "" for line in lines], "line")


def _sign_off(lines: Sequence[str]) -> int | None:
    """The line that a signature begins with: the last closing that only names follow, or else dashes."""
    dashes = next((place for place, line in enumerate(lines) if _are_dashes(lines, place)), None)
    end = len(lines) if dashes is None else dashes
    for place in range(end - 1, -1, -1):
        line = lines[place].strip()
        if not line or len(line) > _SHORT + 60:
            continue
        if (_CLOSING.fullmatch(line) or _NAMED_CLOSING.fullmatch(line)) and _only_names_follow(
            lines[:end], place
        ):
            begin = _first_closing(lines, place)
            return begin if any(above.strip() for above in lines[:begin]) else place + 1
        if dashes is not None and _is_prose(line):
            break
    return dashes


def _are_dashes(lines: Sequence[str], place: int) -> bool:
    line = lines[place]
    return line == "-- " or bool(_DASHES.fullmatch(line) and any(above.strip() for above in lines[:place]))


def _only_names_follow(lines: Sequence[str], place: int) -> bool:
    """What stands right below a closing is short, as names and numbers are."""
    following: list[str] = []
    for line in lines[place + 1 :]:
        if not line.strip() and following:
            break
        following += [line] if line.strip() else []
    if place + 1 < len(lines) and not lines[place + 1].strip():
        return True
    return len(following) <= _MOST_SIGNED and all(
        len(line) < _SHORT and not _is_prose(line) for line in following
    )


def _first_closing(lines: Sequence[str], place: int) -> int:
    """``Thank you.`` above ``Kind regards`` belongs to it."""
    above = place - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above > 0 and place - above <= 2 and _CLOSING.fullmatch(lines[above].strip()):
        return above
    return place


def _signed(lines: Sequence[str], begin: int, small: set[int]) -> set[int]:
    """The lines from a sign-off on, but a postscript and paragraphs of prose: these the writer adds."""
    found = set(range(begin, begin + 1))
    dashed = lines[begin] == "-- "
    for start, end in _paragraphs(lines[begin + 1 :]):
        start, end = start + begin + 1, end + begin + 1
        text = " ".join(lines[start:end])
        if _POSTSCRIPT.match(text) or (not dashed and start not in small and _is_prose(text)):
            continue
        found |= set(range(start, end))
    return found


def _is_prose(text: str) -> bool:
    """Sentences, not names and numbers of a signature."""
    words = text.split()
    if len(words) < _PROSE_WORDS or _CONTACT.search(text):
        return False
    sentences = re.findall(r"[^\W\d_]{2,}[.?!](?:\s|$)", text)
    lower = sum(word[:1].islower() for word in words)
    return bool(sentences) and lower >= 0.5 * len(words)
