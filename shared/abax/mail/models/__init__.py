"""Classifiers that ship, as ``training.mail`` wrote them."""
