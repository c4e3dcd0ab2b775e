"""Objects as files under one folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from abax.disk import named_when_full
from abax.errors import InvalidRequest, ObjectMissing


class FolderObjects:
    """The ObjectStore port on a folder. A key is a relative path; a file appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Keep ``body`` under ``key``; the content type shows from the key's ending."""
        with self._replacing(key) as scratch:
            scratch.write_bytes(body)

    def create(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> bool:
        """Keep ``body`` where there is no file yet: the name is given to a whole file at once, or not."""
        with self._scratch(key) as scratch:
            scratch.write_bytes(body)
            _on_disk(scratch)
            try:
                os.link(scratch, self._path(key))
            except FileExistsError:
                return False
        return True

    def put_file(self, key: str, path: Path) -> None:
        """Keep a copy of the file at ``path`` under ``key``."""
        with self._replacing(key) as scratch:
            shutil.copyfile(path, scratch)

    def get(self, key: str) -> bytes:
        """The object's content."""
        return self.fetch(key).read_bytes()

    def fetch(self, key: str) -> Path:
        """The object's own file."""
        path = self._path(key)
        if not path.is_file():
            raise ObjectMissing(key)
        return path

    def exists(self, key: str) -> bool:
        """Whether ``key`` holds an object."""
        return self._path(key).is_file()

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``, in order."""
        folder = self.root / prefix.rpartition("/")[0]
        found = (path.relative_to(self.root).as_posix() for path in folder.rglob("*") if path.is_file())
        yield from sorted(key for key in found if key.startswith(prefix) and not _is_scratch(key))

    def link(self, key: str, filename: str) -> str | None:
        """None: there is no server here that could hand the file out."""
        return None

    def upload_link(self, key: str, size: int) -> str | None:
        """None: nor one that could take it in."""
        return None

    def _path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not key or key.startswith("/") or ".." in parts or "\0" in key or "\\" in key:
            raise InvalidRequest(f"{key!r} is no object key", "key")
        return self.root / key

    @contextmanager
    def _replacing(self, key: str) -> Iterator[Path]:
        """A scratch file beside the target that takes its place once it is complete."""
        with self._scratch(key) as scratch:
            yield scratch
            _on_disk(scratch)
            scratch.replace(self._path(key))

    @contextmanager
    def _scratch(self, key: str) -> Iterator[Path]:
        """A scratch file beside the target, gone afterwards."""
        path = self._path(key)
        with named_when_full(self.root):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            os.close(handle)
            scratch = Path(name)
            try:
                yield scratch
            finally:
                scratch.unlink(missing_ok=True)


def _on_disk(path: Path) -> None:
    """Have the content written out before the name points to it, so that a power cut leaves no empty file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_scratch(key: str) -> bool:
    name = PurePosixPath(key).name
    return name.startswith(".") and name.endswith(".part")
