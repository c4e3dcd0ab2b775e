"""The XML of an e-invoice as a tree that reads: nothing is resolved or fetched, and every value that is
taken out leaves its evidence behind.

A *way* leads from a node to a value: ``PostalAddress/Country/IdentificationCode``, ``ID/@schemeID``. Names
are without namespaces, since the root's decides already what the document is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from abax.documents.contracts import Evidence
from abax.errors import MalformedInvoice

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HUGE = 8_000_000
"""Bytes beyond which the parser's own limits are lifted, for invoices with large attachments."""
_MOST_TAGS = 1_000_000
"""Some 20,000 lines of an invoice."""
_PROLOG = re.compile(rb"(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
"""All that may stand before the root, save a document type."""
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = re.compile(rb"(?i)utf-?8|utf-?16([bl]e)?|us-ascii|ascii|iso-?8859-?\d+|windows-125\d|cp125\d")
_AMOUNT = re.compile(r"[+-]?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[TZ+-].*)?")
_PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?")
_BLANKS = re.compile(r"\s+")


def parse(xml: bytes, name: str) -> Node:
    """The root. Raises MalformedInvoice for what is no well-formed XML, and for any document type
    declaration: no e-invoice has one, and entities come with it."""
    from lxml import etree

    content = xml.lstrip(b"\xef\xbb\xbf \t\r\n") if not xml.startswith((b"\xff\xfe", b"\xfe\xff")) else xml
    _refuse_declarations(content, name)
    if content.count(b"<") > _MOST_TAGS:
        raise MalformedInvoice(name, f"it has more than {_MOST_TAGS:,} tags, which no invoice needs")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=len(content) > _HUGE,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise MalformedInvoice(name, f"it is no well-formed XML ({_one_line(str(error))})") from error
    if root is None:
        raise MalformedInvoice(name, "it has no content")
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedInvoice(name, "it declares a document type, which no e-invoice may")
    return Node(root, "", "")


def _refuse_declarations(content: bytes, name: str) -> None:
    if not content:
        raise MalformedInvoice(name, "it is empty")
    head = content[:4]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        little = head.startswith((b"\xff\xfe", b"<\x00"))
        wide = content.decode("utf-16-le" if little else "utf-16-be", "replace")
        content = wide.lstrip("﻿").encode("utf-8", "replace")
    elif (declared := _ENCODING.match(content)) and not _ENCODINGS.fullmatch(declared[1]):
        raise MalformedInvoice(name, f"its encoding is {declared[1].decode('ascii')}; use UTF-8")
    prolog = _PROLOG.match(content)
    if prolog is not None and content.startswith(b"<!", prolog.end()):
        raise MalformedInvoice(name, "it declares a document type, which no e-invoice may")


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text)[:200]


