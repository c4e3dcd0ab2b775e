"""Fuzz what reads GGUF files, with atheris: ``python -m tests.fuzz.fuzz_gguf WAY [CORPUS] [-runs=…]``.

Ways, each with a probe that must hold for any input; the suite calls them too:

``file``        bytes as they come: `probe`, and the tokenizer where there is one
``strings``     arrays of strings against the end of mapped memory, natively and in Python: `probe_strings`
``vocabulary``  sound files around whatever tokens, types, scores and merges: `probe_vocabulary`

Atheris is no dependency: ``pip install atheris sentencepiece tokenizers`` into an environment of its own.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from abax_runtime import gguf, native
from abax_runtime.errors import InvalidModel, Unsupported
from abax_runtime.gguf import Gguf, TensorType, bytes_of, open_gguf, write_gguf
from abax_runtime.tokenizer import load_tokenizer

from tests.fuzz.guarded import Guarded

TEXTS = ("", "The invoice", " 1,234.50 €\n\n", "<0x41><|im_end|><unk>", "\0\ud800é請" + "ab " * 20, "a" * 999)


def probe(path: Path) -> Gguf | None:
    """Open a file of whatever bytes: either it is refused by name, or all that it promises is there."""
    try:
        file = open_gguf(path)
    except (InvalidModel, Unsupported) as error:
        assert str(path) in str(error)
        return None
    size, end = path.stat().st_size, 0
    for tensor in sorted(file.tensors.values(), key=lambda tensor: tensor.offset):
        elements = 1
        for side in tensor.shape:
            elements *= side
        assert tensor.nbytes == bytes_of(tensor.type, elements) == len(file.bytes(tensor)) > 0
        assert end <= tensor.offset and tensor.offset + tensor.nbytes <= size and tensor.address % 8 == 0
        end = tensor.offset + tensor.nbytes
        assert sum(file.bytes(tensor)[-1:]) < 256
    for value in file.metadata.values():
        if not isinstance(value, (str, bool, int, float)):
            try:
                assert len(list(value)) == len(value)
            except InvalidModel:
                return None
    assert len(file.fingerprint) == 32
    probe_vocabulary(file.metadata)
    return file


def probe_strings(content: bytes, count: int, library: native.Native) -> list[bytes] | None:
    """The strings of an array that ends where memory ends, as Python and the kernels both find them.

    The kernels are then told of less room than there is, and of strings that have changed since.
    """
    expected = _strings(content, count)
    with Guarded(content) as array:
        end = library.strings_end(array.address, len(content), count)
        assert end == (-1 if expected is None else sum(8 + len(string) for string in expected))
        if expected is None or not count:
            return expected
        with Guarded(bytes(end - 7 * count)) as copy:
            written = library.strings_lines(array.address, end, count, copy.address)
            whole = b"".join(string + b"\0" for string in expected)
            assert written == (-1 if any(b"\0" in string for string in expected) else len(whole))
            assert copy.content == whole
            for size in {0, 7, 8, end - 1}:
                assert size >= end or library.strings_lines(array.address, size, count, copy.address) == -1
            _probe_index(array, end, expected, library)
            array.content = _changed(content, count)
            assert library.strings_lines(array.address, end, count, copy.address) <= len(whole)
    return expected


def _probe_index(array: Guarded, size: int, expected: list[bytes], library: native.Native) -> None:
    """Each string is found where it stands last; and once they have changed, nothing beyond them is read."""
    count, content = len(expected), array.content
    starts, slots = (ctypes.c_int64 * count)(), 1 << (2 * count).bit_length()
    table = (ctypes.c_int64 * slots)()
    places = ctypes.addressof(starts), ctypes.addressof(table)
    if library.strings_index(array.address, size, count, *places, slots):
        return
    numbers = {string: number for number, string in enumerate(expected)}
    assert starts[0] == 0 and starts[count - 1] == size - 8 - len(expected[-1])
    for changed in (False, True):
        array.content = _changed(content, count) if changed else content
        for string in {*numbers, b"", b"no such", content}:
            found = library.strings_find(array.address, size, places[1], slots, string, len(string))
            assert found == numbers.get(string, -1) or (changed and -1 <= found < count)
    array.content = content


def _changed(content: bytes, count: int) -> bytes:
    """As long as before, with lengths that lead far away or just beyond the end."""
    return (
        content[::-1]
        if count % 2
        else b"\x40".ljust(8, b"\0") * (len(content) // 8) + content[: len(content) % 8]
    )


def _strings(content: bytes, count: int) -> list[bytes] | None:
    found: list[bytes] = []
    at = 0
    for _ in range(count):
        if len(content) - at < 8:
            return None
        (length,) = struct.unpack_from("<q", content, at)
        at += 8
        if not 0 <= length <= len(content) - at:
            return None
        found.append(content[at : at + length])
        at += length
    return found


def probe_vocabulary(metadata: Mapping[str, Any]) -> bool:
    """Whether metadata describe a tokenizer: if so it writes and reads any text, else it is refused."""
    try:
        tokenizer = load_tokenizer(metadata)
        assert len(tokenizer.pieces()) == tokenizer.size
        assert all(0 <= id < tokenizer.size for id in tokenizer.stop)
        for text in TEXTS:
            for special in (False, True):
                ids = tokenizer.encode(text, special=special)
                assert all(type(id) is int and 0 <= id < tokenizer.size for id in ids)
                decoder = tokenizer.decoder()
                assert isinstance("".join(map(decoder.push, ids)) + decoder.finish(), str)
                assert isinstance(tokenizer.decode(ids, special=special), str)
            tokenizer.control_names(text)
    except (InvalidModel, Unsupported):
        return False
    return True


def seed(path: Path) -> None:
    """A small valid file with something of everything, and an array long enough to be read late."""
    metadata = {
        "general.architecture": "llama",
        "llama.rope.freq_base": 1e4,
        "flag": True,
        "negative": -3,
        "large": 2**40,
        "tokens": [f"t{n}" for n in range(1100)],
        "scores": [n / 8 for n in range(5)],
        "types": [1, -2, 3],
        "flags": [True, False],
    }
    tensors = [
        ("a.weight", TensorType.Q4_1, (2, 64), bytes(range(80))),
        ("norm", TensorType.F32, (3,), struct.pack("3f", 1, 2, 3)),
        ("k", TensorType.Q4_K, (1, 256), bytes(144)),
    ]
    write_gguf(path, metadata, tensors)


# ------------------------------------------------------------------------------------------ with atheris


def main() -> None:
    """Run until told to stop, or until something other than a refusal comes out."""
    import atheris

    if len(sys.argv) < 2 or sys.argv[1] not in WAYS:
        sys.exit(__doc__)
    gguf.EAGER = 3  # arrays of that few strings go through the kernels too
    with TemporaryDirectory(dir="/dev/shm") as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        one = WAYS[sys.argv.pop(1)](Path(folder, "case.gguf"), corpus)
        atheris.instrument_all()
        atheris.Setup([*sys.argv, os.fspath(corpus)], one)
        atheris.Fuzz()


def _file(path: Path, corpus: Path) -> Callable[[bytes], None]:
    seed(corpus / "seed")

    def one(data: bytes) -> None:
        path.write_bytes(data)
        probe(path)

    return one


def _of_strings(_path: Path, corpus: Path) -> Callable[[bytes], None]:
    library = native.load()
    (corpus / "seed").write_bytes(b"\3" + b"".join(struct.pack("<q", n) + b"x" * n for n in (0, 3, 9)))

    def one(data: bytes) -> None:
        if data:
            probe_strings(data[1:], data[0], library)

    return one


def _vocabulary(path: Path, _corpus: Path) -> Callable[[bytes], None]:
    from atheris import FuzzedDataProvider

    def one(data: bytes) -> None:
        metadata = _drawn(FuzzedDataProvider(data))
        write_gguf(path, metadata, [])
        with open_gguf(path) as file:
            probe_vocabulary(file.metadata)

    return one


NAMES = (
    *("", "a", "b", "ab", "▁", "▁a", "Ġa", "Ċ", "\0"),
    *("<unk>", "<s>", "</s>", "<0x41>", "<0xFF>", "<0xZZ>", "<|im_end|>"),
)
EVERY_BYTE = tuple(f"<0x{byte:02X}>" for byte in range(256))


def _drawn(of: Any) -> dict[str, Any]:
    """Metadata of a vocabulary, more often nearly right than not."""

    def name() -> str:
        if of.ConsumeProbability() < 0.7:
            return of.PickValueInList(list(NAMES))
        return of.ConsumeUnicodeNoSurrogates(of.ConsumeIntInRange(0, 12))

    tokens: list[Any] = [name() for _ in range(of.ConsumeIntInRange(0, 40))]
    if of.ConsumeBool():
        tokens += EVERY_BYTE
    if of.ConsumeProbability() < 0.05:
        tokens = of.ConsumeIntListInRange(4, -5, 5)
    model = of.PickValueInList(["llama", "gpt2", "gpt2", "other"])
    found: dict[str, Any] = {"model": model, "tokens": tokens}
    for key, values in {
        "token_type": lambda n: of.ConsumeIntListInRange(n, *of.PickValueInList([(1, 6), (-3, 300)])),
        "scores": of.ConsumeFloatList,
        "merges": lambda n: [
            f"{name()} {name()}" if of.ConsumeProbability() < 0.8 else name() for _ in range(min(n, 30))
        ],
    }.items():
        if of.ConsumeProbability() < 0.8:
            found[key] = values(max(0, len(tokens) + of.PickValueInList([0, 0, 0, -1, 1])))
    if "scores" in found:
        found["scores"] = [_narrow(score) for score in found["scores"]]
    for key in ("bos", "eos", "unknown", "eot", "eom"):
        if of.ConsumeProbability() < 0.4:
            found[f"{key}_token_id"] = of.ConsumeIntInRange(-2, 300)
    for key in ("add_bos_token", "add_eos_token", "add_space_prefix"):
        if of.ConsumeProbability() < 0.3:
            found[key] = of.ConsumeBool()
    if of.ConsumeProbability() < 0.7:
        found["pre"] = of.PickValueInList(["default", "smollm", "llama-bpe", "tekken", "deepseek-llm", "x"])
    return {f"tokenizer.ggml.{key}": value for key, value in found.items() if value != []}


def _narrow(value: float) -> float:
    return value if value != value or abs(value) < 3e38 else 3e38


WAYS: dict[str, Callable[[Path, Path], Callable[[bytes], None]]] = {
    "file": _file,
    "strings": _of_strings,
    "vocabulary": _vocabulary,
}

if __name__ == "__main__":
    main()
