"""Pictures of pages made fit to be read: cleaned, straightened, the right side up."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from abax.ports import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

MOST_SIDE: Final = 2600
"""Pixels; letters of a page that is larger are still large enough when it is made smaller."""
_LOOK: Final = 900
"""Pixels of the longer side that skew and ways of text are looked at in."""
_TILTS: Final = tuple(half / 2 for half in range(-16, 17))
"""Degrees."""


def pictures_of(content: bytes, most_pixels: int) -> Iterator[PageImage | str]:
    """Each page of a picture file, or why it cannot be shown."""
    from PIL import Image, ImageOps

    from abax.documents.sound import BROKEN_PICTURE, FORMATS

    with Image.open(io.BytesIO(content), formats=FORMATS) as file:
        for number in range(getattr(file, "n_frames", 1)):
            try:
                file.seek(number)
                if file.width * file.height > most_pixels:
                    yield f"it has {file.width * file.height / 1e6:.0f} megapixels"
                    continue
                if number and _is_preview(file):
                    continue
                across, down = (float(one) for one in file.info.get("dpi") or (0, 0))
                page = _as_page(ImageOps.exif_transpose(file) or file, max(across, down))
                yield _square(page, across, down)
            except (*BROKEN_PICTURE, Image.DecompressionBombError) as error:
                yield f"the picture breaks off ({error})"


_SUBFILE: Final = 254
"""A TIFF's tag; its lowest bit says that a page is a smaller copy of another."""


def _is_preview(image: Any) -> bool:
    tags = getattr(image, "tag_v2", None)
    return tags is not None and bool(tags.get(_SUBFILE, 0) & 1)


def _square(page: PageImage, across: float, down: float) -> PageImage:
    """A fax has twice as many dots across as down: lines are drawn out until letters have their shape."""
    from PIL import Image

    if not (across and down) or not 1.6 < max(across / down, down / across) < 2.4:
        return page
    size = (page.width, round(page.height * across / down))
    if across < down:
        size = (round(page.width * down / across), page.height)
    grey = Image.frombytes("L", (page.width, page.height), page.grey).resize(size, Image.Resampling.BICUBIC)
    return PageImage(*size, grey.tobytes(), page.dpi)


