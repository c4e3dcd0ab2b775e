"""Targets for coverage-guided fuzzing; each is a program of its own, and its probe is a test of the suite."""
