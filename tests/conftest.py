"""Tests that share something dear run on one worker, and the longest begin first."""

from typing import Any

import pytest

#: Folders whose tests share a warehouse that was built for them once.
SHARING = ("tests/dags", "tests/dbt_project", "tests/journeys", "tests/marts")

#: Folders and files that take longest, longest first; the others follow in the order they are found.
LONGEST = (
    "tests/e2e/test_nights.py",
    "tests/dags",
    "tests/demo/test_marts_reconcile.py",
    "tests/journeys",
    "tests/dbt_project",
    "tests/e2e/test_olist.py",
    "tests/marts",
    "tests/laws",
)


def room(nodeid: str) -> str:
    """What is kept together: a sharing folder, else a file."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in SHARING if file.startswith(f"{folder}/")), file)


def place(nodeid: str) -> int:
    """How early a test begins."""
    starts = [number for number, name in enumerate(LONGEST) if nodeid.startswith(name)]
    return starts[0] if starts else len(LONGEST)


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
