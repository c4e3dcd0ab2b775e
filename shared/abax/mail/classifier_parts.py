"""What a classifier's file is made of, held against itself: what is given fits together, and all of it is
numbers. A file of another version is refused, not half understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationError, field_validator

from abax.mail.contracts import Model
from abax.mail.features import LONGEST_WORD

FORM: Final = 1
"""The form of files that this version writes and reads."""
FORM_COMPARED: Final = 2
"""That of files whose classifier compares texts with its examples."""

LARGEST: Final = 1e6
"""No trained number comes near it; from far larger ones sums overflow."""

Parts = Mapping[str, NDArray[Any]]
"""A file's arrays by name."""


class Features(Model):
    """A recipe as files tell it. One of another version has other fields."""

    run: Annotated[int, Field(ge=1, le=8)]
    shortest: Annotated[int, Field(ge=1, le=LONGEST_WORD + 2)]
    longest: Annotated[int, Field(ge=1, le=LONGEST_WORD + 2)]
    piece_share: Annotated[float, Field(ge=0, le=1)]
    trait_share: Annotated[float, Field(ge=0, le=100)]
    buckets: Annotated[int, Field(ge=1, le=1 << 22)]

    @field_validator("buckets")
    @classmethod
    def _is_power(cls, buckets: int) -> int:
        if buckets & (buckets - 1):
            raise ValueError(f"{buckets} is no power of two")
        return buckets


class Told(Model):
    """What a file tells beside its arrays."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    form: int
    name: str
    labels: Annotated[tuple[str, ...], Field(min_length=2)]
    recipe: Features
    most_rare: Annotated[float, Field(ge=0, le=100)]
    temperature: Annotated[float, Field(ge=1e-3, le=1e3)]
    known: dict[str, Any]
    embedder: str = ""

    @field_validator("form")
    @classmethod
    def _is_ours(cls, form: int) -> int:
        if form not in (FORM, FORM_COMPARED):
            raise ValueError(
                f"it is of form {form}, and this version reads form {FORM} and form {FORM_COMPARED}"
            )
        return form

    @field_validator("labels")
    @classmethod
    def _are_different(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(labels)) < len(labels):
            raise ValueError("a label stands there twice")
        return labels

    @field_validator("known")
    @classmethod
    def _has_cut(cls, known: dict[str, Any]) -> dict[str, Any]:
        cut = known.get("cut", 0.5)
        if not (isinstance(cut, float | int) and 0 <= cut <= 1):
            raise ValueError("cut is no share")
        return known


def told_in(parts: Parts) -> Told:
    """What a file tells of itself. Raises ValueError where this version cannot use it."""
    try:
        return Told.model_validate_json(part(parts, "told", np.uint8, None).tobytes())
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def places_of(parts: Parts, width: int, name: str = "places") -> NDArray[np.int32]:
    """The places that have weights, ascending. Raises ValueError where the recipe has no such places."""
    places = part(parts, name, np.int32, None)
    if len(places) and (places[0] < 0 or places[-1] >= width or (places[1:] <= places[:-1]).any()):
        raise ValueError(f"its places are no ascending numbers below {width}")
    return places


def part(parts: Parts, name: str, kind: type[np.generic], *shape: int | None) -> NDArray[Any]:
    """An array of a kind and a shape, None for any length, no number of it beyond all bounds. Raises
    ValueError."""
    found = parts.get(name)
    if found is None:
        raise ValueError(f"it has no {name}")
    fits = len(found.shape) == len(shape) and all(
        wanted in (None, length) for length, wanted in zip(found.shape, shape, strict=True)
    )
    if found.dtype != kind or not fits:
        raise ValueError(f"its {name} do not fit: they are {found.dtype} {found.shape}")
    if found.dtype.kind == "f" and not (np.abs(found.astype(np.float64)) <= LARGEST).all():
        raise ValueError(f"its {name} are not all numbers that a training gives")
    return found
