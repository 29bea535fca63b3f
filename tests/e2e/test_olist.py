"""The real Olist funnel: a CRM that is neither Salesforce nor HubSpot, brought by a contract and a staging folder."""

from pathlib import Path

import duckdb
import pytest

from tests.nights import Home

OLIST = Path(__file__).parents[3] / "shared/data/olist_funnel"
DATE = "2018-11-30"

pytestmark = [
    pytest.mark.slow,
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
    home.run(DATE, "--sources", "olist", "--vars", "{reporting_currency: BRL, time_zone: America/Sao_Paulo}")
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


ORIGIN = "coalesce(origin, 'not_recorded')"
DAYS = "cast(won_date as date) - cast(first_contact_date as date)"


def test_the_funnel_has_every_lead_and_every_win_by_origin(marts, files):
    expected = files.execute(
        f"select {ORIGIN}, count(*), count(deal.mql_id) from mql left join deal using (mql_id) group by 1 order by 1"
    ).fetchall()
    found = marts.execute(
        """
        select segment_value, sum(entry_count) filter (stage = 'mql'), sum(entry_count) filter (stage = 'won')
        from marts.fct_funnel_period
        where segment_type = 'lead_source' and period_grain = 'all_time' group by 1 order by 1
        """
    ).fetchall()
    assert found == expected
    assert (sum(row[1] for row in found), sum(row[2] for row in found)) == (8000, 842)
    assert {"not_recorded", "unknown"} <= {row[0] for row in found}, "blank and literal unknown stay apart"


@pytest.mark.parametrize(
    ("segment_type", "segment"), [("overall", "'all'"), ("lead_source", ORIGIN), ("owner", "sr_id")]
)
def test_days_to_win_are_those_of_the_files(marts, files, segment_type: str, segment: str):
    expected = {
        value: pytest.approx(figures)
        for value, *figures in files.execute(
            f"""
            select {segment}, avg({DAYS}), median({DAYS}), quantile_cont({DAYS}, 0.9)
            from deal join mql using (mql_id) where {DAYS} >= 0 group by 1
            """
        ).fetchall()
    }
    found: dict[str, list[float]] = {}
    for value, figure in marts.execute(
        """
        select segment_value, value from marts.kpi_days_to_win
        where segment_type = ? and period_grain = 'all_time' and value_kind in ('mean', 'median', 'p90')
        order by segment_value, value_kind
        """,
        [segment_type],
    ).fetchall():
        found.setdefault(value, []).append(figure)
    assert len(found) == {"overall": 1, "lead_source": 11, "owner": 22}[segment_type]
    assert found == expected


def test_the_deal_won_before_its_first_contact_is_counted_and_told_apart(marts):
    negative = (
        "select value from marts.kpi_days_to_win where segment_type = 'overall' and value_kind = 'negative_count'"
    )
    assert marts.execute(f"{negative} and period_grain = 'all_time'").fetchall() == [(1.0,)]
    unattributed = "select count(*) from marts.fct_credits where conversion_type = 'won' and credit_kind <> 'touch'"
    assert marts.execute(f"{unattributed} and model_name = 'linear'").fetchone() == (1,)


def test_credited_revenue_is_the_declared_revenue_by_month(marts, files):
    expected = files.execute(
        """
        select date_trunc('month', cast(won_date as date)),
            cast(sum(cast(declared_monthly_revenue as decimal(18, 4))) as double)
        from deal group by 1 order by 1
        """
    ).fetchall()
    models = [name for (name,) in marts.execute("select distinct model_name from marts.fct_credits").fetchall()]
    assert len(models) > 10
    for model in models:
        found = marts.execute(
            """
            select date_trunc('month', reporting_date), cast(sum(credited_amount) as double) from marts.fct_credits
            where conversion_type = 'won' and model_name = ? group by 1 order by 1
            """,
            [model],
        ).fetchall()
        assert found == expected, model
