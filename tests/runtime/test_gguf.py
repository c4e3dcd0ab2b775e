import ctypes
import os
import struct
from pathlib import Path

import pytest
from abax_runtime import arrays, gguf
from abax_runtime.arrays import Values, ValueType
from abax_runtime.errors import InvalidModel, ModelChanged, ModelMissing, RuntimeFault, Unsupported
from abax_runtime.gguf import EAGER, TensorType, bytes_of, open_gguf, write_gguf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzz_gguf import probe, seed

TOKENS = [f"token {n} é" for n in range(EAGER + 100)]
METADATA = {
    "general.architecture": "llama",
    "llama.block_count": 30,
    "llama.rope.freq_base": 10000.5,
    "negative": -7,
    "large": 2**40,
    "yes": True,
    "empty": "",
    "tokenizer.ggml.tokens": TOKENS,
    "tokenizer.ggml.scores": [0.5, -2.0],
    "tokenizer.ggml.token_type": [1, 3, -1],
    "flags": [True, False],
}
WEIGHTS = bytes(n % 251 for n in range(40 * 3))
TENSORS = [
    ("a.weight", TensorType.Q4_1, (3, 64), WEIGHTS),
    ("norm.weight", TensorType.F32, (5,), struct.pack("5f", 1, 2, 3, 4, 5)),
    ("cube", TensorType.F16, (2, 3, 4), bytes(48)),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "model.gguf"
    write_gguf(made, METADATA, TENSORS)
    return made


# What a file says


def test_metadata_comes_back_as_it_was_written(path):
    with open_gguf(path) as file:
        assert dict(file.metadata) == METADATA
        assert list(file.metadata) == list(METADATA)


def test_long_arrays_are_decoded_when_they_are_looked_into(path):
    tokens = open_gguf(path).metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, Values) and len(tokens) == len(TOKENS)
    assert "items" not in vars(tokens)
    assert tokens[3] == TOKENS[3] and tokens[-2:] == TOKENS[-2:] and list(tokens) == TOKENS


@pytest.fixture(params=["native", "python"])
def way(request, monkeypatch):
    """Both ways to read arrays of strings; the native one where the library is built."""
    if request.param == "python":
        monkeypatch.setattr(arrays, "library", lambda: None)
        monkeypatch.setattr(gguf, "library", lambda: None)
    return request.param


@pytest.mark.usefixtures("way")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    strings=st.lists(
        st.text(max_size=12) | st.sampled_from(["", "\0", "é" * 150, "a\0b", "\n"]), min_size=1, max_size=40
    ),
    twice=st.booleans(),
)
def test_strings_are_read_natively_as_by_python(seeded, strings, twice):
    strings = strings * (EAGER + 1 if twice else 1)
    path = seeded.with_name("strings.gguf")
    write_gguf(path, {"tokens": strings, "after": 7}, [])
    with open_gguf(path) as file:
        assert list(file.metadata["tokens"]) == strings
        assert file.metadata["after"] == 7


def test_tensors_have_rows_first_and_lie_at_their_address(path):
    with open_gguf(path) as file:
        assert {name: (t.type, t.shape) for name, t in file.tensors.items()} == {
            name: (kind, shape) for name, kind, shape, _ in TENSORS
        }
        for name, _, _, data in TENSORS:
            tensor = file.tensors[name]
            assert tensor.address % 32 == 0
            assert ctypes.string_at(tensor.address, tensor.nbytes) == bytes(file.bytes(tensor)) == data


def test_the_map_is_read_only(path):
    with open_gguf(path) as file:
        assert file.bytes(file.tensors["cube"]).readonly


def test_views_outlive_the_file(path):
    with open_gguf(path) as file:
        view = file.bytes(file.tensors["a.weight"])
    assert bytes(view) == WEIGHTS
    with pytest.raises(ModelMissing, match="closed"):
        file.bytes(file.tensors["a.weight"])


def test_a_populated_file_reads_the_same(path):
    file = open_gguf(path, populate=True)
    file.prefault()
    assert bytes(file.bytes(file.tensors["a.weight"])) == WEIGHTS


def test_version_2_is_read(path):
    write_at(path, 4, struct.pack("<I", 2))
    assert open_gguf(path).metadata["llama.block_count"] == 30


