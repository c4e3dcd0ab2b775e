"""The templates give each function what it does and no more, and keep what must be kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.settings import (
    ApiSettings,
    DocumentSettings,
    DocumentStarterSettings,
    ForecastSettings,
    LearningSettings,
    MailOutSettings,
    MailSettings,
    Settings,
    StarterSettings,
    StepSettings,
    TextSettings,
)

from infra.local.engine import ROOT
from infra.local.template import children, load, read

APPLICATION = load(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = APPLICATION.template["Resources"]
FUNCTIONS = {code.name: logical_id for logical_id, code in APPLICATION.functions.items()}

PREFIXES = {
    "extract_erp": {
        "GetObject": {"ledger/*", "jobs/*", "closes/*/done.json"},
        "PutObject": {"ledger/*", "jobs/*"},
    },
    "build_statements": {
        "GetObject": {"ledger/*", "jobs/*", "closes/*", "groups/*"},
        "PutObject": {"jobs/*", "closes/*", "groups/*"},
    },
    "forecast_metrics": {"GetObject": {"jobs/*", "closes/*"}, "PutObject": {"closes/*"}},
    "render_report": {
        "GetObject": {"ledger/*", "jobs/*", "closes/*", "groups/*"},
        "PutObject": {"closes/*", "groups/*"},
    },
    "generate_text": {
        "GetObject": {"jobs/*", "models/*", "adapters/*", "texts/*", "closes/*"},
        "PutObject": {"texts/*", "closes/*"},
    },
    "serve_api": {
        "GetObject": {
            *("ledger/*", "jobs/*", "closes/*", "groups/*", "texts/*"),
            *("documents/*", "inbox/*", "mail/*", "mails/*", "cashflows/*", "forecasts/*"),
        },
        "PutObject": {
            *("texts/*", "documents/uploads/*", "inbox/uploads/*"),
            *("mail/uploads/*", "mails/raw/*", "mails/replies/*"),
            *("mails/*/triage.json", "mails/*/ticket.json", "labels/mail/*"),
            *("cashflows/*", "forecasts/*"),
        },
    },
    "start_document": {"GetObject": {"inbox/*"}, "PutObject": {"documents/uploads/*"}},
    "process_document": {
        "GetObject": {"documents/*", "jobs/*", "ledger/*", "closes/*", "adapters/*"},
        "PutObject": {"documents/*", "jobs/*", "labels/*"},
    },
    "process_mail": {
        "GetObject": {"mail/*", "mails/*", "jobs/*", "closes/*", "models/*", "adapters/*"},
        "PutObject": {"mails/*", "documents/uploads/*"},
    },
    "deliver_mail": {"GetObject": {"mails/*"}, "PutObject": {"mail/imap/*"}},
    "train_adapters": {
        "GetObject": {"labels/*", "adapters/*", "learning/*"},
        "PutObject": {"adapters/*", "learning/*"},
    },
    "start_close": {"GetObject": set(), "PutObject": set()},
}


SETTINGS: dict[str, type[Settings]] = {
    "forecast_metrics": ForecastSettings,
    "serve_api": ApiSettings,
    "start_close": StarterSettings,
    "start_document": DocumentStarterSettings,
    "process_document": DocumentSettings,
    "generate_text": TextSettings,
    "process_mail": MailSettings,
    "deliver_mail": MailOutSettings,
    "train_adapters": LearningSettings,
}
"""Of those that read more than steps of a close do."""


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(role: str) -> Iterator[dict[str, Any]]:
    """The policy statements written for a role, AWS's managed ones left out."""
    properties = RESOURCES[role]["Properties"]
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    for arn in properties.get("ManagedPolicyArns", []):
        if isinstance(arn, dict) and "Ref" in arn:
            documents.append(RESOURCES[arn["Ref"]]["Properties"]["PolicyDocument"])
    for document in documents:
        yield from listed(document["Statement"])


