"""What learnt models are fitted on: all journeys, converted or not, dealt into groups, and the groups' random weights.

The bootstrap resamples accounts, since journeys of one account are alike. Accounts are dealt into at most GROUPS
groups in the order of their md5, and each is a group of its own when there are fewer; a journey without an account
stands alone. A replicate weighs every group by a draw from the exponential distribution (the Bayesian bootstrap:
Rubin, D. B. (1981), "The Bayesian Bootstrap", Annals of Statistics 9(1)), whose mean and variance are those of the
classical bootstrap's counts. A path that stands for n journeys is n clusters: its weight is the mean of n such draws, a
gamma variate by the approximation of Wilson and Hilferty (1931). The draws come from md5, so that every engine
draws the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.attribution.fitted import HEX_DIGITS, Relations, uniform_sql
from pipeline.attribution.inputs import JOURNEY_TOUCHES, JOURNEYS
from pipeline.attribution.shares import text
from pipeline.warehouse.base import Warehouse

#: At most so many groups of accounts, and so many beside for paths that stand for several journeys.
GROUPS = 1000

ACCOUNTS_AT_RISK = "journeys.fct_accounts_at_risk"
ACCOUNT_TOUCHES = "journeys.fct_account_touches"
OF_RISK_SET = ("account_id", "conversion_type", "observed_from", "observed_until", "is_converted", "converted_at")

#: What is added to the risk set here.
MADE = ("from_day", "until_day", "group_number")

#: Temporary relations of a fit.
FIT_JOURNEYS = "attribution_fit_journeys"
FIT_TOUCHES = "attribution_fit_touches"
FIT_ACCOUNTS = "attribution_fit_accounts"
FIT_ACCOUNT_TOUCHES = "attribution_fit_account_touches"
FIT_GROUPS = "attribution_fit_groups"


@dataclass(frozen=True)
class FitInputs:
    """The relations that were made, and what is known of them."""

    conversion_types: list[str]
    has_accounts: bool
    covariates: Mapping[str, str]

    def relations(self, conversion_type: str) -> Relations:
        """The relations of one conversion type, as a summary reads them."""
        which = f"where conversion_type = {text(conversion_type)}"
        return Relations(
            journeys=f"(select * from {FIT_JOURNEYS} {which})",
            touches=f"(select * from {FIT_TOUCHES} {which})",
            accounts=f"(select * from {FIT_ACCOUNTS} {which})" if self.has_accounts else None,
            account_touches=FIT_ACCOUNT_TOUCHES if self.has_accounts else None,
            covariates=self.covariates,
        )


def read_fit_inputs(warehouse: Warehouse) -> FitInputs:
    """Make the relations of a fit from the warehouse's journeys and, where it is there, the risk set."""
    journeys = f"""
        select journey_id, conversion_type, account_id, coalesce(account_id, person_id, journey_id) as cluster_id,
            is_converted, 1e0 as weight, coalesce(converted_at, ended_at) as ended_at
        from {JOURNEYS}"""
    touches = f"""
        select * from (
            select journey_id, touch_id, touched_at, channel, days_before_conversion as days_before_end,
                touch_number as touch_order,
                row_number() over (partition by journey_id, touch_id order by touch_number) as delivery
            from {JOURNEY_TOUCHES}
        ) as delivered
        where delivery = 1"""
    accounts = account_touches = None
    if warehouse.exists(ACCOUNTS_AT_RISK) and warehouse.exists(ACCOUNT_TOUCHES):
        accounts = f"select * from {ACCOUNTS_AT_RISK}"
        account_touches = f"select account_id, touch_id, touched_at, channel from {ACCOUNT_TOUCHES}"
    return make_relations(warehouse, journeys, touches, accounts, account_touches)


