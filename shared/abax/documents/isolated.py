"""PDF files, read in a process of their own: one that hangs or crashes PDFium costs one page, and no more.

The process stays for the next file; ``python -m abax.documents.isolated`` is what it runs. Parent and child
send each other frames: the lengths of a JSON text and of bytes, then both. What a step may take is counted
in seconds of the processor, so that a busy machine fails no page; a step that crashes is tried once more in a
new process, since the fault may be that of what this one has read before.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import astuple
from typing import IO, Any, Final, TypeVar

from abax.documents import pdf
from abax.documents.pages import Attachment, Word
from abax.errors import DamagedFile, DocumentError, EncryptedFile
from abax.ports import PageImage

_T = TypeVar("_T")
_LENGTHS: Final = struct.Struct("<QQ")
_MEMORY: Final = 3 << 30
"""Bytes of address space for the child: a page that unpacks to more ends it."""
_MOST_FRAME: Final = 1 << 30
_PATIENCE: Final = 3
"""Times its seconds of processor that a step may take by the clock."""


class PageFailed(Exception):
    """A page that could not be read, or not in time. Its siblings can."""


class _ChildEnded(Exception):
    """The child is gone."""


class _TookTooLong(_ChildEnded):
    """It was ended for taking too long; it would again."""


class _Child:
    """One process with at most one open file."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "abax.documents.isolated"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        self.owner = os.getpid()

    def ask(self, request: dict[str, Any], content: bytes, seconds: float) -> tuple[Any, bytes]:
        """The answer and its bytes. Raises _ChildEnded; the child is gone then."""
        deadline = time.monotonic() + _PATIENCE * seconds
        try:
            self._send(_head({**request, "seconds": seconds}, content), deadline)
            self._send(content, deadline)
            lengths = _LENGTHS.unpack(self._exactly(_LENGTHS.size, deadline))
            answer = json.loads(self._exactly(lengths[0], deadline))
            return answer, self._exactly(lengths[1], deadline)
        except (OSError, EOFError, ValueError, struct.error) as error:
            if self._last_words() == -signal.SIGXCPU:
                raise _TookTooLong(f"it took more than {seconds:g} s of processor time") from error
            raise _ChildEnded("PDFium crashed on it") from error
        except _TimeUp as error:
            self.end()
            raise _TookTooLong(f"it took more than {_PATIENCE * seconds:g} s") from error

    def _send(self, content: bytes, deadline: float) -> None:
        """To the child, as fast as it takes it."""
        left = memoryview(content)
        with selectors.DefaultSelector() as selector:
            selector.register(self._to, selectors.EVENT_WRITE)
            while left:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise _TimeUp
                left = left[os.write(self._to, left[: 1 << 20]) :]

    def _exactly(self, length: int, deadline: float) -> bytes:
        """So many bytes from the child."""
        if length > _MOST_FRAME:
            raise ValueError(length)
        pieces = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            while len(pieces) < length:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise _TimeUp
                piece = os.read(self._from, min(length - len(pieces), 1 << 20))
                if not piece:
                    raise EOFError
                pieces += piece
        return bytes(pieces)

    def end(self) -> int:
        """Kill it, unless it has ended; how it did, as subprocess tells it."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return self._process.wait()

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def _last_words(self) -> int:
        """How it ended, once it has closed its side."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        return self.end()


class _TimeUp(Exception):
    """The child did not answer in time."""


