"""Which prompts there are, and which version of one a piece of work gets."""

from __future__ import annotations

from functools import cache
from importlib import resources

from abax.errors import NotFound, listed
from abax.writing.prompts.files import ID, SUFFIX, parsed
from abax.writing.prompts.prompt import Prompt
from abax.writing.prompts.shares import Shares


def prompt(name: str, version: int | None = None) -> Prompt:
    """The prompt of that name, its newest version unless told; ``name`` may be a whole id.

    Raises:
        NotFound: there is none; the message names those there are.
        InvalidRequest: its file contradicts itself.
    """
    if version is None and (match := ID.fullmatch(name)):
        name, version = match["name"], int(match["version"])
    known = versions(name)
    wanted = max(known, default=0) if version is None else version
    if wanted not in known:
        there = listed(sorted(_files()), 40)
        raise NotFound(f"no prompt {name}.v{'…' if version is None else version}; there are {there}")
    return _read(f"{name}.v{wanted}")


def chosen(name: str, key: str, shares: Shares) -> Prompt:
    """The version of a prompt that a piece of work gets where several run side by side: always the same for
    the same ``key``, such as a deal's or a message's id. Raises as ``prompt``."""
    return prompt(name, shares.version(name, key))


def shares_of(setting: str) -> Shares:
    """Shares of versions that there are.

    Raises:
        InvalidRequest: the setting is no such JSON, or the shares of a prompt do not sum to 1.
        NotFound: there is no such version.
    """
    shares = Shares.parse(setting)
    for name, by_version in shares.by_name.items():
        for version in by_version:
            prompt(name, version)
    return shares


def versions(name: str) -> tuple[int, ...]:
    """The versions of a prompt, ascending."""
    matches = (ID.fullmatch(one) for one in _files())
    return tuple(sorted(int(match["version"]) for match in matches if match and match["name"] == name))


@cache
def registry() -> tuple[Prompt, ...]:
    """All prompts by id, read once. Raises InvalidRequest for a file that contradicts itself."""
    return tuple(_read(one) for one in sorted(_files()))


@cache
def _files() -> dict[str, str]:
    """File names by id."""
    names = (file.name for file in resources.files("abax.writing.prompts").iterdir())
    return {name.removesuffix(SUFFIX): name for name in names if name.endswith(SUFFIX)}


@cache
def _read(label: str) -> Prompt:
    file = _files()[label]
    return parsed(file, (resources.files("abax.writing.prompts") / file).read_text(encoding="utf-8"))