def _as_page(image: Any, dpi: float) -> PageImage:
    """Grey, on white where it is transparent."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    elif image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image)
    grey = image.convert("L")
    return PageImage(grey.width, grey.height, grey.tobytes(), dpi if 50 <= dpi <= 2400 else 0.0)


def _eight_bits(image: Any) -> Any:
    """Of a picture with 16 bits or more: its darkest is black, its lightest white."""
    import numpy as np
    from PIL import Image

    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8), "L")


def array_of(image: PageImage) -> Grey:
    """Rows of grey."""
    import numpy as np

    return np.frombuffer(image.grey, np.uint8).reshape(image.height, image.width)


def page_of(grey: Grey, dpi: float = 0.0) -> PageImage:
    """The opposite."""
    import numpy as np

    return PageImage(grey.shape[1], grey.shape[0], np.ascontiguousarray(grey).tobytes(), dpi)


def within(grey: Grey, most_side: int = MOST_SIDE) -> tuple[Grey, float]:
    """The picture no larger than it has to be, and how many of its pixels one of the given makes."""
    import numpy as np
    from PIL import Image

    scale = min(most_side / max(grey.shape), 1.0)
    if scale > 0.95:
        return grey, 1.0
    size = (max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)), scale


def cleaned(grey: Grey) -> Grey:
    """Shadows evened out and specks taken away, where there are any; weak print made dark."""
    import numpy as np
    from PIL import Image, ImageFilter

    small = Image.fromarray(grey).reduce(max(min(grey.shape) // 100, 1))
    paper = small.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(4))
    ground = np.asarray(paper, dtype=np.float32)
    if float(ground.std()) > 12 or float(np.median(ground)) < 200:
        full = np.asarray(
            paper.resize((grey.shape[1], grey.shape[0]), Image.Resampling.BILINEAR), dtype=np.float32
        )
        grey = np.clip(grey.astype(np.float32) * (245 / np.maximum(full, 40)), 0, 255).astype(np.uint8)
    if _specks(grey) > 0.004:
        grey = np.asarray(Image.fromarray(grey).filter(ImageFilter.MedianFilter(3)))
    low, high = (float(value) for value in np.percentile(grey[::4, ::4], (0.5, 80)))
    if high - low < 140 and high > low + 15:
        grey = np.clip((grey.astype(np.float32) - low) * (235 / (high - low)), 0, 255).astype(np.uint8)
    return grey


def _specks(grey: Grey) -> float:
    """Share of pixels that are unlike all their neighbours."""
    import numpy as np

    if min(grey.shape) < 3:
        return 0.0
    top, left = (max(side // 2 - 300, 0) for side in grey.shape)
    part = grey[top : top + 600, left : left + 600].astype(np.int16)  # the middle stands for all
    middle = part[1:-1, 1:-1]
    around = (part[:-2, 1:-1], part[2:, 1:-1], part[1:-1, :-2], part[1:-1, 2:])
    nearest = np.minimum.reduce([np.abs(middle - other) for other in around])
    return float(np.mean(nearest > 80))


def ink(grey: Grey, side: int = _LOOK) -> NDArray[np.bool_]:
    """Where something is printed, in a small picture; rules, frames and black edges are left out."""
    import numpy as np
    from PIL import Image

    factor = max(round(max(grey.shape) / side), 1)
    small = np.asarray(Image.fromarray(grey).reduce(factor), dtype=np.int16)
    paper = np.asarray(Image.fromarray(grey).reduce(factor * 8).resize(small.shape[::-1]), dtype=np.int16)
    printed = small < np.minimum(paper, 235) - 30
    run = max(side // 14, 8)
    return printed & ~_long_runs(printed, run) & ~_long_runs(printed.T, run).T


def _long_runs(printed: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """What is part of an unbroken run along a row."""
    import numpy as np

    if printed.shape[1] <= length:
        return np.zeros_like(printed)
    sums = np.cumsum(np.pad(printed, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    full = (sums[:, length:] - sums[:, :-length]) == length  # a run starts here
    starts = np.cumsum(np.pad(full, ((0, 0), (length, length - 1))), axis=1, dtype=np.int32)
    return np.asarray((starts[:, length:] - starts[:, :-length]) > 0)[:, : printed.shape[1]]


def sidewaysness(grey: Grey) -> float:
    """How much more text lines run down than across: above 1 they do."""
    import numpy as np

    printed = ink(grey)
    across, down = _sharpness(printed), _sharpness(np.rot90(printed))
    tilt = max(_TILTS, key=across)
    if across(tilt) < 1.15 * across(0.0):
        tilt = 0.0
    return down(tilt) / max(across(tilt), 1e-9)


def skew_of(grey: Grey) -> float:
    """Degrees that lines of text fall to the right by, 0 where they cannot be made out."""
    printed = ink(grey)
    if printed.sum() < 200:
        return 0.0
    sharpness = _sharpness(printed)
    coarse = max(_TILTS, key=sharpness)
    fine = max((coarse + tenth / 10 for tenth in range(-4, 5)), key=sharpness)
    return fine if sharpness(fine) > 1.15 * sharpness(0.0) and abs(fine) >= 0.25 else 0.0


def _sharpness(printed: NDArray[np.bool_]) -> Callable[[float], float]:
    """How well rows of print part from blanks, seen at a tilt of so many degrees."""
    import numpy as np

    y, x = np.nonzero(printed)
    step = len(x) // 40_000 + 1
    y, x = y[::step], x[::step]

    def sharpness(degrees: float) -> float:
        rows = np.round(y - x * np.tan(np.radians(degrees))).astype(np.int64)
        steps = np.diff(np.bincount(rows - rows.min()).astype(np.float64)) if len(rows) else np.zeros(1)
        return float((steps**2).sum())

    return sharpness


def turned(grey: Grey, degrees: float) -> Grey:
    """Turned clockwise: by right angles as a whole, by small ones about the middle within its frame."""
    import numpy as np
    from PIL import Image

    quarters, rest = divmod(degrees + 45, 90)
    rest -= 45
    grey = np.rot90(grey, -int(quarters))
    if abs(rest) < 0.05:
        return np.ascontiguousarray(grey)
    image = Image.fromarray(np.ascontiguousarray(grey))
    return np.asarray(image.rotate(-rest, Image.Resampling.BICUBIC, fillcolor=255))
