"""The SAM template made ready for one machine: read, translated offline, its nested stacks folded into one.

::

    template.yaml ─┐                                                        ┌─► functions: folders, layers
    infra/*.yaml ──┼─► read ─► point at local code ─► SAM transform ─► fold ┤
    *.asl.json ────┘                                                        └─► one CloudFormation template

The folded template holds only plain references, ``Fn::Join`` among them in place of ``Fn::Sub``, so that what
provisions it needs to understand little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

REGION: Final = "eu-central-1"

LOCAL_CODE: Final = "local-code"
"""The made-up bucket whose keys are paths on this machine."""

IMAGE: Final = "Dockerfile"
"""The key of a function's metadata that says that it is a container image: here it runs from its folder."""

LIBRARY: Final = "shared"
"""The folder in an image's build context that its Dockerfile copies beside the function."""

IMAGE_RUNTIME: Final = "python3.12"

CLOUD_ONLY: Final = frozenset(
    {
        "AWS::ApiGatewayV2::Api",  # the gateway stands in
        "AWS::ApiGatewayV2::Stage",
        "AWS::CloudWatch::Alarm",
        "AWS::Lambda::LayerVersion",  # on the functions' path instead
        "AWS::Lambda::Permission",
        "AWS::S3::BucketPolicy",
        "AWS::SES::ReceiptRule",  # mail comes from elsewhere
        "AWS::SES::ReceiptRuleSet",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)
"""Resource types that change nothing of what one machine can show."""

_STACK: Final = "AWS::CloudFormation::Stack"

Node = Any
"""A piece of a template: mapping, list or scalar."""


class TemplateError(ValueError):
    """The template asks for something that cannot be done here; the message says what and where."""


@dataclass(frozen=True)
class FunctionCode:
    """Where a function's code lies."""

    folder: Path
    layers: tuple[Path, ...]

    @property
    def is_image(self) -> bool:
        """Whether it is a container image, whose packages nobody put beside it."""
        return (self.folder / IMAGE).is_file()

    @property
    def name(self) -> str:
        """Its folder's name, which ``sam build`` turns from ``serve_api`` into ``ServeApi``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.folder.name).lower()


@dataclass(frozen=True)
class Application:
    """A whole SAM application as one CloudFormation template and the code beside it."""

    template: dict[str, Node]
    functions: dict[str, FunctionCode] = field(default_factory=dict)
    """By the function's logical id in ``template``."""


def load(path: Path) -> Application:
    """The application whose root template is ``path``.

    A resource of the nested stack ``Storage`` goes by ``Storage`` and its own logical id.

    Raises:
        TemplateError: something in it has no meaning on one machine.
    """
    template = _stack(path.resolve())
    layers = {name: _code(resource, "Content") for name, resource in _of_type(template, "LayerVersion")}
    functions = {}
    for name, resource in _of_type(template, "Function"):
        used = resource["Properties"].pop("Layers", [])
        own = tuple(layers[layer["Ref"]] for layer in used if "Ref" in layer)
        functions[name] = FunctionCode(_code(resource, "Code"), own or _copied(resource))
        resource["Properties"]["Code"] = {"ZipFile": "# runs from its folder"}
    return Application(_without_cloud_only(template), functions)


def read(path: Path) -> dict[str, Node]:
    """A template file with its intrinsics in their long form (``!Ref x`` as ``{"Ref": "x"}``)."""
    content = yaml.load(path.read_text(), _TemplateLoader)  # noqa: S506 (a SafeLoader with tags)
    return dict(content)


def children(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in values:
        yield from children(value)


def references(node: Node) -> set[str]:
    """The logical ids and parameters that a folded node refers to."""
    return {
        inner["Ref"] if "Ref" in inner else inner["Fn::GetAtt"][0]
        for inner in children(node)
        if isinstance(inner, dict) and inner.keys() & {"Ref", "Fn::GetAtt"}
    }


# --- reading --------------------------------------------------------------------------------------------


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short intrinsics."""


def _intrinsic(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, Node]:
    value: Node
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _intrinsic)


def _translated(path: Path) -> dict[str, Node]:
    """The template at ``path`` as plain CloudFormation, its code pointing into LOCAL_CODE."""
    template = read(path)
    if "Transform" not in template:
        return template
    for resource in template["Resources"].values():
        _localize(resource, path.parent)
    return _sam(template)


def _localize(resource: dict[str, Node], base: Path) -> None:
    """Replace paths on this machine, which the transform refuses, by what it accepts."""
    properties = resource.get("Properties", {})
    if properties.get("PackageType") == "Image":
        _unpack(resource, base)
    for key in ("CodeUri", "ContentUri"):
        if isinstance(properties.get(key), str):
            properties[key] = f"s3://{LOCAL_CODE}{(base / properties[key]).resolve()}"
    if isinstance(properties.get("DefinitionUri"), str):
        properties["Definition"] = json.loads((base / properties.pop("DefinitionUri")).read_text())


def _unpack(resource: dict[str, Node], base: Path) -> None:
    """Make of a container image a function in its Dockerfile's folder: what it installs, this Python has."""
    properties, metadata = resource["Properties"], resource["Metadata"]
    context = _context_of(metadata, base.resolve())
    for key in ("PackageType", "ImageUri"):
        properties.pop(key, None)
    [handler] = properties.pop("ImageConfig")["Command"]
    folder = (context / metadata[IMAGE]).parent
    properties |= {"CodeUri": str(folder), "Handler": handler, "Runtime": IMAGE_RUNTIME}
    resource["Metadata"] = {"Library": str(context / LIBRARY)}


def _context_of(metadata: Mapping[str, Node], base: Path) -> Path:
    """The folder that an image is built from; beside a built template there is none, but above it."""
    given = (base / str(metadata["DockerContext"])).resolve()
    for folder in (given, *base.parents):
        if (folder / str(metadata[IMAGE])).is_file():
            return folder
    raise TemplateError(f"there is no {metadata[IMAGE]} in {given}")


def _sam(template: dict[str, Node]) -> dict[str, Node]:
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    translator = Translator({}, Parser(), boto_session=boto3.session.Session(region_name=REGION))
    try:
        return dict(translator.translate(template, {}))
    except InvalidDocumentException as error:
        raise TemplateError("; ".join(cause.message for cause in error.causes)) from error
    finally:
        translator.metrics.publish()


# --- folding --------------------------------------------------------------------------------------------


def _stack(path: Path) -> dict[str, Node]:
    """The template at ``path`` with every nested stack folded in."""
    template = _plain(_translated(path))
    outputs: dict[str, dict[str, Node]] = {}
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == _STACK:
            child = _stack((path.parent / resource["Properties"]["TemplateURL"]).resolve())
            del template["Resources"][name]
            outputs[name] = _absorb(template, name, child, resource["Properties"].get("Parameters", {}))
    return dict(_rewritten(template, lambda node: _output(node, outputs)))


def _absorb(
    parent: dict[str, Node], prefix: str, child: dict[str, Node], arguments: Mapping[str, Node]
) -> dict[str, Node]:
    """Move a nested stack's resources and conditions into ``parent``; gives back its outputs' values."""
    parameters = {
        name: arguments.get(name, declared.get("Default"))
        for name, declared in child.get("Parameters", {}).items()
    }
    missing = [name for name, value in parameters.items() if value is None]
    if missing:
        raise TemplateError(f"nested stack {prefix} is not given {', '.join(missing)}")
    scope = _Scope(prefix, parameters, frozenset(child["Resources"]), frozenset(child.get("Conditions", {})))
    for section in ("Resources", "Conditions"):
        for name, body in child.get(section, {}).items():
            parent.setdefault(section, {})[prefix + name] = _rewritten(body, scope.rewrite)
    declared_outputs = child.get("Outputs", {})
    return {name: _rewritten(output["Value"], scope.rewrite) for name, output in declared_outputs.items()}


@dataclass(frozen=True)
class _Scope:
    """What names mean inside a nested stack, in its parent's terms."""

    prefix: str
    parameters: Mapping[str, Node]
    resources: frozenset[str]
    conditions: frozenset[str]

    def rewrite(self, node: dict[str, Node]) -> Node:
        """One mapping of the nested stack, renamed."""
        if "Ref" in node:
            name = node["Ref"]
            return self.parameters[name] if name in self.parameters else {"Ref": self._named(name)}
        if "Fn::GetAtt" in node:
            name, attribute = node["Fn::GetAtt"]
            return {"Fn::GetAtt": [self._named(name), attribute]}
        if "Fn::If" in node:
            condition, *branches = node["Fn::If"]
            return {"Fn::If": [self.prefix + condition, *branches]}
        if isinstance(node.get("Condition"), str) and node["Condition"] in self.conditions:
            node = {**node, "Condition": self.prefix + node["Condition"]}
        if "DependsOn" in node:
            node = {**node, "DependsOn": [self._named(name) for name in _listed(node["DependsOn"])]}
        return node

    def _named(self, name: str) -> str:
        return self.prefix + name if name in self.resources else name


def _output(node: dict[str, Node], outputs: Mapping[str, Mapping[str, Node]]) -> Node:
    """``!GetAtt Stack.Outputs.X`` as what X stands for; everything else as it is."""
    attribute = node.get("Fn::GetAtt")
    if not attribute or attribute[0] not in outputs:
        return node
    stack, name = attribute[0], attribute[1].removeprefix("Outputs.")
    if name not in outputs[stack]:
        raise TemplateError(f"nested stack {stack} has no output {name}")
    return _rewritten(outputs[stack][name], lambda inner: _output(inner, outputs))


def _rewritten(node: Node, change: Callable[[dict[str, Node]], Node]) -> Node:
    """A copy of the tree in which every mapping went through ``change``, innermost first."""
    if isinstance(node, list):
        return [_rewritten(value, change) for value in node]
    if isinstance(node, dict):
        return change({key: _rewritten(value, change) for key, value in node.items()})
    return node


# --- substitutions --------------------------------------------------------------------------------------

_PLACEHOLDER: Final = re.compile(r"\$\{(!?[^}]+)\}")


def _plain(template: dict[str, Node]) -> dict[str, Node]:
    """The template without ``Fn::Sub`` and without substitutions inside state machine definitions."""
    plain: dict[str, Node] = _rewritten(template, _joined_sub)
    for _, resource in _of_type(plain, "StateMachine"):
        properties = resource["Properties"]
        values = properties.pop("DefinitionSubstitutions", {})
        properties["DefinitionString"] = _filled(properties["DefinitionString"], values)
    return plain


def _joined_sub(node: dict[str, Node]) -> Node:
    if "Fn::Sub" not in node:
        return node
    text, values = node["Fn::Sub"] if isinstance(node["Fn::Sub"], list) else (node["Fn::Sub"], {})
    return _joined(text, lambda name: values.get(name, _reference(name)))


def _reference(name: str) -> Node:
    if name.startswith("!"):
        return "${" + name[1:] + "}"
    resource, _, attribute = name.partition(".")
    return {"Fn::GetAtt": [resource, attribute]} if attribute else {"Ref": resource}


def _filled(definition: Node, values: Mapping[str, Node]) -> Node:
    """A state machine's definition (text, or lines to be joined) with its placeholders filled."""
    text = definition if isinstance(definition, str) else "\n".join(definition["Fn::Join"][1])
    unknown = {name for name in _PLACEHOLDER.findall(text) if name not in values}
    if unknown:
        raise TemplateError(f"the state machine is not given {', '.join(sorted(unknown))}")
    return _joined(text, lambda name: values[name])


def _joined(text: str, value: Callable[[str], Node]) -> Node:
    """``text`` with each ``${name}`` replaced by ``value(name)``."""
    parts = _PLACEHOLDER.split(text)
    filled = [value(part) if index % 2 else part for index, part in enumerate(parts)]
    filled = [part for part in filled if part != ""]
    return "".join(filled) if all(isinstance(part, str) for part in filled) else {"Fn::Join": ["", filled]}


# --- leaving out ----------------------------------------------------------------------------------------


def _without_cloud_only(template: dict[str, Node]) -> dict[str, Node]:
    """The template less the types of CLOUD_ONLY, and less the outputs that name them."""
    kept = {name: body for name, body in template["Resources"].items() if body["Type"] not in CLOUD_ONLY}
    dropped = template["Resources"].keys() - kept.keys()
    for name, body in kept.items():
        lost = references(body) & dropped
        if lost:
            raise TemplateError(f"{name} needs {', '.join(sorted(lost))}, which only the cloud has")
        if "DependsOn" in body:
            body["DependsOn"] = [other for other in _listed(body["DependsOn"]) if other in kept]
    outputs = {
        name: body for name, body in template.get("Outputs", {}).items() if not references(body) & dropped
    }
    return {**template, "Resources": kept, "Outputs": outputs}


def _of_type(template: Mapping[str, Node], kind: str) -> Iterator[tuple[str, dict[str, Node]]]:
    """Resources whose type ends in ``::kind``, with their logical ids."""
    for name, resource in template["Resources"].items():
        if resource["Type"].endswith(f"::{kind}"):
            yield name, resource


def _code(resource: Mapping[str, Node], key: str) -> Path:
    """The folder behind a function's or layer's location in LOCAL_CODE."""
    location = resource["Properties"][key]
    if location.get("S3Bucket") != LOCAL_CODE:
        raise TemplateError(f"code must lie in a folder beside the template, not in {location}")
    return Path("/" + location["S3Key"].lstrip("/"))


def _copied(resource: Mapping[str, Node]) -> tuple[Path, ...]:
    """The library that lies beside the function in its image."""
    library = resource.get("Metadata", {}).get("Library")
    return (Path(library),) if library else ()


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
