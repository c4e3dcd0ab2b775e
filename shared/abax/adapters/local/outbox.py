"""Mail that goes nowhere: a folder, for trying out and for those who send by other means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from abax.disk import named_when_full


class FolderOutbox:
    """The MailSender port on a folder: ``<digest>.eml`` with the bytes, ``<digest>.json`` with the envelope.
    The same bytes are the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, content: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Write the files; the name of the first."""
        name = hashlib.sha256(content).hexdigest()
        envelope = {"from": sender, "to": list(recipients)}
        with named_when_full(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / f"{name}.json").write_text(json.dumps(envelope) + "\n")
            (self.folder / f"{name}.eml").write_bytes(content)
        return f"{name}.eml"
