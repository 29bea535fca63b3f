"""Errors a person can act on: what is wrong, where, and what to do.

Every error that a user's input or set-up can cause is a `TouchledgerError`; the command
line prints its message without a traceback and exits with `exit_code`.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

#: A message lists so many known names; of more than those, this many that are nearest.
MOST_NAMES, NEAREST = 30, 5


class TouchledgerError(Exception):
    """Base of all errors that are shown as one message. `exit_code` is the process exit code."""

    exit_code = 1


class UsageError(TouchledgerError):
    """The request itself is wrong: an unknown name, a bad option, columns that are not there."""

    exit_code = 2


class DeliveryError(TouchledgerError):
    """A delivery broke its contract so badly that the run must stop."""


class GateError(TouchledgerError):
    """A critical check at a door failed, or could not be computed: nothing after it may run."""


class WarehouseBusyError(TouchledgerError):
    """Another process is writing to the warehouse."""

    exit_code = 75  # EX_TEMPFAIL: trying again later may work


class StepError(TouchledgerError):
    """A step (dbt, a model, a publication) failed; the message says where its log is."""


class PartlyDoneError(StepError):
    """A step kept what it could and says what it could not; `summary` is what it would have returned."""

    def __init__(self, message: str, summary: dict[str, Any]) -> None:
        super().__init__(message)
        self.summary = summary


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not known: names it and lists those that are, of many only the nearest."""
    names = sorted(known)
    if len(names) > MOST_NAMES:
        nearest = get_close_matches(name, names, n=NEAREST, cutoff=0.0)
        return UsageError(f"unknown {kind} {name!r}; nearest of {len(names)}: {', '.join(nearest)}")
    return UsageError(f"unknown {kind} {name!r}; known: {', '.join(names) or 'none'}")


def examples(values: Iterable[object], most: int = 3) -> str:
    """`a, b, c and 4 more`: a count and up to `most` examples for an error message."""
    items = [str(value) for value in values]
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
