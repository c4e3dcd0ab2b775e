"""Language models on CPUs: GGUF weights mapped from disk, kernels compiled ahead of time, and nothing else.

Importing this package costs nothing; each module brings only what it needs.
"""

__version__ = "0.1.0"
