"""Where files and documents lie between the steps that read them, and how they are written down.

::

    documents/uploads/<digest>          what was sent in, and what was unpacked of it
    documents/files/<digest>/about.json name and kind of a file that is still to be read, what it lay in
    documents/<id>/reading.json         stage 2: the words
    documents/<id>/<stage>.json         stages 3 to 8: the draft as the stage left it
    documents/<id>/fact.json            what came out
    documents/<id>/settled.json         and what a reviewer made of it
    documents/<id>/failed.json          or why nothing came out
    jobs/<job_id>/files.json            which files an upload holds, and which of it was refused
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from abax.errors import NotFound, ObjectMissing
from abax.ports import ObjectStore

if TYPE_CHECKING:
    from pydantic import BaseModel

    from abax.documents.inbox import Received
    from abax.documents.pipeline import Draft, Fact, Source

JSON: Final = "application/json"


def content_key(digest: str) -> str:
    """The object that holds what was sent in, or unpacked."""
    return f"documents/uploads/{digest}"


def key_of(document_id: str, name: str) -> str:
    """The object that holds a part of a document."""
    return f"documents/{document_id}/{name}.json"


def put_content(objects: ObjectStore, received: Received) -> None:
    """Keep what was unpacked."""
    objects.put(content_key(received.digest), received.content)


def put_about(objects: ObjectStore, received: Received) -> None:
    """Keep what a file is that is still to be read."""
    about = {
        "name": received.name,
        "kind": str(received.kind),
        "origin": list(received.origin),
        "notes": list(received.notes),
    }
    objects.put(f"documents/files/{received.digest}/about.json", json.dumps(about).encode(), JSON)


def get_file(objects: ObjectStore, digest: str) -> Received:
    """A file to be read. Raises ObjectMissing."""
    from abax.documents.inbox import FileKind, Received

    about = json.loads(objects.get(f"documents/files/{digest}/about.json"))
    content = objects.get(content_key(digest))
    kind, notes = FileKind(about["kind"]), tuple(about.get("notes", ()))
    return Received(about["name"], kind, content, digest, tuple(about["origin"]), notes)


def put_source(objects: ObjectStore, document_id: str, source: Source) -> None:
    """Keep what a document reads like."""
    body = _kept()(reading=source.reading).model_dump_json()
    objects.put(key_of(document_id, "reading"), body.encode(), JSON)


def get_source(objects: ObjectStore, draft: Draft) -> Source:
    """What a document reads like. Raises ObjectMissing."""
    from abax.documents.inbox import FileKind
    from abax.documents.pipeline import Source

    kept: Any = _kept().model_validate_json(objects.get(key_of(draft.document_id, "reading")))
    is_xml = draft.kind == FileKind.XML
    return Source(kept.reading, objects.get(content_key(draft.digest)) if is_xml else None)


def put_draft(objects: ObjectStore, stage: str, draft: Draft) -> None:
    """Keep a draft as a stage left it."""
    objects.put(key_of(draft.document_id, stage), draft.model_dump_json().encode(), JSON)


def get_draft(objects: ObjectStore, stage: str, document_id: str) -> Draft:
    """The draft as a stage left it. Raises ObjectMissing."""
    from abax.documents.pipeline import Draft

    return Draft.model_validate_json(objects.get(key_of(document_id, stage)))


def put_fact(objects: ObjectStore, fact: Fact, name: str = "fact") -> None:
    """Keep what came out."""
    objects.put(key_of(fact.document_id, name), fact.model_dump_json().encode(), JSON)


def get_fact(objects: ObjectStore, document_id: str) -> Fact:
    """What came out, as a reviewer left it where one has looked at it. Raises NotFound."""
    from abax.documents.pipeline import Fact

    for name in ("settled", "fact"):
        try:
            return Fact.model_validate_json(objects.get(key_of(document_id, name)))
        except ObjectMissing:
            continue
    raise NotFound(f"no document {document_id!r} has been read")


def has_fact(objects: ObjectStore, document_id: str) -> bool:
    """Whether all stages of a document have been."""
    return objects.exists(key_of(document_id, "fact"))


def put_json(objects: ObjectStore, key: str, content: Mapping[str, Any]) -> None:
    """Keep a small object of JSON."""
    objects.put(key, json.dumps(content, ensure_ascii=False, default=str).encode(), JSON)


def get_json(objects: ObjectStore, key: str) -> dict[str, Any]:
    """A small object of JSON. Raises ObjectMissing."""
    return dict(json.loads(objects.get(key)))


@cache
def _kept() -> type[BaseModel]:
    """A reading as it is written down; made when one is, since few functions read documents."""
    from pydantic import ConfigDict, create_model

    from abax.documents.pages import Reading

    config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    return create_model("Kept", __config__=config, reading=(Reading, ...))