class _Children:
    """Children that wait for a file."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        atexit.register(self.end)

    def take(self) -> _Child:
        """One that is free, or a new one."""
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.owner == os.getpid() and child.is_alive():
                    return child
        return _Child()

    def give_back(self, child: _Child) -> None:
        """For the next file."""
        with self._lock:
            self._idle.append(child)

    def end(self) -> None:
        """End all that belong to this process."""
        with self._lock:
            children, self._idle = self._idle, []
        for child in children:
            if child.owner == os.getpid():
                child.end()


_children = _Children()


class PdfFile:
    """An open PDF. A context manager."""

    def __init__(self, content: bytes, name: str, seconds: float = 20.0) -> None:
        """``seconds`` of processor is what any one step may take. Raises DamagedFile, EncryptedFile."""
        self._content, self._name, self._seconds = content, name, seconds
        self._child: _Child | None = None
        self.pages = 0
        self.properties: dict[str, str] = {}
        try:
            _twice(self._open)
        except _ChildEnded as error:
            raise DamagedFile(name, str(error)) from None

    def __enter__(self) -> PdfFile:
        return self

    def __exit__(self, *_: object) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(_ChildEnded):
                child.ask({"do": "close"}, b"", self._seconds)
                _children.give_back(child)

    def _open(self) -> _Child:
        if self._child is None:
            child = _children.take()
            answer, _ = child.ask({"do": "open"}, self._content, self._seconds)
            if answer.get("refused"):
                _children.give_back(child)
                raise self._refusal(answer["refused"])
            self._child = child
            self.pages, self.properties = answer["pages"], answer["properties"]
        return self._child

    def _refusal(self, why: str) -> DocumentError:
        if why == "password":
            return EncryptedFile(self._name)
        return DamagedFile(self._name, "PDFium cannot open it")

    def _ask(self, request: dict[str, Any]) -> tuple[Any, bytes]:
        try:
            answer, content = _twice(lambda: self._asked(request))
        except _ChildEnded as error:
            raise PageFailed(str(error)) from None
        if "failed" in answer:
            raise PageFailed(answer["failed"])
        return answer, content

    def _asked(self, request: dict[str, Any]) -> tuple[Any, bytes]:
        try:
            return self._open().ask(request, b"", self._seconds)
        except _ChildEnded:
            self._child = None
            raise

    def layer(self, page: int) -> pdf.TextLayer:
        """The text layer of a page, from 1. Raises PageFailed."""
        (width, height, words, hidden, *rest), _ = self._ask({"do": "layer", "page": page})
        return pdf.TextLayer(width, height, _words(words), _words(hidden), *rest)

    def picture(self, page: int, dpi: float, most_pixels: int) -> PageImage:
        """A page as it looks. Raises PageFailed."""
        request = {"do": "picture", "page": page, "dpi": dpi, "most_pixels": most_pixels}
        (width, height, shown), grey = self._ask(request)
        return PageImage(width, height, grey, shown)

    def attachments(self, most_bytes: int) -> tuple[Attachment, ...]:
        """The files that the PDF carries; none where PDFium fails on them."""
        try:
            answer, content = self._ask({"do": "attachments", "most_bytes": most_bytes})
        except PageFailed:
            return ()
        found, start = [], 0
        for name, length in answer:
            found.append(Attachment(name, content[start : start + length]))
            start += length
        return tuple(found)


def _twice(step: Callable[[], _T]) -> _T:
    """What a step gives; one that crashed its child is tried once more, with another child."""
    try:
        return step()
    except _TookTooLong:
        raise
    except _ChildEnded:
        return step()


def _words(rows: list[list[Any]]) -> tuple[Word, ...]:
    return tuple(Word(*row) for row in rows)


def _head(message: Any, content: bytes) -> bytes:
    """What goes before the bytes of a frame."""
    text = json.dumps(message, ensure_ascii=True).encode()
    return _LENGTHS.pack(len(text), len(content)) + text


def _send(stream: IO[bytes], message: Any, content: bytes) -> None:
    stream.write(_head(message, content))
    stream.write(content)
    stream.flush()


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the parent goes."""
    import pypdfium2

    document: pypdfium2.PdfDocument | None = None
    while len(head := requests.read(_LENGTHS.size)) == _LENGTHS.size:
        lengths = _LENGTHS.unpack(head)
        request = json.loads(requests.read(lengths[0]))
        content = requests.read(lengths[1])
        _limit(request["seconds"])
        if request["do"] in ("open", "close"):
            if document is not None:
                document.close()
                document = None
            answer: Any = {}
            if request["do"] == "open":
                document, answer = _opened(content)
            _send(answers, answer, b"")
            continue
        assert document is not None
        try:
            answer, content = _DO[request["do"]](document, request)
        except (pypdfium2.PdfiumError, MemoryError, ValueError, OverflowError, IndexError) as error:
            answer, content = {"failed": f"PDFium cannot read it ({error})"}, b""
        _send(answers, answer, content)


def _limit(seconds: float) -> None:
    """From now on this process may take so much of a processor; one that takes more is ended."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):  # where somebody else allows less
        resource.setrlimit(resource.RLIMIT_CPU, (most, hardest))


def _opened(content: bytes) -> tuple[Any, dict[str, Any]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        protected = getattr(error, "err_code", None) == pdf.PASSWORD
        return None, {"refused": "password" if protected else "damaged"}
    return document, {"pages": len(document), "properties": pdf.properties(document)}


def _layer(document: Any, request: dict[str, Any]) -> tuple[Any, bytes]:
    return astuple(pdf.text_layer(pdf.page_of(document, request["page"]))), b""


def _picture(document: Any, request: dict[str, Any]) -> tuple[Any, bytes]:
    page = pdf.page_of(document, request["page"])
    width, height, grey, dpi = pdf.picture(page, request["dpi"], request["most_pixels"])
    return (width, height, dpi), grey


def _attachments(document: Any, request: dict[str, Any]) -> tuple[Any, bytes]:
    found = list(pdf.attachments(document, request["most_bytes"]))
    return [(entry.name, len(entry.content)) for entry in found], b"".join(entry.content for entry in found)


_DO: Final = {"layer": _layer, "picture": _picture, "attachments": _attachments}


def main() -> None:
    """The child. It may use so much memory, and leaves no core file behind."""
    import resource

    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed goes where nobody mistakes it for an answer
    with contextlib.suppress(BrokenPipeError):
        _serve(requests, answers)


if __name__ == "__main__":
    main()
