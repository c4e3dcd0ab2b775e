"""The embedded sample company: two companies' books over three years, made from a seed."""

from abax.sample.books import AccountTruth, YearTruth
from abax.sample.generate import YEARS, SampleBooks, build

__all__ = ["YEARS", "AccountTruth", "SampleBooks", "YearTruth", "build"]