class Node:
    """An element, its path as XPath, and its children by local name."""

    __slots__ = ("_children", "_flat", "_path", "_renamed", "_step", "_up", "_ways", "element")

    def __init__(
        self, element: Element, up: Node | str, step: str, renamed: Mapping[str, str] | None = None
    ) -> None:
        self.element = element
        self._up = up
        self._step = step
        self._path: str | None = None
        self._children: dict[str, list[Node]] | None = None
        self._renamed = renamed if renamed is not None else {}
        self._flat: dict[str, tuple[str, str]] | None = None
        self._ways: set[str] | None = None

    def renamed(self, names: Mapping[str, str]) -> Node:
        """The same tree, whose elements also answer to other names: older ones to those of today."""
        return Node(self.element, self._up, self._step, names)

    @property
    def path(self) -> str:
        """The XPath, with the prefixes of the document."""
        if self._path is None:
            above = self._up if isinstance(self._up, str) else self._up.path
            self._path = f"{above}/{self._step or _named(self.element)}"
        return self._path

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return _local(self.element)

    @property
    def namespace(self) -> str:
        """The namespace of the name; empty where it has none."""
        tag = str(self.element.tag)
        return tag[1:].partition("}")[0] if tag.startswith("{") else ""

    @property
    def text(self) -> str:
        """What stands in the element itself, without what stands in its children."""
        return (self.element.text or "").strip()

    def attribute(self, name: str) -> str | None:
        """An attribute's value, or None where it is absent or empty."""
        value = self.element.get(name)
        return (value.strip() or None) if value is not None else None

    def spread(self) -> Node:
        """The same node, all whose values were found in one walk: for those of which there are many."""
        self._flat, self._ways = {}, set()
        _spread(self.element, "", self.path, self._renamed, self._flat, self._ways)
        return self

    def value(self, way: str) -> tuple[str, str] | None:
        """XPath and text of the first value that is not empty on a way; ``.`` is the node itself."""
        if way == ".":
            text = self.text
            return (self.path, text) if text else None
        return self._flat.get(way) if self._flat is not None else _follow(self, _steps(way), 0)

    def children(self, name: str) -> list[Node]:
        """The elements of that name right below, in order."""
        if self._ways is not None and name not in self._ways:
            return []
        if self._children is None:
            self._children = self._grouped()
        return self._children.get(name, [])

    def _grouped(self) -> dict[str, list[Node]]:
        groups: dict[str, list[Node]] = {}
        for element in self.element:
            local = _local(element)
            group = groups.setdefault(self._renamed.get(local, local), [])
            group.append(Node(element, self, "", self._renamed))
        for group in groups.values():
            if len(group) > 1:
                for place, node in enumerate(group, 1):
                    node._step = f"{_named(node.element)}[{place}]"
        return groups

    def all(self, way: str) -> Iterator[Node]:
        """All nodes that a way leads to. The way has no attribute."""
        if self._ways is not None and way not in self._ways:
            return iter(())
        nodes = [self]
        for name in _steps(way):
            nodes = [child for node in nodes for child in node.children(name)]
        return iter(nodes)

    def first(self, *ways: str) -> Node | None:
        """The first node that the first fruitful way leads to."""
        for way in ways:
            for node in self.all(way):
                return node
        return None

    def where(self, way: str, attribute: str, *values: str) -> Iterator[Node]:
        """All nodes on a way whose attribute has one of these values."""
        return (node for node in self.all(way) if (node.attribute(attribute) or "") in values)


@cache
def _steps(way: str) -> tuple[str, ...]:
    return tuple(way.split("/"))


@cache
def _tag(tag: str) -> str:
    return tag.rpartition("}")[2]


def _local(element: Element) -> str:
    return _tag(str(element.tag))


def _named(element: Element) -> str:
    return f"{element.prefix}:{_local(element)}" if element.prefix else _local(element)


def _spread(
    element: Element,
    above: str,
    path: str,
    renamed: Mapping[str, str],
    flat: dict[str, tuple[str, str]],
    ways: set[str],
) -> None:
    children = list(element)
    tags = [str(child.tag) for child in children]
    seen: dict[str, int] | None = {} if len(set(tags)) < len(tags) else None
    for child, tag in zip(children, tags, strict=True):
        local = _tag(tag)
        way = above + renamed.get(local, local)
        where = f"{path}/{child.prefix}:{local}" if child.prefix else f"{path}/{local}"
        if seen is not None and tags.count(tag) > 1:
            seen[tag] = seen.get(tag, 0) + 1
            where = f"{where}[{seen[tag]}]"
        ways.add(way)
        if text := (child.text or "").strip():
            flat.setdefault(way, (where, text))
        for name, raw in child.items():
            if given := str(raw).strip():
                flat.setdefault(f"{way}/@{name!s}", (f"{where}/@{name!s}", given))
        if len(child):
            _spread(child, f"{way}/", where, renamed, flat, ways)


