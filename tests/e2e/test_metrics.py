"""Every metric that MetricFlow is told of gives, on a night's publication, the figure of the mart that shows it too."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml

from pipeline import dbt
from pipeline.progress import Progress
from pipeline.settings import PROJECT_DIR, business_rules
from tests import nights
from tests.nights import Home

pytestmark = pytest.mark.slow
pytest.importorskip("metricflow", reason="MetricFlow is in the extra `metrics`, and is not here")

FOLDER = PROJECT_DIR / "dbt_project" / "models" / "marts" / "semantic"
DECLARED: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))}
METRICS = {metric["name"]: metric for file in DECLARED.values() for metric in file["metrics"]}
MODEL_OF = {
    metric["name"]: model
    for file in DECLARED.values()
    for metric in file["metrics"]
    for model in file["semantic_models"]
}
#: How a mart's value is made that a metric can give: the others cannot be added up, nor divided from sums.
EXPRESSIBLE = ("ratio", "mean", "sum", "count")

#: Marts of what the simulated company does not deliver.
WITHOUT_DATA = {"kpi_broken_promise_share", "kpi_complaint_share", "kpi_customer_satisfaction"}

#: Rates of cohorts for which the first night's company is too young: their numerators and denominators are compared.
TOO_YOUNG = {"opened_win_rate"}

Cells = dict[tuple[str, ...], float]


class Layer:
    """The semantic layer over one published file: MetricFlow writes the SQL, which is run read-only."""

    def __init__(self, night: Home, manifest: Path) -> None:
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
        from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        read = parse_manifest_from_dbt_generated_manifest(manifest.read_text())
        client: Any = SimpleNamespace(sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer())
        self.engine = MetricFlowEngine(SemanticManifestLookup(read), client)
        self.marts = duckdb.connect()
        # The manifest names the warehouse that a night is built in.
        self.marts.execute(f"attach '{night.path / 'published/current/touchledger.duckdb'}' as warehouse (read_only)")
        self.marts.execute("use warehouse")

    def query(self, metric: str, *group_by: str) -> list[tuple[Any, ...]]:
        """Rows of the groups and the metric's figure."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(metric_names=[metric], group_by_names=group_by)
        return self.marts.execute(self.engine.explain(request).sql_statement.sql).fetchall()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.marts.execute(sql).fetchall()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What dbt tells MetricFlow of the project as the first night parsed it."""
    settings = nights.settings(tmp_path_factory.mktemp("parsed"))
    dbt.run(settings, business_rules(settings, {"business_date": nights.BUSINESS_DATE}), ["parse"], Progress())
    return settings.home / "dbt_target" / "semantic_manifest.json"


@pytest.fixture(scope="module")
def layer(first_night: Home, manifest: Path) -> Layer:
    return Layer(first_night, manifest)


def shown(layer: Layer, meta: dict[str, str], segment_type: str) -> Cells:
    """The mart's figures by month and segment, where there is one."""
    rows = layer.marts.execute(
        f"""select strftime(period_start, '%Y-%m'), segment_value, {meta["column"]} from marts.{meta["mart"]}
            where period_grain = 'month' and (segment_type, kpi, value_kind) = (?, ?, ?)""",
        [segment_type, *figure(meta)[1:]],
    ).fetchall()
    return {tuple(key): float(value) for *key, value in rows if value is not None}


def figure(meta: dict[str, str]) -> tuple[str, str, str]:
    """(mart, kpi, value_kind) that a metric's `config.meta` means; its mart's own KPI and a ratio, if not said."""
    return meta["mart"], meta.get("kpi", meta["mart"].removeprefix("kpi_")), meta.get("value_kind", "ratio")


def dimensions(model: dict[str, Any]) -> dict[str, str]:
    """A semantic model's own dimensions, and how a question names them: `<primary entity>__<dimension>`."""
    primary = [entity["name"] for entity in model.get("entities", []) if entity["type"] == "primary"]
    (entity,) = primary or [model["primary_entity"]]
    return {one["name"]: f"{entity}__{one['name']}" for one in model["dimensions"]}


def fills_with_zero(metric: str) -> bool:
    measure = METRICS[metric]["type_params"].get("measure")
    return isinstance(measure, dict) and measure.get("fill_nulls_with") == 0


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_the_figure_of_its_mart(layer: Layer, metric: str) -> None:
    meta = METRICS[metric].get("config", {}).get("meta", {})
    assert {"mart", "column"} <= set(meta), f"{metric}: config.meta names no mart and column that show the same figure"
    segments = dimensions(MODEL_OF[metric])
    types = meta.get("segments") or [
        name for (name,) in layer.rows(f"select distinct segment_type from marts.{meta['mart']}")
    ]
    missing = set(types) - set(segments) - {"overall"}
    assert not missing, f"{metric} cannot be told apart by {missing}, as {meta['mart']} is"

    compared = 0
    for segment in types:
        group_by = ["metric_time__month", *([segments[segment]] if segment != "overall" else [])]
        found = {
            (f"{month:%Y-%m}", value[0] if value else "all"): float(figure)
            for month, *value, figure in layer.query(metric, *group_by)
            if figure is not None
        }
        expected = shown(layer, meta, segment)
        if fills_with_zero(metric):  # a month without rows is a 0 of the mart's, and no row of a metric asked alone
            found, expected = ({key: value for key, value in cells.items() if value} for cells in (found, expected))
        assert found == pytest.approx(expected), segment
        compared += len(expected)
    without = meta["mart"] in WITHOUT_DATA or metric in TOO_YOUNG
    assert (compared == 0) == without, f"{meta['mart']} shows {compared} figures of {metric}"


