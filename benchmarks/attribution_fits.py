"""Time the learnt models' fits on made-up journeys: `python -m benchmarks.attribution_fits [journeys] [touches]`.

Journeys of two accounts in three, a third of them converted, are made in a warehouse file on disk; then every learnt
model is fitted to them with its bootstrap replicates. Prints wall and CPU seconds of each, all together, and the
peak of memory. CPU seconds are those of all threads: on a busy machine they say more than the clock.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from pipeline.attribution.fit_inputs import make_relations
from pipeline.attribution.fitting import Fitter
from pipeline.attribution.model_fits import fitted_models
from pipeline.attribution.registry import all_models
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.base import Warehouse

CHANNELS = 20


def make_journeys(warehouse: Warehouse, journeys: int, touches: int) -> None:
    """`journeys` journeys of 1 to twice `touches` touches; odds of conversion rise with the channels seen."""
    warehouse.execute(
        f"""
        create or replace table made_journeys as
        select cast(n as varchar) as journey_id, 'won' as conversion_type, 'account ' || (n * 2 // 3) as account_id,
            'account ' || (n * 2 // 3) as cluster_id, hash(n, 'touches') % {2 * touches - 1} + 1 as touch_count,
            1e0 as weight, timestamp '2026-01-01' + to_hours(cast(hash(n, 'ended') % 4320 as integer)) as ended_at
        from range({journeys}) as made (n)"""
    )
    warehouse.execute(
        f"""
        create or replace table made_touches as
        select journey.journey_id, journey.journey_id || ':' || t as touch_id,
            ended_at - to_hours(cast((touch_count - t) * 30 as integer)) as touched_at,
            'channel ' || cast(floor({CHANNELS} * power(hash(journey.journey_id, t) % 10000 / 1e4, 1.7)) as integer)
                as channel,
            (touch_count - t) * 1.25 as days_before_end, t as touch_order
        from made_journeys as journey cross join range(1, {2 * touches}) as numbers (t)
        where t <= touch_count"""
    )
    warehouse.execute(
        """
        create or replace table made_outcomes as
        select journey.*, hash(journey.journey_id, 'converted') % 1000 < 150 + 60 * touched.helping as is_converted
        from made_journeys as journey
        inner join (
            select journey_id, count(distinct channel) filter (where hash(channel) % 3 = 0) as helping
            from made_touches group by journey_id
        ) as touched on journey.journey_id = touched.journey_id"""
    )


def main(journeys: int = 1_000_000, touches: int = 5) -> None:
    """Make the journeys, fit every model, and print what it took."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings.read(home=Path(home), threads=2, memory_limit="2GB")
        with open_warehouse(settings) as warehouse:
            make_journeys(warehouse, journeys, touches)
            made = warehouse.value("select count(*) from made_touches")
            print(f"{journeys:,} journeys, {made:,} touches, {CHANNELS} channels")
            begun, used = time.monotonic(), time.process_time()

            def took(what: str, since: tuple[float, float]) -> None:
                wall, cpu = time.monotonic() - since[0], time.process_time() - since[1]
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
                print(f"{what:<28} {wall:7.1f} s   {cpu:7.1f} s of CPU   {memory:5.2f} GiB at most so far", flush=True)

            inputs = make_relations(warehouse, "select * from made_outcomes", "select * from made_touches")
            fitter = Fitter(warehouse, inputs)
            took("reading the journeys", (begun, used))
            for model in fitted_models(all_models({})):
                since = (time.monotonic(), time.process_time())
                result = fitter.fit(model, "won")
                took(f"{model.name} ({result.status})", since)
            took("all", (begun, used))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
