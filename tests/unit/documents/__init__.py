"""Tests of the document pipeline, a module each."""
