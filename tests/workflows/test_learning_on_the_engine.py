"""An adapter learns on the whole application on one machine: labels, orders, a trainer's own process, the
guard, a shadow, a share, live; and back by itself."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.aws.objects import S3Objects
from abax.adapters.aws.queue import SqsQueue
from abax.adapters.aws.records import DynamoRecords
from abax.adapters.aws.session import forget_clients
from abax.adapters.scripted import ScriptedModel
from abax.compose import cloud_worker
from abax.errors import ModelFailed
from abax.learning.models import RollingModel
from abax.learning.registry import Registry, Status
from abax.ports import TextRequest
from abax.settings import WorkerSettings

from infra.local.engine import MODEL_VARIABLE, PARAMETERS, ROOT, LocalEngine
from tests.support.learning import label
from tests.support.models import small
from tests.workflows.tiny import eventually, states_entered

pytestmark = pytest.mark.timeout(900)

PATIENCE = 240

PRACTICE = {"corrections": 3, "answers": 6, "soon": 4, "look_seconds": 1, "share": 0.5}
NAME = "extract"


class House:
    """The engine, its stores as this process sees them, and a machine that trains."""

    def __init__(self, engine: LocalEngine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.objects = S3Objects(engine.resources["StorageBucket"], cache=folder / "cache")
        self.records = DynamoRecords(engine.resources["StorageRecordsTable"])
        self.registry = Registry(self.objects)
        self.queue = SqsQueue(engine.resources["LearningTrainings"])
        self.machine = engine.resources["LearningLearn"]

    def learn(self, **given: Any) -> str:
        """Start the state machine; the execution's ARN."""
        started = self.engine.client("stepfunctions").start_execution(
            stateMachineArn=self.machine, input=json.dumps({"name": NAME, "force": False, **given})
        )
        return str(started["executionArn"])

    def ended(self, arn: str) -> dict[str, Any] | None:
        execution: dict[str, Any] = self.engine.client("stepfunctions").describe_execution(executionArn=arn)
        return None if execution["status"] == "RUNNING" else execution

    def run(self) -> dict[str, Any]:
        """Start it and wait for its end."""
        arn = self.learn()
        return eventually(lambda: self.ended(arn), PATIENCE)

    def states(self, execution: dict[str, Any]) -> list[str]:
        return states_entered(self.engine, execution)

    @contextmanager
    def trainer(self, how: str) -> Iterator[list[str]]:
        """A machine of the house at the queue, ``abax train work``; what it did."""
        base = str(small().path)
        command = f"{sys.executable} -m tests.support.trainer {how} {base}"
        worker = cloud_worker(WorkerSettings(self.engine.resources["StorageBucket"], command))
        worker = type(worker)(self.objects, worker.trainer, self.queue, worker.tokens)
        done: list[str] = []
        stopping = threading.Event()

        def run() -> None:
            while not stopping.wait(0.2):
                if told := worker.next():
                    done.append(told)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield done
        finally:
            stopping.set()
            thread.join()

    def model(self, wrong: Sequence[str] = ()) -> RollingModel:
        """What documents are read with; versions in ``wrong`` give no answer."""

        def make(paths: Sequence[Path]) -> Any:
            return Reader([path.stem for path in paths], wrong)

        return RollingModel(make, self.registry, self.records, self.folder / "adapters", refresh=0.0)


class Reader(ScriptedModel):
    """Answers each request with the same, but for versions that break."""

    def __init__(self, labels: Sequence[str], wrong: Sequence[str]) -> None:
        super().__init__([("", '{"number": "1"}')], adapters=[NAME, *labels])
        self.wrong = wrong

    def generate_all(self, requests: Sequence[TextRequest], deadline: float | None = None) -> Any:
        """As told."""
        made = super().generate_all(requests, deadline)
        return [
            ModelFailed("it broke") if request.adapter in self.wrong else one
            for request, one in zip(requests, made, strict=True)
        ]

    def close(self) -> None:
        """Nothing is held."""


