"""The channels file of `touchledger attribute`: every model and channel, with the interval where there is one."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from pipeline.attribution.fitting import FitResult
from pipeline.attribution.journey_files import TOUCHED
from pipeline.attribution.shares import text
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

FIGURES = "file_channel_figures"
FIGURE_COLUMNS = pa.schema(
    {"model_name": pa.string(), "channel": pa.string(), "share": pa.float64(), "interval_low": pa.float64(),
     "interval_high": pa.float64()}
)  # fmt: skip

#: A baseline below this is the noise of doubles.
SMALLEST_REST = 1e-9


def read_figures(warehouse: DuckDBWarehouse, fits: Mapping[str, FitResult]) -> None:
    """Make FIGURES: the channel credit of the fits; what their own definition leaves to no channel has none."""
    rows = []
    for name, result in fits.items():
        figures = result.channels()
        rows += [
            {
                "model_name": name,
                "channel": one.channel,
                "share": one.credit_share,
                "interval_low": one.interval_low,
                "interval_high": one.interval_high,
            }
            for one in figures
        ]
        rest = 1.0 - sum(one.credit_share for one in figures)
        if figures and rest > SMALLEST_REST:
            rows.append({"model_name": name, "channel": None, "share": rest})
    warehouse.create_from_arrow(FIGURES, pa.Table.from_pylist(rows, FIGURE_COLUMNS))


def channels_query(models: Sequence[str], credits: str) -> str:
    """By model and channel, every channel of the file for every model, and what is unattributed without one.

    The sums of the credits; for learnt models that were fitted, the channel credit of the fit.
    """
    names = ", ".join(f"({number}, {text(name)})" for number, name in enumerate(models))
    return f"""
        select name.model_name, channel.channel,
            case when fit.model_name is not null then coalesce(figure.share, 0)
                when total.conversions > 0 then coalesce(credit.conversions, 0) / total.conversions else 0 end
                as credit_share,
            case when fit.model_name is not null then coalesce(figure.share, 0) * total.conversions
                else coalesce(credit.conversions, 0) end as conversions,
            case when not total.has_amounts then null
                when fit.model_name is not null
                then cast(round(coalesce(figure.share, 0) * cast(total.amount as double), 4) as decimal(38, 4))
                else coalesce(credit.amount, 0) end as amount,
            figure.interval_low, figure.interval_high
        from (values {names}) as name (number, model_name)
        cross join (
            select distinct channel from {TOUCHED} union select distinct channel from {credits}
            union select distinct channel from {FIGURES}
        ) as channel
        left join (
            select model_name, channel, sum(credit_share * coalesce(conversions, journey_count)) as conversions,
                cast(round(sum(credited_amount * journey_count), 4) as decimal(38, 4)) as amount
            from {credits} group by model_name, channel
        ) as credit on credit.model_name = name.model_name and credit.channel is not distinct from channel.channel
        left join (
            select model_name, sum(credit_share * coalesce(conversions, journey_count)) as conversions,
                count(credited_amount) > 0 as has_amounts, sum(credited_amount * journey_count) as amount
            from {credits} group by model_name
        ) as total on total.model_name = name.model_name
        left join (select distinct model_name from {FIGURES}) as fit on fit.model_name = name.model_name
        left join {FIGURES} as figure
            on figure.model_name = name.model_name and figure.channel is not distinct from channel.channel
        where channel.channel is not null
            or case when fit.model_name is null then credit.conversions else figure.share end > 0
        order by name.number, conversions desc, channel.channel"""
