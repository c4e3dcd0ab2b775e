"""How a house lets its adapters learn, as one setting::

{"corrections": 100, "error_rate": 0.05, "answers": 50, "share": 0.2, "look_seconds": 21600}
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from abax.errors import InvalidRequest
from abax.faults import refused
from abax.learning import guard
from abax.learning.rollout import SHADOWED, SHARE, Limits
from abax.learning.status import Threshold

_Share = Annotated[float, Field(ge=0, le=1)]


class Practice(BaseModel):
    """All of it has a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corrections: Annotated[int, Field(ge=1)] = Threshold.corrections
    """From how many on it is time to train."""
    error_rate: _Share = Threshold.error_rate
    documents: Annotated[int, Field(ge=1)] = Threshold.least
    """Before an error rate counts."""
    tolerance: _Share = guard.TOLERANCE
    """How far the mean of a frozen evaluation may drop."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = guard.ALPHA
    shadowed: _Share = SHADOWED
    share: Annotated[float, Field(gt=0, le=1)] = SHARE
    """Of the work, for a version that was a shadow without a drop."""
    answers: Annotated[int, Field(ge=1)] = Limits.least
    """In each phase of a trial."""
    soon: Annotated[int, Field(ge=1)] = Limits.soon
    """Answers from which on a drop ends a trial."""
    failures: _Share = Limits.failures
    corrected: _Share = Limits.corrections
    disagreement: _Share = Limits.disagreement
    patience_days: Annotated[float, Field(gt=0)] = Limits.patience.days
    look_seconds: Annotated[int, Field(ge=0)] = 6 * 3600
    """Between two looks at a trial."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the setting; nothing gives the defaults. Raises InvalidRequest, naming what is wrong."""
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError as error:
            raise InvalidRequest(str(refused(error, "learning")), "ABAX_LEARNING") from None

    @property
    def threshold(self) -> Threshold:
        """When it is time to train."""
        return Threshold(self.corrections, self.error_rate, self.documents)

    @property
    def limits(self) -> Limits:
        """What a version on trial must hold."""
        return Limits(
            least=self.answers,
            soon=self.soon,
            failures=self.failures,
            corrections=self.corrected,
            disagreement=self.disagreement,
            patience=timedelta(days=self.patience_days),
        )
