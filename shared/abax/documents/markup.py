"""Documents without pages of their own: plain text, HTML, DOCX, XML. Boxes count characters and lines."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from abax.documents.inbox import FileKind, Received
from abax.documents.kinds import decoded
from abax.documents.pages import Attachment, Cell, Page, PageSource, Reading, Table, TextLine, Word
from abax.documents.sound import safe_xml_parser
from abax.errors import DamagedFile

if TYPE_CHECKING:
    from lxml import etree

_MOST_LINES: Final = 20_000
"""As many as 300 printed pages have; the page says so where there are more."""
_LONGEST_LINE: Final = 300
"""Letters: longer ones are broken, since what stands on one line is weighed one against the other."""
_MOST_COLUMNS: Final = 60
_GUTTER: Final = 3
"""Characters between the columns of a table."""


def read(received: Received) -> Reading:
    """A text, HTML, DOCX or XML file. Raises DamagedFile."""
    if received.kind is FileKind.DOCX:
        return _read_docx(received)
    if received.kind is FileKind.HTML:
        return Reading((_html_page(received),))
    if received.kind is FileKind.XML:
        return Reading((_xml_page(received),))
    texts = decoded(received.content).rstrip("\f\x1a\0 \n").split("\f")
    return Reading(tuple(_text_page(number, text) for number, text in enumerate(texts, 1)))


class _Sheet:
    """A page that is written from the top, line by line."""

    def __init__(self) -> None:
        self._lines: list[TextLine] = []
        self._tables: list[Table] = []
        self._row = self._block = 0
        self._width = 1

    def write(self, text: str) -> None:
        """One line; an empty one ends a block, and a very long one is broken."""
        for line in _broken(text):
            if self._row < _MOST_LINES:
                words = self._words(line, 0)
                if words:
                    self._lines.append(TextLine(tuple(words), self._block))
                else:
                    self.part()
            self._row += 1

    def part(self) -> None:
        """What follows is another block."""
        if self._lines and self._lines[-1].block == self._block:
            self._block += 1

    def _words(self, text: str, start: int) -> list[Word]:
        words = [
            Word(piece[0], start + piece.start(), self._row, start + piece.end(), self._row + 1)
            for piece in re.finditer(r"\S+", text.expandtabs(4))
        ]
        self._width = max(self._width, int(words[-1].x1) if words else 0)
        return words

    def table(self, rows: Sequence[Sequence[str]], header: bool) -> None:
        """Rows of cells, column under column."""
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        if not rows:
            return
        self.part()
        columns = max(len(row) for row in rows)
        if columns > _MOST_COLUMNS or any(len(cell) > 3 * _LONGEST_LINE for row in rows for cell in row):
            for row in rows:
                self.write(" ".join(row))
            return
        widths = [max((len(row[c]) for row in rows if c < len(row)), default=0) for c in range(columns)]
        starts = [sum(widths[:column]) + _GUTTER * column for column in range(columns)]
        cells: list[tuple[Cell, ...]] = []
        for number, row in enumerate(rows):
            if self._row < _MOST_LINES:
                placed = [Cell(number, c, tuple(self._words(text, starts[c]))) for c, text in enumerate(row)]
                cells.append(tuple(placed))
                words = tuple(word for cell in placed for word in cell.words)
                self._lines.append(TextLine(words, self._block))
            self._row += 1
        if columns > 1 and cells:
            self._tables.append(Table(1, cells[0] if header else (), tuple(cells[header:])))
        self.part()

    def page(self, number: int) -> Page:
        """What was written."""
        problem = f"it has {self._row:,} lines, of which {_MOST_LINES:,} were read"
        return Page(
            number,
            self._width,
            max(min(self._row, _MOST_LINES), 1),
            tuple(self._lines),
            PageSource.MARKUP,
            tuple(self._tables),
            problem=problem if self._row > _MOST_LINES else None,
        )


def _broken(text: str) -> Iterator[str]:
    """A line in pieces that are not too long, at blanks where there are any."""
    start = 0
    while len(text) - start > _LONGEST_LINE:
        blank = text.rfind(" ", start + _LONGEST_LINE // 2, start + _LONGEST_LINE)
        end = blank if blank > 0 else start + _LONGEST_LINE
        yield text[start:end]
        start = end
    yield text[start:]


def _text_page(number: int, text: str) -> Page:
    sheet = _Sheet()
    for line in text.splitlines():
        sheet.write(line)
    return sheet.page(number)


_UNSEEN: Final = {"script", "style", "head", "title", "noscript", "template", "object", "iframe", "svg"}
_BLOCKS: Final = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "section", "article", "header",
    "footer", "blockquote", "pre", "form", "fieldset", "address", "hr", "center", "main", "aside", "nav",
}  # fmt: skip
_LINES: Final = {"br", "li", "dt", "dd", "tr", "option", "label"}


def _html_page(received: Received) -> Page:
    from lxml import etree, html

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded(received.content).replace("\0", ""))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DamagedFile(received.name, f"no readable HTML ({error})") from None
    sheet, writer = _Sheet(), _HtmlText()
    for step in writer.steps(root):
        if isinstance(step, str):
            sheet.write(step)
        else:
            sheet.table(step, header=False)
    return sheet.page(1)


class _HtmlText:
    """Lines and tables of an HTML tree, without recursion: what strangers nest may be deep."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def steps(self, root: Any) -> Iterator[str | list[list[str]]]:
        """Lines of text, and tables as rows of cells."""
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            element, done = stack.pop()
            name = element.tag if isinstance(element.tag, str) else ""
            if done:
                yield from self._break(name)
                self._open.append(element.tail or "")
                continue
            if name in _UNSEEN or _is_hidden(element):
                self._open.append(element.tail or "")
                continue
            if name == "table" and (rows := _data_rows(element)):
                yield from self._flush()
                yield rows
                self._open.append(element.tail or "")
                continue
            yield from self._break(name)
            self._open.append(element.text or "")
            stack.append((element, True))
            stack += ((child, False) for child in reversed(element))
        yield from self._flush()

    def _break(self, name: str) -> Iterator[str]:
        if name in _BLOCKS or name in _LINES:
            yield from self._flush()
        if name in _BLOCKS:
            yield ""
        elif name in ("td", "th"):
            self._open.append("  ")

    def _flush(self) -> Iterator[str]:
        line = " ".join("".join(self._open).split())
        self._open.clear()
        if line:
            yield line


