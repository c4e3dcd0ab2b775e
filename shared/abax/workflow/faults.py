"""What is wrong with a field of a request: see ``abax.faults``."""

from abax.faults import Fault, told

__all__ = ["Fault", "told"]
