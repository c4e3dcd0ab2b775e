"""Training of the mail classifiers that ship: ``python -m training.mail``."""
