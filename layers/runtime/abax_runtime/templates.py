"""Chat templates from files that nobody has checked: Jinja in a sandbox, with limits on work and size.

The dialect is that of Hugging Face's ``apply_chat_template``: blocks trimmed, ``raise_exception``,
``strftime_now``, ``tojson`` without escapes, ``break`` and ``continue``, and a ``generation`` block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Final

from jinja2 import TemplateError, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError
from jinja2.ext import Extension, LoopControlExtension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from abax_runtime.errors import InvalidModel, InvalidParameter

STEPS: Final = 200_000
"""Turns of loops, calls and filters in one rendering."""

SIZE: Final = 1 << 24
"""Characters of a prompt, and of any text on the way to it."""

WIDTHS: Final = {
    "batch",
    "center",
    "expandtabs",
    "indent",
    "ljust",
    "rjust",
    "round",
    "slice",
    "wordwrap",
    "zfill",
}
WIDEST: Final = 10_000
"""Functions and filters that take a width or a count, and how much that may be."""

BROKEN: Final = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an expression of a template raises when the messages are not as it expects."""


class _Refused(TemplateRuntimeError):
    """The template's own ``raise_exception``."""


class Sandboxed:
    """A template, compiled once."""

    def __init__(self, text: str) -> None:
        environment = _Environment()
        try:
            tree = _Limits().visit(environment.parse(text))
            self._code = environment.compile(tree)
        except TemplateSyntaxError as error:
            raise InvalidModel(f"tokenizer.chat_template, line {error.lineno}: {error.message}") from error
        except (TemplateError, RecursionError) as error:
            raise InvalidModel(f"tokenizer.chat_template: {error}") from error

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text. Raises InvalidParameter and InvalidModel, as ``ChatTemplate.render`` says."""
        environment = _Environment()
        template = Template.from_code(environment, self._code, environment.globals)
        try:
            return "".join(environment.limited(template.generate(dict(variables))))
        except (SecurityError, OverflowError, RecursionError, MemoryError) as error:
            raise InvalidModel(f"tokenizer.chat_template: {error or type(error).__name__}") from error
        except _Refused as error:
            raise InvalidParameter("messages", str(error.message)) from error
        except BROKEN as error:
            raise InvalidParameter("messages", f"the chat template cannot write them: {error}") from error


class _Environment(ImmutableSandboxedEnvironment):
    """For one rendering: it counts what was done."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # nothing of a template is computed before the limits apply
            extensions=[_Generation, LoopControlExtension],
        )
        self.steps = self.size = 0
        self.globals |= {"raise_exception": _raise_exception, "strftime_now": _strftime_now}
        self.globals.pop("lipsum")
        self.filters["tojson"] = _tojson
        self.filters = {name: self._guarded(name, function) for name, function in self.filters.items()}

    def limited(self, items: Iterable[Any]) -> Iterator[Any]:
        """What a loop goes through, or the parts of the text."""
        for item in items:
            self.step()
            if isinstance(item, str):
                self.size += len(item)
                self.check(self.size)
            yield item

    def bounded(self, text: Any) -> Any:
        """A text that was put together, if it is not too long."""
        if isinstance(text, str):
            self.check(len(text))
        return text

    def step(self) -> None:
        """Count one."""
        self.steps += 1
        if self.steps > STEPS:
            raise SecurityError(f"takes more than {STEPS:,} steps")

    def check(self, size: int) -> None:
        """Refuse what would be longer than any prompt."""
        if size > SIZE:
            raise SecurityError(f"makes a text of more than {SIZE:,} characters")

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Every call in a template."""
        owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)  # str.format comes wrapped
        values = (owner, *args) if isinstance(owner, str) else args
        self._check_arguments(getattr(obj, "__name__", ""), values, kwargs)
        return self.bounded(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Operators that can make much of little."""
        self.step()
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" and not (numbers and abs(left) < 1 << 32 and abs(right) < 64):
            raise SecurityError("computes with numbers that no prompt has")
        if operator == "%" and isinstance(left, str):
            _check_widths(left)
        if operator in "+*" and not numbers:
            sizes = _extent(left), _extent(right)
            self.check(sum(sizes) if operator == "+" else sizes[0] * sizes[1])
        return self.bounded(super().call_binop(context, operator, left, right))

    def _guarded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def filter(*args: Any, **kwargs: Any) -> Any:
            self._check_arguments(name, args, kwargs)
            return self.bounded(function(*args, **kwargs))

        return filter

    def _check_arguments(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Before a function or filter: no width or count beyond reason, no text that grows too much."""
        self.step()
        values = (*args, *kwargs.values())
        if name in WIDTHS and any(isinstance(value, int | float) and abs(value) > WIDEST for value in values):
            raise SecurityError(f"calls {name} with a number that no prompt has")
        texts = [value for value in values if isinstance(value, str)]
        if name == "replace" and len(texts) > 2:
            self.check(texts[0].count(texts[1]) * len(texts[2]))
        elif name == "format" and texts:
            _check_widths(texts[0])
        elif name == "join" and texts:
            longest = max(map(_extent, args))
            self.check(len(texts[0]) * longest)


def _extent(value: Any) -> int:
    """How long something is, or how often it repeats what it is multiplied with."""
    if isinstance(value, int):
        return abs(value)
    try:
        return len(value)
    except TypeError:
        return 1


def _check_widths(pattern: str) -> None:
    if re.search(r"\d{8}|\*", pattern):
        raise SecurityError("formats to widths that no prompt has")


class _Limits(NodeTransformer):
    """Puts the environment's limits around every loop and every joining of texts."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by Jinja
        """``for x in xs`` becomes ``for x in limited(xs)``."""
        if node.recursive:
            raise TemplateSyntaxError("recursive loops are not supported", node.lineno)
        self.generic_visit(node)
        node.iter = _around("limited", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """``a ~ b`` becomes ``bounded(a ~ b)``."""
        self.generic_visit(node)
        return _around("bounded", node)


def _around(limit: str, node: nodes.Node) -> nodes.Call:
    function = nodes.EnvironmentAttribute(limit, lineno=node.lineno)
    return nodes.Call(function, [node], [], None, None, lineno=node.lineno)


class _Generation(Extension):
    """``{% generation %}…{% endgeneration %}`` marks what a model said, for training; here it is nothing."""

    tags = {"generation"}  # noqa: RUF012 - as the base class has it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The block's content."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _raise_exception(message: str) -> None:
    raise _Refused(str(message))


def _strftime_now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(pattern)


def _tojson(value: Any, ensure_ascii: bool = False, **how: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, **how)
