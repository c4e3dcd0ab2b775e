"""A message as its sentences: what every claim of triage rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

from abax.documents.dates import month_of
from abax.mail.contracts import Message
from abax.mail.phrases import Word, folded, word_set, words_of

LONGEST: Final = 12_000
"""Letters of a message's own text that are read; what says something important stands before."""
MOST_SENTENCES: Final = 150

_PARAGRAPH: Final = re.compile(r"\n[ \t>]*\n")
_BULLET: Final = re.compile(r"\s*(?:[-*•·–—►▪o]\s|\(?\d{1,2}[.)]\s|\(?[a-z]\)\s)")
_END: Final = re.compile(r"(?:[!?…]+|\.+)[\"'»”)\]]*(?=\s+[\"'«„“(\[¿¡]*[^\s])")
_CLOSED: Final = re.compile(r"[.!?:;…][\"'»”)\]]*\s*$")
_REPLIED: Final = re.compile(
    r"^(?:\s*(?:re|aw|antw|antwort|sv|fw|fwd|wg|tr|rv|rif|r|i|odp|pd|doorst|res|enc)\s?(?:\[\d+\])?\s?:)+\s*",
    re.IGNORECASE,
)
_WRAPPED: Final = 45
"""A line of so many letters that does not end a sentence goes on in the next."""
_ABBREVIATIONS: Final = word_set(
    "no nos nr nrs num inv ref mr mrs ms dr prof st ave co corp inc ltd dept approx est vs etc eg ie "
    "fig ca bzw zb evtl ggf inkl exkl zzgl lt vgl usw str tel abs art hr fr frl geb gem ggfs max min "
    "mio mrd tsd m mme mlle cie env ex sr sra srta sres dna ud uds vd vds pag pags aprox dto dpto sig "
    "sigg dott ing avv rag spett gent egr pag fatt rif dhr mevr mw bijv bv nl incl excl tav resp ul "
    "al pl os tzn np itp itd ww pkt poz zam fak godz r sp"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence or a heading of a message."""

    text: str
    """As it stands, with single blanks."""
    place: int
    """Its number; 0 is the subject."""

    @property
    def is_subject(self) -> bool:
        """Whether it is the subject."""
        return self.place == 0

    @property
    def evidence(self) -> str:
        """How a claim names it: word for word, a subject as ``Subject: …``."""
        return f"Subject: {self.text}" if self.is_subject else self.text

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words."""
        return words_of(self.text)

    @property
    def is_question(self) -> bool:
        """Whether it ends with a question mark."""
        return self.text.rstrip("\"'»”) ").endswith("?")


@dataclass(frozen=True)
class Reading:
    """A message taken apart. Sentence 0 is its subject without ``Re:``, there also where it is empty."""

    message: Message
    sentences: tuple[Sentence, ...]
    day: date
    """The day it was written, else came, else the day of reading it: what ``tomorrow`` is reckoned from."""

    @property
    def body(self) -> tuple[Sentence, ...]:
        """The sentences below the subject."""
        return self.sentences[1:]

    @cached_property
    def text(self) -> str:
        """Subject and text as classifiers read them."""
        return f"{self.message.subject}\n{self.message.text[:LONGEST]}"


def read(message: Message, now: datetime) -> Reading:
    """A message's subject and own text as sentences."""
    day = (message.sent_at or message.received_at or now).date()
    subject = " ".join(_REPLIED.sub("", message.subject).split())
    texts = [subject]
    for text in sentences_of(message.text[:LONGEST]):
        texts.append(text)
        if len(texts) > MOST_SENTENCES:
            break
    return Reading(message, tuple(Sentence(text, place) for place, text in enumerate(texts)), day)


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of a text, lines that were wrapped joined. Headings, greetings and points of a list are
    sentences by themselves."""
    for paragraph in _PARAGRAPH.split(text.replace("\r\n", "\n")):
        for block in _unwrapped(paragraph):
            yield from _parted(block)


def _unwrapped(paragraph: str) -> Iterator[str]:
    block, last = "", ""
    for line in paragraph.split("\n"):
        bare = " ".join(line.split())
        if not bare:
            continue
        if block and not _goes_on(last, line, bare):
            yield block
            block = ""
        block, last = f"{block} {bare}" if block else bare, bare
    if block:
        yield block


def _goes_on(last: str, line: str, bare: str) -> bool:
    """Whether a line continues the line before it."""
    if _BULLET.match(line) or (_CLOSED.search(last) and not _is_short(last)):
        return False
    return len(last) >= _WRAPPED or (bare[0].islower() and not last.endswith(","))


def _is_short(text: str) -> bool:
    """Whether a text ends with an abbreviation."""
    return folded(text.rsplit(maxsplit=1)[-1].lstrip("(\"'„“«[")).replace(".", "") in _ABBREVIATIONS


def _parted(block: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(block):
        if not _is_end(block, match):
            continue
        yield block[start : match.end()].strip()
        start = match.end()
    if block[start:].strip():
        yield block[start:].strip()


def _is_end(block: str, match: re.Match[str]) -> bool:
    """Whether a mark ends a sentence, not an abbreviation, an initial or the day of a date."""
    following = block[match.end() :].split(maxsplit=1)[0]
    if match.group()[0] != ".":
        return not following[0].islower() or match.group()[0] == "?"
    before = block[: match.start()].rsplit(maxsplit=1)[-1:] or [""]
    word = folded(before[0].lstrip("(\"'„“«[")).replace(".", "")
    if word.isdecimal() and len(word) <= 2:
        return not (following[0].islower() or month_of(following.strip(".,;:")))
    if _is_short(block[: match.start()]) or (len(word) == 1 and word.isalpha()):
        return False
    return not following[0].islower() or block.islower()
