"""The town of an address: its postcode, name, region and country, however its country writes them.

``80333 München``, ``A-1070 Wien``, ``46980 Paterna (Valencia)``, ``Batley WF17 5LU``, ``McAllen, TX, 78501``,
``Halifax, Nova Scotia B3J 1S6``, ``Bengaluru Karnataka 560058``, or a postcode alone under its town.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from abax.documents import lexicon, postcodes


class Town(NamedTuple):
    """What a line with a postcode says, and where the street ends."""

    postcode: str | None
    city: str | None
    country: str | None = None
    region: str | None = None
    before: tuple[str, ...] = ()
    """What stands before the town in its line: a street."""
    above: int = 0
    """So many lines above it belong to the town: its name, or its county."""


_POSTAL: Final = re.compile(r"(?:^|(?<=[\s,]))(?:C\.\s?P\.|CP)\s*$")
"""What Spanish and French say before a postcode."""
LEADING: Final = frozenset({"pl", "nl", "pt", "br", "led", "five", "four", "se"})
"""Shapes of postcodes that stand before the town."""
JOINED: Final = frozenset({"gb", "ie", "six"})
"""Shapes of countries whose addresses have several lines before the town that are all of the street."""
_LEADS: Final = {
    "D": "DE", "F": "FR", "A": "AT", "I": "IT", "E": "ES", "B": "BE", "L": "LU", "S": "SE", "N": "NO",
    "H": "HU", "P": "PT", "FIN": "FI", "FL": "LI",
}  # fmt: skip
"""Countries by the letters before a postcode, where they are not those of ISO 3166."""
_LEAD: Final = re.compile(r"(?:^|(?<=[\s,(]))([A-Z]{1,3})\s?[-\u2013]?\s*$")
_BRACKET: Final = re.compile(r"\s*\(([^()\d]{2,30})\)?$")
_PROVINCE: Final = re.compile(r"\s(?:-\s)?([A-Z]{2})$")
_ENDED: Final = re.compile(r"\s[\u2013\u2014\u00b7|/-]\s|\s{2,}|;\s")
_DISTRICT: Final = re.compile(r"(?<=^Dublin)\s\d{1,2}W?$", re.IGNORECASE)
"""The number of a district within a town."""


def town_of(line: str, above: Sequence[str] = ()) -> Town | None:
    """The town of a line that has a postcode; ``above`` are the lines over it, the nearest last."""
    code = postcodes.postcode_in(line)
    if code is None:
        return None
    kind, postcode = code.lastgroup or "", re.sub(r"\s+", " ", code.group())
    heads, tails = _parts(_POSTAL.sub("", line[: code.start()])), _parts(line[code.end() :])
    tails, named = _of_country(tails, kind)
    country, region = None, None
    if kind == "us":
        region, postcode = re.split(r"[,\s]+", postcode, maxsplit=1)
        if tails and region in lexicon.COUNTRIES:
            country, region, kind = region, None, "five"
    elif kind == "led":
        letters, _, digits = postcode.partition("-")
        country = _LEADS.get(letters, letters)
        postcode = postcode if country in ("LT", "LV") else digits
    elif kind != "ca":
        country, heads = _led(line[: code.start()], heads)
    ahead = None
    if not tails:
        bare, ahead = _without_country(heads)
        heads = bare or heads
    country = country or named or ahead
    if line[: code.start()].endswith("(") and heads:
        return Town(postcode, heads[-1].rstrip(" ("), country, tails[0] if tails else None, tuple(heads[:-1]))
    if tails and (kind in LEADING or not heads) and region is None and not _is_region(tails[0]):
        city, region = _with_region(tails, kind)
        return Town(postcode, city, country, region, tuple(heads))
    region = region or next((tail for tail in tails[:1] if _is_region(tail)), None)
    if region is None and kind in ("five", "six", "ca") and len(heads) > 1 and _is_town(heads[-2], 1):
        *heads, region = heads
    return _trailing(postcode, heads, above, country, region)


def is_malaysian(region: str | None) -> bool:
    """Where the lines over the town are parts of the street, too."""
    return region is not None and lexicon.plain(region) in lexicon.REGIONS["MY"].split()


def _trailing(
    postcode: str, heads: Sequence[str], above: Sequence[str], country: str | None, region: str | None
) -> Town:
    """The town before its postcode, in the same line or in those above."""
    stack = [(head, 0) for head in heads]
    deeper = [[(part, level) for part in _parts(line)] for level, line in enumerate(reversed(above[-2:]), 1)]
    if not stack and deeper:
        stack = deeper.pop(0)
    if region is None and stack:
        last, level = stack[-1]
        name, region = _split_region(last)
        if not name:
            if len(stack) < 2 and deeper and _is_town(deeper[0][-1][0], 1):
                stack = [*deeper.pop(0), *stack]
            if len(stack) > 1 and _is_town(stack[-2][0], stack[-2][1]):
                stack.pop()
            else:
                region = None
        else:
            stack[-1] = name, level
    if not stack or not _is_town(*stack[-1]):
        return Town(postcode, None, country, region, tuple(heads))
    city, level = stack.pop()
    rest = tuple(part for part, _ in stack)
    return Town(postcode, _trimmed(city), country, region, rest, level)


def _is_town(text: str, level: int) -> bool:
    """It may be a town's name; in a line above its postcode it must not look like a street."""
    bare = _DISTRICT.sub("", text)
    if any(map(str.isdigit, bare)) or not re.search(r"[^\W\d_]{2}", bare):
        return False
    return level == 0 or not postcodes.is_street(bare)


