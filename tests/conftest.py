"""Tests that share something dear run on one worker, and the longest begin first."""

from fnmatch import fnmatch
from typing import Any

import pytest

from tests import nights

RECONCILED = "tests/demo/test_*_reconcile.py"

#: Files whose tests share a warehouse that was built for them once.
SHARING = ("tests/dags/*", "tests/dbt_project/*", "tests/journeys/*", "tests/marts/*", RECONCILED)

#: Files that take longest, longest first; the others follow in the order they are found.
LONGEST = (
    "tests/e2e/test_nights.py",
    RECONCILED,
    "tests/dags/*",  # reads the night that test_nights.py makes first
    "tests/journeys/*",
    "tests/dbt_project/*",
    "tests/e2e/test_olist.py",
    "tests/marts/*",
    "tests/laws/*",
)


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> nights.Home:
    """A small company after one night, made once for the workers of all rooms: read it, or run nights in a copy."""
    own = tmp_path_factory.getbasetemp()
    return nights.first_night(own.parent if own.name.startswith("popen-") else own)


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
