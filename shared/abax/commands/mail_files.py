"""Which of the files and folders that ``abax mail`` is given hold mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from abax.errors import InvalidRequest, listed

SUFFIXES: Final = (".eml", ".mbox")
"""Files named so are mail, whatever they look like; of others their beginning tells."""


class Files:
    """The messages of files and folders. What a folder holds that is no mail is left out, and named."""

    def __init__(self, given: Sequence[Path]) -> None:
        self._given = given
        self.others: list[Path] = []
        """Files of folders that are no mail."""
        self.empty: list[Path] = []
        """Files of folders that should be mail, and hold nothing."""

    def contents(self) -> Iterator[bytes]:
        """The messages, in order. Raises InvalidRequest for a file that was named and is no mail."""
        for path in self._given:
            if path.is_dir():
                yield from self._of_folder(path)
            else:
                yield from _of_file(path)

    def told(self) -> list[str]:
        """What was left out, a line each for people."""
        lines = []
        if self.others:
            names = listed(path.name for path in self.others)
            lines.append(f"{len(self.others):,} files are no mail and were left out: {names}")
        if self.empty:
            lines.append(f"there is no message in {listed(self.empty)}")
        return lines

    def _of_folder(self, folder: Path) -> Iterator[bytes]:
        inner = sorted(one for one in folder.rglob("*") if one.is_file() and one.name[0] != ".")
        if not inner:
            raise InvalidRequest(f"{folder} holds no file", "files")
        for path in inner:
            content = _read(path)
            if not content.strip() and path.suffix.lower() in SUFFIXES:
                self.empty.append(path)
            elif _is_mail(path, content):
                yield from _messages(content)
            else:
                self.others.append(path)


def _of_file(path: Path) -> Iterator[bytes]:
    if not path.is_file():
        raise InvalidRequest(f"there is no {path}", "files")
    content = _read(path)
    if not content.strip():
        raise InvalidRequest(f"{path} is empty", "files")
    if not _is_mail(path, content):
        raise InvalidRequest(
            f"{path} is no mail: it does not begin with headers such as From: and Subject:", "files"
        )
    yield from _messages(content)


def _is_mail(path: Path, content: bytes) -> bool:
    from abax.mail.recognise import looks_like_mail

    return path.suffix.lower() in SUFFIXES or looks_like_mail(content)


def _messages(content: bytes) -> Iterator[bytes]:
    from abax.mail.message import messages_in

    return messages_in(content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror or error}", "files") from None
