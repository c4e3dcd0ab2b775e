"""Text from tokens, piece by piece: nothing is shown that a stop string might still take back."""

from __future__ import annotations

from abax_runtime.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abax_runtime.tokenizer import StreamDecoder


class TextStream:
    """Decodes a token at a time, finds stop strings across token borders, and cuts the text at the first.

    >>> # stop = ["END"]: "a", "bE", "N", "Dc"  ->  "a", "b", "", "" and stopped
    """

    def __init__(self, decoder: StreamDecoder, stop: Sequence[str]) -> None:
        self._decoder = decoder
        self._stop = tuple(stop)
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """The text that is certain after one more token."""
        return "" if self.stopped else self._release(self._decoder.push(token))

    def finish(self) -> str:
        """What was held back, when no more tokens come."""
        if self.stopped:
            return ""
        text = self._release(self._decoder.finish()) + self._held
        self._held = ""
        return text

    def _release(self, new: str) -> str:
        """Moves text from what is held to what is certain: all but the longest end that may become a stop."""
        if not self._stop:
            return new
        self._held += new
        found = [at for at in map(self._held.find, self._stop) if at >= 0]
        if found:
            self.stopped = True
            certain, self._held = self._held[: min(found)], ""
            return certain
        hold = max(_overlap(self._held, stop) for stop in self._stop)
        cut = len(self._held) - hold
        certain, self._held = self._held[:cut], self._held[cut:]
        return certain


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` that is a beginning of ``stop``, and not all of it."""
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if stop.startswith(text[-size:]):
            return size
    return 0
