"""Hazard: how much sooner accounts convert for having been touched, among all that could have converted.

Each touch raises its account's daily chance to convert, by an amount that fades; what is left of all its touches adds
up (a point process with decaying, additive effects: Zhang, Y., Wei, Y. and Ren, J. (2014), "Multi-touch attribution
in online advertising with survival theory", ICDM; removal at the moment of conversion: Shender, D. et al. (2023), "A
time to event framework for multi-touch attribution"). The fade is a mixture of half-lives, weighed by likelihood, so
that no shape need be chosen. Touches of one channel saturate: with s_h what is left of all of them, the channel acts by
s_h / (1 + s_h / SATURATION). With demand of one that no touch brought (see `attribution.excess_hazard`),

    weight of a touch = sum over half-lives h of effect_h 2^(-days before conversion / h) / (1 + s_h / SATURATION),
    baseline = 1

so that a channel's credit is what the chance to convert at that very moment would have lost without it.

The comparison is with moments at which accounts could have converted and did not, touched or not, of the same hour of
the day. What else tells those apart is kept out of the channels' effects: the covariates, the time of observation, the
calendar, and, where the likelihood asks for it, what nobody recorded but touches show: the account's lasting quality
and its present state (`attribution.touch_process`). Direct visits serve that alone: who types the address was not
brought there, so they are signs of interest and earn nothing (a negative control exposure: Lipsitch, M. et al. (2010),
"Negative controls", Epidemiology 21(3)). So are meetings that sales holds: they are steps of a deal under way, and
would take the credit of whatever began it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.attribution.excess_hazard import Excess, Moments, credits, fit_excess, replicate_effects, sharpened
from pipeline.attribution.fitted import Fit, FittedModel, NotEnoughData, Relations, Summary, uniform_sql
from pipeline.attribution.model import DIRECT_NAMES, Choice, Number
from pipeline.attribution.unrecorded import SAME_INSTANT, read_unrecorded

HALF_LIVES = (1, 4, 16, 64)
EFFECTS = tuple(f"effect_{days}" for days in HALF_LIVES)
#: Of what is left of a channel's touches: with so much it does half of what it ever could.
SATURATION = 2.0
#: Conversions from which on what nobody recorded is read off the touches; fewer cannot tell it.
READ_FROM = 100
#: The half-lives, by place, over which signs are counted where touches are not read.
SIGNS_OVER = (1, 2)
#: Channels that are signs of where an account stands and earn nothing, by the parameter that can make them channels.
SIGNS = {"direct": DIRECT_NAMES, "sales_meetings": ("sales_meeting", "sales meeting", "sales meetings")}
#: Conversions that are fitted on, and moments at risk to compare them with: so many per conversion, within bounds.
MOST_CASES, PER_CASE, MOST_AT_RISK = 20_000, 12, 60_000
#: Replicates hold what was read off the touches, and so vary too little: they are drawn apart by as much as makes
#: intervals hold what they are meant to (benchmarks.attribution_intervals).
APART = 1.2
#: Of a text covariate, the commonest values are told apart.
MOST_VALUES = 10


def summary(relations: Relations, parameters: Mapping[str, Any]) -> dict[str, str]:
    """`moments`, a row per conversion and sampled moment at risk; `stocks`, a row per moment and channel; `histories`,
    the touches of the moments' accounts, each named by its first moment, with the numbers of `channels`."""
    moments = _moments(relations, parameters)
    stocks = ", ".join(
        f"round(sum(case when is_before then power(5e-1, age / {days}e0) else 0e0 end), 9) as stock_{days}"
        for days in HALF_LIVES
    )
    touches = relations.account_touches or (
        f"(select cast(journey_key as string) as account_id, touched_day, channel from {relations.touches} as touch)"
    )
    lag = f"{parameters['arrival_hours'] / 24!r}"
    named = f"""select channel, row_number() over (order by channel) as channel_number
        from (select distinct channel from {touches} as touch) as every_channel"""
    return {
        "moments": f"{moments} select * from moments order by moment_number",
        "stocks": f"""{moments}
        select moment_number, channel, {stocks}, sum(case when is_before then 1 else 0 end) as touch_count,
            sum(case when is_before then 0 else 1 end) as arrival_count
        from (
            select moment_number, channel, case when age < 0e0 then 0e0 else age end as age,
                age >= {lag} or age <= {SAME_INSTANT} as is_before
            from (
                select moment.moment_number, touch.channel, moment.day - touch.touched_day as age
                from moments as moment
                inner join {touches} as touch on moment.account_id = touch.account_id
            ) as aged
            where age >= -{SAME_INSTANT}
        ) as counted
        group by moment_number, channel""",
        "channels": named,
        "histories": f"""{moments},
        seen as (
            select account_id, min(moment_number) as moment_number, max(day) as day
            from moments
            group by account_id
        )
        select seen.moment_number, touch.touched_day, named.channel_number
        from seen
        inner join {touches} as touch on seen.account_id = touch.account_id and touch.touched_day <= seen.day
        inner join ({named}) as named on touch.channel = named.channel""",
    }


