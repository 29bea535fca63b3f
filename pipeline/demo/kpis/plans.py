"""What representatives promised and were asked for: forecasts and quotas against what was won."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import SEGMENT_KEYS, date_of, figure, in_periods, sums_of
from pipeline.demo.kpis.known import DAY, Known

_OWNER = {"owner": "owner", "team": "team", "manager": "manager"}
_SUMS = ["won", "open", "count"]


def figures(known: Known) -> list[pd.DataFrame]:
    """forecast_accuracy and forecast_bias at three times of a month, pipeline_coverage and quota_attainment."""
    return [*_forecasts(known), *_quotas(known)]


def _owner(ids: pd.Series) -> pd.Series:
    return ids.str[3:].astype(int)


def _date(days: pd.Series) -> pd.Series:
    return pd.to_datetime(days)


def _deals(known: Known) -> pd.DataFrame:
    """Won and open deals with the day they closed or should, and their `value`."""
    deals = known.deals[known.deals.outcome != "lost"]
    is_won = deals.outcome == "won"
    rated_on = date_of(deals.closed).where(is_won, date_of(deals.created))
    value = known.in_reporting_currency(deals.amount, deals.currency, rated_on)
    day = date_of(deals.close_day * DAY)
    return deals.assign(day=day, value=value, won=np.where(is_won, value, 0), open=np.where(is_won, 0, value))


def _forecasts(known: Known) -> list[pd.DataFrame]:
    """1 - what months were missed by / what was won, and promised too much / what was won."""
    given = known.shared["salesforce/forecasts"]
    given = given.assign(
        owner=_owner(given.OwnerId), starts=_date(given.PeriodStartDate), ends=_date(given.PeriodEndDate),
        said=_date(given.SystemModstamp).dt.tz_localize(None),
    )  # fmt: skip
    won = _deals(known)
    won = won[won.won > 0]
    tables = []
    for name, share in (("start", 0.0), ("middle", 0.5), ("end", 1.0)):
        asked = given.starts + pd.to_timedelta(((given.ends - given.starts).dt.days * share) // 1, unit="D")
        by_then = given[given.said < asked + pd.Timedelta(days=1)].sort_values("said")
        last = by_then.drop_duplicates(["owner", "starts"], keep="last").set_index(["owner", "starts"]).ForecastAmount
        months = given[given.ends <= pd.Timestamp(known.company.end_date)][["owner", "starts", "ends"]]
        months = months.drop_duplicates(ignore_index=True)
        keys = pd.MultiIndex.from_frame(months[["owner", "starts"]])
        months["promised"] = last.reindex(keys).fillna(0).to_numpy(dtype=float)
        actual = won.groupby(["owner", won.day.dt.to_period("M").dt.start_time]).won.sum()
        months["actual"] = actual.reindex(keys).fillna(0).to_numpy()
        months["hit"] = months.actual - (months.actual - months.promised).abs()
        months["bias"], months["count"] = months.promised - months.actual, 1
        months = months.assign(**known.teams(months.owner))
        units = in_periods(months, months.starts)
        sums = sums_of(units[units.ends <= units.period_end], _OWNER, ["hit", "bias", "actual", "count"])
        for kpi, column in (("forecast_accuracy", "hit"), ("forecast_bias", "bias")):
            tables.append(figure(sums, f"{kpi}_at_{name}", sums[column], sums.actual, sums["count"]))
    return tables


def _quotas(known: Known) -> list[pd.DataFrame]:
    """Won / quota, and what is open / what is still to be won, of periods that are not over."""
    given, today = known.shared["salesforce/quotas"], pd.Timestamp(known.company.end_date)
    quotas = given.assign(
        owner=_owner(given.OwnerId), starts=_date(given.StartDate), ends=_date(given.EndDate), quota=given.QuotaAmount
    )
    quotas = quotas.assign(**known.teams(quotas.owner))
    grains = ("month", "quarter")
    units = in_periods(quotas, quotas.starts, grains)
    units = units[(units.ends <= units.period_end) & (pd.to_datetime(units.period_start) <= today)]
    sums = sums_of(units, _OWNER, ["quota"])
    deals = _deals(known).assign(count=1)
    found = sums_of(in_periods(deals[[*_OWNER.values(), *_SUMS]], deals.day, grains), _OWNER, _SUMS)
    sums = sums.merge(found, on=SEGMENT_KEYS, how="left")
    sums[_SUMS] = sums[_SUMS].fillna(0)
    ends = units.groupby(["period_grain", "period_start"]).period_end.first()
    end = ends.reindex(pd.MultiIndex.from_frame(sums[SEGMENT_KEYS[:2]])).to_numpy()
    running = sums[end >= np.datetime64(today)]
    return [
        figure(sums, "quota_attainment", sums.won, sums.quota, sums["count"]),
        figure(running, "pipeline_coverage", running.open, running.quota - running.won, running["count"]),
    ]
