from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from abax.adapters.embeddings import LENGTH, RuntimeEmbedder


class Context:
    """States that are the token's number, save for the first one's, which is a thousand."""

    def __init__(self, sizes, seen):
        self.sizes, self.seen = sizes, seen

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def states(self, tokens, positions, sequences, layers):
        assert len(tokens) <= self.sizes["batch"]
        assert max(positions) < self.sizes["length"]
        assert max(sequences) < self.sizes["sequences"]
        self.seen.append(len(set(sequences)))
        states = [[token if at else 1000.0] * 2 for token, at in zip(tokens, positions, strict=True)]
        return [np.array(states, np.float32).tobytes()] * len(layers)


class Model(SimpleNamespace):
    """Has a token for each sign, and counts the texts of each step."""

    def __init__(self):
        self.seen = []
        self.gguf = SimpleNamespace(fingerprint="f" * 32)
        self.tokenizer = SimpleNamespace(encode=lambda text: [ord(sign) for sign in text])
        self.config = SimpleNamespace(width=2)

    def context(self, **sizes):
        return Context(sizes, self.seen)


def made(**settings):
    pytest.importorskip("abax_runtime.errors")
    embedder = RuntimeEmbedder(layers=(3, 5), **settings)
    embedder._model = Model()
    return embedder


@pytest.fixture
def embedder():
    return made()


def test_the_first_token_is_left_out_of_the_mean(embedder):
    [row] = embedder(["abc"])
    assert np.allclose(row, [(ord("b") + ord("c")) / 2] * 4)


def test_a_text_of_one_token_and_no_text_have_noughts(embedder):
    assert np.allclose(embedder(["a", ""]), 0)


def test_long_texts_are_cut_and_none_make_no_rows(embedder):
    assert np.allclose(embedder(["a" + "b" * 5 * LENGTH]), ord("b"))
    assert embedder([]).shape == (0, 4)


def test_texts_of_all_lengths_share_steps_and_keep_their_order(embedder):
    texts = ["x" + chr(97 + at % 26) * (1 + at * 7 % 300) for at in range(200)]
    found = embedder(texts)
    assert np.allclose(found[:, 0], [ord(text[-1]) for text in texts])
    assert sum(embedder._model.seen) == 200
    assert len(embedder._model.seen) < 100


def test_a_text_that_comes_twice_is_looked_at_once(embedder):
    assert np.allclose(embedder(["xa", "xb", "xa"])[:, 0], [97, 98, 97])
    assert sum(embedder._model.seen) == 2


def test_kept_vectors_are_not_made_again_and_are_the_same(tmp_path):
    texts = ["xab", "xb" * 40, "", "x\ud800"]
    first, second = made(kept=tmp_path), made(kept=tmp_path)
    wanted = first(texts)
    found = second([*reversed(texts), "new"])
    assert (found[:4] == wanted[::-1]).all()
    assert sum(second._model.seen) == 1


def test_vectors_of_other_weights_or_layers_are_not_taken_for_ones_own(tmp_path):
    made(kept=tmp_path)(["xab"])
    other, deeper = made(kept=tmp_path), RuntimeEmbedder(layers=(3, 6), kept=tmp_path)
    other._model.gguf.fingerprint = "0" * 32
    deeper._model = Model()
    for one in (other, deeper):
        one(["xab"])
        assert sum(one._model.seen) == 1


def test_progress_is_told_up_to_the_last_text(tmp_path):
    told = []

    @contextmanager
    def progress(texts):
        told.append(texts)
        yield told.append

    made(progress=progress)([f"x{at}" for at in range(600)])
    assert told == [600, 512, 600]
