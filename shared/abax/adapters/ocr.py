"""Words of pictures, by RapidOCR's models on onnxruntime, or by Debian's Tesseract.

RapidOCR's wheel carries the models (PP-OCRv6, some 50 languages in one); nothing is fetched. Its detector is
used as it is. Lines are read here, since its own reader widens each short line to 320 pixels, tells no
confidence of single words, and reads Latin letters as others that look alike.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata, util
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abax.errors import OcrFailed, OcrUnavailable
from abax.ports import Ocr, OcrWord, PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_LEAST = 0.3
"""Words read with less confidence are specks and frames more often than words."""


def choose(name: str = "", threads: int = 0) -> Ocr | None:
    """The engine of that name: ``rapidocr``, ``tesseract``, ``none``; by default the best that is installed.

    Raises OcrUnavailable where the named one is not installed.
    """
    if name == "none":
        return None
    if name == "tesseract":
        return Tesseract()
    if name == "rapidocr":
        return RapidOcr(threads)
    if name:
        raise OcrUnavailable(f"no engine {name!r}; there are rapidocr, tesseract and none")
    if util.find_spec("rapidocr") and util.find_spec("onnxruntime"):
        return RapidOcr(threads)
    return Tesseract() if shutil.which("tesseract") else None


class RapidOcr:
    """PP-OCRv6 from RapidOCR's wheel. Loads on first use."""

    def __init__(self, threads: int = 0) -> None:
        """``threads`` is how many cores one page may use; 0 is all of them."""
        if not (util.find_spec("rapidocr") and util.find_spec("onnxruntime")):
            raise OcrUnavailable("the packages rapidocr and onnxruntime are not installed")
        self._threads = threads or len(os.sched_getaffinity(0))
        self._lock = threading.Lock()
        self._loaded: tuple[Any, _LineReader] | None = None

    @property
    def name(self) -> str:
        """Such as ``rapidocr 3.10.0``."""
        return f"rapidocr {metadata.version('rapidocr')}"

    def read(self, image: PageImage, languages: Sequence[str] = ()) -> list[OcrWord]:
        """All words. ``languages`` are not needed: one model reads them all."""
        import cv2
        import numpy as np

        detector, reader = self._load()
        grey = np.frombuffer(image.grey, np.uint8).reshape(image.height, image.width)
        try:
            boxes = _detected(detector, grey)
            return [word for word in reader.read(grey, boxes) if word.confidence >= _LEAST]
        except (cv2.error, ValueError, RuntimeError, IndexError, MemoryError) as error:
            raise OcrFailed(self.name, str(error)) from error

    def _load(self) -> tuple[Any, _LineReader]:
        with self._lock:
            if self._loaded is None:
                folder = Path(str(util.find_spec("rapidocr").origin)).parent / "models"  # type: ignore[union-attr]
                models = {part: folder / f"PP-OCRv6_{part}_small.onnx" for part in ("det", "rec")}
                absent = [path.name for path in models.values() if not path.exists()]
                if absent:
                    raise OcrUnavailable(f"this version of rapidocr carries no {absent[0]}")
                self._loaded = (
                    _detector(models["det"], self._threads),
                    _LineReader(models["rec"], self._threads),
                )
            return self._loaded


def _detector(model: Path, threads: int) -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.model_path": str(model),
            "Det.limit_type": "max",
            "Det.limit_side_len": 1600,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
        }
    )


