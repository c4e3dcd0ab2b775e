"""What the form and the wording of a text tell of whether it is wanted, one word each.

Counts become grades, each with a weight of its own: ``capitals:3`` is the fourth of so many. Words and
phrases are counted by topic (``spam_words.toml``), so that few examples teach what many words mean.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final

MOST_LETTERS: Final = 20_000
"""Of a body that are looked at."""


def text_traits(subject: str, body: str) -> Iterator[str]:
    """All of a subject and a body. No address and no host is among them."""
    body = body[:MOST_LETTERS]
    yield from _form_traits(subject, body)
    yield from _subject_traits(subject)
    yield from _layout_traits(body)
    yield from wording_traits(subject, body)


def graded(name: str, amount: float, steps: Sequence[float]) -> str:
    """A trait with the number of steps that an amount is above."""
    return f"{name}:{bisect_left(steps, amount)}"


# --- form -----------------------------------------------------------------------------------------------


def _form_traits(subject: str, body: str) -> Iterator[str]:
    for name, text in (("subject", subject), ("body", body)):
        signs = Counter(text)
        if _count(signs, str.isupper) > 0.4 * max(1, _count(signs, str.isalpha)):
            yield f"{name}:capitals"
        for sign, word in (("!", "cries"), ("$", "dollars"), ("?", "asks")):
            if sign in text:
                yield f"{name}:{word}:{min(3, text.count(sign).bit_length())}"
    if re.search(r"\S {4,}\S+$|\w{0,3}\d{4,}\w*$", subject) or _GIBBERISH.search(subject):
        yield "subject:numbered"
    if re.search(r"https?://(?:\d{1,3}[.]){3}\d|https?://[^/\s]*[%@:]|https?://\d{8,}", body):
        yield "link:odd"
    for name, pattern in _PATTERNS.items():
        if pattern.search(body):
            yield f"says:{name}"
    yield f"links:{min(5, len(re.findall(r'https?://|www[.]', body)).bit_length())}"
    yield f"length:{min(12, len(body).bit_length())}"


_GIBBERISH: Final = re.compile(
    r"\b(?=\w*[a-z]\w*[A-Z0-9]\w*[a-z])(?=\w*\d|\w*[A-Z]\w*[a-z]\w*[A-Z])\w{10,}\b"
)
"""A long word in which capitals, letters and figures are mixed."""
_PATTERNS: Final = {
    "removal": re.compile(r"(?i)\b(?:remove|opt[- ]?out|unsubscribe|take you off|taken off)\b"),
    "click": re.compile(r"(?i)\bclick (?:here|below|on the link)|\bclick now\b"),
    "money": re.compile(r"(?i)[$€£] ?\d[\d,.]{3,}|\b\d+ ?(?:million|billion)\b"),
    "free": re.compile(r"(?i)\b(?:100 ?% )?free\b|\bguarantee"),
    "wrote": re.compile(r"(?im)^(?:on .{8,80} wrote:|>)|^[\w .]{2,40} wrote:|^-{2,} ?original message"),
    "code": re.compile(r"(?m)^(?:[+-]{3} |diff |@@ |#include|[ \t]{0,40}(?:def|int|if|for|sub) ?\()|[{};]$"),
    "signed": re.compile(r"(?m)^-- ?$|^-----BEGIN PGP"),
    "percent": re.compile(r"\d ?%"),
}


def _subject_traits(subject: str) -> Iterator[str]:
    yield graded("subject-length", len(subject), (0, 10, 20, 35, 50, 70))
    for name, pattern in _SUBJECTS.items():
        if pattern.search(subject):
            yield f"subject:{name}"
    for word in sorted(set(_WORD.findall(subject.lower()))):
        if word.isalpha():
            yield f"subject={word}"
    words = subject.split()
    if len(words) > 2:
        yield f"subject:titled:{sum(word[0].isupper() for word in words) > 0.7 * len(words)}"


_SUBJECTS: Final = {
    "cries": re.compile(r"!$"),
    "asks": re.compile(r"\?$"),
    "trails": re.compile(r"\.\.\."),
    "figures": re.compile(r"\d"),
    "money": re.compile(r"(?i)[$€£] ?\d|\d ?%|\bfree\b"),
    "small": re.compile(r"^[a-z]"),
    "far": re.compile(r" {4,}\S+$"),
    "foreign": re.compile(r"[^\x00-\x7e]"),
    "listed": re.compile(r"\[[\w .:-]{2,30}\]"),
    "issue": re.compile(r"(?i)#\s?\d|\bno\.? ?\d|\bv\d|\d\.\d"),
    "dated": re.compile(
        r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.{0,6}\d|\d+[/.-]\d+[/.-]\d+"
    ),
}


# --- layout ---------------------------------------------------------------------------------------------


def _layout_traits(body: str) -> Iterator[str]:
    signs, size, words = Counter(body), max(1, len(body)), body.split()
    capitals = _count(signs, str.isupper) / max(1, _count(signs, str.isalpha))
    lines = body.split("\n")
    full = [line for line in lines if line.strip()]
    yield graded("capitals", capitals, (0.03, 0.05, 0.08, 0.12, 0.2, 0.35))
    yield graded("cries", 1000 * signs["!"] / size, (0, 0.5, 1, 2, 4, 8))
    yield graded("dollars", 1000 * signs["$"] / size, (0, 0.3, 1, 3))
    yield graded("figures", _count(signs, str.isdigit) / size, (0.005, 0.01, 0.02, 0.04, 0.08))
    shouted = sum(len(word) > 3 and word.isalpha() and word.isupper() for word in words)
    yield graded("shouted", shouted / max(1, len(words)), (0, 0.01, 0.03, 0.08, 0.2))
    loud = sum(len(line) > 8 and line.isupper() for line in full)
    yield graded("loud-lines", loud / max(1, len(full)), (0, 0.05, 0.15, 0.3))
    yield graded("blank", 1 - len(full) / len(lines), (0.1, 0.2, 0.3, 0.4, 0.5))
    yield graded("longest", max(map(len, lines)), (72, 80, 100, 200, 500, 1000))
    yield graded("breaks", body.count("\n\n"), (0, 2, 5, 10, 20, 40))
    quoted = sum(line.lstrip().startswith(">") for line in full)
    yield graded("quoted", quoted / max(1, len(full)), (0, 0.1, 0.3, 0.6))
    yield graded("foreign", _count(signs, "~".__lt__) / size, (0, 0.01, 0.05, 0.2))
    yield graded("amounts", len(re.findall(r"[$€£] ?\d", body)), (0, 1, 3, 7))
    yield graded("phones", len(re.findall(r"\b\d{3}\)?[- .]\d{3}[- .]\d{4}\b", body)), (0, 1, 2))


def _count(signs: Counter[str], kind: Callable[[str], bool]) -> int:
    """How many signs are of a kind."""
    return sum(count for sign, count in signs.items() if kind(sign))


# --- wording --------------------------------------------------------------------------------------------


_WORD: Final = re.compile(r"[^\W_]+")


@cache
def _topics() -> Mapping[str, Sequence[tuple[list[str], str]]]:
    """Phrases with their topics, by their first words."""
    content = (resources.files("abax.mail") / "spam_words.toml").read_text(encoding="utf-8")
    found: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
    for topic, told in tomllib.loads(content)["topics"].items():
        for phrase in told.split(","):
            words = _WORD.findall(phrase)
            found[words[0]].append((words, topic))
    return found


def _told(text: str) -> set[tuple[str, str]]:
    """The topics that a text touches, each with the phrases that do."""
    topics, words = _topics(), _WORD.findall(text.lower())
    return {
        (topic, " ".join(phrase))
        for at, word in enumerate(words)
        for phrase, topic in topics.get(word, ())
        if words[at : at + len(phrase)] == phrase
    }


_WANTED: Final = frozenset({"talk", "craft", "letters", "office"})
"""Topics of wanted mail."""


def wording_traits(subject: str, body: str) -> Iterator[str]:
    """How many words and phrases of each topic occur, and of which topics the subject has one."""
    found = Counter(topic for topic, _ in _told(body))
    for topic, count in sorted(found.items()):
        yield f"topic-{topic}:{min(5, count.bit_length())}"
    for topic in sorted({topic for topic, _ in _told(subject)}):
        yield f"subject-{topic}"
    wanted = sum(found[topic] for topic in _WANTED)
    unwanted = found.total() - wanted
    yield f"unwanted:{min(6, unwanted.bit_length())}"
    yield graded("unwanted-to-wanted", (unwanted + 1) / (wanted + 1), (0.2, 0.5, 1, 2, 4, 8))