def read_documents(model: RollingModel, count: int, prefix: str) -> list[str]:
    """Read so many documents; which version answered each."""
    requests = [
        TextRequest([{"role": "user", "content": f"{prefix}{number}"}], schema={}, adapter=NAME)
        for number in range(count)
    ]
    return [one.adapter if not isinstance(one, Exception) else "none" for one in model.generate_all(requests)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    patch = pytest.MonkeyPatch()
    patch.setenv(MODEL_VARIABLE, str(small().path))
    patch.setenv("PYTHONPATH", os.pathsep.join(map(str, (ROOT, ROOT / "shared", ROOT / "layers/runtime"))))
    folder = tmp_path_factory.mktemp("house")
    patch.chdir(folder)
    parameters = {**PARAMETERS, "Trainer": "queue", "LearningPractice": json.dumps(PRACTICE)}
    with LocalEngine(parameters=parameters, logs=folder / "logs") as engine:
        for name, value in engine.environment().items():
            patch.setenv(name, value)
        forget_clients()
        yield House(engine, folder)
    forget_clients()
    patch.undo()


def test_corrections_train_a_version_that_goes_live_by_shadow_and_share(house: House) -> None:
    idle = house.run()
    assert house.states(idle) == ["Status", "Due", "NotNow"]
    for number in range(3):
        label(house.objects, house.records, number, corrected=True)
    arn, model = house.learn(), house.model()
    with house.trainer("better") as done:
        eventually(lambda: house.registry.book(NAME).trial, PATIENCE)
    assert [told.split(" is ")[1] for told in done] == ["done", "done"]
    entry = house.registry.book(NAME).get(1)
    assert entry.lineage.note == "3 documents" and entry.lineage.base_sha256 == ()
    assert entry.decision is not None and entry.decision.evaluations[0].candidate == 1.0
    assert set(read_documents(model, 8, "shadow ")) == {NAME}  # what ships answers, the shadow is not heard
    eventually(lambda: house.registry.book(NAME).get(1).status is Status.SHARE, PATIENCE)
    assert set(read_documents(model, 40, "share ")) == {NAME, "extract@1"}
    eventually(lambda: house.registry.book(NAME).live, PATIENCE)
    assert set(read_documents(model, 8, "live ")) == {"extract@1"}
    ended = eventually(lambda: house.ended(arn), PATIENCE)
    assert ended["status"] == "SUCCEEDED"
    passed = [name for name in house.states(ended) if name in ("Judge", "Shadow", "Share", "Live", "Learnt")]
    assert passed == ["Judge", "Shadow", "Share", "Live", "Learnt"]


def test_what_was_learnt_from_is_not_due_again(house: House) -> None:
    again = house.run()
    assert house.states(again) == ["Status", "Due", "NotNow"]


def test_a_version_that_breaks_in_its_share_is_rolled_back_by_itself(house: House) -> None:
    arn = house.learn(force=True)
    with house.trainer("better"):
        eventually(lambda: house.registry.book(NAME).trial, PATIENCE)
    read_documents(house.model(), 8, "second shadow ")
    eventually(lambda: house.registry.book(NAME).get(2).status is Status.SHARE, PATIENCE)
    heard = read_documents(house.model(wrong=["extract@2"]), 40, "second share ")
    assert set(heard) == {"extract@1"}  # nobody goes without an answer
    ended = eventually(lambda: house.ended(arn), PATIENCE)
    assert ended["status"] == "SUCCEEDED" and house.states(ended)[-1] == "RolledBack"
    book = house.registry.book(NAME)
    assert book.live is not None and book.live.version == 1
    assert book.get(2).status is Status.ROLLED_BACK and "failed" in book.get(2).history[-1].why
    assert set(read_documents(house.model(), 8, "after ")) == {"extract@1"}


def test_a_version_that_the_guard_refuses_answers_nobody(house: House) -> None:
    arn = house.learn(force=True)
    with house.trainer("worse"):
        ended = eventually(lambda: house.ended(arn), PATIENCE)
    assert ended["status"] == "SUCCEEDED" and house.states(ended)[-1] == "Refused"
    refused = house.registry.book(NAME).get(3)
    assert refused.status is Status.REFUSED and refused.decision is not None
    assert refused.decision.against == 1 and "worse on receipts" in refused.decision.reasons[0]


def test_a_training_that_fails_says_why_and_the_next_one_is_due_again(house: House) -> None:
    arn = house.learn(force=True)
    with house.trainer("broken") as done:
        ended = eventually(lambda: house.ended(arn), PATIENCE)
    assert ended["status"] == "FAILED" and ended["error"] == "TrainingFailed"
    assert "no memory left for 12 GB" in ended["cause"] and "failed" in done[0]
    status = house.engine.invoke("train_adapters", {"step": "status", "name": NAME, "force": True}).value
    assert status["way"] == "queue" and status["order"]


def test_the_schedule_starts_the_machine_for_each_adapter(house: House) -> None:
    for number in range(10, 13):
        label(house.objects, house.records, number, corrected=False)
    assert house.engine.fire("abax-local-learn_write") == 1
    machines = house.engine.client("stepfunctions")

    def found() -> dict[str, Any] | None:
        runs = machines.list_executions(stateMachineArn=house.machine)["executions"]
        described = [machines.describe_execution(executionArn=one["executionArn"]) for one in runs]
        return next(
            (one for one in described if '"write"' in one["input"] and one["status"] != "RUNNING"), None
        )

    ended = eventually(found, PATIENCE)
    assert (ended["status"], house.states(ended)) == ("SUCCEEDED", ["Status", "Due", "NotNow"])
