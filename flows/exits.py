"""Exit codes of the console script; the first that holds of 4, 1, 3, 2."""

CLEAN = 0
"""Looked everywhere, no open drift."""

ERROR = 1
"""An error, or some target could not be looked at."""

DRIFT = 2
"""Open drift."""

SEVERE = 3
"""Open drift at or above ``--fail-on``."""

TAMPERED = 4
"""The evidence does not verify."""

USAGE = 64
"""The command was typed wrong."""

ABORTED = 130
"""^C, as shells count it."""

TERMINATED = 143
"""SIGTERM, as shells count it."""
