"""Choosing the next token from the logits of one row.

The steps, in the order of llama.cpp:

1. the grammar's mask: what it does not allow is out of everything that follows;
2. ``repetition_penalty`` on the tokens of the last ``repetition_window``, once each: a positive logit is
   divided by it, a negative one multiplied;
3. at temperature 0 the largest logit, of equals the first; and that is all;
4. ``top_k``: the so many largest (0: all);
5. ``top_p``: of these, the fewest that together have this share of their probability;
6. ``min_p``: of these, the ones with at least this share of the likeliest one's probability;
7. ``temperature``, and a draw among what is left.

Log-probabilities are the model's own, before all of this: what the API of OpenAI reports.

Random numbers are SplitMix64 (Steele, Lea and Flood 2014) by its counter: draw n of a seed is a mix of seed
and n alone. So the same seed and logits give the same text, however the requests are batched or threaded.
"""

from __future__ import annotations

import math
import os
from array import array
from ctypes import c_char_p, c_float, c_void_p, cast

from abax_runtime.errors import InvalidParameter
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abax_runtime.native import Native

MOST_LOGPROBS = 20
_FIRST_LOOK = 128
"""Candidates fetched where top-k sets no number; mostly top-p and min-p leave fewer."""

_NOTHING = 87.0
"""So far below the largest logit, nothing is added to a sum."""


