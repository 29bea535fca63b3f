"""How a step says how far it is. The base class says nothing; `pipeline.console` draws bars or prints lines."""


class Progress:
    """Receives progress; steps call it, callers choose what to show."""

    def phase(self, text: str) -> None:
        """A new part of the step begins, e.g. `reading salesforce/leads`."""

    def advance(self, done: int, total: int | None = None, unit: str = "") -> None:
        """`done` of `total` units of the current phase are finished (`total` None: unknown)."""
