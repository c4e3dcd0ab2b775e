"""What another program's parse (stalwart's mail-parser) says of a mail, compared with ours: at least that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from abax.mail.charsets import text_of
from abax.mail.contracts import Message
from abax.mail.message import read
from abax.mail.mime import Limits, Notes, Part, parse

JSON = dict[str, Any]


def differences(expected: JSON, content: bytes, around: str = "") -> list[str]:
    """What the expected parse says and ours does not; empty where ours says all of it.

    ``around``: our text of the mail that this one lies in.
    """
    parsed = read(content)
    message, contents = parsed.message, list(parsed.contents.values())
    tree = parse(content, Limits(), Notes())
    found = [*_headers(expected["parts"][0]["headers"], message, tree)]
    ours = "\n".join([around, *(_decoded(leaf) for leaf in tree.leaves())])
    found += _bodies(expected, message, ours, content)
    found += _attachments(expected, contents, message, ours)
    return found


# --- headers --------------------------------------------------------------------------------------------


def _headers(headers: list[JSON], message: Message, tree: Part) -> Iterator[str]:
    by_name: dict[str, list[Any]] = {}
    for header in headers:
        name = header["name"] if isinstance(header["name"], str) else header["name"]["other"].strip()
        by_name.setdefault(name.lower().replace("_", "-"), []).append(header["value"])
    for name, values in by_name.items():
        if not any(_has(name, value, message, tree) for value in values):
            yield f"{name}: {values} is not in ours"


def _has(name: str, value: Any, message: Message, tree: Part) -> bool:
    if value == "Empty":
        return not message.sent_at if name == "date" else True
    if name in ("from", "to", "cc", "reply-to"):
        boxes = {"from": (message.sender,), "to": message.to, "cc": message.cc, "reply-to": message.reply_to}[
            name
        ]
        wanted = [(one["address"] or "", one["name"] or "") for one in value["Address"]["List"]]
        ours = [(box.address, box.name) for box in boxes]
        return all(one in ours or (one[0] == one[1] and one[0] in dict(ours)) for one in wanted)
    if name == "subject":
        return message.subject == value["Text"]
    if name == "message-id":
        return message.message_id == value["Text"]
    if name == "date":
        return message.sent_at == _moment(value["DateTime"])
    if name == "content-type":
        return _same_type(value["ContentType"], tree)
    if name == "received":
        return bool(message.headers[name])
    text = value["Text"] if "Text" in value else str(value)
    return any(text in (one, one.strip("<>")) for one in message.headers.get(name, ()))


def _moment(value: JSON) -> datetime:
    offset = timedelta(hours=value["tz_hour"], minutes=value["tz_minute"])
    zone = timezone(-offset if value["tz_before_gmt"] else offset)
    moment = datetime(
        *(value[name] for name in ("year", "month", "day", "hour", "minute", "second")), tzinfo=zone
    )
    return moment.astimezone(UTC)


def _same_type(value: JSON, tree: Part) -> bool:
    wanted = f"{value['c_type']}/{value['c_subtype']}"
    if tree.media_type != wanted:
        return not tree.parts and tree.media_type == "text/plain"  # a multipart without parts is its text
    attributes = {one["name"]: one["value"] for one in value["attributes"] or ()}
    return all(tree.parameters.get(name) == text for name, text in attributes.items())


# --- bodies ---------------------------------------------------------------------------------------------


def _bodies(expected: JSON, message: Message, ours: str, content: bytes) -> Iterator[str]:
    boundaries = [
        line[2:].rstrip("-") for line in content.decode("latin-1").splitlines() if line.startswith("--")
    ]
    for place, part in enumerate(expected["parts"]):
        body = part["body"]
        text = body.get("Text", body.get("Html")) if isinstance(body, dict) else None
        if text is None:
            continue
        own, others = _own_lines(text, boundaries)
        for line in own + others:
            if line not in ours:
                yield f"part {place}: {line!r} is in no part of ours"
        for line in own:
            if place in expected["text_body"] and "Text" in body and line not in message.whole_text:
                yield f"part {place}: {line!r} is not in the text"


def _decoded(leaf: Part) -> str:
    return text_of(leaf.content(Notes()), leaf.parameters.get("charset", ""))[0].replace("\r\n", "\n")


def _own_lines(text: str, boundaries: list[str]) -> tuple[list[str], list[str]]:
    """The lines of a part, and those that the other parser took in behind the frame of another part."""
    own: list[str] = []
    others: list[str] = []
    framed = False
    for line in text.splitlines():
        if line.startswith("--") and (line[2:].rstrip("-") in boundaries or len(line) < 6):
            framed = True
        elif line.strip() and not (framed and re.match(r"[A-Za-z-]+: ", line)):
            (others if framed else own).append(line.strip())
    return own, others


# --- files ----------------------------------------------------------------------------------------------


def _attachments(expected: JSON, contents: list[bytes], message: Message, ours: str) -> Iterator[str]:
    for place in expected["attachments"]:
        part = expected["parts"][place]
        body = part["body"]
        if "Message" in body:
            if not any(not differences(body["Message"], content, ours) for content in contents):
                yield f"part {place}: no file of ours is the message in it"
        elif "Binary" in body or "InlineBinary" in body:
            wanted = bytes(body.get("Binary", body.get("InlineBinary")))
            if not any(content.rstrip() == wanted.rstrip() for content in contents):
                yield f"part {place}: no file of ours has its {len(wanted)} bytes"
        elif part["headers"] and body.get("Text") and not part["is_encoding_problem"]:
            wanted = body["Text"].strip().encode()
            if (
                not any(wanted in content for content in contents)
                and body["Text"].strip() not in message.whole_text
            ):
                yield f"part {place}: its text is in no file of ours"
