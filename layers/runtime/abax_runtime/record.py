"""Named tuples that cost nothing to declare.

``typing.NamedTuple`` writes and compiles source code for each class, about 0.3 ms of it, and its module takes
several more to import; the first token of a cold function would wait for both. At run time ``Record`` is this
module's: fields in the order of the annotations, defaults, keywords, ``_fields``, ``_asdict``, ``_replace``;
a class that has ``_validated`` gets each instance checked by it. To a type checker it is ``NamedTuple``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Self
    from typing import NamedTuple as Record
else:
    from _collections import _tuplegetter as getter

    class _Declared(type):
        """Turns the annotations of a class into the fields of a tuple."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> type:
            fields = tuple(space.get("__annotations__", ()))
            if bases != (tuple,):
                space["_fields"] = fields
                space["_field_defaults"] = {field: space[field] for field in fields if field in space}
                space.update((field, getter(at, None)) for at, field in enumerate(fields))
            return super().__new__(cls, name, bases, {"__slots__": (), **space})

    class Record(tuple, metaclass=_Declared):
        """What a declared class inherits."""

        def __new__(cls, *given: Any, **named: Any) -> Self:
            missing = len(cls._fields) - len(given)
            if named or missing < 0 or missing > len(cls._field_defaults):
                given = _completed(cls, given, named)
            elif missing:
                given += tuple(cls._field_defaults.values())[-missing:]
            made = tuple.__new__(cls, given)
            if hasattr(cls, "_validated"):
                made._validated()
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changed: Any) -> Self:
            return type(self)(**(self._asdict() | changed))

        @classmethod
        def _make(cls, values: Iterable[Any]) -> Self:
            return cls(*values)

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            inner = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({inner})"

    def _completed(cls: type[Record], given: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """The values of all fields: by place, by name, by default."""
        values = {**cls._field_defaults, **named}
        try:
            made = [*given, *(values[name] for name in cls._fields[len(given) :])]
        except KeyError:
            made = []
        if len(made) != len(cls._fields) or not named.keys() <= set(cls._fields[len(given) :]):
            raise TypeError(
                f"{cls.__name__} has the fields {', '.join(cls._fields)}; given were {len(given)} by place, "
                f"and by name {', '.join(named) or 'none'}"
            )
        return made


__all__ = ["TYPE_CHECKING", "Record"]
