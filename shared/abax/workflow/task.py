"""One step's work for one job of a close: what it is given, and where its outputs lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from abax.errors import InvalidRequest
from abax.ports import Job, ObjectStore, SecretStore
from abax.workflow import jobs
from abax.workflow.context import CloseContext
from abax.workflow.request import CloseRequest

if TYPE_CHECKING:
    from abax.erp import Source

_SETTING: Final = "set."


@dataclass(frozen=True)
class Task:
    """One step's work for one job."""

    context: CloseContext
    job: Job
    progress: jobs.Progress
    event: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> CloseRequest:
        """What the user asked for."""
        return jobs.requested(self.job)

    @property
    def objects(self) -> ObjectStore:
        """Where inputs and outputs lie."""
        return self.context.objects

    @property
    def source(self) -> AbstractContextManager[Source]:
        """The source that the request is about, open for reading."""
        return opened_source(self.context.secrets, self.request)

    def put_json(self, key: str, body: str) -> None:
        """Keep an output."""
        self.objects.put(key, body.encode(), "application/json")


@contextmanager
def opened_source(secrets: SecretStore, request: CloseRequest) -> Iterator[Source]:
    """The source that a request is about, open for reading. Raises UnknownSecret, InvalidRequest and any
    SourceError."""
    from abax.erp import open_source

    secret = secrets.get(request.secret)
    if not secret.get("url"):
        raise InvalidRequest(f"secret {request.secret!r} has no url", "secret")
    settings = {**settings_in(secret), **request.settings}
    with open_source(secret["url"], request.erp or secret.get("erp"), settings) as source:
        yield source


def settings_in(secret: Mapping[str, str]) -> dict[str, str]:
    """What a connection chooses of its source: the fields ``set.<setting>``."""
    return {
        field.removeprefix(_SETTING): value for field, value in secret.items() if field.startswith(_SETTING)
    }
