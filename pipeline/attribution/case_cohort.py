"""Conversions, and sampled moments at which accounts could have converted and did not, as the engine finds them.

A case-cohort sample (Prentice, R. L. (1986), Biometrika 73(1), 1-11): all conversions, up to a number, and moments at
risk drawn from all days of all accounts, each with what was left of the touches before it.
"""

import math
from collections.abc import Mapping
from typing import Any

from pipeline.attribution.fitted import Relations, uniform_sql
from pipeline.attribution.unrecorded import SAME_INSTANT

#: Days after which half of a touch is left, of each of the stocks.
HALF_LIVES = (1, 4, 16, 64)
#: A second, in days. Sums of floating point differ in their last digits from one query to the next, and all queries
#: must find the same moments: nothing is asked of times more closely than this.
SECOND = 1e-5
#: Hours that point in all directions alike have no mean: less than this of their number is left of them together.
LEAST_DIRECTION = 1e-6
#: Once around the clock, as SQL.
TURN = f"{2 * math.pi!r}e0"
#: Conversions that are fitted on, and moments at risk to compare them with: so many per conversion, within bounds.
MOST_CASES, PER_CASE, MOST_AT_RISK = 20_000, 30, 60_000
#: Of the accounts that converted, the part that may have done so again where conversions still count as happening once.
FEW_AGAIN = 0.1


def moments_summary(relations: Relations, parameters: Mapping[str, Any]) -> dict[str, str]:
    """`moments`, a row per conversion and sampled moment at risk; `stocks`, a row per moment and channel; `histories`,
    the touches of the moments' accounts, each named by its first moment, with the numbers of `channels`.

    Parameters read: seed, least_moments, arrival_hours. The covariates are the columns of `moments` after risk_days.
    """
    touches = relations.account_touches or (
        f"(select cast(journey_key as string) as account_id, touched_day, channel from {relations.touches} as touch)"
    )
    moments = _moments(relations, parameters, touches)
    stocks = ", ".join(
        f"round(sum(case when is_before then power(5e-1, age / {days}e0) else 0e0 end), 9) as stock_{days}"
        for days in HALF_LIVES
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


def _moments(relations: Relations, parameters: Mapping[str, Any], touches: str) -> str:
    """The common table expressions that end in `moments`.

    Moments at risk are dealt over the accounts in proportion to their days, at a random place in each equal part of
    them, and take over the hour of a random conversion: as long after the usual hour of the account's touches as that
    was after its own account's, since people work in several time zones. The usual hour is the mean direction of those
    on the clock (Mardia, K. V. (1972), "Statistics of Directional Data", section 2.2), save of those in the day before
    a conversion, which drew it to themselves. Accounts without such touches, or whose hours cancel each other out, take
    over the hour of day as it is.

    Where hardly an account converts again, its first conversion ends its risk: of a moment before that `converts_later`
    is true, and `left_days` are those to the end of the data, which is the last conversion: accounts without an end are
    often said to be watched until 2099. Of others they are those that the account was still followed.
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
    once = "coalesce(are_once and first_day <= until_day + 1e0, false)" if relations.accounts else "false"
    digits = " union all ".join(f"select {digit} as digit" for digit in range(10))
    wanted = f"least({MOST_AT_RISK}e0, greatest({parameters['least_moments']!r}, {PER_CASE}e0 * case_total))"
    return f"""
    with conversions as ({converted}),
    ends as (
        select account_id, min(ended_day) as first_day,
            sum(case when count(*) > 1 then 1e0 else 0e0 end) over () <= {FEW_AGAIN} * count(*) over () as are_once
        from conversions group by account_id
    ),
    at_risk as (
        select span.*, {draw.format("span.account_id")} as draw,
            (select max(ended_day) from conversions) as end_day,
            case when first_day < until_day and are_once then first_day else until_day end as last_day,
            {once} as converts_once
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
    usual as (
        select account_id, round(atan2(sum(sin(turn)), sum(cos(turn))) / {TURN}, 9) as hour
        from (
            select touch.account_id, {TURN} * (touched_day - floor(touched_day)) as turn
            from {touches} as touch left join ends on touch.account_id = ends.account_id
            where first_day is null or touched_day <= first_day - 1e0
        ) as turned
        group by account_id
        having sqrt(power(sum(sin(turn)), 2) + power(sum(cos(turn)), 2)) > {LEAST_DIRECTION} * count(*)
    ),
    habits as (
        select row_number() over (order by case_number) as habit_number, day - hour - floor(day - hour) as hours_after
        from cases inner join usual on cases.account_id = usual.account_id
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
            1e0 + floor({uniform_sql("again", 9)} * case_count) as like_number,
            1e0 + floor({uniform_sql("again", 17)} * (select count(*) from habits)) as habit_number
        from (
            select sized.*, number, {draw.format("concat(account_id, '|', cast(cast(number as integer) as string))")}
                as again
            from sized inner join numbers on number < draws
        ) as drawn
    ),
    controls as (
        select placed.*, coalesce(
            floor(place - hour) + hour + hours_after, floor(place) + cases.day - floor(cases.day)
        ) as day
        from placed inner join cases on placed.like_number = cases.case_number
        left join usual on placed.account_id = usual.account_id
        left join habits on placed.habit_number = habits.habit_number
    ),
    moments as (
        select row_number() over (order by is_case desc, draw, account_id, day, tie) as moment_number, moment.*
        from (
            select account_id, draw, group_number, true as is_case, day, day - from_day as elapsed,
                case_number as tie, weight * case_total / least({MOST_CASES}e0, case_total) as weight,
                end_day - day as left_days, false as converts_later, 0e0 as risk_days{named}
            from cases
            union all
            select account_id, draw, group_number, false, day, day - from_day, number, 1e0,
                case when converts_once then end_day else least(until_day, end_day) end - day, converts_once,
                risk_days{named}
            from controls where day between from_day - {SECOND} and last_day - {SECOND}
        ) as moment
    )"""
