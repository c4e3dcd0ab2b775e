"""What the adapters on a folder promise beyond the contract."""

import contextlib
import errno
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.jobs import SqliteJobs
from abax.adapters.local.objects import FolderObjects
from abax.adapters.local.queue import SqliteQueue
from abax.adapters.local.secrets import FileSecrets, variable_of
from abax.errors import InvalidRequest, StorageFull
from abax.ports import JobState, PutBack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.adapters.test_contract import job

# --- objects


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a/..", "a\0b", "a\\..\\b"])
def test_a_key_cannot_lead_out_of_the_folder(tmp_path: Path, key: str) -> None:
    objects = FolderObjects(tmp_path / "objects")
    with pytest.raises(InvalidRequest, match="is no object key"):
        objects.put(key, b"x")
    with pytest.raises(InvalidRequest, match="is no object key"):
        objects.get(key)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.sampled_from("ab./\\~\0 "), min_size=1, max_size=30))
def test_whatever_the_key_nothing_is_written_outside(tmp_path: Path, key: str) -> None:
    objects = FolderObjects(tmp_path / "objects")
    with contextlib.suppress(InvalidRequest, OSError):
        objects.put(key, b"x")
    assert [path.name for path in tmp_path.iterdir()] in ([], ["objects"])


def test_an_object_whose_writing_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.put("kept", b"old")
    with pytest.raises(FileNotFoundError):
        objects.put_file("kept", tmp_path / "missing")
    assert objects.get("kept") == b"old"
    assert list(objects.keys("")) == ["kept"]
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_is_named_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = FolderObjects(tmp_path)
    objects.put("kept", b"old")

    def no_space(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", no_space)
    with pytest.raises(StorageFull, match=f"no space left in {tmp_path}"):
        objects.put("new", b"data")
    assert list(objects.keys("")) == ["kept"]


# --- jobs


def test_threads_that_race_with_one_token_get_one_job(tmp_path: Path) -> None:
    jobs = SqliteJobs(tmp_path / "abax.db")
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(jobs.create(job(n, "same")).job_id)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(jobs.recent()) == 1


def test_jobs_outlive_the_process(tmp_path: Path) -> None:
    SqliteJobs(tmp_path / "abax.db").create(job())
    SqliteJobs(tmp_path / "abax.db").update("job-1", state=JobState.RUNNING)
    assert SqliteJobs(tmp_path / "abax.db").get("job-1").state is JobState.RUNNING


# --- queue


def fail(message: object) -> None:
    raise RuntimeError("boom")


def test_a_message_that_fails_at_every_try_becomes_a_dead_letter(tmp_path: Path) -> None:
    given_up: list[object] = []
    queue = SqliteQueue(
        tmp_path / "q.db", "closes", max_tries=2, pause=0, on_dead=lambda *what: given_up.append(what)
    )
    queue.send({"n": 1})
    for _ in range(2):
        with pytest.raises(RuntimeError):
            queue.receive(fail)
    assert not queue.receive(fail)
    (letter,) = queue.dead()
    assert (letter.body, letter.tries, letter.reason) == ({"n": 1}, 2, "RuntimeError: boom")
    assert given_up == [({"n": 1}, "RuntimeError: boom")]


def test_a_dead_letter_can_be_sent_again(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "closes", max_tries=1, pause=0)
    queue.send({"n": 1})
    with pytest.raises(RuntimeError):
        queue.receive(fail)
    assert queue.redrive(lambda message: {**message, "again": True}) == 1
    seen: list[object] = []
    assert queue.receive(seen.append)
    assert seen == [{"n": 1, "again": True}]
    assert queue.dead() == []


def test_a_leased_message_is_not_handed_to_another(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "closes", lease=0.3)
    queue.send({"n": 1})
    others: list[bool] = []

    def slowly(message: object) -> None:
        time.sleep(0.7)  # longer than the lease, which its keeper renews
        others.append(SqliteQueue(tmp_path / "q.db", "closes").receive(fail))

    assert queue.receive(slowly)
    assert others == [False]
    assert queue.waiting() == 0


def test_the_message_of_a_dead_consumer_comes_back(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "closes")
    queue.send({"n": 1})
    code = (
        "import os, signal; from pathlib import Path; from abax.adapters.local.queue import SqliteQueue;"
        f"SqliteQueue(Path({str(tmp_path / 'q.db')!r}), 'closes')"
        ".receive(lambda m: os.kill(os.getpid(), signal.SIGKILL))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    seen: list[object] = []
    assert not queue.receive(seen.append)
    assert queue.release() == 1
    assert queue.receive(seen.append)
    assert seen == [{"n": 1}]


def test_a_message_that_kills_its_consumer_each_time_is_given_up(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "closes", max_tries=2, lease=0)
    queue.send({"n": 1})
    for _ in range(2):
        assert queue._take() is not None  # taken, and never heard of again
    assert queue.receive(fail)
    assert queue.dead()[0].reason == "its consumer died at every try"


def test_a_handler_told_to_stop_puts_the_message_back_untried(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "closes", max_tries=1)
    queue.send({"n": 1})

    def stop(message: object) -> None:
        raise PutBack

    assert queue.receive(stop)
    assert queue.receive(stop)
    assert queue.dead() == []
    assert queue.waiting() == 1


def test_queues_in_one_file_do_not_mix(tmp_path: Path) -> None:
    SqliteQueue(tmp_path / "q.db", "a").send({"n": 1})
    assert not SqliteQueue(tmp_path / "q.db", "b").receive(fail)


# --- secrets


def test_a_secret_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert variable_of("erp/main-eu") == "ABAX_SECRET_ERP_MAIN_EU"
    monkeypatch.setenv("ABAX_SECRET_ERP_MAIN_EU", "postgresql://u:p@h/db")
    assert FileSecrets(tmp_path / "s.json").get("erp/main-eu") == {"url": "postgresql://u:p@h/db"}
    monkeypatch.setenv("ABAX_SECRET_ERP_MAIN_EU", '{"url": "x", "erp": "odoo"}')
    assert FileSecrets(tmp_path / "s.json").get("erp/main-eu") == {"url": "x", "erp": "odoo"}
    monkeypatch.setenv("ABAX_SECRET_ERP_MAIN_EU", "{not json")
    with pytest.raises(InvalidRequest, match="is not JSON"):
        FileSecrets(tmp_path / "s.json").get("erp/main-eu")


def test_the_secrets_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path / "home" / "secrets.json")
    secrets.put("erp", {"url": "u"})
    secrets.put("other", {"url": "v"})
    assert secrets.path.stat().st_mode & 0o777 == 0o600
    assert secrets.names() == ["erp", "other"]
    secrets.path.chmod(0o644)
    with pytest.raises(InvalidRequest, match="chmod 600"):
        secrets.get("erp")


@pytest.mark.parametrize("content", ["{broken", '{"erp": "text"}', '{"erp": {"url": 1}}'])
def test_a_broken_secrets_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(InvalidRequest, match=r"secrets\.json"):
        FileSecrets(path).get("erp")


def test_a_secret_in_memory_is_never_written(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path / "secrets.json", {"url x": {"url": "sqlite:///x"}})
    assert secrets.get("url x") == {"url": "sqlite:///x"}
    secrets.put("erp", {"url": "u"})
    assert json.loads(secrets.path.read_text()) == {"erp": {"url": "u"}}


def test_several_messages_are_handled_together_and_only_those_that_failed_come_back(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "abax.db", "mail", max_tries=2, pause=0)
    for number in range(5):
        queue.send({"n": number})
    seen: list[list[int]] = []

    def odd_ones_fail(batch: list[Any]) -> dict[int, Exception]:
        seen.append([message["n"] for message in batch])
        return {place: ValueError("odd") for place, message in enumerate(batch) if message["n"] % 2}

    while queue.receive_many(odd_ones_fail, 3):
        pass
    assert seen == [[0, 1, 2], [1, 3, 4], [3]]
    assert [(letter.body["n"], letter.reason) for letter in queue.dead()] == [
        (1, "ValueError: odd"),
        (3, "ValueError: odd"),
    ]


def test_several_messages_that_are_put_back_wait_for_the_next_consumer(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "abax.db", "mail", max_tries=1)
    for number in range(2):
        queue.send({"n": number})

    def told_to_stop(batch: list[Any]) -> dict[int, Exception]:
        raise PutBack

    assert queue.receive_many(told_to_stop, 10) == 2
    assert queue.receive_many(lambda batch: {}, 10) == 2
    assert queue.receive_many(lambda batch: {}, 10) == 0


def test_what_breaks_at_several_messages_counts_for_each(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "abax.db", "mail", max_tries=1)
    for number in range(2):
        queue.send({"n": number})

    def broken(batch: list[Any]) -> dict[int, Exception]:
        raise ZeroDivisionError("deep")

    with pytest.raises(ZeroDivisionError):
        queue.receive_many(broken, 10)
    assert len(queue.dead()) == 2