def _moments(relations: Relations, parameters: Mapping[str, Any]) -> str:
    """The common table expressions that end in `moments`.

    Moments at risk are dealt over the accounts in proportion to their days, at a random place in each equal part of
    them, and take over the hour of a random conversion. Where no account converts twice, the first ends its risk.
    """
    named = "".join(f", {name}" for name in relations.covariates)
    if relations.accounts:
        spans = f"select account_id, group_number, from_day, until_day{named} from {relations.accounts} as account"
        converted = f"""select account_id, journey_key, ended_day, weight from {relations.journeys} as journey
            where is_converted and account_id is not null"""
    else:
        spans = f"""select cast(journey.journey_key as string) as account_id, journey.group_number,
                min(touch.touched_day) as from_day, journey.ended_day as until_day
            from {relations.journeys} as journey
            inner join {relations.touches} as touch on journey.journey_key = touch.journey_key
            group by journey.journey_key, journey.group_number, journey.ended_day"""
        converted = f"""select cast(journey_key as string) as account_id, journey_key, ended_day, weight
            from {relations.journeys} as journey where is_converted"""
    draw = f"md5(concat('touchledger|{int(parameters['seed'])}|', {{}}))"
    digits = " union all ".join(f"select {digit} as digit" for digit in range(10))
    wanted = f"least({MOST_AT_RISK}e0, greatest({parameters['least_moments']!r}, {PER_CASE}e0 * case_total))"
    return f"""
    with conversions as ({converted}),
    ends as (
        select account_id, min(ended_day) as first_day, max(count(*)) over () as most_conversions
        from conversions group by account_id
    ),
    at_risk as (
        select span.*, {draw.format("span.account_id")} as draw,
            case when first_day < until_day and most_conversions = 1 then first_day else until_day end as last_day
        from ({spans}) as span left join ends on span.account_id = ends.account_id
    ),
    cases as (
        select * from (
            select at_risk.*, ended_day as day, weight, row_number() over (
                order by {draw.format("concat(at_risk.account_id, '|', cast(ended_day as string))")}, journey_key
            ) as case_number, count(*) over () as case_total
            from at_risk inner join conversions on at_risk.account_id = conversions.account_id
            where ended_day between from_day and last_day + 1e0
        ) as numbered where case_number <= {MOST_CASES}
    ),
    digits as ({digits}),
    numbers as (
        select cast(a.digit + 10 * b.digit + 100 * c.digit as double) as number
        from digits as a cross join digits as b cross join digits as c
    ),
    sized as (
        select *, floor((last_day - from_day) * {wanted} / risk_days + {uniform_sql("draw")}) as draws
        from (select *, sum(last_day - from_day) over () as risk_days from at_risk) as summed
        cross join (
            select max(case_total) as case_total, max(case_number) as case_count from cases
        ) as counted
        where last_day > from_day
    ),
    placed as (
        select *, from_day + (last_day - from_day) * (number + {uniform_sql("again")}) / draws as place,
            1e0 + floor({uniform_sql("again", 9)} * case_count) as like_number
        from (
            select sized.*, number, {draw.format("concat(account_id, '|', cast(cast(number as integer) as string))")}
                as again
            from sized inner join numbers on number < draws
        ) as drawn
    ),
    controls as (
        select placed.*, floor(place) + cases.day - floor(cases.day) as day
        from placed inner join cases on placed.like_number = cases.case_number
    ),
    moments as (
        select row_number() over (order by is_case desc, draw, account_id, day, tie) as moment_number, moment.*
        from (
            select account_id, draw, group_number, true as is_case, day, day - from_day as elapsed,
                case_number as tie, weight * case_total / least({MOST_CASES}e0, case_total) as weight,
                0e0 as risk_days{named}
            from cases
            union all
            select account_id, draw, group_number, false, day, day - from_day, number, 1e0, risk_days{named}
            from controls where day between from_day and last_day
        ) as moment
    )"""


