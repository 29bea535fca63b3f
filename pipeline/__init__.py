"""Touchledger: what each nightly step does. When it runs is said in `dags/`."""

__version__ = "0.1.0"
