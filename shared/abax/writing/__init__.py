"""Words: facts of a close told in sentences, questions answered, and every number in them held to the books.

::

    close ──► figures ──► facts ──► writer ──► narrative        question ──► questions ──► answer
                             prompts ─► client ─┘  └─ check ─ reading                └──► check
"""

from abax.writing.figures import Figure, Figures
from abax.writing.narrative import Narrative, Sentence
from abax.writing.questions import Answer, answer
from abax.writing.writer import write_narrative

__all__ = ["Answer", "Figure", "Figures", "Narrative", "Sentence", "answer", "write_narrative"]