def _split_region(text: str) -> tuple[str, str | None]:
    """A town's name and the region behind it: ``Halifax NS``; the name is empty where all is the region."""
    words = text.split()
    for count in range(min(4, len(words)), 0, -1):
        last = " ".join(words[-count:])
        if _is_region(last) and (count == len(words) or last.isupper() or len(last) > 3):
            return " ".join(words[:-count]).strip(" ,-"), last.strip("()")
    return text, None


def _is_region(text: str) -> bool:
    """A state, province or county by its name; letters alone only where they are capitals."""
    bare = lexicon.plain(_COUNTY.sub("", text))
    if len(bare) <= 3:
        return text.strip(". ").isupper() and bare in lexicon.regions()
    return bare in lexicon.regions() or _COUNTY.match(text) is not None


_COUNTY: Final = re.compile(r"^(?:co\.|county)\s+(?=[A-Z])|\s+(?:county|district)$", re.IGNORECASE)


def _with_region(tails: Sequence[str], kind: str) -> tuple[str | None, str | None]:
    """A town behind its postcode, and the province behind that."""
    city, region = _ENDED.split(tails[0])[0], None
    bracket = _BRACKET.search(city)
    if bracket is not None:
        city, region = city[: bracket.start()], bracket.group(1) if kind == "five" else None
    elif kind == "five" and (province := _PROVINCE.search(city)):
        city, region = city[: province.start()], province.group(1)
    elif len(tails) > 1 and _is_province(tails[1]):
        region = tails[1]
    return _trimmed(city), region


def _is_province(text: str) -> bool:
    """Behind a town and a comma: a few words of letters alone that no label begins."""
    words = text.strip("() ").split()
    return (
        len(words) <= 3
        and all(word[:1].isupper() or word in ("de", "del", "la", "di") for word in words)
        and not any(map(str.isdigit, text))
        and not postcodes.is_foreign(text)
    )


def _parts(text: str) -> list[str]:
    parts = (part.strip(" .-\u2013\u2014:;") for part in text.split(","))
    return [part for part in parts if part.strip("()")]


def _led(before: str, heads: list[str]) -> tuple[str | None, list[str]]:
    """The country whose letters stand before a postcode: ``DE 80333``, ``L - 1855``."""
    lead = _LEAD.search(before)
    letters = lead.group(1) if lead is not None else ""
    if not heads or not letters or (heads[-1] != letters and "-" not in before[-2:]):
        return None, heads
    country = _LEADS.get(letters, letters if letters in lexicon.COUNTRIES else None)
    if country is None:
        return None, heads
    rest = heads[-1][: len(heads[-1].rstrip(" -\u2013")) - len(letters)].strip(" -\u2013")
    return country, [*heads[:-1], *([rest] if rest else [])]


def _trimmed(city: str | None) -> str | None:
    return _DISTRICT.sub("", _ENDED.split(city)[0].strip(" ,.-")) or None if city else None


def _of_country(tails: list[str], kind: str) -> tuple[list[str], str | None]:
    """What follows a postcode without the country at its end, by its name or its letters."""
    if not tails:
        return tails, None
    last = tails[-1]
    if last in lexicon.COUNTRIES and (len(tails) == 1 or kind != "five" or last in _SURE):
        return tails[:-1], last
    if len(tails) == 1 and lexicon.plain(last) in _TOWNS:
        return tails, _TOWNS[lexicon.plain(last)] if kind in LEADING else None
    return _without_country(tails)


_SURE: Final = frozenset({"BE", "DE", "ES", "GB", "NL", "PL", "US"})
"""Letters of countries that are no Italian province's."""
_TOWNS: Final = {"luxembourg": "LU", "luxemburg": "LU", "monaco": "MC"}
"""Towns that are called as their country."""


_OF: Final = frozenset({"de", "of", "du", "di", "del"})


def _without_country(parts: Sequence[str]) -> tuple[list[str], str | None]:
    """The parts without the name of a country at their end."""
    if not parts or _is_region(parts[-1]):
        return list(parts), None
    *others, last = parts
    country = lexicon.countries().get(lexicon.plain(last))
    if country is not None:
        return others, country
    bracket = _BRACKET.search(last)
    if bracket is not None and (country := lexicon.countries().get(lexicon.plain(bracket.group(1)))):
        return [*others, last[: bracket.start()]], country
    words = re.split(r"\s+", last)
    for count in range(min(3, len(words) - 1), 0, -1):
        name = " ".join(words[-count:])
        if words[-count - 1] in _OF:  # ``Ciudad de México`` is a town
            continue
        if (len(name) > 3 or name.isupper()) and (country := lexicon.countries().get(lexicon.plain(name))):
            return [*others, " ".join(words[:-count]).strip(" -\u2013(")], country
    return list(parts), None
