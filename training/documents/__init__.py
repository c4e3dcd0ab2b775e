"""Training of the document pipeline's rankers and calibrations: ``python -m training.documents``."""
