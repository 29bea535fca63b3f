"""Measure the KPI build: `python -m benchmarks.kpis [leads] [touches] [--home var/demo]`.

The load is a demo's company many times over: `make demo` first. Its people, accounts, deals, stages, activities and
cases are copied with keys of their own until there are so many leads; of its touches a share is taken that makes so
many in all. Users, campaigns, products and costs stay one company's. Prints the time of the KPIs with all they stand on
in the marts, model by model. CPU seconds are those of all threads: on a busy machine they say more than the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from pipeline import dbt
from pipeline.console import reporter
from pipeline.progress import Progress
from pipeline.publish import current_manifest
from pipeline.settings import Settings, business_rules
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.base import Warehouse

#: The KPIs and the marts they stand on. Attribution is measured by benchmarks.attribution: its credits are left out.
SELECTED = ["path:models/marts/kpis", "+path:models/marts/kpis,path:models/marts"]
LEFT_OUT = ["fct_credits+"]

#: Tables of one company's settings, which stay as they are.
SHARED = {
    "int_crm_campaigns", "int_crm_products", "int_crm_users", "int_exchange_rates_unioned", "int_spend_classified",
    "int_survey_answers_unioned", "int_survey_waves_unioned",
}  # fmt: skip

#: Columns that name what is copied; all of one copy get its number.
KEYS = {
    "account_id", "account_key", "activity_id", "case_id", "converted_account_id", "converted_opportunity_id",
    "converted_person_id", "matched_account_id", "member_account_id", "member_person_id", "merged_into_person_id",
    "opportunity_id", "opportunity_line_id", "parent_account_id", "person_id", "person_key", "stage_entry_id",
    "subscription_id", "touch_id", "unit_id",
}  # fmt: skip

TOUCHES = "intermediate.int_touches"


def copied(warehouse: Warehouse, table: str, copies: int, share: float) -> str:
    """The query that makes `table` of `copies` companies; of touches a share, always the same ones of a company."""
    columns = [name for (name, *_) in warehouse.rows(f"DESCRIBE demo.{table}")]
    keyed = ", ".join(
        f"{name} || '-' || copy_number as {name}" if name in KEYS else f"source_rows.{name}" for name in columns
    )
    sampled = f"where hash(touch_id, copy_number) % 1000000 < {round(share * 1e6)}" if table == TOUCHES else ""
    return f"select {keyed} from demo.{table} as source_rows cross join range({copies}) as made (copy_number) {sampled}"


def tables_read(dbt_manifest: Path) -> set[str]:
    """The intermediate tables that a mart reads itself."""
    nodes = json.loads(dbt_manifest.read_text())["nodes"]
    marts = [node for name, node in nodes.items() if name.startswith("model.") and "marts" in node["fqn"]]
    parents = {parent for mart in marts for parent in mart["depends_on"]["nodes"]}
    return {nodes[name]["name"] for name in parents if name in nodes}


def make_load(settings: Settings, demo: Settings, leads: int, touches: int, progress: Progress) -> None:
    """Write what the marts read into the warehouse of `settings`; of what they do not read, empty tables."""
    with open_warehouse(settings) as warehouse:
        warehouse.execute(f"ATTACH '{demo.warehouse}' AS demo (READ_ONLY)")
        copies = -(-leads // warehouse.value("SELECT count(*) FROM demo.marts.fct_leads"))
        share = touches / copies / warehouse.value(f"SELECT count(*) FROM demo.{TOUCHES}")
        tables = warehouse.rows(
            """SELECT schema_name, table_name FROM duckdb_tables()
            WHERE database_name = 'demo' AND schema_name IN ('seeds', 'intermediate', 'attribution', 'clv', 'ops',
                'quarantine', 'journeys')"""
        )
        read = tables_read(demo.home / "dbt_target" / "manifest.json")
        progress.phase(f"load: {copies} copies of the demo")
        for number, (schema, table) in enumerate(tables, 1):
            warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            name = f"{schema}.{table}"
            if table in SHARED or schema not in ("intermediate", "journeys", "attribution"):
                query = f"SELECT * FROM demo.{name}"
            else:
                query = copied(warehouse, name, copies if schema == "intermediate" and table in read else 0, share)
            warehouse.execute(f"CREATE TABLE {name} AS {query}")
            progress.advance(number, len(tables), "tables")
        warehouse.execute("DETACH demo")


def main() -> None:
    """Make the load, build, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("leads", nargs="?", type=int, default=1_000_000)
    parser.add_argument("touches", nargs="?", type=int, default=10_000_000)
    parser.add_argument("--home", default="var/demo", help="home of the demo that is copied")
    options = parser.parse_args()
    demo = Settings.read(home=options.home)
    manifest = current_manifest(demo.published)
    if manifest is None:
        parser.error(f"nothing is published in {demo.published}: `make demo` first, or name another --home")
    with tempfile.TemporaryDirectory(dir=demo.home.parent) as folder:
        settings = Settings.read({}, home=Path(folder), threads=2, memory_limit="4GB")
        began = time.perf_counter()
        with reporter() as progress:
            make_load(settings, demo, options.leads, options.touches, progress)
        print(f"made in {time.perf_counter() - began:.0f} s", flush=True)
        rules = business_rules(settings, {"business_date": manifest["business_date"]})
        began = time.perf_counter()
        with reporter() as progress:
            results = dbt.run(settings, rules, ["run", "--select", *SELECTED, "--exclude", *LEFT_OUT], progress)
        took = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        for result in sorted(results, key=lambda one: -one["execution_time"]):
            print(f"{result['unique_id'].split('.')[-1]:<44} {result['execution_time']:8.1f} s")
        with open_warehouse(settings, read_only=True) as warehouse:
            tables = ("marts.fct_leads", "marts.fct_opportunities", TOUCHES)
            counted = [warehouse.value(f"SELECT count(*) FROM {table}") for table in tables]
        print("{:,} leads, {:,} opportunities, {:,} touches".format(*counted))
        print(
            f"{len(results)} models in {took:.0f} s by the clock, {used.ru_utime + used.ru_stime:.0f} s of CPU, "
            f"at most {used.ru_maxrss / 2**20:.1f} GiB"
        )


if __name__ == "__main__":
    main()
