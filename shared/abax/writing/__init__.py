"""Words: facts of a close told in sentences, questions answered, and every number in them held to the books.

::

    close ──► figures ──► facts ──► writer ──► narrative        question ──► questions ──► answer
                             prompts ─► client ─┘  └─ check ─ reading                └──► check
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abax.writing.figures import Figure, Figures
    from abax.writing.narrative import Narrative, Sentence
    from abax.writing.questions import Answer, answer
    from abax.writing.writer import write_narrative

__all__ = ["Answer", "Figure", "Figures", "Narrative", "Sentence", "answer", "write_narrative"]

_HOMES = {
    "Answer": "questions", "Figure": "figures", "Figures": "figures", "Narrative": "narrative",
    "Sentence": "narrative", "answer": "questions", "write_narrative": "writer",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is asked for: who merely counts what a model takes waits for none."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
