"""Every prompt, each version in a file ``<id>.toml`` beside this one: what it needs, asks, costs and gives.

A change of words is a new version and a new file, so that what was written can be traced to what was asked.
"""

from abax.writing.prompts.catalogue import chosen, prompt, registry, shares_of, versions
from abax.writing.prompts.files import parsed
from abax.writing.prompts.prompt import Kind, Prompt, Tier, Variable, tokens_in
from abax.writing.prompts.shares import Shares

__all__ = [
    "Kind", "Prompt", "Shares", "Tier", "Variable", "chosen", "parsed", "prompt", "registry", "shares_of",
    "tokens_in", "versions",
]  # fmt: skip
