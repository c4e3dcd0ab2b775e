"""Prompts as tokens. A message's content is text and nothing else: it cannot end its own turn.

Templates write control tokens by name (``<|im_end|>``), and a document may hold the same names, by chance or
to be taken for instructions. So each such name in a content is replaced by a private character while the
template is rendered, and then read as plain text.
"""

from __future__ import annotations

import re

from abax_runtime.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from abax_runtime.chat import ChatTemplate
    from abax_runtime.tokenizer import Tokenizer

_MARKS = 0x10F000
"""From this character on, of a private plane."""


def raw_tokens(text: str, tokenizer: Tokenizer) -> list[int]:
    """A prompt that the caller has put together: control tokens in it are meant."""
    return tokenizer.encode(text, special=True, bos=tokenizer.add_bos)


def chat_tokens(
    messages: Sequence[Mapping[str, str]], template: ChatTemplate, tokenizer: Tokenizer
) -> list[int]:
    """A chat in the model's own form, up to where the answer begins."""
    names = _control_names(messages, tokenizer)
    marks = {name: chr(_MARKS + at) for at, name in enumerate(names)}
    meant = {mark: name for name, mark in marks.items()}
    text = template.render([_marked(message, marks) for message in messages])
    parts = re.split(f"([{''.join(meant)}])", text) if meant else [text]
    ids = [
        id
        for part in parts
        for id in tokenizer.encode(meant.get(part, part), special=part not in meant, bos=False)
    ]
    return _begun(ids, tokenizer)


def _control_names(messages: Sequence[Mapping[str, str]], tokenizer: Tokenizer) -> list[str]:
    """The names of control tokens in the messages' contents."""
    found = {
        id
        for message in messages
        for id in tokenizer.encode(message["content"], special=True, bos=False)
        if tokenizer.is_control(id)
    }
    return sorted(filter(None, (tokenizer.decode([id], special=True) for id in found)))


def _marked(message: Mapping[str, str], marks: Mapping[str, str]) -> dict[str, str]:
    content = message["content"]
    for name in sorted(marks, key=len, reverse=True):
        content = content.replace(name, marks[name])
    return {**message, "content": content}


def _begun(ids: list[int], tokenizer: Tokenizer) -> list[int]:
    """With the token that texts begin with, unless the template has written it already."""
    if tokenizer.add_bos and tokenizer.bos is not None and ids[:1] != [tokenizer.bos]:
        return [tokenizer.bos, *ids]
    return ids
