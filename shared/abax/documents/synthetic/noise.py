"""What scanning does to paper: turned, blurred, pale and compressed pictures, and words that are misread."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from abax.documents.pages import PageSource, Reading, Word
from abax.documents.synthetic.generate import Sample, reading_of

if TYPE_CHECKING:
    from PIL.Image import Image

_ALIKE = {
    "0": "OoQ",
    "O": "0",
    "o": "0c",
    "1": "lI",
    "l": "1I",
    "I": "l1",
    "5": "S",
    "S": "5",
    "8": "B3",
    "B": "8",
    "2": "Z",
    "Z": "2",
    "6": "G",
    "G": "6C",
    "9": "g",
    "g": "9q",
    "e": "c",
    "c": "e",
    "a": "o",
    "u": "v",
    "n": "ri",
    "h": "b",
    "t": "f",
    ".": ",",
    ",": ".",
    ":": ";",
    "-": "~",
    "ä": "a",
    "ö": "o",
    "ü": "u",
    "é": "e",
    "ß": "B",
    "ł": "l",
    "ó": "o",
    "ñ": "n",
    "ç": "c",
    "/": "1",
    "€": "C",
    "£": "E",
}
"""What a character is misread as."""


@dataclass(frozen=True)
class Noise:
    """How bad a scan is."""

    rotation: float = 0.0
    """Degrees."""
    blur: float = 0.0
    """Radius in pixels at 150 dpi."""
    contrast: float = 1.0
    brightness: float = 1.0
    speckle: float = 0.0
    """Standard deviation of the grey levels, of 255."""
    quality: int = 95
    """Of JPEG."""
    dpi: int = 150
    shadow: float = 0.0
    """How much darker one edge is than the other, of 1."""

    @classmethod
    def drawn(cls, rng: random.Random, strength: float = 1.0) -> Noise:
        """A scan as they come, from good, ``strength`` 0, to bad, 2."""
        return cls(
            rotation=rng.gauss(0, 0.7) * strength,
            blur=max(0.0, rng.gauss(0.4, 0.4)) * strength,
            contrast=1 - min(0.6, abs(rng.gauss(0, 0.18)) * strength),
            brightness=1 + rng.gauss(0, 0.06) * strength,
            speckle=abs(rng.gauss(0, 5)) * strength,
            quality=max(18, int(95 - abs(rng.gauss(0, 22)) * strength)),
            dpi=rng.choice([120, 150, 150, 200, 200, 300]),
            shadow=max(0.0, rng.gauss(0, 0.12)) * strength,
        )


def picture(sample: Sample, page: int, noise: Noise, rng: random.Random) -> Image:
    """One page, from 1, as a scanner would give it, in grey."""
    import pypdfium2
    from PIL import Image, ImageEnhance, ImageFilter

    document = pypdfium2.PdfDocument(sample.pdf)
    try:
        image = document[page - 1].render(scale=noise.dpi / 72, grayscale=True).to_pil()
    finally:
        document.close()
    if noise.rotation:
        image = image.rotate(noise.rotation, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    if noise.blur:
        image = image.filter(ImageFilter.GaussianBlur(noise.blur * noise.dpi / 150))
    image = ImageEnhance.Contrast(image).enhance(noise.contrast)
    image = ImageEnhance.Brightness(image).enhance(noise.brightness)
    image = _grained(image, noise, rng)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=noise.quality)
    return Image.open(io.BytesIO(stream.getvalue())).convert("L")


def _grained(image: Image, noise: Noise, rng: random.Random) -> Image:
    import numpy as np
    from PIL import Image as Pictures

    if not noise.speckle and not noise.shadow:
        return image
    grey = np.asarray(image, dtype=np.float32)
    generator = np.random.default_rng(rng.getrandbits(32))
    grey = grey + generator.normal(0, noise.speckle, grey.shape).astype(np.float32)
    grey *= np.linspace(1 - noise.shadow, 1, grey.shape[1], dtype=np.float32)[None, :]
    return Pictures.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def misread(words: Sequence[Word], rng: random.Random, rate: float = 0.02) -> list[Word]:
    """The words as bad OCR gives them: a share of ``rate`` of the characters wrong, some words joined, cut in
    two or lost, boxes a little off."""
    found: list[Word] = []
    for word in words:
        if rng.random() < rate * 0.3:
            continue
        height = word.y1 - word.y0
        x0, y0, x1, y1 = (e + rng.gauss(0, 0.03) * height for e in (word.x0, word.y0, word.x1, word.y1))
        text = "".join(_misread(character, rng, rate) for character in word.text) or word.text
        doubt = 1 - min(0.6, abs(rng.gauss(0, rate * 4)))
        read = Word(text, x0, y0, x1, y1, round(doubt, 3))
        last = found[-1] if found else None
        beside = last is not None and abs(last.y0 - read.y0) < height / 2 and 0 < read.x0 - last.x1 < height
        if last is not None and beside and rng.random() < rate * 0.8:
            found[-1] = replace(last, text=last.text + read.text, x1=read.x1)
        elif len(text) > 5 and rng.random() < rate * 0.5:
            cut = rng.randrange(2, len(text) - 1)
            middle = read.x0 + (read.x1 - read.x0) * cut / len(text)
            found += [
                replace(read, text=text[:cut], x1=middle),
                replace(read, text=text[cut:], x0=middle + 0.5),
            ]
        else:
            found.append(read)
    return found


def _misread(character: str, rng: random.Random, rate: float) -> str:
    if rng.random() > rate:
        return character
    if character in _ALIKE and rng.random() < 0.8:
        return rng.choice(_ALIKE[character])
    return rng.choice(["", character + character, "'", character.swapcase()])


def turned(words: Sequence[Word], width: float, height: float, degrees: float) -> list[Word]:
    """The words of a page that lay crooked: boxes around the turned ones."""
    angle = math.radians(degrees)
    cos, sin, cx, cy = math.cos(angle), math.sin(angle), width / 2, height / 2
    done = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2 - cx, (word.y0 + word.y1) / 2 - cy
        mid_x, mid_y = cx + x * cos - y * sin, cy + x * sin + y * cos
        half_w, half_h = (word.x1 - word.x0) / 2, (word.y1 - word.y0) / 2
        tall = half_h + abs(sin) * half_w * 0.5
        done.append(replace(word, x0=mid_x - half_w, x1=mid_x + half_w, y0=mid_y - tall, y1=mid_y + tall))
    return done


def noisy_reading(sample: Sample, rng: random.Random, rate: float = 0.02, degrees: float = 0.0) -> Reading:
    """What OCR would make of the sample, without rendering it."""
    pages = []
    for leaf in sample.leaves:
        words = turned(leaf.words, leaf.width, leaf.height, degrees) if degrees else leaf.words
        pages.append(misread(words, rng, rate))
    return reading_of(pages, sample.leaves, sample.contract.language, PageSource.OCR)
