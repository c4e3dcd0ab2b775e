"""Text classifiers: linear over hashed features, calibrated, in one small file. Needs numpy alone.

``learning`` makes them. A file is an npz: ``told`` (JSON: labels, recipe, temperature, what is known of the
training), ``rarity`` (uint8 a place), ``places``, ``weights`` (int8), ``scales`` and ``offsets``; one that
looks at embeddings too has ``centre``, ``turn`` and ``dense`` (float16). One that compares texts with its
examples (form 2) has no weights a place but the parts of ``comparing.Compared``: of the examples the hashed
features, so such a file tells what words they had.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from abax.errors import InvalidRequest
from abax.mail.arrays import MOST_BYTES, arrays_in
from abax.mail.classifier_parts import FORM, FORM_COMPARED, part, places_of, told_in
from abax.mail.comparing import Compared
from abax.mail.features import Recipe, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIPPED: Final = ("category", "spam", "action", "sentiment", "urgency")
"""Classifiers that come with the package."""
_AT_ONCE: Final = 512
"""Texts that are looked at together."""


class Embedder(Protocol):
    """Makes vectors of texts, such as a language model's hidden states."""

    @property
    def name(self) -> str:
        """Whose vectors: a classifier is of use with those that it was trained on alone."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[texts, width]"""


@dataclass(frozen=True, eq=False)
class Dense:
    """The part that looks at embeddings."""

    embedder: str
    centre: NDArray[np.float32]
    """[width]"""
    turn: NDArray[np.float32]
    """What takes an embedding off its centre to independent parts: [width, parts]."""
    weights: NDArray[np.float32]
    """[parts, columns]; of a classifier that compares, the examples: [parts, examples]."""

    def scores(self, embeddings: NDArray[Any]) -> NDArray[np.float32]:
        """[texts, columns]"""
        found: NDArray[np.float32] = unit((embeddings - self.centre) @ self.turn) @ self.weights
        return found


def unit(rows: NDArray[Any]) -> NDArray[Any]:
    """Rows of length one."""
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    scaled: NDArray[Any] = rows / np.maximum(lengths, 1e-9)
    return scaled


@dataclass(frozen=True, eq=False)
class Classifier:
    """Which of its labels a text has. With two labels there is one column, for the second of them."""

    name: str
    labels: tuple[str, ...]
    recipe: Recipe
    rarity: NDArray[np.uint8]
    """[width]: the weight of a place is 1 + ``most_rare`` * rarity / 255."""
    most_rare: float
    places: NDArray[np.int32]
    """Places that have weights, ascending."""
    weights: NDArray[np.int8]
    """[places, columns], each column to be multiplied by its scale."""
    scales: NDArray[np.float32]
    offsets: NDArray[np.float32]
    temperature: float
    dense: Dense | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    """What is known of the training: ``examples``, ``accuracy`` and ``ece`` out of fold, and more."""
    compared: Compared | None = None
    """Examples that texts are compared with; then there are no weights a place."""

    def scores(self, texts: Sequence[str], embed: Embedder | None = None) -> list[dict[str, float]]:
        """For each text a calibrated share for each label; they sum to one.

        Raises InvalidRequest where the classifier looks at embeddings and nothing fit makes them.
        """
        shares = self.shares(texts, embed)
        return [dict(zip(self.labels, map(float, row), strict=True)) for row in shares]

    def shares(self, texts: Sequence[str], embed: Embedder | None = None) -> NDArray[np.float32]:
        """The same as an array: [texts, labels]."""
        found = [self.margins(texts[at : at + _AT_ONCE], embed) for at in range(0, len(texts), _AT_ONCE)]
        margins = np.concatenate(found) if found else np.zeros((0, len(self.scales)), np.float32)
        return shares_of(margins, self.temperature)

    def margins(self, texts: Sequence[str], embed: Embedder | None = None) -> NDArray[np.float32]:
        """How far on each label's side, not calibrated: [texts, columns]."""
        rows = rows_of(texts, self.recipe, self._rarities)
        compared = self.compared
        found = rows.times(self._by_place) * self.scales if compared is None else compared.inner(rows)
        if self.dense is not None:
            if embed is None or embed.name != self.dense.embedder:
                raise InvalidRequest(
                    f"the classifier {self.name} looks at embeddings of {self.dense.embedder};"
                    " say --embeddings",
                    "model",
                )
            found = found + self.dense.scores(embed(texts))
        if compared is not None:
            found = compared.scores(found)
        scores: NDArray[np.float32] = found + self.offsets
        return scores

    @cached_property
    def _rarities(self) -> NDArray[np.float32]:
        return (1 + self.most_rare / 255 * self.rarity).astype(np.float32)

    @cached_property
    def _by_place(self) -> _Table:
        return _Table(self.places, self.weights, self.recipe.width)

    def decided(self, shares: NDArray[Any]) -> NDArray[np.int64]:
        """Which label each row of shares [texts, labels] comes to: the likeliest, or of two labels the second
        from the share on that proved best in training."""
        if len(self.labels) == 2:
            return (shares[:, 1] >= float(self.known.get("cut", 0.5))).astype(np.int64)
        found: NDArray[np.int64] = shares.argmax(axis=1)
        return found

    # --- as a file --------------------------------------------------------------------------------------

    def dump(self) -> bytes:
        """The file's content."""
        told = {
            "form": FORM if self.compared is None else FORM_COMPARED,
            "name": self.name,
            "labels": self.labels,
            "recipe": asdict(self.recipe),
            "most_rare": self.most_rare,
            "temperature": self.temperature,
            "known": dict(self.known),
        }
        parts: dict[str, NDArray[Any]] = {
            "rarity": self.rarity,
            "places": self.places,
            "weights": self.weights,
            "scales": self.scales,
            "offsets": self.offsets,
        }
        if self.dense is not None:
            told["embedder"] = self.dense.embedder
            parts |= {
                "centre": self.dense.centre.astype(np.float16),
                "turn": self.dense.turn.astype(np.float16),
                "dense": self.dense.weights.astype(np.float16),
            }
        if self.compared is not None:
            parts |= self.compared.parts()
        stream = io.BytesIO()
        encoded = np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), np.uint8)
        np.savez_compressed(stream, told=encoded, **parts)  # type: ignore[arg-type]
        return stream.getvalue()

    @classmethod
    def restore(cls, content: bytes, origin: str = "") -> Classifier:
        """Read what ``dump`` wrote. Raises InvalidRequest for anything else: what it gives fits together, and
        can be asked about any text."""
        try:
            return _restored(arrays_in(content))
        except ValueError as problem:
            raise _refused(origin or "the file", str(problem)) from None

    @classmethod
    def load(cls, name_or_path: str | Path) -> Classifier:
        """One that ships, by its name, or one of a file. Raises InvalidRequest where there is neither."""
        name = str(name_or_path)
        if name in SHIPPED:
            return _shipped(name)
        try:
            if Path(name).stat().st_size > MOST_BYTES:
                raise _refused(name, f"it has more than {MOST_BYTES:,} bytes")
            return cls.restore(Path(name).read_bytes(), name)
        except OSError as problem:
            raise InvalidRequest(
                f"there is no classifier {name} ({problem.strerror}); there are {', '.join(SHIPPED)}",
                "model",
            ) from None


