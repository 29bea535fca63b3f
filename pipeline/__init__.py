"""Touchledger: what each nightly step does. When it runs is said in `dags/`."""
