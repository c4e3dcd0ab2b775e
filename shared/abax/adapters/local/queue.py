"""A queue in SQLite, with leases, a limit of tries, and a dead-letter table."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abax.adapters.local.database import Database
from abax.ports import PutBack

Message = Mapping[str, Any]


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up on."""

    message_id: int
    body: dict[str, Any]
    tries: int
    reason: str
    died_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class _Taken:
    message_id: int
    body: dict[str, Any]
    tries: int
    """This one included."""


class SqliteQueue:
    """The Queue port on a SQLite file. A message being handled is leased, and the lease is renewed while its
    handler works, so that only a dead consumer's message comes back."""

    def __init__(
        self,
        path: Path,
        name: str,
        max_tries: int = 5,
        lease: float = 60.0,
        pause: float = 2.0,
        on_dead: Callable[[Message, str], None] = lambda message, reason: None,
        first: str = "",
    ) -> None:
        """``lease`` seconds until a dead consumer's message returns; ``pause`` times the tries so far before
        a failed one does; ``on_dead`` hears of each message that is given up, and why; messages whose
        ``task`` is ``first`` go before the others."""
        self._database = Database(path)
        self._name = name
        self._max_tries = max_tries
        self._lease = lease
        self._pause = pause
        self._on_dead = on_dead
        self._first = first

    def send(self, message: Message) -> None:
        """Enqueue one JSON message."""
        now = time.time()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO messages (queue, body, sent_at, visible_at) VALUES (?, ?, ?, ?)",
                (self._name, json.dumps(message), now, now),
            )

    def receive(self, handle: Callable[[Message], None]) -> bool:
        """Hand the next message to ``handle``; one whose last try fails becomes a dead letter, and the error
        is raised on either way."""
        taken = self._take()
        if taken is None:
            return False
        if taken.tries > self._max_tries:
            self._bury(taken, "its consumer died at every try")
            return True
        try:
            with self._leased(taken):
                handle(taken.body)
        except PutBack:
            self._put_back(taken)
            return True
        except Exception as error:
            self._failed(taken, f"{type(error).__name__}: {error}")
            raise
        self._delete(taken)
        return True

    def receive_many(self, handle: Callable[[list[Message]], Mapping[int, Exception]], most: int) -> int:
        """Hand up to ``most`` messages to ``handle`` together; how many there were. It gives back the error
        of each that failed, by its place: the others are gone. What it raises befalls them all."""
        taken = self._several(most)
        failed: Mapping[int, Exception] = {}
        try:
            with ExitStack() as leases:
                for one in taken:
                    leases.enter_context(self._leased(one))
                failed = handle([one.body for one in taken]) if taken else {}
        except PutBack:
            for one in taken:
                self._put_back(one)
            return len(taken)
        except Exception as error:
            for one in taken:
                self._failed(one, f"{type(error).__name__}: {error}")
            raise
        for place, one in enumerate(taken):
            if place in failed:
                self._failed(one, f"{type(failed[place]).__name__}: {failed[place]}")
            else:
                self._delete(one)
        return len(taken)

    def release(self) -> int:
        """Make every leased message available at once: for a consumer that starts and knows itself alone.
        Gives back how many."""
        with self._database.transaction() as connection:
            query = "UPDATE messages SET visible_at = 0 WHERE queue = ? AND tries > 0 AND visible_at > ?"
            return connection.execute(query, (self._name, time.time())).rowcount

    def waiting(self) -> int:
        """How many messages are in the queue, leased ones included."""
        with self._database.reading() as connection:
            query = "SELECT count(*) FROM messages WHERE queue = ?"
            return int(connection.execute(query, (self._name,)).fetchone()[0])

    def next_in(self) -> float | None:
        """Seconds until the next message may be had, 0 where one may be by now; None in an empty queue."""
        with self._database.reading() as connection:
            query = "SELECT min(visible_at) FROM messages WHERE queue = ?"
            at = connection.execute(query, (self._name,)).fetchone()[0]
        return None if at is None else max(0.0, float(at) - time.time())

    def dead(self) -> list[DeadLetter]:
        """The messages that were given up on, oldest first."""
        with self._database.reading() as connection:
            query = "SELECT * FROM dead_letters WHERE queue = ? ORDER BY message_id"
            return [
                DeadLetter(
                    row["message_id"], json.loads(row["body"]), row["tries"], row["reason"], row["died_at"]
                )
                for row in connection.execute(query, (self._name,))
            ]

    def redrive(self, renew: Callable[[Message], Message] = lambda message: message) -> int:
        """Send every dead letter again, as ``renew`` makes it; gives back how many."""
        letters = self.dead()
        for letter in letters:
            self.send(renew(letter.body))
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM dead_letters WHERE message_id = ?", (letter.message_id,))
        return len(letters)

    def _several(self, most: int) -> list[_Taken]:
        taken: list[_Taken] = []
        while len(taken) < most and (one := self._take()) is not None:
            if one.tries > self._max_tries:
                self._bury(one, "its consumer died at every try")
            else:
                taken.append(one)
        return taken

    def _take(self) -> _Taken | None:
        now = time.time()
        with self._database.transaction() as connection:
            row = self._oldest(connection, now)
            if row is None:
                return None
            tries = row["tries"] + 1
            connection.execute(
                "UPDATE messages SET visible_at = ?, tries = ? WHERE message_id = ?",
                (now + self._lease, tries, row["message_id"]),
            )
        return _Taken(row["message_id"], json.loads(row["body"]), tries)

    def _oldest(self, connection: sqlite3.Connection, now: float) -> sqlite3.Row | None:
        """The oldest message that may be had, of those that go first as long as there are any."""
        query = "SELECT * FROM messages WHERE queue = ? AND visible_at <= ? {} ORDER BY message_id LIMIT 1"
        found: sqlite3.Row | None = None
        if self._first:
            own = query.format("AND json_extract(body, '$.task') = ?")
            found = connection.execute(own, (self._name, now, self._first)).fetchone()
        return found or connection.execute(query.format(""), (self._name, now)).fetchone()

    @contextmanager
    def _leased(self, taken: _Taken) -> Iterator[None]:
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(taken, done), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _keep(self, taken: _Taken, done: threading.Event) -> None:
        while not done.wait(self._lease / 3):
            self._show_again(taken, self._lease)

    def _failed(self, taken: _Taken, reason: str) -> None:
        if taken.tries < self._max_tries:
            self._show_again(taken, self._pause * taken.tries)
        else:
            self._bury(taken, reason)

    def _put_back(self, taken: _Taken) -> None:
        with self._database.transaction() as connection:
            query = "UPDATE messages SET visible_at = 0, tries = tries - 1 WHERE message_id = ?"
            connection.execute(query, (taken.message_id,))

    def _show_again(self, taken: _Taken, seconds: float) -> None:
        with self._database.transaction() as connection:
            query = "UPDATE messages SET visible_at = ? WHERE message_id = ?"
            connection.execute(query, (time.time() + seconds, taken.message_id))

    def _bury(self, taken: _Taken, reason: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO dead_letters SELECT message_id, queue, body, sent_at, ?, tries, ? FROM messages"
                " WHERE message_id = ?",
                (time.time(), reason, taken.message_id),
            )
            connection.execute("DELETE FROM messages WHERE message_id = ?", (taken.message_id,))
        self._on_dead(taken.body, reason)

    def _delete(self, taken: _Taken) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM messages WHERE message_id = ?", (taken.message_id,))
