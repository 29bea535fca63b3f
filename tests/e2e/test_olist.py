"""The real Olist funnel: a CRM that is neither Salesforce nor HubSpot, brought by a contract and a staging folder."""

from pathlib import Path

import duckdb
import pytest

from .conftest import Home

OLIST = Path(__file__).parents[3] / "shared/data/olist_funnel"
DATE = "2018-11-30"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("olist"),
    pytest.mark.skipif(not OLIST.exists(), reason="the Olist files are not part of the project, and are not here"),
]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("olist"))
    for entity, name in (
        ("marketing_qualified_leads", "olist_marketing_qualified_leads_dataset.csv"),
        ("closed_deals", "olist_closed_deals_dataset.csv"),
        ("sellers", "olist_sellers_dataset.csv"),
    ):
        home.touchledger("deliver", "olist", entity, str(OLIST / name), "--date", DATE)
    home.run(DATE, "--sources", "olist")
    return home


@pytest.fixture(scope="module")
def marts(night: Home) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(night.path / "published/current/touchledger.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def files() -> duckdb.DuckDBPyConnection:
    """The raw files as plain SQL sees them, apart from every model of the project."""
    connection = duckdb.connect()
    for table, name in (("mql", "marketing_qualified_leads"), ("deal", "closed_deals")):
        connection.execute(
            f"create table {table} as from read_csv(?, all_varchar = true)", [str(OLIST / f"olist_{name}_dataset.csv")]
        )
    return connection


def test_the_funnel_has_every_lead_and_every_win_by_origin(marts, files):
    expected = {
        (stage, origin or "unknown"): count
        for stage, origin, count in files.execute(
            """
            select 'mql', origin, count(*) from mql group by all
            union all select 'won', origin, count(*) from mql join deal using (mql_id) group by all
            """
        ).fetchall()
    }
    assert sum(count for (stage, _), count in expected.items() if stage == "mql") >= 7000
    found = marts.execute(
        """
        select stage, segment_value, sum(entry_count) from marts.fct_funnel_period
        where segment_type = 'lead_source' and period_grain = 'all_time' and stage in ('mql', 'won') group by all
        """
    ).fetchall()
    totals = {stage: sum(count for s, _, count in found if s == stage) for stage in ("mql", "won")}
    assert totals == {"mql": 8000, "won": 842}
    assert expected and found
