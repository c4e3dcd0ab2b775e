"""Tests of what needs torch: `make train` runs them first, in its own environment; the others need none."""
