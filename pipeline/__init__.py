"""Touchledger: what each nightly step does. When it runs is said in `dags/`."""

import pipeline.settings  # noqa: F401 - it is read before anything imports numpy

__version__ = "0.1.0"
