"""Several documents in one file: where each begins, told page by page."""

from __future__ import annotations

import re
from typing import Final

from abax.documents import lexicon, traits
from abax.documents.pages import Page, Reading

_PAGE_MARK: Final = re.compile(
    r"(?i)(?:\b(?:page|seite|pagina|página|pág|pag|strona|str|blatt|blad|hoja|foglio|bladzijde|feuille)\b\.?\s*:?\s*"
    r"(\d{1,3})(?:\s*(?:of|von|sur|de|di|van|z|/)\s*(\d{1,3}))?)|(?:^(\d{1,3})\s*(?:/|of|von|sur|de|di|van|z)\s*(\d{1,3})$)"
)
_ENOUGH: Final = 2.0
_TITLE: Final = 1.0
_EDGE: Final = 0.16
"""The part of a page, at its head and at its foot, that marks of pages stand in."""


def split(reading: Reading) -> list[Reading]:
    """The documents of a file, each with its own pages; all of it where there is but one."""
    if len(reading.pages) < 2:
        return [reading]
    groups: list[list[Page]] = []
    for page in reading.pages:
        if not groups or _begins(page, groups[-1]):
            groups.append([page])
        else:
            groups[-1].append(page)
    if len(groups) == 1:
        return [reading]
    return [reading.only([page.number for page in group]) for group in groups]


def _begins(page: Page, current: list[Page]) -> bool:
    """Whether a new document begins with this page."""
    if not page.lines:
        return False
    mark, before = page_mark(page), page_mark(current[-1])
    if mark is not None and mark[0] == 1:
        return True
    if mark is not None and before is not None and mark[0] == before[0] + 1:
        return bool(mark[1] and before[1] and mark[1] != before[1])
    return _evidence(page, current) >= _ENOUGH


def _evidence(page: Page, current: list[Page]) -> float:
    """Above 2 a new document begins."""
    titles = _titles(page)
    titled = bool(titles) and titles[0].score >= _TITLE
    score = 1.5 if titled else 0.0
    before = _titles(current[0])
    if titled and before and titles[0].kind != before[0].kind:
        score += 1.0
    number, old = own_number(page), next((n for one in current if (n := own_number(one))), None)
    if number and old:
        score += -2.5 if number == old else 1.5 if titled else 0.5
    elif number:
        score += 0.5
    if _goes_on(page):
        score -= 3.0
    heads = [_edge_lines(one, foot=False) for one in (page, current[0])]
    feet = [_edge_lines(one, foot=True) for one in (page, current[0])]
    for edges in (heads, feet):
        if all(edges):
            shared = len(edges[0] & edges[1]) / min(len(edges[0]), len(edges[1]))
            score += 1.0 if shared < 0.2 else -0.5
    if _columns(page) and _columns(page) == _columns(current[-1]) and not titled:
        score -= 1.5
    if page.width and abs(page.width / page.height - current[0].width / current[0].height) > 0.15:
        score += 1.0
    return score


def page_mark(page: Page) -> tuple[int, int | None] | None:
    """What the page says of itself: ``Page 2 of 3`` is 2 and 3."""
    for line in page.lines:
        place = line.words[0].y0 / (page.height or 1.0)
        if _EDGE < place < 1 - _EDGE or len(line.words) > 12:
            continue
        found = _PAGE_MARK.search(line.text)
        if found:
            number, total = found.group(1) or found.group(3), found.group(2) or found.group(4)
            if total is None or int(number) <= int(total):
                return int(number), int(total) if total else None
    return None


def _titles(page: Page) -> list[traits.Sighting]:
    alone = Page(1, page.width, page.height, page.lines, page.source)
    seen = traits.sightings(Reading((alone,)), guess=False)
    return [one for one in seen if one.standing in ("alone", "numbered") and one.kind != "letter"]


def own_number(page: Page) -> str | None:
    """The value beside the first label of a document's own number."""
    labels = lexicon.labels()
    for line in page.lines[:40]:
        words = [word.text for word in line.words]
        if words[0][0].isdigit():
            continue  # a row of a table
        for start in range(min(len(words), 6)):
            joined = ""
            for place in range(start, min(start + 4, len(words) - 1)):
                joined += lexicon.plain(words[place])
                kinds = labels.get(joined, ())
                value = words[place + 1].strip(":.,")
                own = any(kind.startswith("number.") for kind in kinds)
                if own and any(c.isdigit() for c in value) and len(value) > 2:
                    return value
    return None


def _goes_on(page: Page) -> bool:
    """A sum carried over from the page before stands at its head."""
    carried = lexicon.carried()
    for line in page.lines[:14]:
        joined = "".join(
            lexicon.plain(word.text) for word in line.words if not any(c.isdigit() for c in word.text)
        )
        if joined and any(joined == word or joined.startswith(word) for word in carried if len(word) > 5):
            return True
    return False


def _edge_lines(page: Page, foot: bool) -> set[str]:
    """What stands at the page's head or foot, without figures."""
    found = set()
    for line in page.lines:
        place = line.words[0].y0 / (page.height or 1.0)
        if place > 0.88 if foot else place < 0.14:
            plain = "".join(c for c in lexicon.plain(line.text) if not c.isdigit())
            if len(plain) > 5:
                found.add(plain)
    return found


def _columns(page: Page) -> tuple[str, ...]:
    """The headings of the page's first table."""
    columns = lexicon.columns()
    for line in page.lines:
        if 3 <= len(line.words) <= 16:
            found = [plain for word in line.words if (plain := lexicon.plain(word.text)) in columns]
            if len(found) >= 3:
                return tuple(found)
    return ()