class _Table:
    """Weights by place, without room for the places that have none; rows of it are taken like an array's."""

    def __init__(self, places: NDArray[np.int32], weights: NDArray[np.int8], width: int) -> None:
        self._weights = np.concatenate((weights, np.zeros((1, weights.shape[1]), np.int8)))
        self._at = np.full(width, len(weights), np.int32)
        self._at[places] = np.arange(len(places), dtype=np.int32)
        self.shape = (width, weights.shape[1])

    def __getitem__(self, places: NDArray[np.int32]) -> NDArray[np.int8]:
        found: NDArray[np.int8] = self._weights[self._at[places]]
        return found


@lru_cache(maxsize=len(SHIPPED))
def _shipped(name: str) -> Classifier:
    return Classifier.restore((resources.files("abax.mail.models") / f"{name}.npz").read_bytes(), name)


def _restored(parts: Mapping[str, NDArray[Any]]) -> Classifier:
    """The classifier that arrays make. Raises ValueError where they make none."""
    told = told_in(parts)
    recipe = Recipe(**told.recipe.model_dump())
    columns = 1 if len(told.labels) == 2 else len(told.labels)
    places = places_of(parts, recipe.width)
    compared = Compared.restored(parts, recipe.width, columns) if told.form == FORM_COMPARED else None
    return Classifier(
        told.name,
        told.labels,
        recipe,
        part(parts, "rarity", np.uint8, recipe.width),
        told.most_rare,
        places,
        part(parts, "weights", np.int8, len(places), columns),
        part(parts, "scales", np.float32, columns),
        part(parts, "offsets", np.float32, columns),
        told.temperature,
        _dense(parts, told.embedder, columns if compared is None else len(compared.coefficients)),
        told.known,
        compared,
    )


def _dense(parts: Mapping[str, NDArray[Any]], embedder: str, columns: int) -> Dense | None:
    """The part that looks at embeddings, where there is one."""
    if not embedder:
        return None
    centre = part(parts, "centre", np.float16, None)
    turn = part(parts, "turn", np.float16, len(centre), None)
    weights = part(parts, "dense", np.float16, turn.shape[1], columns)
    return Dense(embedder, *(one.astype(np.float32) for one in (centre, turn, weights)))


def _refused(origin: str, problem: str) -> InvalidRequest:
    return InvalidRequest(
        f"{origin} holds no classifier of this version ({problem}); train it again: abax mail train", "model"
    )


def shares_of(margins: NDArray[Any], temperature: float) -> NDArray[np.float32]:
    """The softmax of margins [texts, columns] over a temperature: [texts, labels].

    One column is the second of two labels; the first one's is its mirror.
    """
    both = np.concatenate((-margins, margins), axis=1) if margins.shape[1] == 1 else margins
    scaled = both / temperature
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    found: NDArray[np.float32] = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    return found
