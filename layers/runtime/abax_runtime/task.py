"""One request at work: its tokens, how many of them the context holds, its sampler, grammar and text.

A step evaluates rows of a task: the tokens that are still pending, then a draft of what may follow.
``absorb`` reads the answer: a token is sampled from the last pending row; where it is the one that the draft
guessed, the draft's row holds the logits for the token after it, and so on. Whatever the draft, the tokens
are those that sampling one at a time would give: each position is sampled once, from the same logits, with
the same random number.
"""

from __future__ import annotations

import time

from abax_runtime.errors import InvalidParameter
from abax_runtime.pace import usual_prices
from abax_runtime.record import TYPE_CHECKING, Record
from abax_runtime.request import Alternative, Delta, Generation, Timings, TokenLogprob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from abax_runtime.adapter import Adapter
    from abax_runtime.drafting import PromptLookup
    from abax_runtime.grammar import Matcher
    from abax_runtime.request import Finish, Request, Ticket
    from abax_runtime.sampler import Choice, Sampler
    from abax_runtime.text import TextStream
    from abax_runtime.tokenizer import Tokenizer

    Prices = Callable[[int, int], Sequence[float]]

LONG_STRETCH = 64
"""Pending tokens (forced, or after sliding) from which on a task waits its turn as a prompt does."""


class Rows(Record):
    """A task's part of a step."""

    task: Task
    tokens: list[int]
    first: int
    """Position of the first token."""
    outputs: int
    """How many of the last tokens want logits."""


class Tools(Record):
    """What a task works with; all but the tokenizer are its own."""

    tokenizer: Tokenizer
    sampler: Sampler
    text: TextStream
    matcher: Matcher | None = None
    lookup: PromptLookup | None = None
    parse: Callable[[str], Any] | None = None


