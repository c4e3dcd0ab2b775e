"""PDF files: words of the text layer, pictures of the pages, embedded files.

PDFium is built without JavaScript and XFA, follows no link and fetches nothing. It is C++ and reads what
strangers send, so ``isolated`` runs what stands here in a process of its own.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from abax.documents.pages import Attachment, Word

if TYPE_CHECKING:
    import pypdfium2

PASSWORD: Final = 4  # FPDF_ERRPASSWORD
_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5  # FPDF_PAGEOBJ_*
_FREE_TEXT, _STAMP, _WIDGET = 3, 13, 20  # FPDF_ANNOT_*
_INVISIBLE: Final = 3  # FPDF_TEXTRENDERMODE_INVISIBLE
_TINY: Final = 0.4
"""Points: narrower than any letter that is meant to be read."""
_MOST_OBJECTS: Final = 20_000
"""Objects of a page that are looked at; drawings of CAD programs have millions."""


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a page of a PDF says of itself, in points from its top left corner, turned so that it reads."""

    width: float
    height: float
    words: tuple[Word, ...]
    hidden: tuple[Word, ...] = ()
    """Words that are not drawn: what a scanner's own recognition left, or what somebody wants to hide."""
    pictures: float = 0.0
    """Share of the page that pictures cover."""
    paths: int = 0
    """Lines, areas, and letters that were turned into outlines."""
    unmapped: float = 0.0
    """Share of letters of which the file does not say which they are."""
    turned: int = 0
    """Degrees clockwise, beyond what the page says itself."""


class Placing:
    """From a page's own coordinates to points from the top left corner of what is shown."""

    SCALE: Final = 100
    REACH: Final = 1000.0

    def __init__(self, page: Any) -> None:
        self.width, self.height = page.get_size()
        self.e, self.f = self._shown(page, 0, 0)
        right, up = self._shown(page, self.REACH, 0), self._shown(page, 0, self.REACH)
        self.a, self.b = (right[0] - self.e) / self.REACH, (right[1] - self.f) / self.REACH
        self.c, self.d = (up[0] - self.e) / self.REACH, (up[1] - self.f) / self.REACH

    def _shown(self, page: Any, at_x: float, at_y: float) -> tuple[float, float]:
        import pypdfium2.raw as raw

        x, y = ctypes.c_int(), ctypes.c_int()
        size = (round(self.width * self.SCALE), round(self.height * self.SCALE))
        raw.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, at_x, at_y, ctypes.byref(x), ctypes.byref(y))
        return x.value / self.SCALE, y.value / self.SCALE

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A rectangle: left, top, right, bottom."""
        x0, x1 = self.a * left + self.c * bottom, self.a * right + self.c * top
        y0, y1 = self.b * left + self.d * bottom, self.b * right + self.d * top
        return min(x0, x1) + self.e, min(y0, y1) + self.f, max(x0, x1) + self.e, max(y0, y1) + self.f

    def direction(self, angle: float) -> int:
        """Which way text runs that stands at this angle: 0 to the right, 90 down, 180 or 270."""
        x, y = math.cos(angle), -math.sin(angle)
        shown = math.degrees(math.atan2(self.b * x + self.d * y, self.a * x + self.c * y))
        return round(shown / 90) % 4 * 90


def page_of(document: pypdfium2.PdfDocument, number: int) -> Any:
    """A page, from 1, with what was filled into its form and noted on it drawn in."""
    import pypdfium2.raw as raw

    page = document[number - 1]
    kinds = (_annotation_kind(page, place) for place in range(min(raw.FPDFPage_GetAnnotCount(page.raw), 500)))
    if any(kind in (_FREE_TEXT, _STAMP, _WIDGET) for kind in kinds):
        raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)
        page.close()
        page = document[number - 1]
    return page


def _annotation_kind(page: Any, place: int) -> int:
    import pypdfium2.raw as raw

    annotation = raw.FPDFPage_GetAnnot(page.raw, place)
    if not annotation:
        return 0
    kind = int(raw.FPDFAnnot_GetSubtype(annotation))
    raw.FPDFPage_CloseAnnot(annotation)
    return kind


def text_layer(page: Any) -> TextLayer:
    """What stands on a page."""
    import pypdfium2.raw as raw

    placing = Placing(page)
    objects = _Objects(page, placing)
    text = raw.FPDFText_LoadPage(page.raw)
    if not text:
        return TextLayer(placing.width, placing.height, (), (), objects.pictures, objects.paths)
    try:
        letters = _Letters(text, objects)
        found = list(letters.words())
        ways = [placing.direction(raw.FPDFText_GetCharAngle(text, entry.place)) for entry in found]
    finally:
        raw.FPDFText_ClosePage(text)
    turned = _main_way(found, ways)
    words: tuple[dict[Word, None], dict[Word, None]] = ({}, {})  # without those drawn twice to look bold
    for entry in found:
        shown = placing.box(*entry.box)
        hidden = entry.hidden or not _can_be_seen(shown, placing)
        x0, y0, x1, y1 = _turned(shown, turned, placing.width, placing.height)
        words[hidden][Word(entry.text, x0, y0, x1, y1)] = None
    width, height = placing.width, placing.height
    if turned in (90, 270):
        width, height = height, width
    unmapped = letters.unmapped / max(letters.count, 1)
    return TextLayer(
        width, height, tuple(words[0]), tuple(words[1]), objects.pictures, objects.paths, unmapped, turned
    )


def _can_be_seen(box: tuple[float, float, float, float], placing: Placing) -> bool:
    """Whether a word stands on the page, in letters that are not tiny."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    size = min(box[2] - box[0], box[3] - box[1])
    return 0 <= x <= placing.width and 0 <= y <= placing.height and size > _TINY


