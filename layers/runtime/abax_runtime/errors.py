"""Every error that the runtime raises on purpose. Each says what was wrong, where, and what to do about it.

::

    RuntimeFault
    ├── InvalidModel         truncated, corrupt or hostile file
    ├── AdapterMismatch      an adapter that was made for another base; both are named
    ├── ModelMissing         no file there, or no default model unpacked
    ├── ModelChanged         the weights were replaced while mapped
    ├── Unsupported          an architecture, tensor type, tokenizer or CPU that we do not run; named
    ├── NotEnoughMemory      how much is needed and how much there is
    ├── ContextOverflow      more tokens than the context holds
    ├── InvalidParameter     a request's own mistake; ``field`` names it
    │   └── InvalidSchema    a schema that no text can meet, or that is no schema
    └── DeadlinePassed       no time was left to begin
"""

from __future__ import annotations


class RuntimeFault(Exception):
    """The root."""

    @property
    def code(self) -> str:
        """The public name of this kind of error."""
        return type(self).__name__


class InvalidModel(RuntimeFault):
    """A model file that cannot be what it says it is."""


class AdapterMismatch(RuntimeFault):
    """An adapter that was made for another base than the one it is to be used with."""


class ModelMissing(RuntimeFault):
    """No model file where one was looked for."""


class ModelChanged(RuntimeFault):
    """The file behind mapped weights is no longer the one that was opened."""


class Unsupported(RuntimeFault):
    """An architecture, tensor type, tokenizer or CPU that the runtime does not know."""


class NotEnoughMemory(RuntimeFault):
    """A model or context that does not fit."""

    def __init__(self, what: str, needed: int, available: int) -> None:
        self.needed, self.available = needed, available
        super().__init__(
            f"{what} needs {needed / 2**20:,.0f} MiB and {available / 2**20:,.0f} MiB are available; "
            "take a smaller model or context, or a larger machine"
        )


class ContextOverflow(RuntimeFault):
    """More tokens than the context holds."""

    def __init__(self, needed: int, limit: int) -> None:
        self.needed, self.limit = needed, limit
        super().__init__(f"{needed} tokens do not fit a context of {limit}; shorten the prompt or raise it")


class InvalidParameter(RuntimeFault):
    """A request's own mistake."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field}: {problem}")


class InvalidSchema(InvalidParameter):
    """A schema that no text can meet, or that is no schema."""


class DeadlinePassed(RuntimeFault):
    """No time was left to begin."""
