"""Files of classifiers that are damaged, do not fit together, or come of another version: refused at once
with what to do, and never half understood."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest
from abax.errors import InvalidRequest
from abax.mail.arrays import arrays_in
from abax.mail.classifier import Classifier
from abax.mail.classifier_parts import Features
from abax.mail.features import Recipe
from abax.mail.learning import Example, Settings, Vectors, train
from hypothesis import given, settings
from hypothesis import strategies as st

SETTINGS = Settings(Recipe(buckets=1 << 8))
WORDS = {"invoice": "invoice amount credit", "parcel": "parcel late truck", "login": "password login locked"}
EXAMPLES = [Example(f"{words} {number}", label) for label, words in WORDS.items() for number in range(4)]
TEXTS = ["", "the invoice is wrong", "?", "parcel " * 50]


class Letters:
    """Counts letters."""

    name = "letters"

    def __call__(self, texts):
        return np.array([[text.count(sign) for sign in "abcdefgh"] for text in texts], np.float32)


def made(labels: int, *, dense: bool = False) -> bytes:
    chosen = [one for one in EXAMPLES if one.label in sorted(WORDS)[:labels]]
    vectors = Vectors("letters", Letters()([one.text for one in chosen])) if dense else None
    return train(chosen, "topics", SETTINGS, vectors).dump()


FILES = [made(2), made(3), made(3, dense=True)]


def parts_of(content: bytes) -> dict[str, Any]:
    return dict(arrays_in(content))


def told_of(content: bytes) -> dict[str, Any]:
    return json.loads(parts_of(content)["told"].tobytes())


def packed(parts: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **parts)
    return stream.getvalue()


def with_told(content: bytes, told: object) -> bytes:
    encoded = np.frombuffer(json.dumps(told).encode(), np.uint8)
    return packed(parts_of(content) | {"told": encoded})


def is_refused_or_answers(content: bytes) -> None:
    """Either it is refused with what to do, or every text has shares that sum to one."""
    try:
        found = Classifier.restore(content)
    except InvalidRequest as error:
        assert "train it again" in str(error)
        return
    shares = found.shares(TEXTS, Letters())
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-4)
    found.decided(shares)


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=60, deadline=None)
def test_bytes_that_were_damaged_are_refused_or_harmless(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        damaged[place] = data.draw(st.integers(0, 255))
    is_refused_or_answers(bytes(damaged[: data.draw(st.integers(0, len(content)))]))
    is_refused_or_answers(bytes(damaged))


KINDS = ("<i1", "<i4", "<i8", "<u1", "<f2", "<f4", "<f8")
LONG = st.integers(0, 5) | st.sampled_from([3 * 255, 3 * 256, 3 * 256 + 1])
SHAPES = st.just(()) | st.tuples(LONG) | st.tuples(LONG, st.integers(0, 5)) | st.just((2, 2, 2))


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=60, deadline=None)
def test_arrays_that_do_not_fit_are_refused(content: bytes, data: st.DataObject) -> None:
    parts = parts_of(content)
    name = data.draw(st.sampled_from(sorted(parts)))
    value = data.draw(st.sampled_from([0, 1, -1, 77, 1e30, np.nan, np.inf]))
    kind = data.draw(st.sampled_from(KINDS))
    with np.errstate(invalid="ignore", over="ignore"):
        parts[name] = np.full(data.draw(SHAPES), value).astype(kind)
    is_refused_or_answers(packed(parts))


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=60, deadline=None)
def test_numbers_that_were_changed_are_refused_or_harmless(content: bytes, data: st.DataObject) -> None:
    parts = parts_of(content)
    name = data.draw(st.sampled_from(sorted(parts.keys() - {"told"})))
    array = parts[name].copy()
    place = data.draw(st.integers(0, array.size - 1))
    with np.errstate(invalid="ignore", over="ignore"):
        value = np.array(data.draw(st.sampled_from([0, -1, 200, 2**31 - 1, 1e30, np.nan])))
        array.reshape(-1)[place] = value.astype(array.dtype)
    parts[name] = array
    is_refused_or_answers(packed(parts))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=60, deadline=None)
def test_what_a_file_tells_otherwise_is_refused_or_harmless(content: bytes, data: st.DataObject) -> None:
    told = told_of(content)
    inner = data.draw(st.sampled_from([told, told["recipe"], told["known"]]))
    name = data.draw(st.sampled_from(sorted(inner)) | st.text(max_size=8))
    if data.draw(st.booleans()):
        inner.pop(name, None)
    else:
        inner[name] = data.draw(ANY)
    is_refused_or_answers(with_told(content, told))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"form": 9}, "form 9"),
        ({"labels": ["a", "a", "b"]}, "stands there twice"),
        ({"labels": ["one"]}, "labels"),
        ({"labels": ["a", "b", "c", "d"]}, "its weights do not fit"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"known": {"cut": "half"}}, "cut is no share"),
        ({"colour": 1}, "colour"),
        ({"embedder": "letters"}, "it has no centre"),
    ],
)
def test_what_is_wrong_with_what_a_file_tells_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        Classifier.restore(with_told(FILES[1], told_of(FILES[1]) | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"stems": True},
        {"buckets": 1000},
        {"buckets": 1 << 30},
        {"run": 10**9},
        {"piece_share": 2},
        {"run": None},
    ],
)
def test_a_recipe_of_another_version_is_refused(changes: dict[str, Any]) -> None:
    told = told_of(FILES[1])
    told["recipe"] |= changes
    with pytest.raises(InvalidRequest, match=rf"recipe\.{next(iter(changes))}.*train it again"):
        Classifier.restore(with_told(FILES[1], told))


def test_a_file_tells_the_whole_recipe() -> None:
    assert told_of(FILES[1])["recipe"].keys() == Features.model_fields.keys() == vars(Recipe()).keys()


def test_a_recipe_that_leaves_a_feature_out_is_an_older_one_and_is_refused() -> None:
    told = told_of(FILES[1])
    del told["recipe"]["trait_share"]
    with pytest.raises(InvalidRequest, match=r"recipe\.trait_share"):
        Classifier.restore(with_told(FILES[1], told))


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("places", lambda places: places + 3 * 256, "no ascending numbers below 768"),
        ("places", lambda places: -places[::-1], "no ascending numbers"),
        ("places", lambda places: places[::-1], "no ascending numbers"),
        ("places", lambda places: places[1:], "its weights do not fit"),
        ("rarity", lambda rarity: rarity[:-1], "its rarity do not fit"),
        ("weights", lambda weights: weights[:, :2], "its weights do not fit"),
        ("scales", lambda scales: scales * np.float32(np.nan), "its scales are not all numbers"),
        ("offsets", lambda offsets: offsets + np.float32(np.inf), "its offsets are not all numbers"),
        ("offsets", lambda offsets: offsets[:1], "its offsets do not fit"),
    ],
)
def test_an_array_that_does_not_fit_is_named(name: str, change: Any, says: str) -> None:
    parts = parts_of(FILES[1])
    with pytest.raises(InvalidRequest, match=f"{says}.*train it again"):
        Classifier.restore(packed(parts | {name: np.ascontiguousarray(change(parts[name]))}))


def test_a_file_that_unpacks_to_more_than_anybody_needs_is_not_unpacked() -> None:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("told.npy", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(InvalidRequest, match="unpacks to 314,572,800 bytes"):
        Classifier.restore(stream.getvalue())
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_part_that_claims_more_than_it_holds_gets_no_room() -> None:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }\n"
    body = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("told.npy", body)
    with pytest.raises(ValueError, match="other numbers than it says"):
        arrays_in(stream.getvalue())


@pytest.mark.parametrize("descr", ["|O", "<U9999999", "[('a', '<f4')]", "<f3", "|V8", "<c16"])
def test_a_part_that_is_no_array_of_numbers_is_refused(descr: str) -> None:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}\n".encode()
    body = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("told.npy", body)
    with pytest.raises(ValueError, match="no array of numbers"):
        arrays_in(stream.getvalue())


def test_a_part_that_is_packed_otherwise_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("told.npy", b"x" * 1000)
    with pytest.raises(ValueError, match="not packed as numpy packs"):
        arrays_in(stream.getvalue())


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int32).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.int8).reshape(2, 3)),
        np.zeros((0, 3), np.int8),
        np.zeros(0, np.float16),
        np.array(2.5, np.float32),
    ],
)
def test_arrays_are_read_as_numpy_wrote_them(array: Any) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, one=array)
    found = arrays_in(stream.getvalue())["one"]
    assert found.dtype == array.dtype and found.shape == array.shape and (found == array).all()
