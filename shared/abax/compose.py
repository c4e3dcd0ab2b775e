"""Picks a side: AWS for functions, a folder for the edge. The only importer of both kinds of adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abax.settings import StarterSettings, StepSettings
from abax.workflow.context import CloseContext, Services

if TYPE_CHECKING:
    from abax.adapters.local.queue import SqliteQueue
    from abax.adapters.local.secrets import FileSecrets


def cloud_context(settings: StepSettings) -> CloseContext:
    """What the functions behind the state machine work with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.secrets import ManagedSecrets

    return CloseContext(S3Objects(settings.bucket), DynamoJobs(settings.jobs_table), ManagedSecrets())


def cloud_services(settings: StarterSettings) -> Services:
    """What the functions that take orders work with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.workflow import StateMachine

    return Services(
        S3Objects(settings.bucket),
        DynamoJobs(settings.jobs_table),
        StateMachine(settings.close_state_machine),
    )


@dataclass(frozen=True)
class Edge:
    """Everything on one folder: ``objects/``, ``abax.db`` with jobs and queue, ``secrets.json``."""

    home: Path
    context: CloseContext
    services: Services
    secrets: FileSecrets
    queue: SqliteQueue


def edge(
    home: Path,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
    on_dead: Callable[[Mapping[str, Any], str], None] = lambda message, reason: None,
) -> Edge:
    """Edge mode in ``home``; ``secrets`` adds some that live in memory only, ``on_dead`` hears of messages
    that the queue gives up."""
    from abax.adapters.local.jobs import SqliteJobs
    from abax.adapters.local.objects import FolderObjects
    from abax.adapters.local.queue import SqliteQueue
    from abax.adapters.local.secrets import FileSecrets
    from abax.adapters.local.workflow import QueueWorkflow

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = home / "abax.db"
    objects, jobs = FolderObjects(home / "objects"), SqliteJobs(database)
    kept = FileSecrets(home / "secrets.json", secrets)
    queue = SqliteQueue(database, "closes", on_dead=on_dead)
    services = Services(objects, jobs, QueueWorkflow(queue))
    return Edge(home, CloseContext(objects, jobs, kept), services, kept, queue)