FEW = "few answers must not show, and a metric cannot hold them back"
WHOLE_PERIODS = "counts in periods that hold all of its own; metrics count it where it begins"
STOCK = "a stock on a period's last day, frozen by its night; metrics add up over days"
TWO_DAYS = "compares who was a customer on two days; metrics add up what happened between them"
#: Ratios and sums that no metric gives, and why. It may only shrink.
NO_METRIC = {
    ("kpi_enps", "enps", "ratio"): FEW,
    ("kpi_pulse_favourable_share", "pulse_favourable_share", "ratio"): FEW,
    ("kpi_customer_acquisition", "cac_lagged", "ratio"): "its lag is a percentile of the data",
    ("kpi_customer_acquisition", "cac_payback_months", "ratio"): "customers of known margin stand for all: no sum",
    ("kpi_customer_acquisition", "clv_to_cac", "ratio"): "customers of known value stand for all: no sum",
    ("kpi_customer_lifetime_value", "clv", "mean"): "from a fit or from survival where there is one",
    ("kpi_customer_retention", "customer_churn", "ratio"): TWO_DAYS,
    ("kpi_customer_retention", "gross_revenue_retention", "ratio"): TWO_DAYS,
    ("kpi_customer_retention", "net_revenue_retention", "ratio"): TWO_DAYS,
    **{
        ("kpi_forecast_accuracy", f"forecast_{kpi}_at_{lead_time}", "ratio"): WHOLE_PERIODS
        for kpi in ("accuracy", "bias")
        for lead_time in ("start", "middle", "end")
    },
    ("kpi_pipeline", "pipeline_amount", "sum"): STOCK,
    ("kpi_pipeline", "pipeline_count", "count"): STOCK,
    ("kpi_pipeline", "pipeline_weighted_amount", "sum"): STOCK,
    ("kpi_pipeline_coverage", "pipeline_coverage", "ratio"): WHOLE_PERIODS,
    ("kpi_pipeline_coverage", "quota_attainment", "ratio"): WHOLE_PERIODS,
    ("kpi_product_performance", "product_days_to_win", "mean"): "a deal counts once however many lines it has",
}


def test_every_figure_that_adds_up_or_is_a_ratio_has_a_metric(layer: Layer) -> None:
    kpis = [name for (name,) in layer.rows("select table_name from duckdb_tables() where table_name like 'kpi_%'")]
    assert len(kpis) >= 20
    figures = {
        (mart, kpi, kind)
        for mart in kpis
        for kpi, kind in layer.rows(f"select distinct kpi, value_kind from marts.{mart}")
        if kind in EXPRESSIBLE
    }
    with_metric = {
        figure(metric["config"]["meta"]) for metric in METRICS.values() if metric["config"]["meta"]["column"] == "value"
    }
    assert figures - with_metric == set(NO_METRIC), "give it a metric in models/marts/semantic/"


def test_mf_reads_the_publication_and_gives_the_win_rate_of_its_mart(
    first_night: Home, layer: Layer, manifest: Path, tmp_path: Path
) -> None:
    """As `make metrics` asks; dbt's manifest is the night's, with the published file's name for the database."""
    for path in (PROJECT_DIR / "dbt_project").iterdir():
        if path.name not in ("target", "logs"):
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "semantic_manifest.json").write_text(
        manifest.read_text().replace(r"\"warehouse\"", r"\"touchledger\"")
    )
    published = first_night.path / "published" / "current" / "touchledger.duckdb"
    before = published.stat().st_mtime_ns
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("mf"), "query", "--metrics", "win_rate"),
            *("--group-by", "metric_time__month,opportunity__lead_source", "--csv", tmp_path / "win_rate.csv"),
        ],
        cwd=tmp_path,
        env=os.environ
        | {"TOUCHLEDGER_TARGET": "published", "TOUCHLEDGER_PUBLISHED": str(first_night.path / "published")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with (tmp_path / "win_rate.csv").open(newline="") as file:
        found = {
            (row["metric_time__month"][:7], row["opportunity__lead_source"]): float(row["win_rate"])
            for row in csv.DictReader(file)
            if row["win_rate"]
        }
    assert found == pytest.approx(shown(layer, {"mart": "kpi_win_rate", "column": "value"}, "lead_source"))
    assert found
    assert published.stat().st_mtime_ns == before