def test_a_file_without_tensors_is_read(tmp_path):
    write_gguf(tmp_path / "vocabulary.gguf", {"general.architecture": "llama"}, [])
    assert open_gguf(tmp_path / "vocabulary.gguf").tensors == {}


@pytest.mark.parametrize(
    ("kind", "size"),
    [("F32", 1024), ("F16", 512), ("Q8_0", 272), ("Q4_1", 160), ("Q6_K", 210), ("Q4_K", 144)],
)
def test_bytes_of_256_elements(kind, size):
    assert bytes_of(TensorType[kind], 256) == size


def test_value_types_are_kept_when_told(tmp_path):
    types = {"small": ValueType.UINT8, "precise": ValueType.FLOAT64, "wide": ValueType.UINT64}
    values = {"small": 7, "precise": 0.1, "wide": [1, 2]}
    write_gguf(tmp_path / "typed.gguf", values, [], types=types)
    with open_gguf(tmp_path / "typed.gguf") as file:
        assert file.metadata == values
        assert file.value_types == types


# The fingerprint


def test_the_fingerprint_is_of_the_content(path, tmp_path):
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(path.read_bytes())
    assert open_gguf(copy).fingerprint == open_gguf(path).fingerprint
    assert len(open_gguf(path).fingerprint) == 32


@pytest.mark.parametrize("at", [0, 60, 119])
def test_the_fingerprint_sees_other_weights(path, tmp_path, at):
    other = tmp_path / "other.gguf"
    changed = bytearray(WEIGHTS)
    changed[at] ^= 1
    write_gguf(other, METADATA, [(*TENSORS[0][:3], changed), *TENSORS[1:]])
    assert open_gguf(other).fingerprint != open_gguf(path).fingerprint


def test_the_fingerprint_sees_other_metadata(path, tmp_path):
    other = tmp_path / "other.gguf"
    write_gguf(other, METADATA | {"llama.block_count": 31}, TENSORS)
    assert open_gguf(other).fingerprint != open_gguf(path).fingerprint


# Files that change while they are open


def test_an_unchanged_file_passes(path):
    with open_gguf(path) as file:
        path.read_bytes()
        file.check_unchanged()


def test_a_file_cut_short_is_noticed_before_it_is_read(path):
    with open_gguf(path) as file:
        os.truncate(path, 100)
        with pytest.raises(ModelChanged, match=r"written to .* 100 now"):
            file.check_unchanged()


def test_a_file_written_to_is_noticed(path):
    with open_gguf(path) as file:
        write_at(path, 200, b"!")
        os.utime(path, ns=(1, 1))
        with pytest.raises(ModelChanged, match="written to"):
            file.check_unchanged()


def test_a_replaced_file_is_noticed_and_the_old_one_stays_readable(path):
    with open_gguf(path) as file:
        write_gguf(path, {"general.architecture": "other"}, [])
        with pytest.raises(ModelChanged, match="replaced"):
            file.check_unchanged()
        assert bytes(file.bytes(file.tensors["a.weight"])) == WEIGHTS


def test_a_removed_file_is_noticed(path):
    with open_gguf(path) as file:
        path.unlink()
        with pytest.raises(ModelChanged, match="gone"):
            file.check_unchanged()


# Files that are refused


def test_no_file_is_missing(tmp_path):
    with pytest.raises(ModelMissing, match="No such file"):
        open_gguf(tmp_path / "none.gguf")


