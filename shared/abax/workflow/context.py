"""The ports that the workflow and its edges work through, bundled; ``abax.compose`` fills them in."""

from __future__ import annotations

from dataclasses import dataclass

from abax.ports import JobStore, ObjectStore, SecretStore, Workflow


@dataclass(frozen=True)
class CloseContext:
    """What the steps of a close need."""

    objects: ObjectStore
    jobs: JobStore
    secrets: SecretStore


@dataclass(frozen=True)
class Services:
    """What an edge that takes orders (HTTP, queue, command line) needs."""

    objects: ObjectStore
    jobs: JobStore
    workflow: Workflow
