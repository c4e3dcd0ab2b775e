"""Made-up documents with ground truth: content, templates in many languages, noise. Seeded."""