def _is_hidden(element: Any) -> bool:
    style = re.sub(r"\s", "", element.get("style") or "").lower()
    return "display:none" in style or "visibility:hidden" in style or element.get("hidden") is not None


def _data_rows(table: Any) -> list[list[str]]:
    """The cells of a table that holds data; none of one that only places other things."""
    if table.find(".//table") is not None:
        return []
    rows: list[list[str]] = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        texts: list[str] = []
        for cell in cells:
            if sum(1 for _ in cell.iter("br", "p", "div", "li")) > 6:
                return []
            texts.append(" ".join(" ".join(_seen_text(cell)).split()))
            span = (cell.get("colspan") or "1").strip()
            texts += [""] * (min(int(span), 50) - 1 if span.isascii() and span.isdigit() else 0)
        rows.append(texts)
    wide = [row for row in rows if sum(bool(text) for text in row) > 1]
    return rows if len(wide) >= 1 else []


def _seen_text(cell: Any) -> Iterator[str]:
    for element in cell.iter():
        if element.tag not in _UNSEEN and element.text:
            yield element.text
        if element is not cell and element.tail:
            yield element.tail


def _xml_page(received: Received) -> Page:
    """Each text of the tree in a line, after its element's name."""
    sheet = _Sheet()
    for element in _xml(received.name, received.content).iter():
        if isinstance(element.tag, str) and element.text and element.text.strip():
            name = element.tag.rpartition("}")[2]
            for line in element.text.strip().splitlines():
                sheet.write(f"{name}: {line.strip()}")
    return sheet.page(1)


def _xml(name: str, content: bytes) -> etree._Element:
    from lxml import etree

    try:
        return etree.fromstring(content, safe_xml_parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DamagedFile(name, f"no well-formed XML ({error})") from None


_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PICTURES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
}


def _read_docx(received: Received) -> Reading:
    sheet = _Sheet()
    attachments: list[Attachment] = []
    try:
        with zipfile.ZipFile(io.BytesIO(received.content)) as archive:
            names = archive.namelist()
            heads = sorted(name for name in names if re.fullmatch(r"word/header\d*\.xml", name))
            feet = sorted(name for name in names if re.fullmatch(r"word/footer\d*\.xml", name))
            for part in (*heads, "word/document.xml", *feet):
                for step in _docx_steps(_xml(received.name, archive.read(part))):
                    if isinstance(step, str):
                        sheet.write(step)
                    else:
                        sheet.table(step, header=len(step) > 1)
                sheet.part()
            for name in names:
                media_type = _PICTURES.get(name.rpartition(".")[2].lower())
                if name.startswith("word/media/") and media_type:
                    attachments.append(Attachment(name, archive.read(name), media_type))
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DamagedFile(received.name, f"no readable DOCX ({error})") from None
    return Reading((sheet.page(1),), tuple(attachments))


def _docx_steps(root: etree._Element) -> Iterator[str | list[list[str]]]:
    """Paragraphs as lines, tables as rows of cells; text boxes come where they are anchored."""
    stack = [root]
    while stack:
        element = stack.pop()
        if element.tag == f"{_W}p":
            yield from _paragraph(element).split("\n")
            stack += reversed([box for box in element.iter(f"{_W}txbxContent") if not _is_fallback(box)])
        elif element.tag == f"{_W}tbl" and element.find(f".//{_W}tbl") is None:
            yield [
                [" ".join(_paragraph(p) for p in cell.iter(f"{_W}p")) for cell in _cells(row)]
                for row in element.iter(f"{_W}tr")
            ]
        elif isinstance(element.tag, str):
            stack += reversed(element)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    yield from row.iter(f"{_W}tc")


def _is_fallback(box: etree._Element) -> bool:
    """Word writes text boxes twice, the second time for programs that are older."""
    return any(above.tag.endswith("}Fallback") for above in box.iterancestors() if isinstance(above.tag, str))


def _paragraph(paragraph: etree._Element) -> str:
    """Its text, without what stands in text boxes or was struck out by a reviewer."""
    pieces: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        if element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag == f"{_W}tab":
            pieces.append("\t")
        elif element.tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif element.tag not in (f"{_W}txbxContent", f"{_W}del", f"{_W}pPr"):
            stack += reversed(element)
    return "".join(pieces)
