"""What models are evaluated on: all journeys with their touches, those that converted and those that did not.

Every journey is weighed as if it had converted when it ended, so that one weighing serves any labelling of journeys as
converted: the true one, or one that was shuffled. Reads the journeys' contract and nothing else; all relations it makes
are temporary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.attribution import inputs
from pipeline.attribution.fit_inputs import (
    ACCOUNT_TOUCHES,
    ACCOUNTS_AT_RISK,
    OF_RISK_SET,
    FitInputs,
    make_relations,
)
from pipeline.attribution.fitted import uniform_sql
from pipeline.attribution.model import Model
from pipeline.attribution.shares import exact_sum, shares_sql, text
from pipeline.warehouse.base import Warehouse

#: The channel of touches that cannot have done anything.
PLACEBO = "placebo"

#: Columns of a journey's outcome: the true one, and one dealt out at random among the journeys that have ended.
TRUE, PERMUTED = "is_converted", "is_permuted"


@dataclass(frozen=True)
class Population:
    """Relations of all journeys.

    journeys: a row per journey: conversion_key, journey_id, conversion_type, account_id, cluster_id (whose journeys
    stay together), fold (from 0), started_at, ended_at, has_ended, is_late (among the latest of those that have
    ended), is_converted, is_permuted, touch_count and the positions. touches: a row per journey and touch. channels: a
    row per journey and channel, with its touch_count. accounts, account_touches: the risk set as queries, if it is
    there.
    """

    warehouse: Warehouse
    journeys: str
    touches: str
    channels: str
    accounts: str | None
    account_touches: str | None

    @property
    def covariates(self) -> list[str]:
        """The columns of the risk set that describe an account."""
        return [name for name in self.warehouse.columns(ACCOUNTS_AT_RISK) if name not in OF_RISK_SET]

    def fit_inputs(
        self, chosen: str = "true", outcome: str = TRUE, accounts: str | None = None, until: datetime | None = None
    ) -> FitInputs:
        """The relations that models learn from: journeys that a condition chooses, up to an instant if one is given.

        `accounts` replaces the risk set.
        """
        end = f"least(ended_at, {_instant(until)})" if until else "ended_at"
        before = f" and touch.touched_at <= {_instant(until)}" if until else ""
        journeys = f"""
            select journey_id, conversion_type, account_id, cluster_id, {outcome} as is_converted, 1e0 as weight,
                {end} as ended_at
            from {self.journeys} as journey where {chosen}"""
        touches = f"""
            select journey.journey_id, touch.touch_id, touch.touched_at, touch.channel,
                touch.days_before_conversion as days_before_end, touch.touch_number as touch_order
            from {self.touches} as touch
            inner join (select * from {self.journeys} as journey where {chosen}) as journey
                on touch.conversion_key = journey.conversion_key{before}"""
        return make_relations(self.warehouse, journeys, touches, accounts or self.accounts, self.account_touches)

    def weigh(self, model: Model, into: str) -> None:
        """Make a relation of what each channel earns of each journey: conversion_key, channel, credit."""
        self.warehouse.create_from_query(
            into,
            f"""
            select share.conversion_key, touch.channel, {exact_sum("share.credit_share")} as credit
            from ({shares_sql(model, self.touches, self.journeys)}) as share
            inner join {self.touches} as touch
                on share.conversion_key = touch.conversion_key and share.touch_number = touch.touch_number
            group by share.conversion_key, touch.channel""",
        )

    def credit_by_channel(self, weighed: str, chosen: str = "true") -> dict[str, dict[str, float]]:
        """Conversions credited to each channel, by conversion type, from what `weigh` made."""
        rows = self.warehouse.rows(
            f"""
            select journey.conversion_type, credit.channel, {exact_sum("credit.credit")}
            from {weighed} as credit
            inner join {self.journeys} as journey on credit.conversion_key = journey.conversion_key
            where journey.is_converted and ({chosen})
            group by journey.conversion_type, credit.channel order by 1, 2"""
        )
        found: dict[str, dict[str, float]] = {}
        for kind, channel, credit in rows:
            found.setdefault(kind, {})[channel] = credit
        return found


def read_population(warehouse: Warehouse, options: Mapping[str, Any], seed: int = 0, placebo: int = 0) -> Population:
    """Make the relations; with `placebo` (a number from 1, which draw) with a channel of random touches put in."""
    name = f"evaluation_{'placebo' if placebo else 'true'}"
    journeys, touches, channels = f"{name}_journeys", f"{name}_touches", f"{name}_channels"
    has_accounts = warehouse.exists(ACCOUNTS_AT_RISK) and warehouse.exists(ACCOUNT_TOUCHES)
    accounts = f"select * from {ACCOUNTS_AT_RISK}" if has_accounts else None
    account_touches = f"select account_id, touch_id, touched_at, channel from {ACCOUNT_TOUCHES}"
    _label(warehouse, f"{journeys}_labelled", options, seed)
    details = [name for name in inputs.TOUCH_DETAILS if name != "touch_number"]
    once = f"""
        select conversion_key, conversion_type, touch_id, journey_number, {", ".join(details)} from (
            select journey.conversion_key, journey.conversion_type, touch.touch_id,
                touch.touch_number as journey_number, {", ".join(f"touch.{name}" for name in details)},
                row_number() over (
                    partition by touch.journey_id, touch.touch_id order by touch.touch_number
                ) as delivery
            from {inputs.JOURNEY_TOUCHES} as touch
            inner join {journeys}_labelled as journey on touch.journey_id = journey.journey_id
        ) as delivered where delivery = 1"""
    if placebo:
        drawn = f"{name}_drawn"
        _draw_placebo(warehouse, drawn, f"{journeys}_labelled", placebo)
        once += f" union all {_placebo_touches(warehouse, drawn, f'{journeys}_labelled')}"
        account_touches += f" union all select account_id, touch_id, touched_at, channel from {drawn}"
    order = "touched_at, journey_number, touch_id" if placebo else "journey_number, touch_id"
    warehouse.create_from_query(touches, inputs.numbered_sql(f"({once})", order))
    warehouse.create_from_query(journeys, inputs.placed_sql(f"{journeys}_labelled", touches))
    warehouse.create_from_query(
        channels,
        f"""select conversion_key, channel, count(*) as touch_count
            from {touches} as touch group by conversion_key, channel""",
    )
    return Population(warehouse, journeys, touches, channels, accounts, account_touches if has_accounts else None)


def _label(warehouse: Warehouse, into: str, options: Mapping[str, Any], seed: int) -> None:
    """Journeys with fold, is_late and is_permuted. Those still open are not late: nobody knows how they end."""
    drawn = f"md5(concat('touchledger|{int(seed)}|', journey_id))"
    warehouse.create_from_query(
        f"{into}_ranked",
        f"""
        select row_number() over (order by journey_id) as conversion_key, journey_id, conversion_type, account_id,
            coalesce(account_id, person_id, journey_id) as cluster_id, started_at,
            coalesce(converted_at, ended_at) as ended_at, is_converted, outcome <> 'open' as has_ended,
            count(*) over ended as ended_count,
            row_number() over (partition by conversion_type, outcome <> 'open' order by
                coalesce(converted_at, ended_at), journey_id) as ended_number,
            row_number() over (partition by conversion_type, outcome <> 'open' order by {drawn}, journey_id)
                as drawn_number
        from {inputs.JOURNEYS} as journey{_of_types(options)}
        window ended as (partition by conversion_type, outcome <> 'open')""",
    )
    fold = uniform_sql(f"md5(concat('fold|{int(seed)}|', journey.cluster_id))")
    warehouse.create_from_query(
        into,
        f"""
        select journey.conversion_key, journey.journey_id, journey.conversion_type, journey.account_id,
            journey.cluster_id, journey.started_at, journey.ended_at, journey.has_ended, journey.is_converted,
            other.is_converted as is_permuted, cast(floor({fold} * {int(options["folds"])}) as integer) as fold,
            journey.has_ended and journey.ended_number > (1e0 - {float(options["later_share"])}) * journey.ended_count
                as is_late
        from {into}_ranked as journey
        inner join {into}_ranked as other
            on journey.conversion_type = other.conversion_type and journey.has_ended = other.has_ended
                and journey.ended_number = other.drawn_number""",
    )
    warehouse.execute(f"drop table {into}_ranked")


def _of_types(options: Mapping[str, Any]) -> str:
    kinds = options.get("conversion_types")
    return f" where conversion_type in ({', '.join(text(kind) for kind in kinds)})" if kinds else ""


def _draw_placebo(warehouse: Warehouse, into: str, journeys: str, number: int) -> None:
    """Touches that happened, as many as a channel has in the mean, each given to an account drawn at random.

    So they come when touches come, to accounts that they have nothing to do with.
    """
    known = f"select distinct account_id from {journeys} as journey where account_id is not null"
    happened = f"""
        select touch_id, min(touched_at) as touched_at, md5(concat('placebo|{int(number)}|', touch_id)) as draw
        from {inputs.JOURNEY_TOUCHES} as touch group by touch_id"""
    channels = f"(select count(distinct channel) from {inputs.JOURNEY_TOUCHES})"
    warehouse.create_from_query(
        into,
        f"""
        select account.account_id, concat('placebo:', touch.touch_id) as touch_id, touch.touched_at,
            {text(PLACEBO)} as channel
        from ({happened}) as touch
        inner join (select account_id, row_number() over (order by account_id) as number,
            count(*) over () as account_count from ({known}) as known) as account
            on account.number = 1 + cast(floor({uniform_sql("touch.draw", 9)} * account.account_count) as bigint)
        where {uniform_sql("touch.draw")} * {channels} < 1e0""",
    )


def _placebo_touches(warehouse: Warehouse, drawn: str, journeys: str) -> str:
    """The drawn touches in every journey of their account that they fall into, shaped like any touch."""
    given = {
        "touched_at": "placebo.touched_at",
        "person_id": "cast(null as string)",
        "channel": "placebo.channel",
        "touch_kind": text(PLACEBO),
        "days_before_conversion": warehouse.days_between("placebo.touched_at", "journey.ended_at"),
        "is_marketing": "true",
    }
    flags = {name: "false" for name in inputs.TOUCH_DETAILS if name.startswith("is_")}
    columns = ", ".join(
        f"{({**flags, **given}).get(name, 'cast(null as string)')} as {name}"
        for name in inputs.TOUCH_DETAILS
        if name != "touch_number"
    )
    return f"""
        select journey.conversion_key, journey.conversion_type, placebo.touch_id, 0 as journey_number, {columns}
        from {drawn} as placebo
        inner join {journeys} as journey
            on placebo.account_id = journey.account_id
            and placebo.touched_at between journey.started_at and journey.ended_at"""


def _instant(moment: datetime) -> str:
    return f"cast({text(moment.isoformat(sep=' '))} as timestamp)"