def test_folders_and_pipes_are_no_models(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(ModelMissing, match="not a file"):
            open_gguf(path)


def string(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(data)) + data


def pair(key: str, kind: int, value: bytes) -> bytes:
    return string(key) + struct.pack("<I", kind) + value


def info(name: str, sides: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    return string(name) + struct.pack(f"<I{len(sides)}QIQ", len(sides), *sides, kind, offset)


def header(tensors: int = 0, values: int = 0, version: int = 3, magic: bytes = b"GGUF") -> bytes:
    return struct.pack("<4sIQQ", magic, version, tensors, values)


def padded(head: bytes, data: int = 64) -> bytes:
    return head + bytes(-len(head) % 32 + data)


HUGE = 2**63
REFUSED = {
    "nothing": (b"", "0 bytes are too few"),
    "a word": (b"GGUF", "4 bytes are too few"),
    "another format": (padded(header(magic=b"ggml")), r"b'ggml', not b'GGUF'.*byte 0"),
    "absurd pairs": (padded(header(values=HUGE)), r"9,223,372,036,854,775,808 metadata values.*byte 16"),
    "absurd tensors": (padded(header(tensors=HUGE)), r"tensors in 72 bytes.*byte 8"),
    "pairs that are not there": (header(values=1) + string("k" * 20), "file ends within"),
    "long key": (
        header(values=1) + struct.pack("<Q", HUGE) + bytes(64),
        "key is 9,223.* bytes long.*byte 24",
    ),
    "long key in a long file": (
        header(values=1) + string("k" * 70000) + bytes(64),
        "key is 70,000 bytes long",
    ),
    "empty key": (header(values=1) + pair("", 7, b"\1") + bytes(20), "a key is empty"),
    "key of bytes": (header(values=1) + string(b"\xff\xfe") + bytes(64), "key is not UTF-8"),
    "same key": (header(values=2) + pair("k", 7, b"\1") * 2, "'k' stands here again"),
    "value type": (header(values=1) + pair("k", 13, bytes(64)), "k has the unknown value type 13"),
    "bool of 2": (header(values=1) + pair("k", 7, b"\2"), "k is 2, neither true nor false"),
    "bools of 2": (
        header(values=1) + pair("k", 9, struct.pack("<IQ", 7, 3) + b"\0\2\1"),
        "neither true nor false",
    ),
    "string value": (header(values=1) + pair("k", 8, struct.pack("<Q", 99) + b"abc"), "k is 99 bytes long"),
    "string of bytes": (header(values=1) + pair("k", 8, string(b"\xff")), "k is not UTF-8"),
    "array of arrays": (
        header(values=1) + pair("k", 9, struct.pack("<IQIQ", 9, 1, 4, 0)),
        "array of arrays",
    ),
    "array of what": (header(values=1) + pair("k", 9, struct.pack("<IQ", 99, 1)), "unknown value type 99"),
    "absurd array": (header(values=1) + pair("k", 9, struct.pack("<IQ", 4, HUGE)), "more than the file can"),
    "absurd strings": (
        header(values=1) + pair("k", 9, struct.pack("<IQ", 8, HUGE)),
        "more than the file can",
    ),
    "strings past the end": (
        header(values=1) + pair("k", 9, struct.pack("<IQ", 8, 2) + string("a") + struct.pack("<Q", HUGE)),
        "2 strings of k do not end",
    ),
    "strings to the very end": (
        header(values=1) + pair("k", 9, struct.pack("<IQ", 8, 2) + string("abcdefgh") + bytes(4)),
        "2 strings of k do not end",
    ),
    "alignment 0": (padded(header(values=1) + pair("general.alignment", 4, bytes(4))), "alignment is 0"),
    "alignment 48": (
        padded(header(values=1) + pair("general.alignment", 4, struct.pack("<I", 48))),
        "alignment is 48",
    ),
    "alignment in words": (padded(header(values=1) + pair("general.alignment", 8, string("x"))), "is 'x'"),
    "alignment true": (padded(header(values=1) + pair("general.alignment", 7, b"\1")), "is True"),
    "no name": (padded(header(1) + info("", (4,))), "tensor '' has 1 dim"),
    "long name": (padded(header(1) + info("n" * 65, (4,))), "name is 65 bytes long"),
    "no dimensions": (padded(header(1) + info("t", ())), "'t' has 0 dimensions"),
    "five dimensions": (padded(header(1) + info("t", (1,) * 5)), "'t' has 5 dimensions"),
    "a zero dimension": (padded(header(1) + info("t", (4, 0))), r"'t' of shape \(0, 4\)"),
    "half a block": (padded(header(1) + info("t", (48, 2), 8)), r"'t' of shape \(2, 48\).*blocks of 32"),
    "huge dimensions": (padded(header(1) + info("t", (2**62, 2**62))), "'t' lies at"),
    "past the end": (padded(header(1) + info("t", (17,))), "'t' lies at 64 with 68 bytes"),
    "far offset": (padded(header(1) + info("t", (4,), offset=HUGE)), "'t' lies at"),
    "crooked offset": (padded(header(1) + info("t", (4,), offset=4)), "multiple of 32"),
    "same name": (padded(header(2) + info("t", (4,)) + info("t", (4,), offset=32)), "'t' stands here again"),
    "overlap": (padded(header(2) + info("t", (16,)) + info("u", (4,), offset=32)), "'u' overlaps 't'"),
    "no data": (header(1) + info("t", (4,)), "'t' lies at"),
}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_what_it_says_is_refused_by_name_and_place(case, tmp_path):
    content, message = REFUSED[case]
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(InvalidModel, match=message) as refused:
        open_gguf(path)
    assert str(path) in str(refused.value)


UNSUPPORTED = {
    "version 1": (padded(header(version=1)), "version 1; versions 2 and 3"),
    "version 4": (padded(header(version=4)), "version 4"),
    "big-endian": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
    "tensor type": (
        padded(header(1) + info("t", (256,), 10)),
        r"'t' is of type 10 \(Q2_K\); supported are F32",
    ),
    "removed type": (padded(header(1) + info("t", (256,), 4)), r"type 4 \(unknown\)"),
    "one of several": (
        padded(header(values=1) + pair("split.count", 2, struct.pack("<H", 3))),
        "one of 3 parts",
    ),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_is_valid_and_not_ours_is_named(case, tmp_path):
    content, message = UNSUPPORTED[case]
    path = tmp_path / "other.gguf"
    path.write_bytes(content)
    with pytest.raises(Unsupported, match=message):
        open_gguf(path)


def test_a_string_that_is_not_utf_8_in_a_long_array_is_named_when_it_is_decoded(tmp_path):
    strings = [b"ok"] * EAGER + [b"\xff"]
    array = struct.pack("<IQ", 8, len(strings)) + b"".join(map(string, strings))
    path = tmp_path / "bytes.gguf"
    path.write_bytes(padded(header(values=1) + pair("tokens", 9, array)))
    tokens = open_gguf(path).metadata["tokens"]
    with pytest.raises(InvalidModel, match=r"tokens .*not UTF-8"):
        list(tokens)


def test_a_file_cut_anywhere_is_refused(tmp_path):
    whole = tmp_path / "whole.gguf"
    small = {"general.architecture": "llama", "tokens": ["a", "b"], "scores": [1.0], "n": 3}
    write_gguf(whole, small, [("t", TensorType.Q8_0, (2, 32), bytes(68))])
    content = whole.read_bytes()
    end = len(content) - (-68 % 32)  # the padding after the last tensor need not be there
    cut = tmp_path / "cut.gguf"
    for length in range(end):
        cut.write_bytes(content[:length])
        with pytest.raises(InvalidModel):
            open_gguf(cut)
    cut.write_bytes(content[:end])
    assert open_gguf(cut).tensors


@pytest.fixture(scope="module")
def seeded(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("fuzz") / "seed.gguf"
    seed(made)
    return made


def test_the_seed_is_valid(seeded):
    assert probe(seeded) is not None


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from((1, 4, 8)),
        st.sampled_from((0, 1, 2, 7, 8, 9, 32, 255, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
        | st.integers(0, 2**64 - 1),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(edits=EDITS, cut=st.none() | st.floats(0, 1))
def test_no_mutation_is_read_past_its_end(seeded, edits, cut):
    content = bytearray(seeded.read_bytes())
    body = content.index(b"tokens") + 64  # fields are denser before and after the long array
    tail = len(content) - 700
    spots = [*range(body), *range(tail, len(content) - 8)]
    for where, width, value in edits:
        at = spots[int(where * len(spots))]
        content[at : at + width] = (value % (1 << 8 * width)).to_bytes(width, "little")
    path = seeded.with_name("mutant.gguf")
    path.write_bytes(content if cut is None else content[: int(cut * len(content))])
    probe(path)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=400))
def test_no_bytes_after_a_valid_header_get_through(seeded, content):
    path = seeded.with_name("random.gguf")
    path.write_bytes(header(1, 1) + content)
    try:
        open_gguf(path)
    except RuntimeFault as refused:
        assert str(path) in str(refused)


# Writing


@settings(max_examples=50, deadline=None)
@given(
    metadata=st.dictionaries(
        st.text(min_size=1, max_size=20),
        st.text(max_size=50)
        | st.booleans()
        | st.integers(-(2**63), 2**64 - 1)
        | st.floats(width=32, allow_nan=False)
        | st.lists(st.text(max_size=5))
        | st.lists(st.integers(-(2**63), 2**63 - 1))
        | st.lists(st.floats(width=32, allow_nan=False)),
        max_size=8,
    )
)
def test_whatever_can_be_written_is_read_back(seeded, metadata):
    metadata.pop("general.alignment", None)
    metadata.pop("split.count", None)
    path = seeded.with_name("round.gguf")
    write_gguf(path, metadata, TENSORS)
    with open_gguf(path) as file:
        assert file.metadata == metadata
        assert bytes(file.bytes(file.tensors["a.weight"])) == WEIGHTS


def test_tensors_can_be_made_one_at_a_time_while_writing(tmp_path):
    made = []

    def make(byte: int):
        def now() -> bytes:
            made.append(byte)
            return bytes([byte] * 4)

        return now

    tensors = [(f"t{byte}", TensorType.F32, (1,), make(byte)) for byte in range(3)]
    assert made == []
    write_gguf(tmp_path / "late.gguf", {}, tensors)
    with open_gguf(tmp_path / "late.gguf") as file:
        assert [bytes(file.bytes(tensor))[0] for tensor in file.tensors.values()] == made == [0, 1, 2]


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (("t", TensorType.F32, (2,), bytes(4)), "has 4 bytes, not 8"),
        (("t", TensorType.Q8_0, (2, 16), bytes(4)), r"shape \(2, 16\) cannot be Q8_0"),
        (("t", TensorType.F32, (0,), b""), "cannot be F32"),
        (("t", TensorType.F32, (), b""), "cannot be F32"),
    ],
)
def test_a_tensor_that_does_not_fit_leaves_the_old_file_alone(path, tensor, message):
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        write_gguf(path, METADATA, [tensor])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_array_of_strings_and_numbers_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match="strings and numbers"):
        write_gguf(tmp_path / "mixed.gguf", {"k": ["a", 1]}, [])


def write_at(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.mark.usefixtures("way")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    strings=st.lists(st.text(max_size=9) | st.sampled_from(["", "a", "ab", "é"]), min_size=1, max_size=60),
    wanted=st.lists(st.text(max_size=9), max_size=10),
)
def test_strings_are_found_by_what_they_are_and_by_number(seeded, strings, wanted):
    path = seeded.with_name("strings.gguf")
    repeated = strings * (EAGER // len(strings) + 2)
    write_gguf(path, {"tokens": repeated}, [])
    with open_gguf(path) as file:
        found = file.metadata["tokens"]
        numbers = {text: number for number, text in enumerate(repeated)}  # of equal ones the last
        for text in {*strings, *wanted}:
            assert found.find(text) == numbers.get(text)
        assert [found[number] for number in (0, 5, -1)] == [repeated[number] for number in (0, 5, -1)]
        with pytest.raises(IndexError):
            found[len(repeated)]


def test_an_array_whose_strings_hash_to_one_place_is_still_searched(seeded, monkeypatch):
    """The index gives up after so many steps, and a dictionary takes its place."""
    path = seeded.with_name("strings.gguf")
    strings = [f"token {number}" for number in range(EAGER + 1)]
    write_gguf(path, {"tokens": strings}, [])
    monkeypatch.setattr(arrays.Index, "of", lambda *_: None)
    with open_gguf(path) as file:
        assert file.metadata["tokens"].find("token 700") == 700
        assert file.metadata["tokens"].find("nothing") is None
        assert file.metadata["tokens"][700] == "token 700"


def test_an_index_is_not_made_beyond_the_bytes_that_there_are(seeded):
    kernels = arrays.library()
    if kernels is None:
        pytest.fail("the kernels of this machine are not built")
    path = seeded.with_name("strings.gguf")
    write_gguf(path, {"tokens": [f"token {number}" for number in range(EAGER + 1)]}, [])
    with open_gguf(path) as file:
        raw = file.metadata["tokens"]._raw
        assert arrays.Index.of(raw, EAGER + 1, kernels) is not None
        assert arrays.Index.of(raw[:-1], EAGER + 1, kernels) is None
        assert arrays.Index.of(raw, EAGER + 2, kernels) is None
