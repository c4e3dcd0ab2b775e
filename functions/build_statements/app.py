"""Holds a ledger to its hard checks and draws up the statements; makes one of the ledgers of a group."""

from abax.handlers import step_handler

handler = step_handler("build_statements", "check", "statements", "consolidate")
