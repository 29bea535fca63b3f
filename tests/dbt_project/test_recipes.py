"""The recipes, followed: every file one shows is written and every command run, in a copy of the project."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.settings import PROJECT_DIR
from tests.nights import Home

pytestmark = pytest.mark.slow

COOKBOOK = PROJECT_DIR / "docs" / "cookbook"
#: A fenced block: its language, the path of the file it is (or nothing), its text.
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("pipeline", "dbt_project", "expectations")
LEFT_OUT = shutil.ignore_patterns("target", "logs", "__pycache__", ".user.yml")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the project, with a `touchledger` and a `python` on the path that use it."""
    root = tmp_path_factory.mktemp("recipes")
    for name in COPIED:
        shutil.copytree(PROJECT_DIR / name, root / name, ignore=LEFT_OUT)
    commands = root / "bin"
    commands.mkdir()
    for name, line in {"touchledger": f"{sys.executable} -m pipeline", "python": sys.executable}.items():
        command = commands / name
        command.write_text(f'#!/bin/sh\nexec {line} "$@"\n')
        command.chmod(0o755)
    return root


def follow(recipe: str, root: Path) -> None:
    """Write the recipe's files and run its commands, in order."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHLEDGER_")}
    environment = {**settings, "PATH": f"{root / 'bin'}:{os.environ['PATH']}", "TOUCHLEDGER_THREADS": "2"}
    for language, path, text in BLOCK.findall((COOKBOOK / f"{recipe}.md").read_text()):
        if path:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        elif language == "bash":
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text], cwd=root, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def rows(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_source_and_its_touchpoint_are_added_by_their_recipes(copy: Path) -> None:
    follow("add_a_source", copy)
    warehouse = copy / "try" / "warehouse.duckdb"
    assert rows(warehouse, "select count(*) from raw.chat__conversations") == [(2,)]
    follow("add_a_touchpoint", copy)
    touches = "select touch_id, channel, is_admitted, email from intermediate.int_touchpoints_classified order by 1"
    assert rows(warehouse, touches) == [
        ("chat:conversation:c1", "referral", True, "ann@example.org"),
        ("chat:conversation:c2", "referral", False, None),
    ]


def test_a_crm_is_added_by_its_recipe(copy: Path) -> None:
    follow("add_a_crm", copy)
    conversions = (
        "select conversion_type, cast(amount as double), currency from journeys.fct_journeys"
        " where is_converted order by conversion_type"
    )
    found = rows(copy / "try_crm" / "warehouse.duckdb", conversions)
    assert ("mql", None, None) in [(kind, amount, None) for kind, amount, _ in found]
    assert ("won", 1200.0, "EUR") in found


def test_a_dbt_model_is_tried_on_the_published_marts_and_changes_neither_them_nor_the_warehouse(
    copy: Path, first_night: Home
) -> None:
    """The model is right, and the files of the night are as they were, to the byte."""
    home = copy / "var" / "demo"
    home.mkdir(parents=True)
    (home / "published").symlink_to(first_night.path / "published")
    files = [first_night.path / "warehouse.duckdb", first_night.path / "published/current/touchledger.duckdb"]
    before = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]

    follow("add_a_dbt_model", copy)

    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in files] == before
    built = "select sum(closed_count), sum(won_count), sum(won_amount_reporting) from marts.mart_owner_months"
    closed, won, amount = rows(home / "scratch" / "scratch.duckdb", built)[0]
    published = """select count(*), count(*) filter (opportunity_status = 'won'),
        sum(amount_reporting) filter (opportunity_status = 'won')
        from marts.fct_opportunities where opportunity_status <> 'open' and owner_id is not null"""
    assert (closed, won, amount) == rows(files[1], published)[0]
    assert closed > won > 0
