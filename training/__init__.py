"""Training: what the shipped models were made with. Runs on a developer's machine, never in production."""
