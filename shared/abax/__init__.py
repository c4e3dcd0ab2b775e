"""Abax: finance automation on plain CPUs. Start reading at ``abax.workflow.close``."""

__version__ = "0.1.0"
