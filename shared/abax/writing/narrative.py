"""The words of a close: sentences with the figures that they cite, and what was dropped on the way."""

from __future__ import annotations

from pydantic import Field

from abax.ledger.model import Frozen
from abax.writing.figures import Figure

RULES = "rules"
MODEL = "model"


class Cited(Frozen):
    """A figure in a sentence, and the very characters that state it there."""

    shown: str
    figure: Figure


class Sentence(Frozen):
    """One sentence of the narrative."""

    fact: str
    """The name of the fact that it tells."""
    text: str
    cited: list[Cited]
    """In the order in which the sentence names them."""
    by: str = RULES
    """Who worded it: ``rules`` or ``model``."""


class Dropped(Frozen):
    """A sentence that did not stand, and why; the fact's plain sentence stands in its place, if that held."""

    fact: str
    text: str
    why: str
    by: str


class Narrative(Frozen):
    """The content of ``narrative.json``."""

    sentences: list[Sentence]
    dropped: list[Dropped] = Field(default_factory=list)
    model: str = ""
    """Which model was asked to reword; empty when none was."""
    prompt: str = ""
    """Name and version of the prompt that it was asked with."""
    why_plain: str = ""
    """Why no model reworded anything, such as that none is unpacked; empty when one answered."""
    problems: list[str] = Field(default_factory=list)
    """What went wrong with single sentences, each once."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0

    @property
    def counts(self) -> str:
        """``3 sentences, 1 dropped``."""
        many = len(self.sentences)
        return f"{many} sentence{'' if many == 1 else 's'}, {len(self.dropped)} dropped"

    @property
    def way(self) -> str:
        """How it was written, for readers."""
        if self.why_plain:
            return f"worded by rules: {self.why_plain}"
        theirs = sum(sentence.by == MODEL for sentence in self.sentences)
        rest = len(self.sentences) - theirs
        return f"{theirs} worded by {self.model}, {rest} by rules" if self.model else "worded by rules"
