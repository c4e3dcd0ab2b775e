"""Trained rankers and classifiers as plain data: weights that numpy alone can apply."""
