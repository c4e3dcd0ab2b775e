"""HTML mail as text: what a reader sees, and nothing that is hidden from one. Nothing is fetched.

Lists keep their marks, the cells of a row stand in one line with `` | `` between them, quoted parts begin
their lines with ``> ``, links keep where they lead. One pass over the tags with a stack of those that matter;
no tree is built, so that no depth and no missing end tag can harm.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from abax.mail.charsets import clean

_SILENT: Final = frozenset(
    {
        "script",
        "style",
        "head",
        "title",
        "template",
        "noframes",
        "object",
        "applet",
        "svg",
        "iframe",
        "select",
    }
)
"""What they hold is not shown, or is no text."""
_RAW: Final = frozenset({"script", "style", "iframe", "noframes"})
"""What they hold are no tags."""
_IN_HEAD: Final = frozenset({"script", "style", "title", "noscript", "xml", "object", "template"})
"""A head that has no end ends where anything else begins."""
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"}
)
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "header", "html", "legend", "li", "main", "nav",
        "ol", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_PARAGRAPHS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_SELF_ENDING: Final = frozenset({"p", "li", "td", "th", "tr", "option", "dt", "dd"})
"""The next of the same kind ends one that has no end tag."""
_FIRM: Final = frozenset({"tr", "table", "pre", "blockquote", "ol", "ul", "body"})
"""Blocks that break at once, whatever comes."""
_KEPT: Final = frozenset({"ol", "ul", "pre", "a", "blockquote"})
_CELL: Final = "\x1f"
_BREAKABLE: Final = re.compile(r"[ \t\n]+")
_BLANKS: Final = re.compile(r"[ \t\n\u00a0]+")

_TAG_NAME: Final = re.compile(r"/?([A-Za-z][A-Za-z0-9:-]{0,30})(?=[\s/>]|$)")
_ATTRIBUTE: Final = re.compile(
    r"""([A-Za-z][\w:-]{0,40})\s{0,10}=\s{0,10}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
_HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0+(?:\.0+)?(?:px|pt|em"
    r"|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_SIGNATURE_CLASS: Final = re.compile(
    r"(?:^|\s)(?:gmail_signature|moz-signature|signature|outlook_signature)(?:\s|$)", re.IGNORECASE
)
_LONGEST_LINK: Final = 100
_MOST_OPEN: Final = 200
"""Tags inside each other that are kept in mind."""


def text_of_html(markup: str, most: int = 500_000) -> str:
    """The text that HTML shows, no longer than ``most`` letters."""
    page = _Page(most)
    _walk(markup, page)
    if page.hidden and not any(page.lines):  # the end of what is hidden is missing
        page = _Page(most, hides=False)
        _walk(markup, page)
    return page.text()


def _walk(markup: str, page: _Page) -> None:
    """Give the page each text and each tag."""
    at, end = 0, len(markup)
    while at < end and not page.is_full:
        tag = markup.find("<", at)
        if tag < 0:
            page.write(markup[at:])
            return
        if tag > at:
            page.write(markup[at:tag])
        at = _tag(markup, tag, page)


def _tag(markup: str, at: int, page: _Page) -> int:
    """What begins with ``<`` there: a tag, a comment, or text after all. Where to go on."""
    if markup.startswith("<!--", at):
        end = -1 if page.uncommented else markup.find("-->", at + 4)
        page.uncommented = end < 0
        return end + 3 if end >= 0 else _behind(markup, ">", at + 4)
    if markup.startswith(("<!", "<?"), at):
        return _behind(markup, ">", at + 2)
    name = _TAG_NAME.match(markup, at + 1)
    if name is None:
        page.write("<")
        return at + 1
    close = _end_of_tag(markup, name.end())
    kind = name[1].lower()
    if markup[at + 1] == "/":
        page.end(kind)
        return close + 1
    inside = markup[name.end() : close]
    page.begin(kind, inside, inside.endswith("/"))
    if kind in _RAW:
        return _raw_end(markup, kind, close + 1)
    return close + 1


def _behind(markup: str, mark: str, at: int) -> int:
    """The place behind a mark; where it is missing the rest is lost, as browsers do it."""
    found = markup.find(mark, at)
    return found + len(mark) if found >= 0 else len(markup)


