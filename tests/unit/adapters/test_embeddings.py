from types import SimpleNamespace

import numpy as np
import pytest
from abax.adapters.embeddings import LENGTH, RuntimeEmbedder


class Context:
    """States that are the token's number, save for the first one's, which is a thousand."""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def embed(self, tokens, *, layers):
        states = [1000.0, *tokens[1:]]
        return [sum(states) / len(states)] * len(layers) * 2


@pytest.fixture
def embedder(monkeypatch):
    pytest.importorskip("abax_runtime.errors")
    model = SimpleNamespace(
        context=lambda **sizes: Context(),
        tokenizer=SimpleNamespace(encode=lambda text: [ord(sign) for sign in text]),
        config=SimpleNamespace(width=2),
    )
    made = RuntimeEmbedder(layers=(3, 5))
    monkeypatch.setattr(made, "_model", model)
    return made


def test_the_first_token_is_left_out_of_the_mean(embedder):
    [row] = embedder(["abc"])
    assert np.allclose(row, [(ord("b") + ord("c")) / 2] * 4)


def test_a_text_of_one_token_and_no_text_have_noughts(embedder):
    assert np.allclose(embedder(["a", ""]), 0)


def test_long_texts_are_cut_and_none_make_no_rows(embedder):
    assert np.allclose(embedder(["a" + "b" * 5 * LENGTH]), ord("b"))
    assert embedder([]).shape == (0, 4)
