"""A tokenizer without a model: every byte, some longer tokens, and an end token."""

from __future__ import annotations

from collections.abc import Sequence

JOINED = (
    *('{"', '":"', '":', '","', '"}', '"},', '"]', '["', '":[', '":{"', '":["', "},{", "null", "true", '".'),
    *(
        'a"',
        '."',
        'o","',
        ')"',
        '\\"',
        '\\\\"',
        " the",
        " GmbH",
        "12",
        "19,",
        " 1",
        "00",
        "  ",
        "er",
        "ing",
        "\\",
    ),
    *("é", "ü", "請求", "書", "नम", "\\u00", "Inv", "oice", " No", "Nor", "th", "wind", "\n\n", 'ü"', '€"}'),
)


class SmallTokenizer:
    """Writes a text with the longest tokens first. The last token but one ends a text, the last steers."""

    bos, add_bos = None, False

    def __init__(self, joined: Sequence[str] = JOINED, alphabet: bytes = bytes(range(256))) -> None:
        words = (word.encode() for word in joined)
        self._pieces = [*(bytes([one]) for one in alphabet), *words, b"", b""]
        self.size, self.eos = len(self._pieces), len(self._pieces) - 2
        self.stop = frozenset({self.eos})
        self._ids = {piece: id for id, piece in reversed(list(enumerate(self._pieces))) if piece}
        self._longest = max(map(len, self._pieces))

    def encode(self, text: str, *, special: bool = False, bos: bool | None = None) -> list[int]:
        data, ids = text.encode(), []
        while data:
            part = next(data[:n] for n in range(self._longest, 0, -1) if data[:n] in self._ids)
            ids.append(self._ids[part])
            data = data[len(part) :]
        return ids

    def decode(self, ids: Sequence[int], *, special: bool = False) -> str:
        return b"".join(self._pieces[id] for id in ids).decode(errors="replace")

    def piece(self, id: int) -> bytes:
        return self._pieces[id]

    def pieces(self) -> list[bytes]:
        return self._pieces

    def is_control(self, id: int) -> bool:
        return not self._pieces[id]
