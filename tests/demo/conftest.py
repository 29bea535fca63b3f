"""Small simulated companies that several tests look at."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline import steps
from pipeline.demo import simulate
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse
from tests import nights

NIGHT_DATES = [date(2026, 6, day) for day in (28, 29, 30)]
SIZE = {"accounts": 150, "days": 500, "truth_worlds": 0, "workers": 1}


def well_formed(path: Path) -> pd.DataFrame:
    """The rows of a file that have as many fields as its header and a key that is not of a broken line, as text."""
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    frame = pd.DataFrame([row for row in rows[1:] if len(row) == len(rows[0])], columns=rows[0])
    key = frame.columns[0]
    return frame[~frame[key].str.startswith("broken-") & (frame[key] != "")]


class Delivered:
    """A simulated company on disk: its extracts as one frame each, and its truth."""

    def __init__(self, folder: Path) -> None:
        self.landing, self.truth = folder / "landing", folder / "truth"

    def files(self, name: str) -> list[Path]:
        return sorted((self.landing / name).rglob("*.csv"))

    def rows(self, name: str) -> pd.DataFrame:
        """Every well-formed row of an extract, as text, in order of delivery."""
        return pd.concat([well_formed(path) for path in self.files(name)])

    def rows_by_file(self, name: str) -> pd.DataFrame:
        """The same, each with its file relative to the landing folder."""
        files = {path.relative_to(self.landing).as_posix(): path for path in self.files(name)}
        return pd.concat([well_formed(path).assign(file=file) for file, path in files.items()])

    def current(self, name: str) -> pd.DataFrame:
        """The last version of each record."""
        return self.rows(name).sort_values("SystemModstamp", kind="stable").drop_duplicates("Id", keep="last")

    def record(self, name: str) -> pd.DataFrame:
        """A table of the simulator's own record."""
        return pd.concat([pd.read_parquet(path) for path in sorted((self.truth / name).glob("*.parquet"))])

    @property
    def ledger(self) -> pd.DataFrame:
        return pd.read_csv(self.truth / "injected_defects.csv", dtype={"key": str}, keep_default_na=False)


class Simulated(Delivered):
    """A company that is simulated here, with options of `simulate`."""

    def __init__(self, folder: Path, **options) -> None:
        super().__init__(folder)
        self.summary = simulate(self.landing, **{**SIZE, **options})


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Simulated:
    return Simulated(tmp_path_factory.mktemp("clean"), dirt=False)


@pytest.fixture(scope="session")
def dirty(tmp_path_factory) -> Simulated:
    return Simulated(
        tmp_path_factory.mktemp("dirty"),
        dirt="malformed,bots,internal,utm_drift,duplicate_people,"
        "duplicate_accounts,deletes,corrections,late_rows,overlapping,redelivered,schema_drift,time_zones",
    )


@pytest.fixture(scope="session", params=["clean", "dirty"])
def world(request, tmp_path_factory) -> tuple[Delivered, Callable[[str], pd.DataFrame]]:
    """A simulated company and the warehouse of its nights: (delivered, function that runs a query).

    The clean one is the larger; the dirty one is that of the first night, which asks for every kind of defect.
    """
    if request.param == "dirty":
        home = request.getfixturevalue("first_night").path
        delivered, settings = Delivered(home), nights.settings(home)
    else:
        delivered, settings = clean_nights(tmp_path_factory.mktemp("clean"))

    def query(sql: str) -> pd.DataFrame:
        with open_warehouse(settings, read_only=True) as warehouse:
            return warehouse.arrow(sql).to_pandas()

    return delivered, query


def clean_nights(folder: Path) -> tuple[Delivered, Settings]:
    """A company without defects after three nights, credited by two models."""
    delivered = Simulated(folder, accounts=90, days=800, nights=len(NIGHT_DATES) - 1, dirt=False)
    settings = nights.settings(folder / "home", landing=delivered.landing)
    for night in NIGHT_DATES:
        run = steps.Run(night, steps.new_run_id(night), settings)
        planned = steps.plan(run)
        for source in planned["crm_sources"] + planned["touchpoint_sources"]:
            steps.ingest(run, source)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in nights.WITHOUT_DATA_TESTS.items():
            patch.setenv(name, value)
        steps.build_journeys(run)
        steps.attribute(replace(run, vars={"enabled_models": ["linear", "full_path"]}))
        steps.estimate_clv(run)
        steps.build_marts(run)
    return delivered, settings