class Reader:
    """Takes values out of nodes under the paths of a contract, and keeps their evidence. A value that is
    there and cannot be read is a finding, not an error."""

    def __init__(self) -> None:
        self.evidence: dict[str, Evidence] = {}
        self.attributes: dict[str, str] = {}
        self.findings: list[str] = []

    def text(self, path: str, node: Node | None, *ways: str, lines: bool = False) -> str | None:
        """The first value that is not empty, in one line; with ``lines``, its line breaks stay."""
        found = self._find(node, ways)
        if found is None:
            return None
        where, raw = found
        self._keep(path, where, raw)
        if lines:
            return "\n".join(line.strip() for line in raw.splitlines()).strip()
        return _BLANKS.sub(" ", raw)

    def compact(self, path: str, node: Node | None, *ways: str) -> str | None:
        """A code or identifier, without any blanks."""
        value = self.text(path, node, *ways)
        return value.replace(" ", "") if value else None

    def amount(self, path: str, node: Node | None, *ways: str) -> Decimal | None:
        """A decimal number."""
        found = self._find(node, ways)
        if found is None:
            return None
        where, raw = found
        if not _AMOUNT.fullmatch(raw):
            self.findings.append(f"{path}: {_short(raw)} at {where} is no number")
            return None
        self._keep(path, where, raw)
        return Decimal(raw)

    def day(self, path: str, node: Node | None, *ways: str) -> date | None:
        """A date, as ``2024-12-31``, ``20241231``, or either with a time behind."""
        found = self._find(node, ways)
        if found is None:
            return None
        where, raw = found
        value = _day(raw) or _part_of_year(raw, self._format(node, ways), path)
        if value is None:
            self.findings.append(f"{path}: {_short(raw)} at {where} is no date")
            return None
        self._keep(path, where, raw)
        return value

    def texts(self, at: str, node: Node | None, ways: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The values of a part at ``at``, by the names of its fields; without those that are not there."""
        found = {name: self.text(_under(at, name), node, *paths) for name, paths in ways.items()}
        return {name: value for name, value in found.items() if value is not None}

    def amounts(self, at: str, node: Node | None, ways: Mapping[str, Sequence[str]]) -> dict[str, Decimal]:
        """As ``texts``, for numbers."""
        found = {name: self.amount(_under(at, name), node, *paths) for name, paths in ways.items()}
        return {name: value for name, value in found.items() if value is not None}

    def days(self, at: str, node: Node | None, ways: Mapping[str, Sequence[str]]) -> dict[str, date]:
        """As ``texts``, for dates."""
        found = {name: self.day(_under(at, name), node, *paths) for name, paths in ways.items()}
        return {name: value for name, value in found.items() if value is not None}

    def flag(self, node: Node | None, way: str) -> bool:
        """Whether a true-or-false value is true."""
        found = self._find(node, (way,))
        return found is not None and found[1].lower() in ("true", "1")

    def beside(self, path: str, name: str, node: Node | None, *ways: str) -> None:
        """Keep what stands beside a value: its scheme, its unit, its currency."""
        found = self._find(node, ways)
        if found is not None:
            self.attributes[f"{path}@{name}"] = found[1]

    def derived(self, path: str, text: str, where: str) -> None:
        """Evidence of a value that is worked out of what stands at ``where``."""
        self.evidence[path] = Evidence(method="xml", confidence=1.0, text=text, source=where)

    def _format(self, node: Node | None, ways: tuple[str, ...]) -> str:
        found = node.first(*(way for way in ways if "@" not in way)) if node else None
        return (found.attribute("format") or "") if found else ""

    def _find(self, node: Node | None, ways: tuple[str, ...]) -> tuple[str, str] | None:
        if node is None:
            return None
        for way in ways:
            found = node.value(way)
            if found is not None:
                return found
        return None

    def _keep(self, path: str, where: str, raw: str) -> None:
        self.evidence[path] = Evidence(method="xml", confidence=1.0, text=raw, source=where)


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _follow(node: Node, steps: tuple[str, ...], place: int) -> tuple[str, str] | None:
    step = steps[place]
    if step.startswith("@"):
        value = node.attribute(step[1:])
        return (f"{node.path}/{step}", value) if value else None
    for child in node.children(step):
        found = child.value(".") if place + 1 == len(steps) else _follow(child, steps, place + 1)
        if found is not None:
            return found
    return None


def _day(raw: str) -> date | None:
    match = _ISO_DATE.fullmatch(raw) or _PLAIN_DATE.fullmatch(raw)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _part_of_year(raw: str, form: str, path: str) -> date | None:
    """The first day, or for an end the last one, of a month (format 610) or week (616)."""
    if not (len(raw) == 6 and raw.isdecimal() and raw.isascii()):
        return None
    year, part, last = int(raw[:4]), int(raw[4:]), path.endswith("_end")
    try:
        if form == "616":
            return date.fromisocalendar(year, part, 7 if last else 1)
        if form == "610":
            return date(year + part // 12, part % 12 + 1, 1) - timedelta(1) if last else date(year, part, 1)
    except ValueError:
        pass
    return None


def _short(raw: str) -> str:
    shown = _BLANKS.sub(" ", raw)
    return repr(shown if len(shown) <= 40 else shown[:40] + "…")
