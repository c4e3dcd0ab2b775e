"""What the benchmarks of the model runtime share: both sides under one face, models, prompts, a text."""