def tail(resource: Any) -> str:
    """The last literal piece of an ARN."""
    if isinstance(resource, str):
        return resource
    parts = resource.get("Fn::Join", ["", [""]])[1]
    return parts[-1] if isinstance(parts[-1], str) else ""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_reaches_just_its_prefixes(function: str) -> None:
    for action, wanted in PREFIXES[function].items():
        found = {
            tail(resource).removeprefix("/")
            for statement in statements(FUNCTIONS[function] + "Role")
            if f"s3:{action}" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        assert found == wanted


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_action_is_a_wildcard_and_no_table_or_bucket_is(function: str) -> None:
    for statement in statements(FUNCTIONS[function] + "Role"):
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        for resource in listed(statement["Resource"]):
            assert resource != "*"
            assert ":table/*" not in str(resource) and ":::*" not in str(resource)


def test_connections_are_read_by_extract_erp_and_a_model_s_key_by_those_that_ask_it_alone() -> None:
    readers = {
        function: [tail(resource) for resource in listed(statement["Resource"])]
        for function, logical_id in FUNCTIONS.items()
        for statement in statements(logical_id + "Role")
        if any(action.startswith("secretsmanager:") for action in listed(statement["Action"]))
    }
    key = [":secret:abax/text/*"]
    assert readers == {
        "extract_erp": [":secret:abax/*"],
        **dict.fromkeys(("generate_text", "process_document", "process_mail"), key),
        "deliver_mail": [":secret:abax/mail/*"],
    }


def test_only_the_api_and_the_state_machine_call_the_function_that_writes() -> None:
    callers = {
        role
        for role, body in RESOURCES.items()
        if body["Type"] == "AWS::IAM::Role"
        for statement in statements(role)
        if "lambda:InvokeFunction" in listed(statement["Action"])
        and "GenerateText" in str(statement["Resource"])
    }
    assert callers == {"ApiServeApiRole", "WorkflowsFinancialCloseRole"}


def test_only_those_who_take_orders_start_state_machines() -> None:
    starters = {
        function
        for function, logical_id in FUNCTIONS.items()
        for statement in statements(logical_id + "Role")
        if "states:StartExecution" in listed(statement["Action"])
    }
    assert starters == {"serve_api", "start_close", "start_document", "process_mail"}


def test_of_the_state_machines_that_of_groups_alone_starts_closes_and_no_others() -> None:
    starts = {
        role: statement["Resource"]
        for role, body in RESOURCES.items()
        if body["Type"] == "AWS::IAM::Role" and "states.amazonaws.com" in str(body)
        for statement in statements(role)
        if "states:StartExecution" in listed(statement["Action"])
    }
    assert starts == {"WorkflowsGroupCloseRole": {"Ref": "WorkflowsFinancialClose"}}


def test_functions_get_the_variables_that_their_settings_read() -> None:
    for function, logical_id in FUNCTIONS.items():
        settings = SETTINGS.get(function, StepSettings)
        given = RESOURCES[logical_id]["Properties"]["Environment"]["Variables"]
        ours = {name for name in given if name.startswith("ABAX_")}
        assert ours == set(settings.variables().values()), function


@pytest.mark.parametrize("logical_id", FUNCTIONS.values())
def test_functions_run_python_3_12_traced_on_the_chosen_architecture(logical_id: str) -> None:
    properties = RESOURCES[logical_id]["Properties"]
    assert properties["Runtime"] == "python3.12" and properties["Handler"] == "app.handler"
    assert properties["Architectures"] == [{"Ref": "Architecture"}]
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert properties["LoggingConfig"]["LogGroup"]["Ref"] in RESOURCES


def test_logs_are_not_kept_for_ever() -> None:
    groups = [body for body in RESOURCES.values() if body["Type"] == "AWS::Logs::LogGroup"]
    assert groups and all(
        body["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"} for body in groups
    )


def test_data_outlives_its_stack() -> None:
    for name in ("StorageBucket", "StorageJobsTable", "StorageRecordsTable"):
        assert RESOURCES[name]["DeletionPolicy"] == RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_every_queue_but_a_dead_letter_queue_has_one() -> None:
    queues = {
        name: body["Properties"] for name, body in RESOURCES.items() if body["Type"] == "AWS::SQS::Queue"
    }
    targets = {
        body["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for body in queues.values()
        if "RedrivePolicy" in body
    }
    assert targets and {name for name, body in queues.items() if "RedrivePolicy" not in body} == targets


def test_the_queue_hides_a_message_six_times_as_long_as_its_function_may_take() -> None:
    for function, queue in (
        ("start_close", "QueuesCloses"),
        ("generate_text", "QueuesTexts"),
        ("start_document", "QueuesDocuments"),
        ("process_mail", "QueuesMail"),
        ("deliver_mail", "QueuesMailOuts"),
    ):
        timeout = RESOURCES[FUNCTIONS[function]]["Properties"]["Timeout"]
        assert RESOURCES[queue]["Properties"]["VisibilityTimeout"] >= 6 * timeout


def test_every_dead_letter_queue_and_function_is_watched() -> None:
    alarms = str(read(ROOT / "infra/observability.yaml"))
    for watched in (
        "DeadCloses",
        "DeadTexts",
        "DeadDocuments",
        "DeadMail",
        "DeadMailOuts",
        "DeadTrainings",
        "FailedLearning",
        "ExecutionsFailed",
    ):
        assert watched in alarms
    assert {name for name in FUNCTIONS if f"-{name}" in alarms} == FUNCTIONS.keys()


def test_the_api_asks_everyone_for_a_token() -> None:
    api = read(ROOT / "infra/api.yaml")["Resources"]["HttpApi"]["Properties"]
    assert api["Auth"]["DefaultAuthorizer"] in api["Auth"]["Authorizers"]
    assert "NONE" not in (ROOT / "infra/api.yaml").read_text()


def test_the_schedule_is_off_until_someone_turns_it_on() -> None:
    assert read(ROOT / "template.yaml")["Parameters"]["ScheduleState"]["Default"] == "DISABLED"


def test_no_credential_can_be_passed_to_the_stack() -> None:
    parameters = " ".join(read(ROOT / "template.yaml")["Parameters"]).lower()
    assert not re.search("password|secret|token|key", parameters)


def test_the_root_template_stays_short() -> None:
    assert len((ROOT / "template.yaml").read_text().splitlines()) < 240


def test_every_stage_passes_parameters_that_exist() -> None:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text())
    known = read(ROOT / "template.yaml")["Parameters"]
    required = {name for name, body in known.items() if "Default" not in body}
    assert configuration["default"]["build"]["parameters"]["cached"] is False
    for stage in ("dev", "staging", "prod"):
        passed = {
            pair.split("=")[0] for pair in configuration[stage]["deploy"]["parameters"]["parameter_overrides"]
        }
        assert required <= passed <= known.keys()


def pins(path: Path) -> dict[str, str]:
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    found = (re.fullmatch(r"([\w.-]+)==(\S+)", line) for line in lines if line and not line.startswith("-"))
    return {match[1].lower().replace("_", "-"): match[2] for match in found if match}


@pytest.mark.parametrize(
    "path", [*ROOT.glob("functions/*/requirements.txt"), ROOT / "shared/requirements.txt"]
)
def test_what_is_deployed_is_pinned_to_what_is_tested(path: Path) -> None:
    tested = pins(ROOT / "constraints.txt")
    deployed = pins(path)
    wanted = [line for line in path.read_text().splitlines() if line and line[0] not in "#-"]
    assert len(wanted) == len(deployed)
    assert {name: tested.get(name) for name in deployed} == deployed
    assert not deployed.keys() & {"boto3", "botocore"}


def test_nested_templates_are_all_part_of_the_root() -> None:
    used = {
        node["TemplateURL"]
        for node in children(read(ROOT / "template.yaml"))
        if isinstance(node, dict) and "TemplateURL" in node
    }
    assert used == {f"infra/{path.name}" for path in (ROOT / "infra").glob("*.yaml")}
