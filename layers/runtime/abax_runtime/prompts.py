"""Prompts as tokens. A message's content is text and nothing else: it cannot end its own turn.

Templates write control tokens by name (``<|im_end|>``), and a document may hold the same names, by chance or
to be taken for instructions. So each such name in a content is replaced by a private character while the
template is rendered, and then read as plain text.
"""

from __future__ import annotations

from abax_runtime.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from abax_runtime.chat import ChatTemplate
    from abax_runtime.tokenizer import Tokenizer

_PRIVATE = (0x100000, 0x10FFFE)
"""Characters that mean nothing: a plane for private use."""


def raw_tokens(text: str, tokenizer: Tokenizer) -> list[int]:
    """A prompt that the caller has put together: control tokens in it are meant."""
    return tokenizer.encode(text, special=True, bos=tokenizer.add_bos)


def chat_tokens(
    messages: Sequence[Mapping[str, str]], template: ChatTemplate, tokenizer: Tokenizer
) -> list[int]:
    """A chat in the model's own form, up to where the answer begins."""
    contents = [message["content"] for message in messages]
    names = dict.fromkeys(name for content in contents for name in tokenizer.control_names(content))
    free = (chr(code) for code in range(*_PRIVATE) if not any(chr(code) in content for content in contents))
    marks = dict(zip(sorted(names, key=len, reverse=True), free, strict=False))
    text = template.render([_marked(message, marks) for message in messages])
    said = {ord(mark): name for name, mark in marks.items()}
    return _begun(tokenizer.encode(text, special=True, bos=False, said=said), tokenizer)


def _marked(message: Mapping[str, str], marks: Mapping[str, str]) -> dict[str, str]:
    """The longest name first, where one holds another."""
    content = message["content"]
    for name, mark in marks.items():
        content = content.replace(name, mark)
    return {**message, "content": content}


def _begun(ids: list[int], tokenizer: Tokenizer) -> list[int]:
    """With the token that texts begin with, unless the template has written it already."""
    if tokenizer.add_bos and tokenizer.bos is not None and ids[:1] != [tokenizer.bos]:
        return [tokenizer.bos, *ids]
    return ids