def fit(summary: Summary, parameters: Mapping[str, Any]) -> Fit:
    """The effects of all channels at all half-lives, and each channel's part of the conversions with its replicates."""
    moments, channels, stocks = _arrays(summary)
    is_case = moments["is_case"].to_numpy()
    if is_case.sum() < parameters["min_conversions"] or (~is_case).sum() < 100:
        raise NotEnoughData(f"{int(is_case.sum())} conversions of accounts at risk, at {len(is_case)} moments")
    risk_days = moments["risk_days"].max()
    weight = np.where(is_case, moments["weight"], risk_days / (~is_case).sum())
    described = _described(moments, ~is_case)
    signs, is_sign = [], np.zeros(len(channels), bool)
    for role, names in SIGNS.items():
        of_role = np.array([channel.strip().lower() in names for channel in channels])
        if parameters[role] != "channel" and of_role.any():
            left = stocks[:, of_role].sum(axis=1)
            signs += [np.log1p(left[:, place]) for place in SIGNS_OVER]
            is_sign |= of_role
    stocks = np.where(is_sign[None, :, None], 0.0, stocks)
    exposure = (stocks / (1 + stocks / SATURATION)).reshape(len(moments), -1)
    of_channel = np.repeat(np.arange(len(channels)), len(HALF_LIVES))

    def fitted(columns: list[np.ndarray], like: Excess | None = None) -> tuple[Moments, Excess]:
        z = np.column_stack([_standard(column, ~is_case) for column in [*described, *columns]])
        data = Moments(is_case, weight, moments["group_number"].to_numpy(), z, exposure, of_channel)
        return data, fit_excess(data, like)

    data, found = fitted(signs)
    reads_touches = False
    if is_case.sum() >= READ_FROM:
        readings = read_unrecorded(summary, moments, channels, is_sign, parameters["arrival_hours"] / 24)
        by_touches = fitted(readings, replace(found, slopes=found.slopes[: len(described)]))
        # Schwarz' criterion: each column must be worth half the logarithm of the conversions in log-likelihood.
        worth = found.objective - by_touches[1].objective
        reads_touches = bool(readings) and worth > (len(readings) - len(signs)) * np.log(is_case.sum()) / 2
    if reads_touches:
        data, found = by_touches
    found = sharpened(data, found)
    effects = np.vstack([found.effects, replicate_effects(data, found, summary.weights[1:])])
    shares = credits(data, effects, summary.weights).reshape(len(effects), len(channels), -1).sum(axis=2)
    shares[1:] = np.maximum(shares[0] + APART * (shares[1:] - shares[0]), 0.0)
    shares[1:] /= np.maximum(shares[1:].sum(axis=1, keepdims=True), 1.0)
    by_channel = found.effects.reshape(len(channels), -1)
    cut_off = moments.attrs["is_touched_only"]
    return Fit(
        channels=channels,
        effects=shares,
        shares=shares,
        parameters={
            **dict(zip(EFFECTS, by_channel.T, strict=True)),
            "half_life_days": np.array([_half_life(row) for row in by_channel]),
        },
        constants={"arrival_days": parameters["arrival_hours"] / 24},
        diagnostics={
            "cases": int(is_case.sum()),
            "moments_at_risk": int((~is_case).sum()),
            "days_at_risk": float(risk_days),
            "baseline_share": float(1 - shares[0].sum()),
            "reads_touches": bool(reads_touches),
            "touched_only": cut_off,
        },
        warnings=["no account without a touch converts, so only accounts that had one are compared"] if cut_off else [],
    )


def _arrays(summary: Summary) -> tuple[pd.DataFrame, list[str], np.ndarray]:
    """Moments, channels and stocks (n, K, half-lives).

    Channels stand in the order of what is seen of them, not of their names, so that names change nothing. Where
    conversions without a touch are not told, moments without one cannot be compared.
    """
    moments, rows = summary.frames["moments"].reset_index(drop=True), summary.frames["stocks"]
    if not rows["touch_count"].sum() or not len(moments):
        raise NotEnoughData("no touch of an account at risk")
    columns = [*(f"stock_{days}" for days in HALF_LIVES), "touch_count", "arrival_count"]
    seen = rows.groupby("channel")[columns].sum().round(6).sort_values(columns, ascending=False, kind="stable")
    channels = list(seen.index)
    values = np.zeros((len(moments), len(channels), len(columns)))
    place = rows["channel"].map({channel: number for number, channel in enumerate(channels)}).to_numpy()
    values[rows["moment_number"].to_numpy() - 1, place] = rows[columns].to_numpy(float)
    touched, arrives = values[:, :, -2].sum(axis=1) > 0, values[:, :, -1].sum(axis=1) > 0
    touched_only = _are_touched_only(touched, arrives, moments["is_case"].to_numpy())
    if touched_only:
        moments, values = moments[touched].reset_index(drop=True), values[touched]
    moments.attrs["is_touched_only"] = touched_only
    return moments, channels, values[:, :, :-2]


