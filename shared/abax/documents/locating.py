"""Where printed values stand: the texts of an answer found back among the words of the pages."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from abax.documents.answering import Window
from abax.documents.pages import Reading, Word


@dataclass(frozen=True, slots=True)
class Place:
    """Words that print a value."""

    words: tuple[Word, ...]
    page: int
    """From 1."""
    row: int
    """Of the first word, counted through the document."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Words that read in one: a row across the page, or a page by its columns."""

    text: str
    words: tuple[Word, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, words: Sequence[Word]) -> _Run:
        starts, end = [], 0
        for word in words:
            starts.append(end)
            end += len(word.text) + 1
        return cls(" ".join(word.text for word in words), tuple(words), tuple(starts))

    def find(self, wanted: str) -> Iterator[tuple[Word, ...]]:
        """The words of each place that reads so, from where a word begins to where one ends."""
        at = self.text.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if not self._within_word(at) and not self._within_word(end):
                yield self.words[bisect_right(self.starts, at) - 1 : bisect_left(self.starts, end)]
            at = self.text.find(wanted, at + 1)

    def _within_word(self, at: int) -> bool:
        return 0 < at < len(self.text) and self.text[at - 1].isalnum() and self.text[at].isalnum()


class Source:
    """A document to find printed values in."""

    def __init__(self, reading: Reading, windows: Sequence[Window]) -> None:
        rows = [row for window in windows for row in window.rows]
        self._row = {id(word): number for number, row in enumerate(rows) for word in row}
        self._page = {id(word): page.number for page in reading.pages for word in page.words}
        columns = [[word for line in page.lines for word in line.words] for page in reading.pages]
        self._runs = [_Run.of(words) for words in (*rows, *filter(None, columns))]

    def places(self, text: str) -> list[Place]:
        """Where a text stands, from the top; blanks may be any."""
        wanted = " ".join(text.split())
        if not wanted:
            return []
        found = {
            tuple(map(id, words)): Place(words, self._page[id(words[0])], self._row.get(id(words[0]), 0))
            for run in self._runs
            for words in run.find(wanted)
        }
        return sorted(found.values(), key=lambda place: place.row)

    def located(self, values: Mapping[str, str]) -> dict[str, Place]:
        """The place of each value that has one. What stands in several is a total in the last of them,
        anything else in the first; the values of a member of a list are taken from one row, members from the
        top to the bottom."""
        found: dict[str, Place] = {}
        members: dict[str, dict[str, list[Place]]] = defaultdict(dict)
        for path, text in values.items():
            places = self.places(text)
            if "]." in path:
                members[path[: path.index("]") + 1]][path] = places
            elif places:
                found[path] = places[-1 if "total" in path or path == "closing_balance" else 0]
        last: dict[str, int] = {}
        for member, cells in sorted(members.items(), key=lambda pair: _order(pair[0])):
            name = member.partition("[")[0]
            row = _row_of(cells, last.get(name, -1))
            last[name] = row
            for path, places in cells.items():
                if places:
                    found[path] = min(places, key=lambda place: (abs(place.row - row), place.row < row))
        return found


def _order(member: str) -> tuple[str, int]:
    name, _, place = member.rstrip("]").partition("[")
    return name, int(place)


def _row_of(cells: Mapping[str, Sequence[Place]], last: int) -> int:
    """The row that shows most of the values; of equal ones the next below the member before."""
    votes: Counter[int] = Counter()
    for places in cells.values():
        votes.update({place.row for place in places})
    return max(votes, key=lambda row: (votes[row], row > last, -abs(row - last)), default=last)
