"""Random texts that keep to a grammar, as a model with random weights would write them."""

from __future__ import annotations

from random import Random

from abax_runtime.grammar import Grammar, Matcher

LONGEST = 3000


def allowed(mask: bytes) -> list[int]:
    """The tokens that a mask has bits for."""
    return [8 * at + bit for at, byte in enumerate(mask) if byte for bit in range(8) if byte >> bit & 1]


def random_text(grammar: Grammar, random: Random, *, eager: float = 0.3) -> str:
    """A whole text. ``eager``: how often it takes a token that can end a value, where there is one.

    Fails where nothing may come before the text is whole, and where forced tokens may not.
    """
    tokenizer, matcher = grammar.tokenizer, grammar.matcher()
    ids: list[int] = []
    while not matcher.finished and len(ids) < LONGEST:
        new = matcher.forced() if random.random() < 0.5 else []
        new = new or [_chosen(matcher, random, eager, tokenizer.pieces())]
        for token in new:
            matcher.accept(token)
        ids += new
        if ids[-1] in tokenizer.stop:
            break
    assert matcher.finished, f"no end after {LONGEST} tokens"
    return tokenizer.decode(ids)


def _chosen(matcher: Matcher, random: Random, eager: float, pieces: list[bytes]) -> int:
    tokens = allowed(matcher.mask())
    assert tokens, "nothing may come, and the text is not whole"
    ends = [token for token in tokens if not pieces[token] or pieces[token][-1:] in b'"]},']
    return random.choice(ends if ends and random.random() < eager else tokens)