def _are_touched_only(touched: np.ndarray, arrives: np.ndarray, is_case: np.ndarray) -> bool:
    """Whether only conversions of touched accounts are told, as in files that are rows of touches; of n moments each.

    None is without a touch then. The visit that it happened in may be the only one: by chance, which few conversions
    meet, and not because all of them happen in a visit.
    """
    if touched.all() or not (touched | arrives)[is_case].all():
        return False
    before = touched & is_case
    return touched[is_case].all() or (before.any() and arrives[before].mean() < 0.5)


def _described(moments: pd.DataFrame, at_risk: np.ndarray) -> list[np.ndarray]:
    """What is recorded of the account and the moment, a column each: calendar, time seen, covariates."""
    day = moments["day"].to_numpy()
    calendar = 2 * (day - day.min()) / max(day.max() - day.min(), 1.0) - 1
    columns = [np.polynomial.legendre.Legendre.basis(degree)(calendar) for degree in (1, 2, 3)]
    columns.append(np.log1p(np.maximum(moments["elapsed"].to_numpy(), 0)))
    own = list(moments.columns[list(moments.columns).index("risk_days") + 1 :])
    for name in own:
        column = moments[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            number = column.to_numpy(float, na_value=np.nan)
            missing = ~np.isfinite(number)
            usual = float(np.median(number[at_risk & ~missing])) if (at_risk & ~missing).any() else 0.0
            number = np.where(missing, usual, number)
            columns += [_without_tail(number, at_risk), missing.astype(float)]
        else:
            words = column.astype("string").fillna("")
            common = words[at_risk].value_counts().index[: MOST_VALUES + 1]
            columns += [(words == value).to_numpy(float) for value in sorted(common)]
    return columns


def _without_tail(number: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """The logarithm of what is far from symmetrical, like a number of employees."""
    low, middle, high = np.quantile(number[at_risk], [0.05, 0.5, 0.95])
    skewed = low >= 0 and high - middle > 3 * (middle - low)
    return np.log1p(np.maximum(number, 0)) if skewed else number


def _standard(column: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    mean, spread = column[at_risk].mean(), column[at_risk].std()
    return (column - mean) / spread if spread > 1e-9 else np.zeros_like(column)


def _half_life(effects: np.ndarray) -> float:
    """The days after which half of all a touch does is done (one half-life alone: itself); 0 without an effect."""
    half_lives = np.array(HALF_LIVES, float)
    part = effects * half_lives
    if not part.sum() > 0:
        return 0.0
    part = part / part.sum()
    low, high = 0.0, half_lives[-1]
    for _ in range(50):
        middle = (low + high) / 2
        if part @ 0.5 ** (middle / half_lives) > 0.5:
            low = middle
        else:
            high = middle
    return low


def _weight() -> str:
    """The weight of a touch, over the touches of its conversion and channel."""
    is_arrival = f"days_before_conversion between {SAME_INSTANT} and arrival_days"
    parts = []
    for effect, days in zip(EFFECTS, HALF_LIVES, strict=True):
        left = f"case when {is_arrival} then 0e0 else power(5e-1, days_before_conversion / {days}e0) end"
        whole = f"""sum({left}) over (
            partition by conversion_key, channel order by touch_number
            rows between unbounded preceding and unbounded following)"""
        parts.append(f"{effect} * {left} / (1e0 + {whole} / {SATURATION!r})")
    return " + ".join(parts)


MODEL = FittedModel(
    name="hazard",
    description="by how much the touch raised the account's chance to convert at that moment, baseline demand apart",
    source="Zhang et al. 2014; Shender et al. 2023; Prentice 1986",
    own={
        "least_moments": Number(
            20_000, "moments at risk that conversions are compared with, more where they are many", above=100
        ),
        "arrival_hours": Number(1, "a touch less than this before the conversion is the visit it happened in", above=0),
        "direct": Choice(
            "interest", "what direct visits are: signs of interest, or a channel", ("interest", "channel")
        ),
        "sales_meetings": Choice(
            "progress", "what meetings of sales are: signs of how far a deal is, or a channel", ("progress", "channel")
        ),
    },
    summary=summary,
    fit=fit,
    reads=EFFECTS,
    reads_constants=("arrival_days",),
    weight=_weight(),
    formula="sum over h of effect_h * 2^(-days_before_conversion / h) / (1 + left_h / 2)",
    baseline="1e0",
    needs_times=True,
    reads_accounts=True,
)