class Task:
    """A request on its way through the scheduler."""

    def __init__(
        self,
        request: Request,
        prompt: list[int],
        ticket: Ticket,
        tools: Tools,
        length: int,
        adapter: Adapter | None = None,
    ) -> None:
        self.request, self.ticket, self.tools, self.length = request, ticket, tools, length
        self.adapter = adapter
        self.tokens = list(prompt)
        self.evaluated = 0
        self.cached = 0
        self.generated: list[int] = []
        self.finish: Finish | None = None
        self.error: Exception | None = None
        self._prompt_tokens = len(prompt)
        self._draft: list[int] = []
        self._drafted = self._accepted = self._forced = 0
        self._said: list[str] = []
        self._unsaid: list[str] = []
        self._new: list[int] = []
        self._logprobs: list[TokenLogprob] | None = None if request.sampling.logprobs is None else []
        self._told = 0
        self._submitted = time.monotonic()
        self._started = self._first = 0.0

    @property
    def done(self) -> bool:
        """Whether nothing is left to do but to hand the slot on."""
        return self.finish is not None or self.error is not None

    @property
    def outcome(self) -> str:
        """How the request ended: its ``finish``, or the name of its error."""
        return type(self.error).__name__ if self.error is not None else str(self.finish)

    @property
    def pending(self) -> int:
        """Tokens that the context does not hold yet."""
        return len(self.tokens) - self.evaluated

    @property
    def prefilling(self) -> bool:
        """Whether a prompt, or as long a stretch of other tokens, is still being read."""
        return not self._first or self.pending > LONG_STRETCH

    def start(self, cached: int) -> None:
        """Takes a slot that holds the first ``cached`` tokens; the last is evaluated again for its logits."""
        self.resume(cached)
        self._started = time.monotonic()
        if self.tools.matcher is not None and self.request.max_tokens:
            self._append(self.tools.matcher.forced(), None)
            self._settle()
            self.tell()

    def resume(self, cached: int) -> None:
        """Notes that the slot holds the first ``cached`` tokens now."""
        self.evaluated = self.cached = min(cached, self._prompt_tokens - 1)

    def plan(self, room: int, guesses: int, prices: Prices = usual_prices, others: int = 0) -> Rows:
        """The rows of the next step: at most ``room``, of which at most ``guesses`` are a draft.

        ``prices(rows, most)``: what a step costs with 0 to ``most`` rows more than this text's ``rows``, in
        steps without them; ``others``: texts that the step is for beside this one.
        """
        pending = self.tokens[self.evaluated : self.evaluated + room]
        whole = self.evaluated + len(pending) == len(self.tokens)
        limit = min(guesses, room - len(pending), self._room()) if whole else 0
        self._draft = self._guess(prices(len(pending), limit), others) if limit > 0 else []
        outputs = 1 + len(self._draft) if whole and self.request.max_tokens else 0
        return Rows(self, pending + self._draft, self.evaluated, outputs)

    def absorb(self, rows: Rows, logits: Callable[[int], int], first: int) -> None:
        """Takes in a step's answer; ``logits(first + i)`` is the address of those of its i-th output row."""
        self.evaluated += len(rows.tokens) - len(self._draft)
        self._drafted += len(self._draft)
        if rows.outputs:
            self._first = self._first or time.monotonic()
            self._sample(logits, first)
        elif not self.request.max_tokens and not self.pending:
            self.finish = "length"
        self.tell()

    def tell(self) -> None:
        """Hands what is new to the caller; with it, at the end, the whole."""
        if self.ticket.whole and self.finish is None:
            return
        text, tokens = "".join(self._unsaid), tuple(self._new)
        if self.finish is not None:
            text += self.tools.text.finish()
        self._said.append(text)
        self._unsaid, self._new = [], []
        generation = None if self.finish is None else self._generation(self.finish)
        if text or generation or (tokens and self._logprobs is not None):
            self.ticket.put(Delta(text, tokens, self._untold(), generation))

    def end(self, finish: Finish) -> None:
        """Ends the text where it is."""
        self.finish = finish
        self.tell()

    def fail(self, error: Exception) -> None:
        """Ends the request with an error that its caller gets."""
        self.error = error
        self.ticket.put(error)

    def _room(self) -> int:
        """How long a draft may be: the context has room for it, and ``max_tokens`` allows it."""
        if self.tools.lookup is None:
            return 0
        return min(self.length - len(self.tokens), self.request.max_tokens - len(self.generated) - 1)

    def _guess(self, prices: Sequence[float], others: int) -> list[int]:
        """A draft that the grammar accepts, of as many tokens as pay."""
        assert self.tools.lookup is not None, "there is room for no draft without one"
        fit = None if self.tools.matcher is None else self.tools.matcher.fitted
        return self.tools.lookup.propose(len(prices) - 1, fit, prices, others)

    def _sample(self, logits: Callable[[int], int], first: int) -> None:
        """Samples on for as long as the draft guessed right."""
        row = 0
        while self.finish is None:
            new = self._next(logits(first + row))
            agreed = shared(new, self._draft[row:])
            row += agreed
            self.evaluated += agreed
            self._accepted += agreed
            if agreed < len(new):
                break
        self._settle()

    def _next(self, logits: int) -> list[int]:
        """Samples a token; with those that the grammar forces after it, it is appended."""
        matcher, sampling = self.tools.matcher, self.request.sampling
        recent = self.tokens[-sampling.repetition_window :] if sampling.repetition_penalty != 1.0 else ()
        mask = None if matcher is None else matcher.mask()
        choice = self.tools.sampler.choose(logits, self.tools.tokenizer.size, mask, recent)
        if matcher is None or choice.token in self.tools.tokenizer.stop:
            return self._append([choice.token], choice)
        matcher.accept(choice.token)
        return self._append([choice.token, *matcher.forced()], choice)

    def _append(self, new: list[int], choice: Choice | None) -> list[int]:
        """Adds tokens to the text until something ends it; ``choice`` says how the first was sampled."""
        before = len(self.generated)
        for at, token in enumerate(new):
            if token in self.tools.tokenizer.stop:
                self.finish = "stop"
                break
            self._add(token, choice if at == 0 else None)
            if self.finish is not None:
                break
        matcher, added = self.tools.matcher, len(self.generated) - before
        if matcher is not None and added == len(new) and self.finish != "stop_string" and matcher.finished:
            self.finish = "stop"
        return self.generated[before:]

    def _add(self, token: int, choice: Choice | None) -> None:
        self.tokens.append(token)
        self.generated.append(token)
        self._new.append(token)
        self._unsaid.append(self.tools.text.push(token))
        if self.tools.lookup is not None:
            self.tools.lookup.extend(token)
        if choice is None:
            self._forced += 1
            self._accept_forced(token)
        if self._logprobs is not None:
            self._logprobs.append(self._logprob(token, choice))
        if self.tools.text.stopped:
            self.finish = "stop_string"
        elif len(self.generated) >= self.request.max_tokens:
            self.finish = "length"

    def _accept_forced(self, token: int) -> None:
        if self.tools.matcher is not None:
            self.tools.matcher.accept(token)

    def _logprob(self, token: int, choice: Choice | None) -> TokenLogprob:
        piece = self.tools.tokenizer.piece
        if choice is None:
            return TokenLogprob(token, piece(token), 0.0)
        top = tuple(Alternative(other, piece(other), logprob) for other, logprob in choice.top)
        return TokenLogprob(token, piece(token), choice.logprob, top)

    def _settle(self) -> None:
        """Where the last token has no place in the context: finishes, or forgets older tokens."""
        if self.finish is not None or len(self.tokens) <= self.length:
            return
        if self.request.overflow == "length":
            self.finish = "length"
            return
        keep = min(self.request.keep, self.length // 2)
        cut = keep + (len(self.tokens) - keep) // 2
        self.tokens = self.tokens[:keep] + self.tokens[cut:]
        self.evaluated = min(self.evaluated, keep)

    def _untold(self) -> tuple[TokenLogprob, ...]:
        if self._logprobs is None:
            return ()
        told, self._told = self._told, len(self._logprobs)
        return tuple(self._logprobs[told:])

    def _generation(self, finish: Finish) -> Generation:
        text = "".join(self._said)
        return Generation(
            text=text,
            tokens=tuple(self.generated),
            finish=finish,
            prompt_tokens=self._prompt_tokens,
            cached_tokens=self.cached,
            drafted=self._drafted,
            accepted=self._accepted,
            forced=self._forced,
            timings=self._timings(),
            logprobs=None if self._logprobs is None else tuple(self._logprobs),
            parsed=self._parsed(text) if finish == "stop" else None,
        )

    def _parsed(self, text: str) -> Any:
        if self.tools.parse is None:
            return None
        try:
            return self.tools.parse(text)
        except ValueError as error:
            raise InvalidParameter(
                "schema", f"its own validators refuse the text {text!r}: {error}"
            ) from error

    def _timings(self) -> Timings:
        now = time.monotonic()
        started, first = self._started or now, self._first or now
        return Timings(started - self._submitted, first - started, now - first, first - self._submitted)


def shared(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many first items two sequences have in common."""
    differing = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))