class _Found(NamedTuple):
    text: str
    box: tuple[float, float, float, float]  # left, bottom, right, top
    place: int
    hidden: bool


def _main_way(found: list[_Found], ways: list[int]) -> int:
    """By how many degrees clockwise the page is to be turned so that most of its text runs to the right."""
    letters = dict.fromkeys((0, 90, 180, 270), 0)
    for entry, way in zip(found, ways, strict=True):
        letters[way] += len(entry.text)
    way = max(letters, key=lambda way: letters[way])
    return -way % 360 if letters[way] > 2 * letters[0] else 0


def _turned(
    box: tuple[float, float, float, float], degrees: int, width: float, height: float
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    if degrees == 90:
        return height - y1, x0, height - y0, x1
    if degrees == 180:
        return width - x1, height - y1, width - x0, height - y0
    if degrees == 270:
        return y0, width - x1, y1, width - x0
    return box


class _Letters:
    """The letters of a page, and the words that they make up."""

    def __init__(self, text: Any, objects: _Objects) -> None:
        self._text, self._objects = text, objects
        self._some_hidden = objects.some_hidden
        self.count = self.unmapped = 0

    def words(self) -> Iterator[_Found]:
        """Words in the order of the file."""
        letters: list[str] = []
        box = (0.0, 0.0, 0.0, 0.0)
        first, hidden = 0, False
        for place, letter, (left, bottom, right, top), unseen in self._placed():
            if letters and (not letter or unseen != hidden or _apart(box, left, bottom, right, top)):
                yield _Found("".join(letters), box, first, hidden)
                letters = []
            if not letter:
                continue
            if letters:
                box = (min(box[0], left), min(box[1], bottom), max(box[2], right), max(box[3], top))
            else:
                box, first, hidden = (left, bottom, right, top), place, unseen
            letters.append(letter)
        if letters:
            yield _Found("".join(letters), box, first, hidden)

    def _placed(self) -> Iterator[tuple[int, str, tuple[float, float, float, float], bool]]:
        """Each letter with its rectangle and whether it is hidden; no letter for a blank."""
        import pypdfium2.raw as raw

        rectangle = raw.FS_RECTF()
        there = ctypes.byref(rectangle)
        text, unicode_of, box_of = self._text, raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
        unmapped = raw.FPDFText_HasUnicodeMapError
        nowhere = (0.0, 0.0, 0.0, 0.0)
        for place in range(raw.FPDFText_CountChars(text)):
            code = unicode_of(text, place)
            letter = (
                "-" if code == 2 else chr(code) if 32 < code < 0x110000 else ""
            )  # 2: a hyphen at a line's end
            if not letter or letter.isspace():
                yield place, "", nowhere, False
                continue
            self.count += 1
            self.unmapped += unmapped(text, place) == 1
            box_of(text, place, there)
            box = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
            if all(map(math.isfinite, box)):
                yield place, letter, box, self._some_hidden and self._is_hidden(place)

    def _is_hidden(self, place: int) -> bool:
        import pypdfium2.raw as raw

        shown_by = raw.FPDFText_GetTextObject(self._text, place)
        return bool(shown_by) and self._objects.is_hidden(shown_by)


def _apart(
    box: tuple[float, float, float, float], left: float, bottom: float, right: float, top: float
) -> bool:
    """Whether a letter belongs to another word than the letters in the box, along either way of writing."""
    size = min(top - bottom, right - left) or 1.0
    reach = 0.9 * max(top - bottom, size)
    return left - box[2] > reach or box[0] - right > reach or bottom - box[3] > reach or box[1] - top > reach


class _Objects:
    """What a page is made of, counted."""

    def __init__(self, page: Any, placing: Placing) -> None:
        self.paths = 0
        self._invisible = self._white = False
        self._page_area = max(placing.width * placing.height, 1.0)
        self._placing, self._left = placing, _MOST_OBJECTS
        self._pictures = 0.0
        import pypdfium2.raw as raw

        self._count(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, 0)

    @property
    def some_hidden(self) -> bool:
        """Whether any text is not to be seen."""
        return self._invisible or (self._white and self._is_bare)

    @property
    def _is_bare(self) -> bool:
        """Nothing but text is on the page, so white letters stand on white."""
        return not self.paths and not self._pictures

    def is_hidden(self, text_object: Any) -> bool:
        """Whether this text is not to be seen."""
        look = _look(text_object)
        return look == "invisible" or (look == "white" and self._is_bare)

    @property
    def pictures(self) -> float:
        """Share of the page."""
        return float(min(self._pictures / self._page_area, 1.0))

    def _count(self, holder: Any, count: Any, get: Any, depth: int) -> None:
        import pypdfium2.raw as raw

        for place in range(min(count(holder), self._left)):
            self._left -= 1
            item = get(holder, place)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == _PATH:
                self.paths += 1
            elif kind == _IMAGE:
                self._pictures += self._area(item)
            elif kind == _TEXT:
                look = _look(item)
                self._invisible = self._invisible or look == "invisible"
                self._white = self._white or look == "white"
            elif kind == _FORM and depth < 4:
                self._count(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth + 1)

    def _area(self, item: Any) -> float:
        import pypdfium2.raw as raw

        sides = [ctypes.c_float() for _ in range(4)]
        if not raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides)):
            return 0.0
        x0, y0, x1, y1 = self._placing.box(*(side.value for side in sides))
        width = min(x1, self._placing.width) - max(x0, 0.0)
        height = min(y1, self._placing.height) - max(y0, 0.0)
        return float(max(width, 0.0) * max(height, 0.0))


