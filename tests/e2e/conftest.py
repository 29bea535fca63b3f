"""A small simulated company and its first night, run once through the command line and shared by the tests."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

BUSINESS_DATE = "2026-06-30"


@dataclass(frozen=True)
class Home:
    """A folder with a landing area, in which nights are run."""

    path: Path

    @property
    def landing(self) -> Path:
        return self.path / "landing"

    def touchledger(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command as a person would; with `check`, fail the test when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            env={**os.environ, "TOUCHLEDGER_HOME": str(self.path), "TOUCHLEDGER_LANDING": str(self.landing)},
            capture_output=True,
            text=True,
        )
        if check:
            assert done.returncode == 0, f"touchledger {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    def run(self, date: str = BUSINESS_DATE, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.touchledger("run", "--date", date, *arguments)

    def checksums(self) -> dict[str, str]:
        """Mart → checksum of what is published."""
        lines = self.touchledger("checksums").stdout.splitlines()
        found = {mart: checksum for checksum, mart in (line.split() for line in lines)}
        assert found, "nothing is published"
        return found


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing folder of a small company."""
    landing = tmp_path_factory.mktemp("company") / "landing"
    Home(landing.parent).touchledger(
        "demo", "--accounts", "40", "--days", "300", "--seed", "3", "--nights", "2", "--out", str(landing)
    )
    return landing


@pytest.fixture(scope="session")
def first_night(company: Path) -> Home:
    """The company's warehouse and publication after one night."""
    home = Home(company.parent)
    home.run()
    return home
