"""The simulated company: a B2B world whose truth is known, written as the extract files of its systems."""

from pipeline.demo.scenarios import SCENARIOS
from pipeline.demo.simulate import Summary, simulate

__all__ = ["SCENARIOS", "Summary", "simulate"]
