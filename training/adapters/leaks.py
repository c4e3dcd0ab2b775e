"""What must never be learnt from: texts and issuers of the evaluation sets, and whatever is nearly the same.

Only hashes of word sequences are kept: what an evaluation says is told to nobody.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

from abax.documents import lexicon

from training.adapters.examples import Example

GOLDEN: Final = Path(__file__).parents[2] / "tests" / "golden"
WORDS: Final = 5
"""Of a sequence."""
ALIKE: Final = 0.4
"""Share of one text's sequences in the other from which on they are nearly the same."""
SHORTEST: Final = 5
"""Letters of an issuer's name that tell it."""
_TAG: Final = re.compile(r"<style.*?</style>|<script.*?</script>|<[^>]+>", re.S | re.I)
_PARTIES: Final = ("seller", "buyer", "payer", "payee", "issuer", "holder", "company", "party", "ship_to")


class Kept:
    """The evaluation sets, as hashes."""

    def __init__(self) -> None:
        self.issuers: set[str] = set()
        self._at: dict[int, set[int]] = defaultdict(set)
        self._sizes: list[int] = []

    def add(self, text: str, issuers: Iterable[str] = ()) -> None:
        """Keep a text, and who issued it, from being learnt from."""
        sequences = sequences_of(text)
        for one in sequences:
            self._at[one].add(len(self._sizes))
        self._sizes.append(len(sequences))
        self.issuers |= {name for name in map(lexicon.plain, issuers) if len(name) >= SHORTEST}

    def leak(self, example: Example) -> str | None:
        """Why an example must not be learnt from; None where it may."""
        if lexicon.plain(example.group) in self.issuers:
            return "its issuer is in an evaluation set"
        share = self.alike(example.seen)
        return f"its text is in an evaluation set (alike by {share:.0%})" if share >= ALIKE else None

    def alike(self, text: str) -> float:
        """The largest share that a text has in one of the sets, or one of them in it."""
        sequences = sequences_of(text)
        common = Counter(place for one in sequences for place in self._at.get(one, ()))
        shares = (count / min(len(sequences), self._sizes[place]) for place, count in common.items())
        return max(shares, default=0.0)


def sequences_of(text: str) -> set[int]:
    """Hashes of each few words in a row, small letters and digits alone; of a shorter text the whole."""
    words = [plain for word in text.replace("|", " ").split() if (plain := lexicon.plain(word))]
    width = min(WORDS, max(len(words), 1))
    return {hash(tuple(words[at : at + width])) for at in range(len(words) - width + 1)}


def golden(kept: Kept, folder: Path = GOLDEN) -> Kept:
    """With the documents and mails of ``tests/golden``."""
    for page in sorted(folder.glob("documents/*/*.html")):
        truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        kept.add(unescape(_TAG.sub(" ", page.read_text(encoding="utf-8"))), _names(truth["contract"]))
    for file in sorted(folder.glob("mail/**/*.jsonl")):
        for row in file.read_text(encoding="utf-8").splitlines():
            for text in _texts(json.loads(row)):
                kept.add(text)
    for file in sorted(folder.glob("mail/**/*.eml")):
        kept.add(file.read_bytes().decode("utf-8", "replace"))
    return kept


def _names(contract: dict[str, Any]) -> Iterator[str]:
    """Of everybody who could have issued it."""
    for role in _PARTIES:
        name = (contract.get(role) or {}).get("name")
        if name:
            yield name


def _texts(value: Any) -> Iterator[str]:
    """All texts of some length in a row of JSON."""
    if isinstance(value, str) and len(value.split()) >= WORDS:
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
