"""Dynamics 365 Finance: its general journal, charts, dimensions of any installation, and subledgers."""

from abax.erp.dynamics.books import Dynamics, DynamicsModule

__all__ = ["Dynamics", "DynamicsModule"]
