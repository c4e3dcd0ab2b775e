"""Prompts from messages: templates of real models, the short cut for ChatML, and templates that mean harm."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from abax_runtime.chat import CHATML, SMOLLM_CHATML, ChatTemplate, load_chat_template
from abax_runtime.errors import InvalidModel, InvalidParameter
from abax_runtime.gguf import open_gguf
from abax_runtime.tokenizer import load_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from tests.support.models import default_model, tokenizer_metadata  # noqa: F401

USER = [{"role": "user", "content": "Hello"}]
TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": " Hi. "},
    {"role": "user", "content": "Bye"},
]

ROLES = ("system", "user", "assistant", "tool")
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(ROLES), "content": st.text()}),
    min_size=1,
    max_size=6,
)

LLAMA3 = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    "+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
)
QWEN = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "<|im_end|>\\n" }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if message.role == "user" %}
        {%- set ns.last = index %}
        {%- break %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content %}
    {%- if '</think>' in content %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {%- if loop.last %}
        {%- generation %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
        {%- endgeneration %}
    {%- else %}
        {{- '<|im_start|>' ~ message.role ~ '\\n' ~ content ~ '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}


def render(template: str, messages: list[dict[str, Any]] = USER, **variables: Any) -> str:
    return ChatTemplate(template, TOKENS).render(messages, **variables)


class TestTemplatesOfModels:
    def test_llama_3(self) -> None:
        assert render(LLAMA3, TALK) == (
            "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nHi.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n"
        )

    def test_mistral(self) -> None:
        assert render(MISTRAL, TALK[1:]) == "<s>[INST] Hello [/INST] Hi. </s>[INST] Bye [/INST]"

    def test_what_the_template_refuses_is_an_error_in_its_own_words(self) -> None:
        with pytest.raises(InvalidParameter, match="roles must alternate") as caught:
            render(MISTRAL, TALK)
        assert caught.value.field == "messages"

    def test_qwen_3_with_tools_and_without_thought(self) -> None:
        talk = [*TALK[1:2], {"role": "assistant", "content": "<think>\nno\n</think>\n\nHi."}]
        tools = [{"name": "größe", "parameters": {"a": 1}}]
        assert render(QWEN, talk, tools=tools, enable_thinking=False) == (
            '<|im_start|>system\n\n{"name": "größe", "parameters": {"a": 1}}<|im_end|>\n'
            "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi.<|im_end|>\n"
            "<|im_start|>assistant\n<think>\n\n</think>\n\n"
        )

    def test_blocks_are_trimmed_as_their_authors_expect(self) -> None:
        assert render("  {% if true %}\nyes\n  {% endif %}\n") == "yes\n"

    def test_the_date_can_be_said(self) -> None:
        assert render("{{ strftime_now('%Y') }}") >= "2025"

    def test_messages_are_not_changed(self) -> None:
        with pytest.raises(InvalidModel):
            render("{% set _ = messages.append({'role': 'user', 'content': 'x'}) %}")
        assert len(USER) == 1


class TestChatML:
    @pytest.mark.parametrize("template", [CHATML, SMOLLM_CHATML, CHATML.replace("\n", "\\n")])
    @settings(max_examples=50, deadline=None)
    @given(messages=MESSAGES, open_answer=st.booleans())
    def test_the_short_cut_writes_what_the_template_writes(
        self, template: str, messages: list[dict[str, str]], open_answer: bool
    ) -> None:
        plainly = Environment(trim_blocks=True, lstrip_blocks=True).from_string(template)
        expected = plainly.render(messages=messages, add_generation_prompt=open_answer)
        quickly = ChatTemplate(template)
        assert quickly.render(messages, add_generation_prompt=open_answer) == expected
        given = {"messages": messages, "add_generation_prompt": open_answer}
        assert quickly._sandboxed.render(given) == expected

    def test_a_file_without_a_template_speaks_chatml(self) -> None:
        metadata = tokenizer_metadata("pieces")
        template = load_chat_template(metadata, load_tokenizer(metadata))
        assert template.render(USER) == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
        assert template.render(USER, add_generation_prompt=False) == "<|im_start|>user\nHello<|im_end|>\n"

    def test_the_default_model_needs_no_jinja(self, default_model: Path) -> None:  # noqa: F811
        code = f"""if True:
            import sys
            from abax_runtime.chat import load_chat_template
            from abax_runtime.gguf import open_gguf
            from abax_runtime.tokenizer import load_tokenizer
            metadata = open_gguf({str(default_model)!r}).metadata
            tokenizer = load_tokenizer(metadata)
            prompt = load_chat_template(metadata, tokenizer).render([{{"role": "user", "content": "Hi"}}])
            tokenizer.encode(prompt, special=True)
            print(prompt)
            print(sorted({{"jinja2", "tokenizers", "sentencepiece", "numpy"}} & sys.modules.keys()))
        """
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout == (
            "<|im_start|>system\n"
            "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n\n[]\n"
        )

    def test_names_of_tokens_come_from_the_file(self, default_model: Path) -> None:  # noqa: F811
        with open_gguf(default_model) as file:
            metadata = {**file.metadata, "tokenizer.chat_template": "{{ bos_token }}|{{ eos_token }}"}
            template = load_chat_template(metadata, load_tokenizer(metadata))
            assert template.render(USER) == "<|im_start|>|<|im_end|>"


class TestWrongMessages:
    @pytest.mark.parametrize("template", [CHATML, LLAMA3])
    @pytest.mark.parametrize(
        ("messages", "field"),
        [
            ([], "messages"),
            ([{"role": "user"}], "messages[0].content"),
            ([*USER, {"content": "x"}], "messages[1].role"),
            ([{"role": "user", "content": None}], "messages[0].content"),
            ([{"role": 7, "content": "x"}], "messages[0].role"),
        ],
    )
    def test_the_field_is_named(self, template: str, messages: list[dict[str, Any]], field: str) -> None:
        with pytest.raises(InvalidParameter) as caught:
            render(template, messages)
        assert caught.value.field == field

    def test_messages_that_do_not_suit_the_template_are_an_error(self) -> None:
        with pytest.raises(InvalidParameter, match="cannot write them"):
            render("{{ messages[5]['content']['deep'] }}")


class TestWrongTemplates:
    @pytest.mark.parametrize(
        "template", ["{% for %}", "{{ 1 + }}", "{% nonsense %}", "{{ x|nonsense }}", "{% if"]
    )
    def test_a_broken_template_is_named(self, template: str) -> None:
        with pytest.raises(InvalidModel, match="chat_template"):
            render(template)

    @pytest.mark.parametrize("text", [7, "x" * (1 << 21)])
    def test_something_else_than_a_template_is_refused(self, text: Any) -> None:
        metadata = tokenizer_metadata("bytes") | {"tokenizer.chat_template": text}
        with pytest.raises(InvalidModel, match="chat_template"):
            load_chat_template(metadata, load_tokenizer(metadata))

    @pytest.mark.parametrize(
        "template",
        [
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ messages.__class__ }}{{ messages.__init__.__globals__ }}",
            "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
            "{{ raise_exception.__globals__ }}",
            "{{ self.__init__.__globals__ }}",
            "{{ ''|attr('__class__')|attr('__mro__') }}",
            "{{ '{0.__class__.__mro__}'.format('') }}",
            "{{ strftime_now.__globals__['json'] }}",
            "{% include '/etc/passwd' %}",
            "{% import 'os' as os %}{{ os }}",
            "{{ lipsum.__globals__ }}",
        ],
    )
    def test_nothing_outside_can_be_reached(self, template: str) -> None:
        try:
            written = render(template)
        except (InvalidModel, InvalidParameter):
            return
        assert not any(name in written for name in ("root:", "uid=", "class '", "builtins", "<module"))

    @pytest.mark.parametrize(
        "template",
        [
            "{% for a in range(1000000000) %}{% endfor %}",
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "{% for a in range(99999) %}{{ '0123456789' * 100 }}{% endfor %}",
            "{{ 'a' * 10000000000 }}",
            "{{ [1] * 10000000000 }}",
            "{{ 10 ** 10 ** 10 }}",
            "{{ 9 ** 99999999 }}",
            "{{ '%1000000000d' % 1 }}",
            "{{ '%*d' % (1000000000, 1) }}",
            "{{ '%1000000000d'|format(1) }}",
            "{{ '{:>1000000000}'.format(1) }}",
            "{{ 'a'|center(1000000000) }}",
            "{{ 'a'.ljust(1000000000) }}",
            "{{ 'a'.zfill(1000000000) }}",
            "{{ 'a\n'|indent(1000000000) }}",
            "{{ [1]|slice(1000000000)|list }}",
            "{{ 1.5|round(1000000000, 'ceil') }}",
            *(
                "{% set ns = namespace(s='a', l=[1]) %}{% for a in range(60) %}{% set "
                + growth
                + " %}{% endfor %}"
                for growth in (
                    "ns.s = ns.s ~ ns.s",
                    "ns.s = ns.s + ns.s",
                    "ns.l = ns.l + ns.l",
                    "ns.s = ns.s.replace('a', 'aaaa')",
                    "ns.s = ns.s|replace('a', 'aaaa')",
                    "ns.s = ns.s.join([ns.s] * 9)",
                )
            ),
            "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
            "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
            "{% for a in [1] recursive %}{{ loop([1, 2]) }}{% endfor %}",
            "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        ],
    )
    def test_nothing_runs_or_grows_without_end(self, template: str) -> None:
        begun = time.perf_counter()
        with pytest.raises(InvalidModel, match="chat_template"):
            render(template)
        assert time.perf_counter() - begun < 20

    def test_long_conversations_are_within_the_limits(self) -> None:
        talk = [{"role": "user", "content": "word " * 200}] * 2000
        assert len(render(LLAMA3, talk)) > 2_000_000