class Sampling(Record):
    """How tokens are chosen. ``seed`` None: a new text each time. ``logprobs``: how many to report."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repetition_penalty: float = 1.0
    repetition_window: int = 64
    seed: int | None = None
    logprobs: int | None = None

    def _validated(self) -> None:
        for name, value in zip(self._fields, self, strict=True):
            if name not in ("seed", "logprobs") or value is not None:
                _check(name, value)


_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 100),
    "top_k": (0, 2**31 - 1),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "repetition_penalty": (0.01, 100),
    "repetition_window": (0, 2**31 - 1),
    "seed": (-(2**63), 2**64 - 1),
    "logprobs": (0, MOST_LOGPROBS),
}
_WHOLE = frozenset({"top_k", "repetition_window", "seed", "logprobs"})


def _check(name: str, value: object) -> None:
    low, high = _RANGES[name]
    kinds = int if name in _WHOLE else int | float
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        what = "a whole number" if name in _WHOLE else "a number"
        raise InvalidParameter(name, f"{value!r} is not {what} from {low:,} to {high:,}")


class Choice(Record):
    """A token; with ``logprobs``, its log-probability (else nan) and the likeliest tokens with theirs."""

    token: int
    logprob: float = math.nan
    top: tuple[tuple[int, float], ...] = ()


class Random:
    """Numbers from 0 to 1 (excluded), the n-th by ``seed`` and n alone."""

    def __init__(self, seed: int | None) -> None:
        self._seed = (int.from_bytes(os.urandom(8)) if seed is None else seed) & _ALL_BITS
        self.drawn = 0

    def next(self) -> float:
        """The next one."""
        self.drawn += 1
        mixed = (self._seed + self.drawn * 0x9E3779B97F4A7C15) & _ALL_BITS
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _ALL_BITS
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _ALL_BITS
        return ((mixed ^ mixed >> 31) >> 11) * 2.0**-53


_ALL_BITS = 2**64 - 1


class Sampler:
    """Chooses the tokens of one text, one after the other."""

    def __init__(self, sampling: Sampling, native: Native) -> None:
        self.sampling = sampling
        self._random = Random(sampling.seed)
        self._logits = _Logits(native)

    def choose(
        self, logits_address: int, vocabulary: int, mask: bytes | None, recent: Sequence[int]
    ) -> Choice:
        """The next token, of logits float32 [vocabulary], which are changed.

        ``mask``: a bit for each token that may come, in 32-bit words; ``recent``: the text's last tokens.

        Raises:
            InvalidParameter: nothing can be chosen: the mask allows nothing, or no logit is a number.
        """
        logits = self._logits.at(logits_address, vocabulary)
        top, normaliser = self._measured(logits)
        if mask is not None:
            logits.restrict(mask)
        penalised = self._penalise(logits, recent)
        token = self._pick(logits)
        if token < 0:
            raise InvalidParameter("logits", "no token can be chosen: all are masked, or are no numbers")
        if self.sampling.logprobs is None:
            return Choice(token)
        return Choice(token, penalised.get(token, logits[token]) - normaliser, top)

    def _measured(self, logits: _Logits) -> tuple[tuple[tuple[int, float], ...], float]:
        """The likeliest tokens with their log-probabilities, and the logarithm of the sum of all e^logit."""
        if self.sampling.logprobs is None:
            return (), math.nan
        first = logits.top(max(self.sampling.logprobs, 1))
        if not first:
            return (), math.nan
        peak = first[0][1]
        normaliser = peak + math.log(logits.exp_sum(peak, 1.0))
        kept = first[: self.sampling.logprobs]
        return tuple((token, value - normaliser) for token, value in kept), normaliser

    def _penalise(self, logits: _Logits, recent: Sequence[int]) -> dict[int, float]:
        """Applies the repetition penalty; the logits that it changed, as they were."""
        window, penalty = self.sampling.repetition_window, self.sampling.repetition_penalty
        if penalty == 1.0 or not window or not recent:
            return {}
        before = {token: logits[token] for token in recent[-window:] if 0 <= token < logits.count}
        logits.penalise(list(before), penalty)
        return before

    def _pick(self, logits: _Logits) -> int:
        sampling = self.sampling
        if not sampling.temperature:
            return logits.argmax()
        chance = self._random.next()
        candidates = logits.top(sampling.top_k or _FIRST_LOOK)
        if not candidates:
            return -1
        peak = candidates[0][1]
        if sampling.top_k:
            total = math.fsum(math.exp(value - peak) for _, value in candidates)
        else:
            total = logits.exp_sum(peak, 1.0)
        kept = self._filtered(candidates, total)
        if sampling.top_k or len(kept) < len(candidates) or len(candidates) < _FIRST_LOOK:
            return self._draw(kept, chance)
        return self._draw_above(logits, self._floor(logits, candidates, total), peak, chance)

    def _draw(self, candidates: list[tuple[int, float]], chance: float) -> int:
        peak = candidates[0][1]
        weights = [math.exp((value - peak) / self.sampling.temperature) for _, value in candidates]
        left = chance * math.fsum(weights)
        for (token, _), weight in zip(candidates, weights, strict=True):
            left -= weight
            if left < 0:
                return token
        return candidates[-1][0]

    def _draw_above(self, logits: _Logits, floor: float, peak: float, chance: float) -> int:
        scale = 1 / self.sampling.temperature
        return logits.draw(peak, scale, floor, chance * logits.exp_sum(peak, scale, floor))

    def _floor(self, logits: _Logits, candidates: list[tuple[int, float]], total: float) -> float:
        """The least logit that top-p and min-p leave, which is none of the first candidates.

        For top-p a bisection, as the sum of what is above a floor falls with the floor: some thirty passes.
        """
        peak, share = candidates[0][1], self.sampling.top_p * total
        floor = peak + math.log(self.sampling.min_p) if self.sampling.min_p else -math.inf
        if self.sampling.top_p == 1:
            return floor
        too_high, enough = candidates[-1][1], peak - _NOTHING
        while enough < (middle := c_float((too_high + enough) / 2).value) < too_high:
            if logits.exp_sum(peak, 1.0, middle) >= share:
                enough = middle
            else:
                too_high = middle
        return max(floor, enough)

    def _filtered(self, candidates: list[tuple[int, float]], total: float) -> list[tuple[int, float]]:
        """What top-p and min-p leave of candidates, largest first; ``total``: of e^(logit - largest)."""
        share, kept = self.sampling.top_p * total, 0
        floor = math.log(self.sampling.min_p) if self.sampling.min_p else -math.inf
        sum_ = 0.0
        for _, value in candidates:
            below = value - candidates[0][1]
            if kept and (below < floor or (sum_ >= share and self.sampling.top_p < 1)):
                break
            sum_ += math.exp(below)
            kept += 1
        return candidates[:kept]


class _Logits:
    """The native passes over one row after the other."""

    def __init__(self, native: Native) -> None:
        self._native = native
        self._address = self.count = 0
        self._tokens, self._values = array("i"), array("f")

    def at(self, address: int, count: int) -> _Logits:
        """The row there."""
        self._address, self.count = address, count
        return self

    def __getitem__(self, token: int) -> float:
        return c_float.from_address(self._address + 4 * token).value

    def argmax(self) -> int:
        """The largest one's token."""
        return int(self._native.sample_argmax(self._address, self.count))

    def restrict(self, mask: bytes) -> None:
        """Takes out what has no bit in the mask."""
        address = cast(c_char_p(mask), c_void_p).value
        self._native.sample_restrict(self._address, self.count, address, len(mask) // 4)

    def penalise(self, tokens: list[int], penalty: float) -> None:
        """Makes tokens less likely."""
        listed = array("i", tokens)
        self._native.sample_penalise(self._address, listed.buffer_info()[0], len(listed), penalty)

    def top(self, most: int) -> list[tuple[int, float]]:
        """The largest, largest first."""
        most = min(most, self.count)
        tokens, values = self._tokens, self._values
        if len(tokens) < most:
            tokens.extend([0] * (most - len(tokens)))
            values.extend([0.0] * (most - len(values)))
        places = tokens.buffer_info()[0], values.buffer_info()[0]
        found = self._native.sample_top(self._address, self.count, most, *places)
        return list(zip(tokens[:found], values[:found], strict=True))

    def exp_sum(self, peak: float, scale: float, floor: float = -math.inf) -> float:
        """The sum of e^(scale (logit - peak)) of the logits from the floor on."""
        return float(self._native.sample_exp_sum(self._address, self.count, peak, scale, floor))

    def draw(self, peak: float, scale: float, floor: float, target: float) -> int:
        """The token at which that sum passes the target."""
        return int(self._native.sample_draw(self._address, self.count, peak, scale, floor, target))
