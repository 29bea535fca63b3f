"""Tests that share something dear run on one worker, and the longest begin first."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests import nights

RECONCILED = "tests/demo/test_*_reconcile.py"

#: Files whose tests share a warehouse that was built for them once.
SHARING = ("tests/dags/*", "tests/dbt_project/*", "tests/journeys/*", "tests/marts/*", RECONCILED)

#: Files that take longest, longest first; the others follow in the order they are found.
LONGEST = (
    "tests/dags/test_night_end_to_end.py",
    "tests/dags/*",
    "tests/journeys/*",  # reads no first night, which is made meanwhile
    "tests/dbt_project/*",
    RECONCILED,
    "tests/marts/*",
    "tests/laws/*",
    "tests/attribution/test_hazard.py",
    "tests/e2e/*",
)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own


@pytest.fixture(scope="session", autouse=True)
def parsed(shared: Path) -> Iterator[None]:
    """The dbt project is parsed once for all tests that give it the same vars; a core is for each worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOUCHLEDGER_PARSED", str(shared / "parsed"))
        patch.setenv("TOUCHLEDGER_THREADS", "1")
        yield


@pytest.fixture(scope="session")
def first_night(shared: Path) -> nights.Home:
    """A small company after one night, made once for the workers of all rooms: read it, or run nights in a copy."""
    return nights.first_night(shared)


def room(nodeid: str) -> str:
    """What is kept together: files that share, else a file."""
    file = nodeid.partition("::")[0]
    return next((files for files in SHARING if fnmatch(file, files)), file)


def place(nodeid: str) -> int:
    """How early a test begins."""
    file = nodeid.partition("::")[0]
    return next((number for number, files in enumerate(LONGEST) if fnmatch(file, files)), len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByRoom(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return room(nodeid)

    config.option.loadscopereorder = False
    return ByRoom(config, log)
