"""Jobs in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from abax.adapters.local.database import Database
from abax.errors import UnknownJob
from abax.ports import Job


class SqliteJobs:
    """The JobStore port on a SQLite file: one row per job, its document as JSON."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def create(self, job: Job) -> Job:
        """Keep a new job, or give back the one that has its client token."""
        with self._database.transaction() as connection:
            taken = connection.execute(
                "SELECT document FROM jobs WHERE client_token = ?", (job.client_token,)
            )
            if (row := taken.fetchone()) is not None:
                return _job(row)
            connection.execute(
                "INSERT INTO jobs (job_id, client_token, created_at, document) VALUES (?, ?, ?, ?)",
                (job.job_id, job.client_token, job.created_at.isoformat(), job.model_dump_json()),
            )
        return job

    def get(self, job_id: str) -> Job:
        """Raises UnknownJob."""
        with self._database.reading() as connection:
            return _read(connection, job_id)

    def update(self, job_id: str, **changes: Any) -> Job:
        """Change fields of an unfinished job. Raises UnknownJob."""
        with self._database.transaction() as connection:
            job = _read(connection, job_id)
            if job.state.finished:
                return job
            changed = job.model_copy(update={**changes, "updated_at": datetime.now(UTC)})
            document = changed.model_dump_json()
            connection.execute("UPDATE jobs SET document = ? WHERE job_id = ?", (document, job_id))
        return Job.model_validate_json(document)

    def recent(self, limit: int = 20, kind: str = "close") -> list[Job]:
        """The newest jobs of a kind, newest first."""
        with self._database.reading() as connection:
            query = (
                "SELECT document FROM jobs WHERE json_extract(document, '$.kind') = ? "
                "ORDER BY created_at DESC, job_id DESC LIMIT ?"
            )
            return [_job(row) for row in connection.execute(query, (kind, limit))]


def _read(connection: sqlite3.Connection, job_id: str) -> Job:
    row = connection.execute("SELECT document FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise UnknownJob(job_id)
    return _job(row)


def _job(row: sqlite3.Row) -> Job:
    return Job.model_validate_json(row["document"])
