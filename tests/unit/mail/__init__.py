"""Tests of mail, a module each."""
