"""How far to guess ahead: as far as it pays, judged by how often the last guesses were right.

A step of n rows takes about ``1 + ROW * (n - 1)`` times as long as one of a single row, since the weights are
read once for all. The i-th guess counts only if all before it were right: of probability p^i. So guesses are
added while each brings more tokens for its time than the step does without it.
"""

from __future__ import annotations

ROW = 0.3
"""Time of a further row in a step of few, in steps of one row."""

FIRST_BELIEF = 0.75
LEARNING = 0.08
PROBE_EVERY = 12
"""Where guessing does not pay, a single guess now and then tells whether that has changed."""


class Reach:
    """One text's."""

    def __init__(self) -> None:
        self._right = FIRST_BELIEF
        self._idle = 0

    def limit(self, most: int, texts: int = 1) -> int:
        """How many guesses to make, at most ``most``, in a step that ``texts`` share with a row each."""
        tokens, time = float(texts), 1 + ROW * (texts - 1)
        chance, guesses = self._right, 0
        while guesses < most and chance / ROW > tokens / time:
            tokens, time = tokens + chance, time + ROW
            chance *= self._right
            guesses += 1
        if guesses:
            return guesses
        self._idle += 1
        return min(most, 1) if self._idle % PROBE_EVERY == 0 else 0

    def note(self, guessed: int, right: int) -> None:
        """Learns from a step: ``right`` guesses, and then one that was wrong if there were more."""
        for _ in range(right):
            self._right += LEARNING * (1 - self._right)
        if right < guessed:
            self._right -= LEARNING * self._right
