"""Reading a template, and folding its nested stacks into one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.engine import ROOT
from infra.local.template import CLOUD_ONLY, TemplateError, children, load, read, references

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\n"


def write(path: Path, text: str) -> Path:
    path.write_text(HEAD + text)
    return path


@pytest.fixture
def nested(tmp_path: Path) -> dict[str, Any]:
    """A parent of two stacks, the second of which gets an output of the first."""
    write(
        tmp_path / "store.yaml",
        """
Parameters: {Stage: {Type: String}, Size: {Type: String, Default: small}}
Conditions: {IsSmall: !Equals [!Ref Size, small]}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Condition: IsSmall
    DependsOn: Queue
    Properties: {BucketName: !Sub "${Stage}-${Size}-${AWS::Region}-${Queue.QueueName}-${!kept}"}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: !If [IsSmall, 1, !Ref AWS::NoValue]}
Outputs:
  Bucket: {Value: !Ref Bucket}
  Arn: {Value: !GetAtt Queue.Arn}
""",
    )
    write(
        tmp_path / "use.yaml",
        """
Parameters: {Bucket: {Type: String}, Queue: {Type: String}}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Ref Bucket, DisplayName: !Sub ["${Name} of ${Bucket}", {Name: !Ref Queue}]}
Outputs: {Topic: {Value: !Ref Topic}}
""",
    )
    root = write(
        tmp_path / "root.yaml",
        """
Parameters: {Stage: {Type: String}}
Resources:
  Use:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: use.yaml
      Parameters: {Bucket: !GetAtt Store.Outputs.Bucket, Queue: !GetAtt Store.Outputs.Arn}
  Store:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: store.yaml, Parameters: {Stage: !Ref Stage}}
Outputs: {Topic: {Value: !GetAtt Use.Outputs.Topic}}
""",
    )
    return load(root).template


def test_nested_resources_carry_their_stack_s_name(nested: dict[str, Any]) -> None:
    assert nested["Resources"].keys() == {"StoreBucket", "StoreQueue", "UseTopic"}
    assert nested["Resources"]["StoreBucket"]["DependsOn"] == ["StoreQueue"]


def test_parameters_are_replaced_by_what_the_parent_passes(nested: dict[str, Any]) -> None:
    topic = nested["Resources"]["UseTopic"]["Properties"]
    assert topic["TopicName"] == {"Ref": "StoreBucket"}
    arn = {"Fn::GetAtt": ["StoreQueue", "Arn"]}
    assert topic["DisplayName"] == {"Fn::Join": ["", [arn, " of ", {"Ref": "StoreBucket"}]]}
    assert nested["Outputs"]["Topic"]["Value"] == {"Ref": "UseTopic"}


def test_substitutions_become_joins(nested: dict[str, Any]) -> None:
    name = nested["Resources"]["StoreBucket"]["Properties"]["BucketName"]
    queue_name = {"Fn::GetAtt": ["StoreQueue", "QueueName"]}
    parts = [{"Ref": "Stage"}, "-", "small", "-", {"Ref": "AWS::Region"}, "-", queue_name, "-", "${kept}"]
    assert name == {"Fn::Join": ["", parts]}


def test_conditions_are_renamed_where_they_are_used(nested: dict[str, Any]) -> None:
    assert nested["Conditions"] == {"StoreIsSmall": {"Fn::Equals": ["small", "small"]}}
    assert nested["Resources"]["StoreBucket"]["Condition"] == "StoreIsSmall"
    delay = nested["Resources"]["StoreQueue"]["Properties"]["DelaySeconds"]
    assert delay == {"Fn::If": ["StoreIsSmall", 1, {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize(
    ("use", "complaint"),
    [
        ("Parameters: {Bucket: b}", "is not given Queue"),
        ("Parameters: {Bucket: b, Queue: !GetAtt Store.Outputs.Nothing}", "no output Nothing"),
    ],
)
def test_mistakes_between_stacks_are_named(
    nested: dict[str, Any], tmp_path: Path, use: str, complaint: str
) -> None:
    stacks = f"""
Resources:
  Store:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: store.yaml, Parameters: {{Stage: x}}}}
  Use: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: use.yaml, {use}}}}}
"""
    with pytest.raises(TemplateError, match=complaint):
        load(write(tmp_path / "wrong.yaml", stacks))


def test_what_only_the_cloud_has_is_left_out_with_the_outputs_that_name_it(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.yaml",
        """
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {Dimensions: [{Name: QueueName, Value: !Ref Queue}]}}
Outputs: {Alarm: {Value: !Ref Alarm}, Queue: {Value: !Ref Queue}}
""",
    )
    template = load(path).template
    assert (template["Resources"].keys(), template["Outputs"].keys()) == ({"Queue"}, {"Queue"})


def test_needing_what_only_the_cloud_has_is_an_error(tmp_path: Path) -> None:
    topic = "Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Alarm}}"
    path = write(tmp_path / "t.yaml", f"Resources:\n  Alarm: {{Type: AWS::CloudWatch::Alarm}}\n  {topic}\n")
    with pytest.raises(TemplateError, match="Topic needs Alarm"):
        load(path)


def test_an_unfilled_placeholder_of_a_state_machine_is_named(tmp_path: Path) -> None:
    machine = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: "${Missing}", End: true}}}
      DefinitionSubstitutions: {Other: value}
"""
    with pytest.raises(TemplateError, match="not given Missing"):
        load(write(tmp_path / "t.yaml", machine))


def test_a_template_that_sam_refuses_is_an_error_with_its_reason(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}\n",
    )
    with pytest.raises(TemplateError, match=r"\[F\]"):
        load(path)


def test_the_application_has_its_functions_with_the_shared_layer_and_two_with_the_model() -> None:
    functions = load(ROOT / "template.yaml").functions.values()
    assert {code.name for code in functions} == {path.name for path in (ROOT / "functions").iterdir()}
    both = (ROOT / "shared", ROOT / "layers" / "runtime")
    assert {code.name: code.layers for code in functions} == {
        code.name: both if code.name in ("generate_text", "process_mail") else both[:1] for code in functions
    }


def test_the_application_folds_without_dangling_references() -> None:
    template = load(ROOT / "template.yaml").template
    known = template["Resources"].keys() | template["Parameters"].keys()
    for name, body in template["Resources"].items():
        dangling = {ref for ref in references(body) if not ref.startswith("AWS::")} - known
        assert not dangling, name
    assert "Fn::Sub" not in json.dumps(template)


def test_only_types_in_use_are_listed_as_cloud_only() -> None:
    used = {
        node["Type"]
        for path in [ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")]
        for node in children(read(path))
        if isinstance(node, dict) and str(node.get("Type", "")).startswith("AWS::")
    }
    made_by_sam = {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Stage",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
    }
    assert used | made_by_sam >= CLOUD_ONLY