def _end_of_tag(markup: str, at: int) -> int:
    """Where the ``>`` of a tag is, not one between quotes; a quote that never ends is none."""
    close = markup.find(">", at)
    if close < 0:
        return len(markup)
    inside = markup[at:close]
    if inside.count('"') % 2 == 0 and inside.count("'") % 2 == 0:
        return close
    match = _TO_END.match(markup, at, at + 20_000)
    return match.end() - 1 if match else close


_TO_END: Final = re.compile(r"""(?:[^"'>]|"[^"]*"|'[^']*')*+>""")


def _raw_end(markup: str, kind: str, at: int) -> int:
    """Where the end tag of a script or style is; where it is missing the rest is lost with it."""
    found = re.compile(f"</{kind}", re.IGNORECASE).search(markup, at)
    return found.start() if found else len(markup)


@dataclass(slots=True)
class _Open:
    """A tag that is open and matters."""

    kind: str
    number: int = 0
    link: str = ""
    start: int = 0
    """Where its text starts in the line."""
    row: int = 0


@dataclass(slots=True)
class _Page:
    """The text so far. What divs and paragraphs break is broken when more text comes, so that a paragraph
    that fills a cell leaves the cell in its row."""

    most: int
    hides: bool = True
    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    mark: str = ""
    """Of a list's item that has no text yet."""
    pending: int = 0
    """1 where a new line is due, 2 where an empty one is, too."""
    letters: int = 0
    row: int = 0
    """How often a line ended."""
    open: list[_Open] = field(default_factory=list)
    hidden: int = 0
    pre: int = 0
    quotes: int = 0
    uncommented: bool = False
    """A comment has no end: what looks like one is a tag without a name."""
    described: list[str] = field(default_factory=list)
    """What pictures are called, for mails that are nothing else."""

    @property
    def is_full(self) -> bool:
        """It has as many letters as it may."""
        return self.letters >= self.most

    def write(self, text: str) -> None:
        """Text between tags."""
        if self.hidden:
            return
        if "&" in text:
            text = html.unescape(text)
        if self.pre:
            first, *others = text.split("\n")
            self._put(first)
            for other in others:
                self._close(force=True)
                self._put(other)
            return
        self._put(_BREAKABLE.sub(" ", text))

    def _put(self, text: str) -> None:
        if self.pending:
            if text == " ":
                return
            self._settle()
        if text:
            self.line.append(text)
            self.letters += len(text)

    def _settle(self) -> None:
        """Break where a break is due, but not at the beginning of a cell or of an item."""
        pending, self.pending = self.pending, 0
        if self.line[-1:] == [_CELL] or (self.mark and not self.line):
            return
        self._close()
        if pending > 1 and self.lines and self.lines[-1]:
            self.lines.append("")

    def _close(self, force: bool = False) -> None:
        """End the line. An empty one counts only where it is forced."""
        text = "".join(self.line)
        if not self.pre:
            text = _BLANKS.sub(" ", _row(text)).strip()
        self.line.clear()
        self.row += 1
        if text:
            text, self.mark = self.mark + text, ""
        if text or force:
            self.lines.append(("> " * min(self.quotes, 20) + text) if self.quotes else text)
            self.letters += 1

    def begin(self, kind: str, inside: str, closed: bool) -> None:
        """A start tag with what stands in it."""
        if self.hidden:
            if not closed and kind not in _VOID:
                self._deeper(kind)
            return
        if kind in _VOID:
            self._single(kind, inside)
            return
        attributes = _attributes(inside) if inside else {}
        hidden = kind in _SILENT or (bool(attributes) and self.hides and _is_hidden(attributes))
        if hidden and not closed:
            self.hidden = 1
            self.open.append(_Open(kind))
            return
        self._shown(kind, attributes)

    def _single(self, kind: str, inside: str) -> None:
        """A tag that has no end."""
        if kind == "br":
            if self.pending:
                self._settle()
            self._close(force=True)
        elif kind == "hr":
            self._alone("_" * 32)
        elif kind == "img":
            called = " ".join(_attributes(inside).get("alt", "").split())
            if called:
                self.described.append(called[:200])

    def _deeper(self, kind: str) -> None:
        """A tag within what is hidden: only one like it counts, so that its end is found."""
        top = self.open[-1].kind
        if kind == top and kind not in _SELF_ENDING:
            self.hidden += 1
        elif kind == top or (top == "head" and kind not in _IN_HEAD):
            self.open.pop()
            self.hidden = 0
            self._shown(kind, {})

    def _shown(self, kind: str, attributes: Mapping[str, str]) -> None:
        if "class" in attributes and _SIGNATURE_CLASS.search(attributes["class"]):
            self._alone("-- ")
        if kind in ("td", "th"):
            self._cell()
        elif kind == "li":
            self._close()
            self.mark, self.pending = self._bullet(), 0
        else:
            self._break(kind)
        if kind in _KEPT:
            if len(self.open) >= _MOST_OPEN:
                return
            link = attributes.get("href", "")
            self.open.append(_Open(kind, link=link, start=len(self.line), row=self.row))
            self.pre += kind == "pre"
            self.quotes += kind == "blockquote"

    def _cell(self) -> None:
        """A new cell: what is due at the end of the one before falls away in a row."""
        if self.pending and _CELL not in self.line:
            self._settle()
        self.pending = 0
        self.line.append(_CELL)

    def end(self, kind: str) -> None:
        """An end tag."""
        if self.hidden:
            if kind == self.open[-1].kind:
                self.hidden -= 1
                if not self.hidden:
                    self.open.pop()
            return
        if kind == "a":
            self._link()
        self._break(kind)
        if kind in _KEPT:
            self._leave(kind)

    def _break(self, kind: str) -> None:
        """What begins or ends with a new line."""
        if kind in _FIRM:
            if self.pending and kind != "tr":
                self._settle()
            self._close()
            self.pending = 0
        elif kind in _PARAGRAPHS:
            self.pending = 2
        elif kind in _BLOCKS:
            self.pending = max(self.pending, 1)

    def _leave(self, kind: str) -> None:
        """Close the last of a kind, if one is open, and what is open within it."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place].kind == kind:
                self.pre -= sum(one.kind == "pre" for one in self.open[place:])
                self.quotes -= sum(one.kind == "blockquote" for one in self.open[place:])
                del self.open[place:]
                return

    def _bullet(self) -> str:
        """What stands before an item of the innermost list."""
        for opened in reversed(self.open):
            if opened.kind == "ol":
                opened.number += 1
                return f"{opened.number}. "
            if opened.kind == "ul":
                break
        return "- "

    def _link(self) -> None:
        """Where a link leads, unless its text says so."""
        opened = self.open[-1] if self.open and self.open[-1].kind == "a" else None
        if opened is not None and opened.link:
            start = opened.start if opened.row == self.row else 0
            target = _target(opened.link, "".join(self.line[start:]).replace(_CELL, " ").strip())
            if target:
                self._put(f" <{target}>")

    def _alone(self, text: str) -> None:
        """A line of its own."""
        self._close()
        self.pending = 0
        self.lines.append("> " * min(self.quotes, 20) + text)

    def text(self) -> str:
        """All of it."""
        self._close()
        text = clean("\n".join(self.lines)).strip("\n")
        if not text.strip() and self.described:
            text = "\n".join(self.described)
        return re.sub(r"\n{3,}", "\n\n", text)[: self.most]


def _row(text: str) -> str:
    """The cells of a row with a mark between them; empty ones are left out."""
    if _CELL not in text:
        return text
    return " | ".join(cell for cell in (piece.strip() for piece in text.split(_CELL)) if cell)


def _attributes(inside: str) -> dict[str, str]:
    return {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(inside[:20_000])
    } | ({"hidden": ""} if re.search(r"\shidden(?=[\s/>]|$)", inside) else {})


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN_STYLE.search(attributes.get("style", "")))


def _target(link: str, shown: str) -> str:
    """What a link leads to where that is news: a web page, of long addresses its host; an address of mail."""
    link = "".join(link.split())
    if link.lower().startswith("mailto:"):
        address = link[7:].partition("?")[0]
        return "" if address.lower() in shown.lower() or not shown else address
    if not link.lower().startswith(("http://", "https://")) or not shown:
        return ""
    bare = re.sub(r"^https?://(?:www\.)?", "", link, flags=re.IGNORECASE).rstrip("/")
    if bare.lower() in shown.lower():
        return ""
    if len(link) <= _LONGEST_LINK:
        return link
    try:
        host = urlsplit(link).netloc
    except ValueError:
        return link[:_LONGEST_LINK]
    return f"https://{host[:_LONGEST_LINK]}/\u2026"