def make_relations(
    warehouse: Warehouse, journeys: str, touches: str, accounts: str | None = None, account_touches: str | None = None
) -> FitInputs:
    """Make the relations of a fit from queries.

    journeys: journey_id, conversion_type, account_id, cluster_id, is_converted, weight, ended_at; a journey id may be
    there twice, converted and not, with a weight each. touches: journey_id, touch_id, touched_at, channel,
    days_before_end, touch_order. accounts: OF_RISK_SET and covariates. account_touches: account_id, touch_id,
    touched_at, channel.
    """

    def days(instant: str) -> str:
        return _exact(warehouse.days_since_1970(instant))

    warehouse.create_from_query(f"{FIT_JOURNEYS}_dealt", journeys)
    _deal(warehouse, has_accounts=accounts is not None, accounts=accounts)
    warehouse.create_from_query(f"{FIT_TOUCHES}_read", touches)
    warehouse.create_from_query(
        FIT_JOURNEYS,
        f"""
        select row_number() over (order by journey.conversion_type, journey.journey_id, journey.is_converted)
                as journey_key,
            journey.journey_id, journey.conversion_type, journey.account_id, journey.is_converted, journey.weight,
            journey.ended_at, {days("journey.ended_at")} as ended_day, dealt.group_number,
            coalesce(touch.touch_count, 0) as touch_count
        from {FIT_JOURNEYS}_dealt as journey
        inner join {FIT_GROUPS} as dealt on journey.cluster_id = dealt.cluster_id
        left join (select journey_id, count(*) as touch_count from {FIT_TOUCHES}_read group by journey_id) as touch
            on journey.journey_id = touch.journey_id
        where journey.weight > 0e0""",
    )
    warehouse.create_from_query(
        FIT_TOUCHES,
        f"""
        select *, row_number() over (partition by journey_key, channel order by touch_number) = 1 as is_first_of_channel
        from (
            select journey.journey_key, journey.conversion_type, journey.group_number, journey.is_converted,
                journey.weight, journey.touch_count, touch.channel, touch.touched_at,
                {days("touch.touched_at")} as touched_day, touch.days_before_end,
                row_number() over (partition by journey.journey_key order by touch.touch_order, touch.touch_id)
                    as touch_number,
                count(*) over (partition by journey.journey_key, touch.channel) as channel_touch_count
            from {FIT_JOURNEYS} as journey
            inner join {FIT_TOUCHES}_read as touch on journey.journey_id = touch.journey_id
        ) as numbered""",
    )
    for table in (f"{FIT_JOURNEYS}_dealt", f"{FIT_TOUCHES}_read"):
        warehouse.execute(f"drop table {table}")
    covariates = {}
    if accounts is not None and account_touches is not None:
        covariates = _make_risk_set(warehouse, accounts, account_touches)
    kinds = warehouse.rows(f"select distinct conversion_type from {FIT_JOURNEYS} order by conversion_type")
    return FitInputs([kind for (kind,) in kinds], accounts is not None, covariates)


def _exact(days: str) -> str:
    """SQL of days cut to 2^-20 (a twelfth of a second), whose sums are exact: no order of rows shows in a fit."""
    return f"(floor({days} * 1048576e0) / 1048576e0)"


def _deal(warehouse: Warehouse, *, has_accounts: bool, accounts: str | None) -> None:
    """Make FIT_GROUPS: cluster_id, group_number from 0, size (how many clusters the group's weight stands for)."""
    more = f" union all select account_id, 1e0 from ({accounts}) as account" if has_accounts else ""
    clusters = f"""(
        select cluster_id, max(size) as size from (
            select cluster_id, case when account_id is null and weight > 1e0 then weight else 1e0 end as size
            from {FIT_JOURNEYS}_dealt as journey{more}
        ) as cluster group by cluster_id)"""
    count = int(warehouse.value(f"select count(*) from {clusters} as cluster"))
    own = f"size > 1e0 and size_number <= {GROUPS}" if count > GROUPS else "true"
    numbered = "size_number" if count > GROUPS else "md5_number"
    warehouse.create_from_query(
        FIT_GROUPS,
        f"""
        select cluster_id,
            cast(case when {own} then {numbered} - 1 else {GROUPS} + md5_number % {GROUPS} end as integer)
                as group_number,
            case when {own} then size else 1e0 end as size
        from (
            select cluster_id, size, row_number() over (order by md5(cluster_id), cluster_id) as md5_number,
                row_number() over (order by size desc, cluster_id) as size_number
            from {clusters} as cluster
        ) as ranked""",
    )