def _look(text_object: Any) -> str:
    """``invisible``, ``white`` or ``plain``."""
    import pypdfium2.raw as raw

    if raw.FPDFTextObj_GetTextRenderMode(text_object) == _INVISIBLE:
        return "invisible"
    channels = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(text_object, *map(ctypes.byref, channels)):
        return "plain"
    *colours, opacity = (channel.value for channel in channels)
    return "invisible" if opacity == 0 else "white" if min(colours) == 255 else "plain"


def picture(page: Any, dpi: float, most_pixels: int) -> tuple[int, int, bytes, float]:
    """Width, height and grey bytes of the page as it is shown, and the resolution that they are in."""
    width, height = page.get_size()
    scale = min(dpi / 72, math.sqrt(most_pixels / max(width * height, 1.0)))
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
    pixels = memoryview(bitmap.buffer).cast("B")
    rows = (pixels[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height))
    return bitmap.width, bitmap.height, b"".join(rows), scale * 72


def attachments(document: pypdfium2.PdfDocument, most_bytes: int) -> Iterator[Attachment]:
    """The files that the PDF carries, whatever they are called, but broken and far too large ones."""
    import pypdfium2
    import pypdfium2.raw as raw

    for place in range(min(document.count_attachments(), 1000)):
        try:
            attachment = document.get_attachment(place)
            size = ctypes.c_ulong()
            if not raw.FPDFAttachment_GetFile(attachment.raw, None, 0, ctypes.byref(size)):
                continue
            if not 0 < size.value <= most_bytes:
                continue
            most_bytes -= size.value
            name = attachment.get_name() or f"attachment-{place + 1}"
            yield Attachment(name, bytes(attachment.get_data()))
        except (pypdfium2.PdfiumError, UnicodeDecodeError):
            continue


def properties(document: pypdfium2.PdfDocument) -> dict[str, str]:
    """What the file says of itself."""
    return {key.lower(): value.strip() for key, value in document.get_metadata_dict(skip_empty=True).items()}
