"""Rules as data: what each says, how severe a breach is, what it needs, and how it is tested."""

from abax.documents.rules.model import Check, Outcome, Result, Rule, Severity, Subject, run

__all__ = ["Check", "Outcome", "Result", "Rule", "Severity", "Subject", "run"]