def _make_risk_set(warehouse: Warehouse, accounts: str, account_touches: str) -> dict[str, str]:
    """Make FIT_ACCOUNTS and FIT_ACCOUNT_TOUCHES; returns the covariates, each `number` or `text`."""
    from_day, until_day, touched = (
        _exact(warehouse.days_since_1970(instant)) for instant in ("observed_from", "observed_until", "touched_at")
    )
    days, touched_day = f"{from_day} as from_day, {until_day} as until_day", f"{touched} as touched_day"
    for table, query, more in ((FIT_ACCOUNTS, accounts, days), (FIT_ACCOUNT_TOUCHES, account_touches, touched_day)):
        warehouse.create_from_query(
            table,
            f"""
            select account.*, {more}, dealt.group_number from ({query}) as account
            inner join {FIT_GROUPS} as dealt on account.account_id = dealt.cluster_id""",
        )
    columns = [name for name in warehouse.columns(FIT_ACCOUNTS) if name not in (*OF_RISK_SET, *MADE)]
    if not columns:
        return {}
    schema = warehouse.arrow(f"select {', '.join(columns)} from {FIT_ACCOUNTS} limit 0").schema

    def kind(name: str) -> str:
        type_ = schema.field(name).type
        is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
        return "number" if is_number else "text"

    return {name: kind(name) for name in columns}


def replicate_weights(warehouse: Warehouse, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What each group counts for, and of how many draws its weight is the mean.

    Shapes (1 + replicates, groups) and (groups); the first row is ones, the others are of the same total.
    """
    groups = f"(select group_number, max(size) as size from {FIT_GROUPS} group by group_number)"
    sizes = warehouse.arrow(f"select group_number, size from {groups} as dealt")
    count = int(warehouse.value(f"select coalesce(max(group_number), -1) + 1 from {FIT_GROUPS}"))
    size = np.zeros(count)
    size[sizes["group_number"].to_numpy()] = sizes["size"].to_numpy()
    weights = np.ones((1 + replicates, count))
    if replicates == 0 or count == 0:
        return weights, size
    numbers = pa.table({"replicate": pa.array(range(1, replicates + 1), pa.int32())})
    warehouse.create_from_arrow(f"{FIT_GROUPS}_replicates", numbers)
    # Of a mean of n draws: for n = 1 the exponential itself, else a cube of a normal draw (Box and Muller).
    normal = "sqrt(-2e0 * ln(u)) * cos(2e0 * pi() * v)"
    cube = f"1e0 - 1e0 / (9e0 * size) + {normal} / (3e0 * sqrt(size))"
    drawn = warehouse.arrow(
        f"""
        select replicate, group_number,
            case when size <= 1e0 then - ln(u) when {cube} > 0e0 then power({cube}, 3e0) else 0e0 end as weight
        from (
            select replicate, group_number, size, {uniform_sql("draw")} as u, {uniform_sql("draw", 1 + HEX_DIGITS)} as v
            from (
                select replicate, group_number, size,
                    md5(concat('touchledger|{int(seed)}|', cast(replicate as string), '|',
                        cast(group_number as string))) as draw
                from {groups} as dealt cross join {FIT_GROUPS}_replicates as replicates
            ) as hashed
        ) as uniform"""
    )
    weights[1:] = 0.0
    weights[drawn["replicate"].to_numpy(), drawn["group_number"].to_numpy()] = drawn["weight"].to_numpy()
    weights[1:] *= size.sum() / np.maximum(weights[1:] @ size, np.finfo(float).tiny)[:, None]
    return weights, size
