"""Fuzz the GGUF reader: ``python -m tests.fuzz.fuzz_gguf [CORPUS] [-max_total_time=300]``, with atheris.

Atheris is no dependency: ``pip install atheris`` into an environment of its own. Without a corpus the run
starts from a small valid file. `probe` is what must hold for any bytes; the suite calls it too.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from abax_runtime.errors import InvalidModel, Unsupported
from abax_runtime.gguf import Gguf, TensorType, bytes_of, open_gguf, write_gguf


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
    return file


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


def main() -> None:
    """Run until told to stop, or until something other than a refusal comes out."""
    import atheris

    with TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder, "case.gguf")
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        seed(corpus / "seed")

        def one(data: bytes) -> None:
            path.write_bytes(data)
            probe(path)

        atheris.instrument_all()
        atheris.Setup([*sys.argv, os.fspath(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
