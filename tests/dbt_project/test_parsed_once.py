"""dbt parses a project once, and again when what parsing reads is another: a small project shows each case."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline import dbt
from pipeline.errors import StepError
from pipeline.progress import Progress
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.warehouse import open_warehouse

FILES = {
    "dbt_project.yml": "{name: small, profile: touchledger, flags: {send_anonymous_usage_stats: false}}",
    "macros/night.sql": "{% macro business_date() %}cast('{{ var(\"business_date\") }}' as date){% endmacro %}",
    "models/nights.sql": "select {{ business_date() }} as night, {{ var('size') }} as size",
    "models/more.sql": "{{ config(enabled=var('has_more')) }} select 1 as one",
}
RULES = {"business_date": "2026-06-30", "size": 1, "has_more": False}


class Told(Progress):
    """What was told of how far dbt is."""

    def __init__(self) -> None:
        self.nodes: list[tuple[int, int | None]] = []

    def advance(self, done: int, total: int | None = None, unit: str = "") -> None:
        assert unit == "nodes"
        self.nodes.append((done, total))


class Small:
    """A project of two models, in a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        for name, text in FILES.items():
            self.write(name, text)
        shutil.copy(PROJECT_DIR / "dbt_project" / "profiles.yml", self.project)
        self.settings = Settings.read({}, home=folder / "home", dbt_project=self.project, threads=1)

    def write(self, name: str, text: str) -> None:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, **rules: Any) -> list[str]:
        """The models that were built."""
        told = Told()
        results = dbt.run(self.settings, {**RULES, **rules}, ["run"], told)
        assert told.nodes == [(number, len(results)) for number in range(1, len(results) + 1)]
        return sorted(result["unique_id"].split(".")[2] for result in results)

    def night(self) -> tuple[Any, ...]:
        with open_warehouse(self.settings, read_only=True) as warehouse:
            (row,) = warehouse.rows("select cast(night as varchar), size from main.nights")
        return row

    def parsed(self) -> set[str]:
        return {path.name for path in self.settings.parsed.glob("*.msgpack")}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The project after its first night."""
    small = Small(tmp_path_factory.mktemp("small"))
    assert small.run() == ["nights"]
    assert small.night() == ("2026-06-30", 1)
    assert len(small.parsed()) == 1
    return small


def test_another_night_takes_the_project_as_it_was_parsed_and_its_own_date(small: Small) -> None:
    parsed = small.parsed()
    small.run(business_date="2026-07-01")
    assert small.night() == ("2026-07-01", 1)
    assert small.parsed() == parsed


def test_what_another_var_or_file_says_is_read(small: Small) -> None:
    parsed = small.parsed()
    small.write("models/nights.sql", "select {{ business_date() }} as night, 7 as size")
    assert small.run(has_more=True) == ["more", "nights"]
    assert small.night() == ("2026-06-30", 7)
    assert len(small.parsed() - parsed) == 1


def test_an_environment_variable_that_a_file_names_is_read(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that no file names is not."""
    monkeypatch.setenv("HAS_MORE", "no")
    before = dbt.parsed_from(small.settings, RULES)
    monkeypatch.setenv("HAS_MORE", "yes")
    assert dbt.parsed_from(small.settings, RULES) == before
    small.write("models/more.sql", "{{ config(enabled=env_var('HAS_MORE', 'no') == 'yes') }} select 1 as one")
    named = dbt.parsed_from(small.settings, RULES)
    monkeypatch.setenv("HAS_MORE", "no")
    assert len({before, named, dbt.parsed_from(small.settings, RULES)}) == 3


def test_a_project_that_dbt_cannot_parse_is_told_and_not_kept(small: Small) -> None:
    parsed = small.parsed()
    small.write("models/nights.sql", "select * from {{ ref('nowhere') }}")
    with pytest.raises(StepError, match=r"stopped before it ran anything(.|\n)*nowhere"):
        small.run()
    assert small.parsed() == parsed


def test_dates_that_parsing_leaves_out_are_read_by_the_macros_of_their_names_alone() -> None:
    readers: dict[str, list[str]] = {name: [] for name in dbt.NOT_PARSED}
    for path in [*(PROJECT_DIR / "dbt_project").rglob("*.sql"), *(PROJECT_DIR / "dbt_project").rglob("*.yml")]:
        macro = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.search(r"{%-? *macro (\w+)", line):
                macro = found[1]
            for name in readers:
                if re.search(rf"var\(\s*['\"]{name}['\"]", line) and macro not in readers[name]:
                    readers[name].append(macro)
    assert readers == {name: [name] for name in dbt.NOT_PARSED}
