"""Low-rank adapters of the default model: examples, training, export and evaluation."""
