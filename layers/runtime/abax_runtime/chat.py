"""Messages to a prompt, by the template that the model's file carries (``tokenizer.chat_template``).

Templates are Jinja, and run in a sandbox (``templates``). The commonest one, ChatML, is also written out
here: importing Jinja takes longer than the default model takes for its first token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from abax_runtime.errors import InvalidModel, InvalidParameter

if TYPE_CHECKING:
    from abax_runtime.templates import Sandboxed
    from abax_runtime.tokenizer import Tokenizer

_TURN: Final = (
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CHATML: Final = "{% for message in messages %}" + _TURN
"""For files that have no template."""

SMOLLM: Final = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
SMOLLM_CHATML: Final = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\n" + SMOLLM + "<|im_end|>\n' }}{% endif %}" + _TURN
)
"""The default model's."""

LONGEST: Final = 1 << 20
"""Characters of a template that we read."""


class ChatTemplate:
    """A file's way to write a conversation. May be used from several threads."""

    def __init__(self, text: str, tokens: Mapping[str, str] | None = None) -> None:
        self.text, self._tokens = text, dict(tokens or {})
        self._plain = text.replace("\\n", "\n")

    def render(
        self, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool = True, **variables: Any
    ) -> str:
        """The prompt for ``messages``, each with ``role`` and ``content``.

        Their other keys, and ``variables``, are for the template to use.

        Raises InvalidParameter for messages that the template refuses or cannot write, and InvalidModel for a
        template that is broken or does what no template should.
        """
        _check(messages)
        if self._plain == SMOLLM_CHATML:
            return _chatml(messages, add_generation_prompt, system=SMOLLM)
        if self._plain == CHATML:
            return _chatml(messages, add_generation_prompt)
        given = {"messages": messages, "add_generation_prompt": add_generation_prompt}
        return self._sandboxed.render(self._tokens | given | variables)

    @cached_property
    def _sandboxed(self) -> Sandboxed:
        from abax_runtime.templates import Sandboxed

        return Sandboxed(self.text)


def load_chat_template(metadata: Mapping[str, Any], tokenizer: Tokenizer) -> ChatTemplate:
    """The file's template, or ChatML where it has none. Raises InvalidModel for one that cannot be one."""
    text = metadata.get("tokenizer.chat_template", CHATML)
    if not isinstance(text, str) or len(text) > LONGEST:
        raise InvalidModel(f"tokenizer.chat_template is no text of at most {LONGEST:,} characters")
    ids = {"bos_token": tokenizer.bos, "eos_token": tokenizer.eos}
    return ChatTemplate(
        text, {name: "" if id is None else tokenizer.decode([id], special=True) for name, id in ids.items()}
    )


def _check(messages: Sequence[Mapping[str, Any]]) -> None:
    if not messages:
        raise InvalidParameter("messages", "there is none")
    for number, message in enumerate(messages):
        for key in ("role", "content"):
            if not isinstance(message.get(key), str):
                raise InvalidParameter(f"messages[{number}].{key}", "is not text")


def _chatml(messages: Sequence[Mapping[str, Any]], open_answer: bool, system: str | None = None) -> str:
    """ChatML; ``system`` is said where the messages do not begin with a system message."""
    turns = [(message["role"], message["content"]) for message in messages]
    if system is not None and turns[0][0] != "system":
        turns.insert(0, ("system", system))
    prompt = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
    return prompt + "<|im_start|>assistant\n" * open_answer
