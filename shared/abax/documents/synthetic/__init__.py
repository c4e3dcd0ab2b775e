"""Documents that nobody sent: seeded content in many layouts and languages, with the truth of each word."""

from abax.documents.synthetic.export import write
from abax.documents.synthetic.generate import Sample, generate, statistics

__all__ = ["Sample", "generate", "statistics", "write"]
