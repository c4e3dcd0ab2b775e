"""Messages of prompts as templates: a small, sandboxed part of Jinja that can do nothing but fill in.

Allowed are output, ``if``, ``for`` over a declared list, comparisons and a few filters; no call, assignment,
import or attribute. So a rendering ends: loops go over declared lists alone, at most two deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from abax.errors import InvalidRequest, listed

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

FILTERS: Final = ("join", "length", "lower", "trim", "upper")
DEEPEST: Final = 2
"""Loops within loops."""
_NODES: Final = frozenset(
    {
        *("Template", "Output", "TemplateData", "Name", "Const", "If", "For", "Not", "And", "Or"),
        *("Compare", "Operand", "Filter", "Tuple", "List", "Keyword"),
    }
)


@dataclass(frozen=True)
class Template:
    """One message's content; where it holds no tag it is plain text, and Jinja is never loaded."""

    text: str

    @property
    def beginning(self) -> str:
        """The text before the first tag."""
        ends = [self.text.find(tag) for tag in ("{{", "{%", "{#")]
        return self.text[: min((end for end in ends if end >= 0), default=len(self.text))]

    @property
    def is_fixed(self) -> bool:
        """Whether it says the same whatever the variables are."""
        return self.beginning == self.text

    @property
    def names(self) -> set[str]:
        """The variables that it uses, without the names of its own loops. Raises InvalidRequest."""
        if self.is_fixed:
            return set()
        from jinja2 import meta

        return set(meta.find_undeclared_variables(self._tree))

    def check(self, fenced: set[str]) -> None:
        """Raises InvalidRequest for what no prompt may do: constructs that are not allowed, and a ``fenced``
        variable anywhere but by itself in ``{{ }}`` or as a condition."""
        if self.is_fixed:
            return
        for node in _walk(self._tree):
            if type(node).__name__ not in _NODES:
                raise InvalidRequest(f"a prompt may not use {type(node).__name__}", "messages")
        _check_filters(self._tree)
        _check_loops(self._tree)
        _check_fenced(self._tree, fenced)

    def render(self, variables: Mapping[str, Any]) -> str:
        """The content. Raises InvalidRequest where the template breaks on these values."""
        if self.is_fixed:
            return self.text
        from jinja2 import TemplateError

        try:
            return str(self._compiled(variables))
        except (TemplateError, TypeError) as error:
            raise InvalidRequest(f"a message cannot be written: {error}", "variables") from error

    @cached_property
    def _tree(self) -> nodes.Template:
        from jinja2 import TemplateSyntaxError

        try:
            return _environment().parse(self.text)
        except TemplateSyntaxError as error:
            raise InvalidRequest(f"line {error.lineno}: {error.message}", "messages") from error

    @cached_property
    def _compiled(self) -> Callable[[Mapping[str, Any]], str]:
        return _environment().from_string(self.text).render


def shown(value: Any) -> Any:
    """A value as text: a list as lines that begin with a dash, facts as ``name: value`` lines."""
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {' '.join(str(one).split())}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(f"- {' '.join(str(one).split())}" for one in value)
    return value


def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=shown
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _check_filters(tree: nodes.Template) -> None:
    from jinja2 import nodes

    if unknown := sorted({one.name for one in tree.find_all(nodes.Filter)} - set(FILTERS)):
        raise InvalidRequest(f"no filter {listed(unknown)}; there are {listed(FILTERS)}", "messages")


def _check_loops(node: nodes.Node, depth: int = 0) -> None:
    from jinja2 import nodes

    if isinstance(node, nodes.For):
        depth += 1
        if depth > DEEPEST or node.recursive or not isinstance(node.iter, nodes.Name):
            raise InvalidRequest(
                f"loops go over variables, at most {DEEPEST} deep, and not recursively", "messages"
            )
    for child in node.iter_child_nodes():
        _check_loops(child, depth)


def _check_fenced(tree: nodes.Template, fenced: set[str]) -> None:
    from jinja2 import nodes

    alone = {id(one) for output in tree.find_all(nodes.Output) for one in output.nodes}
    conditions = (condition.test for condition in tree.find_all(nodes.If))
    alone |= {id(one) for test in conditions for one in _walk(test) if not _in_filter(test, one)}
    for name in tree.find_all(nodes.Name):
        if name.name in fenced and id(name) not in alone:
            raise InvalidRequest(
                f"{name.name} is not trusted: it stands by itself in {{{{ }}}} or as a condition", "messages"
            )


def _in_filter(test: nodes.Node, node: nodes.Node) -> bool:
    """Conditions only ask whether there is something; what it says is none of theirs."""
    from jinja2 import nodes

    opaque = (one for one in _walk(test) if isinstance(one, nodes.Filter | nodes.Compare))
    return any(node is inner for one in opaque for inner in _walk(one))
