"""Small simulated companies that several tests look at."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.demo import simulate

SIZE = {"accounts": 150, "days": 500, "truth_worlds": 0, "workers": 1}


class Delivered:
    """A simulated company on disk: its extracts as one frame each, and its truth."""

    def __init__(self, folder: Path, **options):
        self.landing, self.truth = folder / "landing", folder / "truth"
        self.summary = simulate(self.landing, **{**SIZE, **options})

    def files(self, name: str) -> list[Path]:
        return sorted((self.landing / name).rglob("*.csv"))

    def rows(self, name: str) -> pd.DataFrame:
        """Every delivered row of an extract, as text, in order of delivery."""
        return pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in self.files(name)])

    def current(self, name: str) -> pd.DataFrame:
        """The last version of each record."""
        return self.rows(name).sort_values("SystemModstamp", kind="stable").drop_duplicates("Id", keep="last")

    def record(self, name: str) -> pd.DataFrame:
        """A table of the simulator's own record."""
        return pd.concat([pd.read_parquet(path) for path in sorted((self.truth / name).glob("*.parquet"))])

    @property
    def ledger(self) -> pd.DataFrame:
        return pd.read_csv(self.truth / "injected_defects.csv", dtype={"key": str}, keep_default_na=False)


@pytest.fixture(scope="session")
def simulated() -> type[Delivered]:
    """Simulates a company into a folder: `simulated(folder, **options of simulate)`."""
    return Delivered


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Delivered:
    return Delivered(tmp_path_factory.mktemp("clean"), dirt=False)


@pytest.fixture(scope="session")
def dirty(tmp_path_factory) -> Delivered:
    return Delivered(
        tmp_path_factory.mktemp("dirty"),
        dirt="malformed,bots,internal,utm_drift,duplicate_people,"
        "duplicate_accounts,deletes,corrections,late_rows,overlapping,redelivered,schema_drift,time_zones",
    )