def _detected(detector: Any, grey: Grey) -> NDArray[np.float32]:
    """Four corners of each piece of a line, clockwise from the top left."""
    import numpy as np

    found = detector(np.dstack([grey] * 3), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return np.zeros((0, 4, 2), np.float32)
    return np.asarray(found.boxes, np.float32)


class _LineReader:
    """Reads pieces of lines, several of one width at once."""

    HEIGHT = 48
    STEP = 8
    """Pixels for each of the network's answers."""
    BATCH_WIDTH = 1600
    """Pixels at once: more is slower, since it leaves the processor's caches."""

    def __init__(self, model: Path, threads: int) -> None:
        import numpy as np
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        characters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        letters = ["", *characters, " "]
        self._kept = np.array([0, *(i for i, letter in enumerate(letters) if i and _is_western(letter))])
        self._letters = [letters[place] for place in self._kept]
        self._input = self._session.get_inputs()[0].name

    def read(self, grey: Grey, boxes: NDArray[np.float32]) -> Iterator[OcrWord]:
        """The words in these boxes, in no order."""
        strips = [(box, self._strip(grey, box)) for box in boxes]
        strips.sort(key=lambda pair: pair[1].shape[1])
        batch: list[tuple[NDArray[np.float32], Grey]] = []
        for pair in strips:
            if batch and (len(batch) + 1) * pair[1].shape[1] > self.BATCH_WIDTH:
                yield from self._read_batch(batch)
                batch = []
            batch.append(pair)
        if batch:
            yield from self._read_batch(batch)

    def _strip(self, grey: Grey, box: NDArray[np.float32]) -> Grey:
        """What stands in the box, upright and as high as the network wants it."""
        import cv2
        import numpy as np

        sides = np.linalg.norm(np.roll(box, -1, 0) - box, axis=1).tolist()  # top, right, low, left
        width, height = max(sides[0], sides[2], 1.0), max(sides[1], sides[3], 1.0)
        upright = max(round(self.HEIGHT * width / height), 16)
        corners = np.array([[0, 0], [upright, 0], [upright, self.HEIGHT], [0, self.HEIGHT]], np.float32)
        turn = cv2.getPerspectiveTransform(box, corners)
        way = cv2.INTER_AREA if height > 2 * self.HEIGHT else cv2.INTER_CUBIC
        strip = cv2.warpPerspective(
            grey, turn, (upright, self.HEIGHT), flags=way, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(strip, np.uint8)

    def _read_batch(self, batch: list[tuple[NDArray[np.float32], Grey]]) -> Iterator[OcrWord]:
        import numpy as np

        width = -(-max(strip.shape[1] for _, strip in batch) // self.STEP) * self.STEP
        pixels = np.zeros((len(batch), 3, self.HEIGHT, width), np.float32)
        for place, (_, strip) in enumerate(batch):
            pixels[place, :, :, : strip.shape[1]] = strip.astype(np.float32) / 127.5 - 1
        scores = self._session.run(None, {self._input: pixels})[0][:, :, self._kept]
        best, certainty = scores.argmax(2), scores.max(2)
        for place, (box, strip) in enumerate(batch):
            share = strip.shape[1] / width
            yield from self._words(best[place], certainty[place], box, share)

    def _words(
        self, best: NDArray[np.int64], certainty: NDArray[np.float32], box: NDArray[np.float32], share: float
    ) -> Iterator[OcrWord]:
        """Words of one line; a letter stands where the network was last asked before it changed its mind."""
        steps = len(best) * share
        letters: list[tuple[str, int, float]] = []
        previous = 0
        for step, (letter, sure) in enumerate(zip(best.tolist(), certainty.tolist(), strict=True)):
            if letter not in (0, previous):
                letters.append((self._letters[letter], step, sure))
            previous = letter
        for word in _parted(letters):
            yield _placed(word, box, steps)


def _parted(letters: list[tuple[str, int, float]]) -> Iterator[list[tuple[str, int, float]]]:
    """Words: letters between blanks, and blanks that were not read as such."""
    gaps = sorted(other[1] - one[1] for one, other in pairwise(letters))
    wide = max(3 * gaps[len(gaps) // 2], 6) if gaps else 0
    word: list[tuple[str, int, float]] = []
    for letter in letters:
        if word and (letter[0].isspace() or letter[1] - word[-1][1] >= wide):
            yield word
            word = []
        if not letter[0].isspace():
            word.append(letter)
    if word:
        yield word


def _placed(word: list[tuple[str, int, float]], box: NDArray[np.float32], steps: float) -> OcrWord:
    """A word with its part of the line's box."""
    text = "".join(letter for letter, _, _ in word)
    pitch = (word[-1][1] - word[0][1]) / max(len(word) - 1, 1) if len(word) > 1 else 2.0
    start = max((word[0][1] + 0.5 - pitch / 2) / steps, 0.0)
    end = min((word[-1][1] + 0.5 + pitch / 2) / steps, 1.0)
    top_left, top_right = box[0] + (box[1] - box[0]) * start, box[0] + (box[1] - box[0]) * end
    low_left, low_right = box[3] + (box[2] - box[3]) * start, box[3] + (box[2] - box[3]) * end
    return OcrWord(
        text,
        float(min(top_left[0], low_left[0])),
        float((top_left[1] + top_right[1]) / 2),
        float(max(top_right[0], low_right[0])),
        float((low_left[1] + low_right[1]) / 2),
        sum(sure for _, _, sure in word) / len(word),
    )


def _is_western(letter: str) -> bool:
    """Latin letters, digits and signs; what the documents that we read are written in."""
    if letter.isascii() or letter in "€£¥§°–—„“”‘’‚«»…•·×²³½¼¾₂‰ªº¿¡ﬁﬂ№":
        return True
    return "LATIN" in unicodedata.name(letter[:1], "") and not unicodedata.name(letter[:1]).startswith(
        "FULLWIDTH"
    )


_TESSERACT_LANGUAGES = {
    "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "nl": "nld", "pl": "pol", "pt": "por",
    "cs": "ces", "sv": "swe", "da": "dan", "nb": "nor", "fi": "fin", "hu": "hun", "ro": "ron", "sk": "slk",
}  # fmt: skip


class Tesseract:
    """Debian's ``tesseract``, a process for each page."""

    def __init__(self, program: str = "tesseract", seconds: float = 60.0) -> None:
        found = shutil.which(program)
        if found is None:
            raise OcrUnavailable(f"there is no program {program}")
        self._program, self._seconds = found, seconds
        self._asked: tuple[str, frozenset[str]] | None = None

    @property
    def name(self) -> str:
        """Such as ``tesseract 5.3.0``."""
        return self._about()[0]

    def _about(self) -> tuple[str, frozenset[str]]:
        """Name with version, and the languages that are installed."""
        if self._asked is None:
            listed = self._run(["--list-langs"]).decode().split("\n")
            version = self._run(["--version"]).decode().split("\n")[0]
            self._asked = (version.strip(), frozenset(line.strip() for line in listed[1:] if line.strip()))
        return self._asked

    def read(self, image: PageImage, languages: Sequence[str] = ()) -> list[OcrWord]:
        """All words. Where no language is likely, English ones first, and then again in the language that
        these seem to be in: every model more takes as long again."""
        from abax.documents.language import language_of

        if languages:
            return self._read(image, languages)
        words = self._read(image, ("en",))
        language = language_of(" ".join(word.text for word in words))
        if language in (None, "en") or _TESSERACT_LANGUAGES.get(language or "") not in self._about()[1]:
            return words
        return self._read(image, (language or "en",))

    def _read(self, image: PageImage, languages: Sequence[str]) -> list[OcrWord]:
        known = self._about()[1]
        wanted = (_TESSERACT_LANGUAGES.get(language) for language in languages)
        models = [model for model in wanted if model in known] or ["eng"]
        picture = f"P5 {image.width} {image.height} 255\n".encode() + image.grey
        dpi = ["--dpi", f"{image.dpi:.0f}"] if image.dpi else []
        table = self._run(["stdin", "stdout", "-l", "+".join(models), "--psm", "11", *dpi, "tsv"], picture)
        return list(_words_of_tsv(table.decode(errors="replace")))

    def _run(self, arguments: list[str], content: bytes = b"") -> bytes:
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # its threads wait for each other by spinning
        try:
            done = subprocess.run(
                [self._program, *arguments],
                input=content,
                capture_output=True,
                timeout=self._seconds,
                check=True,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            raise OcrFailed("tesseract", f"no answer within {self._seconds:g} s") from None
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", b"") or str(error).encode()
            raise OcrFailed("tesseract", said.decode(errors="replace").strip()[-200:]) from None
        return done.stdout


def _words_of_tsv(table: str) -> Iterable[OcrWord]:
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text, confidence = (row.get("text") or "").strip(), float(row.get("conf") or -1) / 100
        if text and confidence >= _LEAST:
            x, y = float(row["left"]), float(row["top"])
            yield OcrWord(text, x, y, x + float(row["width"]), y + float(row["height"]), confidence)
