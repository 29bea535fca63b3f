"""Homes of nights; and a small simulated company's first night, run once for all tests that read it."""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.settings import PROJECT_DIR, Settings

NIGHT_BEFORE, BUSINESS_DATE = "2026-06-29", "2026-06-30"

#: dbt's tests of the data take a sixth of a small night: the first night runs them all, and what repeats it none.
WITHOUT_DATA_TESTS = {"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test test"}


def settings(home: Path, **more: Any) -> Settings:
    """Settings of a home that shares the parsed dbt project with all tests, and knows nothing else of the machine."""
    shared = {name: os.environ[name] for name in ("TOUCHLEDGER_PARSED", "TOUCHLEDGER_THREADS")}
    return Settings.read(shared, home=home, **{"memory_limit": "1GB", **more})


@dataclass(frozen=True)
class Home:
    """A folder with a landing area, in which nights are run."""

    path: Path
    runs_data_tests: bool = False

    @property
    def landing(self) -> Path:
        return self.path / "landing"

    def touchledger(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command as a person would; with `check`, fail the test when it fails."""
        return self.run_module("pipeline", *arguments, check=check)

    def run_module(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a Python module with this home's settings."""
        where = {
            "TOUCHLEDGER_HOME": str(self.path),
            "TOUCHLEDGER_LANDING": str(self.landing),
            "PYTHONPATH": str(PROJECT_DIR),
            **({} if self.runs_data_tests else WITHOUT_DATA_TESTS),
        }
        done = subprocess.run(
            [sys.executable, "-m", *command], env={**os.environ, **where}, capture_output=True, text=True
        )
        if check:
            assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-8000:]}"
        return done

    def run(self, date: str = BUSINESS_DATE, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.touchledger("run", "--date", date, *arguments)

    def checksums(self) -> dict[str, str]:
        """Mart → checksum of what is published."""
        lines = self.touchledger("checksums").stdout.splitlines()
        found = {mart: checksum for checksum, mart in (line.split() for line in lines)}
        assert found, "nothing is published"
        return found


def first_night(shared: Path) -> Home:
    """A company and its warehouse and publication after one night, to read; web sessions of that night are missing.

    The first process to ask makes it in the folder `shared`; others wait for it.
    """
    home, made = Home(shared / "first_night", runs_data_tests=True), shared / "first_night.made"
    with (shared / "first_night.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            size = ("--accounts", "40", "--days", "300", "--seed", "3", "--nights", "2")
            home.touchledger("demo", *size, "--out", str(home.landing))
            shutil.rmtree(home.landing / "web" / "sessions" / BUSINESS_DATE)
            home.touchledger("ingest", "web", "--date", NIGHT_BEFORE)
            home.run()
            made.touch()
    return home
