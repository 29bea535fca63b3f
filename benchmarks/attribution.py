"""Measure attribution on made-up journeys: `python -m benchmarks.attribution [journeys] [touches]`.

Prints, for a warehouse file on disk: the first night (everything is new), the same night again (nothing changed), a
night in which one journey in a thousand got a late touch, and a change of one model's parameter. CPU seconds are
those of all threads: on a busy machine they say more than the clock.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline.attribution import attribute_warehouse
from pipeline.attribution.registry import all_models
from pipeline.progress import Progress
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.base import Warehouse

CHANNELS = 19
FLAGS = ("lead_creation", "mql", "sal", "sql", "opportunity_creation", "closing")


def make_journeys(warehouse: Warehouse, journeys: int, touches: int) -> None:
    """Write `journeys` converted journeys of `touches` touches each, all in the engine."""
    warehouse.execute("create schema if not exists journeys")
    stages = ", ".join(f"timestamp '2025-06-01' as {name}_at" for name in ("lead_created", "mql", "sal", "sql"))
    warehouse.execute(
        f"""
        create or replace table journeys.fct_journeys as
        select 'won:' || n as journey_id, 'won:' || n as conversion_id, 'won' as conversion_type, true as is_converted,
            'account ' || (n // 2) as account_id, cast(null as varchar) as person_id,
            cast(n as varchar) as opportunity_id, 'won' as opportunity_status, 'new_business' as opportunity_type,
            1 as cycle_number,
            timestamp '2025-01-01' as started_at,
            timestamp '2026-01-01' + to_days(cast(n % 90 as integer)) as converted_at,
            date '2026-01-01' + cast(n % 90 as integer) as reporting_date,
            cast(hash(n) % 10000000 / 100 as decimal(18, 4)) as amount, 'EUR' as currency, 2 as minor_unit_digits,
            cast(hash(n) % 10000000 / 90 as decimal(18, 4)) as amount_reporting, 'USD' as reporting_currency,
            2 as reporting_minor_unit_digits,
            {stages},
            timestamp '2025-07-01' as opportunity_created_at, timestamp '2026-01-01' as closed_at
        from range({journeys}) as made (n)"""
    )
    flags = ", ".join(f"t = 1 + hash(n, '{name}') % {touches} as is_{name}" for name in FLAGS)
    warehouse.execute(
        f"""
        create or replace table journeys.fct_journey_touches as
        select 'won:' || n as journey_id, 'won:' || n as conversion_id, 'account ' || (n // 2) as account_id,
            'web:session:' || n || ':' || t as touch_id,
            timestamp '2025-12-01' + to_days(cast(t as integer)) as touched_at,
            'person ' || (n + t % 2) as person_id, 'channel ' || hash(n, t) % {CHANNELS} as channel,
            'campaign ' || hash(t, n) % 200 as campaign_id, cast(null as varchar) as content_name,
            'session' as touch_kind, false as is_offline, hash(n, t) % {CHANNELS} = 0 as is_direct,
            true as is_marketing,
            cast(null as varchar) as buying_role, cast(t as integer) as touch_number,
            cast(3 * ({touches} - t) as double) as days_before_conversion, {flags}
        from range({journeys}) as made (n), range(1, {touches} + 1) as touched (t)"""
    )


def measure(label: str, warehouse: Warehouse, rules: dict[str, Any], night: int) -> None:
    """Run one night and print what it took."""
    began, cpu = time.perf_counter(), time.process_time()
    report = attribute_warehouse(
        warehouse, rules, date(2026, 4, 1) + timedelta(days=night), f"night {night}", Progress()
    )
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    computed = sum(report.computed.values())
    print(
        f"{label:<40} {took:8.1f} s {cpu:8.1f} s of CPU {report.credits_written:>12,} credits written "
        f"{computed:>12,} conversions computed",
        flush=True,
    )


def main() -> None:
    journeys, touches = (int(given) for given in [*sys.argv[1:], *("1000000", "5")[len(sys.argv) - 1 :]])
    rules: dict[str, Any] = {"enabled_models": "all"}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings.read({}, home=str(home), threads=2, memory_limit="4GB")
        with open_warehouse(settings) as warehouse:
            make_journeys(warehouse, journeys, touches)
            models = len(all_models(rules))
            print(
                f"{journeys:,} journeys of {touches} touches, {models} models, {settings.threads} threads, "
                f"at most {settings.memory_limit}",
                flush=True,
            )
            measure("the first night", warehouse, rules, 1)
            measure("the same night again", warehouse, rules, 1)
            warehouse.execute(
                """insert into journeys.fct_journey_touches
                select * replace (touch_id || ' late' as touch_id, touch_number + 1000 as touch_number)
                from journeys.fct_journey_touches where touch_number = 1 and hash(journey_id) % 1000 = 0"""
            )
            measure("one journey in 1000 got a late touch", warehouse, rules, 2)
            rules["model_parameters"] = {"time_decay": {"half_life_days": 7}}
            measure("another half-life for time_decay", warehouse, rules, 3)
        print(f"warehouse file {settings.warehouse.stat().st_size / 2**20:,.0f} MiB")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:,.1f} GiB")


if __name__ == "__main__":
    main()
